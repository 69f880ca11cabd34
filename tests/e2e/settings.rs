//! All settings of a Lambda function in a manifest: set, changed outside jot and corrected, and
//! gone with their keys.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{
    policies,
    story::{changes, expect, of},
    support::{Project, Stack, http},
};

const BARE: &str = r#"
[functions.count]
memory_mb = 512
julia = { source = "count.jl", argument_type = "Int", version = "1.5", compile = "none" }
tests = [{ argument = 1, expected = 5, exemplar = false }]
environment = { WORD = "plain" }
"#;

/// The other settings of the function, by key.
const KEYS: [(&str, &str); 10] = [
    ("policy_file", r#""policy.json""#),
    (
        "permissions_boundary",
        r#""arn:aws:iam::aws:policy/PowerUserAccess""#,
    ),
    (
        "vpc",
        r#"{ subnets = ["subnet-0b", "subnet-0a"], security_groups = ["sg-0a"], ipv6 = true }"#,
    ),
    (
        "logging",
        r#"{ format = "json", level = "info", system_level = "warn", group = "numerics" }"#,
    ),
    ("recursive_loop", r#""allow""#),
    ("reserved_concurrency", "5"),
    (
        "kms_key",
        r#""arn:aws:kms:eu-west-1:000000000000:key/1234abcd-12ab-34cd-56ef-1234567890ab""#,
    ),
    (
        "dead_letter",
        r#""arn:aws:sqs:eu-west-1:000000000000:failed""#,
    ),
    (
        "file_systems",
        concat!(
            r#"[{ arn = "arn:aws:elasticfilesystem:eu-west-1:000000000000:access-point/"#,
            r#"fsap-0123456789abcdef0", mount = "/mnt/data" }]"#,
        ),
    ),
    ("image", r#"{ working_directory = "/tmp" }"#),
];

const POLICY: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [{
    "Effect": "Allow",
    "Action": "sqs:SendMessage",
    "Resource": "arn:aws:sqs:eu-west-1:000000000000:failed"
  }]
}"#;

fn full() -> String {
    let keys = KEYS.map(|(key, value)| format!("{key} = {value}\n"));
    let bare = BARE.replace("\"plain\"", "{ from_ssm = \"/count/word\" }");
    let build =
        "build = { extra_tags = [\"latest\"], secrets = { TOKEN = { from_env = \"TOKEN\" } } }\n";
    bare + &keys.concat() + build
}

/// Runs jot with the build's secret in its environment.
fn run(project: &Project, arguments: &[&str]) -> crate::support::Ran {
    crate::support::ran(project.jot().args(arguments).env("TOKEN", "canary-token"))
}

fn parameter(stack: &Stack, value: &str) {
    let body =
        json!({ "Name": "/count/word", "Value": value, "Type": "SecureString", "Overwrite": true });
    let answer = http::aws_json(&stack.behind(), "AmazonSSM.PutParameter", &body.to_string());
    let answer = answer.expect("ministack answers");
    assert_eq!(answer.status, 200, "{}", answer.text());
}

/// GetFunction's answer, requested without jot.
fn count(stack: &Stack) -> Value {
    let answer = http::aws_lambda(&stack.behind(), "GET", "count", "").expect("ministack answers");
    serde_json::from_slice(&answer.body).expect("JSON")
}

fn changed(stack: &Stack, project: &Project) -> BTreeMap<String, u64> {
    stack.proxy.reset();
    expect(run(project, &["apply", "--yes"]), 0);
    let changed = changes(&stack.proxy.counts());
    expect(run(project, &["plan", "--detailed-exitcode"]), 0);
    changed
}

#[test]
fn every_setting_is_made_kept_and_taken_back() {
    let stack = Stack::start();
    let project = Project::new(&stack, "settings");
    project.write("count.jl", "count(n) = length(ENV[\"WORD\"])\n");
    project.write("policy.json", POLICY);
    project.manifest(&full());

    a_parameter_that_is_not_there_stops_an_apply(&stack, &project);
    parameter(&stack, "canar");
    changed(&stack, &project);
    policies::assert_permitted(&stack, &project);
    let made = count(&stack);
    assert_eq!(made["Concurrency"]["ReservedConcurrentExecutions"], 5);
    let configuration = &made["Configuration"];
    assert_eq!(configuration["Environment"]["Variables"]["WORD"], "canar");
    assert_eq!(configuration["VpcConfig"]["SecurityGroupIds"][0], "sg-0a");
    assert_eq!(configuration["VpcConfig"]["Ipv6AllowedForDualStack"], true);
    assert_eq!(configuration["LoggingConfig"]["SystemLogLevel"], "WARN");
    assert_eq!(configuration["LoggingConfig"]["LogGroup"], "numerics");
    assert_eq!(
        configuration["FileSystemConfigs"][0]["LocalMountPath"],
        "/mnt/data"
    );

    changed_by_hand(&stack, &project);
    a_new_value_of_the_parameter_is_deployed(&stack, &project);
    gone_with_their_keys(&stack, &project);
}

fn a_parameter_that_is_not_there_stops_an_apply(stack: &Stack, project: &Project) {
    stack.proxy.reset();
    let refused = expect(run(project, &["apply", "--yes"]), 1);
    assert!(refused.stderr.contains("/count/word"), "{}", refused.stderr);
    assert!(changes(&stack.proxy.counts()).is_empty());
}

fn changed_by_hand(stack: &Stack, project: &Project) {
    let by_hand = json!({
        "VpcConfig": { "SubnetIds": ["subnet-0c"], "SecurityGroupIds": ["sg-0a"] },
        "LoggingConfig": { "LogFormat": "JSON", "ApplicationLogLevel": "INFO",
            "SystemLogLevel": "WARN", "LogGroup": "other" },
        "ImageConfig": { "WorkingDirectory": "/" },
        "KMSKeyArn": "",
        "DeadLetterConfig": { "TargetArn": "arn:aws:sns:eu-west-1:000000000000:failed" },
        "FileSystemConfigs": [],
    });
    let answer = http::aws_lambda(
        &stack.behind(),
        "PUT",
        "count/configuration",
        &by_hand.to_string(),
    );
    assert_eq!(answer.expect("ministack answers").status, 200);
    let role = count(stack)["Configuration"]["Role"].clone();
    let role = role.as_str().and_then(|arn| arn.rsplit('/').next());
    let role = role.expect("a role").to_owned();
    for action in [
        "DeleteRolePermissionsBoundary",
        // `{"Version":"2012-10-17","Statement":[]}`
        "UpdateAssumeRolePolicy&PolicyDocument=\
         %7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%5D%7D",
    ] {
        let form = format!("Action={action}&RoleName={role}&Version=2010-05-08");
        let answer = http::aws_form(&stack.behind(), "iam", &form).expect("ministack answers");
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    let plan = expect(run(project, &["plan", "--detailed-exitcode"]), 2);
    for field in [
        r#"vpc.subnets: ["subnet-0c"] -> ["subnet-0a","subnet-0b"]"#,
        "vpc.ipv6: false -> true",
        "logging.group: other -> numerics",
        "image.working_directory: / -> /tmp",
        "kms_key: ",
        "dead_letter:",
        "file_systems:",
        "changed outside jot since the last apply",
    ] {
        assert!(plan.stdout.contains(field), "{field}: {}", plan.stdout);
    }
    let changed = changed(stack, project);
    for operation in [
        "iam:PutRolePermissionsBoundary",
        "iam:UpdateAssumeRolePolicy",
    ] {
        assert_eq!(changed.get(operation), Some(&1), "{changed:?}");
    }
    assert_eq!(
        of(
            &changed,
            &[
                "lambda:UpdateFunctionConfiguration",
                "lambda:PublishVersion"
            ]
        )
        .into_iter()
        .collect::<Vec<_>>(),
        [("lambda:UpdateFunctionConfiguration".to_owned(), 1)]
    );
}

fn a_new_value_of_the_parameter_is_deployed(stack: &Stack, project: &Project) {
    parameter(stack, "other");
    let plan = expect(run(project, &["plan"]), 0);
    let reason = "a value from Parameter Store differs";
    assert!(plan.stdout.contains(reason), "{}", plan.stdout);
    assert!(!plan.stdout.contains("other\""), "{}", plan.stdout);
    let changed = changed(stack, project);
    assert_eq!(changed.get("lambda:UpdateFunctionConfiguration"), Some(&1));
    assert_eq!(
        count(stack)["Configuration"]["Environment"]["Variables"]["WORD"],
        "other"
    );
}

fn gone_with_their_keys(stack: &Stack, project: &Project) {
    project.manifest(BARE);
    let changed = changed(stack, project);
    for (operation, times) in [
        ("iam:DeleteRolePolicy", 1),
        ("iam:DeleteRolePermissionsBoundary", 1),
        ("iam:DetachRolePolicy", 1),
        ("lambda:DeleteFunctionConcurrency", 1),
        ("lambda:PutFunctionRecursionConfig", 1),
        ("logs:CreateLogGroup", 1),
        ("lambda:UpdateFunctionConfiguration", 1),
    ] {
        assert_eq!(changed.get(operation), Some(&times), "{changed:?}");
    }
    let found = count(stack);
    assert_eq!(found["Concurrency"], Value::Null);
    let configuration = &found["Configuration"];
    assert_eq!(configuration["VpcConfig"]["SubnetIds"], json!([]));
    let group = &configuration["LoggingConfig"]["LogGroup"];
    assert_eq!(*group, "/aws/lambda/count");
    assert_eq!(configuration["FileSystemConfigs"], json!([]));
    assert_eq!(configuration["KMSKeyArn"], "");
    assert_eq!(configuration["DeadLetterConfig"]["TargetArn"], "");
}
