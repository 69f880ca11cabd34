//! Rules for values from elsewhere: which keys of their tables go together, and which settings take
//! no secret.

use crate::manifest::{
    at::At,
    error::Problems,
    reference::{COMPANIONS, SOURCES},
};

/// The settings of a function that are text and can come from elsewhere, in addition to those in
/// lists and tables.
const SETTINGS: [&str; 4] = ["role", "permissions_boundary", "kms_key", "dead_letter"];

/// The keys of a trigger that are text and can come from elsewhere.
const TRIGGER: [&str; 8] = [
    "s3",
    "sns",
    "sqs",
    "kinesis",
    "dynamodb",
    "kafka",
    "kms_key",
    "on_failure",
];

/// Adds what is wrong with the references of `[aws]`.
pub(super) fn of_aws(document: &At, problems: &mut Problems) {
    if let Some(at) = bucket(document) {
        keys(&at, problems);
        secret(&at, problems);
    }
}

/// The bucket for large archives, if its name comes from elsewhere.
pub(in crate::manifest) fn bucket<'m>(document: &At<'m>) -> Option<At<'m>> {
    let bucket = document.get("aws")?.get("bucket")?;
    is_table(&bucket).then_some(bucket)
}

/// Adds what is wrong with the references of one function.
pub(super) fn check(function: &At, problems: &mut Problems) {
    for at in variables(function) {
        keys(&at, problems);
    }
    for at in settings(function) {
        keys(&at, problems);
        secret(&at, problems);
    }
}

/// Every reference of one function.
pub(in crate::manifest) fn all<'m>(function: &At<'m>) -> impl Iterator<Item = At<'m>> {
    variables(function).into_iter().chain(settings(function))
}

/// The variables that are tables.
fn variables<'m>(function: &At<'m>) -> Vec<At<'m>> {
    let variables = function.get("environment").map(|table| table.entries());
    let variables = variables.unwrap_or_default().into_iter();
    variables.map(|(_, at)| at).filter(is_table).collect()
}

/// The settings and entries of settings that are tables.
fn settings<'m>(function: &At<'m>) -> Vec<At<'m>> {
    let mut all: Vec<At> = SETTINGS
        .into_iter()
        .filter_map(|key| function.get(key))
        .collect();
    all.extend(entries(function.get("policies")));
    all.extend(entries(function.get("layers")));
    let logging = function.get("logging");
    all.extend(logging.and_then(|logging| logging.get("group")));
    if let Some(vpc) = function.get("vpc") {
        all.extend(entries(vpc.get("subnets")));
        all.extend(entries(vpc.get("security_groups")));
    }
    if let Some(outcomes) = function.get("async") {
        let outcomes = ["on_success", "on_failure"].map(|key| outcomes.get(key));
        all.extend(
            outcomes
                .into_iter()
                .flatten()
                .filter_map(|to| to.get("arn")),
        );
    }
    let permissions = function.get("permissions").map(|table| table.entries());
    for (_, permission) in permissions.unwrap_or_default() {
        all.extend(
            ["principal", "source_arn"]
                .into_iter()
                .filter_map(|key| permission.get(key)),
        );
    }
    let triggers = function.get("triggers").map(|table| table.entries());
    for (_, trigger) in triggers.unwrap_or_default() {
        all.extend(TRIGGER.into_iter().filter_map(|key| trigger.get(key)));
    }
    let mounted = entries(function.get("file_systems"));
    all.extend(mounted.filter_map(|mounted| mounted.get("arn")));
    all.retain(is_table);
    all
}

fn entries(list: Option<At<'_>>) -> impl Iterator<Item = At<'_>> {
    let items = list.map(|list| list.items()).unwrap_or_default();
    items.into_iter().map(|(_, at)| at)
}

fn is_table(at: &At) -> bool {
    at.node.entries().is_some()
}

/// Checks that exactly one source is named, with the keys that belong to it.
fn keys(at: &At, problems: &mut Problems) {
    let has = |key: &str| at.get(key).is_some();
    let sources: Vec<&str> = SOURCES.into_iter().filter(|key| has(key)).collect();
    let lonely = |pair: &(&str, &str)| has(pair.0) && !sources.contains(&pair.1);
    if let [_, _, ..] = sources[..] {
        let message = format!("`{}` names {} sources", at.name(), sources.len());
        let help = format!("keep one of {}", sources.join(", "));
        problems.add(at.wrong(message, "one too many").help(help));
    } else if let Some((key, source)) = COMPANIONS.into_iter().find(lonely) {
        let message = format!("`{}` has `{key}` without `{source}`", at.name());
        let help = format!("`{key}` belongs to `{source}`: remove it, or use `{source}`");
        problems.add(at.wrong(message, "for another source").help(help));
    } else if has("from_tfstate") && !has("file") {
        let message = format!("`{}` lacks `file`", at.name());
        let help = "add the state with the output: `file = \"terraform.tfstate\"`, or \
            `file = \"s3://<bucket>/<key>\"`";
        problems.add(at.wrong(message, "`file` is missing").help(help));
    }
}

/// AWS shows these settings to everyone who may read the function or its triggers, and so does jot.
fn secret(at: &At, problems: &mut Problems) {
    let Some(secret) = at.get("from_secret") else {
        return;
    };
    let message = format!("`{}` cannot be a secret", at.name());
    let help = "Lambda and IAM show this setting: use from_ssm, from_cloudformation or \
        from_tfstate; only `environment` takes from_secret";
    problems.add(secret.wrong_key(message, "a secret").help(help));
}
