//! Outputs in a Terraform state.
//!
//! The file contains every secret of the resources that it describes, so only the wanted outputs
//! are kept, and no error quotes it.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value as Json;

use crate::model::{Secret, observed::Reading};

/// The only supported format: that of Terraform since 0.12 and of OpenTofu.
const VERSION: u64 = 4;

/// The parts of a state that are read.
#[derive(Deserialize)]
struct State {
    version: u64,
    #[serde(default)]
    outputs: BTreeMap<String, Json>,
}

/// The outputs of the root module with these names, in their order; those that Terraform marks as
/// sensitive are secret.
pub(super) fn outputs(state: &[u8], names: &[&str]) -> Vec<Reading> {
    let readings = names.iter();
    match parsed(state) {
        Ok(state) => readings.map(|name| output(&state, name)).collect(),
        Err(why) => readings.map(|_| Reading::Unreadable(why.clone())).collect(),
    }
}

/// Serde's own message would quote unexpected values.
fn parsed(state: &[u8]) -> Result<State, String> {
    let state: State = serde_json::from_slice(state).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        format!("it is not a Terraform state, line {line}, column {column}")
    })?;
    match state.version {
        VERSION => Ok(state),
        other => Err(format!("its format must be version {VERSION}, got {other}")),
    }
}

fn output(state: &State, name: &str) -> Reading {
    let Some(output) = state.outputs.get(name) else {
        return Reading::Missing;
    };
    let text = match output.get("value") {
        Some(Json::String(text)) => text.clone(),
        Some(value @ (Json::Number(_) | Json::Bool(_))) => value.to_string(),
        _ => return Reading::Unreadable("it is not text".to_owned()),
    };
    match output.get("sensitive") {
        None | Some(Json::Bool(false)) => Reading::Shown(text),
        Some(_) => {
            let secret = Secret::new(text);
            secret.guard();
            Reading::Secret(secret)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// As Terraform 1.9 writes it, shortened.
    const STATE: &str = r#"{
  "version": 4,
  "terraform_version": "1.9.8",
  "serial": 3,
  "lineage": "0f9e7a1c-canary-lineage",
  "outputs": {
    "queue_arn": { "value": "arn:aws:sqs:eu-west-1:123456789012:jobs", "type": "string" },
    "password": { "value": "canary-password", "type": "string", "sensitive": true },
    "port": { "value": 5432, "type": "number" },
    "subnets": { "value": ["canary-subnet"], "type": ["list", "string"] }
  },
  "resources": [{ "mode": "managed", "type": "aws_db_instance", "name": "db",
    "instances": [{ "attributes": { "password": "canary-attribute" } }] }],
  "check_results": null
}"#;

    fn read(state: &str, name: &str) -> Reading {
        outputs(state.as_bytes(), &[name]).remove(0)
    }

    #[test]
    fn outputs_are_read_by_name_and_sensitive_ones_are_secret() {
        let queue = "arn:aws:sqs:eu-west-1:123456789012:jobs".to_owned();
        assert_eq!(read(STATE, "queue_arn"), Reading::Shown(queue));
        let password = Reading::Secret(Secret::new("canary-password"));
        assert_eq!(read(STATE, "password"), password);
        assert_eq!(read(STATE, "port"), Reading::Shown("5432".to_owned()));
        assert_eq!(read(STATE, "absent"), Reading::Missing);
        let no_text = Reading::Unreadable("it is not text".to_owned());
        assert_eq!(read(STATE, "subnets"), no_text);
    }

    #[test]
    fn another_format_is_refused_by_its_number() {
        let old = STATE.replace("\"version\": 4", "\"version\": 3");
        let why = "its format must be version 4, got 3".to_owned();
        assert_eq!(read(&old, "queue_arn"), Reading::Unreadable(why));
    }

    #[test]
    fn what_is_no_state_is_reported_by_its_place_alone() {
        let wrong = STATE.replace("\"version\": 4", "\"version\": \"canary-version\"");
        let Reading::Unreadable(why) = read(&wrong, "queue_arn") else {
            panic!("it was read");
        };
        assert_eq!(why, "it is not a Terraform state, line 2, column 29");
    }

    proptest! {
        #[test]
        fn no_damage_panics_or_is_quoted(
            at in 0..STATE.len(),
            with in any::<u8>(),
            cut in any::<bool>(),
        ) {
            let mut bytes = STATE.as_bytes().to_vec();
            match cut {
                true => bytes.truncate(at),
                false => bytes[at] = with,
            }
            for reading in outputs(&bytes, &["queue_arn", "password", "subnets"]) {
                if let Reading::Unreadable(why) = reading {
                    prop_assert!(!why.contains("canary"), "{}", why);
                }
            }
        }
    }
}
