//! The step that sends an image or archive to ECR.

use crate::model::{Action, Recipe, Step, StepId};

use super::builder::{self, PlanBuilder};

/// The id of the step that pushes an image.
pub(super) fn id(image: &Recipe) -> StepId {
    builder::id("push", image.fingerprint.tag())
}

/// Adds the push of an image that ECR lacks.
pub(super) fn push(
    image: &Recipe,
    extra_tags: Vec<String>,
    after: Vec<StepId>,
    builder: &mut PlanBuilder,
) -> StepId {
    builder.add(Step {
        id: id(image),
        resource: format!("image {}", image.title),
        action: Action::Push {
            image: image.fingerprint.clone(),
            extra_tags,
        },
        after,
        reasons: vec!["not in ECR".to_owned()],
        changes: Vec::new(),
    })
}
