//! Automatic calls of a function: queues and streams, with events that arrive; changed outside jot
//! and corrected; gone with their keys and with the function. What is not jot's stays.

use std::{thread::sleep, time::Duration};

use serde_json::{Value, json};

use crate::{
    policies,
    story::{changes, expect},
    support::{Project, Stack, http, seen},
};

const BARE: &str = r#"
[functions.load]
memory_mb = 512
handler = "load"
julia = { source = "load.jl", argument_type = "Any", version = "1.5", compile = "none" }
tests = [{ argument = { Records = [] }, expected = 0, exemplar = false }]
"#;

const QUEUE: &str = r#"
[functions.load.triggers.jobs]
sqs = "arn:aws:sqs:eu-west-1:000000000000:jobs"
batch_size = 5
filters = [{ body = { kind = ["vector"] } }]
max_concurrency = 2
"#;

const STREAM: &str = r#"
[functions.load.triggers.orders]
kinesis = "arn:aws:kinesis:eu-west-1:000000000000:stream/orders"
starting_position = "trim_horizon"
retries = 1
"#;

const MAPPINGS: &str = "/2015-03-31/event-source-mappings";

/// All existing mappings, by source.
fn mappings(stack: &Stack) -> Vec<Value> {
    let answer = http::aws_rest(&stack.behind(), "lambda", ("GET", MAPPINGS), "");
    let answer = answer.expect("ministack answers");
    let answer: Value = serde_json::from_slice(&answer.body).expect("JSON");
    let mut all = answer["EventSourceMappings"]
        .as_array()
        .expect("mappings")
        .clone();
    all.sort_by_key(|one| one["EventSourceArn"].to_string());
    all
}

fn applied(stack: &Stack, project: &Project) -> Vec<(String, u64)> {
    stack.proxy.reset();
    expect(project.run(&["apply", "--yes"]), 0);
    let changed = changes(&stack.proxy.counts());
    expect(project.run(&["plan", "--detailed-exitcode"]), 0);
    let of_tags = |name: &str| name.ends_with("TagResource");
    changed
        .into_iter()
        .filter(|(name, _)| !of_tags(name))
        .collect()
}

fn counted<const N: usize>(changed: [(&str, u64); N]) -> Vec<(String, u64)> {
    changed
        .map(|(name, times)| (name.to_owned(), times))
        .to_vec()
}

#[test]
fn queues_and_streams_follow_the_manifest() {
    let stack = Stack::start();
    let project = Project::new(&stack, "triggers");
    project.write(
        "load.jl",
        "load(event) = length(get(event, \"Records\", []))\n",
    );
    seen::call(
        &stack,
        "AmazonSQS.CreateQueue",
        &json!({ "QueueName": "jobs" }),
    );
    seen::call(
        &stack,
        "AmazonSQS.CreateQueue",
        &json!({ "QueueName": "theirs" }),
    );
    seen::call(
        &stack,
        "Kinesis_20131202.CreateStream",
        &json!({ "StreamName": "orders", "ShardCount": 1 }),
    );
    project.manifest(&format!("{BARE}{QUEUE}{STREAM}"));
    let made = applied(&stack, &project);
    policies::assert_permitted(&stack, &project);
    let mapped = made
        .iter()
        .find(|(name, _)| name == "lambda:CreateEventSourceMapping");
    assert_eq!(mapped.map(|(_, times)| *times), Some(2), "{made:?}");
    let found = mappings(&stack);
    assert_eq!(found[1]["BatchSize"], 5);
    assert_eq!(found[1]["ScalingConfig"]["MaximumConcurrency"], 2);
    assert_eq!(found[0]["StartingPosition"], "TRIM_HORIZON");
    for one in &found {
        let arn = one["FunctionArn"].as_str().expect("an ARN");
        assert!(arn.ends_with(":function:load:live"), "{arn}");
    }

    a_message_calls_the_function(&stack);
    let theirs = a_neighbour(&stack);
    changed_by_hand(&stack, &project);

    // Under another key the mappings stay, and belong to that key once no function has the old one.
    let bare = BARE.replace("memory_mb", "name = \"load\"\nmemory_mb");
    let renamed = |text: &str| text.replace("functions.load", "functions.loader");
    let moved = format!("{bare}lifecycle = {{ moved_from = \"load\" }}\n{QUEUE}{STREAM}");
    project.manifest(&renamed(&moved));
    let changed = applied(&stack, &project);
    let lambda = changed.iter().filter(|(name, _)| name.contains("Mapping"));
    let lambda: Vec<_> = lambda.cloned().collect();
    assert_eq!(lambda, counted([("lambda:UpdateEventSourceMapping", 2)]));

    project.manifest(&renamed(&format!("{bare}{QUEUE}")));
    let changed = applied(&stack, &project);
    assert_eq!(
        changed,
        counted([
            ("iam:PutRolePolicy", 1),
            ("lambda:DeleteEventSourceMapping", 1),
            ("lambda:UpdateEventSourceMapping", 1),
        ]),
        "disabled, then deleted"
    );
    expect(project.run(&["destroy", "--yes"]), 0);
    let left = mappings(&stack);
    assert_eq!(left, [theirs], "what is not jot's stays, and no more");
}

