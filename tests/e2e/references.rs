//! Values from other sources: read once, in the first wave, shown unless they are secrets, and
//! compared.

use std::cell::RefCell;

use serde_json::{Value, json};

use crate::{
    dockerfile, policies,
    story::expect,
    support::{Project, Ran, Stack, http, ran},
};

/// Secrets, which no output may show.
const CANARIES: [&str; 5] = [
    "canary-of-env",
    "canary-of-secret",
    "canary-of-parameter",
    "canary-of-output",
    "canary-of-resource",
];

const FUNCTION: &str = r#"
[functions.count]
memory_mb = 256
dockerfile = { source = "app", stage = "release" }
build = { args = { BASE = "julia:1.5" } }
tests = [{ argument = 12, expected = 2 }]
role = { from_ssm = "/count/role" }
kms_key = { from_cloudformation = "keys:data" }
dead_letter = { from_tfstate = "output.failed", file = "s3://states/queues.tfstate" }

[functions.count.vpc]
subnets = [{ from_tfstate = "output.subnet", file = "terraform.tfstate" }, "subnet-0b"]
security_groups = [{ from_cloudformation = "network.Group" }]

[functions.count.environment]
ENV = { from_env = "CANARY" }
SECRET = { from_secret = "db", key = "password" }
USER = { from_secret = "db", key = "user" }
PARAMETER = { from_ssm = "/count/word" }
OUTPUT = { from_tfstate = "output.password", file = "terraform.tfstate" }
GROUP = { from_cloudformation = "network.Group" }
"#;

const KEY: &str = "arn:aws:kms:eu-west-1:000000000000:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const QUEUE: &str = "arn:aws:sqs:eu-west-1:000000000000:failed";

/// The requests that read the values, once each.
const READING: [(&str, u64); 5] = [
    ("ssm:GetParameters", 1),
    ("secretsmanager:GetSecretValue", 1),
    ("cloudformation:DescribeStacks", 1),
    ("cloudformation:ListExports", 1),
    ("s3:GetObject", 1),
];

#[test]
fn values_that_stand_elsewhere_are_deployed_compared_and_kept_secret() {
    let stack = Stack::start();
    let project = dockerfile::project(&stack, "references");
    project.manifest(FUNCTION);
    let said = RefCell::new(String::new());
    let say = |arguments: &[&str], status: i32| {
        let ran = expect(run(&project, arguments), status);
        *said.borrow_mut() += &format!("{arguments:?}\n{}{}", ran.stdout, ran.stderr);
        ran
    };

    what_is_not_there_stops_an_apply(&stack, &say(&["plan"], 0), &say(&["apply", "--yes"], 1));
    elsewhere(&stack);
    state(&project, "subnet-0a");
    say(&["plan", "--format", "json", "--out", "saved.json"], 0);
    say(&["apply", "--plan", "saved.json", "-vv"], 0);
    policies::assert_permitted(&stack, &project);
    deployed(&stack);

    stack.proxy.reset();
    let plan = say(&["plan", "--detailed-exitcode"], 0);
    let counts = stack.proxy.counts();
    for (operation, times) in READING {
        assert_eq!(counts.get(operation), Some(&times), "{counts:#?}");
    }
    // The role alone is requested once its name is known.
    assert_eq!(counts.get("iam:GetRole"), Some(&1), "{counts:#?}");
    assert_eq!(counts.values().sum::<u64>(), 16, "{counts:#?}\n{plan:?}");

    state(&project, "subnet-0c");
    let plan = say(&["plan", "--detailed-exitcode"], 2);
    let subnets = r#"["subnet-0a","subnet-0b"] -> ["subnet-0b","subnet-0c"]"#;
    assert!(plan.stdout.contains(subnets), "{}", plan.stdout);
    let reason = "a value from a Terraform state differs";
    assert!(plan.stdout.contains(reason), "{}", plan.stdout);
    say(&["apply", "--yes", "--format", "json"], 0);
    say(&["plan", "--detailed-exitcode"], 0);

    state(&project, "no-subnet");
    let refused = say(&["plan"], 1);
    let place = "`functions.count.vpc.subnets[0]` (jot.toml, line";
    assert!(
        in_a_line(&refused.stderr).contains(place),
        "{}",
        refused.stderr
    );

    let said = said.into_inner();
    for canary in CANARIES {
        assert!(!said.contains(canary), "{canary}: {said}");
        let saved = project.text("saved.json");
        assert!(!saved.contains(canary), "{canary}: {saved}");
    }
}

