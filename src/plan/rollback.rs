//! The plan of a rollback.

use std::collections::BTreeMap;

use serde_json::json;

use crate::model::{
    Action, Change, Desired, Function, Observed, Plan, Step,
    desired::{TAG_FINGERPRINT, TAG_HELD, TAG_RELEASE},
    observed::{self, Alias, FunctionState},
    plan::Purpose,
    release::{By, Held, Releases},
    value::{Shown, Value},
    version::{self, Target},
};

use super::{
    Error,
    builder::{PlanBuilder, id},
    found::found,
    ownership,
};

/// The version that a function goes back to.
///
/// `to`, or else the release before the serving one; while traffic shifts to a newer version, the
/// serving one.
///
/// # Errors
///
/// [`Error::NoRelease`]: no such release exists, or `to` never was one.
pub fn returns_to(
    wanted: &Function,
    found: &observed::Function,
    to: Option<&str>,
) -> Result<String, Error> {
    let none = |why: String, help: &str| Error::NoRelease {
        name: wanted.name.clone(),
        why,
        help: help.to_owned(),
    };
    let Some(name) = &wanted.deploy.alias else {
        return Err(none(
            "it has no alias, so it has no releases".to_owned(),
            "`deploy.alias` in jot.toml gives it one; without one, deploy the earlier source",
        ));
    };
    if found.latest.is_none() {
        return Err(none("it is not in Lambda".to_owned(), APPLY));
    }
    let Some(alias) = &found.alias else {
        return Err(none(format!("alias {name} does not exist"), APPLY));
    };
    let Some(record) = alias.releases() else {
        let why = format!("alias {name} records no releases");
        return Err(none(why, "jot records them from the next release on"));
    };
    let earlier = match &record.shift {
        Some(_) => record.versions.first(),
        None => record.versions.iter().find(|one| **one != alias.version),
    };
    let known = |version: &&str| {
        let held = record.held.iter().map(|one| &one.version);
        record.versions.iter().chain(held).any(|one| one == version)
    };
    match to {
        None => earlier.cloned().ok_or_else(|| {
            let why = format!(
                "version {} is the only one that alias {name} records",
                alias.version
            );
            none(why, "deploy the earlier source instead")
        }),
        Some(version) if known(&version) => Ok(version.to_owned()),
        Some(version) => Err(none(
            format!(
                "version {version} was never a release; alias {name} records {}",
                listed(&record)
            ),
            "`jot releases` lists them",
        )),
    }
}

const APPLY: &str = "`jot apply` creates it";

fn listed(record: &Releases) -> String {
    let held = record
        .held
        .iter()
        .map(|one| format!("{} (held)", one.version));
    let all: Vec<String> = record.versions.iter().cloned().chain(held).collect();
    all.join(", ")
}

/// The steps that give all traffic of these functions, by key, to earlier releases, and hold the
/// releases that they leave.
///
/// # Errors
///
/// A function belongs to another owner; [`Error::NoRelease`]: the version can no longer run.
pub fn rollback(
    desired: &Desired,
    observed: &Observed,
    targets: &BTreeMap<String, Target>,
) -> Result<Plan, Error> {
    ownership::check(desired, observed)?;
    let mut builder = PlanBuilder::default();
    let functions = desired.functions.values();
    for wanted in functions.filter(|wanted| targets.contains_key(&wanted.key)) {
        let target = &targets[&wanted.key];
        let found = found(observed, &wanted.key);
        let Some(alias) = &found.alias else { continue };
        runs(wanted, target)?;
        let serves = alias.version == target.version() && alias.weights.is_empty();
        match serves {
            true => builder.notes.push(format!(
                "function {}: version {} has all traffic already",
                wanted.name, alias.version
            )),
            false => steps(wanted, found, (alias, target), &mut builder),
        }
    }
    if !builder.steps.is_empty() {
        builder.notes.push(NOT_HELD.to_owned());
    }
    Ok(builder.finish(desired, observed, Purpose::Rollback))
}

/// What a version does not include.
const NOT_HELD: &str = "a version keeps its code, settings and environment, values of from_env, \
                        from_ssm and from_secret as they were when it was published; role \
                        policies, URL, triggers, permissions, reserved and provisioned concurrency \
                        and log retention stay as they are";

/// Checks that the version can run.
fn runs(wanted: &Function, target: &Target) -> Result<(), Error> {
    let refused = |why: String, help: &str| Error::NoRelease {
        name: wanted.name.clone(),
        why,
        help: help.to_owned(),
    };
    match target {
        Target::Gone(version) => Err(refused(
            format!("version {version} was deleted"),
            "`jot releases` lists the versions; `deploy.keep_versions` says how many are kept",
        )),
        Target::Found {
            state,
            image: Some(false),
            ..
        } => Err(refused(
            format!(
                "the image of version {} is not in ECR any more: {}",
                state.version,
                state.image_uri.as_deref().unwrap_or("unknown")
            ),
            "Lambda could not start it: choose another with --to, or deploy the earlier source",
        )),
        Target::Found { .. } => Ok(()),
    }
}

