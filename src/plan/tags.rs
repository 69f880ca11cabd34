//! A function's tags: the user's, and jot's own, which explain but never decide.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use crate::model::{
    Action, Change, Step, StepId,
    desired::{RELEASE_LATEST, TAG_DIGEST, TAG_FINGERPRINT, TAG_FUNCTION, TAG_HELD, TAG_RELEASE},
    observed::LATEST,
    recipe::INPUT_VERSION,
    value::{Shown, Value},
};

use super::{
    draft::{Draft, id},
    managed::{self, Key},
    ownership,
    parts::{self, INPUTS},
    reasons, record,
    site::Site,
};

/// The step that writes the tags that differ, if any.
///
/// It comes after everything that the tags record.
pub(super) fn plan(site: &Site, after: Vec<StepId>, draft: &mut Draft) -> Option<StepId> {
    let nothing = site.wanted.ownership.clone();
    let there = site
        .found
        .latest
        .as_ref()
        .map_or(&nothing, |latest| &latest.tags);
    let left = managed::left(site.wanted, there).contains(&Key::Tags);
    let users = users(site, there);
    let mut changes = missing(&users, there);
    let mut remove = Vec::new();
    if site.wanted.tags.is_some() || left {
        let there = site.wanted.lifecycle.managed_tags(there);
        let gone = there
            .into_iter()
            .filter(|(key, _)| is_users(key) && !users.contains_key(key));
        for (key, value) in gone {
            remove.push(key.clone());
            changes.push(Change::new(
                format!("tags.{key}"),
                Shown::Value(json!(value)),
                Shown::Absent,
            ));
        }
    }
    // jot's own tags belong to the last successful apply.
    let mut set = match site.stays() {
        true => BTreeMap::new(),
        false => own(site),
    };
    if !site.stays() && there.contains_key(TAG_HELD) && !holds(site, draft) {
        remove.push(TAG_HELD.to_owned());
    }
    if ownership::moved(site.wanted, there) {
        let owner = &site.wanted.ownership[TAG_FUNCTION];
        let key = BTreeMap::from([(TAG_FUNCTION.to_owned(), owner.clone())]);
        changes.extend(missing(&key, there));
        set.insert(TAG_FUNCTION.to_owned(), Value::Known(owner.clone()));
    }
    let changes = site.witness().tags(changes, there);
    set.extend(
        users
            .into_iter()
            .map(|(key, value)| (key, Value::Known(value))),
    );
    set.retain(|key, value| !matches!(value, Value::Known(value) if there.get(key) == Some(value)));
    if let Some(release) = release(site, &set, draft).filter(|_| !set.is_empty()) {
        set.insert(TAG_RELEASE.to_owned(), release);
    }
    if set.is_empty() && remove.is_empty() {
        return None;
    }
    Some(draft.add(Step {
        id: id("tags", &site.wanted.key),
        resource: format!("function {}", site.wanted.name),
        action: Action::TagFunction {
            function: site.wanted.key.clone(),
            set,
            remove,
        },
        reasons: reasons(site, &after, &changes),
        after,
        changes,
    }))
}

/// The new value of [`TAG_RELEASE`]; `None` where it is current.
///
/// By itself it is no reason for a step.
fn release(
    site: &Site,
    set: &BTreeMap<String, Value<String>>,
    draft: &Draft,
) -> Option<Value<String>> {
    if site.stays() {
        return None;
    }
    if site.wanted.deploy.alias.is_none() {
        let changed = set.contains_key(TAG_FINGERPRINT) || set.contains_key(record::CONFIG);
        return changed.then(|| Value::Known(RELEASE_LATEST.to_owned()));
    }
    let published = id("version", &site.wanted.key);
    if draft.steps.iter().any(|step| step.id == published) {
        return Some(Value::From(published));
    }
    let there = site.found.latest.as_ref()?.tags.get(TAG_RELEASE);
    let told = there.and_then(|told| told.split(' ').next());
    let version = &site.found.alias.as_ref()?.version;
    let differs = told != Some(version) && version != LATEST;
    differs.then(|| Value::Known(version.clone()))
}

