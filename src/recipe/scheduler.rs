//! The desired group and role that the schedules of one project and target share.

use serde_json::json;

use super::{
    error::Error,
    hash,
    names::{self, Place},
    request::Request,
    tags,
};
use crate::model::scheduler::Scheduler;

/// The most characters in the name of a schedule group.
/// <https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateScheduleGroup.html>
const GROUP: usize = 64;

/// Returns the group and the role of this project and target, with the project's tags.
pub fn wanted(request: &Request) -> Result<Scheduler, Error> {
    let place = request.place();
    let project = &request.loaded.manifest.project;
    let ownership = tags::of_target(place.project, place.target)?;
    Ok(Scheduler {
        group: group(place),
        role: names::scheduler_role(place),
        path: names::role_path(place.project),
        tags: tags::all(&ownership, Some(&project.tags)),
    })
}

/// Returns `jot-<8 hex digits of project and target>-<project>`, with `-` for characters that a
/// group's name cannot have.
pub(super) fn group(place: Place) -> String {
    let owner = json!([place.project, place.target]).to_string();
    let digest = hash::of_bytes(owner.as_bytes());
    let name = format!("jot-{}-{}", &digest[..8], place.project);
    let fitting = |c: char| match c.is_ascii_alphanumeric() || "-_.".contains(c) {
        true => c,
        false => '-',
    };
    name.chars().take(GROUP).map(fitting).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_has_a_name_that_the_scheduler_takes_and_is_of_one_target() {
        let place = |project, target| Place {
            project,
            target,
            region: None,
        };
        let whole = group(place("team/numerics", None));
        assert!(
            whole.starts_with("jot-") && whole.ends_with("-team-numerics"),
            "{whole}"
        );
        assert_ne!(whole, group(place("team-numerics", None)));
        assert_ne!(whole, group(place("team/numerics", Some("prod"))));
        let long = "n".repeat(200);
        assert_eq!(group(place(&long, None)).len(), GROUP);
    }
}
