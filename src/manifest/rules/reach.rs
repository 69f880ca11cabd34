//! Rules of what may call a function, and of where its outcomes go.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::network::of_region;
use crate::manifest::{at::At, error::Problems, nearest};

/// The tables of an asynchronous call's outcomes.
const OUTCOMES: [&str; 2] = ["on_success", "on_failure"];

/// Adds what is wrong with the callers and destinations of one function.
pub(super) fn check(function: &At, region: Option<&At>, problems: &mut Problems) {
    destinations(function, region, problems);
    permissions(function, problems);
    provisioned(function, problems);
}

/// A bucket takes failures only, and any other destination is in the function's region.
/// <https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html>
fn destinations(function: &At, region: Option<&At>, problems: &mut Problems) {
    for (outcome, at) in outcomes(function) {
        let Some((arn, text)) = at.text("arn") else {
            continue;
        };
        of_region(&arn, region, problems);
        if outcome == "on_success" && text.split(':').nth(2) == Some("s3") {
            let message = format!("`{}` is a bucket", arn.name());
            let finding = arn.wrong(message, "takes failures only");
            problems.add(finding.help(
                "Lambda writes only outcomes of failed calls to a bucket: name a queue, topic, \
                    event bus or function",
            ));
        }
    }
}

fn outcomes<'m>(function: &At<'m>) -> Vec<(&'static str, At<'m>)> {
    let Some(table) = function.get("async") else {
        return Vec::new();
    };
    let outcome = |name| Some((name, table.get(name)?));
    OUTCOMES.into_iter().filter_map(outcome).collect()
}

/// Exactly one of `principal` and `organization`; sources are of services.
fn permissions(function: &At, problems: &mut Problems) {
    let Some(permissions) = function.get("permissions") else {
        return;
    };
    for (_, permission) in permissions.entries() {
        if permission.node.entries().is_none() {
            continue;
        }
        let principal = permission.get("principal");
        match (&principal, permission.get("organization")) {
            (Some(_), Some(organization)) => {
                let message = format!(
                    "`{}` has both `principal` and `organization`",
                    permission.name()
                );
                problems.add(
                    organization
                        .wrong_key(message, "one of the two")
                        .help("remove one: an organization permits all of its accounts"),
                );
            }
            (None, None) => {
                let message = format!("`{}` names no caller", permission.name());
                problems.add(permission.wrong_key(message, "no caller").help(
                    "add `principal` (an account, a user or role, a service) or `organization`",
                ));
            }
            _ => {}
        }
        let service = principal
            .as_ref()
            .and_then(|at| at.node.text())
            .is_some_and(|text| text.contains(".amazonaws.com"));
        // A principal that is read from elsewhere may or may not be a service.
        let elsewhere = principal
            .as_ref()
            .is_some_and(|at| at.node.entries().is_some());
        for key in ["source_arn", "source_account"] {
            let Some(at) = permission.get(key).filter(|_| !service && !elsewhere) else {
                continue;
            };
            let message = format!("`{}` is for services only", at.name());
            problems.add(at.wrong_key(message, "not a service").help(
                "Lambda checks it only for calls of AWS services: remove it, or name a \
                        service as `principal`",
            ));
        }
        if let Some(url) = permission.get("url").filter(is_true)
            && service
        {
            let message = format!("`{}` is not possible for a service", url.name());
            problems.add(
                url.wrong_key(message, "services call the function")
                    .help("remove `url`: a service calls the function itself"),
            );
        }
    }
}

