//! Which keys of the manifest jot has set: the tag `jot:managed`.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{
    Config, Function, RoleChoice,
    desired::{LogGroup, MANAGED_INLINE_POLICY, MANAGED_RUNTIME_UPDATE, TAG_MANAGED},
};

/// The tag's name.
pub const TAG: &str = TAG_MANAGED;

/// A key that is managed only where the manifest has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Key {
    Description,
    Memory,
    Timeout,
    EphemeralStorage,
    Environment,
    Tracing,
    LogFormat,
    LogLevel,
    KmsKey,
    DeadLetter,
    Vpc,
    FileSystems,
    Image,
    Snapstart,
    Runtime,
    Handler,
    Layers,
    RuntimeUpdate,
    Concurrency,
    LogRetention,
    PolicyFile,
    Boundary,
    Tags,
}

impl Key {
    /// All of them.
    pub const ALL: [Key; 23] = [
        Key::Description,
        Key::Memory,
        Key::Timeout,
        Key::EphemeralStorage,
        Key::Environment,
        Key::Tracing,
        Key::LogFormat,
        Key::LogLevel,
        Key::KmsKey,
        Key::DeadLetter,
        Key::Vpc,
        Key::FileSystems,
        Key::Image,
        Key::Snapstart,
        Key::Runtime,
        Key::Handler,
        Key::Layers,
        Key::RuntimeUpdate,
        Key::Concurrency,
        Key::LogRetention,
        Key::PolicyFile,
        Key::Boundary,
        Key::Tags,
    ];

    /// The word for it in the tag, short because a tag's value holds 256 characters. Never changed: old tags bear it.
    pub fn code(self) -> &'static str {
        match self {
            Key::Description => "desc",
            Key::Memory => "mem",
            Key::Timeout => "time",
            Key::EphemeralStorage => "tmp",
            Key::Environment => "env",
            Key::Tracing => "trace",
            Key::LogFormat => "logfmt",
            Key::LogLevel => "loglvl",
            Key::KmsKey => "kms",
            Key::DeadLetter => "dlq",
            Key::Vpc => "vpc",
            Key::FileSystems => "fs",
            Key::Image => "img",
            Key::Snapstart => "snap",
            Key::Runtime => "rt",
            Key::Handler => "hdl",
            Key::Layers => "layers",
            Key::RuntimeUpdate => MANAGED_RUNTIME_UPDATE,
            Key::Concurrency => "conc",
            Key::LogRetention => "logdays",
            Key::PolicyFile => MANAGED_INLINE_POLICY,
            Key::Boundary => "bound",
            Key::Tags => "tags",
        }
    }

    /// The manifest's word for it.
    pub fn word(self) -> &'static str {
        match self {
            Key::Description => "description",
            Key::Memory => "memory_mb",
            Key::Timeout => "timeout_s",
            Key::EphemeralStorage => "ephemeral_storage_mb",
            Key::Environment => "environment",
            Key::Tracing => "tracing",
            Key::LogFormat => "logging.format",
            Key::LogLevel => "logging.level",
            Key::KmsKey => "kms_key",
            Key::DeadLetter => "dead_letter",
            Key::Vpc => "vpc",
            Key::FileSystems => "file_systems",
            Key::Image => "image",
            Key::Snapstart => "snapstart",
            Key::Runtime => "runtime",
            Key::Handler => "handler",
            Key::Layers => "layers",
            Key::RuntimeUpdate => "runtime_update",
            Key::Concurrency => "reserved_concurrency",
            Key::LogRetention => "logging.retention_days",
            Key::PolicyFile => "policy_file",
            Key::Boundary => "permissions_boundary",
            Key::Tags => "tags",
        }
    }
}

/// The keys that the manifest has for this function.
pub fn of(function: &Function) -> BTreeSet<Key> {
    let Config {
        description,
        memory_mb,
        timeout_s,
        ephemeral_storage_mb,
        environment,
        tracing,
        log_format,
        log_level,
        kms_key,
        dead_letter,
        vpc,
        file_systems,
        image,
        snapstart,
        runtime,
        handler,
        layers,
    } = &function.config;
    let (inline, boundary) = match &function.role {
        RoleChoice::Own(role) => (role.inline.is_some(), role.boundary.is_some()),
        RoleChoice::Given(_) => (false, false),
    };
    let LogGroup {
        retention_days,
        name: _,
        tags: _,
    } = &function.log_group;
    let present = [
        (Key::Description, description.is_some()),
        (Key::Memory, memory_mb.is_some()),
        (Key::Timeout, timeout_s.is_some()),
        (Key::EphemeralStorage, ephemeral_storage_mb.is_some()),
        (Key::Environment, environment.is_some()),
        (Key::Tracing, tracing.is_some()),
        (Key::LogFormat, log_format.is_some()),
        (Key::LogLevel, log_level.is_some()),
        (Key::KmsKey, kms_key.is_some()),
        (Key::DeadLetter, dead_letter.is_some()),
        (Key::Vpc, vpc.is_some()),
        (Key::FileSystems, file_systems.is_some()),
        (Key::Image, image.is_some()),
        (Key::Snapstart, snapstart.is_some()),
        (Key::Runtime, runtime.is_some()),
        (Key::Handler, handler.is_some()),
        (Key::Layers, layers.is_some()),
        (Key::RuntimeUpdate, function.runtime_update.is_some()),
        (Key::Concurrency, function.reserved_concurrency.is_some()),
        (Key::LogRetention, retention_days.is_some()),
        (Key::PolicyFile, inline),
        (Key::Boundary, boundary),
        (Key::Tags, function.tags.is_some()),
    ];
    present
        .into_iter()
        .filter_map(|(key, is)| is.then_some(key))
        .collect()
}

/// The keys that jot once set, by the function's tags, and that the manifest no longer has, unless they are left alone.
pub fn left(function: &Function, tags: &BTreeMap<String, String>) -> BTreeSet<Key> {
    let before = tags.get(TAG).map(|text| decode(text)).unwrap_or_default();
    let now = of(function);
    let left = before.difference(&now).copied();
    left.filter(|key| !function.lifecycle.ignores(key.word()))
        .collect()
}

/// The tag's value: codes with spaces between them.
pub fn encode(keys: &BTreeSet<Key>) -> String {
    let codes: Vec<&str> = keys.iter().map(|key| key.code()).collect();
    codes.join(" ")
}

/// The keys in a tag's value; codes that this version of jot does not know are passed over.
pub fn decode(text: &str) -> BTreeSet<Key> {
    let known = |code: &str| Key::ALL.into_iter().find(|key| key.code() == code);
    text.split(' ').filter_map(known).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_set_of_keys_comes_back(keys in proptest::collection::btree_set(proptest::sample::select(&Key::ALL[..]), 0..=Key::ALL.len())) {
            let text = encode(&keys);
            prop_assert!(crate::plan::parts::fits(&text), "{text}");
            prop_assert_eq!(decode(&text), keys);
        }
    }

    #[test]
    fn all_keys_fit_into_one_tag() {
        let all: BTreeSet<Key> = Key::ALL.into_iter().collect();
        assert_eq!(all.len(), Key::ALL.len());
        assert_eq!(
            encode(&all),
            "desc mem time tmp env trace logfmt loglvl kms dlq vpc fs img snap rt hdl layers rtup conc logdays policy bound tags"
        );
    }

    #[test]
    fn unknown_codes_are_passed_over() {
        assert_eq!(
            decode("mem later  time"),
            BTreeSet::from([Key::Memory, Key::Timeout])
        );
        assert_eq!(decode(""), BTreeSet::new());
    }
}
