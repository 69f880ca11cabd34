//! What may call a function, and the destinations of its outcomes: created, changed outside jot and
//! corrected, gone with the keys; what is not jot's in the same policy does not change.

use serde_json::{Value, json};

use crate::{
    policies,
    story::{changes, expect, of},
    support::{Project, Stack, http, seen},
};

const BARE: &str = r#"
[functions.load]
memory_mb = 512
julia = { source = "load.jl", argument_type = "Int", version = "1.5", compile = "none" }
tests = [{ argument = 1, expected = 2, exemplar = false }]

[functions.store]
memory_mb = 512
handler = "load"
julia = { source = "load.jl", argument_type = "Int", version = "1.5", compile = "none" }
tests = [{ argument = 1, expected = 2, exemplar = false }]
"#;

const REACH: &str = r#"
[functions.load.url]
auth = "none"
cors = { origins = ["https://example.org"], methods = ["GET"] }

[functions.load.async]
retries = 0
on_success = { function = "store" }
on_failure = { arn = "arn:aws:sqs:eu-west-1:000000000000:failed" }

[functions.load.permissions.gateway]
principal = "apigateway.amazonaws.com"
source_arn = "arn:aws:execute-api:eu-west-1:000000000000:a1b2c3/*"

[functions.load.deploy]
provisioned_concurrency = 2
"#;

const POLICY: &str = "/2015-03-31/functions/load/policy?Qualifier=live";
const URL: &str = "/2021-10-31/functions/load/url?Qualifier=live";
const ASYNC: &str = "/2019-09-25/functions/load/event-invoke-config?Qualifier=live";
const PROVISIONED: &str = "/2019-09-30/functions/load/provisioned-concurrency?Qualifier=live";

/// Lambda's answer at this path; `None` if it does not exist.
fn found(stack: &Stack, path: &str) -> Option<Value> {
    let answer = http::aws_rest(&stack.behind(), "lambda", ("GET", path), "");
    let answer = answer.expect("ministack answers");
    match answer.status {
        404 => None,
        200 => Some(serde_json::from_slice(&answer.body).expect("JSON")),
        status => panic!("{path}: {status}: {}", answer.text()),
    }
}

fn statements(stack: &Stack) -> Vec<Value> {
    let Some(answer) = found(stack, POLICY) else {
        return Vec::new();
    };
    let policy: Value = serde_json::from_str(answer["Policy"].as_str().expect("a policy")).unwrap();
    policy["Statement"].as_array().expect("statements").clone()
}

fn applied(stack: &Stack, project: &Project) -> Vec<(String, u64)> {
    stack.proxy.reset();
    expect(project.run(&["apply", "--yes"]), 0);
    let changed = changes(&stack.proxy.counts());
    expect(project.run(&["plan", "--detailed-exitcode"]), 0);
    changed.into_iter().collect()
}

#[test]
fn callers_and_destinations_follow_the_manifest() {
    let stack = Stack::start();
    let project = Project::new(&stack, "reach");
    project.write("load.jl", "load(n) = n + 1\n");
    project.manifest(&format!("{BARE}{REACH}"));

    made(&stack, &project);
    let theirs = a_neighbour(&stack);
    changed_by_hand(&stack, &project);
    gone_with_their_keys(&stack, &project);
    assert_eq!(statements(&stack), [theirs], "what is not jot's stays");

    project.manifest(&format!("{BARE}{REACH}"));
    applied(&stack, &project);
    expect(project.run(&["destroy", "--yes"]), 0);
    assert_eq!(found(&stack, URL), None);
}

fn made(stack: &Stack, project: &Project) {
    let plan = expect(project.run(&["plan"]), 0);
    let note = "anyone who knows its URL can call it";
    assert!(plan.stdout.contains(note), "{}", plan.stdout);
    let applied = expect(project.run(&["apply", "--yes"]), 0);
    policies::assert_permitted(stack, project);
    let url = found(stack, URL).expect("a URL");
    let address = url["FunctionUrl"].as_str().expect("an address");
    assert!(applied.stderr.contains(address), "{}", applied.stderr);
    expect(project.run(&["plan", "--detailed-exitcode"]), 0);
    assert_eq!(url["AuthType"], "NONE");
    assert_eq!(url["Cors"]["AllowMethods"], json!(["GET"]));
    assert_eq!(statements(stack).len(), 3);
    let asynchronous = found(stack, ASYNC).expect("a configuration");
    assert_eq!(asynchronous["MaximumRetryAttempts"], 0);
    assert_eq!(
        asynchronous["DestinationConfig"]["OnSuccess"]["Destination"],
        "arn:aws:lambda:eu-west-1:000000000000:function:store:live"
    );
    let provisioned = found(stack, PROVISIONED).expect("provisioned");
    assert_eq!(provisioned["RequestedProvisionedConcurrentExecutions"], 2);
}

