use std::path::Path;

use super::*;

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
fn the_checked_in_schema_is_fresh() {
    let path = root().join("schema/jot.schema.json");
    let fresh = format!("{}\n", serde_json::to_string_pretty(&schema()).unwrap());
    if std::env::var_os("JOT_UPDATE_SCHEMA").is_some() {
        std::fs::write(&path, &fresh).unwrap();
    }
    let stale =
        "schema/jot.schema.json is stale: run `jot generate schema > schema/jot.schema.json`";
    assert!(
        std::fs::read_to_string(&path).is_ok_and(|text| text == fresh),
        "{stale}"
    );
}
