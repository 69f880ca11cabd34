//! Which images exist, locally and in ECR.

use crate::model::{
    Desired, Digest, Fingerprint, Form, Function, Observed, Recipe,
    observed::{Docker, LocalImage, RemoteImage},
};

use super::Error;

#[derive(Clone, Copy)]
pub(super) struct Stock<'a> {
    pub desired: &'a Desired,
    pub observed: &'a Observed,
}

impl<'a> Stock<'a> {
    /// The recipe of an image that a function needs: its own, or its base.
    ///
    /// # Errors
    ///
    /// [`Error::NoRecipe`]
    pub fn recipe(&self, function: &Function, image: &Fingerprint) -> Result<&'a Recipe, Error> {
        let recipe = self.desired.recipes.get(image);
        recipe.ok_or_else(|| Error::NoRecipe {
            key: function.key.clone(),
        })
    }

    /// The image in ECR, under its fingerprint's tag.
    pub fn remote(&self, image: &Fingerprint) -> Option<&'a RemoteImage> {
        self.observed.repository.as_ref()?;
        self.observed.images.get(image.tag())
    }

    /// The code that Lambda receives for an artifact in ECR: the digest of an image, or that of an
    /// archive's bytes.
    pub fn code(&self, artifact: &Recipe) -> Option<&'a Digest> {
        let remote = self.remote(&artifact.fingerprint)?;
        match artifact.form {
            Form::Image => Some(&remote.digest),
            Form::Zip => {
                let archive = self.observed.archives.get(artifact.fingerprint.tag())?;
                Some(&archive.code)
            }
        }
    }

    /// The image in the local Docker.
    pub fn local(&self, image: &Fingerprint) -> Option<&'a LocalImage> {
        match &self.observed.docker {
            Docker::Absent(_) => None,
            Docker::Present { images, .. } => images.get(image),
        }
    }

    /// Whether the local Docker holds an image of the recipe on the right base.
    ///
    /// If ECR has the base, that one is right, because its dependencies were resolved for it.
    pub fn built(&self, image: &Recipe) -> bool {
        let Some(local) = self.local(&image.fingerprint) else {
            return false;
        };
        let (Some(base), Some(under)) = (&image.base, &local.base) else {
            return true;
        };
        match (self.remote(base), self.local(base)) {
            (Some(remote), Some(base)) => base.is(&remote.digest) && base.id == *under,
            (Some(_), None) => false,
            (None, Some(base)) => base.id == *under,
            (None, None) => true,
        }
    }

    /// Checks that Docker answers, if one of these images needs it.
    ///
    /// # Errors
    ///
    /// [`Error::DockerAbsent`]
    pub fn check_docker(&self, missing: &[&str]) -> Result<(), Error> {
        match &self.observed.docker {
            Docker::Absent(why) if !missing.is_empty() => Err(Error::DockerAbsent {
                need: format!("build, test and push {} (not in ECR)", missing.join(", ")),
                why: why.clone(),
            }),
            _ => Ok(()),
        }
    }

    /// Checks that the local Docker can build and run the image.
    ///
    /// # Errors
    ///
    /// [`Error::Platform`]: the image contains code compiled for a platform that the daemon only
    /// emulates.
    pub fn check_platform(&self, recipe: &Recipe) -> Result<(), Error> {
        match &self.observed.docker {
            Docker::Present { platform, .. } if recipe.native && *platform != recipe.platform => {
                Err(Error::Platform {
                    title: recipe.title.clone(),
                    platform: recipe.platform.clone(),
                    daemon: platform.clone(),
                    portable: self.portable(recipe),
                })
            }
            _ => Ok(()),
        }
    }

    /// What to set for a function with this recipe, or one built on it, so that nothing is compiled
    /// for one platform.
    fn portable(&self, recipe: &Recipe) -> Option<String> {
        let fingerprint = &recipe.fingerprint;
        let runs = |function: &&Function| {
            let own = function
                .code
                .recipe()
                .and_then(|own| self.desired.recipes.get(own));
            own.is_some_and(|own| {
                own.fingerprint == *fingerprint || own.base.as_ref() == Some(fingerprint)
            })
        };
        let user = self.desired.functions.values().find(runs)?;
        user.hints.portable.clone()
    }
}
