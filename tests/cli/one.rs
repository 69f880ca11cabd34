//! Which function a command without a name means, and what its argument is.

use std::{fs, process::Stdio};

use super::{MANIFEST, command, jot, project, shown};

/// A project with two functions, without a reachable AWS.
fn two() -> tempfile::TempDir {
    let folder = project();
    let (head, function) = MANIFEST.split_at(MANIFEST.find("[functions").unwrap());
    let other = function.replace("increment-vector", "increment-twice");
    let manifest = format!("{head}{function}\n{other}");
    fs::write(folder.path().join("jot.toml"), manifest).unwrap();
    folder
}

fn says(said: &str, words: &[&str]) {
    assert!(said.starts_with("status: 1\n"), "{said}");
    for word in words {
        assert!(said.contains(word), "`{word}` is missing:\n{said}");
    }
}

#[test]
fn a_glob_that_matches_several_is_refused_where_one_is_meant() {
    let folder = two();
    for arguments in [
        &["invoke", "increment-*", "[1]"][..],
        &["logs", "increment-*"],
        &["run", "increment-*"],
    ] {
        let said = jot(folder.path(), arguments);
        let words = [
            "`increment-*` matches 2 functions, but this command takes one",
            "name one of increment-twice, increment-vector",
        ];
        says(&said, &words);
    }
    for arguments in [&["invoke"][..], &["logs"], &["run"], &["invoke", "[1]"]] {
        let said = jot(folder.path(), arguments);
        says(&said, &["increment-twice, increment-vector"]);
    }
    for name in ["increment-*", "arn:aws:lambda:eu-west-1:1:function:f"] {
        let said = jot(folder.path(), &["adopt", name]);
        says(&said, &["is not the name of a function in Lambda"]);
    }
}

#[test]
fn an_option_is_not_taken_for_an_argument_and_a_negative_number_is() {
    let folder = project();
    let said = jot(folder.path(), &["invoke", "increment-vector", "--foo"]);
    says(&said, &["`jot invoke` has no option `--foo`"]);
    for arguments in [
        &["invoke", "increment-vector", "-1"][..],
        &["invoke", "-1.5e3"],
    ] {
        // The argument is accepted: what fails is the call.
        let said = jot(folder.path(), arguments);
        says(&said, &["127.0.0.1:1"]);
    }
    let said = jot(folder.path(), &["invoke", "increment-vector", "[1"]);
    says(&said, &["the argument is not JSON"]);
}

#[test]
fn what_is_piped_into_invoke_is_its_argument() {
    let folder = project();
    let said = |input: &str| {
        fs::write(folder.path().join("input"), input).unwrap();
        let mut command = command(folder.path(), &["invoke", "increment-vector"]);
        command.stdin(fs::File::open(folder.path().join("input")).unwrap());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let output = command.spawn().unwrap().wait_with_output().unwrap();
        shown(folder.path(), &output)
    };
    says(&said("[1"), &["the text from stdin is not JSON"]);
    says(&said(" \n"), &["stdin is empty"]);
    says(&said("[1]"), &["127.0.0.1:1"]);
}
