//! Who executes a function.

use std::{collections::BTreeMap, fs, path::Path};

use serde_json::{Value as Json, json};

use super::{
    environment,
    error::{Error, unreadable},
    names::{self, Place},
    references::plain,
};
use crate::{
    manifest::types::{Function, Text, Tracing, Vpc},
    model::{RoleChoice, desired::Role, partition},
};

/// Returns the role of the function named `name`: the manifest's, or one of jot, with the policy of
/// a file relative to `root`.
pub fn choose(
    function: &Function,
    name: &str,
    place: Place,
    root: &Path,
    tags: BTreeMap<String, String>,
) -> Result<RoleChoice, Error> {
    match &function.role {
        Some(Text::Plain(given)) => return Ok(RoleChoice::Given(given.clone())),
        Some(Text::From(reference)) => {
            return Ok(RoleChoice::From(environment::origin(reference)));
        }
        None => {}
    }
    let file = function.policy_file.as_ref();
    Ok(RoleChoice::Own(Role {
        name: names::role(name, place),
        path: names::role_path(place.project),
        trust: trust(),
        policies: policies(function, partition(place.region)),
        inline: file.map(|file| inline(&root.join(file))).transpose()?,
        boundary: function.permissions_boundary.as_ref().and_then(plain),
        tags,
    }))
}

/// The policy in the file.
fn inline(path: &Path) -> Result<Json, Error> {
    let text = fs::read_to_string(path).map_err(unreadable(path))?;
    serde_json::from_str(&text).map_err(|cause| Error::Policy {
        path: path.to_owned(),
        cause,
    })
}

/// The trust policy: Lambda may assume the role.
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

/// ARNs of the managed policies: basic execution (writing logs), the daemon policy with active
/// X-Ray, network interfaces in a VPC, and those in the manifest itself, sorted and without
/// duplicates.
/// <https://docs.aws.amazon.com/lambda/latest/dg/permissions-managed-policies.html>
fn policies(function: &Function, partition: &str) -> Vec<String> {
    let managed = |name: &str| format!("arn:{partition}:iam::aws:policy/{name}");
    let mut all = vec![managed("service-role/AWSLambdaBasicExecutionRole")];
    if function.tracing == Some(Tracing::Active) {
        all.push(managed("AWSXRayDaemonWriteAccess"));
    }
    if function.vpc.as_ref().is_some_and(is_attached) {
        all.push(managed("service-role/AWSLambdaVPCAccessExecutionRole"));
    }
    all.extend(function.policies.iter().flatten().filter_map(plain));
    all.sort();
    all.dedup();
    all
}

/// Whether the network is one at all: empty lists mean none.
fn is_attached(vpc: &Vpc) -> bool {
    !vpc.subnets.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASIC: &str = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
    const XRAY: &str = "arn:aws:iam::aws:policy/AWSXRayDaemonWriteAccess";

    #[test]
    fn a_given_role_is_left_as_it_is() {
        let function = Function {
            role: Some("mine".into()),
            ..Function::default()
        };
        let place = Place {
            project: "p",
            target: None,
            region: None,
        };
        assert_eq!(
            choose(&function, "f", place, Path::new("."), BTreeMap::new()).unwrap(),
            RoleChoice::Given("mine".to_owned())
        );
    }

    #[test]
    fn policies_are_sorted_and_each_stands_once() {
        let mine = "arn:aws:iam::123456789012:policy/a".to_owned();
        let function = Function {
            policies: Some([&mine, BASIC, &mine].map(Text::from).into()),
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