fn run(project: &Project, arguments: &[&str]) -> Ran {
    ran(project.jot().args(arguments).env("CANARY", CANARIES[0]))
}

/// Terraform's state on this machine.
fn state(project: &Project, subnet: &str) {
    let state = json!({
        "version": 4, "terraform_version": "1.9.8", "serial": 1, "lineage": "lineage",
        "outputs": {
            "subnet": { "value": subnet, "type": "string" },
            "password": { "value": CANARIES[3], "type": "string", "sensitive": true },
        },
        "resources": [{ "mode": "managed", "type": "aws_db_instance", "name": "db",
            "instances": [{ "attributes": { "password": CANARIES[4] } }] }],
    });
    project.write("terraform.tfstate", &state.to_string());
}

/// All that is read from AWS.
fn elsewhere(stack: &Stack) {
    let state = json!({ "version": 4, "outputs": { "failed": { "value": QUEUE } } });
    let answers = [
        put(stack, "", BUCKET),
        put(stack, "/queues.tfstate", &state.to_string()),
        form(stack, "iam", "2010-05-08", "CreateRole", &ROLE),
        form(
            stack,
            "cloudformation",
            "2010-05-15",
            "CreateStack",
            &[("StackName", "network"), ("TemplateBody", &template())],
        ),
        target(
            stack,
            "secretsmanager.CreateSecret",
            &json!({ "Name": "db",
            "SecretString": json!({ "user": "canary-of-secret-user", "password": CANARIES[1] })
                .to_string() }),
        ),
        target(
            stack,
            "AmazonSSM.PutParameter",
            &json!({ "Name": "/count/role", "Type": "String",
            "Value": "theirs" }),
        ),
        target(
            stack,
            "AmazonSSM.PutParameter",
            &json!({ "Name": "/count/word", "Type": "SecureString",
            "Value": CANARIES[2] }),
        ),
    ];
    for answer in answers {
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
}

const BUCKET: &str = "<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint>\
     </CreateBucketConfiguration>";

const ROLE: [(&str, &str); 2] = [("RoleName", "theirs"), ("AssumeRolePolicyDocument", "{}")];

fn template() -> String {
    let template = json!({
        "Resources": { "Topic": { "Type": "AWS::SNS::Topic", "Properties": { "TopicName": "t" } } },
        "Outputs": {
            "Group": { "Value": "sg-0a" },
            "Key": { "Value": KEY, "Export": { "Name": "keys:data" } },
        },
    });
    template.to_string()
}

fn put(stack: &Stack, path: &str, body: &str) -> http::Answer {
    let path = format!("/states{path}");
    http::aws_rest(&stack.behind(), "s3", ("PUT", &path), body).expect("ministack answers")
}

fn target(stack: &Stack, target: &str, body: &Value) -> http::Answer {
    http::aws_json(&stack.behind(), target, &body.to_string()).expect("ministack answers")
}

fn form(
    stack: &Stack,
    service: &str,
    version: &str,
    action: &str,
    fields: &[(&str, &str)],
) -> http::Answer {
    let escaped =
        |text: &str| -> String { text.bytes().map(|byte| format!("%{byte:02X}")).collect() };
    let fields = fields.iter();
    let fields = fields.map(|(name, value)| format!("&{name}={}", escaped(value)));
    let form = format!(
        "Action={action}&Version={version}{}",
        fields.collect::<String>()
    );
    http::aws_form(&stack.behind(), service, &form).expect("ministack answers")
}

fn what_is_not_there_stops_an_apply(stack: &Stack, plan: &Ran, applied: &Ran) {
    for note in [
        "environment.SECRET: key password of secret db not found, not compared",
        "role: parameter /count/role not found, not compared",
        "vpc.security_groups[0]: output Group of stack network not found, not compared",
        "vpc.subnets[0]: output subnet in terraform.tfstate not readable: the file \
         terraform.tfstate does not exist, not compared",
    ] {
        assert!(
            in_a_line(&plan.stdout).contains(note),
            "{note}: {}",
            plan.stdout
        );
    }
    let place = "`functions.count.kms_key` (jot.toml, line";
    let said = in_a_line(&applied.stderr);
    assert!(said.contains(place), "{said}");
    let counts = stack.proxy.counts();
    let changes = crate::story::changes(&counts);
    assert!(changes.is_empty(), "{changes:?}");
}

/// A text without the line breaks that fit it to a terminal, and without the prefix of its lines.
fn in_a_line(text: &str) -> String {
    let words = text.split_whitespace().filter(|word| *word != "│");
    words.collect::<Vec<_>>().join(" ")
}

fn deployed(stack: &Stack) {
    let answer = http::aws_lambda(&stack.behind(), "GET", "count", "").expect("ministack answers");
    let found: Value = serde_json::from_slice(&answer.body).expect("JSON");
    let configuration = &found["Configuration"];
    assert_eq!(
        configuration["Role"],
        "arn:aws:iam::000000000000:role/theirs"
    );
    assert_eq!(configuration["KMSKeyArn"], KEY);
    assert_eq!(configuration["DeadLetterConfig"]["TargetArn"], QUEUE);
    assert_eq!(
        configuration["VpcConfig"]["SubnetIds"],
        json!(["subnet-0a", "subnet-0b"])
    );
    assert_eq!(
        configuration["VpcConfig"]["SecurityGroupIds"],
        json!(["sg-0a"])
    );
    let variables = &configuration["Environment"]["Variables"];
    let expected = json!({
        "ENV": CANARIES[0], "SECRET": CANARIES[1], "USER": "canary-of-secret-user",
        "PARAMETER": CANARIES[2], "OUTPUT": CANARIES[3], "GROUP": "sg-0a",
    });
    assert_eq!(*variables, expected);
}

const CALLED: &str = r#"
[functions.count]
memory_mb = 256
dockerfile = { source = "app", stage = "release" }
build = { args = { BASE = "julia:1.5" } }
tests = [{ argument = 12, expected = 2 }]

[functions.count.triggers.jobs]
sqs = { from_ssm = "/count/jobs" }

[functions.count.triggers.news]
sns = { from_ssm = "/count/news" }

[functions.count.triggers.arrivals]
s3 = { from_tfstate = "output.subnet", file = "terraform.tfstate" }
on = ["ObjectCreated:*"]
"#;

#[test]
fn triggers_whose_source_stands_elsewhere_follow_it_and_stay_while_it_cannot_be_read() {
    let stack = Stack::start();
    let project = dockerfile::project(&stack, "called-elsewhere");
    project.manifest(CALLED);
    for queue in ["jobs", "other-jobs"] {
        target(
            &stack,
            "AmazonSQS.CreateQueue",
            &json!({ "QueueName": queue }),
        );
    }
    let topic = [("Name", "news")];
    form(&stack, "sns", "2010-03-31", "CreateTopic", &topic);
    for bucket in ["/incoming", "/arriving"] {
        s3(&stack, "PUT", bucket, BUCKET);
    }
    parameter(&stack, "jobs", &arn("sqs", "jobs"));
    parameter(&stack, "news", &arn("sns", "news"));
    state(&project, "incoming");

    expect(project.run(&["apply", "--yes"]), 0);
    stack.proxy.reset();
    expect(project.run(&["plan", "--detailed-exitcode"]), 0);
    let counts = stack.proxy.counts();
    // The statements of the policy name bucket and topic, and nothing is requested twice.
    assert_eq!(counts.get("ssm:GetParameters"), Some(&1), "{counts:#?}");
    let listed = counts.get("sns:ListSubscriptionsByTopic");
    assert_eq!(listed, Some(&1), "{counts:#?}");
    let made = called(&stack);
    assert!(made[0].contains(":jobs\""), "{made:#?}");
    assert!(made[1].contains(":function:count:live"), "{made:#?}");
    assert!(made[2].contains(":function:count:live"), "{made:#?}");

    for name in ["jobs", "news"] {
        let name = json!({ "Name": format!("/count/{name}") });
        target(&stack, "AmazonSSM.DeleteParameter", &name);
    }
    project.write(
        "terraform.tfstate",
        &json!({ "version": 4, "outputs": {} }).to_string(),
    );
    let plan = expect(project.run(&["plan", "--detailed-exitcode"]), 0);
    let told = "triggers.jobs.sqs: parameter /count/jobs not found, not compared";
    assert!(plan.stdout.contains(told), "{}", plan.stdout);
    project.manifest(&CALLED.replace("memory_mb = 256", "memory_mb = 512"));
    expect(project.run(&["apply", "--yes"]), 0);
    assert_eq!(called(&stack), made);

    parameter(&stack, "jobs", &arn("sqs", "other-jobs"));
    parameter(&stack, "news", &arn("sns", "news"));
    state(&project, "arriving");
    expect(project.run(&["apply", "--yes"]), 0);
    expect(project.run(&["plan", "--detailed-exitcode"]), 0);
    let moved = called(&stack);
    assert!(moved[0].contains(":other-jobs\""), "{moved:#?}");
    assert_eq!(moved[1], made[1]);
    assert!(!moved[2].contains(":function:count"), "{moved:#?}");
    let arriving = s3(&stack, "GET", "/arriving?notification", "");
    assert!(arriving.contains(":function:count:live"), "{arriving}");

    parameter(
        &stack,
        "jobs",
        "arn:aws:sqs:us-east-1:000000000000:other-jobs",
    );
    let refused = expect(project.run(&["plan"]), 1);
    let why = "is in region us-east-1, but the function is in eu-west-1";
    assert!(
        in_a_line(&refused.stderr).contains(why),
        "{}",
        refused.stderr
    );

    expect(project.run(&["destroy", "--yes"]), 0);
    let left = called(&stack);
    assert!(
        left.iter().all(|one| !one.contains(":function:count")),
        "{left:#?}"
    );
}

fn arn(service: &str, name: &str) -> String {
    format!("arn:aws:{service}:eu-west-1:000000000000:{name}")
}

fn parameter(stack: &Stack, name: &str, value: &str) {
    let body = json!({ "Name": format!("/count/{name}"), "Type": "String", "Value": value,
        "Overwrite": true });
    let answer = target(stack, "AmazonSSM.PutParameter", &body);
    assert_eq!(answer.status, 200, "{}", answer.text());
}

fn s3(stack: &Stack, method: &str, path: &str, body: &str) -> String {
    let answer = http::aws_rest(&stack.behind(), "s3", (method, path), body);
    let answer = answer.expect("ministack answers");
    assert!(answer.status < 300, "{method} {path}: {}", answer.text());
    answer.text()
}

/// The mapping of the function, the subscriptions of the topic, and the notifications of the first
/// bucket.
fn called(stack: &Stack) -> [String; 3] {
    let place = ("GET", "/2015-03-31/event-source-mappings");
    let mappings = http::aws_rest(&stack.behind(), "lambda", place, "");
    let mappings: Value =
        serde_json::from_slice(&mappings.expect("ministack answers").body).expect("JSON");
    let mappings = mappings["EventSourceMappings"].as_array().cloned();
    let mappings = mappings
        .unwrap_or_default()
        .into_iter()
        .map(|one| json!([one["UUID"], one["FunctionArn"], one["EventSourceArn"]]).to_string());
    let topic = arn("sns", "news");
    let listed = [("TopicArn", topic.as_str())];
    let subscribed = form(
        stack,
        "sns",
        "2010-03-31",
        "ListSubscriptionsByTopic",
        &listed,
    );
    let subscribed = subscribed.text();
    let subscribed = subscribed.split("<ResponseMetadata>").next();
    [
        mappings.collect(),
        subscribed.unwrap_or_default().to_owned(),
        s3(stack, "GET", "/incoming?notification", ""),
    ]
}
