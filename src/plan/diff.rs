//! The difference between the manifest's settings and Lambda's, field by field.
//!
//! The settings are destructured by name, so that a new field cannot be forgotten.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};

use crate::model::{
    Change, Config, Function, Given, ImageOverrides, Secret, Vpc,
    desired::{CREATED_MEMORY_MB, CREATED_TIMEOUT_S, Lifecycle},
    observed::Settings,
    settings::each_setting,
    value::{EnvValue, Shown},
};

use super::managed::Key;

/// What differs, and the defaults to go back to.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Difference {
    /// Fields old -> new, in the order of [`Key`].
    pub changes: Vec<Change>,
    /// The defaults of keys that left the manifest.
    pub reset: Config,
}

/// What differs between a manifest's settings and a function's, except for what its lifecycle
/// ignores.
///
/// `left` are keys that jot once set and that left the manifest.
pub(super) fn settings(function: &Function, left: &BTreeSet<Key>, found: &Settings) -> Difference {
    let lifecycle = &function.lifecycle;
    let wanted = &function.config.respecting(lifecycle, &found.environment);
    let reset = defaults(left, wanted, found);
    let current = reported(found);
    let mut changes = Vec::new();
    for (key, value) in scalars(&wanted.with(&reset)) {
        let old = current.get(&key).cloned().unwrap_or_default();
        let side = match key {
            _ if !left.contains(&key) => Shown::Value,
            Key::Memory | Key::Timeout => Shown::Created,
            _ => Shown::Default,
        };
        for (field, old, new) in differing(key, &old, &value) {
            changes.push((key, Change::new(field, before(old), side(new))));
        }
    }
    if let Some(wanted) = &wanted.environment {
        let environment = environment(wanted, &found.environment);
        changes.extend(
            environment
                .into_iter()
                .map(|change| (Key::Environment, change)),
        );
    } else if reset.environment.is_some() && has_managed_variables(lifecycle, found) {
        changes.push((
            Key::Environment,
            Change::new(
                Key::Environment.word(),
                Shown::Sensitive,
                Shown::Default(json!({})),
            ),
        ));
    }
    changes.sort_by_key(|(key, _)| *key);
    Difference {
        changes: changes.into_iter().map(|(_, change)| change).collect(),
        reset,
    }
}

fn has_managed_variables(lifecycle: &Lifecycle, found: &Settings) -> bool {
    let mut names = found.environment.keys();
    names.any(|name| !lifecycle.ignores(&format!("{}.{name}", Key::Environment.word())))
}

/// The settings of a new function, as changes from nothing.
pub(super) fn creation(wanted: &Config) -> Vec<Change> {
    let fields = scalars(wanted).into_iter();
    let mut changes: Vec<Change> = fields
        .flat_map(|(key, value)| members(key, &value))
        .filter(|(_, value)| !value.is_null())
        .map(|(field, value)| Change::new(field, Shown::Absent, Shown::Value(value)))
        .collect();
    let environment_of = |wanted| environment(wanted, &BTreeMap::new());
    changes.extend(wanted.environment.iter().flat_map(environment_of));
    changes
}

/// A setting as the fields shown of it: a table's members one by one, empty values as null.
fn members(key: Key, value: &Json) -> Vec<(String, Json)> {
    let filled = |value: &Json| match value {
        Json::Array(items) if items.is_empty() => Json::Null,
        Json::String(text) if text.is_empty() && key != Key::Description => Json::Null,
        other => other.clone(),
    };
    match value {
        Json::Object(fields) => fields
            .iter()
            .map(|(name, value)| (format!("{}.{name}", key.word()), filled(value)))
            .collect(),
        single => vec![(key.word().to_owned(), filled(single))],
    }
}

/// The fields of a setting that differ, old and new; a member that one side lacks has its default
/// on that side.
fn differing(key: Key, old: &Json, new: &Json) -> Vec<(String, Json, Json)> {
    let (old, new) = (members(key, old), members(key, new));
    let gone = old.iter().filter(|(field, _)| of(&new, field).is_none());
    let fields = new.iter().chain(gone).map(|(field, _)| field);
    let sides = fields.map(|field| {
        let (before, after) = (of(&old, field), of(&new, field));
        let side = |own: Option<&Json>, other: Option<&Json>| match (own, other) {
            (Some(own), _) => own.clone(),
            (None, other) => other.map_or(Json::Null, absence),
        };
        (field.clone(), side(before, after), side(after, before))
    });
    sides.filter(|(_, old, new)| old != new).collect()
}

fn of<'a>(members: &'a [(String, Json)], field: &str) -> Option<&'a Json> {
    let mut members = members.iter();
    members.find_map(|(other, value)| (other == field).then_some(value))
}

/// The default of a missing member, by the type of the value on the other side.
fn absence(written: &Json) -> Json {
    match written {
        Json::Bool(_) => json!(false),
        _ => Json::Null,
    }
}

/// The present value, ready to be shown.
fn before(value: Json) -> Shown {
    if value.is_null() {
        Shown::Absent
    } else {
        Shown::Value(value)
    }
}

