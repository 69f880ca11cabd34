//! Manifests in `cases`, and the policies of each.

use std::fs;

use serde_json::Value;

use crate::{policy, printed, project, root};

fn folder() -> std::path::PathBuf {
    root().join("tests/policies/cases")
}

/// The names of the cases.
fn names() -> Vec<String> {
    let entries = fs::read_dir(folder()).expect("cases").map(|entry| {
        let path = entry.expect("a case").path();
        path.file_stem()
            .expect("a name")
            .to_string_lossy()
            .into_owned()
    });
    let mut names: Vec<String> = entries.collect();
    names.sort();
    names
}

fn manifest(name: &str) -> String {
    fs::read_to_string(folder().join(format!("{name}.toml"))).expect("a manifest")
}

/// The policies of all cases, of the example with every key and of a manifest with many functions.
pub fn all(stage: &str) -> Vec<Value> {
    let mut all: Vec<Value> = names()
        .iter()
        .map(|name| policy(&manifest(name), &[stage]))
        .collect();
    all.push(policy(&many(60, "compute"), &[stage]));
    for target in [&[][..], &["--target", "prod"]] {
        let manifest = ["--manifest", "jot.example.toml"];
        let (document, _) = printed(&root(), &[&[stage], target, &manifest].concat());
        all.push(serde_json::from_str(&document).expect("JSON"));
    }
    all
}

/// This many functions, with names that begin with this word.
pub fn many(count: usize, word: &str) -> String {
    let functions = (0..count).map(|index| {
        format!(
            "[functions.{word}-{index}]\njulia = {{ source = \"a.jl\", argument_type = \"Int\" }}\n"
        )
    });
    let head = "[project]\nname = \"numerics\"\n[aws]\nregion = \"eu-west-1\"\n";
    head.to_owned() + &functions.collect::<String>()
}

#[test]
fn each_manifest_has_its_policy() {
    for name in names() {
        let (document, said) = printed(project(&manifest(&name)).path(), &[]);
        insta::with_settings!({
            snapshot_path => "snapshots",
            prepend_module_to_snapshot => false,
        }, {
            insta::assert_snapshot!(name, format!("{said}{document}"));
        });
    }
}

#[test]
fn a_long_policy_is_shortened_where_all_names_begin_with_the_project_s() {
    let said = |word: &str| printed(project(&many(40, word)).path(), &[]);
    let (document, said_of_it) = said("numerics");
    assert!(document.contains(":function:numerics-*\""), "{document}");
    assert!(
        document.contains(":log-group:/aws/lambda/numerics-*\""),
        "{document}"
    );
    assert_eq!(said_of_it, "");
    let (document, said_of_it) = said("compute");
    assert!(document.contains(":function:compute-39\""), "{document}");
    assert!(
        said_of_it.contains("A managed policy holds at most 6144, all inline"),
        "{said_of_it}"
    );
}
