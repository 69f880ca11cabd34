//! Attribution: the cause of a difference, by the record of the last apply.
//!
//! The record says what the manifest asked for then. If the manifest is unchanged, AWS moved. If it
//! has changed and AWS still has the recorded value, the manifest moved. If neither matches the
//! record, both moved. An apply that failed half-way records nothing, so its changes read as
//! changes outside jot.

use std::collections::BTreeMap;

use crate::model::{
    Cause, Change, Function, Observed, RecursiveLoop, RuntimeUpdate, Secret,
    desired::{CREATED_MEMORY_MB, CREATED_TIMEOUT_S, Repository, TAG_FUNCTION},
    observed::{FunctionState, Role, Settings},
    pairs::{Entry, short},
    value::{EnvValue, Shown},
};

use super::{
    diff,
    managed::Key,
    ownership,
    record::{self, Record},
};

/// What is wanted, and the record of the last apply.
#[derive(Clone, Copy)]
pub(super) struct Attribution<'a> {
    /// What is wanted now.
    pub wanted: &'a Function,
    /// What was applied last.
    pub record: &'a Record,
}

impl<'a> Attribution<'a> {
    /// Attribution for one function.
    pub fn new(wanted: &'a Function, record: &'a Record) -> Self {
        Self { wanted, record }
    }

    /// The changes of a function's settings and role, each with its cause.
    pub fn settings(self, changes: Vec<Change>, latest: &FunctionState) -> Vec<Change> {
        let current = diff::reported(&latest.config);
        let attributed = changes.into_iter().map(|change| {
            let cause = match key(&change.field) {
                _ if change.field == record::ROLE => self.role(&latest.role),
                Some(Key::Environment) => self.environment(&change.field, &latest.config),
                Some(key) => {
                    let current = current.get(&key).filter(|value| !value.is_null());
                    self.key(key, current.map(record::text))
                }
                None => Cause::Unknown,
            };
            change.because(cause)
        });
        attributed.collect()
    }

    /// The cause of a change of the log group's retention, in days; `None` keeps logs for ever.
    pub fn retention(self, days: Option<u32>) -> Cause {
        self.key(Key::LogRetention, days.map(|days| days.to_string()))
    }

    /// The cause of a change of the function's reserved concurrency.
    pub fn concurrency(self, current: Option<u32>) -> Cause {
        self.key(Key::Concurrency, current.map(|number| number.to_string()))
    }

    /// The cause of a change of the function's runtime updates.
    pub fn runtime_update(self, current: Option<&RuntimeUpdate>) -> Cause {
        self.key(Key::RuntimeUpdate, current.map(RuntimeUpdate::to_string))
    }

    /// The cause of a change of the handling of recursive calls.
    pub fn recursive_loop(self, current: &RecursiveLoop) -> Cause {
        self.key(Key::RecursiveLoop, Some(current.to_string()))
    }

    /// The changes of a user's tags, each with its cause. The resource has the tags `current`.
    pub fn tags(self, changes: Vec<Change>, current: &BTreeMap<String, String>) -> Vec<Change> {
        let moved = ownership::moved(self.wanted, current);
        let attributed = changes.into_iter().map(|change| {
            let name = change.field.split_once('.').map_or("", |(_, name)| name);
            if moved && name == TAG_FUNCTION {
                return change.because(Cause::Manifest);
            }
            let text = |tags: &BTreeMap<String, String>| tags.get(name).cloned();
            let wanted = self.wanted.tags.as_ref().and_then(text);
            let current = text(current);
            let entry = &change.field;
            let cause = self.entry(Key::Tags, entry, wanted.as_deref(), current.as_deref());
            change.because(cause)
        });
        attributed.collect()
    }

