//! `examples/ci/github/jot.yml`, the action that it uses, and the scripts in `ci` that the action
//! runs.

use std::{collections::BTreeMap, fs, os::unix::fs::PermissionsExt, path::Path};

use serde_json::{Value, json};
use yaml_rust2::Yaml;

use super::{assert_permitted, bash, example, root, somebody_changes_the_memory, workflow};
use crate::{
    story::{expect, increment_vector},
    support::{Project, Ran, Stack, ran},
};

/// The action, as workflows name it.
const ACTION: &str = concat!("jot-lambda/jot@v", env!("CARGO_PKG_VERSION"));
/// The line of the action that is skipped.
const INSTALL: &str = "\"$GITHUB_ACTION_PATH/ci/install\"";

/// Keeps its arguments, and the comments: two pages of them.
const GH: &str = r#"#!/bin/bash
set -eu
[ "$GH_TOKEN" = a-token ]
state=$RUNNER_TEMP/comments.json
change() {
  jq --rawfile body "${body#body=@}" "$@" "$state" >"$state.new" && mv "$state.new" "$state"
}
for body; do :; done
case $* in
  'api graphql --paginate '*' owner=team --raw-field name=numerics --field number=7')
    jq '[.[:1], .[1:]][] | { data: { repository: { pullRequest: { comments: { nodes: . } } } } }' \
      "$state" ;;
  'api --silent --method POST repos/team/numerics/issues/7/comments --field body=@'*)
    change '. + [{ databaseId: (length + 1), body: $body, viewerDidAuthor: true }]'
    echo POST >>"$RUNNER_TEMP/writes" ;;
  'api --silent --method PATCH repos/team/numerics/issues/comments/'*' --field body=@'*)
    change --argjson id "$(sed -E 's|.*/comments/([0-9]+) .*|\1|' <<<"$*")" \
      'map(if .databaseId == $id then .body = $body else . end)'
    echo PATCH >>"$RUNNER_TEMP/writes" ;;
  *) exit 1 ;;
esac
"#;

/// A runner: a folder of its own, and the variables that GitHub sets.
struct Runner<'a> {
    workflow: Yaml,
    action: Yaml,
    project: &'a Project,
    folder: tempfile::TempDir,
}

impl<'a> Runner<'a> {
    fn new(project: &'a Project, comments: &Value) -> Self {
        let folder = tempfile::tempdir().expect("a folder for the runner");
        let gh = folder.path().join("gh-bin");
        fs::create_dir(&gh).expect("a folder for gh");
        fs::write(gh.join("gh"), GH).expect("gh can be written");
        fs::set_permissions(gh.join("gh"), fs::Permissions::from_mode(0o755))
            .expect("gh can be run");
        let there = folder.path().join("comments.json");
        fs::write(there, comments.to_string()).expect("comments");
        Self {
            workflow: workflow::parse(&example("github/jot.yml")),
            action: action(),
            project,
            folder,
        }
    }

    fn file(&self, name: &str) -> String {
        fs::read_to_string(self.folder.path().join(name)).unwrap_or_default()
    }

    /// What was written to comments since the last read, and the comments.
    fn comments(&self) -> (String, Vec<Value>) {
        let writes = self.file("writes");
        fs::write(self.folder.path().join("writes"), "").expect("a file");
        let all = serde_json::from_str(&self.file("comments.json")).expect("JSON");
        (writes, all)
    }

    /// Runs the step of a job that uses the action.
    fn job(&self, name: &str) -> Ran {
        let steps = self.workflow["jobs"][name]["steps"].as_vec();
        let mut of_action = steps
            .expect("steps")
            .iter()
            .filter(|step| step["uses"].as_str() == Some(ACTION));
        let step = of_action.next().expect("a step of the action");
        assert_eq!(of_action.count(), 0);
        let request = if name == "plan" { "7" } else { "" };
        self.run_action(&workflow::texts(&step["with"]), request)
    }

    /// Runs the action with these inputs on a pull request, if any.
    fn run_action(&self, with: &BTreeMap<String, String>, request: &str) -> Ran {
        let summary = self.folder.path().join("summary");
        fs::write(&summary, "").expect("a summary");
        fs::write(self.folder.path().join("output"), "").expect("outputs");
        let steps = self.action["runs"]["steps"].as_vec().expect("steps");
        let mut steps = steps
            .iter()
            .filter(|step| step["run"].as_str() != Some(INSTALL));
        let step = steps.next().expect("a step that runs");
        assert!(steps.next().is_none());
        let given = |value: &str| self.evaluated(value, with, request);
        self.step(step, &summary, given)
    }

    fn step(&self, step: &Yaml, summary: &Path, given: impl Fn(&str) -> String) -> Ran {
        assert_eq!(step["shell"].as_str(), Some("bash"));
        let folder = self.folder.path();
        let script = step["run"].as_str().expect("a script");
        fs::write(folder.join("step.sh"), script).expect("a script");
        let gh = folder.join("gh-bin").display().to_string();
        let mut bash = bash(self.project, &gh);
        for (name, value) in workflow::texts(&self.workflow["env"])
            .iter()
            .chain(&workflow::texts(&step["env"]))
        {
            bash.env(name, given(value));
        }
        bash.arg(folder.join("step.sh"))
            .env("GITHUB_ACTIONS", "true")
            .env("CI", "true")
            .env("GITHUB_ACTION_PATH", root())
            .env("GITHUB_REPOSITORY", "team/numerics")
            .env("GITHUB_WORKSPACE", self.project.path())
            .env("GITHUB_OUTPUT", folder.join("output"))
            .env("GITHUB_STEP_SUMMARY", summary)
            .env("RUNNER_TEMP", folder);
        ran(&mut bash)
    }

