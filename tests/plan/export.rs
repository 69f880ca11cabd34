//! Cases as one file, for a crate that cannot read manifests.

use std::fs;

use jot::model::{Desired, reference::Given, secret::REDACTED, value::EnvValue};
use serde_json::{Value as Json, json};

use crate::{case::Case, read};

/// Writes the cases to the path in `JOT_EXPORT_CASES`, if it is set. A secret is the word that
/// `read` uses for it, unless the case itself contains the value.
pub fn export(cases: &[Case]) {
    let Some(path) = std::env::var_os("JOT_EXPORT_CASES") else {
        return;
    };
    let exported: Vec<Json> = cases.iter().map(whole).collect();
    let text = serde_json::to_string(&exported).unwrap();
    fs::write(path, text.replace(REDACTED, read::CANARY)).unwrap();
}

fn whole(case: &Case) -> Json {
    let mut whole = serde_json::to_value(case).unwrap();
    whole["desired"] = desired(&case.desired);
    whole["observed"] = read::observed(&case.folder);
    whole
}

/// With two things that `Desired` does not serialise: the secrets among the variables, and a reach
/// without any desired part, which still has the prefixes of its ids.
fn desired(desired: &Desired) -> Json {
    let mut whole = serde_json::to_value(desired).unwrap();
    for (key, function) in &desired.functions {
        let written = &mut whole["functions"][key];
        written["reach"] = json!(function.reach);
        for (name, variable) in function.variables() {
            if let EnvValue::From {
                value: Some(Given::Secret(secret)),
                ..
            } = variable
            {
                let value = &mut written["config"]["environment"][name]["from"]["value"];
                value["secret"] = json!(secret.reveal());
            }
        }
    }
    if let Some(target) = desired.supply.target() {
        whole["supply"]["target"] = self::desired(target);
    }
    whole
}
