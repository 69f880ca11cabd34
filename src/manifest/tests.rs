use std::path::Path;

use super::*;

mod case;
mod form_tests;
mod limit_tests;
mod setting_tests;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn the_example_loads_for_every_target() {
    for target in [None, Some("prod")] {
        if let Err(error) = load(&root().join("jot.example.toml"), target) {
            panic!("{:?}", miette::Report::new(error));
        }
    }
}

#[test]
fn a_target_suffixes_every_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(FILE);
    std::fs::write(folder.path().join("f.jl"), "f(x) = x").unwrap();
    let julia = "julia = { source = 'f.jl', argument_type = 'Int' }";
    let text = format!(
        "[project]\nname = 'numerics'\n[functions.f]\n{julia}\n[functions.g]\nname = 'other'\n\
            {julia}\n\
         [targets.prod]\nname_suffix = '-prod'\n[targets.dev]\n"
    );
    std::fs::write(&path, text).unwrap();

    let prod = load(&path, Some("prod")).unwrap();
    let name = |loaded: &Loaded, key: &str| loaded.manifest.functions[key].name.clone();
    assert_eq!(name(&prod, "f").as_deref(), Some("f-prod"));
    assert_eq!(name(&prod, "g").as_deref(), Some("other-prod"));
    assert_eq!(
        (prod.name_suffix.as_str(), prod.target.as_deref()),
        ("-prod", Some("prod"))
    );
    assert_eq!(prod.targets, ["dev", "prod"]);
    assert_eq!(prod.root, folder.path());

    let none = load(&path, None).unwrap();
    assert_eq!(
        (name(&none, "f"), name(&none, "g").as_deref()),
        (None, Some("other"))
    );
    assert_eq!((none.name_suffix.as_str(), none.target), ("", None));
}

#[test]
fn the_nearest_manifest_above_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let deep = folder.path().join("a/b");
    std::fs::create_dir_all(&deep).unwrap();
    std::fs::write(folder.path().join(FILE), "").unwrap();
    assert_eq!(find(&deep).unwrap(), folder.path().join(FILE));
    std::fs::write(folder.path().join("a").join(FILE), "").unwrap();
    assert_eq!(find(&deep).unwrap(), folder.path().join("a").join(FILE));
}

#[test]
fn a_file_that_is_missing_or_no_text_is_unreadable() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(FILE);
    assert!(matches!(load(&path, None), Err(Error::Unreadable { .. })));
    std::fs::write(&path, b"[project]\nname = '\xff'").unwrap();
    let refused = load(&path, None);
    assert!(
        matches!(refused, Err(Error::NotText { line: 2, .. })),
        "{refused:?}"
    );
}

#[test]
fn the_example_shows_every_key_of_the_schema() {
    let schema: serde_json::Value = serde_json::from_str(SCHEMA).unwrap();
    let mut missing = Vec::new();
    let definitions = schema["definitions"].as_object().unwrap();
    let tables = definitions
        .values()
        .chain([&schema])
        .filter_map(|table| table["properties"].as_object());
    for key in tables.flat_map(|properties| properties.keys()) {
        let shown = [
            format!("{key} = "),
            format!("[{key}]"),
            format!("{key}."),
            format!(".{key}]"),
        ];
        if !shown.iter().any(|form| example().contains(form)) {
            missing.push(key);
        }
    }
    assert!(missing.is_empty(), "jot.example.toml lacks {missing:?}");
}
