//! Equality of policy documents.

use serde_json::{Map, Value as Json};

/// Whether two IAM policy documents (trust, repository) mean the same.
///
/// IAM accepts one value for a list of one in `Statement`, `Action`, `Resource`, `Principal` and
/// `Condition`, and the order in each has no meaning; action names are case-insensitive.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>
pub(super) fn same(one: &Json, other: &Json) -> bool {
    document(one) == document(other)
}

/// Whether two ECR lifecycle policies mean the same: `rulePriority` orders the rules, not their
/// place.
///
/// <https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html>
pub(super) fn same_lifecycle(one: &Json, other: &Json) -> bool {
    rules(one) == rules(other)
}

fn rules(policy: &Json) -> Json {
    let mut policy = policy.clone();
    if let Some(rules) = policy.get_mut("rules").and_then(Json::as_array_mut) {
        rules.sort_by_key(|rule| rule.get("rulePriority").and_then(Json::as_u64));
    }
    policy
}

fn document(policy: &Json) -> Json {
    let Json::Object(fields) = policy else {
        return policy.clone();
    };
    each(fields, |name, value| match name {
        "Statement" => list(value, statement),
        _ => value.clone(),
    })
}

fn statement(statement: &Json) -> Json {
    let Json::Object(fields) = statement else {
        return statement.clone();
    };
    each(fields, |name, value| match name {
        "Action" | "NotAction" => list(value, lower),
        "Resource" | "NotResource" => list(value, Json::clone),
        "Principal" | "NotPrincipal" => principals(value),
        "Condition" => match value {
            Json::Object(operators) => each(operators, |_, keys| lists(keys)),
            _ => value.clone(),
        },
        _ => value.clone(),
    })
}

/// As [`lists`], accounts by their 12 digits: IAM writes `arn:aws:iam::<account>:root` for them.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>
fn principals(value: &Json) -> Json {
    match value {
        Json::Object(fields) => each(fields, |_, value| list(value, account)),
        _ => value.clone(),
    }
}

fn account(value: &Json) -> Json {
    let parts: Vec<&str> = value.as_str().unwrap_or_default().split(':').collect();
    match parts[..] {
        ["arn", _, "iam", "", account, "root"] => Json::from(account),
        _ => text(value),
    }
}

/// An object with lists for values; `"*"` as a principal stays unchanged.
fn lists(value: &Json) -> Json {
    match value {
        Json::Object(fields) => each(fields, |_, value| list(value, text)),
        _ => value.clone(),
    }
}

/// The value as a sorted list of its members, each in canonical form.
fn list(value: &Json, canonical: impl Fn(&Json) -> Json) -> Json {
    let mut members: Vec<Json> = match value {
        Json::Array(members) => members.iter().map(canonical).collect(),
        single => vec![canonical(single)],
    };
    members.sort_by_key(sorted_text);
    Json::Array(members)
}

/// The fields in sorted order, so that equal objects have equal texts.
fn each(fields: &Map<String, Json>, canonical: impl Fn(&str, &Json) -> Json) -> Json {
    let mut fields: Vec<(String, Json)> = fields
        .iter()
        .map(|(name, value)| (name.clone(), canonical(name, value)))
        .collect();
    fields.sort_by(|one, other| one.0.cmp(&other.0));
    Json::Object(fields.into_iter().collect())
}

fn sorted_text(value: &Json) -> String {
    value.to_string()
}

fn lower(value: &Json) -> Json {
    value
        .as_str()
        .map_or_else(|| value.clone(), |text| Json::from(text.to_lowercase()))
}

/// Conditions may write `true` and `"true"`, `1` and `"1"`: IAM reads both as text.
fn text(value: &Json) -> Json {
    match value {
        Json::Bool(_) | Json::Number(_) => Json::from(value.to_string()),
        _ => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn trust(statement: Json) -> Json {
        json!({ "Version": "2012-10-17", "Statement": statement })
    }

    #[test]
    fn a_value_and_a_list_of_it_mean_the_same() {
        let one = trust(json!([{ "Effect": "Allow", "Action": "sts:AssumeRole",
            "Principal": { "Service": "lambda.amazonaws.com" } }]));
        let other = trust(
            json!({ "Principal": { "Service": ["lambda.amazonaws.com"] },
            "Action": ["sts:assumerole"], "Effect": "Allow" }),
        );
        assert!(same(&one, &other));
    }

    #[test]
    fn an_account_is_the_arn_of_its_root() {
        let of = |aws: Json| trust(json!({ "Effect": "Allow", "Principal": { "AWS": aws } }));
        let root = |account: &str| format!("arn:aws-cn:iam::{account}:root");
        let accounts = of(json!(["444455556666", "111122223333"]));
        let roots = of(json!([root("111122223333"), root("444455556666")]));
        assert!(same(&accounts, &roots));
        assert!(!same(
            &of(json!("444455556666")),
            &of(json!(root("111122223333")))
        ));
        let role = "arn:aws:iam::444455556666:role/root";
        assert!(!same(&of(json!("444455556666")), &of(json!(role))));
    }

    #[test]
    fn the_order_of_actions_statements_and_conditions_means_nothing() {
        let read = json!({ "Sid": "a", "Effect": "Allow", "Action": ["b:B", "a:A"],
            "Condition": { "Bool": { "aws:SecureTransport": true } } });
        let same_read = json!({ "Sid": "a", "Action": ["a:A", "b:B"], "Effect": "Allow",
            "Condition": { "Bool": { "aws:SecureTransport": ["true"] } } });
        let write = json!({ "Sid": "b", "Effect": "Allow", "Action": "c:C" });
        assert!(same(
            &trust(json!([read, write])),
            &trust(json!([write, same_read]))
        ));
    }

    #[test]
    fn what_means_something_else_differs() {
        let allow =
            trust(json!([{ "Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole" }]));
        let deny =
            trust(json!([{ "Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole" }]));
        let edge = trust(
            json!([{ "Effect": "Allow", "Principal": { "Service": "edgelambda.amazonaws.com" },
            "Action": "sts:AssumeRole" }]),
        );
        assert!(!same(&allow, &deny));
        assert!(!same(&allow, &edge));
        assert!(!same(&allow, &Json::Null));
    }

    #[test]
    fn lifecycle_rules_go_by_priority() {
        let rule = |priority| json!({ "rulePriority": priority, "action": { "type": "expire" } });
        let one = json!({ "rules": [rule(1), rule(2)] });
        assert!(same_lifecycle(
            &one,
            &json!({ "rules": [rule(2), rule(1)] })
        ));
        assert!(!same_lifecycle(&one, &json!({ "rules": [rule(1)] })));
    }
}
