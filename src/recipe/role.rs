//! Who executes a function.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::names::{self, Place};
use crate::{
    manifest::types::{Function, Tracing},
    model::{RoleChoice, desired::Role},
};

/// Returns the role of the function that is called `name`: the one that the manifest gives, or one of jot's own.
pub fn choose(
    function: &Function,
    name: &str,
    place: Place,
    tags: BTreeMap<String, String>,
) -> RoleChoice {
    if let Some(given) = &function.role {
        return RoleChoice::Given(given.clone());
    }
    RoleChoice::Own(Role {
        name: names::role(name, place),
        path: names::role_path(place.project),
        trust: trust(),
        policies: policies(function, names::partition(place.region)),
        tags,
    })
}

/// Lets Lambda take the role on.
/// <https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html>
fn trust() -> Json {
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": { "Service": "lambda.amazonaws.com" },
            "Action": "sts:AssumeRole",
        }],
    })
}

/// ARNs of the managed policies: basic execution (writing logs), the daemon policy where X-Ray is active, and the
/// user's, sorted, each once.
/// <https://docs.aws.amazon.com/lambda/latest/dg/permissions-managed-policies.html>
fn policies(function: &Function, partition: &str) -> Vec<String> {
    let managed = |name: &str| format!("arn:{partition}:iam::aws:policy/{name}");
    let mut all = vec![managed("service-role/AWSLambdaBasicExecutionRole")];
    if function.tracing == Some(Tracing::Active) {
        all.push(managed("AWSXRayDaemonWriteAccess"));
    }
    all.extend(function.policies.iter().flatten().cloned());
    all.sort();
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASIC: &str = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
    const XRAY: &str = "arn:aws:iam::aws:policy/AWSXRayDaemonWriteAccess";

    #[test]
    fn a_given_role_is_left_as_it_is() {
        let function = Function {
            role: Some("mine".to_owned()),
            ..Function::default()
        };
        let place = Place {
            project: "p",
            target: None,
            region: None,
        };
        assert_eq!(
            choose(&function, "f", place, BTreeMap::new()),
            RoleChoice::Given("mine".to_owned())
        );
    }

    #[test]
    fn policies_are_sorted_and_each_stands_once() {
        let mine = "arn:aws:iam::123456789012:policy/a".to_owned();
        let function = Function {
            policies: Some(vec![mine.clone(), BASIC.to_owned(), mine.clone()]),
            tracing: Some(Tracing::Active),
            ..Function::default()
        };
        assert_eq!(policies(&function, "aws"), [mine.as_str(), XRAY, BASIC]);
    }

    #[test]
    fn passing_traces_through_needs_no_further_policy() {
        let function = Function {
            tracing: Some(Tracing::PassThrough),
            ..Function::default()
        };
        assert_eq!(policies(&function, "aws"), [BASIC]);
    }

    #[test]
    fn managed_policies_are_those_of_the_partition() {
        let china = policies(&Function::default(), "aws-cn");
        assert_eq!(
            china,
            ["arn:aws-cn:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"]
        );
    }
}
