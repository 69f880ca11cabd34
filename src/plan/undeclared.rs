//! Functions that jot made for this target and that the manifest no longer declares.

use crate::model::{Desired, Observed, desired::Undeclared, observed::Other};

use super::{
    builder::PlanBuilder,
    moved, ownership,
    removal::{self, Removal},
};

/// Adds the deletion of every undeclared function, after everything else, if asked for; otherwise a
/// note.
///
/// A selection on the command line does not affect what it leaves out.
pub(super) fn plan(desired: &Desired, observed: &Observed, builder: &mut PlanBuilder) {
    if !desired.whole {
        return;
    }
    let after = builder.ends(|_| true);
    for other in undeclared(desired, observed) {
        match desired.undeclared {
            _ if adopted(other) => builder.notes.push(kept(other)),
            Undeclared::Keep => builder.notes.push(note(other)),
            Undeclared::Delete => {
                let removal = Removal {
                    other,
                    after: after.clone(),
                    reasons: &["not in the manifest"],
                };
                removal::remove(removal, desired, builder);
            }
        }
    }
}

/// Whether the function existed before jot, and was adopted.
pub(super) fn adopted(other: &Other) -> bool {
    let tags = other
        .belongings
        .as_ref()
        .and_then(|belongings| belongings.tags.as_ref());
    tags.is_some_and(ownership::adopted)
}

/// The note that an adopted function is not deleted, whatever the command line asks for.
fn kept(other: &Other) -> String {
    let Other { name, function, .. } = other;
    let key = key_of(other);
    format!(
        "function {name}{key} is not in the manifest. It stays with its role and log group, also \
         with `--delete-undeclared`: it existed before jot and was adopted; `jot destroy --adopted \
         {function}` deletes it"
    )
}

/// The key of a function that has another name.
fn key_of(other: &Other) -> String {
    let Other { name, function, .. } = other;
    match function == name {
        true => String::new(),
        false => format!(" (key {function})"),
    }
}

/// Functions of this target that match no present or former key of the manifest.
pub(super) fn undeclared<'a>(
    desired: &'a Desired,
    observed: &'a Observed,
) -> impl Iterator<Item = &'a Other> {
    let target = desired.target.as_deref().unwrap_or_default();
    let moved = desired.functions.values();
    let moved: Vec<&Other> = moved
        .filter_map(|wanted| moved::origin(desired, observed, wanted))
        .collect();
    let others = observed.others.iter();
    others.filter(move |other| other.target == target && !moved.contains(other))
}

fn note(other: &Other) -> String {
    let Other { name, function, .. } = other;
    let key = key_of(other);
    if !other.exists() {
        return format!(
            "log group /aws/lambda/{name}{key} belonged to a function that no longer exists: `jot \
             apply --delete-undeclared` deletes it"
        );
    }
    format!(
        "function {name}{key} is not in the manifest: `jot apply --delete-undeclared` deletes it \
         with its role and log group; `lifecycle.moved_from = \"{function}\"` says which function \
         it became"
    )
}
