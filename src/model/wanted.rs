//! Triggers of the manifest that other services execute, with their names.

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use sha2::{Digest as _, Sha256};

use super::{
    push::{DEFAULT_BUS, Push, of_bucket},
    reference::TriggerKey,
};

/// A trigger of the manifest, with its names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// What calls. A name from elsewhere is empty while unknown.
    pub push: Push,
    /// Its name: the id of a notification, the name of a rule or schedule. SNS names a subscription
    /// itself.
    pub id: String,
    /// The id of the statement that lets it call; none for a schedule, which has a role.
    pub statement: String,
}

impl Wanted {
    /// The trigger of this name; `prefix` begins the names of all of the function's triggers.
    pub fn new(prefix: &str, name: &str, push: Push) -> Self {
        let id = match &push {
            // A new one is created before the old one is deleted.
            Push::Notification(one) => format!("{prefix}{name}-{}", content(&json!(one))),
            Push::Rule(rule) if rule.bus != DEFAULT_BUS => {
                format!("{prefix}{name}-{}", content(&json!(rule.bus)))
            }
            _ => format!("{prefix}{name}"),
        };
        let source = json!(push.source(&id));
        let statement = format!("{prefix}{name}-{}", content(&source));
        Self {
            push,
            id,
            statement,
        }
    }

    /// The same with the value of a key from elsewhere, and with the names that follow from it.
    pub fn with(mut self, (prefix, name): (&str, &str), key: TriggerKey, text: &str) -> Self {
        let text = text.to_owned();
        match (&mut self.push, key) {
            (Push::Notification(one), TriggerKey::S3) => one.bucket = text,
            (Push::Rule(one), TriggerKey::S3) => one.pattern = of_bucket(&one.pattern, &text),
            (Push::Subscription(one), TriggerKey::Sns) => one.topic = text,
            (Push::Subscription(one), TriggerKey::OnFailure) => one.on_failure = Some(text),
            _ => {}
        }
        Self::new(prefix, name, self.push)
    }
}

/// Hex digits of [`content`].
const DIGITS: usize = 6;

/// The end of a name: six hex digits of the digest of its content.
pub fn content(of: &Json) -> String {
    let digest = hex::encode(Sha256::digest(of.to_string().as_bytes()));
    digest.chars().take(DIGITS).collect()
}