/// The message that the filter lets through is taken; the filter drops the other.
fn a_message_calls_the_function(stack: &Stack) {
    let url = seen::call(
        stack,
        "AmazonSQS.GetQueueUrl",
        &json!({ "QueueName": "jobs" }),
    );
    let url = url["QueueUrl"].as_str().expect("a URL").to_owned();
    let body = json!({ "kind": "vector" }).to_string();
    seen::call(
        stack,
        "AmazonSQS.SendMessage",
        &json!({ "QueueUrl": url, "MessageBody": body }),
    );
    let attributes = json!({ "QueueUrl": url, "AttributeNames": ["All"] });
    for _ in 0..300 {
        let found = seen::call(stack, "AmazonSQS.GetQueueAttributes", &attributes);
        let number = |name: &str| found["Attributes"][name].as_str().map(str::to_owned);
        let waiting = number("ApproximateNumberOfMessages");
        let taken = number("ApproximateNumberOfMessagesNotVisible");
        if (waiting.as_deref(), taken.as_deref()) == (Some("0"), Some("0")) {
            return;
        }
        sleep(Duration::from_millis(200));
    }
    panic!("the message is not processed");
}

/// A mapping of the same function with another owner.
fn a_neighbour(stack: &Stack) -> Value {
    let body = json!({ "FunctionName": "load:live",
        "EventSourceArn": "arn:aws:sqs:eu-west-1:000000000000:theirs" });
    seen::lambda(stack, "POST", MAPPINGS, &body);
    let found = mappings(stack);
    let theirs = |one: &&Value| one["EventSourceArn"].to_string().contains("theirs");
    found.iter().find(theirs).expect("it was made").clone()
}

fn changed_by_hand(stack: &Stack, project: &Project) {
    let found = mappings(stack);
    let jobs = found
        .iter()
        .find(|one| one["BatchSize"] == 5)
        .expect("the queue's");
    let path = format!("{MAPPINGS}/{}", jobs["UUID"].as_str().expect("a UUID"));
    seen::lambda(stack, "PUT", &path, &json!({ "BatchSize": 7 }));
    let plan = expect(project.run(&["plan", "--detailed-exitcode"]), 2);
    for words in [
        "trigger jobs of load",
        "batch_size: 7 -> 5",
        "changed outside jot",
        "is not managed",
    ] {
        assert!(plan.stdout.contains(words), "{words}: {}", plan.stdout);
    }
    let changed = applied(stack, project);
    assert_eq!(changed, counted([("lambda:UpdateEventSourceMapping", 1)]));
}
