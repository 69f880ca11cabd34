use std::path::Path;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::manifest::parse::parse;

const BASE: &str = r#"
[project]
name = "numerics"
[aws]
region = "eu-west-1"
registry = "127.0.0.1:4566"
[defaults]
memory_mb = 512
environment = { A = "defaults", B = "defaults" }
policies = ["one", "two"]
[functions.f]
environment = { B = "function" }
logging = { format = "json", level = "info" }
[functions.g]
memory_mb = 256
[targets.prod.aws]
region = "us-east-1"
[targets.prod.defaults]
memory_mb = 1024
policies = ["three"]
[targets.prod.functions.f]
memory_mb = 2048
unset = ["logging.level"]
[targets.same]
"#;

fn merged(text: &str, target: Option<&str>) -> (Value, bool) {
    let mut problems = Problems::new(Path::new("jot.toml"), text, None);
    let written = parse(text, &mut problems).root;
    let json = merge(&written, target, &mut problems).root.to_json();
    (json, problems.is_empty())
}

#[test]
fn defaults_lie_under_every_function() {
    let (document, clean) = merged(BASE, None);
    assert!(clean);
    let functions = json!({
        "f": {
            "memory_mb": 512,
            "environment": { "A": "defaults", "B": "function" },
            "policies": ["one", "two"],
            "logging": { "format": "json", "level": "info" },
        },
        "g": {
            "memory_mb": 256,
            "environment": { "A": "defaults", "B": "defaults" },
            "policies": ["one", "two"],
        },
    });
    assert_eq!(document["functions"], functions);
}

#[test]
fn target_defaults_go_over_functions_and_target_functions_over_those() {
    let (document, clean) = merged(BASE, Some("prod"));
    assert!(clean);
    assert_eq!(document["functions"]["f"]["memory_mb"], 2048);
    assert_eq!(document["functions"]["g"]["memory_mb"], 1024);
    assert_eq!(
        document["functions"]["f"]["policies"],
        json!(["three"]),
        "arrays replace"
    );
    assert_eq!(
        document["functions"]["f"]["logging"],
        json!({ "format": "json" }),
        "unset removes"
    );
    assert_eq!(
        document["aws"],
        json!({ "region": "us-east-1", "registry": "127.0.0.1:4566" }),
        "tables merge"
    );
}

#[test]
fn a_value_knows_where_it_is_written() {
    let mut problems = Problems::new(Path::new("jot.toml"), BASE, None);
    let written = parse(BASE, &mut problems).root;
    let merged = merge(&written, Some("prod"), &mut problems);
    for (path, name) in [
        (
            ["functions", "f", "memory_mb"],
            "targets.prod.functions.f.memory_mb",
        ),
        (
            ["functions", "g", "memory_mb"],
            "targets.prod.defaults.memory_mb",
        ),
        (["functions", "f", "logging"], "functions.f.logging"),
        (["functions", "g", "environment"], "defaults.environment"),
    ] {
        let path = path.map(|key| Step::Key(key.to_owned()));
        let node = merged.root.at(&path).unwrap();
        assert_eq!(merged.written(&path, node.layer), name);
        let key = &BASE[node.key.clone().unwrap()];
        assert!(name.ends_with(key), "{key} has the position of {name}");
    }
}

#[test]
fn unset_comes_before_the_keys_next_to_it() {
    let text =
        "[defaults]\ntags = { a = '1' }\n[functions.f]\nunset = ['tags']\ntags = { b = '2' }";
    let (document, clean) = merged(text, None);
    assert!(clean);
    assert_eq!(document["functions"]["f"], json!({ "tags": { "b": "2" } }));
}

#[test]
fn unset_of_nothing_is_a_problem_but_in_target_defaults() {
    assert!(!merged("[functions.f]\nunset = ['tags']", None).1);
    assert!(
        !merged(
            "[functions.f]\n[targets.t.functions.f]\nunset = ['tags']",
            Some("t")
        )
        .1
    );
    assert!(
        merged(
            "[functions.f]\n[targets.t.defaults]\nunset = ['tags']",
            Some("t")
        )
        .1
    );
}

