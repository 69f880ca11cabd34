//! A function in a plan: what is wanted, what was found, and results of earlier steps.

use std::collections::BTreeMap;

use crate::model::{
    Digest, Function, RoleChoice, StepId,
    desired::{Repository, TAG_DIGEST},
    observed::{self, FunctionState, Settings},
    release::Held,
    value::Value,
};

use super::{
    attribution::Attribution,
    diff::{self, Difference},
    held::Shifting,
    managed::{self, Key},
    record::Record,
};

/// A function, what was found of it, and results of earlier steps.
pub(super) struct FunctionContext<'a> {
    pub wanted: &'a Function,
    /// Short digests of the recipe's parts.
    pub inputs: BTreeMap<String, String>,
    /// The record of the last apply in its tags.
    pub record: Record,
    /// Why the function must be deleted and created again; then it is missing in what was found.
    pub again: Option<&'a Again>,
    /// The repository that the manifest asks for.
    pub repository_wanted: &'a Repository,
    pub found: &'a observed::Function,
    /// Digest of the image to run.
    pub digest: Value<Digest>,
    /// State of a traffic shift that an earlier apply began.
    pub shifting: Option<Shifting>,
    /// What prevents its release.
    pub held: Option<Held>,
    pub role: Outcome,
    /// The step that creates or updates the repository, which has a policy that lets Lambda pull.
    pub repository: Option<StepId>,
    /// The step that creates the log group or sets its retention.
    pub logs: Option<StepId>,
}

impl FunctionContext<'_> {
    /// Its key and its name.
    pub fn place(&self) -> (&str, &str) {
        (&self.wanted.key, &self.wanted.name)
    }

    /// Whether it stays at its present release.
    pub fn stays(&self) -> bool {
        self.held.is_some() || matches!(self.shifting, Some(Shifting::UnderWay(_)))
    }

    pub fn attribution(&self) -> Attribution<'_> {
        Attribution::new(self.wanted, &self.record)
    }

    /// What differs between the wanted settings and those of the function or of a version.
    ///
    /// A KMS key that jot gave a function without variables, and that Lambda did not store, does
    /// not count: requesting it again would never end.
    pub fn differences(&self, tags: &BTreeMap<String, String>, found: &Settings) -> Difference {
        let mut difference = diff::settings(self.wanted, &managed::left(self.wanted, tags), found);
        if self.is_key_unkept(found) {
            let key = Key::KmsKey.word();
            difference.changes.retain(|change| change.field != key);
        }
        difference
    }

    /// Whether Lambda dropped the KMS key of a function without variables.
    pub fn is_key_unkept(&self, found: &Settings) -> bool {
        let config = &self.wanted.config;
        config.is_keyless(found) && self.attribution().is_recorded(Key::KmsKey)
    }

    /// Whether this function or version must renew its grants.
    ///
    /// Its role is created again under its old name, and KMS gave the old one grants, which Lambda
    /// renews with the next change only.
    /// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html>
    pub fn lost_grants(&self, state: &FunctionState) -> bool {
        let encrypted = !state.config.environment.is_empty() || !state.config.kms_key.is_empty();
        encrypted && self.role.is_created_as(self.wanted, &state.role)
    }

    /// Whether jot's tags record exactly this digest and configuration, so that an apply has
    /// succeeded with them.
    pub fn is_recorded(&self) -> bool {
        let Some(latest) = &self.found.latest else {
            return false;
        };
        let digest = match &self.digest {
            Value::Known(digest) => latest
                .tags
                .get(TAG_DIGEST)
                .is_some_and(|recorded| recorded == digest.as_str()),
            Value::From(_) => false,
        };
        digest && self.record.config.as_ref() == Some(&self.wanted.config_digest)
    }
}

/// The role as the function's steps need it.
#[derive(Clone, Debug)]
pub(super) struct Outcome {
    pub arn: Value<String>,
    /// Where the manifest refers to it: what must happen before it is known.
    pub awaited: Option<String>,
    /// The step that makes the role usable for the function.
    pub ready: Option<StepId>,
    /// Policies to detach once the code that needed them has no more traffic.
    pub detach: Vec<String>,
    /// The inline policy to delete then.
    pub inline: Option<serde_json::Value>,
}

impl Outcome {
    /// Whether this plan creates the role of this ARN: a deleted one with the old path and name.
    pub fn is_created_as(&self, wanted: &Function, arn: &str) -> bool {
        match (&self.arn, &wanted.role) {
            (Value::From(_), RoleChoice::Own(role)) => {
                arn.ends_with(&format!(":role{}{}", role.path, role.name))
            }
            _ => false,
        }
    }
}

/// A function to be created again.
#[derive(Clone, Debug)]
pub(super) struct Again {
    pub why: String,
    /// Its revision, if it could run; `None` if its creation failed.
    pub revision: Option<String>,
}

/// Whether a value is known to equal this one.
pub(super) fn is<T: PartialEq>(value: &Value<T>, current: Option<&T>) -> bool {
    matches!(value, Value::Known(value) if Some(value) == current)
}
