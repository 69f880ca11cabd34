//! `jot init` in folders with content, and the names that it takes.

use std::{fs, path::Path};

use crate::jot;

/// jot's output in a folder with that name and these files, and the manifest that it wrote.
fn made(name: &str, files: &[(&str, &str)], arguments: &[&str]) -> (String, String) {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join(name);
    fs::create_dir(&folder).unwrap();
    for (file, text) in files {
        fs::write(folder.join(file), text).unwrap();
    }
    let said = jot(&folder, &[&["init"], arguments].concat());
    let manifest = fs::read_to_string(folder.join("jot.toml")).unwrap_or_default();
    // A handler that is not found has to be named by the user.
    if !manifest.is_empty() && !manifest.contains("# handler") {
        let checked = jot(&folder, &["check"]);
        assert!(checked.starts_with("status: 0\n"), "{checked}");
    }
    (said, manifest)
}

#[test]
fn a_script_becomes_a_function() {
    let script = [("word_count.jl", "word_count(text::String) = 1\n")];
    let (said, manifest) = made("texts", &script, &[]);
    insta::assert_snapshot!(
        format!("{said}--- jot.toml\n{manifest}").replace(env!("CARGO_PKG_VERSION"), "<version>")
    );
}

#[test]
fn what_a_folder_has_beside_is_told() {
    let scripts = [
        ("a.jl", "a(x::Int) = x\n"),
        ("b.jl", "c(x) = x\nd(x) = x\n"),
    ];
    let (said, manifest) = made("texts", &scripts, &[]);
    assert!(
        manifest.contains("[functions.a]") && !manifest.contains("b.jl"),
        "{manifest}"
    );
    assert!(
        said.contains("b.jl was left out: it defines `c` and `d`"),
        "{said}"
    );
    assert!(said.contains("No function has tests yet"), "{said}");
    let (said, manifest) = made("texts", &[("data.jl", "const x = 1\n")], &[]);
    assert!(
        said.contains("data.jl was left out: it has no function"),
        "{said}"
    );
    assert!(
        manifest.contains("[functions.increment-vector]"),
        "{manifest}"
    );
}

#[test]
fn a_project_for_the_jvm_is_carried_over() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/carry/leiningen");
    let project = fs::read_to_string(fixtures.join("project.clj")).unwrap();
    let (said, manifest) = made("loader", &[("project.clj", &project)], &[]);
    assert!(
        said.contains("found project.clj\nwrote jot.toml\n"),
        "{said}"
    );
    assert!(manifest.contains("jvm = { source = \".\""), "{manifest}");
}

#[test]
fn a_dockerfile_becomes_a_function() {
    let files = [("Dockerfile", "FROM scratch\n")];
    let (said, manifest) = made("thumbnail", &files, &["pictures"]);
    assert!(said.contains("found Dockerfile\n"), "{said}");
    assert!(manifest.contains("name = \"pictures\"\n"), "{manifest}");
    assert!(manifest.contains("[functions.thumbnail]\n"), "{manifest}");
}

#[test]
fn a_name_that_cannot_be_a_project_s_is_told_with_the_rule_that_it_breaks() {
    for (name, why) in [
        ("x", "got 1"),
        ("Numerics", "got `N`"),
        ("a b", "got ` `"),
        ("-a", "must begin and end with"),
    ] {
        let (said, manifest) = made("texts", &[], &["--", name]);
        let words = said.split_whitespace().filter(|word| *word != "│");
        let unbroken = words.collect::<Vec<_>>().join(" ");
        assert!(
            unbroken.contains(why.trim_end()) && manifest.is_empty(),
            "{said}"
        );
    }
    let (said, manifest) = made("Größe ÄÖ", &[], &[]);
    assert!(
        said.contains("the folder's name `Größe ÄÖ` cannot name a"),
        "{said}"
    );
    assert!(manifest.is_empty());
    let (_, manifest) = made("Julia_Lambda", &[], &[]);
    assert!(manifest.contains("name = \"julia-lambda\""), "{manifest}");
}

#[test]
fn the_manifest_is_written_where_the_option_says() {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir(root.path().join("inner")).unwrap();
    let said = jot(root.path(), &["init", "numerics", "--manifest", "inner"]);
    assert!(said.contains("wrote inner/jot.toml\n"), "{said}");
    assert!(root.path().join("inner/increment_vector.jl").is_file());
    assert!(!root.path().join("jot.toml").exists());
    let named = ["init", "numerics", "--manifest", "inner/other.toml"];
    let said = jot(root.path(), &named);
    // The script in the folder is found.
    assert!(
        said.contains("found increment_vector.jl\nwrote inner/other.toml\n"),
        "{said}"
    );
    let checked = jot(root.path(), &["check", "--manifest", "inner/other.toml"]);
    assert!(checked.starts_with("status: 0\n"), "{checked}");
}

#[test]
fn the_first_manifest_names_the_schema_of_this_release() {
    let (_, manifest) = made("numerics", &[], &[]);
    let first = manifest.lines().next().unwrap();
    let release = format!("/raw/v{}/schema/jot.schema.json", env!("CARGO_PKG_VERSION"));
    assert!(first.starts_with("#:schema https://"), "{first}");
    assert!(first.ends_with(&release), "{first}");
    assert!(manifest.contains("\n# "), "{manifest}");
}
