//! `jot bench` before it contacts a service: help, and command lines that it refuses.

use std::{fs, process::Command};

use crate::{MANIFEST, jot, project};

#[test]
fn help_says_what_is_measured() {
    let folder = tempfile::tempdir().unwrap();
    insta::assert_snapshot!(jot(folder.path(), &["bench", "--help"]));
}

/// jot's message for a command line that it refuses.
fn refused(arguments: &[&str]) -> String {
    let folder = project();
    let said = jot(folder.path(), &[&["bench"], arguments].concat());
    assert!(
        said.starts_with("status: 1\n--- stdout\n--- stderr\n"),
        "{said}"
    );
    said
}

#[test]
fn sizes_that_lambda_does_not_have_are_refused() {
    insta::assert_snapshot!(refused(&["--memory", "512,12"]));
    for wrong in ["10241", "0", "1.5", "", "512 MB"] {
        assert!(
            refused(&["--memory", wrong]).contains("--memory"),
            "{wrong}"
        );
    }
}

#[test]
fn what_cannot_be_counted_is_refused() {
    for (option, value) in [("--runs", "0"), ("--calls", "0"), ("--warmup", "x")] {
        assert!(refused(&[option, value]).contains(option), "{option}");
    }
    let both = refused(&["--local", "--remote"]);
    assert!(both.contains("cannot be used with"), "{both}");
}

#[test]
fn an_unknown_function_is_named_with_those_that_there_are() {
    insta::assert_snapshot!(refused(&["decrement-vector"]));
}

#[test]
fn an_unknown_test_is_named_with_those_that_there_are() {
    insta::assert_snapshot!(refused(&["--test", "adds two"]));
}

#[test]
fn a_function_without_a_test_has_no_argument() {
    let folder = project();
    let manifest = MANIFEST.split("tests = ").next().unwrap();
    fs::write(folder.path().join("jot.toml"), manifest).unwrap();
    insta::assert_snapshot!(jot(folder.path(), &["bench"]));
    // In Lambda too, before the first request to AWS.
    assert!(jot(folder.path(), &["bench", "--remote"]).contains("has no test"));
}

#[test]
fn a_page_that_cannot_be_written_is_told_before_anything_is_measured() {
    let said = refused(&["--html", "nowhere/page.html"]);
    assert!(said.contains("cannot write nowhere/page.html"), "{said}");
}

#[test]
fn one_variant_is_nothing_to_compare() {
    insta::assert_snapshot!(refused(&["--compare", "sysimage"]));
    let outside = refused(&["--compare", "v1..HEAD"]);
    assert!(outside.contains("in no git repository"), "{outside}");
}

#[test]
fn a_revision_that_git_does_not_know_is_named() {
    let folder = project();
    let made = Command::new("git")
        .args(["init", "--quiet"])
        .current_dir(folder.path())
        .status();
    assert!(made.unwrap().success());
    let said = jot(folder.path(), &["bench", "--compare", ".,nowhere"]);
    assert!(said.contains("git knows no revision `nowhere`"), "{said}");
}
