//! Calls of a function from other services: a bucket, a topic and rules, with events that arrive;
//! changed outside jot and corrected; gone with their keys and with the function. What is not jot's
//! in a bucket, a topic and a policy stays byte for byte.

use std::{
    thread::{self, sleep},
    time::Duration,
};

use serde_json::{Value, json};

use crate::{
    policies,
    story::{changes, expect},
    support::{Project, Stack, http, ran, seen},
};

const ACCOUNT: &str = "000000000000";

/// A function with this name that logs its argument.
fn bare(name: &str) -> String {
    format!(
        r#"
[functions.{name}]
memory_mb = 512
handler = "load"
julia = {{ source = "load.jl", argument_type = "Any", version = "1.5", compile = "none" }}
tests = [{{ argument = {{ Records = [] }}, expected = 0, exemplar = false }}]
"#
    )
}

const LOAD: &str = r#"
function load(event)
    println("called with ", event)
    return length(get(event, "Records", []))
end
"#;

fn arrivals(name: &str, prefix: &str) -> String {
    format!(
        "[functions.{name}.triggers.arrivals]\ns3 = \"incoming\"\non = [\"ObjectCreated:*\"]\n\
         prefix = \"{prefix}\"\n"
    )
}

const NEWS: &str = r#"
[functions.load.triggers.news]
sns = "arn:aws:sns:eu-west-1:000000000000:news"
filter_policy = { kind = ["vector"] }
"#;

const ORDERS: &str = r#"
[functions.load.triggers.orders]
event_pattern = { source = ["orders"] }
"#;

/// A change in S3 outside jot.
fn s3(stack: &Stack, method: &str, path: &str, body: &str) -> String {
    let answer = http::aws_rest(&stack.behind(), "s3", (method, path), body);
    let answer = answer.expect("ministack answers");
    assert!(answer.status < 300, "{method} {path}: {}", answer.text());
    answer.text()
}

/// A change in SNS outside jot.
fn sns(stack: &Stack, form: &str) -> String {
    let form = format!("{form}&Version=2010-03-31");
    let answer = http::aws_form(&stack.behind(), "sns", &form).expect("ministack answers");
    assert!(answer.status < 300, "{form}: {}", answer.text());
    // Each answer has an id of its own.
    let text = answer.text();
    let before = text
        .split_once("<ResponseMetadata>")
        .map(|(before, _)| before.to_owned());
    before.unwrap_or(text)
}

/// The notifications of the bucket, each as it is written, those of queues first.
fn notifications(stack: &Stack) -> Vec<String> {
    let all = s3(stack, "GET", "/incoming?notification", "");
    let of = |kind: &str| {
        let (begin, end) = (format!("<{kind}>"), format!("</{kind}>"));
        let parts = all.split(&begin).skip(1);
        let parts = parts.filter_map(|part| part.split_once(&end));
        parts.map(|(one, _)| one.to_owned()).collect::<Vec<_>>()
    };
    let mut found = of("QueueConfiguration");
    found.extend(of("CloudFunctionConfiguration"));
    found.extend(of("LambdaFunctionConfiguration"));
    found
}

fn subscriptions(stack: &Stack) -> String {
    sns(
        stack,
        "Action=ListSubscriptionsByTopic&TopicArn=arn:aws:sns:eu-west-1:000000000000:news",
    )
}

fn rules(stack: &Stack) -> Vec<String> {
    let found = seen::call(stack, "AWSEvents.ListRules", &json!({}));
    let all = found["Rules"].as_array().cloned().unwrap_or_default();
    all.iter()
        .map(|one| one["Name"].as_str().expect("a name").to_owned())
        .collect()
}

fn policy(stack: &Stack, name: &str) -> Value {
    let path = format!("{name}/policy?Qualifier=live");
    let answer = http::aws_lambda(&stack.behind(), "GET", &path, "").expect("ministack answers");
    if answer.status == 404 {
        return json!([]);
    }
    let answer: Value = serde_json::from_slice(&answer.body).expect("JSON");
    let text = answer["Policy"].as_str().expect("a policy");
    let policy: Value = serde_json::from_str(text).expect("a policy");
    policy["Statement"].clone()
}

