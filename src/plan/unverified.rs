//! What a plan takes from the tags on functions without verifying it.
//!
//! Above 50 functions not everything is requested, see
//! [`Function::from_tags`](crate::model::observed::Function::from_tags).

use std::collections::BTreeSet;

use crate::model::{Desired, Observed, Plan};

use super::builder::PlanBuilder;

/// The functions, by key, that a plan changes on the evidence of tags alone.
///
/// They must be observed directly before the plan is shown or executed.
pub fn unverified(plan: &Plan, observed: &Observed) -> BTreeSet<String> {
    let functions = plan.steps.iter().filter_map(|step| step.action.function());
    let from_tags = |key: &&str| {
        observed
            .functions
            .get(*key)
            .is_some_and(|one| one.from_tags)
    };
    functions.filter(from_tags).map(str::to_owned).collect()
}

/// Notes what was not requested, in one line for all functions.
pub(super) fn note(desired: &Desired, observed: &Observed, builder: &mut PlanBuilder) {
    let keys = desired.functions.keys();
    let found = keys.filter_map(|key| observed.functions.get(key));
    let count = found.filter(|one| one.from_tags).count();
    if count > 0 {
        let mut functions = desired.functions.values();
        let updates = functions.clone().any(|one| one.runtime_update.is_some());
        let loops = functions.clone().any(|one| one.recursive_loop.is_some());
        let reach = functions.any(|one| !one.reach.is_empty());
        let mut what = vec!["alias", "state", "image", "reserved executions"];
        what.extend(updates.then_some("runtime updates"));
        what.extend(loops.then_some("recursive loops"));
        what.extend(reach.then_some("callers and destinations"));
        let last = what.pop().unwrap_or_default();
        let what = what.join(", ");
        builder.notes.push(format!(
            "{what} and {last} of {count} functions: taken from tags, `--refresh` asks AWS"
        ));
    }
}
