//! A plan under construction.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{
    Desired, Given, Observed, Plan, Reference, Slot, Step, StepId, observed,
    plan::{PLAN_FORMAT_VERSION, Purpose, Seen},
    release::{Held, Shift},
    value::Shown,
};

use super::unknown;

/// Steps and notes so far.
///
/// Steps are added after the steps that they depend on: the order of adding is the plan's order.
#[derive(Debug, Default)]
pub(super) struct PlanBuilder {
    /// In an executable order.
    pub steps: Vec<Step>,
    /// In the order in which they were found.
    pub notes: Vec<String>,
    /// Functions, by key, that stay at an earlier release.
    pub held: BTreeMap<String, Held>,
    /// Functions, by key, with traffic that another apply is moving.
    pub shifting: BTreeMap<String, Shift>,
}

impl PlanBuilder {
    /// Adds a step, the last of the plan so far; returns its id.
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

    /// The last steps so far that match `of`: those that no other matching step depends on.
    pub fn ends(&self, of: impl Fn(&Step) -> bool) -> Vec<StepId> {
        let steps: Vec<&Step> = self.steps.iter().filter(|step| of(step)).collect();
        let waited: BTreeSet<&StepId> = steps.iter().flat_map(|step| &step.after).collect();
        let ends = steps.iter().filter(|step| !waited.contains(&step.id));
        ends.map(|step| step.id.clone()).collect()
    }

    /// Hides secret values and adds the notes on unknown ones; returns the plan.
    pub fn finish(mut self, desired: &Desired, observed: &Observed, purpose: Purpose) -> Plan {
        veil(desired, &mut self);
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
            images_from: desired.supply.target().and_then(|one| one.target.clone()),
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

/// Hides both sides of fields with secret values: the present value may be the former secret.
///
/// Resource names that contain a secret show its origin instead.
fn veil(desired: &Desired, builder: &mut PlanBuilder) {
    let named: Vec<(String, String)> = secrets(desired).collect();
    let unnamed = |text: &mut String| {
        for (value, place) in &named {
            if text.contains(value.as_str()) {
                *text = text.replace(value.as_str(), place);
            }
        }
    };
    for step in &mut builder.steps {
        values(desired, step);
        let ids = std::iter::once(&mut step.id).chain(&mut step.after);
        ids.for_each(|id| unnamed(&mut id.0));
        unnamed(&mut step.resource);
        step.reasons.iter_mut().for_each(unnamed);
    }
    builder.notes.iter_mut().for_each(unnamed);
}

/// Secrets that triggers and `aws` take from this machine's environment, and the origin of each.
fn secrets(desired: &Desired) -> impl Iterator<Item = (String, String)> {
    let functions = desired.functions.values();
    let references = functions.flat_map(|function| &function.references);
    let of_triggers = references.filter(|one| matches!(one.slot, Slot::Trigger(..)));
    let all = of_triggers.chain(&desired.aws.reference);
    let all = all.filter(|one| one.is_secret());
    all.filter_map(|one| {
        let value = one.value.as_ref()?.reveal();
        let place = format!("({})", one.origin.as_ref()?);
        (!value.is_empty()).then(|| (value.to_owned(), place))
    })
}

/// Hides the secrets in the fields of a step; a step for several functions is checked against the
/// secrets of all.
fn values(desired: &Desired, step: &mut Step) {
    let key = step.action.function();
    let functions = desired.functions.iter();
    let functions = functions.filter(|(one, _)| key.is_none_or(|key| key == *one));
    let references: Vec<&Reference> = functions
        .flat_map(|(_, wanted)| &wanted.references)
        .filter(|one| one.is_secret())
        .collect();
    let secret = |field: &str| references.iter().any(|one| is_of(one, &step.id, field));
    let holds = |side: &Shown| match side {
        Shown::Value(value) => {
            let text = value.to_string();
            let known = references.iter().filter_map(|one| one.value.as_ref());
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

/// Whether the field of the step shows the value of this reference.
fn is_of(reference: &Reference, step: &StepId, field: &str) -> bool {
    let Slot::Trigger(name, key) = &reference.slot else {
        return reference.slot.field() == field;
    };
    let shown = key
        .fields()
        .contains(&field.rsplit('.').next().unwrap_or_default());
    let of_trigger = step.0.ends_with(&format!("/{name}")) && step.0.starts_with("trigger:");
    let of_bucket = step.0.starts_with("notify:") && field.contains(&format!(".{name}."));
    let of_statement = field == format!("{}.{name}", reference.slot.word());
    of_statement || (shown && (of_trigger || of_bucket))
}

fn seen(observed: &Observed) -> Seen {
    let latest =
        |(key, found): (&String, &observed::Function)| Some((key.clone(), found.latest.clone()?));
    Seen::new(observed.functions.iter().filter_map(latest).collect())
}

/// The id of a step: `push:1f2e3d4c5b6a7988`.
pub(super) fn id(verb: &str, what: &str) -> StepId {
    StepId(format!("{verb}:{what}"))
}
