//! Why something differs, in words: the manifest moved, or somebody changed what jot had made. The function's own tags
//! tell; they never decide what is done.

use std::collections::BTreeMap;

use crate::model::{
    Change, Digest, Function,
    observed::FunctionState,
    value::{Shown, Value},
};

use super::tags;

/// The part of a recipe that is made from the others.
const DOCKERFILE: &str = "dockerfile";
/// The manifest is what moved.
const MANIFEST: &str = "manifest changed";
/// The manifest is as it was when jot last applied it.
const OUTSIDE: &str = "changed outside jot";

/// Who changed a setting, by the digest of the configuration that jot last applied to the function.
pub(super) fn cause(wanted: &Function, latest: Option<&FunctionState>) -> &'static str {
    match latest.and_then(|latest| latest.tags.get(tags::CONFIG)) {
        None => "not as the manifest says",
        Some(digest) if *digest == wanted.config_digest => OUTSIDE,
        Some(_) => MANIFEST,
    }
}

/// Who changed these settings. A value from this machine's environment is in no digest, so nobody can tell for it.
pub(super) fn settings(
    wanted: &Function,
    latest: &FunctionState,
    changes: &[Change],
) -> Vec<String> {
    let cause = cause(wanted, Some(latest));
    let from_env = |change: &&Change| change.new == Shown::Sensitive;
    let mut reasons = Vec::new();
    if !changes.iter().all(|change| from_env(&change)) || cause == MANIFEST {
        reasons.push(cause.to_owned());
    }
    if cause != MANIFEST && changes.iter().any(|change| from_env(&change)) {
        reasons.push("a value from this machine's environment differs".to_owned());
    }
    reasons
}

/// Why the image that a function wants is not in ECR.
pub(super) fn image(
    wanted: &Function,
    latest: &FunctionState,
    inputs: &BTreeMap<String, String>,
) -> Vec<String> {
    let told = latest.tags.get(tags::FINGERPRINT);
    if told.is_some_and(|told| told == wanted.image.tag()) {
        return vec!["no longer in ECR".to_owned()];
    }
    let before = latest.tags.get(tags::INPUTS).map(|text| tags::decode(text));
    before
        .map(|before| changed(&before, inputs))
        .unwrap_or_default()
}

/// Why a function runs another image than it should.
pub(super) fn code(
    wanted: &Function,
    latest: &FunctionState,
    digest: &Value<Digest>,
    inputs: &BTreeMap<String, String>,
) -> Vec<String> {
    let running = latest.digest.as_ref().map(Digest::as_str);
    let told = latest.tags.get(tags::DIGEST).map(String::as_str);
    let outside = told.is_some() && told != running;
    if latest
        .tags
        .get(tags::FINGERPRINT)
        .is_some_and(|told| told == wanted.image.tag())
    {
        let reason = match digest {
            _ if outside => OUTSIDE,
            Value::Known(_) => "ECR holds another image under the same tag",
            Value::From(_) => "the image was deleted from ECR and is made anew",
        };
        return vec![reason.to_owned()];
    }
    let mut reasons = image(wanted, latest, inputs);
    if reasons.is_empty() {
        reasons.push("runs another image than the manifest describes".to_owned());
    }
    if outside {
        reasons.push(OUTSIDE.to_owned());
    }
    reasons
}

/// The reason code and text of a failed state or update, if the function is in one.
pub(super) fn failure(latest: &FunctionState) -> Option<String> {
    let what = match (latest.state.as_str(), latest.last_update.as_str()) {
        ("Failed", _) => "its creation failed",
        (_, "Failed") => "its last update failed",
        _ => return None,
    };
    Some(match &latest.reason {
        Some(why) => format!("{what}: {why}"),
        None => what.to_owned(),
    })
}

/// One sentence for each part of a recipe that is not as it was.
fn changed(before: &BTreeMap<String, String>, now: &BTreeMap<String, String>) -> Vec<String> {
    let mut parts: Vec<&String> = now.keys().chain(before.keys()).collect();
    parts.sort();
    parts.dedup();
    parts.retain(|part| before.get(*part) != now.get(*part));
    // A generated Dockerfile names what it copies, so it moves with the other parts; alone it is a reason.
    if parts.len() > 1 {
        parts.retain(|part| *part != DOCKERFILE);
    }
    parts.into_iter().map(|part| sentence(part)).collect()
}

fn sentence(part: &str) -> String {
    match part {
        DOCKERFILE => "Dockerfile changed".to_owned(),
        "runtime" => "jot's runtime changed".to_owned(),
        "base" => "base image changed".to_owned(),
        "exemplar" => "exemplar's arguments changed".to_owned(),
        "args" => "build arguments changed".to_owned(),
        other => format!("{other} changed"),
    }
}
