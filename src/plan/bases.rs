//! Base images: what functions are built on.
//!
//! They are pushed first, so that a later change pushes one small layer.

use crate::model::{Action, Recipe, Step, StepId};

use super::{
    Error,
    builder::{PlanBuilder, id},
    push,
    stock::Stock,
};

/// A base image of images that are missing in ECR.
pub(super) struct Base<'a> {
    pub image: &'a Recipe,
    /// Whether an image must still be built on it.
    pub needed: bool,
}

impl Base<'_> {
    /// Makes the base available locally if an image must be built on it; returns the step, if one
    /// is needed.
    ///
    /// A base in ECR is pulled, because only then are the layers below the function those that ECR
    /// already has; any other is built.
    ///
    /// # Errors
    ///
    /// The daemon's platform cannot build it.
    pub fn fetch(
        &self,
        stock: Stock<'_>,
        builder: &mut PlanBuilder,
    ) -> Result<Option<StepId>, Error> {
        if !self.needed {
            return Ok(None);
        }
        let local = stock.local(&self.image.fingerprint);
        let Some(remote) = stock.remote(&self.image.fingerprint) else {
            return match local {
                Some(_) => Ok(None),
                None => self.build(stock, builder).map(Some),
            };
        };
        let reason = match local {
            Some(local) if local.is(&remote.digest) => return Ok(None),
            Some(_) => "the local image differs from ECR's",
            None => "in ECR, not in the local docker",
        };
        let action = Action::Pull {
            image: self.image.fingerprint.clone(),
            digest: remote.digest.clone(),
        };
        Ok(Some(self.step("pull", action, reason, builder)))
    }

    fn build(&self, stock: Stock<'_>, builder: &mut PlanBuilder) -> Result<StepId, Error> {
        stock.check_platform(self.image)?;
        let action = Action::Build {
            image: self.image.fingerprint.clone(),
        };
        Ok(self.step("build", action, "not in ECR", builder))
    }

    /// Pushes a base that exists locally and not in ECR; returns the step, if one is needed.
    ///
    /// The push waits for the gates of all images built on the base, so that a failing test leaves
    /// nothing in ECR. A base that is neither in ECR nor local has no use any more: the function
    /// was built on another one.
    pub fn push(
        &self,
        stock: Stock<'_>,
        after: Vec<StepId>,
        builder: &mut PlanBuilder,
    ) -> Option<StepId> {
        let here = self.needed || stock.local(&self.image.fingerprint).is_some();
        let pushed = stock.remote(&self.image.fingerprint).is_some();
        (here && !pushed).then(|| push::push(self.image, Vec::new(), after, builder))
    }

    fn step(&self, verb: &str, action: Action, reason: &str, builder: &mut PlanBuilder) -> StepId {
        builder.add(Step {
            id: id(verb, self.image.fingerprint.tag()),
            resource: format!("image {}", self.image.title),
            action,
            after: Vec::new(),
            reasons: vec![reason.to_owned()],
            changes: Vec::new(),
        })
    }
}