    /// GitHub's value of an expression.
    fn evaluated(&self, value: &str, with: &BTreeMap<String, String>, request: &str) -> String {
        let expression = value
            .strip_prefix("${{ ")
            .and_then(|one| one.strip_suffix(" }}"));
        match expression {
            None => {
                assert!(!value.contains("${{"), "{value}");
                value.to_owned()
            }
            Some("github.token") => "a-token".to_owned(),
            Some("github.event.pull_request.number") => request.to_owned(),
            Some(input) => {
                let input = input.strip_prefix("inputs.").expect("an input");
                match with.get(input) {
                    Some(value) => value.clone(),
                    None => {
                        let default = &self.action["inputs"][input]["default"];
                        self.evaluated(default.as_str().expect("a default"), with, request)
                    }
                }
            }
        }
    }
}

fn action() -> Yaml {
    let text = fs::read_to_string(root().join("action.yml")).expect("the action");
    workflow::parse(&text)
}

#[test]
fn the_workflow_keeps_one_comment_applies_and_finds_drift() {
    let stack = Stack::start();
    let project = increment_vector(&stack, "github");
    let marker = "<!-- jot plan of ., target none -->\n";
    let theirs =
        json!({ "databaseId": 1, "body": format!("{marker}mine"), "viewerDidAuthor": false });
    let runner = Runner::new(&project, &json!([theirs]));

    expect(runner.job("plan"), 0);
    assert_permitted(&stack, &project);
    let (writes, comments) = runner.comments();
    assert_eq!((writes.as_str(), comments.len()), ("POST\n", 2));
    assert_eq!(comments[0], theirs, "what others wrote stays");
    let made = comments[1]["body"].as_str().expect("a text").to_owned();
    let page = made.strip_prefix(marker).expect("the marker");
    assert!(
        page.starts_with("### jot plan: ") && page.contains("4 to create"),
        "{made}"
    );
    assert_eq!(page, runner.file("summary"));
    assert_eq!(runner.file("output"), "changes=true\n");

    expect(runner.job("apply"), 0);
    assert!(runner.file("summary").contains("4 to create"));
    let answer = expect(project.run(&["invoke", "increment-vector", "[41]"]), 0);
    assert_eq!(answer.stdout, "[42]\n");

    expect(runner.job("plan"), 0);
    let (writes, comments) = runner.comments();
    assert_eq!((writes.as_str(), comments.len()), ("PATCH\n", 2));
    assert_eq!(comments[0], theirs);
    let updated = comments[1]["body"].as_str().expect("a text");
    assert!(updated.contains("No changes."), "{updated}");
    assert_eq!(runner.file("output"), "changes=false\n");

    stack.proxy.reset();
    expect(runner.job("drift"), 0);
    assert_permitted(&stack, &project);
    assert!(runner.file("summary").contains("No changes."));
    somebody_changes_the_memory(&stack);
    let drift = expect(runner.job("drift"), 2);
    assert!(
        drift.stdout.starts_with("::error title=Drift::"),
        "{drift:#?}"
    );
    assert!(
        runner.file("summary").contains("memory_mb: 1536 -> 512"),
        "{}",
        runner.file("summary")
    );

    // A wrong manifest is annotated, and the comment no longer shows another plan.
    project.write("jot.toml", "[project]\nnaem = \"numerics\"\n");
    let wrong = expect(runner.job("plan"), 1);
    assert!(
        wrong.stderr.contains("::error file=jot.toml,line=2,"),
        "{wrong:#?}"
    );
    let (writes, comments) = runner.comments();
    assert_eq!((writes.as_str(), comments.len()), ("PATCH\n", 2));
    let none = comments[1]["body"].as_str().expect("a text");
    assert!(none.contains("### jot plan: none"), "{none}");
}

#[test]
fn the_action_refuses_other_commands_and_comments_once_a_folder_and_target() {
    let stack = Stack::start();
    let project = increment_vector(&stack, "github");
    let runner = Runner::new(&project, &json!([]));
    let with = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
        let pairs = pairs.iter();
        pairs
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    };
    let wrong = expect(runner.run_action(&with(&[("command", "destroy")]), "7"), 1);
    let words = "::error::command must be plan, apply or drift, got destroy";
    assert!(wrong.stdout.starts_with(words), "{wrong:#?}");
    let below = project.path().join("below");
    fs::create_dir(&below).expect("a folder");
    for directory in [".", "below", "below"] {
        let inputs = with(&[("command", "plan"), ("directory", directory)]);
        expect(runner.run_action(&inputs, "7"), 0);
    }
    let (writes, comments) = runner.comments();
    assert_eq!(
        (writes.as_str(), comments.len()),
        ("POST\nPOST\nPATCH\n", 2)
    );
}

#[test]
fn the_workflow_and_the_action_are_safe_to_copy() {
    let workflow = workflow::parse(&example("github/jot.yml"));
    let mut actions = 0;
    for job in workflow::keys(&workflow["jobs"]) {
        let job = &workflow["jobs"][job];
        assert_eq!(job["permissions"]["id-token"].as_str(), Some("write"));
        assert!(job["concurrency"]["group"].as_str().is_some() && job["if"].as_str().is_some());
        for step in job["steps"].as_vec().expect("steps") {
            let action = step["uses"].as_str().expect("an action");
            let (_, version) = action.split_once('@').expect("a version");
            assert!(version.starts_with('v'), "{action} is not pinned");
            actions += 1;
        }
    }
    assert_eq!(actions, 9);
    let action = action();
    for step in action["runs"]["steps"].as_vec().expect("steps") {
        let script = step["run"].as_str().expect("a script");
        // Text from others, such as a title, would become part of the script.
        assert!(!script.contains("${{"), "{script}");
    }
}
