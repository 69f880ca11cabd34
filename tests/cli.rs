//! The whole binary, without Docker and AWS: what it prints, where, and how it ends.

#[path = "cli/annotations.rs"]
mod annotations;
#[path = "cli/bench.rs"]
mod bench;
#[path = "cli/contexts.rs"]
mod contexts;
#[path = "cli/doctor.rs"]
mod doctor;
#[path = "support/documents.rs"]
mod documents;
#[path = "cli/endpoint.rs"]
mod endpoint;
#[path = "cli/habits.rs"]
mod habits;
#[path = "cli/help.rs"]
mod help;
#[path = "cli/init.rs"]
mod init;
#[path = "cli/invoke.rs"]
mod invoke;
#[path = "cli/machines.rs"]
mod machines;
#[path = "cli/one.rs"]
mod one;
#[path = "cli/show.rs"]
mod show;

use std::{
    fs,
    path::Path,
    process::{Command, Output},
    thread::sleep,
    time::Duration,
};

/// The command jot in a folder, without this machine's configuration.
fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_jot"));
    command
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .env("HOME", folder)
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("DOCKER_HOST", "unix:///nowhere/docker.sock")
        .env("NO_COLOR", "1")
        .env("LC_ALL", "C.UTF-8");
    command
}

/// How jot ends in a folder, and what it prints, with the folder's path hidden.
fn jot(folder: &Path, arguments: &[&str]) -> String {
    shown(folder, &command(folder, arguments).output().unwrap())
}

fn shown(folder: &Path, output: &Output) -> String {
    let status = output
        .status
        .code()
        .map_or_else(|| "signal".to_owned(), |code| code.to_string());
    let hide = |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes).into_owned();
        text.replace(
            &fs::canonicalize(folder).unwrap().display().to_string(),
            "<folder>",
        )
        .replace(&folder.display().to_string(), "<folder>")
        .replace(env!("CARGO_PKG_VERSION"), "<version>")
    };
    format!(
        "status: {status}\n--- stdout\n{}--- stderr\n{}",
        hide(&output.stdout),
        hide(&output.stderr)
    )
}

const MANIFEST: &str = r#"[project]
name = "numerics"

[aws]
region = "eu-west-1"
endpoint_url = "http://127.0.0.1:1"

[functions.increment-vector]
julia = { source = "increment_vector.jl", argument_type = "Vector{Int}", version = "1.5" }
tests = [{ argument = [1, 2, 3], expected = [2, 3, 4] }]
"#;

fn project() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("jot.toml"), MANIFEST).unwrap();
    fs::write(
        folder.path().join("increment_vector.jl"),
        "increment_vector(v) = v .+ 1\n",
    )
    .unwrap();
    folder
}

#[test]
fn the_version_is_cargos() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(
        jot(folder.path(), &["--version"]),
        "status: 0\n--- stdout\njot <version>\n--- stderr\n"
    );
}

#[test]
fn help_names_every_command() {
    let folder = tempfile::tempdir().unwrap();
    insta::assert_snapshot!(jot(folder.path(), &["--help"]));
}

#[test]
fn a_wrong_option_is_an_error_of_status_1() {
    let folder = tempfile::tempdir().unwrap();
    insta::assert_snapshot!(jot(folder.path(), &["plan", "--detailed-exit-code"]));
}

#[test]
fn what_is_wrong_with_a_command_line_is_told_with_what_was_meant() {
    let folder = project();
    let lines = [
        "aply",
        "frobnicate",
        "help aply",
        "plan --tagret x",
        "plan --frobnicate",
        "invoke a b c",
        "logs -n x",
        "test --watch --remote",
        "plan --out",
        "check --format yaml",
        "check --format jsn",
        "adopt",
        "generate evnt",
    ];
    let mut said = String::new();
    for line in lines {
        let words: Vec<&str> = line.split(' ').collect();
        let told = jot(folder.path(), &words);
        assert!(
            told.starts_with("status: 1\n--- stdout\n--- stderr\n"),
            "{told}"
        );
        let told = told.split("--- stderr\n").nth(1).unwrap();
        said += &format!("$ jot {line}\n{told}");
    }
    insta::assert_snapshot!(said);
    // For programs too it is a text on stderr.
    let told = jot(folder.path(), &["plan", "--tagret", "x", "--json"]);
    assert!(
        told.starts_with("status: 1\n--- stdout\n--- stderr\n  ×"),
        "{told}"
    );
}

#[test]
fn check_says_which_handler_is_not_found_and_accepts_it() {
    let folder = project();
    let manifest = MANIFEST.replace("increment-vector]", "increment-vectr]");
    fs::write(folder.path().join("jot.toml"), manifest).unwrap();
    let said = jot(folder.path(), &["check"]);
    assert!(said.starts_with("status: 0\n"), "{said}");
    let words = "functions.increment-vectr: no function `increment_vectr` is found in \
        increment_vector.jl, which defines `increment_vector`. Did you mean `increment_vector`?";
    assert!(said.contains(words), "{said}");
}

