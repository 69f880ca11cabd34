//! A plan while it is being made.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{
    Desired, Given, Observed, Plan, Step, StepId, observed,
    plan::{PLAN_FORMAT_VERSION, Purpose, Seen},
    release::{Held, Shift},
    value::Shown,
};

use super::unknown;

/// Steps and notes so far. Whoever adds a step adds those that it needs first: the order of adding is the plan's.
#[derive(Debug, Default)]
pub(super) struct Draft {
    /// In an order in which they can be done.
    pub steps: Vec<Step>,
    /// In the order of finding.
    pub notes: Vec<String>,
    /// Functions, by key, that stay at an earlier release.
    pub held: BTreeMap<String, Held>,
    /// Functions, by key, whose traffic another apply is moving.
    pub shifting: BTreeMap<String, Shift>,
}

impl Draft {
    /// The name of the step, which is now the plan's last.
    pub fn add(&mut self, mut step: Step) -> StepId {
        let mut seen = Vec::new();
        step.after.retain(|id| {
            let fresh = !seen.contains(id);
            seen.push(id.clone());
            fresh
        });
        let id = step.id.clone();
        self.steps.push(step);
        id
    }

    /// The last of the steps so far that are `of` something: no further one of them comes after these.
    pub fn ends(&self, of: impl Fn(&Step) -> bool) -> Vec<StepId> {
        let steps: Vec<&Step> = self.steps.iter().filter(|step| of(step)).collect();
        let waited: BTreeSet<&StepId> = steps.iter().flat_map(|step| &step.after).collect();
        let ends = steps.iter().filter(|step| !waited.contains(&step.id));
        ends.map(|step| step.id.clone()).collect()
    }

    /// The plan of these steps.
    pub fn finish(mut self, desired: &Desired, observed: &Observed, purpose: Purpose) -> Plan {
        self.steps.iter_mut().for_each(|step| veil(desired, step));
        let mut notes = self.notes;
        notes.extend(unknown::notes(desired, observed, purpose));
        Plan {
            format_version: PLAN_FORMAT_VERSION,
            jot_version: env!("CARGO_PKG_VERSION").to_owned(),
            project: desired.project.clone(),
            target: desired.target.clone(),
            account: observed.account.clone(),
            region: observed.region.clone(),
            purpose,
            undeclared: desired.undeclared,
            retry: desired.retry,
            unknown: unknown::needed(desired, &self.steps),
            unread: unknown::unread(desired, observed, &self.steps),
            steps: self.steps,
            notes,
            held: self.held,
            shifting: self.shifting,
            seen: seen(observed),
        }
    }
}

/// Hides both sides of fields whose values are secret: what is there may be the secret of before.
fn veil(desired: &Desired, step: &mut Step) {
    let function = step.action.function();
    let wanted = function.and_then(|key| desired.functions.get(key));
    let references = wanted.map_or(&[][..], |wanted| &wanted.references);
    let secrets: Vec<_> = references.iter().filter(|one| one.is_secret()).collect();
    let secret = |field: &str| secrets.iter().any(|one| one.slot.field() == field);
    let holds = |side: &Shown| match side {
        Shown::Value(value) => {
            let text = value.to_string();
            let known = secrets.iter().filter_map(|one| one.value.as_ref());
            let mut known = known.map(Given::reveal).filter(|value| !value.is_empty());
            known.any(|value| text.contains(value))
        }
        _ => false,
    };
    for change in &mut step.changes {
        let whole = secret(&change.field);
        for side in [&mut change.old, &mut change.new] {
            if holds(side) || (whole && matches!(side, Shown::Value(_))) {
                *side = Shown::Sensitive;
            }
        }
    }
}

fn seen(observed: &Observed) -> Seen {
    let latest =
        |(key, found): (&String, &observed::Function)| Some((key.clone(), found.latest.clone()?));
    Seen::new(observed.functions.iter().filter_map(latest).collect())
}

/// The name of a step: `push:1f2e3d4c5b6a7988`.
pub(super) fn id(verb: &str, what: &str) -> StepId {
    StepId(format!("{verb}:{what}"))
}