    /// The changes of the trust policy, policies and tags of jot's role, each with its cause.
    pub fn role_changes(self, changes: Vec<Change>, current: &Role) -> Vec<Change> {
        let (tags, others): (Vec<_>, Vec<_>) = changes
            .into_iter()
            .partition(|change| key(&change.field) == Some(Key::Tags));
        let attributed = others.into_iter().map(|change| {
            let cause = match change.field.as_str() {
                "policies" => self.policy(&change),
                record::TRUST => self.unwritten(record::TRUST, record::trust(self.wanted)),
                word if word == Key::Boundary.word() => {
                    self.key(Key::Boundary, current.boundary.clone())
                }
                _ => self.key(Key::PolicyFile, current.inline.as_ref().map(record::text)),
            };
            change.because(cause)
        });
        let mut attributed: Vec<Change> = attributed.collect();
        attributed.extend(self.tags(tags, &current.tags));
        attributed
    }

    /// Whether the last apply set this key to the manifest's present value.
    pub fn is_recorded(self, key: Key) -> bool {
        let recorded = self.record.fields.as_ref().map(|all| all.of(key.code()));
        let wanted = record::field(self.wanted, key).map(|text| short(&text));
        matches!((recorded, wanted), (Some(Entry::Digest(old)), Some(now)) if old == now)
    }

    /// The cause for a key with a single value, by its text in the record.
    pub fn key(self, key: Key, current: Option<String>) -> Cause {
        if record::SHARED.contains(&key) {
            return self.shared(key, current);
        }
        if Key::OF_ALIAS.contains(&key) && self.has_another_alias() {
            return Cause::Manifest;
        }
        let includes_origins = matches!(key, Key::Async | Key::Permissions | Key::Triggers);
        let origins = record::origins(self.wanted, key.word()).filter(|_| !includes_origins);
        if let Some(origins) = origins {
            return self.taken(key.code(), &origins);
        }
        let wanted = record::field(self.wanted, key);
        let Some(fields) = &self.record.fields else {
            return self.whole(key);
        };
        match fields.of(key.code()) {
            Entry::Nothing if self.record.managed.contains(&key) => Cause::Unknown,
            Entry::Nothing if wanted.is_some() && self.left_creation(key, current.as_deref()) => {
                Cause::Both
            }
            recorded => match cause(recorded, wanted.as_deref(), current.as_deref()) {
                // The value may have changed at its source.
                Cause::Outside if self.wanted.takes(key.word()) => Cause::Unknown,
                cause => cause,
            },
        }
    }

    /// Whether the manifest's alias was renamed: nothing is bound to the new one yet.
    fn has_another_alias(self) -> bool {
        let fields = self.record.fields.as_ref();
        let alias = self.wanted.deploy.alias.as_deref();
        match (fields.map(|fields| fields.of(record::ALIAS)), alias) {
            (Some(Entry::Digest(recorded)), Some(alias)) => recorded != short(alias),
            _ => false,
        }
    }

    /// Whether a setting without a key no longer has its value from the function's creation.
    fn left_creation(self, key: Key, current: Option<&str>) -> bool {
        let created = match key {
            Key::Memory => CREATED_MEMORY_MB,
            Key::Timeout => CREATED_TIMEOUT_S,
            _ => return false,
        };
        !self.record.adopted && current.is_some_and(|current| current != created.to_string())
    }

    /// The cause for one of [`record::SHARED`], if it is all that differs in their field.
    fn shared(self, key: Key, current: Option<String>) -> Cause {
        let fields = self.record.fields.as_ref();
        let rest = fields.map_or(Entry::Unclear, |fields| fields.of(record::REST));
        let was_managed = self.record.managed.contains(&key);
        let mut parts = record::shared(self.wanted);
        let wanted = record::rest(&parts).map(|text| short(&text));
        let recorded = match rest {
            Entry::Unclear => return Cause::Unknown,
            Entry::Nothing if was_managed => return Cause::Unknown,
            Entry::Nothing => return Cause::Manifest,
            Entry::Digest(recorded) => Some(recorded.to_owned()),
        };
        if recorded == wanted {
            return match self.wanted.takes(key.word()) {
                true => Cause::Unknown,
                false => Cause::Outside,
            };
        }
        match current.filter(|_| was_managed) {
            Some(current) => parts.insert(key.code(), current),
            None => parts.remove(key.code()),
        };
        match record::rest(&parts).map(|text| short(&text)) == recorded {
            true => Cause::Manifest,
            false => Cause::Unknown,
        }
    }

