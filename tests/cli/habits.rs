//! Words and options that users know from other tools.

use std::fs;

use crate::{MANIFEST, command, jot, project, shown};

#[test]
fn help_takes_a_command() {
    let folder = tempfile::tempdir().unwrap();
    let said = jot(folder.path(), &["help", "apply"]);
    assert!(said.starts_with("status: 0\n"), "{said}");
    assert_eq!(said, jot(folder.path(), &["apply", "--help"]));
}

#[test]
fn deploy_is_apply_and_validate_is_check() {
    let folder = project();
    let check = jot(folder.path(), &["check"]);
    assert_eq!(jot(folder.path(), &["validate"]), check);
    let said = jot(folder.path(), &["deploy", "--yes"]);
    assert!(said.contains("127.0.0.1:1"), "{said}");
    let help = jot(folder.path(), &["--help"]);
    assert!(
        !help.contains("deploy") && !help.contains("validate"),
        "{help}"
    );
}

#[test]
fn json_and_no_color_stand_for_the_long_options() {
    let folder = project();
    let json = jot(folder.path(), &["check", "--format", "json"]);
    assert_eq!(jot(folder.path(), &["check", "--json"]), json);
    let both = jot(folder.path(), &["check", "--json", "--format", "json"]);
    assert!(both.contains("cannot be used with"), "{both}");
    let said = |arguments: &[&str]| {
        let mut command = command(folder.path(), arguments);
        let output = command.env_remove("NO_COLOR").env("FORCE_COLOR", "1");
        shown(folder.path(), &output.output().unwrap())
    };
    fs::write(folder.path().join("jot.toml"), "[project]\n").unwrap();
    assert!(said(&["check"]).contains('\u{1b}'));
    for never in [&["check", "--no-color"][..], &["check", "--color", "never"]] {
        assert!(!said(never).contains('\u{1b}'), "{never:?}");
    }
}

#[test]
fn the_folder_is_changed_first() {
    let folder = project();
    let inner = folder.path().join("a/b");
    fs::create_dir_all(&inner).unwrap();
    let check = jot(folder.path(), &["check"]);
    let output = command(&inner, &["-C", "..", "-C", "..", "check"]).output();
    assert_eq!(shown(folder.path(), &output.unwrap()), check);
    let said = jot(folder.path(), &["check", "-C", "absent"]);
    assert!(said.starts_with("status: 1\n"), "{said}");
    assert!(said.contains("cannot enter absent"), "{said}");
}

#[test]
fn the_manifest_may_be_named_by_its_folder() {
    let folder = project();
    let other = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let said = jot(other.path(), &["check", "--manifest", path]);
    assert!(said.starts_with("status: 0\n"), "{said}");
}

#[test]
fn a_misspelt_function_is_told_with_the_one_that_was_meant() {
    let folder = project();
    for arguments in [
        &["check", "incremnt-vector"][..],
        &["invoke", "incremnt-vector", "[1]"],
        &["logs", "incremnt-vector"],
        &["plan", "increment-vecto"],
    ] {
        let said = jot(folder.path(), arguments);
        assert!(said.contains("did you mean `increment-vector`?"), "{said}");
    }
    let targets = format!("{MANIFEST}\n[targets.production]\n");
    fs::write(folder.path().join("jot.toml"), targets).unwrap();
    let said = jot(folder.path(), &["check", "--target", "prodution"]);
    assert!(
        said.contains("did you mean `--target production`?"),
        "{said}"
    );
}

#[test]
fn requests_are_shown_without_colour_where_none_is_wanted() {
    let folder = project();
    let said = |arguments: &[&str]| {
        let mut command = command(folder.path(), arguments);
        let output = command.env_remove("NO_COLOR").output().unwrap();
        shown(folder.path(), &output)
    };
    for arguments in [&["check", "-vv"][..], &["check", "-vv", "--color", "never"]] {
        let said = said(arguments);
        assert!(said.contains("read=") && !said.contains('\u{1b}'), "{said}");
    }
}
