//! Shared by the first and the last steps of schedules: which functions are called, and which the
//! role may call.

use std::collections::BTreeSet;

use serde_json::json;

use crate::model::{
    Change, Desired, Function, Observed, Push, observed::Role, reach::Destination,
    scheduler::functions, value::Shown,
};

use crate::plan::{found::found, managed::Key};

/// The functions that the role may call, as a field of a plan.
pub(super) fn calling(before: Option<&BTreeSet<String>>, after: &BTreeSet<String>) -> Change {
    let old = before.map_or(Shown::Absent, |before| Shown::Value(json!(before)));
    Change::new("calls", old, Shown::Value(json!(after)))
}

pub(super) fn called_by(role: &Role) -> BTreeSet<String> {
    role.inline.as_ref().map(functions).unwrap_or_default()
}

/// The functions that the manifest schedules, by the ARNs that schedules call.
pub(super) fn called(desired: &Desired, observed: &Observed) -> BTreeSet<String> {
    let functions = desired.functions.values();
    let scheduled = functions.filter(|wanted| {
        let mut pushes = wanted.reach.pushes.values();
        let any = pushes.any(|one| matches!(one.push, Push::Schedule(_)));
        any && !is_left(wanted, observed)
    });
    let arn = |wanted: &Function| {
        let function = Destination::Function {
            key: wanted.key.clone(),
            name: wanted.name.clone(),
            alias: wanted.deploy.alias.clone(),
        };
        function.arn(&observed.region, &observed.account)
    };
    scheduled.map(arn).collect()
}

/// Whether the triggers of an existing function are left to others.
pub(super) fn is_left(wanted: &Function, observed: &Observed) -> bool {
    let exists = found(observed, &wanted.key).latest.is_some();
    exists && wanted.lifecycle.ignores(Key::Triggers.word())
}
