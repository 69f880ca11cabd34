//! `examples/ci/gitlab/.gitlab-ci.yml`, and the scripts in `ci` that it runs.

use std::{collections::BTreeMap, fs};

use serde_json::{Value, json};
use yaml_rust2::Yaml;

use super::{bash, example, notes, root, somebody_changes_the_memory, workflow};
use crate::{
    story::{changes, expect, increment_vector},
    support::{Project, Ran, Stack, ran},
};

/// The lines that are skipped: they install jot and its scripts.
const INSTALL: [&str; 2] = [
    concat!(
        "git clone --quiet --depth 1 --branch v",
        env!("CARGO_PKG_VERSION"),
        " ",
        env!("CARGO_PKG_REPOSITORY"),
        " \"$FOLDER/jot\""
    ),
    "\"$FOLDER/jot/ci/install\"",
];

/// A job's script as GitLab's runner assembles it, with this checkout instead of the clone.
fn script(pipeline: &Yaml, job: &str) -> String {
    let before = workflow::list(&pipeline["default"]["before_script"]);
    let own = workflow::list(&pipeline[job]["script"]);
    let lines = before
        .into_iter()
        .chain(own)
        .map(|line| match line.as_str() {
            line if line == INSTALL[0] => {
                format!("ln -s '{}' \"$FOLDER/jot\"\n", root().display())
            }
            line if line == INSTALL[1] => String::new(),
            line => format!("{line}\n"),
        });
    lines.collect()
}

/// Runs a job with the variables `given`, which GitLab and the project's settings set.
fn job(project: &Project, name: &str, given: &BTreeMap<&str, String>) -> Ran {
    let pipeline = workflow::parse(&example("gitlab/.gitlab-ci.yml"));
    let folder = tempfile::tempdir().expect("a folder for the script");
    let path = folder.path().join("script.sh");
    fs::write(&path, script(&pipeline, name)).expect("a script");
    let mut bash = bash(project, "/nowhere");
    bash.arg(path).envs(given).env("TMPDIR", folder.path());
    // The identity is the token's, as on a runner, and jot requests it from the emulator.
    bash.env_remove("AWS_ACCESS_KEY_ID")
        .env_remove("AWS_SECRET_ACCESS_KEY");
    bash.env("AWS_ENDPOINT_URL", project.endpoint());
    if name != "plan" {
        bash.env_remove("CI_MERGE_REQUEST_IID");
    }
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
    let ran = ran(&mut bash);
    let left = fs::read_dir(folder.path()).expect("the folder").count();
    assert_eq!(left, 1, "a job leaves nothing but its script");
    ran
}

#[test]
fn the_pipeline_keeps_one_comment_applies_and_finds_drift() {
    let stack = Stack::start();
    let project = increment_vector(&stack, "gitlab");
    let marker = "<!-- jot plan of ., target none -->";
    let theirs =
        json!({ "id": 1, "body": format!("{marker}\nmine"), "author": { "id": notes::ME + 1 } });
    let (address, kept) = notes::serve(vec![theirs.clone()]);
    let role = |name: &str| format!("arn:aws:iam::000000000000:role/{name}");
    let given = BTreeMap::from([
        ("CI", "true".to_owned()),
        ("CI_PROJECT_ID", "12".to_owned()),
        ("CI_MERGE_REQUEST_IID", "7".to_owned()),
        ("CI_API_V4_URL", format!("http://{address}/api/v4")),
        ("JOT_ID_TOKEN", "an-id-token".to_owned()),
        ("JOT_COMMENT_TOKEN", "a-token".to_owned()),
        ("JOT_PLAN_ROLE", role("plan")),
        ("JOT_APPLY_ROLE", role("apply")),
    ]);
    // What was written since the last read, and jot's one comment.
    let comment = || -> (Vec<String>, Value) {
        let mut kept = kept.lock().expect("nothing panicked");
        assert_eq!(kept.notes[0], theirs, "what others wrote stays");
        let asked = std::mem::take(&mut kept.asked);
        let writes = asked.into_iter().filter(|one| !one.starts_with("GET "));
        assert!(kept.notes.len() <= 2, "{:#?}", kept.notes);
        let own = kept
            .notes
            .get(1)
            .map_or(Value::Null, |one| one["body"].clone());
        (writes.collect(), own)
    };
    let path = "/api/v4/projects/12/merge_requests/7/notes";

    // A plan that failed creates no comment.
    let manifest = project.text("jot.toml");
    project.write("jot.toml", "[project]\nnaem = \"numerics\"\n");
    expect(job(&project, "plan", &given), 1);
    assert_eq!(comment(), (Vec::new(), Value::Null));
    project.write("jot.toml", &manifest);

    let plan = expect(job(&project, "plan", &given), 0);
    let counts = stack.proxy.counts();
    assert_eq!(
        changes(&counts).into_keys().collect::<Vec<_>>(),
        ["sts:AssumeRoleWithWebIdentity"],
        "{counts:?}"
    );
    let (writes, made) = comment();
    let made = made.as_str().expect("a text").to_owned();
    assert_eq!(writes, [format!("POST {path}")]);
    let page = made.strip_prefix(&format!("{marker}\n"));
    let page = page.expect("the marker");
    assert!(page.starts_with("### jot plan: "), "{made}");
    assert!(plan.stdout.ends_with(page), "{plan:#?}");
    assert_eq!(
        fs::read_dir(project.path()).expect("the checkout").count(),
        2
    );

    expect(job(&project, "plan", &given), 0);
    let (writes, again) = comment();
    assert_eq!(
        (writes, again),
        (vec![format!("PUT {path}/2")], json!(made))
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
    assert!(
        drift.stdout.contains("AWS differs from jot.toml"),
        "{drift:#?}"
    );
    assert_eq!(comment(), (Vec::new(), json!(made)));

    project.write("jot.toml", "[project]\nnaem = \"numerics\"\n");
    expect(job(&project, "plan", &given), 1);
    let (writes, none) = comment();
    assert_eq!(writes, [format!("PUT {path}/2")]);
    let none = none.as_str().expect("a text").to_owned();
    assert!(none.contains("### jot plan: none"), "{none}");
}
