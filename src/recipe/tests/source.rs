//! Scripts with what they include, and package directories.

use std::{fs, time::SystemTime};

use miette::Diagnostic;

use super::project::{MANIFEST, Project, SCRIPT};
use crate::recipe::Error;

#[test]
fn a_script_brings_what_it_includes() {
    let project = Project::new();
    let alone = project.fingerprint();
    project.write(
        "increment_vector.jl",
        &format!("include(\"lib/steps.jl\")\n{SCRIPT}"),
    );
    project.write(
        "lib/steps.jl",
        "include(\"../consts.jl\")\nstep(x) = x + ONE\n",
    );
    project.write("consts.jl", "include(\"lib/steps.jl\")\nconst ONE = 1\n");
    project.write("unrelated.jl", "error()\n");
    let with = project.fingerprint();
    assert_ne!(with, alone);
    project.write("unrelated.jl", "other()\n");
    assert_eq!(project.fingerprint(), with);
    project.write("consts.jl", "const ONE = 2\n");
    assert_ne!(project.fingerprint(), with);
}

#[test]
fn a_script_brings_what_it_reads_from_its_folder() {
    let project = Project::new();
    project.write(
        "increment_vector.jl",
        &format!("include(\"lib/a.jl\")\nconst T = joinpath(@__DIR__, \"table.csv\")\n{SCRIPT}"),
    );
    project.write(
        "lib/a.jl",
        "readdir(joinpath(@__DIR__, \"data\")); joinpath(@__DIR__, \"..\", \"..\", \"x\"); \
         joinpath(@__DIR__, \"..\")",
    );
    project.write("lib/data/one.txt", "1");
    // Does not exist yet: the function may intend to write it.
    let without = project.fingerprint();
    for (path, text) in [("table.csv", "a,b"), ("lib/data/deep/two.txt", "2")] {
        let before = project.fingerprint();
        project.write(path, text);
        assert_ne!(project.fingerprint(), before, "{path}");
    }
    let with = project.fingerprint();
    assert_ne!(with, without);
    project.write("lib/other.txt", "3");
    assert_eq!(project.fingerprint(), with);
}

/// What includes may be written as, with what they lead to.
#[test]
fn a_script_brings_what_only_some_forms_name() {
    let project = Project::new();
    for (path, text) in [
        ("lib/a.jl", "include(\"b.jl\")\n"),
        ("lib/b.jl", "const B = 1\n"),
        ("c.jl", "const C = 1\n"),
        ("table.csv", "1"),
        ("data/d.csv", "1"),
    ] {
        project.write(path, text);
    }
    for (line, changed) in [
        (
            "include(joinpath(@__DIR__, \"lib\", \"a.jl\"))",
            &["lib/a.jl", "lib/b.jl"][..],
        ),
        (
            "for f in [\"lib/a.jl\", \"c.jl\"]\n    include(f)\nend",
            &["lib/b.jl", "c.jl"],
        ),
        ("foreach(include, (\"c.jl\",))", &["c.jl"]),
        (
            "const A = joinpath(@__DIR__, \"lib\", \"a.jl\")\ninclude(A)",
            &["lib/b.jl"],
        ),
        (
            "foreach(f -> include(joinpath(@__DIR__, \"lib\", f)), readdir(joinpath(@__DIR__, \
             \"lib\")))",
            &["lib/a.jl", "lib/b.jl"],
        ),
        (
            "read(joinpath(dirname(@__FILE__), \"table.csv\"))",
            &["table.csv"],
        ),
        (
            "for f in [\"table.csv\"]\n    read(joinpath(@__DIR__, f))\nend",
            &["table.csv"],
        ),
        ("read(joinpath(@__DIR__, \"data\", name))", &["data/d.csv"]),
    ] {
        project.write("increment_vector.jl", &format!("{line}\n{SCRIPT}"));
        for path in changed {
            let before = project.fingerprint();
            let text = fs::read_to_string(project.path(path)).unwrap();
            project.write(path, &format!("{text}# changed\n"));
            assert_ne!(project.fingerprint(), before, "{line}: {path}");
        }
    }
}