    /// The cause by the digest over all settings, if single settings were not recorded.
    fn whole(self, key: Key) -> Cause {
        let in_it = !matches!(
            key,
            Key::LogRetention
                | Key::Tags
                | Key::RuntimeUpdate
                | Key::RecursiveLoop
                | Key::Concurrency
                | Key::PolicyFile
                | Key::Boundary
                | Key::Url
                | Key::Permissions
                | Key::Async
                | Key::Provisioned
                | Key::Triggers
                | Key::Schedules
        );
        match &self.record.config {
            Some(digest) if in_it && *digest == self.wanted.config_digest => Cause::Outside,
            _ => Cause::Unknown,
        }
    }

    /// The cause for a referenced value: with equal origins it is unknown which side moved.
    fn taken(self, field: &str, origins: &str) -> Cause {
        let fields = self.record.fields.as_ref();
        match fields.map_or(Entry::Unclear, |fields| fields.of(field)) {
            Entry::Digest(digest) if digest != short(origins) => Cause::Manifest,
            Entry::Nothing => Cause::Manifest,
            Entry::Digest(_) | Entry::Unclear => Cause::Unknown,
        }
    }

    fn role(self, current: &str) -> Cause {
        if let Some(origins) = record::origins(self.wanted, record::ROLE) {
            return self.taken(record::ROLE, &origins);
        }
        let wanted = record::role(self.wanted);
        match &self.record.fields {
            None => self.whole(Key::Description),
            Some(fields) => cause(
                fields.of(record::ROLE),
                Some(&wanted),
                Some(record::last(current)),
            ),
        }
    }

    /// The cause for a variable, or for the whole table if it left the manifest.
    fn environment(self, field: &str, current: &Settings) -> Cause {
        let Some((_, name)) = field.split_once('.') else {
            return Cause::Manifest;
        };
        let wanted = self.wanted.config.environment.as_ref();
        let wanted = wanted.and_then(|variables| variables.get(name));
        let current = current.environment.get(name).map(Secret::reveal);
        match wanted.and_then(EnvValue::source) {
            Some(source) => self.sourced(field, &source.to_string(), current.is_some()),
            None => self.plain(field, wanted.and_then(EnvValue::reveal), current),
        }
    }

    /// The cause for a variable that has a literal value in the manifest, or is not in it.
    fn plain(self, field: &str, wanted: Option<&str>, current: Option<&str>) -> Cause {
        match self.recorded(&record::sourced(field)) {
            Entry::Digest(_) => Cause::Manifest,
            _ => self.entry(Key::Environment, field, wanted, current),
        }
    }

    /// The cause for a variable with a referenced value; unknown if its source is unchanged.
    fn sourced(self, field: &str, source: &str, is_set: bool) -> Cause {
        match self.recorded(&record::sourced(field)) {
            Entry::Digest(digest) if digest != short(source) => Cause::Manifest,
            Entry::Digest(_) if is_set => Cause::Unknown,
            Entry::Digest(_) => Cause::Outside,
            Entry::Nothing => Cause::Manifest,
            Entry::Unclear => Cause::Unknown,
        }
    }

    /// The cause for an entry of a table, by its own record or else by that of the table.
    fn entry(self, table: Key, name: &str, wanted: Option<&str>, current: Option<&str>) -> Cause {
        let was_managed = self.record.managed.contains(&table);
        if self.record.fields.is_some() && !was_managed {
            return Cause::Manifest;
        }
        match self.recorded(name) {
            Entry::Unclear => self.table(table),
            recorded => cause(recorded, wanted, current),
        }
    }

