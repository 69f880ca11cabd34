//! `examples/ci/gitlab/.gitlab-ci.yml`.

use std::{collections::BTreeMap, fs};

use yaml_rust2::Yaml;

use super::{INSTALL, bash, comments, example, somebody_changes_the_memory, workflow};
use crate::{
    story::{changes, expect, increment_vector},
    support::{Project, Ran, Stack, ran},
};

/// A job's script as GitLab's runner puts it together, but for the line that installs jot.
fn script(pipeline: &Yaml, job: &str) -> String {
    let before = workflow::list(&pipeline["default"]["before_script"]);
    assert_eq!(before.iter().filter(|line| *line == INSTALL).count(), 1);
    let own = workflow::list(&pipeline[job]["script"]);
    let lines = before.into_iter().filter(|line| line != INSTALL).chain(own);
    lines.map(|line| line + "\n").collect()
}

/// Runs a job, `given` being what GitLab and the project's settings set.
fn job(project: &Project, name: &str, given: &BTreeMap<&str, String>) -> Ran {
    let pipeline = workflow::parse(&example("gitlab/.gitlab-ci.yml"));
    let folder = tempfile::tempdir().expect("a folder for the script");
    let path = folder.path().join("script.sh");
    fs::write(&path, script(&pipeline, name)).expect("a script");
    let mut bash = bash(project, "/nowhere");
    bash.arg(path).envs(given).env("TMPDIR", folder.path());
    // The identity is the token's, as it is on a runner, and whoever is asked about it is the emulator.
    bash.env_remove("AWS_ACCESS_KEY_ID")
        .env_remove("AWS_SECRET_ACCESS_KEY");
    bash.env("AWS_ENDPOINT_URL", project.endpoint());
    let variables = workflow::texts(&pipeline["variables"]);
    for (name, value) in variables
        .iter()
        .chain(&workflow::texts(&pipeline[name]["variables"]))
    {
        let value = match value.strip_prefix('$') {
            Some(other) => &given[other],
            None => value,
        };
        bash.env(name, value);
    }
    ran(&mut bash)
}

#[test]
fn the_pipeline_comments_applies_and_finds_drift() {
    let stack = Stack::start();
    let project = increment_vector(&stack, "gitlab");
    let (address, comments) = comments::serve();
    let given = BTreeMap::from([
        ("CI", "true".to_owned()),
        ("CI_PROJECT_ID", "12".to_owned()),
        ("CI_MERGE_REQUEST_IID", "7".to_owned()),
        ("CI_API_V4_URL", format!("http://{address}/api/v4")),
        ("JOT_ID_TOKEN", "an-id-token".to_owned()),
        ("JOT_COMMENT_TOKEN", "a-token".to_owned()),
        (
            "JOT_PLAN_ROLE",
            "arn:aws:iam::000000000000:role/plan".to_owned(),
        ),
        (
            "JOT_APPLY_ROLE",
            "arn:aws:iam::000000000000:role/apply".to_owned(),
        ),
    ]);

    let plan = expect(job(&project, "plan", &given), 0);
    let counts = stack.proxy.counts();
    assert_eq!(
        changes(&counts).into_keys().collect::<Vec<_>>(),
        ["sts:AssumeRoleWithWebIdentity"],
        "{counts:?}"
    );
    let comment = comments.try_recv().expect("a comment");
    let path = "POST /api/v4/projects/12/merge_requests/7/notes HTTP/1.1";
    assert_eq!(comment.head[0], path);
    let token = "private-token: a-token";
    assert!(
        comment.head.iter().any(|line| line.to_lowercase() == token),
        "{:?}",
        comment.head
    );
    assert!(
        comment.body.starts_with("### jot plan: "),
        "{}",
        comment.body
    );
    assert!(plan.stdout.ends_with(&comment.body), "{plan:#?}");
    assert_eq!(
        fs::read_dir(project.path()).expect("the checkout").count(),
        2
    );

    expect(job(&project, "apply", &given), 0);
    let answer = expect(project.run(&["invoke", "increment-vector", "[41]"]), 0);
    assert_eq!(answer.stdout, "[42]\n");

    expect(job(&project, "drift", &given), 0);
    somebody_changes_the_memory(&stack);
    let drift = expect(job(&project, "drift", &given), 2);
    assert!(
        drift.stdout.contains("memory_mb: 1536 -> 512"),
        "{drift:#?}"
    );
    assert!(drift.stdout.contains("not as jot.toml"), "{drift:#?}");

    project.write("jot.toml", "[project]\nnaem = \"numerics\"\n");
    expect(job(&project, "plan", &given), 1);
    assert!(
        comments.try_recv().is_err(),
        "a comment on a plan that is none"
    );
}