#[test]
fn what_a_script_names_and_nothing_can_follow_is_an_error() {
    let mut project = Project::new();
    project.function().julia.as_mut().unwrap().source = "app/increment_vector.jl".to_owned();
    project.write("data/d.csv", "1");
    for (line, said) in [
        (
            "include(name)",
            "increment_vector.jl:2: `include(name)` cannot be resolved",
        ),
        (
            "read(joinpath(@__DIR__, \"..\", \"data\"))",
            "names `../data`, which is outside of the script's folder",
        ),
    ] {
        project.write("app/increment_vector.jl", &format!("\n{line}\n{SCRIPT}"));
        let error = project.desired().unwrap_err();
        assert!(error.to_string().contains(said), "{error}");
        assert!(error.help().is_some());
    }
}

#[test]
fn an_include_stays_in_the_scripts_folder() {
    let mut project = Project::new();
    project.function().julia.as_mut().unwrap().source = "app/increment_vector.jl".to_owned();
    project.write("outside.jl", "");
    for (included, why) in [
        ("../outside.jl", "outside of"),
        ("missing.jl", "not a file in"),
        ("..", "outside of"),
    ] {
        project.write(
            "app/increment_vector.jl",
            &format!("include(\"{included}\")\n{SCRIPT}"),
        );
        let error = project.desired().unwrap_err().to_string();
        assert!(error.contains(included) && error.contains(why), "{error}");
    }
    project.write(
        "app/increment_vector.jl",
        &format!("include(\"link.jl\")\n{SCRIPT}"),
    );
    std::os::unix::fs::symlink("../outside.jl", project.path("app/link.jl")).unwrap();
    assert!(matches!(project.desired(), Err(Error::Leaves { .. })));
}

#[test]
fn a_package_brings_its_folder() {
    let mut project = Project::new();
    project.function().julia.as_mut().unwrap().source = "Increment".to_owned();
    project.function().handler = Some("increment_vector".to_owned());
    let uuid = "5a1cfe3c-47a5-4ee0-a3a5-3f0a7b1c0d2e";
    project.write(
        "Increment/Project.toml",
        &format!("name = \"Increment\"\nuuid = \"{uuid}\"\nversion = \"0.1.0\"\n"),
    );
    project.write(
        "Increment/src/Increment.jl",
        &format!("module Increment\n{SCRIPT}end\n"),
    );
    project.write("Increment/.dockerignore", "notes\n");
    let before = project.fingerprint();
    project.write("Increment/notes/todo.md", "later");
    assert_eq!(project.fingerprint(), before);
    project.write(
        "Increment/src/Increment.jl",
        &format!("module Increment\n{SCRIPT}const X = 1\nend\n"),
    );
    assert_ne!(project.fingerprint(), before);
}

#[test]
fn a_source_that_does_not_exist_is_named() {
    let project = Project::empty(MANIFEST);
    let error = project.desired().unwrap_err();
    assert!(error.to_string().contains("increment_vector.jl"), "{error}");
    assert!(
        error
            .help()
            .unwrap()
            .to_string()
            .contains("`functions.increment-vector`")
    );
}

#[test]
fn neither_the_place_nor_the_age_of_a_file_matters() {
    let (first, second) = (Project::new(), Project::new());
    let old = fs::File::options()
        .append(true)
        .open(second.path("increment_vector.jl"))
        .unwrap();
    old.set_modified(SystemTime::UNIX_EPOCH).unwrap();
    let (ours, theirs) = (first.images(), second.images());
    assert_eq!(ours.0.fingerprint, theirs.0.fingerprint);
    assert_eq!(
        (ours.0.inputs, ours.1.inputs),
        (theirs.0.inputs, theirs.1.inputs)
    );
}