    /// The cause by the record of a whole table.
    fn table(self, table: Key) -> Cause {
        let Some(fields) = &self.record.fields else {
            return self.whole(table);
        };
        let wanted = record::field(self.wanted, table).map(|text| short(&text));
        match (fields.of(table.code()), wanted) {
            (Entry::Digest(recorded), Some(wanted)) if recorded == wanted => Cause::Outside,
            _ => Cause::Unknown,
        }
    }

    /// The cause for a policy that is attached or detached.
    fn policy(self, change: &Change) -> Cause {
        let attached = change.old == Shown::Absent;
        let ((Shown::Value(arn), _) | (_, Shown::Value(arn))) = (&change.new, &change.old) else {
            return Cause::Unknown;
        };
        let arn = arn.as_str().unwrap_or_default();
        if self.wanted.takes("policies") && (!attached || record::is_taken(self.wanted, arn)) {
            return Cause::Unknown;
        }
        match self.recorded(&record::policy(arn)) {
            Entry::Digest(_) if attached => Cause::Outside,
            Entry::Nothing if !attached => Cause::Outside,
            Entry::Digest(_) | Entry::Nothing => Cause::Manifest,
            Entry::Unclear => Cause::Unknown,
        }
    }

    /// The cause for a field without a key in the manifest: it changed outside jot, or another
    /// version of jot sets another value.
    pub fn unwritten(self, field: &str, wanted: Option<String>) -> Cause {
        unwritten(self.record, field, wanted)
    }

    fn recorded(&self, name: &str) -> Entry<'_> {
        let entries = self.record.entries.as_ref();
        entries.map_or(Entry::Unclear, |entries| entries.of(name))
    }
}

/// The cause for the repository, by the records of its functions.
///
/// Its tags come from the manifest, everything else from jot itself.
pub(super) fn repository(
    changes: Vec<Change>,
    wanted: &Repository,
    observed: &Observed,
) -> Vec<Change> {
    let states = observed.functions.values();
    let records: Vec<Record> = states
        .map(|found| Record::of(found.latest.as_ref()))
        .collect();
    let of = |field: &str, value: String| {
        let outside = |record| unwritten(record, field, Some(value.clone())) == Cause::Outside;
        match records.iter().any(outside) {
            true => Cause::Outside,
            false => Cause::Unknown,
        }
    };
    let own = of(record::REPOSITORY, record::of_repository(wanted));
    let tags = of(record::REPOSITORY_TAGS, record::repository_tags(wanted));
    let attributed = changes.into_iter().map(|change| {
        let cause = match key(&change.field) {
            Some(Key::Tags) => tags,
            _ => own,
        };
        change.because(cause)
    });
    attributed.collect()
}

fn unwritten(record: &Record, field: &str, wanted: Option<String>) -> Cause {
    let fields = record.fields.as_ref().map(|fields| fields.of(field));
    match (fields, wanted) {
        (Some(Entry::Digest(old)), Some(wanted)) if old == short(&wanted) => Cause::Outside,
        _ => Cause::Unknown,
    }
}

/// The rule itself, see the module.
fn cause(recorded: Entry, wanted: Option<&str>, current: Option<&str>) -> Cause {
    let recorded = match recorded {
        Entry::Unclear => return Cause::Unknown,
        Entry::Digest(digest) => Some(digest.to_owned()),
        Entry::Nothing => None,
    };
    if recorded == wanted.map(short) {
        Cause::Outside
    } else if recorded.is_none() || recorded == current.map(short) {
        // jot did not manage what the manifest did not have before.
        Cause::Manifest
    } else {
        Cause::Both
    }
}

/// The manifest key of a field of a plan, or of the table that it is an entry of.
fn key(field: &str) -> Option<Key> {
    let whole = Key::ALL.into_iter().find(|key| key.word() == field);
    let table = || field.split_once('.').map_or("", |(table, _)| table);
    whole.or_else(|| Key::ALL.into_iter().find(|key| key.word() == table()))
}
