//! The text of a plan for cases, and the properties of the order of its steps.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
};

use jot::{
    model::{Action, Cause, Plan, StepId, plan::Inline, value::Shown},
    plan::Error,
};
use miette::Diagnostic;
use serde_json::Value as Json;

/// A plan as text: one line per step, below it what it does, why, after which steps, and the fields
/// that change.
pub fn render(plan: &Result<Plan, Error>) -> String {
    let plan = match plan {
        Ok(plan) => plan,
        Err(error) => return format!("error: {error}\nhelp: {}\n", error.help().unwrap()),
    };
    let mut text = String::new();
    for step in &plan.steps {
        let _ = writeln!(text, "{}  [{}]", step.id, step.resource);
        let _ = writeln!(
            text,
            "    does    {}",
            serde_json::to_string(&step.action).unwrap()
        );
        let _ = writeln!(text, "    because {}", step.reasons.join("; "));
        if !step.after.is_empty() {
            let after: Vec<&str> = step.after.iter().map(|id| id.0.as_str()).collect();
            let _ = writeln!(text, "    after   {}", after.join(", "));
        }
        for change in &step.changes {
            let _ = writeln!(
                text,
                "    {}: {} -> {}{}",
                change.field,
                shown(&change.old),
                shown(&change.new),
                cause(change.cause)
            );
        }
    }
    for note in &plan.notes {
        let _ = writeln!(text, "note: {note}");
    }
    for name in &plan.unknown {
        let _ = writeln!(text, "unknown: {name}");
    }
    for name in &plan.unread {
        let _ = writeln!(text, "unread: {name}");
    }
    if text.is_empty() {
        "nothing to do\n".to_owned()
    } else {
        text
    }
}

fn cause(cause: Cause) -> &'static str {
    match cause {
        Cause::Manifest => "  (manifest)",
        Cause::Outside => "  (outside)",
        Cause::Both => "  (both)",
        Cause::Unknown => "",
    }
}

fn shown(value: &Shown) -> String {
    match value {
        Shown::Absent => "(absent)".to_owned(),
        Shown::Value(value) => value.to_string(),
        Shown::Sensitive => "(sensitive)".to_owned(),
        Shown::KnownAfter(verb) => format!("(known after {verb})"),
        Shown::Default(value) => format!("{value} (Lambda's default)"),
        Shown::Created(value) => format!("{value} (jot's default)"),
    }
}

/// Asserts that ids are unique, that every step comes after those that it needs, and that a step
/// takes values only from steps that it waits for.
pub fn assert_ordered(plan: &Plan) {
    let mut before: BTreeMap<&StepId, BTreeSet<StepId>> = BTreeMap::new();
    for step in &plan.steps {
        let mut closure = BTreeSet::new();
        for id in &step.after {
            closure.extend(
                before
                    .get(id)
                    .unwrap_or_else(|| panic!("{} before {id}", step.id))
                    .clone(),
            );
            closure.insert(id.clone());
        }
        for from in sources(&serde_json::to_value(&step.action).unwrap()) {
            assert!(closure.contains(&from), "{} takes from {from}", step.id);
        }
        assert!(
            before.insert(&step.id, closure).is_none(),
            "{} twice",
            step.id
        );
    }
    for step in &plan.steps {
        if let Action::UpdateRole {
            function,
            detach,
            inline,
            ..
        } = &step.action
            && (!detach.is_empty() || *inline == Some(Inline::Delete))
        {
            let alias = StepId(format!("alias:{function}"));
            let waits = plan.step(&alias).is_none() || before[&step.id].contains(&alias);
            assert!(waits, "{} before traffic has moved", step.id);
        }
    }
}

/// Every step that an action takes a value from.
fn sources(action: &Json) -> Vec<StepId> {
    match action {
        Json::Object(fields) => fields
            .iter()
            .flat_map(|(name, value)| match (name.as_str(), value) {
                ("from", Json::String(id)) => vec![StepId(id.clone())],
                _ => sources(value),
            })
            .collect(),
        Json::Array(items) => items.iter().flat_map(sources).collect(),
        _ => Vec::new(),
    }
}
