//! A value from `from_env` is in the function and nowhere else.

use std::{
    cell::RefCell,
    fs,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use crate::{
    story::expect,
    support::{Project, Stack, docker::docker, http, ran},
};

const CANARY: &str = "canary-7f3a91c2-secret";

const FUNCTION: &str = r#"
[functions.whisper]
environment = { WORD = { from_env = "CANARY" }, LEVEL = "info" }
julia = { source = "whisper.jl", argument_type = "Int", version = "1.5" }
tests = [{ argument = 1, expected = 22, exemplar = false }]
"#;

#[test]
fn a_secret_is_in_the_function_and_nowhere_else() {
    let stack = Stack::start();
    let project = Project::new(&stack, "secret");
    project.write("whisper.jl", "whisper(n) = length(ENV[\"WORD\"])\n");
    project.manifest(FUNCTION);
    let run = |arguments: &[&str]| ran(project.jot().args(arguments).env("CANARY", CANARY));
    let processes = Processes::watch();

    let said = RefCell::new(String::new());
    let say = |arguments: &[&str], status: i32| {
        let ran = expect(run(arguments), status);
        *said.borrow_mut() += &format!("{arguments:?}\n{}{}", ran.stdout, ran.stderr);
    };
    say(&["plan", "--out", "saved.json"], 0);
    say(&["plan", "--format", "json"], 0);
    say(&["build", "--context", "context"], 0);
    say(&["apply", "--yes", "-vv"], 0);
    say(&["plan", "-vv"], 0);
    project.manifest(&FUNCTION.replace("info", "debug"));
    say(&["plan"], 0);
    say(&["plan", "--format", "json"], 0);
    say(&["apply", "--yes", "--format", "json", "-vv"], 0);
    say(&["status", "--format", "json"], 0);
    say(&["test", "-vv"], 0);
    say(&["test", "--remote", "--format", "json"], 0);
    say(&["logs", "whisper", "--lines"], 0);
    // Another value is a difference, and neither is shown.
    let other = expect(
        ran(project.jot().args(["plan"]).env("CANARY", "another-secret")),
        0,
    );
    assert!(
        other.stdout.contains("environment.WORD"),
        "{}",
        other.stdout
    );
    *said.borrow_mut() += &other.stdout;
    project.manifest(&FUNCTION.replace("WORD =", "OTHER_WORD ="));
    say(&["plan"], 0);
    let said = said.into_inner();
    assert!(
        !said.contains(CANARY) && !said.contains("another-secret"),
        "{said}"
    );

    assert!(processes.looks() > 10, "too few looks to mean anything");
    assert!(!processes.shown(), "among a process's arguments");
    assert!(
        !tree(&project.path()).contains(CANARY),
        "in a file of the project"
    );
    assert!(!in_images(&project.name), "in an image");
    assert!(!in_tags(&stack), "in a tag");
}

#[test]
fn a_value_that_is_not_set_is_not_compared_and_stops_an_apply() {
    let stack = Stack::start();
    let project = Project::new(&stack, "unset");
    project.write("whisper.jl", "whisper(n) = 22\n");
    project.manifest(FUNCTION);
    let plan = expect(project.run(&["plan"]), 0);
    assert!(
        plan.stdout.contains("unknown here, not compared"),
        "{}",
        plan.stdout
    );
    stack.proxy.reset();
    let applied = expect(project.run(&["apply", "--yes"]), 1);
    assert!(applied.stderr.contains("CANARY"), "{}", applied.stderr);
    assert!(crate::story::changes(&stack.proxy.counts()).is_empty());
}

/// Reads the arguments of every process repeatedly, until it is dropped.
struct Processes {
    shared: Arc<(AtomicBool, AtomicU64, AtomicBool)>,
}

impl Processes {
    fn watch() -> Processes {
        let shared = Arc::new((
            AtomicBool::new(false),
            AtomicU64::new(0),
            AtomicBool::new(false),
        ));
        let watching = shared.clone();
        std::thread::spawn(move || {
            let (shown, looks, stop) = &*watching;
            while !stop.load(Ordering::Relaxed) {
                shown.fetch_or(arguments_show_it(), Ordering::Relaxed);
                looks.fetch_add(1, Ordering::Relaxed);
                std::thread::sleep(std::time::Duration::from_millis(20));
            }
        });
        Processes { shared }
    }

    fn looks(&self) -> u64 {
        self.shared.1.load(Ordering::Relaxed)
    }

    fn shown(&self) -> bool {
        self.shared.0.load(Ordering::Relaxed)
    }
}

impl Drop for Processes {
    fn drop(&mut self) {
        self.shared.2.store(true, Ordering::Relaxed);
    }
}

/// Whether `/proc/<pid>/cmdline` of any process contains the secret; this test's own searches
/// contain it too, so they are left out.
fn arguments_show_it() -> bool {
    let processes = fs::read_dir("/proc").expect("/proc").flatten();
    let lines = processes.filter_map(|process| fs::read(process.path().join("cmdline")).ok());
    lines
        .map(|line| String::from_utf8_lossy(&line).into_owned())
        .any(|line| line.contains(CANARY) && !line.contains("grep"))
}

/// The content of all files below a folder.
fn tree(folder: &Path) -> String {
    let mut text = String::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            text += &tree(&path);
        } else {
            text += &String::from_utf8_lossy(&fs::read(&path).expect("a file"));
        }
    }
    text
}

/// Whether configuration, history or any layer of the project's images contains the secret.
fn in_images(project: &str) -> bool {
    let ids = docker(&[
        "images",
        "--quiet",
        "--filter",
        &format!("label=dev.jot.project={project}"),
    ]);
    assert!(!ids.is_empty(), "there are no images to search");
    ids.split_whitespace().any(|id| {
        let described = docker(&["image", "inspect", id]) + &docker(&["history", "--no-trunc", id]);
        described.contains(CANARY) || saved_has(id)
    })
}

/// Whether the tar that `docker save` writes contains the secret; layers in it are not compressed.
fn saved_has(id: &str) -> bool {
    let command =
        format!("docker save {id} | grep --text --count --fixed-strings {CANARY} || true");
    let output = std::process::Command::new("sh")
        .args(["-c", &command])
        .output()
        .expect("a shell");
    let count = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    assert!(
        !count.is_empty(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    count != "0"
}

fn in_tags(stack: &Stack) -> bool {
    let target = "ResourceGroupsTaggingAPI_20170126.GetResources";
    let answer = http::aws_json(&stack.behind(), target, "{}").expect("ministack answers");
    assert!(
        answer.text().contains("jot:fingerprint"),
        "{}",
        answer.text()
    );
    answer.text().contains(CANARY)
}
