//! What `jot status` shows of a function.

use schemars::JsonSchema;
use serde::Serialize;

/// One function as it is deployed. Texts are empty, and numbers absent, for what is not there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct StatusRow {
    /// The manifest's key.
    pub function: String,
    /// The Lambda function's name.
    pub name: String,
    /// `Active`, `Pending`, `Inactive`, `Failed`, in Lambda's spelling.
    pub state: String,
    /// The version that the alias points at.
    pub version: String,
    /// The alias that takes traffic.
    pub alias: String,
    /// The image's digest, 12 hex digits.
    pub image: String,
    /// The digest whole, as `sha256:` and 64 hex digits.
    pub digest: String,
    /// MiB.
    pub memory_mb: Option<u32>,
    /// Seconds.
    pub timeout_s: Option<u32>,
    /// `yes`, or what differs.
    #[schemars(with = "String")]
    pub in_sync: InSync,
}

/// Whether a function is as the manifest says. It is a string where it is written: `yes`, or what differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(into = "String")]
pub enum InSync {
    /// It is.
    Yes,
    /// It is not, or that is unknown; why, in a few words.
    No(String),
}

impl Default for InSync {
    fn default() -> Self {
        Self::No(String::new())
    }
}

impl From<InSync> for String {
    fn from(one: InSync) -> Self {
        match one {
            InSync::Yes => "yes".to_owned(),
            InSync::No(why) => why,
        }
    }
}
