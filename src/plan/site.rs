//! A function of a plan: what is wanted, what was found, and what the steps before it give.

use std::collections::BTreeMap;

use crate::model::{
    Digest, Function, RoleChoice, StepId,
    desired::{Repository, TAG_DIGEST},
    observed::{self, FunctionState, Settings},
    release::Held,
    value::Value,
};

use super::{
    cause::Witness,
    diff::{self, Difference},
    managed::{self, Key},
    record::Record,
    standing::Shifting,
};

/// A function, what was found of it, and what the steps before it give.
pub(super) struct Site<'a> {
    pub wanted: &'a Function,
    /// Short digests of the recipe's parts.
    pub inputs: BTreeMap<String, String>,
    /// What its tags tell of the last apply.
    pub record: Record,
    /// Why the function is to be deleted and created again; it is not among what was found.
    pub again: Option<&'a Again>,
    /// The repository that the manifest asks for.
    pub repository_wanted: &'a Repository,
    pub found: &'a observed::Function,
    /// Of the image to run.
    pub digest: Value<Digest>,
    /// How a shift of its traffic stands that an earlier apply began.
    pub shifting: Option<Shifting>,
    /// What keeps it from being released.
    pub held: Option<Held>,
    pub role: Outcome,
    /// The step that makes the repository or puts it right: its policy lets Lambda pull.
    pub repository: Option<StepId>,
    /// The step that makes the log group or sets its retention.
    pub logs: Option<StepId>,
}

impl Site<'_> {
    /// Its key and its name.
    pub fn place(&self) -> (&str, &str) {
        (&self.wanted.key, &self.wanted.name)
    }

    /// Whether it stays at the release that it has.
    pub fn stays(&self) -> bool {
        self.held.is_some() || matches!(self.shifting, Some(Shifting::UnderWay(_)))
    }

    /// What tells who changed something.
    pub fn witness(&self) -> Witness<'_> {
        Witness::new(self.wanted, &self.record)
    }

    /// What differs between the wanted settings and these of the function or of a version. A key
    /// that jot gave a function without variables, and that Lambda did not keep, does not: asking
    /// for it again would never end.
    pub fn differences(&self, tags: &BTreeMap<String, String>, found: &Settings) -> Difference {
        let mut difference = diff::settings(self.wanted, &managed::left(self.wanted, tags), found);
        if self.is_key_unkept(found) {
            let key = Key::KmsKey.word();
            difference.changes.retain(|change| change.field != key);
        }
        difference
    }

    /// Whether Lambda lost the key that jot gave a function without variables.
    pub fn is_key_unkept(&self, found: &Settings) -> bool {
        let config = &self.wanted.config;
        config.is_keyless(found) && self.witness().is_recorded(Key::KmsKey)
    }

    /// Whether the role of this function or version is created again under its old name, and KMS
    /// gave the old one grants, which Lambda renews with the next change only.
    /// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html>
    pub fn lost_grants(&self, state: &FunctionState) -> bool {
        let encrypted = !state.config.environment.is_empty() || !state.config.kms_key.is_empty();
        encrypted && self.role.is_created_as(self.wanted, &state.role)
    }

    /// Whether jot's tags tell of this very digest and configuration: an apply came to its end with
    /// them.
    pub fn is_recorded(&self) -> bool {
        let Some(latest) = &self.found.latest else {
            return false;
        };
        let digest = match &self.digest {
            Value::Known(digest) => latest
                .tags
                .get(TAG_DIGEST)
                .is_some_and(|told| told == digest.as_str()),
            Value::From(_) => false,
        };
        digest && self.record.config.as_ref() == Some(&self.wanted.config_digest)
    }
}

/// The role as the function's steps need it.
#[derive(Clone, Debug)]
pub(super) struct Outcome {
    /// Its ARN.
    pub arn: Value<String>,
    /// What has to happen before it is known here, where the manifest takes it from elsewhere.
    pub awaited: Option<String>,
    /// The step that must be done before the function can use it.
    pub ready: Option<StepId>,
    /// Policies to detach once the code that needed them has no more traffic.
    pub detach: Vec<String>,
    /// The inline policy to delete then.
    pub inline: Option<serde_json::Value>,
}

impl Outcome {
    /// Whether this plan creates the role that has this ARN: one that was deleted and has the old
    /// path and name.
    pub fn is_created_as(&self, wanted: &Function, arn: &str) -> bool {
        match (&self.arn, &wanted.role) {
            (Value::From(_), RoleChoice::Own(role)) => {
                arn.ends_with(&format!(":role{}{}", role.path, role.name))
            }
            _ => false,
        }
    }
}

/// A function that is to be created again.
#[derive(Clone, Debug)]
pub(super) struct Again {
    /// Why.
    pub why: String,
    /// Its revision, where it ran before; none where its creation failed.
    pub revision: Option<String>,
}

/// Whether a value is known to be this one.
pub(super) fn is<T: PartialEq>(value: &Value<T>, there: Option<&T>) -> bool {
    matches!(value, Value::Known(value) if Some(value) == there)
}
