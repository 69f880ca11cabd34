//! What the user sees of wrong sources: those of `tests/julia/bad`, each with its snapshot.

use std::{
    fs,
    path::Path,
    process::Command,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use crate::{
    examples::copy,
    story::expect,
    support::{Project, Stack, Terminal},
};

/// Number of builds at the same time: each waits for a process of its own.
const AT_ONCE: usize = 4;
/// The project's name in snapshots.
const NAME: &str = "bad";

#[test]
fn every_bad_source_is_explained() {
    let stack = Stack::start();
    let project = Project::new(&stack, NAME);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/julia/bad");
    let entries = fs::read_dir(&folder).expect("the folder can be read");
    let mut names: Vec<String> = entries
        .map(|entry| entry.expect("an entry").file_name())
        .map(|name| name.into_string().expect("a name"))
        .collect();
    names.sort();
    assert!(names.len() >= 30, "{} sources", names.len());
    for name in &names {
        copy(&project, &folder.join(name), Path::new(name));
        let function = project.text(&format!("{name}/function.toml"));
        let manifest = format!(
            "[project]\nname = \"{}\"\n\n[aws]\nregion = \"eu-west-1\"\n\n{function}",
            project.name
        );
        project.write(format!("{name}/jot.toml"), &manifest);
    }
    // The base image of all of them.
    project.write("good/good.jl", "good(n) = n\n");
    project.manifest(
        "[functions.good]\njulia = { source = \"good/good.jl\", argument_type = \"Int\", \
         version = \"1.5\" }\n",
    );
    expect(project.run(&["build"]), 0);
    let (next, seen) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(name) = names.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let text = shown(&project, name);
                    seen.lock().expect("no thread broke").push((name, text));
                }
            });
        }
    });
    let mut seen = seen.into_inner().expect("no thread broke");
    seen.sort();
    assert_eq!(seen.len(), names.len());
    for (name, text) in &seen {
        insta::with_settings!({
            snapshot_path => "../julia/snapshots",
            prepend_module_to_snapshot => false,
            omit_expression => true,
        }, {
            insta::assert_snapshot!(name.as_str(), text);
        });
    }
    for (name, text) in seen {
        for word in [
            "/opt/jot",
            "/jot/",
            "RUN [",
            "LoadError",
            ".ji",
            "jot-fault",
            "jot-answer",
            "JotResponder",
            "Script_",
            "Stacktrace",
        ] {
            assert!(!text.contains(word), "{name} shows {word}:\n{text}");
        }
    }
}

/// What a terminal of 80 columns shows of the fault, without what every build shows.
fn shown(project: &Project, name: &str) -> String {
    let tests = project
        .text(&format!("{name}/jot.toml"))
        .contains("\ntests");
    let command = if tests { "test" } else { "build" };
    let jot = project.jot();
    let mut narrow = Command::new("sh");
    let script = format!(
        "stty cols 80 && exec {} {command}",
        env!("CARGO_BIN_EXE_jot")
    );
    narrow.arg("-c").arg(script).env_clear();
    for (key, value) in jot.get_envs() {
        narrow.env(key, value.unwrap_or_default());
    }
    // Lines that replace bars.
    narrow.env("CI", "true").env("LANG", "C.UTF-8");
    narrow.current_dir(project.path().join(name));
    let ran = Terminal::start(&narrow).end();
    assert!(matches!(ran.status, Some(1 | 3)), "{name}: {ran:#?}");
    let begins = |line: &str| line.starts_with("  ×") || line.starts_with("function  ");
    let told = ran.stdout.lines().skip_while(|line| !begins(line));
    let told = told.take_while(|line| !line.ends_with(" not started."));
    let told: Vec<String> = told.map(without_times).collect();
    told.join("\n").trim_end().to_owned() + "\n"
}

/// A line of a table of tests without the duration of the test.
fn without_times(line: &str) -> String {
    match line.split_once("  FAILED  ") {
        Some((test, _)) => format!("{test}  FAILED"),
        None => line.trim_end().to_owned(),
    }
}