#[test]
fn test_says_first_that_there_are_no_tests() {
    let folder = project();
    let untested = MANIFEST.replace("tests = ", "# tests = ");
    fs::write(folder.path().join("jot.toml"), &untested).unwrap();
    // No Docker daemon is available here, which a build would report.
    let said = jot(folder.path(), &["test"]);
    assert!(said.starts_with("status: 0\n"), "{said}");
    assert!(said.contains("No tests: add `tests`"), "{said}");
    let two = untested.replace(
        "[functions.increment-vector]",
        "[functions.other]\nhandler = \"increment_vector\"",
    );
    let two = format!("{MANIFEST}{}", two.split_once("127.0.0.1:1\"").unwrap().1);
    fs::write(folder.path().join("jot.toml"), two).unwrap();
    let said = jot(folder.path(), &["test"]);
    assert!(said.contains("No tests, so not run: other."), "{said}");
}

#[test]
fn without_a_manifest_the_way_to_one_is_named() {
    let folder = tempfile::tempdir().unwrap();
    insta::assert_snapshot!(jot(folder.path(), &["check"]));
}

#[test]
fn check_asks_nobody() {
    let folder = project();
    insta::assert_snapshot!(jot(folder.path(), &["check"]));
}

#[test]
fn an_environment_is_counted_with_values_that_are_not_in_the_manifest() {
    let folder = project();
    let taken = MANIFEST.replace(
        "julia =",
        "environment = { DB_URL = { from_env = \"LONG\" } }\njulia =",
    );
    fs::write(folder.path().join("jot.toml"), taken).unwrap();
    for (length, status) in [(4083, 0), (4084, 1)] {
        for words in [&["check"][..], &["plan"], &["apply", "--yes"]] {
            let mut command = command(folder.path(), words);
            let output = command.env("LONG", "v".repeat(length)).output().unwrap();
            let shown = shown(folder.path(), &output);
            // The message is broken into lines within a border.
            let words_shown = shown.split_whitespace().filter(|word| *word != "│");
            let unbroken = words_shown.collect::<Vec<_>>().join(" ");
            let refused = "must be at most 4096 bytes, got 4097 with the values of this machine";
            assert_eq!(
                unbroken.contains(refused),
                status == 1,
                "{words:?}: {shown}"
            );
            assert!(!shown.contains("vvv"), "{shown}");
        }
    }
}

#[test]
fn three_mistakes_are_three_errors_of_one_run() {
    let folder = project();
    let wrong = MANIFEST.replace(
        "[functions.increment-vector]",
        "[functions.increment-vector]\nmemory = 100\ntimeout_s = 1000\ntracing = \"on\"",
    );
    fs::write(folder.path().join("jot.toml"), wrong).unwrap();
    insta::assert_snapshot!(jot(folder.path(), &["check"]));
}

#[test]
fn errors_are_json_where_asked() {
    let folder = project();
    fs::write(
        folder.path().join("jot.toml"),
        MANIFEST.replace("eu-west-1\"", "eu-west-1\"\nregoin = \"x\""),
    )
    .unwrap();
    insta::assert_snapshot!(jot(folder.path(), &["check", "--format", "json"]));
}

#[test]
fn a_silent_endpoint_is_named() {
    let folder = project();
    insta::assert_snapshot!(jot(folder.path(), &["destroy"]));
}

#[test]
fn the_context_is_the_same_wherever_the_project_lies() {
    let (one, other) = (project(), project());
    let rie = one.path().join("rie");
    fs::write(&rie, "an emulator").unwrap();
    for folder in [&one, &other] {
        let output = Command::new(env!("CARGO_BIN_EXE_jot"))
            .args(["build", "--context", "context"])
            .current_dir(folder.path())
            .env_clear()
            .env("HOME", folder.path())
            .env("JOT_RIE", &rie)
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    let (first, second) = (
        tree(&one.path().join("context")),
        tree(&other.path().join("context")),
    );
    assert_eq!(first, second);
    let names: Vec<&str> = first.iter().map(|(name, _)| name.as_str()).collect();
    assert!(names.contains(&"increment-vector/Dockerfile"), "{names:?}");
    assert!(
        names
            .iter()
            .any(|name| name.starts_with("base-") && name.ends_with("/Dockerfile")),
        "{names:?}"
    );
}

/// Every file below a folder with its bytes, sorted by path.
fn tree(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(current) = folders.pop() {
        for entry in fs::read_dir(current).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(folder).unwrap().display().to_string();
            files.push((name, fs::read(path).unwrap()));
        }
    }
    files.sort();
    files
}

