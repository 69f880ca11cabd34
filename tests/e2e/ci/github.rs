//! `examples/ci/github/jot.yml`.

use std::{collections::BTreeMap, fs, os::unix::fs::PermissionsExt, path::Path};

use yaml_rust2::Yaml;

use super::{INSTALL, assert_permitted, bash, example, somebody_changes_the_memory, workflow};
use crate::{
    story::{expect, increment_vector},
    support::{Project, Ran, Stack, ran},
};

/// Keeps what it is called with, and the comment.
const GH: &str = r#"#!/bin/bash
set -eu
[ -n "$GH_TOKEN" ]
printf '%s\n' "$*" >> "$RUNNER_TEMP/gh"
while [ $# -gt 0 ]; do
  if [ "$1" = --body-file ]; then cp "$2" "$RUNNER_TEMP/comment.md"; fi
  shift
done
"#;

/// A runner: a folder of its own, and what GitHub sets.
struct Runner<'a> {
    workflow: Yaml,
    project: &'a Project,
    folder: tempfile::TempDir,
}

impl<'a> Runner<'a> {
    fn new(project: &'a Project) -> Self {
        let folder = tempfile::tempdir().expect("a folder for the runner");
        let gh = folder.path().join("gh-bin");
        fs::create_dir(&gh).expect("a folder for gh");
        fs::write(gh.join("gh"), GH).expect("gh can be written");
        fs::set_permissions(gh.join("gh"), fs::Permissions::from_mode(0o755))
            .expect("gh can be run");
        Self {
            workflow: workflow::parse(&example("github/jot.yml")),
            project,
            folder,
        }
    }

    fn file(&self, name: &str) -> String {
        fs::read_to_string(self.folder.path().join(name)).unwrap_or_default()
    }

    /// Runs a job's steps up to the first that fails; gives the last one that ran.
    fn job(&self, name: &str) -> Ran {
        let summary = self.folder.path().join("summary");
        fs::write(&summary, "").expect("a summary");
        let steps = self.workflow["jobs"][name]["steps"]
            .as_vec()
            .expect("steps");
        let mut last = None;
        for step in steps {
            let Some(script) = step["run"]
                .as_str()
                .filter(|script| script.trim() != INSTALL)
            else {
                continue;
            };
            let ran = self.step(script, step, &summary);
            let failed = ran.status != Some(0);
            last = Some(ran);
            if failed {
                break;
            }
        }
        last.expect("a step that runs")
    }

    fn step(&self, script: &str, step: &Yaml, summary: &Path) -> Ran {
        let folder = self.folder.path();
        fs::write(folder.join("step.sh"), script).expect("a script");
        let gh = folder.join("gh-bin").display().to_string();
        let mut bash = bash(self.project, &gh);
        let environment = workflow::texts(&self.workflow["env"]);
        let own = workflow::texts(&step["env"]);
        for (name, value) in environment.iter().chain(&own) {
            bash.env(name, evaluated(value));
        }
        bash.arg(folder.join("step.sh"))
            .env("GITHUB_ACTIONS", "true")
            .env("CI", "true")
            .env("GITHUB_WORKSPACE", self.project.path())
            .env("GITHUB_STEP_SUMMARY", summary)
            .env("RUNNER_TEMP", folder);
        ran(&mut bash)
    }
}

/// What GitHub puts in the place of an expression.
fn evaluated(value: &str) -> &str {
    match value {
        "${{ github.token }}" => "a-token",
        "${{ github.event.pull_request.number }}" => "7",
        plain => {
            assert!(!plain.contains("${{"), "{plain}");
            plain
        }
    }
}

#[test]
fn the_workflow_comments_applies_and_finds_drift() {
    let stack = Stack::start();
    let project = increment_vector(&stack, "github");
    let runner = Runner::new(&project);

    expect(runner.job("plan"), 0);
    assert_permitted(&stack, &project);
    let comment = runner.file("comment.md");
    assert!(
        comment.starts_with("### jot plan: ") && comment.contains("4 to create"),
        "{comment}"
    );
    assert_eq!(comment, runner.file("summary"));
    assert!(
        runner.file("gh").starts_with("pr comment 7 "),
        "{}",
        runner.file("gh")
    );

    expect(runner.job("apply"), 0);
    assert!(runner.file("summary").contains("4 to create"));
    let answer = expect(project.run(&["invoke", "increment-vector", "[41]"]), 0);
    assert_eq!(answer.stdout, "[42]\n");

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

    // A wrong manifest is annotated, and nothing goes on.
    project.write("jot.toml", "[project]\nnaem = \"numerics\"\n");
    fs::remove_file(runner.folder.path().join("comment.md")).expect("the comment of before");
    let wrong = expect(runner.job("plan"), 1);
    assert!(
        wrong.stderr.contains("::error file=jot.toml,line=2,"),
        "{wrong:#?}"
    );
    assert_eq!(runner.file("comment.md"), "");
}

#[test]
fn the_workflow_is_safe_to_copy() {
    let workflow = workflow::parse(&example("github/jot.yml"));
    assert_eq!(workflow["defaults"]["run"]["shell"].as_str(), Some("bash"));
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for job in workflow::keys(&workflow["jobs"]) {
        let job = &workflow["jobs"][job];
        assert_eq!(job["permissions"]["id-token"].as_str(), Some("write"));
        assert!(job["concurrency"]["group"].as_str().is_some() && job["if"].as_str().is_some());
        for step in job["steps"].as_vec().expect("steps") {
            if let Some(action) = step["uses"].as_str() {
                let (_, version) = action.split_once('@').expect("a version");
                assert!(version.starts_with('v'), "{action} is not pinned");
                *seen.entry("uses").or_default() += 1;
            }
            if let Some(script) = step["run"].as_str() {
                // What others write, such as a title, would become part of the script.
                assert!(!script.contains("${{"), "{script}");
                *seen
                    .entry(if script.trim() == INSTALL {
                        "install"
                    } else {
                        "run"
                    })
                    .or_default() += 1;
            }
        }
    }
    assert_eq!(
        seen,
        BTreeMap::from([("install", 3), ("run", 5), ("uses", 6)])
    );
}
