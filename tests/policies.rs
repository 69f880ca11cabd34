//! `jot iam-policy` and its table, compared with the operations in jot's source, with AWS's
//! reference of its actions, and with the requests of the end-to-end tests.

#[path = "policies/authorization.rs"]
mod authorization;
#[path = "policies/cases.rs"]
mod cases;
#[path = "policies/seen.rs"]
mod seen;
#[path = "policies/source.rs"]
mod source;

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use jot::rights::{ROWS, Row, Stage};
use serde_json::Value;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The rows of the table.
fn rows() -> impl Iterator<Item = &'static Row> {
    ROWS.iter().copied().flatten()
}

/// jot's output in a folder: its policy, and its notes.
fn printed(folder: &Path, arguments: &[&str]) -> (String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_jot"))
        .arg("iam-policy")
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .env("HOME", folder)
        .output()
        .expect("jot runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let said = text(&output.stderr);
    assert!(output.status.success(), "{said}");
    (text(&output.stdout), said)
}

/// The policy of a manifest.
fn policy(manifest: &str, arguments: &[&str]) -> Value {
    let (document, _) = printed(project(manifest).path(), arguments);
    serde_json::from_str(&document).expect("JSON")
}

/// A folder with this manifest and the source that its functions name.
fn project(manifest: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("jot.toml"), manifest).expect("a manifest");
    fs::write(folder.path().join("a.jl"), "a(n) = n\n").expect("a source");
    folder
}

fn statements(policy: &Value) -> &Vec<Value> {
    policy["Statement"].as_array().expect("statements")
}

/// One text or a list of them.
fn texts(json: &Value) -> Vec<&str> {
    match json {
        Value::Array(all) => all.iter().filter_map(Value::as_str).collect(),
        one => one.as_str().into_iter().collect(),
    }
}

fn actions(policy: &Value) -> BTreeSet<String> {
    let statements = statements(policy).iter();
    let actions = statements.flat_map(|one| texts(&one["Action"]));
    actions.map(str::to_owned).collect()
}

#[test]
fn the_examples_are_what_jot_prints() {
    let folder = root().join("examples/ci/policies");
    for stage in ["plan", "apply", "prune"] {
        let (document, said) = printed(&folder, &[&format!("--{stage}")]);
        let file = folder.join(format!("{stage}.json"));
        let there = fs::read_to_string(&file).unwrap_or_default();
        assert_eq!(said, "");
        assert!(
            there == document,
            "stale: cd {} && jot iam-policy --{stage} > {stage}.json",
            folder.display()
        );
    }
}

#[test]
fn a_promotion_needs_to_read_the_other_repository_and_nothing_else_there() {
    let manifest = "[project]\nname = \"numerics\"\n[aws]\nregion = \"eu-west-1\"\n\
        account_id = \"111111111111\"\n\
        [functions.a]\njulia = { source = \"a.jl\", argument_type = \"Int\" }\n\
        [targets.staging.aws]\naccount_id = \"222222222222\"\nregion = \"eu-north-1\"\n";
    let there = |stage: &str| -> BTreeSet<String> {
        let policy = policy(manifest, &[stage, "--images-from", "staging"]);
        let statements = statements(&policy).iter();
        let of_it = statements.filter(|one| {
            let arns = texts(&one["Resource"]);
            arns.contains(&"arn:aws:ecr:eu-north-1:222222222222:repository/numerics")
        });
        of_it
            .flat_map(|one| texts(&one["Action"]))
            .map(str::to_owned)
            .collect()
    };
    let looks = [
        "ecr:BatchGetImage",
        "ecr:DescribeImages",
        "ecr:DescribeRepositories",
    ];
    let looks: BTreeSet<String> = looks.map(str::to_owned).into();
    assert_eq!(there("--plan"), looks);
    let mut all = looks;
    all.insert("ecr:GetDownloadUrlForLayer".to_owned());
    assert_eq!(there("--apply"), all);
}

#[test]
fn a_plan_only_reads() {
    let reads = ["Get", "List", "Describe", "BatchGet", "Decrypt"];
    for row in rows().filter(|row| row.stage == Stage::Plan) {
        let Some(action) = row.action else { continue };
        let verb = action.split(':').nth(1).expect("an action");
        let reads = reads.iter().any(|read| verb.starts_with(read));
        assert!(reads, "{action}");
    }
    for policy in cases::all("--plan") {
        let rows = rows().filter(|row| row.stage == Stage::Plan);
        let known: BTreeSet<&str> = rows.filter_map(|row| row.action).collect();
        let more: Vec<_> = actions(&policy)
            .into_iter()
            .filter(|one| !known.contains(one.as_str()))
            .collect();
        assert!(more.is_empty(), "{more:?}");
    }
}

#[test]
fn every_row_is_needed_by_some_manifest() {
    let rows = rows().filter(|row| row.stage != Stage::Aside);
    let of_rows: BTreeSet<String> = rows
        .filter_map(|row| row.action.map(str::to_owned))
        .collect();
    let printed: BTreeSet<String> = cases::all("--prune").iter().flat_map(actions).collect();
    assert_eq!(of_rows, printed);
}
