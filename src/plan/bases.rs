//! Base images: what responders are built on, pushed before them so that a later change pushes one small layer.

use crate::model::{Action, Recipe, Step, StepId};

use super::{
    Error,
    draft::{Draft, id},
    push,
    stock::Stock,
};

/// A base image under images that ECR does not hold.
pub(super) struct Base<'a> {
    /// Its recipe.
    pub image: &'a Recipe,
    /// Whether an image must still be built on it.
    pub needed: bool,
}

impl Base<'_> {
    /// Makes the base local if it must be built on: by a pull where ECR holds it, since only then the layers under the
    /// responder are those that ECR has already; else by a build. Returns the step, if one is
    /// needed.
    ///
    /// # Errors
    /// The daemon's platform cannot build it.
    pub fn fetch(&self, stock: Stock<'_>, draft: &mut Draft) -> Result<Option<StepId>, Error> {
        if !self.needed {
            return Ok(None);
        }
        let local = stock.local(&self.image.fingerprint);
        let Some(remote) = stock.remote(&self.image.fingerprint) else {
            return match local {
                Some(_) => Ok(None),
                None => self.build(stock, draft).map(Some),
            };
        };
        let reason = match local {
            Some(local) if local.is(&remote.digest) => return Ok(None),
            Some(_) => "the local image is another one than ECR's",
            None => "in ECR, not in the local docker",
        };
        let action = Action::Pull {
            image: self.image.fingerprint.clone(),
            digest: remote.digest.clone(),
        };
        Ok(Some(self.step("pull", action, reason, draft)))
    }

    fn build(&self, stock: Stock<'_>, draft: &mut Draft) -> Result<StepId, Error> {
        stock.check_platform(self.image)?;
        let action = Action::Build {
            image: self.image.fingerprint.clone(),
        };
        Ok(self.step("build", action, "not in ECR", draft))
    }

    /// Pushes the base if ECR does not hold it and it is here. The push waits for the gates of all that is built on it, so
    /// that a failing test leaves nothing in ECR. A base that is neither in ECR nor here has no use any more: the responder was
    /// built on another one. Returns the step, if one is needed.
    pub fn push(&self, stock: Stock<'_>, after: Vec<StepId>, draft: &mut Draft) -> Option<StepId> {
        let here = self.needed || stock.local(&self.image.fingerprint).is_some();
        let pushed = stock.remote(&self.image.fingerprint).is_some();
        (here && !pushed).then(|| push::push(self.image, Vec::new(), after, draft))
    }

    fn step(&self, verb: &str, action: Action, reason: &str, draft: &mut Draft) -> StepId {
        draft.add(Step {
            id: id(verb, self.image.fingerprint.tag()),
            resource: format!("image {}", self.image.title),
            action,
            after: Vec::new(),
            reasons: vec![reason.to_owned()],
            changes: Vec::new(),
        })
    }
}