/// The settings of a version, ready to be compared with `latest`.
///
/// The description, which a version has of its own, and ignored settings come from `latest`.
pub(super) fn comparable(version: &Settings, lifecycle: &Lifecycle, latest: &Settings) -> Settings {
    let ignored = |key: Key| lifecycle.ignores(key.word());
    let variable = |name: &str| lifecycle.ignores(&format!("{}.{name}", Key::Environment.word()));
    let managed = version.environment.clone().into_iter();
    let managed = managed.filter(|(name, _)| !variable(name));
    let left = latest.environment.clone().into_iter();
    let left = left.filter(|(name, _)| variable(name));
    let environment = managed.chain(left).collect();
    macro_rules! mixed {
        ($($field:ident $key:ident $code:literal $word:literal,)+) => {{
            let Settings { $($field),+ } = version.clone();
            Settings { $($field: either(ignored(Key::$key), &latest.$field, $field)),+ }
        }};
    }
    Settings {
        description: latest.description.clone(),
        environment,
        ..each_setting!(mixed)
    }
}

fn either<T: Clone>(theirs: bool, latest: &T, own: T) -> T {
    if theirs { latest.clone() } else { own }
}

/// The manifest's settings without the environment.
pub(super) fn scalars(config: &Config) -> BTreeMap<Key, Json> {
    macro_rules! scalars {
        ($($field:ident $key:ident $code:literal $word:literal,)+) => {{
            let Config { $($field),+ } = config;
            [$((Key::$key, $field.as_ref().map(|value| json!(value)))),+]
        }};
    }
    let all = each_setting!(scalars).into_iter();
    all.filter(|(key, _)| *key != Key::Environment)
        .filter_map(|(key, value)| Some((key, value?)))
        .collect()
}

/// Lambda's settings without the environment.
pub(super) fn reported(settings: &Settings) -> BTreeMap<Key, Json> {
    macro_rules! reported {
        ($($field:ident $key:ident $code:literal $word:literal,)+) => {{
            let Settings { $($field),+ } = settings;
            [$((Key::$key, json!($field))),+]
        }};
    }
    let all = each_setting!(reported).into_iter();
    all.filter(|(key, _)| *key != Key::Environment).collect()
}

/// Lambda's defaults for the keys that left the manifest.
///
/// Memory and timeout go back to jot's own values for a new function, because Lambda's 128 MB and 3
/// s are too little for most.
/// <https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html>
fn defaults(left: &BTreeSet<Key>, wanted: &Config, found: &Settings) -> Config {
    let has = |key| left.contains(&key);
    let log_format = has(Key::LogFormat).then(|| "Text".to_owned());
    let format = wanted.log_format.as_ref().or(log_format.as_ref());
    // A level requires JSON; Lambda drops it itself when the format goes back to text.
    let levelled = format.unwrap_or(&found.log_format) == "JSON";
    Config {
        description: has(Key::Description).then(String::new),
        memory_mb: has(Key::Memory).then_some(CREATED_MEMORY_MB),
        timeout_s: has(Key::Timeout).then_some(CREATED_TIMEOUT_S),
        ephemeral_storage_mb: has(Key::EphemeralStorage).then_some(512),
        environment: has(Key::Environment).then(BTreeMap::new),
        tracing: has(Key::Tracing).then(|| "PassThrough".to_owned()),
        log_level: (has(Key::LogLevel) && levelled).then(|| "INFO".to_owned()),
        system_log_level: (has(Key::SystemLogLevel) && levelled).then(|| "INFO".to_owned()),
        log_group: has(Key::LogGroup).then(String::new),
        log_format,
        kms_key: has(Key::KmsKey).then(String::new),
        dead_letter: has(Key::DeadLetter).then(String::new),
        vpc: has(Key::Vpc).then(Vpc::default),
        file_systems: has(Key::FileSystems).then(Vec::new),
        image: has(Key::Image).then(ImageOverrides::default),
        snapstart: has(Key::Snapstart).then_some(false),
        // An archive has both; an image has neither.
        runtime: None,
        handler: None,
        layers: has(Key::Layers).then(Vec::new),
    }
}

/// Changes of single variables.
///
/// Old values are never shown: Lambda does not say which of them are secret.
fn environment(
    wanted: &BTreeMap<String, EnvValue>,
    found: &BTreeMap<String, Secret>,
) -> Vec<Change> {
    let names: BTreeSet<&String> = wanted.keys().chain(found.keys()).collect();
    let change = |name: &String| {
        let (new, old) = (wanted.get(name), found.get(name));
        if !differs(new, old) {
            return None;
        }
        Some(Change::new(
            format!("{}.{name}", Key::Environment.word()),
            old.map_or(Shown::Absent, |_| Shown::Sensitive),
            match new {
                None => Shown::Absent,
                Some(EnvValue::Plain(text)) => Shown::Value(json!(text)),
                Some(EnvValue::From { origin, value }) => match value {
                    None => Shown::KnownAfter(origin.awaited()),
                    Some(Given::Shown(text)) => Shown::Value(json!(text)),
                    Some(Given::Secret(_)) => Shown::Sensitive,
                },
                Some(EnvValue::Kept(_)) => Shown::Sensitive,
            },
        ))
    };
    names.into_iter().filter_map(change).collect()
}

/// Whether a variable that is on either side differs; an existing one with an unknown wanted value
/// is not compared.
fn differs(wanted: Option<&EnvValue>, found: Option<&Secret>) -> bool {
    match (wanted, found) {
        (Some(wanted), Some(found)) => wanted.reveal().is_some_and(|value| value != found.reveal()),
        _ => true,
    }
}
