//! Rules of automatic calls of a function.

use std::collections::BTreeMap;

use super::{bucket, network::of_region};
use crate::manifest::{at::At, error::Problems};

/// What a trigger may be, in words.
const KINDS: [(&str, &str); 8] = [
    ("s3", "a bucket"),
    ("schedule", "a time"),
    ("sns", "a topic of SNS"),
    ("event_pattern", "events of EventBridge"),
    ("sqs", "a queue"),
    ("kinesis", "a stream of Kinesis"),
    ("dynamodb", "a stream of DynamoDB"),
    ("kafka", "a cluster of MSK"),
];

/// The kinds that Lambda reads itself, as event source mappings.
const READ: [&str; 4] = ["sqs", "kinesis", "dynamodb", "kafka"];

/// The keys that are of some kinds only.
const OF_KINDS: [(&str, &[&str]); 25] = [
    ("on", &["s3"]),
    ("prefix", &["s3"]),
    ("suffix", &["s3"]),
    ("via", &["s3"]),
    ("bus", &["event_pattern"]),
    ("filter_policy", &["sns"]),
    ("filter_scope", &["sns"]),
    ("timezone", &["schedule"]),
    ("input", &["schedule"]),
    ("batch_size", &READ),
    ("batch_window_s", &READ),
    ("filters", &READ),
    ("partial_failures", &["sqs", "kinesis", "dynamodb"]),
    ("kms_key", &READ),
    (
        "enabled",
        &[
            "s3",
            "schedule",
            "event_pattern",
            "sqs",
            "kinesis",
            "dynamodb",
            "kafka",
        ],
    ),
    ("max_concurrency", &["sqs"]),
    ("starting_position", &["kinesis", "dynamodb", "kafka"]),
    ("on_failure", &["kinesis", "dynamodb", "kafka", "sns"]),
    ("bisect", &["kinesis", "dynamodb"]),
    ("retries", &["kinesis", "dynamodb", "schedule"]),
    ("max_age_s", &["kinesis", "dynamodb", "schedule"]),
    ("parallel", &["kinesis", "dynamodb"]),
    ("tumbling_s", &["kinesis", "dynamodb"]),
    ("topic", &["kafka"]),
    ("consumer_group", &["kafka"]),
];

/// The maximum values of the Scheduler.
/// <https://docs.aws.amazon.com/scheduler/latest/APIReference/API_RetryPolicy.html>
const OF_SCHEDULES: [(&str, u64); 2] = [("retries", 185), ("max_age_s", 86_400)];

/// The most events of a queue without a batch window, which is also the limit of a FIFO queue.
/// <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html>
const SMALL_BATCH: u64 = 10;

/// Adds what is wrong with the triggers of one function.
pub(super) fn check(function: &At, region: Option<&At>, problems: &mut Problems) {
    let Some(triggers) = function.get("triggers") else {
        return;
    };
    let mut sources: BTreeMap<String, At> = BTreeMap::new();
    for (_, trigger) in triggers.entries() {
        if trigger.node.entries().is_none() {
            continue;
        }
        let Some((kind, source)) = kind(&trigger, problems) else {
            continue;
        };
        of_region(&source, region, problems);
        keys(&trigger, kind, problems);
        batch(&trigger, kind, &source, problems);
        match kind {
            "s3" => {
                bucket::check(&trigger, problems);
                disabled(&trigger, problems);
            }
            "sns" => topic(&trigger, problems),
            "schedule" => schedule(&trigger, problems),
            _ => {}
        }
        for key in ["event_pattern", "filter_policy"] {
            filled(&trigger, key, problems);
        }
        if !READ.contains(&kind) && kind != "sns" {
            continue;
        }
        let topic = trigger.text("topic").map_or("", |(_, topic)| topic);
        // A source from elsewhere is identified by its reference.
        let name = format!("{} {topic}", source.node.to_json());
        match sources.get(&name) {
            None => drop(sources.insert(name, source)),
            Some(first) => {
                let message = format!("`{}` is also the source of another trigger", source.name());
                let finding = source.wrong(message, "second").other(first.span(), "first");
                let help = match kind {
                    "sns" => "a function can subscribe to a topic only once: remove one of the two",
                    _ => {
                        "Lambda allows one event source mapping for a function and a source: \
                            remove one of the two"
                    }
                };
                problems.add(finding.help(help));
            }
        }
    }
}

/// What the trigger is, and the ARN that it names.
fn kind<'m>(trigger: &At<'m>, problems: &mut Problems) -> Option<(&'static str, At<'m>)> {
    let mut found = KINDS
        .iter()
        .filter_map(|(kind, _)| Some((*kind, trigger.get(kind)?)));
    let Some(first) = found.next() else {
        let message = format!("`{}` has no source", trigger.name());
        let kinds = KINDS.map(|(kind, what)| format!("`{kind}` ({what})"));
        let help = format!("add one of {}", kinds.join(", "));
        problems.add(trigger.wrong_key(message, "no source").help(help));
        return None;
    };
    if let Some((_, second)) = found.next() {
        let message = format!("`{}` has `{}` and another source", trigger.name(), first.0);
        let finding = second.wrong_key(message, "one of the two");
        problems.add(finding.help("write a separate trigger for each source"));
    }
    Some(first)
}

