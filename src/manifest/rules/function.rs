//! Rules between the settings of one function.

use std::collections::{BTreeMap, BTreeSet};

use crate::manifest::limits::{ENVIRONMENT_BYTES, OWN_TAGS, TAGS, environment_bytes};
use crate::manifest::{at::At, error::Problems};

/// Adds what is wrong between the settings of one function.
pub(super) fn check(function: &At, project_tags: Option<&At>, problems: &mut Problems) {
    environment(function, problems);
    tags(function, project_tags, problems);
    logging(function, problems);
}

/// Counts values from elsewhere as empty; the size is checked again once they are read.
fn environment(function: &At, problems: &mut Problems) {
    let Some(environment) = function.get("environment") else {
        return;
    };
    let entries = environment.node.entries().into_iter().flatten();
    let bytes = environment_bytes(
        entries.map(|(name, value)| (name.as_str(), value.text().unwrap_or_default())),
    );
    if bytes > ENVIRONMENT_BYTES {
        let message = format!(
            "`{}` must be at most {ENVIRONMENT_BYTES} bytes, got {bytes}",
            environment.name()
        );
        let help = "Lambda counts names and values as one JSON object; move large values into the \
            image, S3 or Parameter Store";
        problems.add(environment.wrong_key(message, "too large").help(help));
    }
}

fn tags(function: &At, project_tags: Option<&At>, problems: &mut Problems) {
    let own = function.get("tags");
    let tables: Vec<&At> = project_tags.into_iter().chain(own.as_ref()).collect();
    let Some(last) = tables.last() else { return };
    let keys: BTreeSet<&str> = tables
        .iter()
        .flat_map(|at| at.node.entries())
        .flat_map(BTreeMap::keys)
        .map(String::as_str)
        .collect();
    let most = TAGS - OWN_TAGS.len();
    if keys.len() > most {
        let message = format!(
            "`{}` has {} tags with the project's; the limit is {most}",
            function.name(),
            keys.len()
        );
        let help = format!(
            "remove {}: AWS permits {TAGS} on one function, and {} are jot's own",
            keys.len() - most,
            OWN_TAGS.len()
        );
        problems.add(last.wrong_key(message, "too many").help(help));
    }
    // IAM's keys are case-insensitive:
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html
    let mut seen = BTreeMap::new();
    for key in keys {
        let Some(first) = seen.insert(key.to_lowercase(), key) else {
            continue;
        };
        let message = format!(
            "`{}` has the tags `{first}` and `{key}`, which are the same to IAM",
            function.name()
        );
        let place = tables
            .iter()
            .rev()
            .find_map(|table| table.get(key))
            .unwrap_or_else(|| (*last).clone());
        problems.add(
            place
                .wrong_key(message, "differs only in case")
                .help("spell the key the same way everywhere"),
        );
    }
}

/// <https://docs.aws.amazon.com/lambda/latest/api/API_LoggingConfig.html>
fn logging(function: &At, problems: &mut Problems) {
    let Some(logging) = function.get("logging") else {
        return;
    };
    if let Some((group, _)) = logging
        .text("group")
        .filter(|(_, name)| name.starts_with("aws/"))
    {
        let message = format!("`{}` begins with `aws/`", group.name());
        problems.add(
            group
                .wrong(message, "reserved by AWS")
                .help("Lambda cannot write to such a group: name another one"),
        );
    }
    if let (Some(days), Some(group)) = (logging.get("retention_days"), logging.get("group")) {
        let message = format!(
            "`{}` is for the log group that jot creates, but `{}` names another",
            days.name(),
            group.name()
        );
        let finding = days.wrong_key(message, "not for this group");
        problems.add(finding.other(group.node.key_span(), "the function writes here").help(
            "remove `retention_days` and set the retention where that group is managed, or remove \
                `group`",
        ));
    }
    if logging
        .text("format")
        .is_some_and(|(_, format)| format != "text")
    {
        return;
    }
    for key in ["level", "system_level"] {
        let Some((level, _)) = logging.text(key) else {
            continue;
        };
        let message = format!(
            "`{}` needs `format = \"json\"`: Lambda filters by level only then",
            level.name()
        );
        problems.add(
            level
                .wrong(message, "needs JSON")
                .help(format!("add `format = \"json\"`, or remove `{key}`")),
        );
    }
}
