//! Published versions, and what a rollback may return to.

use super::observed::FunctionState;

/// A published version, as a list of them has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// Number in Lambda, such as `12`; never `$LATEST`.
    pub number: String,
    /// Its description: `jot <fingerprint16> <config16>` if jot published it.
    pub description: String,
    /// When it was published, as Lambda says it: `2026-11-28T02:30:11.000+0000`.
    pub published: String,
}

impl Version {
    /// The first 16 hex digits of the fingerprint and of the digest of the settings, if jot
    /// published it.
    pub fn made_of(&self) -> Option<(&str, &str)> {
        described(&self.description)
    }
}

/// The first 16 hex digits of fingerprint and digest of the settings, from the description of a
/// version.
pub fn described(description: &str) -> Option<(&str, &str)> {
    let mut words = description.strip_prefix("jot ")?.split(' ');
    Some((words.next()?, words.next()?))
}

/// The git commit in the description of a version.
pub fn revision(description: &str) -> Option<&str> {
    description.strip_prefix("jot ")?.split(' ').nth(2)
}

/// What a rollback was asked to return to.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// The version no longer exists.
    Gone(String),
    /// The version still exists.
    Found {
        /// As Lambda reports it.
        state: Box<FunctionState>,
        /// Whether ECR still has its image; `None` for an archive, and for an image in another
        /// repository.
        image: Option<bool>,
        /// The version that began to take its traffic, if a shift is under way.
        shifted: Option<Box<FunctionState>>,
    },
}

impl Target {
    /// The number of the version, such as `12`, whether it exists or not.
    pub fn version(&self) -> &str {
        match self {
            Self::Gone(version) => version,
            Self::Found { state, .. } => &state.version,
        }
    }
}
