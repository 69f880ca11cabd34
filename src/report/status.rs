//! What `jot status` shows of a function.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::release::Held;

/// One function as it is deployed. Texts are empty, and numbers absent, for what is not there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct StatusRow {
    /// The manifest's key.
    pub function: String,
    /// The Lambda function's name.
    pub name: String,
    /// `Active`, `Pending`, `Inactive`, `Failed`, in Lambda's spelling; `absent` where there is no function, `undeclared` where
    /// the manifest does not declare it.
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
    /// Whether the manifest declares it; the others bear the tags of its project and target.
    pub declared: bool,
    /// Whether version, code and state are what jot's tags tell of the last apply: `--refresh` asks AWS.
    pub from_tags: bool,
    /// The versions that share the alias's traffic, the one with most of it first.
    pub traffic: Vec<Share>,
    /// As `digest`, of what ECR holds under the fingerprint's tag: what the sources are now.
    pub digest_in_ecr: String,
    /// As `digest`, of the local image of the fingerprint, where a registry knows it.
    pub digest_here: String,
    /// Docker's id of the local image of the fingerprint; empty where there is none, null where no daemon answers.
    pub image_here: Option<String>,
    /// The git commit that the code in Lambda was deployed from, with `-dirty` behind it where files differed from it.
    pub revision: String,
    /// The same of the sources here.
    pub checkout: String,
    /// When the version that serves was published, or else the function was changed, as Lambda says it.
    pub modified: String,
    /// Seconds since then, by AWS's clock.
    pub age_s: Option<u64>,
    /// What is not released again by itself, newest first.
    pub held: Vec<Held>,
    /// The function URL.
    pub url: String,
    /// How many triggers it has of each kind, by the manifest's words.
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
