//! What jot leaves to others.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// What jot leaves to others, must not delete, and was called before.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lifecycle {
    /// The manifest's words for settings that apply only at creation: `memory_mb`, `tags`,
    /// `environment.LOG_LEVEL`.
    pub ignore: BTreeSet<String>,
    /// Whether no plan may delete the function.
    pub prevent_destroy: bool,
    /// The key that it had before.
    pub moved_from: Option<String>,
}

impl Lifecycle {
    /// Whether this field is ignored: by its own name, as an entry of an ignored table, or as the
    /// level of a log with an ignored format, since levels need JSON.
    /// <https://docs.aws.amazon.com/lambda/latest/api/API_LoggingConfig.html>
    pub fn ignores(&self, field: &str) -> bool {
        let within = match field {
            "logging.level" | "logging.system_level" => Some("logging.format"),
            _ => field.split_once('.').map(|(table, _)| table),
        };
        self.ignore.contains(field) || within.is_some_and(|within| self.ignore.contains(within))
    }

    /// Whether single variables of the environment are ignored, so that their current values are
    /// needed to change others.
    pub fn ignores_variables(&self) -> bool {
        self.ignore
            .iter()
            .any(|field| field.starts_with("environment."))
    }

    /// These tags, without the user's that are ignored.
    pub fn managed_tags(&self, tags: &BTreeMap<String, String>) -> BTreeMap<String, String> {
        let managed = tags
            .iter()
            .filter(|(key, _)| key.starts_with("jot:") || !self.ignores(&format!("tags.{key}")));
        managed
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect()
    }
}