fn steps(
    wanted: &Function,
    found: &observed::Function,
    (alias, target): (&Alias, &Target),
    builder: &mut PlanBuilder,
) {
    let record = alias.releases().unwrap_or_default();
    let version = target.version();
    let left = record
        .shift
        .as_ref()
        .map_or(&alias.version, |shift| &shift.to);
    let again = record.held.iter().any(|one| one.version == version);
    let held = match again {
        true => None,
        false => held(found, left, target),
    };
    let before = match &held {
        Some(held) => record.holding(held.clone()),
        None => record,
    };
    let after = before.with(version);
    let mut changes = vec![Change::new(
        "version",
        Shown::Value(json!(alias.version)),
        Shown::Value(json!(version)),
    )];
    if !alias.weights.is_empty() {
        let old = Shown::Value(json!(alias.weights));
        changes.push(Change::new("weights", old, Shown::Absent));
    }
    let name = wanted.deploy.alias.as_deref().unwrap_or_default();
    let reason = match (&held, again) {
        (_, true) => format!("version {version} is no longer held"),
        (Some(held), false) => format!("version {} is held from now on", held.version),
        (None, false) => "asked for".to_owned(),
    };
    let alias = builder.add(Step {
        id: id("alias", &wanted.key),
        resource: format!("alias {name} of {}", wanted.name),
        action: Action::SetAlias {
            function: wanted.key.clone(),
            version: Value::Known(version.to_owned()),
            revision: Some(alias.revision.clone()),
            record: before,
            traffic: None,
        },
        after: Vec::new(),
        reasons: vec![reason],
        changes,
    });
    let tags = found.latest.as_ref().map(|latest| &latest.tags);
    let tagged = |tag: &str| tags.is_some_and(|tags| tags.contains_key(tag));
    let (set, remove) = match after.held.is_empty() {
        true if !tagged(TAG_HELD) && !tagged(TAG_RELEASE) => return,
        true => {
            let held = tagged(TAG_HELD).then(|| TAG_HELD.to_owned());
            (release(version), held.into_iter().collect())
        }
        // Where something is held, the alias is read and not the tags.
        false => (tag(&after), Vec::new()),
    };
    builder.add(Step {
        id: id("tags", &wanted.key),
        resource: format!("function {}", wanted.name),
        action: Action::TagFunction {
            function: wanted.key.clone(),
            set,
            remove,
        },
        after: vec![alias],
        reasons: vec!["records what is held".to_owned()],
        changes: Vec::new(),
    });
}

fn release(version: &str) -> BTreeMap<String, Value<String>> {
    BTreeMap::from([(TAG_RELEASE.to_owned(), Value::Known(version.to_owned()))])
}

fn tag(record: &Releases) -> BTreeMap<String, Value<String>> {
    let versions: Vec<&str> = record.held.iter().map(|one| one.version.as_str()).collect();
    BTreeMap::from([(TAG_HELD.to_owned(), Value::Known(versions.join(" ")))])
}

/// What holds the version that is left.
///
/// Its description shows its code and settings, otherwise the function's tags do.
fn held(found: &observed::Function, left: &str, target: &Target) -> Option<Held> {
    let shifted = match target {
        Target::Found { shifted, .. } => shifted.as_deref(),
        Target::Gone(_) => None,
    };
    let known = found.live.as_ref().into_iter().chain(shifted);
    let live = known.into_iter().find(|one| one.version == *left);
    let latest = found.latest.as_ref();
    let recorded = live.and_then(described);
    let tagged = || {
        let tags = &latest?.tags;
        Some((tags.get(TAG_FINGERPRINT)?.clone(), None))
    };
    let (fingerprint, config) = recorded
        .map(|(fingerprint, config)| (fingerprint, Some(config)))
        .or_else(tagged)?;
    let same_code = match target {
        Target::Found { state, .. } => {
            described(state).is_some_and(|(other, _)| other == fingerprint)
        }
        Target::Gone(_) => false,
    };
    Some(Held {
        version: left.to_owned(),
        fingerprint,
        config: config.filter(|_| same_code),
        by: By::Rollback,
    })
}

fn described(state: &FunctionState) -> Option<(String, String)> {
    let (fingerprint, config) = version::described(&state.config.description)?;
    Some((fingerprint.to_owned(), config.to_owned()))
}
