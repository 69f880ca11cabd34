//! What the parts of a function's reach share: where they act, and what to do with each.

use std::collections::BTreeMap;

use crate::model::{Action, Change, Desired, Observed, Step, StepId, reach::Destination};

use crate::plan::{
    builder::{PlanBuilder, id},
    context::FunctionContext,
    managed::{self, Key},
    reasons,
};

/// Where a plan acts, and results of its other functions.
pub(in crate::plan) struct Around<'a> {
    pub region: &'a str,
    pub account: &'a str,
    /// Everything that is wanted.
    pub desired: &'a Desired,
    /// The steps after which a function answers as it should, by key; absent if it does not get
    /// an alias.
    pub settled: &'a BTreeMap<&'a str, Vec<StepId>>,
    /// The steps that schedules wait for: those of their group and role.
    pub scheduled: &'a [StepId],
}

impl<'a> Around<'a> {
    /// The context of a plan for `desired`.
    pub fn new(
        desired: &'a Desired,
        observed: &'a Observed,
        (settled, scheduled): (&'a BTreeMap<&'a str, Vec<StepId>>, &'a [StepId]),
    ) -> Self {
        Self {
            region: &observed.region,
            account: &observed.account,
            desired,
            settled,
            scheduled,
        }
    }

    /// The destination of this ARN as the manifest writes it: a declared function by its key.
    pub fn destination(&self, arn: &str) -> Destination {
        let mut functions = self.desired.functions.values();
        let function = functions.find_map(|one| {
            let function = Destination::Function {
                key: one.key.clone(),
                name: one.name.clone(),
                alias: one.deploy.alias.clone(),
            };
            (function.arn(self.region, self.account) == arn).then_some(function)
        });
        function.unwrap_or_else(|| Destination::Arn(arn.to_owned()))
    }

    /// Whether a function can be called: its alias exists or is created.
    ///
    /// Unknown for functions outside the selection.
    pub fn answers(&self, key: &str) -> bool {
        self.settled.contains_key(key) || !self.desired.functions.contains_key(key)
    }
}

/// Whether its alias exists after the steps so far, or it belongs to the function itself.
///
/// A function that is known only from its tags counts as one with its alias.
pub(in crate::plan) fn has_alias(context: &FunctionContext, builder: &PlanBuilder) -> bool {
    let step = id("alias", &context.wanted.key);
    context.wanted.deploy.alias.is_none()
        || context.found.alias.is_some()
        || context.found.from_tags
        || builder.steps.iter().any(|one| one.id == step)
}

/// What to do with something that the manifest may have.
pub(super) enum Intent<'a, T> {
    /// Not managed, or left to others by `lifecycle.ignore`: no step.
    Leave,
    /// It left the manifest: delete it.
    Reset,
    /// Make it like this.
    Set(&'a T),
}

pub(super) fn intent<'a, T>(
    context: &FunctionContext,
    key: Key,
    wanted: Option<&'a T>,
) -> Intent<'a, T> {
    let Some(latest) = &context.found.latest else {
        return wanted.map_or(Intent::Leave, Intent::Set);
    };
    match wanted {
        Some(_) if context.wanted.lifecycle.ignores(key.word()) => Intent::Leave,
        Some(wanted) => Intent::Set(wanted),
        None if managed::left(context.wanted, &latest.tags).contains(&key) => Intent::Reset,
        None => Intent::Leave,
    }
}

/// A step of the function for this part.
pub(super) fn step(
    context: &FunctionContext,
    verb: &str,
    action: Action,
    (after, changes): (Vec<StepId>, Vec<Change>),
) -> Step {
    let is_new = context.found.latest.is_none();
    Step {
        id: id(verb, &context.wanted.key),
        resource: format!("function {}", context.wanted.name),
        action,
        after,
        reasons: match is_new {
            true => vec!["a new function has none".to_owned()],
            false => reasons::sentences(&changes, "Lambda"),
        },
        changes,
    }
}
