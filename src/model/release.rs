//! What an alias's description records: its releases, a current shift of traffic, and what is held
//! back.
//!
//! Lambda changes the description together with version and weights, in one request and under one
//! `RevisionId`, so it always describes the alias's current state. It has room for 256 characters,
//! <https://docs.aws.amazon.com/lambda/latest/api/API_UpdateAlias.html>.
//!
//! ```text
//! release 12 of 12,10,7
//! release 11 of 11,10,7 | to 12 | step 10 | run 7f3a | until 2026-11-28T15:10Z
//! release 10 of 10,7 | held 12 0123456789abcdef by rollback
//! ```

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Characters that Lambda takes as the description of an alias.
pub const LIMIT: usize = 256;
/// Characters that are kept for the version that serves and those before it.
const FOR_VERSIONS: usize = 48;

/// What an alias's description records.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Releases {
    /// Versions that had all traffic, newest first: the first has it now, a rollback returns to the
    /// second.
    pub versions: Vec<String>,
    /// The shift of traffic to a newer version, while it is under way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shift: Option<Shift>,
    /// What is not released again automatically, newest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub held: Vec<Held>,
}

/// A shift of traffic that is under way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Shift {
    /// The version that takes traffic.
    pub to: String,
    /// Percent of the traffic that it has.
    pub step: u8,
    /// A few hex digits that identify an apply.
    pub run: String,
    /// The time by which that apply continues or returns the traffic: `2026-11-28T15:10Z`.
    pub until: String,
}

/// A version that is not released again automatically.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Held {
    /// The version.
    pub version: String,
    /// The first 16 hex digits of its recipe's fingerprint.
    pub fingerprint: String,
    /// The first 16 hex digits of the digest of its settings, if the version that was returned to
    /// has the same code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config: Option<String>,
    /// What refused it.
    pub by: By,
}

/// What refused a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// `jot rollback`.
    Rollback,
    /// The verdict over its traffic steps.
    Steps,
}

impl By {
    fn word(self) -> &'static str {
        match self {
            Self::Rollback => "rollback",
            Self::Steps => "steps",
        }
    }

    /// Who held it, for a sentence: "held by ...".
    pub fn words(self) -> &'static str {
        match self {
            Self::Rollback => "a rollback",
            Self::Steps => "its traffic steps",
        }
    }
}

impl Held {
    /// Whether a function of this fingerprint and digest of settings is held back.
    pub fn is(&self, fingerprint: &str, config: &str) -> bool {
        let same_config = self.config.as_deref().is_none_or(|held| held == config);
        self.fingerprint == fingerprint && same_config
    }
}

impl Releases {
    /// What a description records; `None` if it is not one of jot's.
    pub fn read(description: &str) -> Option<Self> {
        let mut parts = description.split(" | ");
        let (now, versions) = parts.next()?.strip_prefix("release ")?.split_once(" of ")?;
        let mut record = Self {
            versions: versions.split(',').map(str::to_owned).collect(),
            ..Self::default()
        };
        if record.versions.first()? != now || !record.versions.iter().all(|one| is_number(one)) {
            return None;
        }
        let (mut to, mut step, mut run, mut until) = (None, None, None, None);
        for part in parts {
            let (word, rest) = part.split_once(' ')?;
            match word {
                "to" => to = Some(rest.to_owned()),
                "step" => step = Some(rest.parse().ok()?),
                "run" => run = Some(rest.to_owned()),
                "until" => until = Some(rest.to_owned()),
                "held" => record.held.push(held(rest)?),
                _ => return None,
            }
        }
        if let Some(to) = to {
            record.shift = Some(Shift {
                to,
                step: step?,
                run: run?,
                until: until?,
            });
        }
        Some(record)
    }

    /// The record once `version` has all traffic: it comes first, and is no longer held back.
    #[must_use]
    pub fn with(&self, version: &str) -> Self {
        let others = self.versions.iter().filter(|one| *one != version);
        let held = self.held.iter().filter(|one| one.version != version);
        Self {
            versions: [version.to_owned()]
                .into_iter()
                .chain(others.cloned())
                .collect(),
            shift: None,
            held: held.cloned().collect(),
        }
    }

    /// The record with one more version that is held back and is no longer a release.
    #[must_use]
    pub fn holding(&self, held: Held) -> Self {
        let versions = self.versions.iter().filter(|one| **one != held.version);
        let others = self.held.iter().filter(|one| one.version != held.version);
        Self {
            versions: versions.cloned().collect(),
            shift: None,
            held: std::iter::once(&held).chain(others).cloned().collect(),
        }
    }

    /// The versions to delete, oldest first, so that `keep` of them stay: releases are kept before
    /// other versions, newer ones before older ones.
    pub fn surplus<'a>(&self, versions: &'a [String], keep: u32) -> Vec<&'a String> {
        let place = |version: &String| {
            let releases = self.versions.iter();
            let release = releases.clone().position(|one| one == version);
            release.unwrap_or(self.versions.len())
        };
        let mut by_worth: Vec<&String> = versions.iter().rev().collect();
        by_worth.sort_by_key(|version| place(version));
        let gone: Vec<&String> = by_worth.into_iter().skip(keep as usize).collect();
        let all = versions.iter();
        all.filter(|version| gone.contains(version)).collect()
    }

    /// What holds a function of this fingerprint and digest of settings.
    pub fn holds(&self, fingerprint: &str, config: &str) -> Option<&Held> {
        self.held.iter().find(|one| one.is(fingerprint, config))
    }
}

