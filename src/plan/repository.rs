//! The project's ECR repository.

use serde_json::json;

use crate::model::{
    Action, Change, Desired, Mutability, Observed, Step, StepId, desired::Repository, observed,
    repository::with_others, value::Shown,
};

use super::{
    attribution,
    builder::{PlanBuilder, id},
    policy, reasons, tags,
};

/// The step that creates or updates the repository, if one is needed; without images of jot's own
/// none is.
pub(super) fn plan(
    desired: &Desired,
    observed: &Observed,
    builder: &mut PlanBuilder,
) -> Option<StepId> {
    let wanted = &desired.repository;
    let (action, reasons, changes) = match &observed.repository {
        None if desired.recipes.is_empty() => return None,
        None => (
            Action::CreateRepository,
            vec!["not in ECR".to_owned()],
            Vec::new(),
        ),
        Some(found) => {
            let changes = changes(wanted, found);
            if changes.is_empty() {
                return None;
            }
            let changes = attribution::repository(changes, wanted, observed);
            let reasons = reasons::sentences(&changes, "ECR");
            (Action::UpdateRepository, reasons, changes)
        }
    };
    Some(builder.add(Step {
        id: id("repository", &wanted.name),
        resource: format!("repository {}", wanted.name),
        action,
        after: Vec::new(),
        reasons,
        changes,
    }))
}

fn changes(wanted: &Repository, found: &observed::Repository) -> Vec<Change> {
    let Repository {
        name: _,
        tags: wanted_tags,
        policy: own_policy,
        lifecycle: wanted_lifecycle,
        mutable_tags,
    } = wanted;
    let mut changes = Vec::new();
    let mut differ = |field: &str, same: bool, old: Shown, new: Shown| {
        if !same {
            changes.push(Change::new(field, old, new));
        }
    };
    let policy = found.policy.as_ref();
    let wanted_policy = with_others(own_policy, policy);
    differ(
        "policy",
        policy.is_some_and(|found| policy::same(&wanted_policy, found)),
        policy.map_or(Shown::Absent, |json| Shown::Value(json.clone())),
        Shown::Value(wanted_policy),
    );
    let lifecycle = found.lifecycle.as_ref();
    differ(
        "lifecycle",
        lifecycle.is_some_and(|found| policy::same_lifecycle(wanted_lifecycle, found)),
        lifecycle.map_or(Shown::Absent, |json| Shown::Value(json.clone())),
        Shown::Value(wanted_lifecycle.clone()),
    );
    let mutability = mutability(mutable_tags);
    differ(
        "mutability",
        found.mutability == mutability,
        Shown::Value(json!(found.mutability)),
        Shown::Value(json!(mutability)),
    );
    differ(
        "mutable_tags",
        found.mutability != mutability
            || same_exceptions(mutable_tags, &found.mutability_exceptions),
        Shown::Value(json!(found.mutability_exceptions)),
        Shown::Value(json!(mutable_tags)),
    );
    changes.extend(tags::missing(wanted_tags, &found.tags));
    changes
}

/// ECR's mode for immutable tags with these exceptions.
///
/// <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutImageTagMutability.html>
fn mutability(mutable_tags: &[String]) -> Mutability {
    if mutable_tags.is_empty() {
        Mutability::Immutable
    } else {
        Mutability::ImmutableWithExclusion
    }
}

/// Whether the exceptions agree.
///
/// ECR has at least one exception in this mode, so a repository that reports none is an emulator's
/// that does not store them; such a difference could never be fixed.
fn same_exceptions(wanted: &[String], found: &[String]) -> bool {
    let sorted = |list: &[String]| {
        let mut list = list.to_vec();
        list.sort();
        list
    };
    found.is_empty() || sorted(wanted) == sorted(found)
}
