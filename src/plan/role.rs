//! The execution role of a function.

use serde_json::json;

use crate::model::{
    Action, Change, Function, Origin, RoleChoice, Slot, Step, StepId,
    desired::Role,
    observed,
    plan::Inline,
    value::{Shown, Value},
};

use super::{
    Error,
    attribution::Attribution,
    builder::{PlanBuilder, id},
    context::Outcome,
    managed::{self, Key},
    ownership, policy, reasons,
    record::{self, Record},
    tags,
};

/// What to do with a function's role.
///
/// Policies are attached first; detaching waits, see [`detach`].
///
/// # Errors
///
/// The manifest names a role that does not exist.
pub(super) fn plan(
    wanted: &Function,
    found: &observed::Function,
    builder: &mut PlanBuilder,
) -> Result<Outcome, Error> {
    match (&wanted.role, &found.role) {
        (RoleChoice::Given(arn), _) if arn.starts_with("arn:") => Ok(given(arn)),
        (RoleChoice::Given(_), Some(found)) => Ok(given(&found.arn)),
        (RoleChoice::From(origin), _) => Ok(unknown(found, origin)),
        (RoleChoice::Given(name), None) => Err(Error::RoleMissing {
            role: name.clone(),
            key: wanted.key.clone(),
        }),
        (RoleChoice::Own(role), None) => Ok(create(wanted, role, builder)),
        (RoleChoice::Own(role), Some(existing)) => {
            Ok(update(wanted, role, found, existing, builder))
        }
    }
}

fn given(arn: &str) -> Outcome {
    Outcome {
        arn: Value::Known(arn.to_owned()),
        awaited: None,
        ready: None,
        detach: Vec::new(),
        inline: None,
    }
}

/// A role that is not resolved: a function keeps the one that it has.
///
/// None is created, whatever its ARN is.
fn unknown(found: &observed::Function, origin: &Origin) -> Outcome {
    let existing = found.latest.as_ref().map(|latest| latest.role.clone());
    Outcome {
        arn: Value::Known(existing.unwrap_or_default()),
        awaited: Some(origin.awaited()),
        ready: None,
        detach: Vec::new(),
        inline: None,
    }
}

fn create(wanted: &Function, role: &Role, builder: &mut PlanBuilder) -> Outcome {
    let step = builder.add(Step {
        id: id("role", &wanted.key),
        resource: format!("role {}", role.name),
        action: Action::CreateRole {
            function: wanted.key.clone(),
        },
        after: Vec::new(),
        reasons: vec!["not in IAM".to_owned()],
        changes: role
            .policies
            .iter()
            .map(|arn| attached(arn))
            .chain(written(role.inline.as_ref(), None))
            .chain(bounded(role.boundary.as_ref(), None))
            .collect(),
    });
    Outcome {
        arn: Value::From(step.clone()),
        awaited: None,
        ready: Some(step),
        detach: Vec::new(),
        inline: None,
    }
}

fn update(
    wanted: &Function,
    role: &Role,
    found: &observed::Function,
    existing: &observed::Role,
    builder: &mut PlanBuilder,
) -> Outcome {
    // A role cannot change its name or path: another name means another role.
    let Role {
        name,
        path: _,
        trust,
        policies,
        inline,
        boundary,
        tags,
    } = role;
    let attach: Vec<String> = beyond(policies, &existing.policies);
    let trust_differs = !policy::same(trust, &existing.trust);
    let missing = tags::missing(&wanted.lifecycle.managed_tags(tags), &existing.tags);
    let tags_differ = !missing.is_empty();
    let mut changes: Vec<Change> = attach.iter().map(|arn| attached(arn)).collect();
    if trust_differs {
        changes.push(Change::new(
            record::TRUST,
            Shown::Value(existing.trust.clone()),
            Shown::Value(trust.clone()),
        ));
    }
    let theirs = wanted.lifecycle.ignores(Key::PolicyFile.word());
    let put = written(
        inline.as_ref().filter(|_| !theirs),
        existing.inline.as_ref(),
    );
    let puts = put.as_ref().map(|_| Inline::Put);
    changes.extend(put);
    let bound = bound(wanted, found, boundary.as_ref(), existing);
    let bounds = bound.as_ref().map(|_| match boundary {
        Some(_) => Inline::Put,
        None => Inline::Delete,
    });
    changes.extend(bound);
    changes.extend(missing);
    let changes = attributed(wanted, found, changes, existing);
    let ready = (!changes.is_empty()).then(|| {
        builder.add(Step {
            id: id("role", &wanted.key),
            resource: format!("role {name}"),
            action: Action::UpdateRole {
                function: wanted.key.clone(),
                arn: existing.arn.clone(),
                attach,
                detach: Vec::new(),
                trust: trust_differs,
                tags: tags_differ,
                inline: puts,
                boundary: bounds,
            },
            after: Vec::new(),
            reasons: match ownership::moved(wanted, &existing.tags) {
                true => vec![reasons::MOVED.to_owned()],
                false => reasons::sentences(&changes, "IAM"),
            },
            changes,
        })
    });
    Outcome {
        arn: Value::Known(existing.arn.clone()),
        awaited: None,
        ready,
        detach: match lacks_policies(wanted) {
            true => Vec::new(),
            false => beyond(&existing.policies, policies),
        },
        inline: match inline {
            None if !theirs => existing.inline.clone(),
            _ => None,
        },
    }
}