impl fmt::Display for Releases {
    /// The description. If it does not fit, the oldest entries are left out, releases before
    /// refusals.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = self.tail();
        let Some(now) = self.versions.first() else {
            return Ok(());
        };
        let mut releases = format!("release {now} of {now}");
        for version in &self.versions[1..] {
            if releases.len() + 1 + version.len() + text.len() > LIMIT {
                break;
            }
            releases.push(',');
            releases.push_str(version);
        }
        text.insert_str(0, &releases);
        f.write_str(&text)
    }
}

impl Releases {
    /// The text after the releases.
    fn tail(&self) -> String {
        let mut text = String::new();
        if let Some(Shift {
            to,
            step,
            run,
            until,
        }) = &self.shift
        {
            text = format!(" | to {to} | step {step} | run {run} | until {until}");
        }
        for one in &self.held {
            let config = one.config.as_ref().map(|config| format!(" {config}"));
            let held = format!(
                " | held {} {}{} by {}",
                one.version,
                one.fingerprint,
                config.unwrap_or_default(),
                one.by.word()
            );
            if text.len() + held.len() + FOR_VERSIONS > LIMIT {
                break;
            }
            text.push_str(&held);
        }
        text
    }
}

fn held(text: &str) -> Option<Held> {
    let (what, by) = text.split_once(" by ")?;
    let mut words = what.split(' ');
    let by = match by {
        "rollback" => By::Rollback,
        "steps" => By::Steps,
        _ => return None,
    };
    let held = Held {
        version: words.next()?.to_owned(),
        fingerprint: words.next()?.to_owned(),
        config: words.next().map(str::to_owned),
        by,
    };
    words.next().is_none().then_some(held)
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn releases() -> impl Strategy<Value = Releases> {
        let version = || (1u32..1_000_000).prop_map(|number| number.to_string());
        let shift = (version(), 1u8..100).prop_map(|(to, step)| Shift {
            to,
            step,
            run: "7f3a".to_owned(),
            until: "2026-11-28T15:10Z".to_owned(),
        });
        let held = (version(), "[0-9a-f]{16}", any::<bool>(), any::<bool>());
        let held = held.prop_map(|(version, fingerprint, config, rollback)| Held {
            version,
            config: config.then(|| fingerprint.chars().rev().collect()),
            fingerprint,
            by: if rollback { By::Rollback } else { By::Steps },
        });
        (
            proptest::collection::vec(version(), 1..40),
            proptest::option::of(shift),
            proptest::collection::vec(held, 0..4),
        )
            .prop_map(|(versions, shift, held)| Releases {
                versions,
                shift,
                held,
            })
    }

    proptest! {
        #[test]
        fn a_description_fits_and_keeps_all_but_the_oldest_releases(record in releases()) {
            let text = record.to_string();
            prop_assert!(text.len() <= LIMIT, "{text}");
            let read = Releases::read(&text).expect("one of jot's");
            prop_assert!(record.versions.starts_with(&read.versions));
            prop_assert_eq!(&read.shift, &record.shift);
            prop_assert!(record.held.starts_with(&read.held));
            prop_assert!(!read.held.is_empty() || record.held.is_empty());
        }

        #[test]
        fn any_text_is_read_without_a_panic(text in "\\PC{0,80}") {
            Releases::read(&text);
            Releases::read(&format!("release {text}"));
            Releases::read(&format!("release 2 of 2,1 | {text}"));
        }
    }

    #[test]
    fn a_description_that_is_not_jots_records_nothing() {
        for text in [
            "",
            "the one for customers",
            "release",
            "release of 1",
            "release 2 of 1,2",
            "release x of x",
            "release 2 of 2 | step 10",
            "release 2 of 2 | to 3 | step 10",
            "release 2 of 2 | held 3",
            "release 2 of 2 | something else",
        ] {
            let read = Releases::read(text);
            let shift = read.as_ref().and_then(|read| read.shift.as_ref());
            assert!(shift.is_none(), "{text}: {read:?}");
            if text != "release 2 of 2 | step 10" {
                assert_eq!(read, None, "{text}");
            }
        }
    }

    #[test]
    fn a_rollback_and_the_next_release_are_recorded() {
        let before = Releases::read("release 12 of 12,10,7").expect("a record");
        let held = Held {
            version: "12".to_owned(),
            fingerprint: "0123456789abcdef".to_owned(),
            config: None,
            by: By::Rollback,
        };
        let back = before.holding(held).with("10");
        assert_eq!(
            back.to_string(),
            "release 10 of 10,7 | held 12 0123456789abcdef by rollback"
        );
        assert!(back.holds("0123456789abcdef", "anything").is_some());
        assert!(back.holds("fedcba9876543210", "anything").is_none());
        assert_eq!(back.with("12").to_string(), "release 12 of 12,10,7");
        assert_eq!(
            back.with("13").to_string(),
            "release 13 of 13,10,7 | held 12 0123456789abcdef by rollback"
        );
    }
}
