//! AWS's reference of its actions: the resources and conditions that each of them supports.
//! `authorization.json` is an extract of its [service authorization
//! reference](https://docs.aws.amazon.com/service-authorization/latest/reference/) of September
//! 2026.

use std::{collections::BTreeMap, fs};

use serde::Deserialize;
use serde_json::Value;

use crate::{cases, root, rows, statements, texts};

/// AWS's entry for an action.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Known {
    /// ARNs with `*`; none if the action supports no resource.
    resources: Vec<String>,
    /// Keys of conditions, as far as jot's policies use them.
    conditions: Vec<String>,
}

fn known() -> BTreeMap<String, Known> {
    let file = root().join("tests/policies/authorization.json");
    let text = fs::read_to_string(file).expect("the extract");
    serde_json::from_str(&text).expect("JSON")
}

/// Whether a resource of a policy is of this kind.
fn is_of(resource: &str, kind: &str) -> bool {
    let mut rest = resource;
    let mut parts = kind.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(after) = rest.strip_prefix(first) else {
        return false;
    };
    rest = after;
    let parts: Vec<&str> = parts.collect();
    let (last, middle) = parts.split_last().expect("a wildcard");
    for part in middle {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[test]
fn aws_knows_every_action_and_no_other_is_in_the_extract() {
    let known: Vec<String> = known().into_keys().collect();
    let mut actions: Vec<String> = rows()
        .filter(|row| row.stage != jot::rights::Stage::Aside)
        .filter_map(|row| row.action.map(str::to_owned))
        .collect();
    actions.sort();
    actions.dedup();
    let known: Vec<String> = known
        .into_iter()
        .filter(|one| one != "iam:SimulatePrincipalPolicy")
        .collect();
    assert_eq!(actions, known);
}

#[test]
fn every_statement_is_as_narrow_as_aws_permits() {
    let known = known();
    let mut looked = 0;
    for stage in ["--plan", "--apply", "--prune"] {
        for policy in cases::all(stage) {
            for statement in statements(&policy) {
                for action in texts(&statement["Action"]) {
                    is_narrow(action, &known[action], statement);
                    looked += 1;
                }
            }
        }
    }
    assert!(looked > 500, "{looked}");
}

fn is_narrow(action: &str, known: &Known, statement: &Value) {
    for resource in texts(&statement["Resource"]) {
        let all = known.resources.is_empty();
        let fits = match resource {
            "*" => all,
            arn => known.resources.iter().any(|kind| is_of(arn, kind)),
        };
        assert!(fits, "{action} on {resource}: {:?}", known.resources);
    }
    let operators = statement["Condition"].as_object().into_iter().flatten();
    for (_, keys) in operators {
        for key in keys.as_object().expect("keys").keys() {
            let general = match key.split_once('/') {
                Some((kind, _)) => format!("{kind}/${{TagKey}}"),
                None => key.clone(),
            };
            assert!(known.conditions.contains(&general), "{action}: {key}");
        }
    }
}