/// The step that detaches what the role no longer needs.
///
/// It comes after the function's other steps: until the alias moves, and for good if a gate fails,
/// the old version serves and may need its policies.
pub(super) fn detach(
    wanted: &Function,
    found: &observed::Function,
    role: &Outcome,
    after: Vec<StepId>,
    builder: &mut PlanBuilder,
) -> Option<StepId> {
    let (RoleChoice::Own(Role { name, .. }), Value::Known(arn), Some(existing)) =
        (&wanted.role, &role.arn, &found.role)
    else {
        return None;
    };
    if role.detach.is_empty() && role.inline.is_none() {
        return None;
    }
    let detached = |arn: &String| Change::new("policies", Shown::Value(json!(arn)), Shown::Absent);
    let deleted = |policy: &serde_json::Value| {
        let old = Shown::Value(policy.clone());
        Change::new(Key::PolicyFile.word(), old, Shown::Absent)
    };
    let deleted = role.inline.iter().map(deleted);
    let changes = role.detach.iter().map(detached).chain(deleted).collect();
    let changes = attributed(wanted, found, changes, existing);
    Some(builder.add(Step {
        id: id("detach", &wanted.key),
        resource: format!("role {name}"),
        action: Action::UpdateRole {
            function: wanted.key.clone(),
            arn: arn.clone(),
            attach: Vec::new(),
            detach: role.detach.clone(),
            trust: false,
            tags: false,
            inline: role.inline.as_ref().map(|_| Inline::Delete),
            boundary: None,
        },
        after,
        reasons: reasons::sentences(&changes, "IAM"),
        changes,
    }))
}

/// The change of the inline policy, if the wanted and the existing one mean different things.
fn written(
    wanted: Option<&serde_json::Value>,
    existing: Option<&serde_json::Value>,
) -> Option<Change> {
    let wanted = wanted?;
    if existing.is_some_and(|existing| policy::same(wanted, existing)) {
        return None;
    }
    Some(Change::new(
        Key::PolicyFile.word(),
        existing.map_or(Shown::Absent, |json| Shown::Value(json.clone())),
        Shown::Value(wanted.clone()),
    ))
}

/// The change of an existing role's permissions boundary: to the wanted one, or to none if the
/// key left the manifest.
///
/// A boundary that the manifest never had is not managed.
fn bound(
    wanted: &Function,
    found: &observed::Function,
    boundary: Option<&String>,
    existing: &observed::Role,
) -> Option<Change> {
    if wanted.lifecycle.ignores(Key::Boundary.word()) {
        return None;
    }
    let tags = found.latest.as_ref().map(|latest| &latest.tags);
    // An unknown boundary is not compared.
    if boundary.is_none() && wanted.takes(Key::Boundary.word()) {
        return None;
    }
    let left = |tags| managed::left(wanted, tags).contains(&Key::Boundary);
    match boundary {
        None if !tags.is_some_and(left) => None,
        _ => bounded(boundary, existing.boundary.as_ref()),
    }
}

fn bounded(wanted: Option<&String>, existing: Option<&String>) -> Option<Change> {
    let side = |arn: Option<&String>| arn.map_or(Shown::Absent, |arn| Shown::Value(json!(arn)));
    (wanted != existing).then(|| Change::new(Key::Boundary.word(), side(existing), side(wanted)))
}

/// The changes with their causes.
fn attributed(
    wanted: &Function,
    found: &observed::Function,
    changes: Vec<Change>,
    existing: &observed::Role,
) -> Vec<Change> {
    let record = Record::of(found.latest.as_ref());
    let attribution = Attribution::new(wanted, &record);
    attribution.role_changes(changes, existing)
}

fn attached(arn: &str) -> Change {
    Change::new("policies", Shown::Absent, Shown::Value(json!(arn)))
}

/// Whether one of the policies is unknown: then it is unknown which of the attached ones are
/// unwanted.
fn lacks_policies(wanted: &Function) -> bool {
    let mut references = wanted.references.iter();
    references.any(|one| matches!(one.slot, Slot::Policy(_)) && one.unknown().is_some())
}

/// What is in the one and not in the other.
fn beyond(one: &[String], other: &[String]) -> Vec<String> {
    one.iter()
        .filter(|arn| !other.contains(arn))
        .cloned()
        .collect()
}
