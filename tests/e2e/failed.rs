//! A function with a failed creation, as Lambda reports it: deleted, and created again under its
//! name.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering::SeqCst},
};

use serde_json::{Value, json};

use crate::{
    proxy::Fault,
    story::{expect, json},
    support::{Project, Stack},
};

const MANIFEST: &str = r#"
[functions.count]
julia = { source = "count.jl", argument_type = "Int", version = "1.5", compile = "none" }
tests = [{ argument = 1, expected = 2, exemplar = false }]
"#;

/// Lambda's message if it could not pull the image of a new function.
fn failed(answer: &str) -> String {
    let Ok(mut answer) = serde_json::from_str::<Value>(answer) else {
        return answer.to_owned();
    };
    let configuration = match answer.get("Configuration").is_some() {
        true => &mut answer["Configuration"],
        false => &mut answer,
    };
    if configuration.get("FunctionArn").is_some() {
        configuration["State"] = json!("Failed");
        configuration["StateReasonCode"] = json!("ImageAccessDenied");
        configuration["StateReason"] =
            json!("Lambda does not have permission to access the ECR image.");
    }
    answer.to_string()
}

/// Forges the failure until the function is deleted; then its name is taken for one more request.
fn forge(stack: &Stack) {
    let deleted = Arc::new(AtomicU64::new(0));
    stack.proxy.judge(move |operation, _| match operation {
        "lambda:DeleteFunction" => {
            deleted.store(1, SeqCst);
            None
        }
        "lambda:GetFunction" | "lambda:GetFunctionConfiguration" if deleted.load(SeqCst) == 0 => {
            Some(Fault::Rewritten(failed))
        }
        "lambda:CreateFunction" if deleted.load(SeqCst) == 1 => {
            deleted.store(2, SeqCst);
            let taken = "Function already exist: count";
            Some(Fault::Refused(409, "ResourceConflictException", taken))
        }
        _ => None,
    });
}

#[test]
fn a_function_whose_creation_failed_is_deleted_and_created_again() {
    let stack = Stack::start();
    let project = Project::new(&stack, "failed");
    project.write("count.jl", "count(n) = n + 1\n");
    project.manifest(MANIFEST);
    forge(&stack);

    let stopped = expect(project.run(&["apply", "--yes"]), 1);
    for words in [
        "ImageAccessDenied",
        "Created and kept: ",
        "role jot-count-",
        "log group /aws/lambda/count",
        "`jot apply` continues from there, `jot destroy` removes them",
    ] {
        assert!(
            stopped.stderr.contains(words),
            "{words}: {}",
            stopped.stderr
        );
    }

    let plan = expect(project.run(&["plan", "--detailed-exitcode"]), 2);
    for words in ["-/+ function count", "ImageAccessDenied"] {
        assert!(plan.stdout.contains(words), "{words}: {}", plan.stdout);
    }
    let manifest = project.text("jot.toml");
    project.write(
        "jot.toml",
        &format!("{manifest}lifecycle = {{ prevent_destroy = true }}\n"),
    );
    let refused = expect(project.run(&["plan"]), 1);
    for words in ["must be deleted and created again", "prevent_destroy"] {
        assert!(
            refused.stderr.contains(words),
            "{words}: {}",
            refused.stderr
        );
    }
    project.write("jot.toml", &manifest);

    let applied = expect(project.run(&["apply", "--yes", "--format", "json"]), 0);
    let waited = "Lambda is still deleting the function of that name";
    assert!(applied.stdout.contains(waited), "{}", applied.stdout);
    let counts = stack.proxy.counts();
    assert_eq!(counts.get("lambda:DeleteFunction"), Some(&1), "{counts:?}");
    // One that failed, one that came too early, one that succeeded.
    assert_eq!(counts.get("lambda:CreateFunction"), Some(&3), "{counts:?}");
    let again = json(&expect(project.run(&["plan", "--format", "json"]), 0));
    assert_eq!(again["steps"], json!([]));
}
