//! Names of what jot makes.

use serde_json::Value as Json;

use super::hash::{self, Canonical};

/// IAM takes role names of at most 64 characters.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html>
const ROLE_NAME_MAX: usize = 64;

/// Hex digits of the owner in the name of what cannot carry tags.
const OWNER_DIGITS: usize = 8;

/// The project, target and region of a role: two of them never share one.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    pub project: &'a str,
    pub target: Option<&'a str>,
    /// Region; absent where nothing is to be asked of AWS.
    pub region: Option<&'a str>,
}

/// Returns `jot-<function>-<8 hex digits of project, target and region>`, with the function cut so
/// that it has 64 characters. If it was cut, the digits also cover the whole name: two functions
/// with the same beginning must not share a role.
pub fn role(function: &str, place: Place) -> String {
    let room = ROLE_NAME_MAX - "jot--".len() - 8;
    let kept: String = function.chars().take(room).collect();
    let lost = (kept != function).then_some(function);
    format!("jot-{kept}-{}", suffix(place, lost))
}

/// Returns the ending of the names of all roles of this place: `-<8 hex digits>`. Names that had to
/// be cut have another ending.
pub fn role_ending(place: Place) -> String {
    format!("-{}", suffix(place, None))
}

fn suffix(place: Place, cut: Option<&str>) -> String {
    let digest = Canonical::new("dev.jot.role.v1")
        .text(place.project)
        .maybe(place.target);
    let digest = digest.text(place.region.unwrap_or_default()).maybe(cut);
    digest.finish().as_str()[..8].to_owned()
}

/// Returns `jot-scheduler-<8 hex digits of project, target and region>`: the role with which
/// schedules call. The digits differ from those of a function's role.
pub fn scheduler_role(place: Place) -> String {
    let digest = Canonical::new("dev.jot.scheduler.v1")
        .text(place.project)
        .maybe(place.target)
        .text(place.region.unwrap_or_default());
    format!("jot-scheduler-{}", &digest.finish().as_str()[..8])
}

/// Returns the path of the project's roles: `/jot/<project>/`.
pub fn role_path(project: &str) -> String {
    format!("/jot/{project}/")
}

/// Returns the default log group of a Lambda function: `/aws/lambda/<name>`.
/// <https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html>
pub fn log_group(function: &str) -> String {
    format!("/aws/lambda/{function}")
}

/// Returns `jot-<8 hex digits of the owner>-`, so that no name is the beginning of another's.
pub fn owned(owner: &Json) -> String {
    format!("jot-{}-", digits(owner, OWNER_DIGITS))
}

fn digits(of: &Json, count: usize) -> String {
    let digest = hash::of_bytes(of.to_string().as_bytes());
    digest.chars().take(count).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PLACE: Place = Place {
        project: "numerics",
        target: None,
        region: Some("eu-west-1"),
    };

    #[test]
    fn a_short_name_stands_whole() {
        let name = role("increment-vector", PLACE);
        assert_eq!(name.len(), "jot-increment-vector-".len() + 8);
        assert!(name.starts_with("jot-increment-vector-"), "{name}");
    }

    #[test]
    fn a_name_that_was_not_cut_ends_as_all_of_its_place() {
        let ending = role_ending(PLACE);
        assert!(role("increment-vector", PLACE).ends_with(&ending));
        let elsewhere = Place {
            region: Some("us-east-1"),
            ..PLACE
        };
        assert!(!role("increment-vector", elsewhere).ends_with(&ending));
    }

    #[test]
    fn the_scheduler_s_role_is_no_function_s() {
        let scheduler = scheduler_role(PLACE);
        assert_ne!(scheduler, role("scheduler", PLACE));
        assert!(!scheduler.ends_with(&role_ending(PLACE)));
        let elsewhere = Place {
            region: Some("us-east-1"),
            ..PLACE
        };
        assert_ne!(scheduler, scheduler_role(elsewhere));
    }

    #[test]
    fn the_longest_function_name_that_fits_is_51_characters() {
        let (fits, cut) = ("f".repeat(51), "f".repeat(52));
        assert!(role(&fits, PLACE).starts_with(&format!("jot-{fits}-")));
        assert_eq!(role(&fits, PLACE).len(), 64);
        assert_eq!(role(&cut, PLACE).len(), 64);
        assert_ne!(role(&fits, PLACE), role(&cut, PLACE));
    }

    #[test]
    fn project_target_and_region_each_give_another_role() {
        let others = [
            Place {
                project: "other",
                ..PLACE
            },
            Place {
                target: Some("prod"),
                ..PLACE
            },
            Place {
                target: Some(""),
                ..PLACE
            },
            Place {
                region: Some("us-east-1"),
                ..PLACE
            },
        ];
        for other in others {
            assert_ne!(role("f", other), role("f", PLACE), "{other:?}");
        }
    }

    proptest! {
        #[test]
        fn a_role_name_is_one_that_iam_takes(
            function in "[a-zA-Z0-9_-]{1,64}",
            project in "[a-z0-9/._-]{2,40}",
        ) {
            let place = Place { project: &project, target: Some("prod"), region: None };
            let name = role(&function, place);
            prop_assert!(name.len() <= 64);
            prop_assert!(name.chars().all(|c| c.is_ascii_alphanumeric() || "+=,.@_-".contains(c)));
        }

        #[test]
        fn long_names_that_begin_alike_have_roles_of_their_own(
            start in "[a-z]{60}",
            a in "[a-z]{4}",
            b in "[a-z]{4}",
        ) {
            prop_assume!(a != b);
            let (a, b) = (format!("{start}{a}"), format!("{start}{b}"));
            prop_assert_ne!(role(&a, PLACE), role(&b, PLACE));
        }
    }
}
