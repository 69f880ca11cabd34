//! The policies that SAM gives to a function's role.

use super::Reading;
use crate::carry::{
    carried::Function,
    settings::printable,
    yaml::{Node, Value},
};

/// AWS's managed policies below `service-role/` that functions commonly use.
/// <https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html>
const SERVICE_ROLES: [&str; 9] = [
    "AWSLambdaBasicExecutionRole",
    "AWSLambdaDynamoDBExecutionRole",
    "AWSLambdaENIManagementAccess",
    "AWSLambdaKinesisExecutionRole",
    "AWSLambdaMSKExecutionRole",
    "AWSLambdaRole",
    "AWSLambdaSQSQueueExecutionRole",
    "AWSLambdaVPCAccessExecutionRole",
    "AmazonS3ObjectLambdaExecutionRolePolicy",
];

/// The policy that jot's role always has.
const OWN: &str = "AWSLambdaBasicExecutionRole";

/// Takes over managed policies; templates and statements become notes.
pub fn read(function: &mut Function, node: &Node, reading: &mut Reading<'_>) {
    let single = [std::rc::Rc::new(node.clone())];
    let items = match node.value {
        Value::Sequence(_) if node.tag.is_none() => node.items(),
        _ => &single,
    };
    let (mut templates, mut statements) = (Vec::new(), false);
    for item in items {
        match item.entries() {
            [(name, _)] if super::values::intrinsic(item).is_none() && name != "Statement" => {
                templates.push(printable(name));
            }
            [_, ..] if super::values::intrinsic(item).is_none() => statements = true,
            _ => {
                let policy = reading.text("Policies", item);
                function
                    .policies
                    .extend(policy.and_then(|policy| managed(&policy)));
            }
        }
    }
    function.policies.sort();
    function.policies.dedup();
    if !templates.is_empty() {
        let templates = templates.join(", ");
        let text = format!(
            "policy templates of SAM have no equivalent ({templates}): write what they permit into \
                a file and set `policy_file`."
        );
        reading.note("Policies", &text);
    }
    if statements {
        reading.note(
            "Policies",
            "write the statements into a file as JSON, with ARNs instead of references, and set \
                `policy_file`.",
        );
    }
}

/// The ARN of a managed policy by its name or ARN; `None` for the one that jot's role always has.
fn managed(policy: &str) -> Option<String> {
    let name = policy.rsplit('/').next().unwrap_or(policy);
    if name == OWN {
        return None;
    }
    if policy.starts_with("arn:") {
        return Some(policy.to_owned());
    }
    let service = SERVICE_ROLES.contains(&name) && !policy.contains('/');
    let path = if service { "service-role/" } else { "" };
    Some(format!("arn:aws:iam::aws:policy/{path}{policy}"))
}