/// A table of up to three levels, as text of one inline table.
fn table() -> impl Strategy<Value = BTreeMap<String, Value>> {
    let leaf = prop_oneof![
        any::<i64>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        "[a-z]{0,4}".prop_map(Value::from),
        prop::collection::vec(any::<i64>(), 0..3).prop_map(Value::from),
    ];
    let value = leaf.prop_recursive(3, 12, 4, |inner| {
        prop::collection::btree_map("[a-d]", inner, 0..4).prop_map(|map| map.into_iter().collect())
    });
    prop::collection::btree_map("[a-d]", value, 0..4)
}

fn document(sections: &[(&str, &BTreeMap<String, Value>)]) -> String {
    let section = |(header, table): &(&str, &BTreeMap<String, Value>)| {
        let lines = table
            .iter()
            .map(|(key, value)| format!("{key} = {}\n", toml::Value::try_from(value).unwrap()));
        format!("[{header}]\n{}", lines.collect::<String>())
    };
    sections.iter().map(section).collect()
}

/// What merging means, said of JSON.
fn laid(under: &Value, over: &Value) -> Value {
    let (Value::Object(under), Value::Object(over)) = (under, over) else {
        return over.clone();
    };
    let mut all = under.clone();
    for (key, value) in over {
        let value = under
            .get(key)
            .map_or_else(|| value.clone(), |old| laid(old, value));
        all.insert(key.clone(), value);
    }
    Value::Object(all)
}

fn object(table: &BTreeMap<String, Value>) -> Value {
    table.clone().into_iter().collect()
}

proptest! {
    #[test]
    fn an_empty_overlay_changes_nothing(defaults in table(), function in table()) {
        let text = document(&[
            ("defaults", &defaults),
            ("functions.f", &function),
            ("targets.t.defaults", &BTreeMap::new()),
            ("targets.t.functions.f", &BTreeMap::new()),
        ]);
        prop_assert_eq!(merged(&text, Some("t")), merged(&text, None));
    }

    #[test]
    fn a_layer_over_itself_changes_nothing(function in table()) {
        let text = document(&[
            ("defaults", &function),
            ("functions.f", &function),
            ("targets.t.functions.f", &function),
        ]);
        prop_assert_eq!(&merged(&text, Some("t")).0["functions"]["f"], &object(&function));
    }

    #[test]
    fn layers_lie_over_each_other_in_their_order(
        a in table(), b in table(), c in table(), d in table(),
    ) {
        let text = document(&[
            ("targets.t.functions.f", &d),
            ("targets.t.defaults", &c),
            ("functions.f", &b),
            ("defaults", &a),
        ]);
        let expected = [b, c, d].iter().fold(object(&a), |under, over| laid(&under, &object(over)));
        prop_assert_eq!(&merged(&text, Some("t")).0["functions"]["f"], &expected);
    }

    #[test]
    fn what_is_unset_is_as_if_it_had_never_been_set(defaults in table(), key in "[a-d]") {
        let mut without = defaults.clone();
        let was_set = without.remove(&key).is_some();
        let layer = document(&[("defaults", &defaults)]);
        let text = format!("{layer}[functions.f]\nunset = ['{key}']\n");
        let (document, clean) = merged(&text, None);
        prop_assert_eq!(&document["functions"]["f"], &object(&without));
        prop_assert_eq!(clean, was_set);
    }
}

#[test]
fn where_a_value_comes_from_is_replaced_as_a_whole() {
    let text = "[defaults.environment]\nDB = { from_env = 'DB' }\nAPI = 'text'\n\
        [functions.f.environment]\n\
                DB = { from_ssm = '/db' }\nAPI = { from_ssm = '/api' }\n";
    let (document, _) = merged(text, None);
    let environment = &document["functions"]["f"]["environment"];
    assert_eq!(
        *environment,
        json!({ "DB": { "from_ssm": "/db" }, "API": { "from_ssm": "/api" } })
    );
}
