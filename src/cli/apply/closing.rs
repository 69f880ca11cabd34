//! What is said once an apply has ended well: what answers now, and how to call it.

use crate::{
    model::{Action, Desired, Function, Plan},
    recipe::partition,
};

/// How many functions are named.
const NAMED: usize = 10;
/// The longest argument that an example of a call has.
const LONGEST_ARGUMENT: usize = 60;

/// The ARNs that answer for the functions which the plan changed, and the next command; nothing where
/// it changed none.
pub fn closing(plan: &Plan, desired: &Desired) -> Option<String> {
    let changes = |function: &&Function| {
        plan.steps
            .iter()
            .any(|step| changes(&step.action) && step.action.function() == Some(&function.key))
    };
    let changed: Vec<&Function> = desired.functions.values().filter(changes).collect();
    let first = changed.first()?;
    let mut lines: Vec<String> = changed
        .iter()
        .take(NAMED)
        .map(|function| arn(plan, function))
        .collect();
    if changed.len() > NAMED {
        let more = changed.len() - NAMED;
        lines.push(format!("and {more} more: `jot status` shows all"));
    }
    lines.push(format!("Next: `{}`.", call(first, plan.target.as_deref())));
    Some(lines.join("\n"))
}

/// Whether an action makes a function answer otherwise.
fn changes(action: &Action) -> bool {
    matches!(
        action,
        Action::CreateFunction { .. }
            | Action::ReplaceFunction { .. }
            | Action::UpdateCode { .. }
            | Action::UpdateConfig { .. }
            | Action::SetAlias { .. }
    )
}

/// The ARN that callers use: that of the alias, where there is one.
fn arn(plan: &Plan, function: &Function) -> String {
    let (region, account) = (&plan.region, &plan.account);
    let partition = partition(Some(region));
    let alias = function.deploy.alias.as_ref();
    let alias = alias.map_or_else(String::new, |alias| format!(":{alias}"));
    format!(
        "arn:{partition}:lambda:{region}:{account}:function:{}{alias}",
        function.name
    )
}

/// A command that calls the function, with the argument of its first test where that is short.
fn call(function: &Function, target: Option<&str>) -> String {
    let target = target.map_or_else(String::new, |target| format!(" --target {target}"));
    let test = function.tests.first();
    let short = |argument: &&String| {
        argument.len() <= LONGEST_ARGUMENT && !argument.contains(['\'', '\n', '`'])
    };
    let argument = match test.map(|test| &test.argument) {
        Some(argument) if short(&argument) => format!(" '{argument}'"),
        Some(_) => String::new(),
        None => " '{}'".to_owned(),
    };
    format!("jot invoke {}{argument}{target}", function.key)
}
