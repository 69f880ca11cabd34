//! Every command with `--format json` and `--format markdown`. `Project::run` checks each document
//! against the schema.

use serde_json::json;

use crate::{
    story::{expect, increment_vector, json},
    support::{Project, Stack},
};

#[test]
fn every_command_prints_what_the_schema_says() {
    let stack = Stack::start();
    let project = increment_vector(&stack, "machines");
    let run = |arguments: &[&str], status: i32| {
        let all = [arguments, &["--format", "json"]].concat();
        expect(project.run(&all), status)
    };
    run(&["build"], 0);
    // Nothing remains to build, and the stream is complete.
    run(&["build"], 0);
    run(&["test"], 0);
    run(&["apply"], 1);
    run(&["apply", "--yes"], 0);
    run(&["apply", "--yes"], 0);
    run(&["plan", "--detailed-exitcode"], 0);
    let status = json(&run(&["status"], 0));
    assert_eq!(status["functions"][0]["in_sync"], "yes", "{status}");
    let answer = json(&run(
        &["invoke", "increment-vector", "[9007199254740993]"],
        0,
    ));
    assert_eq!(
        answer["answer"],
        json!([9_007_199_254_740_994_i64]),
        "{answer}"
    );
    let failed = json(&run(&["invoke", "increment-vector", "[\"one\"]"], 1));
    assert_eq!(failed["failed"], true, "{failed}");
    assert!(failed["answer"]["errorType"].is_string(), "{failed}");
    let tested = json(&run(&["test", "--remote"], 0));
    assert_eq!(tested["passed"], 1, "{tested}");
    run(&["logs", "increment-vector"], 0);
    run(
        &["invoke", "increment-vector", "[1]", "--qualifier", "none"],
        1,
    );
    for command in [
        ["status", "in sync"],
        ["plan", "### jot plan: "],
        ["test", "1 passed"],
    ] {
        let [name, words] = command;
        let page = expect(project.run(&[name, "--format", "markdown"]), 0);
        assert!(page.stdout.contains(words), "{page:#?}");
    }
    run(&["destroy"], 1);
    run(&["destroy", "--yes"], 0);
    run(&["test", "--remote"], 1);
}

#[test]
fn a_plan_of_a_thousand_functions_fits_in_a_comment() {
    let stack = Stack::start();
    let project = Project::new(&stack, "thousand");
    project.write("answer.jl", "answer(x) = x\n");
    let functions: String = (0..1000)
        .map(|n| format!("[functions.{}-{n:03}]\n", project.name))
        .collect();
    project.manifest(&format!(
        "[defaults]\nhandler = \"answer\"\n\
         julia = {{ source = \"answer.jl\", argument_type = \"Int\", version = \"1.5\" }}\n\
         {functions}"
    ));
    let plan = |format: &str| expect(project.run(&["plan", "--format", format]), 0).stdout;
    let comment = plan("markdown");
    let length = comment.chars().count();
    assert!((50_000..65_536).contains(&length), "{length}");
    let (_, said) = comment
        .split_once("\n**Left out** to fit in a comment: ")
        .unwrap_or_else(|| panic!("{comment}"));
    let all = json(&expect(project.run(&["plan", "--format", "json"]), 0));
    let left = said
        .split_whitespace()
        .next()
        .and_then(|number| number.parse().ok());
    let shown = comment
        .split_once(" steps, the first ")
        .and_then(|(_, rest)| rest.split_once(" shown"));
    let shown = shown.and_then(|(number, _)| number.parse().ok());
    let sum = left
        .zip(shown)
        .map(|(left, shown): (usize, usize)| left + shown);
    assert_eq!(sum, all["steps"].as_array().map(Vec::len), "{said}");
    assert_eq!(comment, plan("markdown"), "another order");
}