/// A statement with another owner.
fn a_neighbour(stack: &Stack) -> Value {
    let statement = json!({ "StatementId": "theirs", "Action": "lambda:InvokeFunction",
        "Principal": "111111111111" });
    seen::lambda(stack, "POST", POLICY, &statement);
    let all = statements(stack);
    let theirs = all.into_iter().find(|one| one["Sid"] == "theirs");
    theirs.expect("it was added")
}

fn changed_by_hand(stack: &Stack, project: &Project) {
    seen::lambda(stack, "PUT", URL, &json!({ "AuthType": "AWS_IAM" }));
    let gateway = statements(stack)
        .into_iter()
        .find_map(|one| {
            one["Sid"]
                .as_str()
                .filter(|id| id.contains("-gateway-"))
                .map(str::to_owned)
        })
        .expect("the gateway's statement");
    let path = format!("/2015-03-31/functions/load/policy/{gateway}?Qualifier=live");
    seen::lambda(stack, "DELETE", &path, &Value::Null);
    let plan = expect(project.run(&["plan", "--detailed-exitcode"]), 2);
    for words in [
        "url.auth: iam -> none",
        "permissions.gateway",
        "changed outside jot",
    ] {
        assert!(plan.stdout.contains(words), "{words}: {}", plan.stdout);
    }
    let changed = applied(stack, project);
    let expected = [
        ("lambda:AddPermission", 1),
        ("lambda:UpdateFunctionUrlConfig", 1),
    ];
    assert_eq!(
        changed,
        expected.map(|(name, times)| (name.to_owned(), times))
    );
}

fn gone_with_their_keys(stack: &Stack, project: &Project) {
    project.manifest(BARE);
    let changed = applied(stack, project).into_iter().collect();
    let expected = [
        ("iam:DeleteRolePolicy", 1),
        ("lambda:DeleteFunctionEventInvokeConfig", 1),
        ("lambda:DeleteFunctionUrlConfig", 1),
        ("lambda:DeleteProvisionedConcurrencyConfig", 1),
        ("lambda:RemovePermission", 3),
    ];
    let names = expected.map(|(name, _)| name);
    let counted: Vec<(String, u64)> = of(&changed, &names).into_iter().collect();
    assert_eq!(
        counted,
        expected.map(|(name, times)| (name.to_owned(), times))
    );
    for path in [URL, ASYNC, PROVISIONED] {
        assert_eq!(found(stack, path), None, "{path}");
    }
}

/// Each of the four takes one more request if it is declared, in the same wave as all others.
#[test]
fn each_is_one_question_and_only_where_it_is_declared() {
    let stack = Stack::start();
    let project = Project::new(&stack, "reach-asked");
    project.write("load.jl", "load(n) = n + 1\n");
    let questions = |functions: &str| {
        project.manifest(functions);
        stack.proxy.reset();
        expect(project.run(&["plan"]), 0);
        stack.proxy.counts().values().sum::<u64>()
    };
    let load = BARE.split("\n[functions.store]").next().expect("the first");
    let none = questions(load);
    let tables = [
        ("[functions.load.url]\nauth = \"iam\"\n", 1),
        (
            "[functions.load.permissions.one]\nprincipal = \"111111111111\"\n",
            1,
        ),
        // The second is for the role's policy.
        ("[functions.load.async]\nretries = 0\n", 2),
        // Mappings, the role's policy, and the function's own, which leads to the qualifier that
        // others call it on.
        (
            "[functions.load.triggers.jobs]\nsqs = \"arn:aws:sqs:eu-west-1:000000000000:jobs\"\n",
            3,
        ),
        ("[functions.load.deploy]\nprovisioned_concurrency = 1\n", 1),
    ];
    for (table, more) in tables {
        assert_eq!(
            questions(&format!("{load}\n{table}")),
            none + more,
            "{table}"
        );
    }
}