/// <https://docs.aws.amazon.com/lambda/latest/dg/provisioned-concurrency.html>
fn provisioned(function: &At, problems: &mut Problems) {
    let deploy = function.get("deploy");
    let Some(provisioned) = deploy
        .as_ref()
        .and_then(|deploy| deploy.get("provisioned_concurrency"))
    else {
        return;
    };
    let alias = deploy.and_then(|deploy| deploy.get("alias"));
    if let Some(alias) = alias.filter(|alias| alias.node.to_json() == json!(false)) {
        let message = format!("`{}` needs an alias", provisioned.name());
        let finding = provisioned.wrong_key(message, "not for `$LATEST`");
        problems.add(
            finding.other(alias.span(), "no alias").help(
                "Lambda keeps executions of a version or alias initialised, not of `$LATEST`",
            ),
        );
    }
    if let Some(snapstart) = function.get("snapstart").filter(is_true) {
        let message = format!(
            "`{}` cannot be combined with `{}`",
            provisioned.name(),
            snapstart.name()
        );
        let finding = provisioned.wrong_key(message, "not with SnapStart");
        problems.add(
            finding
                .other(snapstart.span(), "SnapStart")
                .help("remove one of the two"),
        );
    }
    let number = |at: &At| at.node.to_json().as_u64();
    let reserved = function.get("reserved_concurrency");
    if let Some(reserved) = reserved
        && let (Some(kept), Some(most)) = (number(&provisioned), number(&reserved))
        && kept > most
    {
        let message = format!(
            "`{}` must be at most `{}`, which is {most}, got {kept}",
            provisioned.name(),
            reserved.name()
        );
        let finding = provisioned.wrong(message, "more than is reserved");
        problems.add(
            finding
                .other(reserved.span(), "reserved")
                .help("the function cannot have more executions than are reserved for it"),
        );
    }
}

fn is_true(at: &At) -> bool {
    at.node.to_json() == json!(true)
}

/// Adds destinations that are not functions of the manifest, and cycles of functions that call each
/// other, unless all of them allow it.
pub(super) fn chains(functions: &[(String, At)], problems: &mut Problems) {
    let mut calls: BTreeMap<&str, Vec<(&str, At)>> = BTreeMap::new();
    for (key, function) in functions {
        for (_, at) in outcomes(function) {
            let Some((at, called)) = at.text("function") else {
                continue;
            };
            let known = functions.iter().map(|(key, _)| key.as_str());
            if known.clone().all(|key| key != called) {
                let message = format!(
                    "`{}` is `{called}`, which this manifest does not declare",
                    at.name()
                );
                let near = nearest::name(called, known);
                let help = near.map_or_else(
                    || "name a function of this manifest by its key, or use `arn`".to_owned(),
                    |near| format!("did you mean `{near}`?"),
                );
                problems.add(at.wrong(message, "not declared").help(help));
                continue;
            }
            calls.entry(key).or_default().push((called, at));
        }
    }
    let allows = |key: &str| {
        let function = functions.iter().find(|(one, _)| one == key);
        let word = function.and_then(|(_, function)| function.text("recursive_loop"));
        word.is_some_and(|(_, word)| word == "allow")
    };
    let mut reported = BTreeSet::new();
    for (key, called) in &calls {
        for (next, at) in called {
            let Some(way) = way(&calls, next, key) else {
                continue;
            };
            let stopping: Vec<&str> = way.iter().copied().filter(|key| !allows(key)).collect();
            // Each cycle is reported once, at its first function.
            let all: BTreeSet<&str> = way.iter().copied().collect();
            if !stopping.is_empty() && reported.insert(all) {
                let circle: Vec<&str> = [*key].into_iter().chain(way).collect();
                let message = format!("`{}` closes a cycle: {}", at.name(), circle.join(" -> "));
                problems.add(at.wrong(message, "a cycle").help(format!(
                    "the calls would never end, and Lambda stops such calls: send one of the \
                        outcomes elsewhere, or set `recursive_loop = \"allow\"` in {}",
                    nearest::list(&stopping)
                )));
            }
        }
    }
}

/// The functions on the path from one to another, including both, if such a path exists.
fn way<'a>(
    calls: &BTreeMap<&'a str, Vec<(&'a str, At<'a>)>>,
    from: &'a str,
    to: &str,
) -> Option<Vec<&'a str>> {
    let mut ways = vec![vec![from]];
    let mut seen = vec![from];
    while let Some(way) = ways.pop() {
        let last = way.last().copied()?;
        if last == to {
            return Some(way);
        }
        for (next, _) in calls.get(last).into_iter().flatten() {
            if *next == to || !seen.contains(next) {
                seen.push(next);
                ways.push(way.iter().copied().chain([*next]).collect());
            }
        }
    }
    None
}
