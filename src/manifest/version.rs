//! `project.jot`: the versions of jot that may act on the file. Checked first, since a file for
//! another version may have unknown keys.

use semver::{Version, VersionReq};

use super::{
    error::{Finding, Problems},
    node::Node,
};

/// Returns the refusal of a file for another version than the running one, in which case nothing
/// else is reported. Adds an invalid requirement.
pub(super) fn check(written: &Node, running: &str, problems: &mut Problems) -> Option<Finding> {
    let node = written
        .get("project")
        .and_then(|project| project.get("jot"))?;
    let text = node.text()?;
    let running = Version::parse(running).ok()?;
    match VersionReq::parse(text) {
        Ok(requirement) if requirement.matches(&running) => None,
        Ok(_) => {
            let message = format!("`project.jot` is {text}, but this is jot {running}");
            let help = "install a matching version of jot, or change `project.jot` after reading \
                the changelog";
            Some(
                Finding::new(
                    node.span.clone(),
                    message,
                    "versions that may act on this file",
                )
                .help(help),
            )
        }
        Err(error) => {
            let message = format!("`project.jot` is not a version requirement: {error}");
            problems.add(
                Finding::new(node.span.clone(), message, "not a requirement")
                    .help("write it as Cargo does: \">=0.1, <0.2\""),
            );
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::manifest::parse::parse;

    #[test]
    fn only_fitting_versions_go_on() {
        for (requirement, running, goes_on, problems) in [
            (">=0.1, <0.2", "0.1.0", true, 0),
            (">=0.1, <0.2", "0.1.9", true, 0),
            (">=0.1, <0.2", "0.2.0", false, 0),
            (">=0.2", "0.1.9", false, 0),
            ("^1", "1.7.3", true, 0),
            ("newest", "0.1.0", true, 1),
        ] {
            let text = format!("project.jot = {requirement:?}");
            let mut found = Problems::new(Path::new("jot.toml"), &text, None);
            let written = parse(&text, &mut found).root;
            assert_eq!(
                check(&written, running, &mut found).is_none(),
                goes_on,
                "{requirement} {running}"
            );
            assert_eq!(found.is_empty(), problems == 0, "{requirement} {running}");
        }
    }
}