/// Resources of others: a queue that the bucket notifies and that subscribes to the topic, a rule,
/// a statement.
fn neighbours(stack: &Stack) {
    let here = "<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint>\
        </CreateBucketConfiguration>";
    s3(stack, "PUT", "/incoming", here);
    sns(stack, "Action=CreateTopic&Name=news");
    seen::call(
        stack,
        "AmazonSQS.CreateQueue",
        &json!({ "QueueName": "theirs" }),
    );
    let queue = format!("arn:aws:sqs:eu-west-1:{ACCOUNT}:theirs");
    let allowed = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow",
        "Principal": "*", "Action": "sqs:SendMessage", "Resource": queue }] });
    let url = seen::call(
        stack,
        "AmazonSQS.GetQueueUrl",
        &json!({ "QueueName": "theirs" }),
    );
    let attributes =
        json!({ "QueueUrl": url["QueueUrl"], "Attributes": { "Policy": allowed.to_string() } });
    seen::call(stack, "AmazonSQS.SetQueueAttributes", &attributes);
    let theirs = format!(
        "<NotificationConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
         <QueueConfiguration><Id>theirs</Id>\
         <Queue>{queue}</Queue><Event>s3:ObjectRemoved:*</Event><Filter><S3Key><FilterRule>\
         <Name>suffix</Name><Value>.old</Value></FilterRule></S3Key></Filter></QueueConfiguration>\
         </NotificationConfiguration>"
    );
    s3(stack, "PUT", "/incoming?notification", &theirs);
    let topic = format!("arn:aws:sns:eu-west-1:{ACCOUNT}:news");
    sns(
        stack,
        &format!("Action=Subscribe&Protocol=sqs&TopicArn={topic}&Endpoint={queue}"),
    );
    let rule = json!({ "Name": "jot-theirs", "EventPattern": "{\"source\":[\"theirs\"]}" });
    seen::call(stack, "AWSEvents.PutRule", &rule);
}

fn applied(stack: &Stack, project: &Project) -> Vec<String> {
    stack.proxy.reset();
    expect(project.run(&["apply", "--yes"]), 0);
    let changed = changes(&stack.proxy.counts());
    expect(project.run(&["plan", "--detailed-exitcode"]), 0);
    let names = changed
        .into_iter()
        .map(|(name, times)| format!("{name} {times}"));
    names.filter(|name| !name.contains("TagResource")).collect()
}

/// Sends an event repeatedly: the emulator drops a call that arrives while the function's container
/// is still ending. Waits until the function logs a call with something that contains these words.
fn called_with(stack: &Stack, words: &str, send: impl Fn()) {
    let group = json!({ "logGroupName": "/aws/lambda/load" });
    for waited in 0..600 {
        if waited % 100 == 0 {
            send();
        }
        let found = seen::call(stack, "Logs_20140328.FilterLogEvents", &group);
        let mut events = found["events"].as_array().into_iter().flatten();
        if events.any(|event| event["message"].to_string().contains(words)) {
            return;
        }
        sleep(Duration::from_millis(200));
    }
    panic!("no call with {words}");
}

#[test]
fn buckets_topics_and_rules_follow_the_manifest() {
    let stack = Stack::start();
    let project = Project::new(&stack, "pushes");
    project.write("load.jl", LOAD);
    neighbours(&stack);
    let before = (notifications(&stack), subscriptions(&stack), rules(&stack));
    project.manifest(&format!(
        "{}{}{NEWS}{ORDERS}",
        bare("load"),
        arrivals("load", "datalake/")
    ));
    let made = applied(&stack, &project);
    policies::assert_permitted(&stack, &project);
    for change in [
        "events:PutRule 1",
        "events:PutTargets 1",
        "lambda:AddPermission 3",
        "s3:PutBucketNotificationConfiguration 1",
        "sns:Subscribe 1",
    ] {
        assert!(made.iter().any(|one| one == change), "{change}: {made:?}");
    }
    let theirs = json!({ "StatementId": "theirs", "Action": "lambda:InvokeFunction",
        "Principal": "events.amazonaws.com" });
    seen::lambda(
        &stack,
        "POST",
        "/2015-03-31/functions/load/policy?Qualifier=live",
        &theirs,
    );
    assert!(
        notifications(&stack).contains(&before.0[0]),
        "the other one is as it was"
    );

    called_with(&stack, "datalake/a.json", || {
        s3(&stack, "PUT", "/incoming/datalake/a.json", "{}");
    });
    let message = "Action=Publish&TopicArn=arn:aws:sns:eu-west-1:000000000000:news\
        &Message=hello-topic\
        &MessageAttributes.entry.1.Name=kind&MessageAttributes.entry.1.Value.DataType=String\
        &MessageAttributes.entry.1.Value.StringValue=vector";
    called_with(&stack, "hello-topic", || {
        sns(&stack, message);
    });
    let event = json!({ "Entries": [{ "Source": "orders", "DetailType": "placed",
        "Detail": "{\"id\":\"hello-rule\"}" }] });
    called_with(&stack, "hello-rule", || {
        seen::call(&stack, "AWSEvents.PutEvents", &event);
    });

    changed_by_hand(&stack, &project);

    project.manifest(&format!("{}{}", bare("load"), arrivals("load", "lake/")));
    let changed = applied(&stack, &project);
    assert_eq!(
        changed,
        [
            "events:DeleteRule 1",
            "events:RemoveTargets 1",
            "lambda:RemovePermission 2",
            "s3:PutBucketNotificationConfiguration 1",
            "sns:Unsubscribe 1",
        ]
    );
    let statements = policy(&stack, "load").to_string();
    assert!(
        statements.contains("theirs") && !statements.contains("sns.amazonaws.com"),
        "{statements}"
    );
    assert_eq!(
        (subscriptions(&stack), rules(&stack)),
        (before.1.clone(), before.2.clone())
    );

    expect(project.run(&["destroy", "--yes"]), 0);
    let after = (notifications(&stack), subscriptions(&stack), rules(&stack));
    assert_eq!(after, before, "what is not jot's is as it was");
}

