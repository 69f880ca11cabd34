//! `examples/ci`, `action.yml` and the scripts in `ci`: every shell line runs as the services run
//! it, against the emulator. Stand-ins replace only the services' own parts: `gh`, and GitLab's
//! interface for notes. The lines that are skipped install jot.

mod github;
mod gitlab;
mod notes;
mod workflow;

use std::{fs, path::PathBuf, process::Command};

use crate::{
    policies,
    support::{Project, Stack, http},
};

/// The folder of the checkout.
fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// A file of `examples/ci`.
fn example(path: &str) -> String {
    let folder = root().join("examples/ci");
    fs::read_to_string(folder.join(path)).expect("the example is there")
}

/// bash as the services call it, in the project's folder, with jot and `bin` on its path and jot's
/// environment.
fn bash(project: &Project, bin: &str) -> Command {
    let mut bash = Command::new("bash");
    let jot = project.jot();
    bash.current_dir(project.path()).env_clear();
    bash.envs(
        jot.get_envs()
            .filter_map(|(name, value)| Some((name, value?))),
    );
    let folder = PathBuf::from(env!("CARGO_BIN_EXE_jot"));
    let folder = folder.parent().expect("jot is in a folder");
    let path = std::env::var("PATH").expect("a path");
    bash.env("PATH", format!("{bin}:{}:{path}", folder.display()));
    bash.args(["--noprofile", "--norc", "-eo", "pipefail"]);
    bash
}

/// Fails if the plan sent a request that the policy of the planning role does not allow.
fn assert_permitted(stack: &Stack, project: &Project) {
    let counts = stack.proxy.counts();
    assert!(counts.contains_key("lambda:GetFunction"), "{counts:?}");
    policies::assert_within(&counts, &policies::allowed(project, "--plan"));
}

/// Changes the function's memory outside jot, as in the console.
fn somebody_changes_the_memory(stack: &Stack) {
    let path = "increment-vector/configuration";
    let answer = http::aws_lambda(&stack.behind(), "PUT", path, r#"{"MemorySize": 1536}"#);
    assert_eq!(answer.expect("ministack answers").status, 200);
}
