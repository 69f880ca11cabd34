//! Functions that take traffic untested.

use std::collections::BTreeSet;

use crate::model::{Action, Desired};

use super::builder::PlanBuilder;

/// How many functions are named.
const NAMED: usize = 5;

/// Adds a note on the functions that have no tests and get other code or settings in the plan.
pub(super) fn note(desired: &Desired, builder: &mut PlanBuilder) {
    let steps = builder.steps.iter().filter(|step| changes(&step.action));
    let changed: BTreeSet<&str> = steps.filter_map(|step| step.action.function()).collect();
    let untested = desired
        .functions
        .values()
        .filter(|wanted| wanted.tests.is_empty() && changed.contains(wanted.key.as_str()));
    let names: Vec<&str> = untested.map(|wanted| wanted.name.as_str()).collect();
    let note = match names.as_slice() {
        [] => return,
        [name] => {
            format!("function {name}: no tests, so nothing checks it before it takes traffic")
        }
        names => {
            let (named, more) = names.split_at(names.len().min(NAMED));
            let more = match more.len() {
                0 => String::new(),
                number => format!(" and {number} more"),
            };
            let named = named.join(", ");
            format!(
                "functions {named}{more}: no tests, so nothing checks them before they take traffic"
            )
        }
    };
    builder.notes.push(note);
}

/// Whether an action changes what takes traffic.
fn changes(action: &Action) -> bool {
    matches!(
        action,
        Action::CreateFunction { .. }
            | Action::ReplaceFunction { .. }
            | Action::UpdateCode { .. }
            | Action::UpdateConfig { .. }
            | Action::PublishVersion { .. }
    )
}