#[test]
fn init_begins_a_project_that_checks_and_overwrites_nothing() {
    let folder = tempfile::tempdir().unwrap();
    insta::assert_snapshot!(jot(folder.path(), &["init", "numerics"]));
    assert!(jot(folder.path(), &["check"]).starts_with("status: 0\n"));
    let again = jot(folder.path(), &["init", "numerics"]);
    assert!(
        again.starts_with("status: 1\n") && again.contains("already exists"),
        "{again}"
    );
}

#[test]
fn the_help_of_init_has_examples_of_each_source() {
    let folder = tempfile::tempdir().unwrap();
    let said = jot(folder.path(), &["init", "--help"]);
    let examples = said.split("Examples:\n").nth(1).unwrap();
    for source in ["--from .", "--from template.yaml", "--from state.json"] {
        assert!(examples.contains(source), "{said}");
    }
}

#[test]
fn init_carries_a_project_over_and_overwrites_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/carry");
    for file in ["sam/template.yaml", "leiningen/project.clj"] {
        let name = Path::new(file).file_name().unwrap();
        fs::copy(fixtures.join(file), folder.path().join(name)).unwrap();
    }
    let from_sam = ["init", "shop", "--from", "template.yaml"];
    let said = jot(folder.path(), &from_sam);
    assert!(said.starts_with("status: 0\n"), "{said}");
    assert!(
        said.contains("wrote jot.toml\n\nNext: run `jot check` until it finds no errors"),
        "{said}"
    );
    assert!(said.contains("`jot adopt NAME`: thumbnail-dev."), "{said}");
    let notes = said.split("--- stderr").nth(1).unwrap();
    assert!(
        notes.contains("\nThumbnail.Layers: images have no layers: "),
        "{said}"
    );
    let manifest = folder.path().join("jot.toml");
    let written = fs::read_to_string(&manifest).unwrap();
    assert!(
        written.contains("\n\n[project]\nname = \"shop\"\n"),
        "{written}"
    );
    assert!(!said.contains("do-not-write") && !written.contains("do-not-write"));
    let again = jot(folder.path(), &["init", "--from", "."]);
    assert!(
        again.starts_with("status: 1\n") && again.contains("already exists"),
        "{again}"
    );
    assert_eq!(fs::read_to_string(&manifest).unwrap(), written);
    fs::remove_file(&manifest).unwrap();
    let broken = folder.path().join("broken.yaml");
    fs::write(&broken, "Resources:\n\tA: 1\n").unwrap();
    let said = jot(folder.path(), &["init", "--from", "broken.yaml"]);
    assert!(
        said.starts_with("status: 1\n") && said.contains("broken.yaml:2:2:"),
        "{said}"
    );
    assert!(!manifest.exists());
}

#[test]
fn a_project_name_that_ecr_would_refuse_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let said = jot(folder.path(), &["init", "Numerics!"]);
    assert!(
        said.starts_with("status: 1\n") && said.contains("ECR"),
        "{said}"
    );
    assert!(fs::read_dir(folder.path()).unwrap().next().is_none());
}

#[test]
fn what_generate_prints_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let said = |arguments: &[&str]| {
        let said = jot(folder.path(), arguments);
        assert!(said.starts_with("status: 0\n"), "{said}");
        said
    };
    assert!(said(&["generate", "schema"]).contains("\"$schema\""));
    assert!(said(&["generate", "example"]).contains("[functions.increment-vector]"));
    assert!(said(&["generate", "event", "sqs"]).contains("\"aws:sqs\""));
    assert!(said(&["generate", "man"]).contains(".TH jot 1"));
    assert!(said(&["generate", "man", "apply"]).contains("jot\\-apply"));
    for shell in ["bash", "zsh", "fish"] {
        assert!(
            said(&["generate", "completions", shell]).contains("detailed-exitcode"),
            "{shell}"
        );
    }
}

/// How many files `jot check` read to hash them.
fn read(folder: &Path) -> String {
    let told = jot(folder, &["check", "-vv"]);
    assert!(told.starts_with("status: 0\n"), "{told}");
    let (_, count) = told.split_once("read=").expect(&told);
    count.chars().take_while(char::is_ascii_digit).collect()
}

#[test]
fn a_file_that_did_not_change_is_read_once() {
    let project = project();
    let folder = project.path();
    // A newer file might change again without a visible difference.
    sleep(Duration::from_millis(2100));
    assert_eq!(read(folder), "1");
    assert_eq!(read(folder), "0");
    let hashes = folder.join(".cache/jot/hashes");
    let kept: Vec<_> = fs::read_dir(&hashes).unwrap().collect();
    assert_eq!(kept.len(), 1);
    fs::write(kept[0].as_ref().unwrap().path(), "broken").unwrap();
    assert_eq!(read(folder), "1");
    assert_eq!(read(folder), "0");
    fs::remove_dir_all(&hashes).unwrap();
    fs::write(&hashes, "no folder").unwrap();
    assert_eq!(read(folder), "1");
    assert_eq!(read(folder), "1");
}
