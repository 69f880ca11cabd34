//! The steps in which a new version takes traffic.

use serde_json::json;

use crate::manifest::{at::At, error::Problems};

/// Adds what is wrong with `deploy.traffic` across its keys.
pub(super) fn check(function: &At, problems: &mut Problems) {
    let deploy = function.get("deploy");
    let Some(traffic) = deploy.as_ref().and_then(|deploy| deploy.get("traffic")) else {
        return;
    };
    let alias = deploy.and_then(|deploy| deploy.get("alias"));
    if let Some(alias) = alias.filter(|alias| alias.node.to_json() == json!(false)) {
        let message = format!("`{}` needs an alias", traffic.name());
        let finding = traffic.wrong_key(message, "splits the traffic of an alias");
        let help = "give the alias a name, or remove `traffic`";
        problems.add(finding.other(alias.span(), "no alias").help(help));
    }
    let Some(steps) = traffic.get("steps") else {
        let message = format!("`{}` has no steps", traffic.name());
        let finding = traffic.wrong_key(message, "`steps` is missing");
        problems.add(
            finding.help("add steps such as `steps = [10, 50]`; 100 percent follows automatically"),
        );
        return;
    };
    let items = steps.items();
    let percent = |at: &At| at.node.to_json().as_u64();
    let falls = items
        .windows(2)
        .find(|pair| percent(&pair[0].1).is_some_and(|one| percent(&pair[1].1) <= Some(one)));
    if let Some([(_, before), (_, after)]) = falls {
        let message = format!("`{}` must increase", steps.name());
        let finding = after.wrong(message, "must be more than the step before");
        problems.add(
            finding
                .other(before.span(), "the step before")
                .help("write the percentages in increasing order"),
        );
    }
}
