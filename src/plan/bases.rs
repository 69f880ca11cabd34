//! Base images: what responders are built on, pushed before them so that a later change pushes one small layer.

use crate::model::{Action, Recipe, Step, StepId};

use super::{
    Error,
    draft::{Draft, id},
    images::push,
    stock::Stock,
};

/// A base image under responders that ECR does not hold.
pub(super) struct Base<'a> {
    /// Its recipe.
    pub image: &'a Recipe,
    /// Whether a responder must still be built on it.
    pub needed: bool,
    /// The step that makes it local.
    pub local: Option<StepId>,
    /// The local gates of the responders over it.
    pub gates: Vec<StepId>,
    /// Its push.
    pub push: Option<StepId>,
}

impl<'a> Base<'a> {
    /// A base that nothing needs yet.
    pub fn new(image: &'a Recipe) -> Self {
        Self {
            image,
            needed: false,
            local: None,
            gates: Vec::new(),
            push: None,
        }
    }

    /// Makes the base local if it must be built on: by a pull where ECR holds it, since only then the layers under the
    /// responder are those that ECR has already; else by a build.
    ///
    /// # Errors
    /// The daemon's platform cannot build it.
    pub fn fetch(&mut self, stock: Stock<'_>, draft: &mut Draft) -> Result<(), Error> {
        if !self.needed {
            return Ok(());
        }
        let local = stock.local(&self.image.fingerprint);
        let Some(remote) = stock.remote(&self.image.fingerprint) else {
            if local.is_none() {
                self.local = Some(self.build(stock, draft)?);
            }
            return Ok(());
        };
        let reason = match local {
            Some(local) if local.is(&remote.digest) => return Ok(()),
            Some(_) => "the local image is another one than ECR's",
            None => "in ECR, not in the local docker",
        };
        let action = Action::Pull {
            image: self.image.fingerprint.clone(),
            digest: remote.digest.clone(),
        };
        self.local = Some(self.step("pull", action, reason, draft));
        Ok(())
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
    /// built on another one.
    pub fn push(&mut self, stock: Stock<'_>, repository: Option<&StepId>, draft: &mut Draft) {
        let here = self.needed || stock.local(&self.image.fingerprint).is_some();
        if stock.remote(&self.image.fingerprint).is_some() || !here {
            return;
        }
        let after = repository.into_iter().chain(&self.local).chain(&self.gates);
        self.push = Some(push(
            self.image,
            Vec::new(),
            after.cloned().collect(),
            draft,
        ));
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
