//! Values that must never be shown, and texts from elsewhere with these values removed.

use std::{
    borrow::Cow,
    cmp::Reverse,
    collections::BTreeSet,
    sync::{PoisonError, RwLock},
};

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What every output shows in place of a secret.
pub const REDACTED: &str = "(sensitive)";

/// Shorter values are not removed from texts: they are part of too many other words.
const SHORTEST: usize = 4;
/// Values of this length are also removed from the middle of a word, shorter ones only as whole
/// words.
const ANYWHERE: usize = 8;

/// Every form of the guarded values in texts from elsewhere, longest first.
static GUARDED: RwLock<BTreeSet<(Reverse<usize>, String)>> = RwLock::new(BTreeSet::new());

/// A value that no output shows: `Debug`, `Display` and `Serialize` all give [`REDACTED`].
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, JsonSchema)]
#[schemars(extend("const" = REDACTED))]
pub struct Secret(String);

impl Secret {
    /// Wraps a value; texts from elsewhere may contain it until [`Secret::guard`] is called.
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The value itself, for the one place that passes it to AWS, Docker or a comparison.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Removes the value from every later text of [`redacted`] for the rest of the process: as it
    /// is, as JSON writes it, and line by line.
    pub fn guard(&self) {
        let value = self.0.trim();
        let json = serde_json::to_string(value).unwrap_or_default();
        let json = json.trim_matches('"');
        let forms = [value, json]
            .into_iter()
            .chain(value.lines().map(str::trim));
        let forms = forms.filter(|form| form.chars().count() >= SHORTEST && *form != REDACTED);
        let mut guarded = GUARDED.write().unwrap_or_else(PoisonError::into_inner);
        guarded.extend(forms.map(|form| (Reverse(form.len()), form.to_owned())));
    }
}

/// A text of AWS, Docker, git or a function, with `(sensitive)` for every guarded value.
///
/// Values of fewer than four characters are not searched for, those of fewer than eight only as
/// whole words.
pub fn redacted(text: &str) -> Cow<'_, str> {
    let guarded = GUARDED.read().unwrap_or_else(PoisonError::into_inner);
    let mut text = Cow::Borrowed(text);
    for (_, value) in guarded.iter() {
        if text.contains(value.as_str()) {
            text = Cow::Owned(without(&text, value));
        }
    }
    text
}

fn without(text: &str, value: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(value) {
        let (before, after) = (&rest[..at], &rest[at + value.len()..]);
        let inside = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let word = !inside(before.chars().next_back()) && !inside(after.chars().next());
        kept.push_str(before);
        kept.push_str(if word || value.chars().count() >= ANYWHERE {
            REDACTED
        } else {
            value
        });
        rest = after;
    }
    kept + rest
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(REDACTED)
    }
}

impl std::fmt::Display for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(REDACTED)
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(REDACTED)
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Secret)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_formatting_shows_the_value() {
        let secret = Secret::new("hunter2");
        assert_eq!(format!("{secret:?} {secret}"), "(sensitive) (sensitive)");
        assert_eq!(serde_json::to_string(&secret).unwrap(), "\"(sensitive)\"");
        assert_eq!(secret.reveal(), "hunter2");
    }

    #[test]
    fn a_guarded_value_is_taken_out_in_every_form() {
        Secret::new("swordfish-41\n").guard();
        Secret::new("line one of 41\nline \"two\" of 41").guard();
        let text = "Value '{\"A\": \"swordfish-41\"}', x=swordfish-41swordfish-41.";
        let safe = "Value '{\"A\": \"(sensitive)\"}', x=(sensitive)(sensitive).";
        assert_eq!(redacted(text), safe);
        let json = serde_json::json!("line one of 41\nline \"two\" of 41").to_string();
        assert_eq!(redacted(&json), "\"(sensitive)\"");
        assert_eq!(redacted("got: line \"two\" of 41"), "got: (sensitive)");
        assert_eq!(redacted("nothing of it"), "nothing of it");
    }

    #[test]
    fn a_short_value_is_taken_out_as_a_word_and_a_tiny_one_not_at_all() {
        Secret::new("qx7z").guard();
        Secret::new("q1").guard();
        let text = "pin=qx7z; qx7zy and q1 stay";
        assert_eq!(redacted(text), "pin=(sensitive); qx7zy and q1 stay");
    }
}