fn changed_by_hand(stack: &Stack, project: &Project) {
    let found = rules(stack);
    let rule = found
        .iter()
        .find(|name| name.ends_with("-orders"))
        .expect("jot's rule");
    seen::call(stack, "AWSEvents.DisableRule", &json!({ "Name": rule }));
    let subscribers = subscriptions(stack);
    let mut members = subscribers.split("<member>");
    let ours = members.find(|one| one.contains(":function:load"));
    let ours = ours.and_then(|one| one.split("<SubscriptionArn>").nth(1));
    let ours = ours.and_then(|one| one.split('<').next());
    let arn = ours.expect("jot's subscription");
    let form = "Action=SetSubscriptionAttributes&AttributeName=FilterPolicy&AttributeValue=%7B%7D";
    sns(stack, &format!("{form}&SubscriptionArn={arn}"));
    // Another client overwrites the bucket's notifications, jot's included.
    let all = s3(stack, "GET", "/incoming?notification", "");
    let lost = all.replace("datalake/", "elsewhere/");
    assert_ne!(lost, all);
    s3(stack, "PUT", "/incoming?notification", &lost);
    let plan = expect(project.run(&["plan", "--detailed-exitcode"]), 2);
    for words in [
        "notifications of bucket incoming",
        "load.arrivals.prefix: elsewhere/ -> datalake/",
        "trigger orders of load",
        "enabled: false -> true",
        "changed outside jot",
    ] {
        assert!(plan.stdout.contains(words), "{words}: {}", plan.stdout);
    }
    let (filters, others): (Vec<String>, Vec<String>) = applied(stack, project)
        .into_iter()
        .partition(|one| one.starts_with("sns:SetSubscriptionAttributes "));
    assert_eq!(filters.len(), 1, "the filter is put back");
    assert_eq!(
        others,
        [
            "events:PutRule 1",
            "events:PutTargets 1",
            "s3:PutBucketNotificationConfiguration 1"
        ]
    );
}

/// A bucket's notifications are written as a whole and have no revision: of two projects that write
/// at once, neither loses any.
#[test]
fn two_projects_share_a_bucket() {
    let stack = Stack::start();
    neighbours(&stack);
    let before = notifications(&stack);
    let projects = ["data", "data-lake"].map(|name| {
        let project = Project::new(&stack, name);
        project.write("load.jl", LOAD);
        project.manifest(&bare(name));
        expect(project.run(&["apply", "--yes"]), 0);
        (name, project)
    });
    for round in 0..rounds() {
        thread::scope(|scope| {
            for (name, project) in &projects {
                scope.spawn(move || {
                    project.manifest(&format!(
                        "{}{}",
                        bare(name),
                        arrivals(name, &format!("{name}/{round}/"))
                    ));
                    // What the other one does at the same time is not predicted.
                    expect(ran(project.jot().args(["apply", "--yes"])), 0);
                });
            }
        });
        let found = notifications(&stack);
        assert_eq!(found.len(), 3, "round {round}: {found:?}");
        for (name, project) in &projects {
            let prefix = format!("<Value>{name}/{round}/</Value>");
            assert!(
                found.iter().any(|one| one.contains(&prefix)),
                "round {round}: {found:?}"
            );
            expect(project.run(&["plan", "--detailed-exitcode"]), 0);
        }
    }
    for (_, project) in &projects {
        expect(project.run(&["destroy", "--yes"]), 0);
    }
    assert_eq!(
        notifications(&stack),
        before,
        "what is not jot's is as it was"
    );
}

/// How often two projects write at once: JOT_ROUNDS, or a few times.
fn rounds() -> u32 {
    let rounds = std::env::var("JOT_ROUNDS").ok();
    rounds.and_then(|rounds| rounds.parse().ok()).unwrap_or(3)
}
