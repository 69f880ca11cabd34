//! The closing lines of a successful apply: the ARNs that now answer, and how to call them.

use crate::model::{Action, Desired, Function, Plan, partition};

/// Number of functions that are listed.
const NAMED: usize = 10;
/// Length of the longest test argument that is used in an example.
const LONGEST_ARGUMENT: usize = 60;

/// The ARNs of the functions that the plan changed, and the next command; `None` if it changed
/// none.
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

/// Whether an action changes how a function answers.
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

/// The ARN that callers use: the alias's, if the function has one.
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

/// A command that calls the function, with the argument of its first test if that is short.
///
/// Without a test the argument is a placeholder.
fn call(function: &Function, target: Option<&str>) -> String {
    let target = target.map_or_else(String::new, |target| format!(" --target {target}"));
    let test = function.tests.first();
    let short = |argument: &&String| {
        argument.len() <= LONGEST_ARGUMENT && !argument.contains(['\'', '\n', '`'])
    };
    let argument = match test.map(|test| &test.argument) {
        Some(argument) if short(&argument) => format!(" '{argument}'"),
        Some(_) => String::new(),
        None => " ARGUMENT".to_owned(),
    };
    format!("jot invoke {}{argument}{target}", function.key)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{cli::wanted, manifest};

    fn desired(functions: &str) -> std::sync::Arc<Desired> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(manifest::FILE);
        let text = format!("[project]\nname = \"numerics\"\n{functions}");
        let loaded = manifest::read(&path, &text, None).unwrap();
        wanted::desired(&loaded, Some("cn-north-1"), &[]).unwrap()
    }

    fn function(key: &str, more: &str) -> String {
        let digest = "1a2b3c4d".repeat(8);
        format!(
            "[functions.{key}]\nimage_uri = \
                \"123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/a@sha256:{digest}\"\n{more}\n"
        )
    }

    /// A plan that moves the aliases of these functions.
    fn plan(functions: &[String], target: Option<&str>) -> Plan {
        let steps = functions.iter().map(|function| {
            json!({
                "id": format!("alias:{function}"), "resource": format!("function {function}"),
                "action": {
                    "kind": "set_alias", "function": function, "version": { "known": "2" },
                    "revision": null,
                },
                "after": [], "reasons": [], "changes": [],
            })
        });
        let plan = json!({
            "format_version": 1, "jot_version": "0.1.0", "project": "numerics", "target": target,
            "account": "123456789012", "region": "cn-north-1", "purpose": "apply",
            "steps": steps.collect::<Vec<_>>(), "notes": [],
        });
        serde_json::from_value(plan).unwrap()
    }

    #[test]
    fn the_arn_of_the_alias_and_a_call_with_the_first_test_are_named() {
        let desired = desired(&function("sum", "tests = [{ argument = [1, 2] }]"));
        let plan = plan(&["sum".to_owned()], Some("prod"));
        assert_eq!(
            closing(&plan, &desired).unwrap(),
            "arn:aws-cn:lambda:cn-north-1:123456789012:function:sum:live\n\
             Next: `jot invoke sum '[1,2]' --target prod`."
        );
    }

    #[test]
    fn an_argument_that_a_shell_would_misread_is_left_to_the_test() {
        let one = |tests: &str| {
            let desired = desired(&function("sum", tests));
            let text = closing(&plan(&["sum".to_owned()], None), &desired).unwrap();
            text.lines().last().unwrap().to_owned()
        };
        assert_eq!(
            one("tests = [{ argument = \"it's\" }]"),
            "Next: `jot invoke sum`."
        );
        assert_eq!(one(""), "Next: `jot invoke sum ARGUMENT`.");
    }

    #[test]
    fn of_many_functions_the_first_are_named() {
        let keys: Vec<String> = (0..12).map(|number| format!("f{number:02}")).collect();
        let desired = desired(&keys.iter().map(|key| function(key, "")).collect::<String>());
        let text = closing(&plan(&keys, None), &desired).unwrap();
        assert_eq!(text.lines().count(), NAMED + 2, "{text}");
        assert!(
            text.contains("\nand 2 more: `jot status` shows all\n"),
            "{text}"
        );
        assert_eq!(closing(&plan(&[], None), &desired), None);
    }
}