/// Keys of other kinds, and those that the kind needs.
fn keys(trigger: &At, kind: &str, problems: &mut Problems) {
    for (key, kinds) in OF_KINDS {
        let Some(at) = trigger.get(key).filter(|_| !kinds.contains(&kind)) else {
            continue;
        };
        let message = format!("`{}` cannot be combined with `{kind}`", at.name());
        let help = match key {
            "on_failure" if kind == "sqs" => {
                "the queue's own redrive policy handles failed messages: remove it".to_owned()
            }
            _ => format!("it is for {}: remove it", kinds.join(", ")),
        };
        problems.add(at.wrong_key(message, "for other sources").help(help));
    }
    let needed = match kind {
        "kinesis" | "dynamodb" => &["starting_position"][..],
        "kafka" => &["starting_position", "topic"],
        "s3" => &["on"],
        _ => &[],
    };
    for key in needed.iter().filter(|key| trigger.get(key).is_none()) {
        let message = format!("`{}` lacks `{key}`", trigger.name());
        let help = match *key {
            "topic" => "add `topic`, a topic of the cluster",
            "on" => "add `on`, the events that trigger calls, such as [\"ObjectCreated:*\"]",
            _ => {
                "add `starting_position`: \"latest\" for new events only, \"trim_horizon\" for all \
                    that exist"
            }
        };
        problems.add(trigger.wrong_key(message, "incomplete").help(help));
    }
}

fn batch(trigger: &At, kind: &str, source: &At, problems: &mut Problems) {
    if kind != "sqs" {
        return;
    }
    let number = |key: &str| {
        let at = trigger.get(key)?;
        let number = at.node.to_json().as_u64()?;
        Some((at, number))
    };
    let fifo = source.node.text().is_some_and(|arn| arn.ends_with(".fifo"));
    let window = number("batch_window_s").filter(|(_, seconds)| *seconds > 0);
    if let Some((at, size)) = number("batch_size").filter(|(_, size)| *size > SMALL_BATCH) {
        if fifo {
            let message = format!("`{}` must be at most {SMALL_BATCH}, got {size}", at.name());
            let finding = at.wrong(message, "too large");
            problems.add(finding.help("a FIFO queue delivers at most 10 messages"));
        } else if window.is_none() {
            let message = format!("`{}` is {size} without `batch_window_s`", at.name());
            let finding = at.wrong(message, "needs a window");
            problems.add(finding.help(
                "Lambda gathers more than 10 messages of a queue only within a window: add \
                    `batch_window_s = 1` or more",
            ));
        }
    }
    if let (Some((at, _)), true) = (window, fifo) {
        let message = format!("`{}` cannot be combined with a FIFO queue", at.name());
        let finding = at.wrong_key(message, "not with FIFO");
        problems.add(finding.help("Lambda has no batch window for FIFO queues: remove it"));
    }
}

/// AWS refuses an empty pattern, or lets every event through.
fn filled(trigger: &At, key: &str, problems: &mut Problems) {
    let Some(at) = trigger.get(key) else { return };
    if at.node.entries().is_some_and(|entries| entries.is_empty()) {
        let message = format!("`{}` is empty", at.name());
        let finding = at.wrong(message, "empty");
        problems.add(finding.help("name the events or messages that call the function"));
    }
}

/// A notification of a bucket cannot be disabled; a rule can.
fn disabled(trigger: &At, problems: &mut Problems) {
    let by_rule = trigger
        .text("via")
        .is_some_and(|(_, via)| via == "eventbridge");
    let Some(at) = trigger.get("enabled").filter(|_| !by_rule) else {
        return;
    };
    let message = format!("`{}` cannot be combined with a notification", at.name());
    let finding = at.wrong_key(message, "for rules");
    problems.add(finding.help(
        "S3 cannot disable a notification: remove the key or the trigger, or \
        add `via = \"eventbridge\"`",
    ));
}

/// <https://docs.aws.amazon.com/sns/latest/dg/sns-dead-letter-queues.html>
fn topic(trigger: &At, problems: &mut Problems) {
    if let Some((at, arn)) = trigger.text("on_failure")
        && arn.split(':').nth(2) != Some("sqs")
    {
        let message = format!("`{}` is not a queue", at.name());
        let finding = at.wrong(message, "not a queue");
        problems.add(finding.help(
            "SNS sends messages that it could not deliver to an SQS queue only: set the ARN of one",
        ));
    }
    if let (Some(at), None) = (trigger.get("filter_scope"), trigger.get("filter_policy")) {
        let message = format!("`{}` needs `filter_policy`", at.name());
        let finding = at.wrong_key(message, "no filter");
        problems.add(finding.help("add `filter_policy`, or remove it"));
    }
}

fn schedule(trigger: &At, problems: &mut Problems) {
    for (key, most) in OF_SCHEDULES {
        let Some(at) = trigger.get(key) else { continue };
        let number = at.node.to_json().as_u64();
        if let Some(number) = number.filter(|number| *number > most) {
            let message = format!("`{}` must be at most {most}, got {number}", at.name());
            let finding = at.wrong(message, "too large");
            problems.add(finding.help("this is the limit of the EventBridge Scheduler"));
        }
    }
}
