//! Settings of asynchronous calls of a function.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-configuring.html>

use serde_json::json;

use crate::model::{
    Action, Cause, Change, StepId,
    reach::{Asynchronous, Destination},
    value::Shown,
};

use super::shared::{Around, Intent, intent, step};
use crate::plan::{builder::PlanBuilder, context::FunctionContext, managed::Key, record};

/// What to do with the configuration.
enum Fate {
    Stay,
    /// Go back to Lambda's defaults.
    Reset,
    /// Set this, with every destination by its ARN.
    Set(Asynchronous<String>),
}

/// The ARNs of the destinations that the role needs to reach.
pub(super) fn destinations(context: &FunctionContext, around: &Around) -> Vec<String> {
    let current = context.found.reach.asynchronous.clone();
    let one = match fate(context, around) {
        Fate::Stay => current,
        Fate::Reset => None,
        Fate::Set(wanted) => Some(wanted),
    };
    one.iter()
        .flat_map(|one| one.destinations().cloned())
        .collect()
}

fn fate(context: &FunctionContext, around: &Around) -> Fate {
    let declared = context.wanted.reach.asynchronous.as_ref();
    match intent(context, Key::Async, declared) {
        Intent::Leave => Fate::Stay,
        Intent::Reset => Fate::Reset,
        Intent::Set(wanted) if wanted.destinations().any(Destination::is_unknown) => Fate::Stay,
        Intent::Set(wanted) if called(wanted).any(|key| !around.answers(key)) => Fate::Stay,
        Intent::Set(wanted) => Fate::Set(wanted.map(|to| to.arn(around.region, around.account))),
    }
}

/// The step that configures it, or goes back to Lambda's defaults.
///
/// A called function has its alias before.
pub(super) fn plan(
    context: &FunctionContext,
    around: &Around,
    after: &[StepId],
    builder: &mut PlanBuilder,
) -> Option<StepId> {
    let current = context.found.reach.asynchronous.as_ref();
    let declared = context.wanted.reach.asynchronous.iter();
    let called: Vec<&str> = declared.flat_map(called).collect();
    let wanted = match fate(context, around) {
        Fate::Stay => {
            if let Some(key) = called.iter().find(|key| !around.answers(key)) {
                let name = &context.wanted.name;
                builder.notes.push(format!(
                    "function {name}: its outcomes go to {key} once that function has its alias"
                ));
            }
            return None;
        }
        Fate::Reset => None,
        Fate::Set(wanted) => Some(wanted),
    };
    if wanted.as_ref() == current {
        return None;
    }
    let function = context.wanted.key.clone();
    let action = match &wanted {
        Some(config) => Action::SetAsync {
            function,
            config: config.clone(),
        },
        None => Action::ResetAsync { function },
    };
    let mut after = after.to_vec();
    let first = called.iter().filter_map(|key| around.settled.get(key));
    after.extend(first.flatten().cloned());
    let declared = context.wanted.reach.asynchronous.as_ref();
    let text = current.map(|current| {
        let one = current.map(|arn| as_declared(declared, arn, around).written());
        record::text(&json!(one))
    });
    let cause = context.attribution().key(Key::Async, text);
    let changes = changes(cause, current, wanted.as_ref());
    Some(builder.add(step(context, "async", action, (after, changes))))
}

/// An existing destination as the manifest writes it.
fn as_declared(declared: Option<&Asynchronous>, arn: &str, around: &Around) -> Destination {
    let mut declared = declared.into_iter().flat_map(Asynchronous::destinations);
    let taken = declared.find(|to| match to {
        Destination::From { arn: known, .. } => known.as_deref() == Some(arn),
        _ => false,
    });
    taken.cloned().unwrap_or_else(|| around.destination(arn))
}

/// The keys of the functions that receive results.
fn called(wanted: &Asynchronous) -> impl Iterator<Item = &str> {
    wanted.destinations().filter_map(|to| match to {
        Destination::Function { key, .. } => Some(key.as_str()),
        Destination::Arn(_) | Destination::From { .. } => None,
    })
}

/// Every field that differs, with its cause.
fn changes(
    cause: Cause,
    current: Option<&Asynchronous<String>>,
    wanted: Option<&Asynchronous<String>>,
) -> Vec<Change> {
    let fields = |one: Option<&Asynchronous<String>>| {
        [
            one.map(|one| json!(one.retries)),
            one.map(|one| json!(one.max_age_s)),
            one.and_then(|one| one.on_success.as_ref())
                .map(|arn| json!(arn)),
            one.and_then(|one| one.on_failure.as_ref())
                .map(|arn| json!(arn)),
        ]
    };
    let shown = |value: Option<serde_json::Value>| value.map_or(Shown::Absent, Shown::Value);
    let names = ["retries", "max_age_s", "on_success", "on_failure"];
    let sides = fields(current).into_iter().zip(fields(wanted));
    let named = names.into_iter().zip(sides);
    let differing = named.filter(|(_, (old, new))| old != new);
    differing
        .map(|(name, (old, new))| {
            let new = match wanted {
                None => Shown::Default(serde_json::Value::Null),
                Some(_) => shown(new),
            };
            let field = format!("{}.{name}", Key::Async.word());
            Change::new(field, shown(old), new).because(cause)
        })
        .collect()
}
