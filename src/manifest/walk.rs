//! Finds in a schema what it says of a place in a document.

use serde_json::Value;

use super::node::Step;

/// The schemas of one place: its own, and those that it is composed of.
pub(super) struct Place<'s> {
    root: &'s Value,
    schemas: Vec<&'s Value>,
    above: Vec<&'s Value>,
}

impl<'s> Place<'s> {
    /// Returns the place that a path leads to.
    pub fn find(root: &'s Value, path: &[Step]) -> Self {
        let (mut above, mut schemas) = (Vec::new(), vec![root]);
        for step in path {
            let below = flat(root, &schemas)
                .into_iter()
                .filter_map(|schema| child(schema, step))
                .collect();
            above = std::mem::replace(&mut schemas, below);
        }
        Self {
            root,
            schemas,
            above,
        }
    }

    /// Returns the description: the key's own, that of its type, or that of the table or array that
    /// contains it.
    pub fn description(&self) -> Option<String> {
        let text = |schemas: &[&Value]| {
            let schemas = flat(self.root, schemas);
            schemas
                .iter()
                .find_map(|schema| schema.get("description")?.as_str())
                .map(str::to_owned)
        };
        text(&self.schemas).or_else(|| text(&self.above))
    }

    /// Whether it takes whole numbers only.
    pub fn is_integer(&self) -> bool {
        flat(self.root, &self.schemas)
            .iter()
            .any(|schema| schema.get("type").is_some_and(|kind| kind == "integer"))
    }

    /// Returns the keys that the table may have.
    pub fn keys(&self) -> Vec<&'s str> {
        let properties = |schema: &'s Value| schema.get("properties").and_then(Value::as_object);
        let keys = flat(self.root, &self.schemas)
            .into_iter()
            .filter_map(properties)
            .flat_map(|keys| keys.keys());
        keys.map(String::as_str).collect()
    }

    /// Returns the values that it is limited to.
    pub fn options(&self) -> Vec<&'s Value> {
        let schemas = flat(self.root, &self.schemas);
        let listed = schemas
            .iter()
            .filter_map(|schema| schema.get("enum").and_then(Value::as_array))
            .flatten();
        let single = schemas.iter().filter_map(|schema| schema.get("const"));
        listed.chain(single).collect()
    }
}

/// Returns schemas with everything that they refer to and are composed of, each before its parts.
fn flat<'s>(root: &'s Value, schemas: &[&'s Value]) -> Vec<&'s Value> {
    let mut all = Vec::new();
    for schema in schemas {
        all.push(*schema);
        let target = schema
            .get("$ref")
            .and_then(Value::as_str)
            .and_then(|name| root.pointer(name.strip_prefix('#')?));
        let parts = ["allOf", "anyOf", "oneOf"]
            .iter()
            .filter_map(|word| schema.get(word)?.as_array())
            .flatten();
        let below: Vec<&Value> = target.into_iter().chain(parts).collect();
        all.extend(flat(root, &below));
    }
    all
}

fn child<'s>(schema: &'s Value, step: &Step) -> Option<&'s Value> {
    match step {
        Step::Key(key) => schema
            .get("properties")
            .and_then(|properties| properties.get(key))
            .or_else(|| {
                schema
                    .get("additionalProperties")
                    .filter(|rest| rest.is_object())
            }),
        Step::Index(_) => schema.get("items"),
    }
}
