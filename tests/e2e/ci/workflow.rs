//! YAML, as far as these tests need it.

use std::collections::BTreeMap;

use yaml_rust2::{Yaml, YamlLoader};

/// The only document of a text.
pub fn parse(text: &str) -> Yaml {
    let mut documents = YamlLoader::load_from_str(text).expect("YAML");
    assert_eq!(documents.len(), 1, "one document");
    documents.remove(0)
}

/// A mapping of texts; empty if it is absent.
pub fn texts(mapping: &Yaml) -> BTreeMap<String, String> {
    let Yaml::Hash(mapping) = mapping else {
        return BTreeMap::new();
    };
    let text = |yaml: &Yaml| yaml.as_str().expect("a text").to_owned();
    mapping
        .iter()
        .map(|(key, value)| (text(key), text(value)))
        .collect()
}

/// The items of a list of texts; none if it is absent.
pub fn list(yaml: &Yaml) -> Vec<String> {
    let items = yaml.as_vec().map(Vec::as_slice).unwrap_or_default();
    items
        .iter()
        .map(|item| item.as_str().expect("a text").to_owned())
        .collect()
}

/// The names of a mapping's keys.
pub fn keys(mapping: &Yaml) -> Vec<&str> {
    let mapping = mapping.as_hash().expect("a mapping");
    mapping.keys().filter_map(Yaml::as_str).collect()
}
