//! The keys of the manifest that jot has set: the tag `jot:managed`.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{
    Config, Function, Push, RoleChoice,
    desired::{
        LogGroup, MANAGED_INLINE_POLICY, MANAGED_RECURSIVE_LOOP, MANAGED_RUNTIME_UPDATE,
        TAG_MANAGED,
    },
    reach::{
        Destination, MANAGED_ASYNC, MANAGED_PERMISSIONS, MANAGED_PROVISIONED, MANAGED_SCHEDULES,
        MANAGED_TRIGGERS, MANAGED_URL,
    },
    settings::each_setting,
};

/// The tag with the codes of the keys that jot has set, `jot:managed`.
pub const TAG: &str = TAG_MANAGED;

/// Defines [`Key`]: the settings, then the other keys of a function.
macro_rules! keys {
    ($($field:ident $key:ident $code:literal $word:literal,)+) => {
        keys! { => $($key $code $word,)+
            RuntimeUpdate MANAGED_RUNTIME_UPDATE "runtime_update",
            RecursiveLoop MANAGED_RECURSIVE_LOOP "recursive_loop",
            Concurrency "conc" "reserved_concurrency",
            LogRetention "logdays" "logging.retention_days",
            PolicyFile MANAGED_INLINE_POLICY "policy_file",
            Boundary "bound" "permissions_boundary",
            Url MANAGED_URL "url",
            Permissions MANAGED_PERMISSIONS "permissions",
            Async MANAGED_ASYNC "async",
            Provisioned MANAGED_PROVISIONED "deploy.provisioned_concurrency",
            Triggers MANAGED_TRIGGERS "triggers",
            Schedules MANAGED_SCHEDULES "triggers",
            Tags "tags" "tags",
        }
    };
    (=> $($key:ident $code:tt $word:literal,)+) => {
        /// A key that is managed only if the manifest has it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[allow(missing_docs)]
        pub enum Key {
            $($key,)+
        }

        impl Key {
            /// All keys: those of Lambda's configuration, then the others.
            pub const ALL: [Key; [$(Key::$key),+].len()] = [$(Key::$key),+];

            /// The key's code in the tag, short because a tag's value holds 256 characters.
            ///
            /// Codes never change, because old tags contain them.
            pub fn code(self) -> &'static str {
                match self {
                    $(Key::$key => $code,)+
                }
            }

            /// The manifest's name of the key.
            pub fn word(self) -> &'static str {
                match self {
                    $(Key::$key => $word,)+
                }
            }
        }
    };
}
each_setting!(keys);

impl Key {
    /// Settings that belong to an alias and stay with it.
    pub const OF_ALIAS: [Key; 5] = [
        Key::Url,
        Key::Permissions,
        Key::Async,
        Key::Triggers,
        Key::Provisioned,
    ];
}

/// The keys that the manifest has for this function, including those with references that are not
/// resolved.
pub fn of(function: &Function) -> BTreeSet<Key> {
    let taken = Key::ALL
        .into_iter()
        .filter(|key| *key != Key::Schedules && function.takes(key.word()));
    let mut keys = set(function);
    keys.extend(taken);
    keys
}

/// The keys that the manifest has for this function with known values.
pub fn set(function: &Function) -> BTreeSet<Key> {
    macro_rules! settings {
        ($($field:ident $key:ident $code:literal $word:literal,)+) => {{
            let Config { $($field),+ } = &function.config;
            [$((Key::$key, $field.is_some())),+]
        }};
    }
    let (inline, boundary) = match &function.role {
        RoleChoice::Own(role) => (role.inline.is_some(), role.boundary.is_some()),
        RoleChoice::Given(_) | RoleChoice::From(_) => (false, false),
    };
    let LogGroup {
        retention_days,
        name: _,
        tags: _,
    } = &function.log_group;
    let reach = &function.reach;
    let outcomes = reach.asynchronous.as_ref();
    let outcomes = outcomes.is_some_and(|one| !one.destinations().any(Destination::is_unknown));
    let mut pushes = reach.pushes.values();
    let scheduled = pushes.any(|one| matches!(one.push, Push::Schedule(_)));
    let others = [
        (Key::RuntimeUpdate, function.runtime_update.is_some()),
        (Key::RecursiveLoop, function.recursive_loop.is_some()),
        (Key::Concurrency, function.reserved_concurrency.is_some()),
        (Key::LogRetention, retention_days.is_some()),
        (Key::PolicyFile, inline),
        (Key::Boundary, boundary),
        (Key::Url, reach.url.is_some()),
        (Key::Permissions, reach.permissions.is_some()),
        (Key::Async, outcomes),
        (Key::Provisioned, reach.provisioned_concurrency.is_some()),
        (Key::Triggers, reach.triggers.is_some()),
        (Key::Schedules, scheduled),
        (Key::Tags, function.tags.is_some()),
    ];
    let present = each_setting!(settings).into_iter().chain(others);
    present.filter_map(|(key, is)| is.then_some(key)).collect()
}

/// The keys that jot once set, by the function's tags, and that left the manifest, except for
/// ignored ones.
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

/// The keys in a tag's value; codes unknown to this version of jot are skipped.
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
        fn any_set_of_keys_comes_back(
            keys in proptest::collection::btree_set(
                proptest::sample::select(&Key::ALL[..]),
                0..=Key::ALL.len(),
            ),
        ) {
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
            "desc mem time tmp env trace logfmt loglvl syslvl loggrp kms dlq vpc fs img snap rt \
             hdl layers rtup loop conc logdays policy bound url perms async prov trig sched tags"
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
