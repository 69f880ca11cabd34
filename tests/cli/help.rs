//! Help, man pages and completions of every command.

use std::{fs, path::Path, process::Command};

use crate::{jot, project};

/// The commands that help lists.
fn commands() -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let help = jot(folder.path(), &["--help"]);
    let listed = help.split("Commands:\n").nth(1).unwrap();
    let listed = listed.split("\n\n").next().unwrap();
    // A line that continues the one before has a deeper indentation.
    let names = listed
        .lines()
        .filter(|line| !line.starts_with("   "))
        .map(|line| line.split_whitespace().next().unwrap().to_owned());
    let names: Vec<String> = names.filter(|name| name != "help").collect();
    assert!(names.len() >= 14, "{names:?}");
    names
}

#[test]
fn every_help_ends_with_two_or_three_examples() {
    let folder = tempfile::tempdir().unwrap();
    for command in commands().iter().map(String::as_str).chain([""]) {
        let words: Vec<&str> = [command, "--help"]
            .into_iter()
            .filter(|word| !word.is_empty())
            .collect();
        let help = jot(folder.path(), &words);
        let (_, examples) = help.split_once("\nExamples:\n").expect(&help);
        let examples = examples.split("--- stderr").next().unwrap();
        let examples: Vec<&str> = examples.lines().collect();
        assert!((2..=4).contains(&examples.len()), "{help}");
        assert!(examples.iter().all(|line| line.contains("jot ")), "{help}");
    }
}

#[test]
fn a_man_page_names_the_values_of_options() {
    let folder = tempfile::tempdir().unwrap();
    let page = jot(folder.path(), &["generate", "man", "plan"]);
    let synopsis = page.split(".SH SYNOPSIS").nth(1).unwrap();
    let synopsis = synopsis.split(".SH ").next().unwrap().replace("\\-", "-");
    for part in [
        "[--out FILE]",
        "[--target NAME]",
        "[--refresh]",
        "[FUNCTION]...",
    ] {
        assert!(synopsis.contains(part), "{part}: {synopsis}");
    }
    assert!(!synopsis.contains("--json"), "{synopsis}");
    assert!(page.contains(".SH EXTRA"), "{page}");
}

/// bash's completions of these words; the last one is incomplete.
fn completed(folder: &Path, words: &[&str]) -> Vec<String> {
    let script = jot(folder, &["generate", "completions", "bash"]);
    let script = script.strip_prefix("status: 0\n--- stdout\n").unwrap();
    let script = script.split("--- stderr").next().unwrap();
    fs::write(folder.join("jot.bash"), script).unwrap();
    let quoted: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
    let last = words.len() - 1;
    let command = format!(
        "source ./jot.bash; COMP_WORDS=({}); COMP_CWORD={last}; \
         _jot_with_names jot '{}' '{}'; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
        quoted.join(" "),
        words[last],
        words[last - 1]
    );
    let binary = Path::new(env!("CARGO_BIN_EXE_jot")).parent().unwrap();
    let output = Command::new("bash")
        .args(["--norc", "-c", &command])
        .current_dir(folder)
        .env("PATH", format!("{}:/usr/bin:/bin", binary.display()))
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines()
        .map(str::to_owned)
        .filter(|line| !line.is_empty())
        .collect()
}

#[test]
fn bash_completes_functions_and_targets() {
    let folder = project();
    let manifest = fs::read_to_string(folder.path().join("jot.toml")).unwrap();
    let manifest = format!("{manifest}\n[targets.production]\n[targets.staging]\n");
    fs::write(folder.path().join("jot.toml"), manifest).unwrap();
    let completed = |words: &[&str]| completed(folder.path(), words);
    assert_eq!(completed(&["jot", "plan", "inc"]), ["increment-vector"]);
    assert_eq!(completed(&["jot", "invoke", ""]), ["increment-vector"]);
    assert_eq!(
        completed(&["jot", "plan", "--target", "pro"]),
        ["production"]
    );
    assert_eq!(
        completed(&["jot", "plan", "--target", ""]),
        ["production", "staging"]
    );
    for command in ["plan", "apply", "iam-policy"] {
        assert_eq!(
            completed(&["jot", command, "--images-from", "st"]),
            ["staging"]
        );
    }
    assert!(completed(&["jot", "plan", "--det"]).contains(&"--detailed-exitcode".to_owned()));
    assert!(completed(&["jot", "pl"]).contains(&"plan".to_owned()));
    fs::write(folder.path().join("jot.toml"), "broken").unwrap();
    assert!(completed(&["jot", "plan", "inc"]).is_empty());
}

#[test]
fn zsh_and_fish_ask_for_names() {
    let folder = tempfile::tempdir().unwrap();
    let zsh = jot(folder.path(), &["generate", "completions", "zsh"]);
    assert!(zsh.contains(":_jot_functions' \\\n"), "{zsh}");
    assert!(zsh.contains("act on]:NAME:_jot_targets' \\\n"), "{zsh}");
    let source = zsh.lines().filter(|line| line.contains("--images-from=["));
    let source: Vec<&str> = source.collect();
    assert_eq!(source.len(), 3, "{zsh}");
    let named = |line: &&str| line.contains(":TARGET:_jot_targets'");
    assert!(source.iter().all(named), "{source:?}");
    assert!(zsh.contains("\n_jot_functions() {\n"), "{zsh}");
    let fish = jot(folder.path(), &["generate", "completions", "fish"]);
    let functions = "-f -a '(jot generate names functions 2>/dev/null)'";
    assert!(fish.contains(functions), "{fish}");
    let targets = "-l images-from -x -a '(jot generate names targets 2>/dev/null)'";
    assert!(fish.contains(targets), "{fish}");
}
