//! What an emulated AWS has, requested directly rather than through jot.

use std::{collections::BTreeMap, thread::sleep, time::Duration};

use serde_json::{Value, json};

use super::{
    Stack,
    http::{self, Answer},
};

/// Everything with a name that contains `part`: functions with their tags, aliases and versions,
/// roles with their policies, log groups, repositories. Equal results mean that nothing was
/// changed.
pub fn world(stack: &Stack, part: &str) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for function in functions(stack) {
        let (name, arn) = (
            text(&function, "FunctionName"),
            text(&function, "FunctionArn"),
        );
        let below = |path: &str| get(stack, path).text();
        all.insert(format!("function {name}"), function.to_string());
        all.insert(
            format!("tags of {name}"),
            below(&format!("/2017-03-31/tags/{arn}")),
        );
        for kind in ["aliases", "versions"] {
            let path = format!("/2015-03-31/functions/{name}/{kind}");
            all.insert(format!("{kind} of {name}"), below(&path));
        }
    }
    for role in roles(stack) {
        let form = |action: &str| form(stack, &format!("Action={action}&RoleName={role}"));
        let known = [form("GetRole"), form("ListAttachedRolePolicies")].concat();
        all.insert(format!("role {role}"), known);
    }
    let groups = call(stack, "Logs_20140328.DescribeLogGroups", &json!({}));
    for group in list(&groups, "logGroups") {
        let name = text(&group, "logGroupName");
        all.insert(
            format!("log group {name}"),
            group["retentionInDays"].to_string(),
        );
    }
    let ecr = "AmazonEC2ContainerRegistry_V20150921.DescribeRepositories";
    for repository in list(&call(stack, ecr, &json!({})), "repositories") {
        let name = text(&repository, "repositoryName");
        all.insert(format!("repository {name}"), repository.to_string());
    }
    all.retain(|name, _| name.contains(part));
    all
}

/// Version, weights and description of a function's alias `live`.
pub fn alias(stack: &Stack, function: &str) -> (String, Value, String) {
    let path = format!("{function}/aliases/live");
    let answer = http::aws_lambda(&stack.behind(), "GET", &path, "").expect("an answer");
    let alias: Value = serde_json::from_slice(&answer.body).expect("an alias");
    let weights = match &alias["RoutingConfig"]["AdditionalVersionWeights"] {
        Value::Null => json!({}),
        weights => weights.clone(),
    };
    (
        text(&alias, "FunctionVersion"),
        weights,
        text(&alias, "Description"),
    )
}

/// The configuration of one function.
pub fn function(stack: &Stack, name: &str) -> Value {
    let path = format!("/2015-03-31/functions/{name}/configuration");
    serde_json::from_slice(&get(stack, &path).body).expect("a function")
}

/// Waits until Lambda is done with a function.
pub fn settle(stack: &Stack, name: &str) {
    let busy =
        |found: &Value| found["State"] == "Pending" || found["LastUpdateStatus"] == "InProgress";
    for _ in 0..100 {
        if !busy(&function(stack, name)) {
            return;
        }
        sleep(Duration::from_millis(100));
    }
    panic!("{name} stays busy");
}

/// A call of Lambda outside jot.
pub fn lambda(stack: &Stack, method: &str, path: &str, body: &Value) -> Answer {
    let answer = http::aws_rest(&stack.behind(), "lambda", (method, path), &body.to_string());
    let answer = answer.expect("ministack answers");
    assert!(answer.status < 300, "{method} {path}: {}", answer.text());
    answer
}

/// A call of an AWS JSON service outside jot.
pub fn call(stack: &Stack, target: &str, body: &Value) -> Value {
    let answer = http::aws_json(&stack.behind(), target, &body.to_string());
    let answer = answer.expect("ministack answers");
    assert!(answer.status < 300, "{target}: {}", answer.text());
    serde_json::from_slice(&answer.body).unwrap_or_default()
}

/// A call of IAM outside jot.
pub fn form(stack: &Stack, form: &str) -> String {
    let form = format!("{form}&Version=2010-05-08");
    let answer = http::aws_form(&stack.behind(), "iam", &form).expect("ministack answers");
    assert!(answer.status < 300, "{form}: {}", answer.text());
    // Each answer has an id of its own.
    let text = answer.text();
    match text.split_once("<ResponseMetadata>") {
        Some((before, _)) => before.to_owned(),
        None => text,
    }
}

fn functions(stack: &Stack) -> Vec<Value> {
    let answer = get(stack, "/2015-03-31/functions/");
    let all: Value = serde_json::from_slice(&answer.body).expect("functions");
    list(&all, "Functions")
}

fn roles(stack: &Stack) -> Vec<String> {
    let all = form(stack, "Action=ListRoles");
    let names = all.split("<RoleName>").skip(1);
    names
        .filter_map(|rest| rest.split('<').next())
        .map(str::to_owned)
        .collect()
}

fn get(stack: &Stack, path: &str) -> Answer {
    http::aws_rest(&stack.behind(), "lambda", ("GET", path), "").expect("ministack answers")
}

fn list(answer: &Value, field: &str) -> Vec<Value> {
    answer[field].as_array().cloned().unwrap_or_default()
}

fn text(value: &Value, field: &str) -> String {
    value[field].as_str().unwrap_or_default().to_owned()
}
