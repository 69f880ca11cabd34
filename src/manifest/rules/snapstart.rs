//! What SnapStart excludes:
//! <https://docs.aws.amazon.com/lambda/latest/dg/snapstart.html#snapstart-runtimes>

use serde_json::json;

use crate::manifest::{at::At, error::Problems};

/// MB of /tmp that a snapshot holds at most.
const STORAGE_MB: u64 = 512;

/// Adds what a function with `snapstart = true` may not have.
pub(super) fn check(function: &At, problems: &mut Problems) {
    let Some(snapstart) = function.get("snapstart") else {
        return;
    };
    if snapstart.node.to_json() != json!(true) {
        return;
    }
    let mut refuse = |at: &At, why: &str, help: &str| {
        let message = format!("`{}` {why}, but `{}` is set", at.name(), snapstart.name());
        let finding = at.wrong_key(message, "not with SnapStart");
        problems.add(finding.other(snapstart.span(), "SnapStart").help(help));
    };
    let alias = function
        .get("deploy")
        .and_then(|deploy| deploy.get("alias"));
    if let Some(alias) = alias.filter(|alias| alias.node.to_json() == json!(false)) {
        let help = "Lambda takes snapshots of published versions only: give the alias a name, or \
            remove `snapstart`";
        refuse(&alias, "creates no versions", help);
    }
    let storage = function.get("ephemeral_storage_mb");
    let large = |at: &At| at.node.to_json().as_u64().is_some_and(|mb| mb > STORAGE_MB);
    if let Some(storage) = storage.filter(large) {
        let help = "Lambda takes no snapshot of a larger /tmp: set 512, or remove `snapstart`";
        refuse(&storage, "is more than 512", help);
    }
    let mounted = function.get("file_systems");
    if let Some(mounted) = mounted.filter(|at| !at.items().is_empty()) {
        let help = "Lambda takes no snapshot of a function that mounts a file system: remove one \
            of the two";
        refuse(&mounted, "mounts a file system", help);
    }
}
