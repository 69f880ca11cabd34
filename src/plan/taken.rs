//! Triggers in the record: references count by their origins.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use crate::model::{
    Function, Mapping, Origin, Push, Slot, TriggerKey, json::sorted, push::of_bucket,
};

/// All triggers by their names, as a text that changes with them.
///
/// It contains no referenced value; in existing triggers, values equal to those that were read are
/// replaced.
pub(super) fn triggers(
    wanted: &Function,
    mappings: &BTreeMap<String, &Mapping>,
    pushes: &BTreeMap<String, &Push>,
) -> String {
    let mut mappings = json!(mappings);
    let mut pushes = json!(pushes);
    for reference in &wanted.references {
        let (Slot::Trigger(name, key), Some(origin)) = (&reference.slot, &reference.origin) else {
            continue;
        };
        let value = reference.value.as_ref().map_or("", |value| value.reveal());
        for all in [&mut mappings, &mut pushes] {
            if let Some(one) = all.get_mut(name) {
                replace(one, *key, (value, origin));
            }
        }
    }
    text(mappings, pushes)
}

/// The same with literal values, as recorded for a manifest without references.
pub(super) fn plain(
    mappings: &BTreeMap<String, &Mapping>,
    pushes: &BTreeMap<String, &Push>,
) -> String {
    text(json!(mappings), json!(pushes))
}

fn text(mappings: Json, pushes: Json) -> String {
    let all = match pushes.as_object().is_none_or(serde_json::Map::is_empty) {
        true => mappings,
        false => json!([mappings, pushes]),
    };
    sorted(&all).to_string()
}

/// Replaces the value by its origin.
fn replace(one: &mut Json, key: TriggerKey, (value, origin): (&str, &Origin)) {
    let written = origin.written();
    // A push is serialised as the table of its kind alone.
    let inner = ["notification", "rule", "subscription"];
    let kind = inner.into_iter().find(|kind| one.get(kind).is_some());
    let one = match kind {
        Some(kind) => &mut one[kind],
        None => one,
    };
    for field in key.fields() {
        let Some(text) = one.get(*field).and_then(Json::as_str) else {
            continue;
        };
        if *field == "pattern" {
            if of_bucket(text, value) == text {
                one[*field] = json!(of_bucket(text, &written.to_string()));
            }
        } else if text == value {
            one[*field] = written.clone();
        }
    }
}
