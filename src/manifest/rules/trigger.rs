//! Rules of what calls a function by itself.

use std::collections::BTreeMap;

use super::network::of_region;
use crate::manifest::{at::At, error::Problems};

/// What a trigger may be, in words.
const KINDS: [(&str, &str); 4] = [
    ("sqs", "a queue"),
    ("kinesis", "a stream of Kinesis"),
    ("dynamodb", "a stream of DynamoDB"),
    ("kafka", "a cluster of MSK"),
];

/// The keys that are of some kinds only.
const OF_KINDS: [(&str, &[&str]); 10] = [
    ("max_concurrency", &["sqs"]),
    ("starting_position", &["kinesis", "dynamodb", "kafka"]),
    ("on_failure", &["kinesis", "dynamodb", "kafka"]),
    ("bisect", &["kinesis", "dynamodb"]),
    ("retries", &["kinesis", "dynamodb"]),
    ("max_age_s", &["kinesis", "dynamodb"]),
    ("parallel", &["kinesis", "dynamodb"]),
    ("tumbling_s", &["kinesis", "dynamodb"]),
    ("topic", &["kafka"]),
    ("consumer_group", &["kafka"]),
];

/// Events of a queue that need no window, and the most that a FIFO queue gives.
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
        let topic = trigger.text("topic").map_or("", |(_, topic)| topic);
        let name = format!("{} {topic}", source.node.text().unwrap_or_default());
        match sources.get(&name) {
            None => drop(sources.insert(name, source)),
            Some(first) => {
                let message = format!("`{}` is the source of another trigger too", source.name());
                let finding = source.wrong(message, "second").other(first.span(), "first");
                problems.add(finding.help(
                    "Lambda makes one event source mapping of a function and a source: remove one of the two",
                ));
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
        let message = format!("`{}` names nothing that calls", trigger.name());
        let kinds = KINDS.map(|(kind, what)| format!("`{kind}` ({what})"));
        let help = format!("add one of {}", kinds.join(", "));
        problems.add(trigger.wrong_key(message, "no source").help(help));
        return None;
    };
    if let Some((_, second)) = found.next() {
        let message = format!("`{}` has `{}` and another source", trigger.name(), first.0);
        let finding = second.wrong_key(message, "one of the two");
        problems.add(finding.help("make a trigger of its own of each source"));
    }
    Some(first)
}

/// Keys of other kinds, and those that the kind needs.
fn keys(trigger: &At, kind: &str, problems: &mut Problems) {
    for (key, kinds) in OF_KINDS {
        let Some(at) = trigger.get(key).filter(|_| !kinds.contains(&kind)) else {
            continue;
        };
        let message = format!("`{}` does not go together with `{kind}`", at.name());
        let help = match key {
            "on_failure" => {
                "messages that could not be processed go where the queue's own redrive policy says: remove it".to_owned()
            }
            _ => format!("it is for {}: remove it", kinds.join(", ")),
        };
        problems.add(at.wrong_key(message, "of other sources").help(help));
    }
    let needed = match kind {
        "kinesis" | "dynamodb" => &["starting_position"][..],
        "kafka" => &["starting_position", "topic"],
        _ => &[],
    };
    for key in needed.iter().filter(|key| trigger.get(key).is_none()) {
        let message = format!("`{}` lacks `{key}`", trigger.name());
        let help = match *key {
            "topic" => "add `topic`: the topic of the cluster",
            _ => {
                "add `starting_position`: \"latest\" for what comes from now on, \"trim_horizon\" for all that there is"
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
            problems.add(finding.help("a FIFO queue gives 10 messages at most"));
        } else if window.is_none() {
            let message = format!("`{}` is {size} without `batch_window_s`", at.name());
            let finding = at.wrong(message, "needs a window");
            problems.add(finding.help(
                "Lambda gathers more than 10 messages of a queue within a window only: add `batch_window_s = 1` or more",
            ));
        }
    }
    if let (Some((at, _)), true) = (window, fifo) {
        let message = format!("`{}` does not go together with a FIFO queue", at.name());
        let finding = at.wrong_key(message, "not with FIFO");
        problems.add(finding.help("Lambda gathers nothing of a FIFO queue: remove it"));
    }
}