/// Whether the alias continues to record a held release: no step gives it another one.
fn holds(site: &Site, draft: &Draft) -> bool {
    let key = &site.wanted.key;
    let released = draft
        .steps
        .iter()
        .any(|step| matches!(&step.action, Action::SetAlias { function, .. } if function == key));
    let record = site.found.alias.as_ref().and_then(|alias| alias.releases());
    !released && record.is_some_and(|record| !record.held.is_empty())
}

/// The user's tags to set.
///
/// Tags that are left to others are set at creation only: until an apply has succeeded, which jot's
/// own tags show, and where the tag is unset.
fn users(site: &Site, there: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let all = site.wanted.tags.clone().unwrap_or_default();
    let mut users = site.wanted.lifecycle.managed_tags(&all);
    if !there.contains_key(managed::TAG) {
        let unset = all.into_iter().filter(|(key, _)| !there.contains_key(key));
        users.extend(unset);
    }
    users
}

/// Changes for tags that are missing or have another value; other tags are ignored.
pub(super) fn missing(
    wanted: &BTreeMap<String, String>,
    there: &BTreeMap<String, String>,
) -> Vec<Change> {
    let differing = wanted
        .iter()
        .filter(|(key, value)| there.get(*key) != Some(value));
    let change = |(key, value): (&String, &String)| {
        let old = there.get(key);
        Change::new(
            format!("tags.{key}"),
            old.map_or(Shown::Absent, |old| Shown::Value(json!(old))),
            Shown::Value(json!(value)),
        )
    };
    differing.map(change).collect()
}

/// jot's own tags, except for those of ownership.
fn own(site: &Site) -> BTreeMap<String, Value<String>> {
    let digest = match &site.digest {
        Value::Known(digest) => Value::Known(digest.as_str().to_owned()),
        Value::From(push) => Value::From(push.clone()),
    };
    let known = [
        (TAG_FINGERPRINT, site.wanted.code.tag().to_owned()),
        (INPUTS, inputs(site)),
        (managed::TAG, managed::encode(&set(site))),
    ];
    let known = known
        .into_iter()
        .chain(record::write(site.wanted, site.repository_wanted));
    let mut own: BTreeMap<_, _> = known
        .map(|(tag, value)| (tag.to_owned(), Value::Known(value)))
        .collect();
    own.insert(TAG_DIGEST.to_owned(), digest);
    own
}

/// The keys that jot has set.
///
/// A key with an unknown value is excluded, unless it was included before.
fn set(site: &Site) -> BTreeSet<Key> {
    let mut keys = managed::of(site.wanted);
    let set = managed::set(site.wanted);
    keys.retain(|key| set.contains(key) || site.record.managed.contains(key));
    keys
}

/// The value of [`INPUTS`].
///
/// If it differs only in jot's version, the old one stays, because that version does not affect the
/// image.
fn inputs(site: &Site) -> String {
    let mut now = site.inputs.clone();
    if let Some(before) = &site.record.inputs {
        let version = |inputs: &BTreeMap<String, String>| inputs.get(INPUT_VERSION).cloned();
        let told = version(before);
        let mut same = parts::decode(&parts::encode(&now));
        same.remove(INPUT_VERSION);
        same.extend(told.clone().map(|told| (INPUT_VERSION.to_owned(), told)));
        if let Some(told) = told
            && same == *before
        {
            now.insert(INPUT_VERSION.to_owned(), told);
        }
    }
    parts::encode(&now)
}

fn reasons(site: &Site, after: &[StepId], changes: &[Change]) -> Vec<String> {
    let latest = site.found.latest.as_ref();
    let moved = latest.is_some_and(|latest| ownership::moved(site.wanted, &latest.tags));
    if latest.is_some() && !changes.is_empty() && !moved {
        return reasons::told(changes, "Lambda");
    }
    let reason = match after {
        _ if moved => reasons::MOVED,
        [] => "jot's own tags record an earlier state",
        _ => "records what was applied",
    };
    vec![reason.to_owned()]
}

/// Whether a tag is neither AWS's nor jot's.
fn is_users(key: &str) -> bool {
    !key.starts_with("aws:") && !key.starts_with("jot:")
}
