//! A row of `jot status`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::release::Held;

/// The deployed state of one function. Texts are empty, and numbers absent, if they do not apply.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct StatusRow {
    /// The manifest's key.
    pub function: String,
    /// The Lambda function's name.
    pub name: String,
    /// `Active`, `Pending`, `Inactive`, `Failed`, as Lambda spells it; `absent` if the function
    /// does not exist, `undeclared` if the manifest does not declare it.
    pub state: String,
    /// The version that the alias points at.
    pub version: String,
    /// The alias that takes traffic.
    pub alias: String,
    /// The image's digest, 12 hex digits.
    pub image: String,
    /// The full digest, as `sha256:` and 64 hex digits.
    pub digest: String,
    /// Memory size in MiB.
    pub memory_mb: Option<u32>,
    /// Timeout in seconds.
    pub timeout_s: Option<u32>,
    /// `yes`, or the difference.
    #[schemars(with = "String")]
    pub in_sync: InSync,
    /// Whether the manifest declares it; undeclared functions have the tags of its project and
    /// target.
    pub declared: bool,
    /// Whether version, code and state come from the tags of the last apply: `--refresh` asks AWS.
    pub from_tags: bool,
    /// The versions that share the alias's traffic, the largest share first.
    pub traffic: Vec<Share>,
    /// Like `digest`, of the image in ECR with the fingerprint's tag: what the present sources
    /// make.
    pub digest_in_ecr: String,
    /// Like `digest`, of the local image with the fingerprint, if a registry has it.
    pub digest_here: String,
    /// Docker's id of the local image with the fingerprint; empty if it does not exist, null if no
    /// daemon answers.
    pub image_here: Option<String>,
    /// The git commit that the code in Lambda was deployed from, followed by `-dirty` if files
    /// differed from it.
    pub revision: String,
    /// The same for the sources on this machine.
    pub checkout: String,
    /// When the version that serves was published, or else the function was changed, in Lambda's
    /// format.
    pub modified: String,
    /// Seconds since then, by AWS's clock.
    pub age_s: Option<u64>,
    /// Versions that are not released again automatically, newest first.
    pub held: Vec<Held>,
    /// The function URL.
    pub url: String,
    /// The number of triggers of each kind, by the manifest's names.
    pub triggers: BTreeMap<String, usize>,
}

/// A version's share of the traffic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Share {
    /// The version.
    pub version: String,
    /// Percent of the calls that it answers.
    pub percent: u8,
}

/// Whether a function matches the manifest. Serialised as a string: `yes`, or the difference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(into = "String")]
pub enum InSync {
    /// Nothing differs from the manifest.
    Yes,
    /// It differs, or that is unknown; the reason in a few words.
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
