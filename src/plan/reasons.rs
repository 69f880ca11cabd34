//! Why something differs, in words: the manifest changed, or something changed outside jot.
//!
//! This comes from the function's own tags; they never decide what is done.

use std::collections::BTreeMap;

use crate::model::{
    Cause, Change, Digest, Function, LastUpdate, Reference, State,
    desired::{TAG_DIGEST, TAG_FINGERPRINT},
    observed::FunctionState,
    value::{EnvValue, Value},
};

use super::{
    context::FunctionContext,
    inputs,
    record::{self, Record},
};

/// Lambda has something other than what jot set.
const OUTSIDE: &str = "changed outside jot since the last apply";

/// Only the owner changes.
pub(super) const ADOPTED: &str = "adopted as it is";

/// The key was renamed.
pub(super) const MOVED: &str = "has another key in the manifest";

/// The role has the name of the former one, but KMS distinguishes them.
pub(super) const GRANTS: &str =
    "its role is created again, and Lambda renews the KMS grants of the old one with a change";

/// Why an alias that points at `$LATEST` is drift.
pub(super) const LATEST: &str = "it points at $LATEST, which takes changes before they are tested";

/// Why these fields differ, one sentence per cause; with more than one cause the fields are named.
///
/// `place` is where they are: `Lambda`, `IAM`.
pub(super) fn sentences(changes: &[Change], place: &str) -> Vec<String> {
    grouped(changes, |change| sentence(change, place))
}

/// As [`sentences`], for a function's settings.
///
/// A referenced value is in no digest, so its cause is unknown.
pub(super) fn settings(changes: &[Change], wanted: &Function) -> Vec<String> {
    let elsewhere = |change: &Change| {
        let variable = |(name, value): (&String, &EnvValue)| match value {
            EnvValue::From { origin, .. } if record::variable(name) == change.field => {
                Some(origin.holder())
            }
            _ => None,
        };
        let setting = |one: &Reference| {
            let holder = one.origin.as_ref()?.holder();
            (one.slot.field() == change.field).then_some(holder)
        };
        let variable = wanted.variables().find_map(variable);
        let holder = variable.or_else(|| wanted.references.iter().find_map(setting));
        holder.map(|holder| format!("a value from {holder} differs"))
    };
    grouped(changes, |change| match change.cause {
        Cause::Unknown => elsewhere(change).unwrap_or_else(|| sentence(change, "Lambda")),
        _ => sentence(change, "Lambda"),
    })
}

fn grouped(changes: &[Change], sentence: impl Fn(&Change) -> String) -> Vec<String> {
    let mut by_reason: BTreeMap<(Cause, String), Vec<&str>> = BTreeMap::new();
    for change in changes {
        let reason = (change.cause, sentence(change));
        by_reason.entry(reason).or_default().push(&change.field);
    }
    let several = by_reason.len() > 1;
    let reasons = by_reason.into_iter().map(|((_, reason), mut fields)| {
        fields.dedup();
        match several {
            true => format!("{reason}: {}", fields.join(", ")),
            false => reason,
        }
    });
    reasons.collect()
}

fn sentence(change: &Change, place: &str) -> String {
    match change.cause {
        Cause::Manifest => "the manifest changed".to_owned(),
        Cause::Outside => OUTSIDE.to_owned(),
        Cause::Both => format!("the manifest changed, and {place} was changed outside jot"),
        Cause::Unknown => "differs from the manifest".to_owned(),
    }
}

/// Why the wanted image is not in ECR.
pub(super) fn image(
    wanted: &Function,
    latest: &FunctionState,
    record: &Record,
    inputs: &BTreeMap<String, String>,
) -> Vec<String> {
    if is_recorded(wanted, latest) {
        return vec!["no longer in ECR".to_owned()];
    }
    inputs::changed(wanted, record, inputs)
}

fn is_recorded(wanted: &Function, latest: &FunctionState) -> bool {
    let recorded = latest.tags.get(TAG_FINGERPRINT);
    recorded.is_some_and(|recorded| recorded == wanted.code.tag())
}

/// The cause of changes that follow from image and settings together.
///
/// The manifest if they differ from the record; otherwise a change outside jot.
pub(super) fn applied(context: &FunctionContext) -> Cause {
    let Some(latest) = &context.found.latest else {
        return Cause::Unknown;
    };
    match &context.record.config {
        None => Cause::Unknown,
        Some(digest)
            if *digest == context.wanted.config_digest && is_recorded(context.wanted, latest) =>
        {
            Cause::Outside
        }
        Some(_) => Cause::Manifest,
    }
}

/// As [`applied`], for the alias, which the manifest may also have renamed.
pub(super) fn alias(context: &FunctionContext) -> Cause {
    let name = context.wanted.deploy.alias.clone();
    match (
        applied(context),
        context.attribution().unwritten(record::ALIAS, name),
    ) {
        (Cause::Outside, cause) => cause,
        (cause, _) => cause,
    }
}

/// The cause, and the reason in words, why a function runs another image than it should.
pub(super) fn code(context: &FunctionContext, latest: &FunctionState) -> (Cause, Vec<String>) {
    let running = latest.code().map(Digest::as_str);
    let recorded = latest.tags.get(TAG_DIGEST).map(String::as_str);
    let outside = recorded.is_some() && recorded != running;
    if is_recorded(context.wanted, latest) {
        let reason = match &context.digest {
            _ if outside => OUTSIDE,
            Value::Known(_) => "ECR holds another image under the same tag",
            Value::From(_) => "the image was deleted from ECR and is made again",
        };
        return (Cause::Outside, vec![reason.to_owned()]);
    }
    let mut reasons = image(context.wanted, latest, &context.record, &context.inputs);
    if reasons.is_empty() {
        reasons.push("runs another image than the manifest describes".to_owned());
    }
    if outside {
        reasons.push(OUTSIDE.to_owned());
    }
    let cause = match (latest.tags.contains_key(TAG_FINGERPRINT), outside) {
        (false, _) => Cause::Unknown,
        (true, false) => Cause::Manifest,
        (true, true) => Cause::Both,
    };
    (cause, reasons)
}

/// The reason code and text of a failed state or update, if the function has one.
pub(super) fn failure(latest: &FunctionState) -> Option<String> {
    let what = match (&latest.state, &latest.last_update) {
        (State::Failed, _) => "its state is Failed",
        (_, LastUpdate::Failed) => "its last update failed",
        _ => return None,
    };
    Some(match &latest.reason {
        Some(why) => format!("{what}: {why}"),
        None => what.to_owned(),
    })
}
