//! A function's log group.

use serde_json::{Value as Json, json};

use crate::model::{
    Action, Change, Function, Step, StepId, desired::LogGroup, observed, value::Shown,
};

use super::{
    attribution::Attribution,
    builder::{PlanBuilder, id},
    managed::{self, Key},
    reasons,
    record::Record,
};

/// The step that creates the function's default log group or sets its retention, if one is needed.
pub(super) fn plan(
    wanted: &Function,
    found: &observed::Function,
    builder: &mut PlanBuilder,
) -> Option<StepId> {
    if wanted.writes_elsewhere() {
        // That group is not jot's, and the default one keeps what it contains.
        return None;
    }
    let LogGroup {
        name,
        retention_days,
        tags: _,
    } = &wanted.log_group;
    let function = wanted.key.clone();
    let (action, reasons, change) = match &found.log_group {
        None => (
            Action::CreateLogGroup { function },
            vec!["not in CloudWatch Logs".to_owned()],
            retention_days.map(|days| change(Shown::Absent, Shown::Value(json!(days)))),
        ),
        Some(existing) => {
            let record = Record::of(found.latest.as_ref());
            let attribution = Attribution::new(wanted, &record);
            let cause = attribution.retention(existing.retention_days);
            let change = retention(wanted, found, existing)?.because(cause);
            let reasons = reasons::sentences(std::slice::from_ref(&change), "CloudWatch Logs");
            (Action::UpdateLogGroup { function }, reasons, Some(change))
        }
    };
    Some(builder.add(Step {
        id: id("logs", &wanted.key),
        resource: format!("log group {name}"),
        action,
        after: Vec::new(),
        reasons,
        changes: change.into_iter().collect(),
    }))
}

/// How the retention changes: to the manifest's, or back to CloudWatch's default, which keeps
/// everything.
fn retention(
    wanted: &Function,
    found: &observed::Function,
    existing: &observed::LogGroup,
) -> Option<Change> {
    if wanted.lifecycle.ignores(Key::LogRetention.word()) {
        return None;
    }
    let days = wanted.log_group.retention_days;
    let old = existing
        .retention_days
        .map_or_else(never, |days| Shown::Value(json!(days)));
    if let Some(days) = days {
        return (existing.retention_days != Some(days))
            .then(|| change(old, Shown::Value(json!(days))));
    }
    let latest = found.latest.as_ref()?;
    let left = managed::left(wanted, &latest.tags).contains(&Key::LogRetention);
    (left && existing.retention_days.is_some()).then(|| change(old, never()))
}

fn never() -> Shown {
    Shown::Default(Json::from("never expires"))
}

fn change(old: Shown, new: Shown) -> Change {
    Change::new(Key::LogRetention.word(), old, new)
}
