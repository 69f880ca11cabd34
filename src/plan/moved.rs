//! Renamed keys: `lifecycle.moved_from`.
//!
//! A Lambda function cannot be renamed. If its name stays, only the ownership tags change; if
//! the name changes with the key, the new function works before the old one is deleted.

use crate::model::{
    Action, Desired, Function, Observed, Step,
    observed::{self, Other},
};

use super::{
    Error,
    builder::PlanBuilder,
    found::found,
    ownership,
    removal::{self, Removal},
};

/// The function that this one was moved from, if it has another name in Lambda and still exists.
pub(super) fn origin<'a>(
    desired: &Desired,
    observed: &'a Observed,
    wanted: &Function,
) -> Option<&'a Other> {
    let from = wanted.lifecycle.moved_from.as_ref()?;
    let target = desired.target.as_deref().unwrap_or_default();
    let mut others = observed.others.iter();
    others.find(|other| other.function == *from && other.target == target)
}

/// Adds the deletion of the former functions, after all that makes the new ones work.
///
/// # Errors
///
/// [`Error::Protected`]: the manifest forbids deleting one.
pub(super) fn plan(
    desired: &Desired,
    observed: &Observed,
    builder: &mut PlanBuilder,
) -> Result<(), Error> {
    for wanted in desired.functions.values() {
        let Some(from) = &wanted.lifecycle.moved_from else {
            continue;
        };
        if let Some(old) = origin(desired, observed, wanted) {
            if old.exists() {
                ownership::unprotected(wanted, &old.name)?;
            }
            if !serves(found(observed, &wanted.key), wanted, builder) {
                let (old, new) = (&old.name, &wanted.name);
                builder.notes.push(format!(
                    "function {old} stays: {new} has no traffic to take over yet"
                ));
                continue;
            }
            replace(desired, wanted, old, builder);
        } else if done(observed, wanted) {
            builder.notes.push(format!(
                "{}: nothing of {from} is left: remove lifecycle.moved_from once that is so in \
                 every target",
                wanted.key
            ));
        }
    }
    Ok(())
}

/// Whether the function has its alias, now or after the plan so far.
fn serves(found: &observed::Function, wanted: &Function, builder: &PlanBuilder) -> bool {
    let sets = |step: &Step| match &step.action {
        Action::SetAlias { function, .. } => *function == wanted.key,
        _ => false,
    };
    let has_alias = found.alias.is_some() || found.from_tags;
    wanted.deploy.alias.is_none() || has_alias || builder.steps.iter().any(sets)
}

/// Whether the function exists only under its new key.
fn done(observed: &Observed, wanted: &Function) -> bool {
    let latest = found(observed, &wanted.key).latest.as_ref();
    latest.is_some_and(|latest| !ownership::moved(wanted, &latest.tags))
}

fn replace(desired: &Desired, wanted: &Function, old: &Other, builder: &mut PlanBuilder) {
    let of_new = |step: &Step| step.action.function() == Some(wanted.key.as_str());
    let after = builder.ends(of_new);
    let reason = format!("it is {} now", wanted.name);
    let removal = Removal {
        other: old,
        after,
        reasons: &[&reason],
    };
    if removal::remove(removal, desired, builder).is_some() {
        builder.notes.push(format!(
            "function {old} is deleted once {new} takes traffic, because Lambda cannot rename a \
             function: this loses its log, its versions and aliases, its URL, its triggers and the \
             permissions to call it; callers must name {new} (`name` and `name_suffix` can keep \
             the old name)",
            old = old.name,
            new = wanted.name,
        ));
    }
}
