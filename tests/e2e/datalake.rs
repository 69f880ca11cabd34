//! The whole flow of examples/datalake: an object arrives in S3, a Clojure function says where it
//! is, a Julia function continues from there, and a call that fails goes to a queue.

use std::{thread::sleep, time::Duration};

use serde_json::{Value, json};

use crate::{
    jvm,
    story::expect,
    support::{Project, Stack, http, seen},
};

const KEY: &str = "datalake/raw/orders/year=2026/part 1.parquet";
const STATEMENT: &str = "ALTER TABLE orders ADD IF NOT EXISTS PARTITION (year = '2026') \
    LOCATION 's3://incoming/datalake/raw/orders/year=2026/'";

fn s3(stack: &Stack, method: &str, path: &str, body: &str) -> String {
    let answer = http::aws_rest(&stack.behind(), "s3", (method, path), body);
    let answer = answer.expect("ministack answers");
    assert!(answer.status < 300, "{method} {path}: {}", answer.text());
    answer.text()
}

/// What a function wrote to its log.
fn log(stack: &Stack, name: &str) -> String {
    let group = json!({ "logGroupName": format!("/aws/lambda/{name}") });
    seen::call(stack, "Logs_20140328.FilterLogEvents", &group).to_string()
}

/// Lambda's answer to a call of a function's alias: whether it succeeded, and its text.
fn call(stack: &Stack, function: &str, event: &Value) -> (bool, Value) {
    let path = format!("{function}/invocations?Qualifier=live");
    let answer = http::aws_lambda(&stack.behind(), "POST", &path, &event.to_string());
    let answer = answer.expect("ministack answers");
    let succeeded = answer.header("x-amz-function-error").is_none();
    let said = serde_json::from_slice(&answer.body).expect("JSON");
    (succeeded, said)
}

/// Executes an asynchronous call as Lambda does, which the emulator does not: the outcome goes to
/// the destination in the alias's configuration, in Lambda's envelope.
/// <https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html>
fn called_asynchronously(stack: &Stack, function: &str, event: &Value) {
    let path = format!("/2019-09-25/functions/{function}/event-invoke-config?Qualifier=live");
    let answer = http::aws_rest(&stack.behind(), "lambda", ("GET", &path), "");
    let answer = answer.expect("ministack answers");
    let config: Value = serde_json::from_slice(&answer.body).expect("JSON");
    let (succeeded, said) = call(stack, function, event);
    let (outcome, condition) = match succeeded {
        true => ("OnSuccess", "Success"),
        false => ("OnFailure", "RetriesExhausted"),
    };
    let arn = config["DestinationConfig"][outcome]["Destination"].as_str();
    let arn = arn.unwrap_or_else(|| panic!("{config:#} has no {outcome}"));
    let envelope = json!({
        "version": "1.0",
        "timestamp": "2026-01-01T00:00:01.000Z",
        "requestContext": { "requestId": "2e3f4a5b-6c7d-8e9f-a0b1-c2d3e4f5a6b7",
            "functionArn":
                format!("arn:aws:lambda:eu-west-1:000000000000:function:{function}:live"),
            "condition": condition, "approximateInvokeCount": 1 },
        "requestPayload": event,
        "responseContext": { "statusCode": 200, "executedVersion": "1" },
        "responsePayload": said,
    });
    let parts: Vec<&str> = arn.split(':').collect();
    match parts[2] {
        "lambda" => {
            assert_eq!(parts[7], "live", "{arn}");
            let (succeeded, said) = call(stack, parts[6], &envelope);
            assert!(succeeded, "{said}");
        }
        "sqs" => {
            let url = queue(stack, parts[5]);
            let message = json!({ "QueueUrl": url, "MessageBody": envelope.to_string() });
            seen::call(stack, "AmazonSQS.SendMessage", &message);
        }
        other => panic!("{other} takes no outcome here"),
    }
}

fn queue(stack: &Stack, name: &str) -> String {
    let found = seen::call(
        stack,
        "AmazonSQS.GetQueueUrl",
        &json!({ "QueueName": name }),
    );
    found["QueueUrl"].as_str().expect("a URL").to_owned()
}

/// The event that S3 sends for an object, as in the example.
fn arrival(project: &Project, object: &Value) -> Value {
    let text = project.text("events/put.json");
    let mut event: Value = serde_json::from_str(&text).expect("JSON");
    event["Records"][0]["s3"]["object"] = object.clone();
    event
}

#[test]
fn an_object_that_arrives_is_loaded_and_catalogued() {
    let stack = Stack::start();
    let here = "<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint>\
        </CreateBucketConfiguration>";
    s3(&stack, "PUT", "/incoming", here);
    seen::call(
        &stack,
        "AmazonSQS.CreateQueue",
        &json!({ "QueueName": "datalake-failed" }),
    );
    let project = jvm::example(&stack, "datalake");
    let plan = expect(project.run(&["plan"]), 0);
    for words in [
        "load-partition",
        "catalogue",
        "notifications of bucket incoming",
    ] {
        assert!(plan.stdout.contains(words), "{words}: {}", plan.stdout);
    }
    jvm::applied(&project);
    expect(project.run(&["plan", "--detailed-exitcode"]), 0);

    // The emulator's S3 calls the function of the bucket's notification, for keys with its prefix
    // alone.
    let calls = || {
        log(&stack, "load-partition")
            .matches("START RequestId")
            .count()
    };
    let before = calls();
    s3(&stack, "PUT", "/incoming/other/nothing.txt", "x");
    let path = format!("/incoming/{}", KEY.replace(' ', "%20"));
    s3(&stack, "PUT", &path, "x");
    let mut waited = 0;
    while calls() == before {
        assert!(waited < 300, "S3 called nothing");
        sleep(Duration::from_millis(200));
        waited += 1;
    }
    assert_eq!(calls(), before + 1);

    let key = KEY.replace('=', "%3D").replace(' ', "+");
    let arrived = arrival(&project, &json!({ "key": key }));
    called_asynchronously(&stack, "load-partition", &arrived);
    let catalogued = log(&stack, "catalogue");
    assert!(catalogued.contains(STATEMENT), "{catalogued}");

    // An event without a key fails, and is kept.
    let broken = arrival(&project, &json!({}));
    called_asynchronously(&stack, "load-partition", &broken);
    let taken = json!({ "QueueUrl": queue(&stack, "datalake-failed"), "MaxNumberOfMessages": 10 });
    let found = seen::call(&stack, "AmazonSQS.ReceiveMessage", &taken);
    let messages = found["Messages"].as_array().cloned().unwrap_or_default();
    assert_eq!(messages.len(), 1, "{found}");
    let body = messages[0]["Body"].as_str().expect("a text");
    let body: Value = serde_json::from_str(body).expect("an envelope");
    assert_eq!(body["requestPayload"], broken);
    let said = &body["responsePayload"];
    assert!(said["errorMessage"].is_string(), "{said}");

    expect(project.run(&["destroy", "--yes"]), 0);
    let left = s3(&stack, "GET", "/incoming?notification", "");
    assert!(!left.contains("<Id>"), "{left}");
}
