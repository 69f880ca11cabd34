//! What calls a function, as tables of the manifest.

use std::rc::Rc;

use toml::Value as Toml;

use super::{
    Reading,
    values::{Resolved, Template},
};
use crate::carry::{
    carried::{Function, Later},
    names,
    settings::printable,
    yaml::{Node, Value},
};

/// What a property of an event becomes.
enum Becomes {
    /// Text, or a comment on its origin.
    Text(&'static str),
    Number(&'static str),
    /// `true` or `false`, from a text.
    Flag(&'static str),
    Table(&'static str),
    /// What a JSON text says.
    Parsed(&'static str),
    /// The patterns of a filter, as tables.
    Patterns(&'static str),
    /// The first of a list.
    First(&'static str),
    /// `true` where anything is set.
    Set(&'static str),
}

impl Becomes {
    fn key(&self) -> &'static str {
        match self {
            Text(key) | Number(key) | Flag(key) | Table(key) | Parsed(key) | Patterns(key)
            | First(key) | Set(key) => key,
        }
    }
}

/// The path of a property, and what it becomes.
type Rule = (&'static [&'static str], Becomes);

use Becomes::{First, Flag, Number, Parsed, Patterns, Set, Table, Text};

/// Properties of queues and streams.
const MAPPING: [Rule; 15] = [
    (&["BatchSize"], Number("batch_size")),
    (
        &["MaximumBatchingWindowInSeconds"],
        Number("batch_window_s"),
    ),
    (&["StartingPosition"], Text("starting_position")),
    (
        &["ScalingConfig", "MaximumConcurrency"],
        Number("max_concurrency"),
    ),
    (&["BisectBatchOnFunctionError"], Flag("bisect")),
    (&["MaximumRetryAttempts"], Number("retries")),
    (&["MaximumRecordAgeInSeconds"], Number("max_age_s")),
    (&["ParallelizationFactor"], Number("parallel")),
    (&["TumblingWindowInSeconds"], Number("tumbling_s")),
    (
        &["DestinationConfig", "OnFailure", "Destination"],
        Text("on_failure"),
    ),
    (&["FilterCriteria"], Patterns("filters")),
    (&["FunctionResponseTypes"], Set("partial_failures")),
    (&["KmsKeyArn"], Text("kms_key")),
    (&["Topics"], First("topic")),
    (&["Enabled"], Flag("enabled")),
];

/// Properties of subscriptions to topics.
const TOPIC: [Rule; 2] = [
    (&["FilterPolicy"], Table("filter_policy")),
    (&["FilterPolicyScope"], Text("filter_scope")),
];

/// Properties of schedules, in both forms.
const SCHEDULE: [Rule; 6] = [
    (&["ScheduleExpressionTimezone"], Text("timezone")),
    (&["Input"], Parsed("input")),
    (&["Enabled"], Flag("enabled")),
    (&["State"], Text("enabled")),
    (&["RetryPolicy", "MaximumRetryAttempts"], Number("retries")),
    (
        &["RetryPolicy", "MaximumEventAgeInSeconds"],
        Number("max_age_s"),
    ),
];

/// The settings of an event source that are written as plain values.
pub fn mapping(properties: &Node, template: &Template) -> Entries {
    let settings = MAPPING.iter().filter_map(|(path, becomes)| {
        let node = properties.at(path)?;
        let text = match template.resolve(node) {
            Resolved::Text(text) => Some(text),
            _ => None,
        };
        let value = match becomes {
            Text("starting_position") => text?.to_ascii_lowercase().into(),
            Text(_) => text?.into(),
            Number(_) => text?.parse::<i64>().ok()?.into(),
            Flag(_) => text?.eq_ignore_ascii_case("true").into(),
            Set(_) => (!node.items().is_empty()).into(),
            Table(_) => table(node),
            Parsed(_) => parsed(&text?),
            Patterns(_) => patterns(node)?,
            First(_) => node.items().first()?.text()?.into(),
        };
        Some((becomes.key().to_owned(), value))
    });
    settings.collect()
}

/// Adds a table for each event of the function.
pub fn read(function: &mut Function, events: &Node, reading: &mut Reading<'_>) {
    for (id, event) in events.entries() {
        let place = format!("Events.{}", printable(id));
        let kind = event.get("Type").and_then(|node| node.text());
        let entries = match (kind, event.get("Properties")) {
            (Some(kind), Some(properties)) => entries(kind, properties, &place, reading),
            _ => None,
        };
        match entries {
            Some(entries) => function.later.push(Later {
                table: format!("triggers.{}", names::key(&names::kebab(id))),
                entries,
            }),
            None => {
                let kind = printable(kind.unwrap_or("its type"));
                let text = match kind.as_str() {
                    "Api" | "HttpApi" => format!(
                        "{kind} is not managed by jot: keep the API in the template, with the \
                            alias's ARN as its target, or use a function URL (`url`)."
                    ),
                    _ => format!("{kind} has no equivalent, left out."),
                };
                reading.note(&place, &text);
            }
        }
    }
}

type Entries = Vec<(String, Toml)>;

fn entries(kind: &str, node: &Node, place: &str, reading: &mut Reading<'_>) -> Option<Entries> {
    let (source, key, more): (&[&str], &str, &[Rule]) = match kind {
        "S3" => return Some(bucket(node, place, reading)),
        "Schedule" => (&["Schedule"], "schedule", &SCHEDULE),
        "ScheduleV2" => (&["ScheduleExpression"], "schedule", &SCHEDULE),
        "SQS" => (&["Queue"], "sqs", &MAPPING),
        "SNS" => (&["Topic"], "sns", &TOPIC),
        "Kinesis" => (&["Stream"], "kinesis", &MAPPING),
        "DynamoDB" => (&["Stream"], "dynamodb", &MAPPING),
        "MSK" => (&["Stream"], "kafka", &MAPPING),
        "EventBridgeRule" | "CloudWatchEvent" => {
            let pattern = table(node.get("Pattern")?);
            let mut entries = vec![("event_pattern".to_owned(), pattern)];
            if let Some(bus) = node.get("EventBusName").cloned() {
                let bus = reading.text(&format!("{place}.EventBusName"), &bus);
                entries.extend(bus.map(|bus| ("bus".to_owned(), bus.into())));
            }
            return Some(entries);
        }
        _ => return None,
    };
    let mut entries = vec![(key.to_owned(), required(source, node, place, reading))];
    for (path, becomes) in more {
        if let Some(value) = node.at(path) {
            let property = format!("{place}.{}", path.join("."));
            entries.extend(entry(becomes, value, &property, reading));
        }
    }
    let known = |name: &String| source[0] == name || more.iter().any(|(path, _)| path[0] == name);
    for (name, _) in node.entries().iter().filter(|(name, _)| !known(name)) {
        reading.no_equivalent(&format!("{place}.{name}"));
    }
    Some(entries)
}

fn entry(
    becomes: &Becomes,
    node: &Node,
    property: &str,
    reading: &mut Reading<'_>,
) -> Option<(String, Toml)> {
    let value = |key: &str, value: Toml| Some((key.to_owned(), value));
    match becomes {
        Table(key) => value(key, table(node)),
        Parsed(key) => value(key, parsed(&reading.text(property, node)?)),
        Patterns(key) => value(key, patterns(node)?),
        First(key) => value(key, node.items().first()?.text()?.into()),
        Set(key) => value(key, (!node.items().is_empty()).into()),
        Number(key) => value(key, reading.number(property, node)?.into()),
        Flag(key) => {
            let text = reading.text(property, node)?;
            value(key, text.eq_ignore_ascii_case("true").into())
        }
        Text(key) => {
            let text = reading.text(property, node)?;
            match *key {
                "enabled" => value(key, text.eq_ignore_ascii_case("enabled").into()),
                "starting_position" => value(key, text.to_ascii_lowercase().into()),
                "filter_scope" => {
                    let scope = text.strip_prefix("Message").unwrap_or(&text);
                    value(key, scope.to_ascii_lowercase().into())
                }
                _ => value(key, text.into()),
            }
        }
    }
}

/// The key of the source, which is always written: as in the template if its value is unknown.
fn required(path: &[&str], node: &Node, place: &str, reading: &mut Reading<'_>) -> Toml {
    let Some(value) = node.at(path) else {
        return Toml::from("");
    };
    match reading.template.resolve(value) {
        Resolved::Text(text) => text.into(),
        Resolved::Nothing => "".into(),
        Resolved::Open(written) => {
            let text = format!("only CloudFormation knows {written}: replace it in the comment.");
            reading.note(&format!("{place}.{}", path.join(".")), &text);
            written.into()
        }
    }
}

fn bucket(node: &Node, place: &str, reading: &mut Reading<'_>) -> Entries {
    let mut entries = vec![("s3".to_owned(), required(&["Bucket"], node, place, reading))];
    if let Some(events) = node.get("Events") {
        let events = reading.texts(&format!("{place}.Events"), events);
        let plain = |event: &String| event.strip_prefix("s3:").unwrap_or(event).to_owned();
        let events: Vec<String> = events.iter().map(plain).collect();
        entries.push(("on".to_owned(), events.into()));
    }
    let rules = node.at(&["Filter", "S3Key", "Rules"]).cloned();
    for rule in rules.iter().flat_map(|rules| rules.items()) {
        let name = rule.get("Name").and_then(|node| node.text());
        let Some(key @ ("prefix" | "suffix")) = name else {
            continue;
        };
        let value = rule.get("Value").cloned();
        let value = value.and_then(|node| reading.text(&format!("{place}.Filter"), &node));
        entries.extend(value.map(|value| (key.to_owned(), value.into())));
    }
    entries
}

/// A table for the function's URL.
pub fn url(function: &mut Function, node: &Node, reading: &mut Reading<'_>) {
    let auth = node.get("AuthType").cloned();
    let auth = auth.and_then(|node| reading.text("FunctionUrlConfig.AuthType", &node));
    let auth = match auth.as_deref() {
        Some("NONE") => "none",
        _ => "iam",
    };
    let mode = node.get("InvokeMode").and_then(|node| node.text());
    let mut entries = vec![("auth".to_owned(), auth.into())];
    if mode == Some("RESPONSE_STREAM") {
        entries.push(("streaming".to_owned(), true.into()));
    }
    if node.get("Cors").is_some() {
        reading.note("FunctionUrlConfig.Cors", "set `cors` of `url` by hand.");
    }
    let table = "url".to_owned();
    function.later.push(Later { table, entries });
}

/// A table for what Lambda does with asynchronous calls.
pub fn asynchronous(function: &mut Function, node: &Node, reading: &mut Reading<'_>) {
    let mut entries = Vec::new();
    for (key, becomes) in [
        ("MaximumRetryAttempts", Number("retries")),
        ("MaximumEventAgeInSeconds", Number("max_age_s")),
    ] {
        if let Some(value) = node.get(key).cloned() {
            let property = format!("EventInvokeConfig.{key}");
            entries.extend(entry(&becomes, &value, &property, reading));
        }
    }
    for (path, key) in [("OnSuccess", "on_success"), ("OnFailure", "on_failure")] {
        let Some(target) = node
            .at(&["DestinationConfig", path, "Destination"])
            .cloned()
        else {
            continue;
        };
        let property = format!("EventInvokeConfig.{path}");
        let arn = reading.text(&property, &target);
        entries.extend(arn.map(|arn| {
            let table = toml::Table::from_iter([("arn".to_owned(), Toml::from(arn))]);
            (key.to_owned(), table.into())
        }));
    }
    let table = "async".to_owned();
    function.later.push(Later { table, entries });
}

/// A node as a table; as a JSON text if one of its scalars may be a number or a text, which only
/// quotes in YAML distinguish.
fn table(node: &Node) -> Toml {
    let document = document(node);
    match is_plain(&document) {
        true => Toml::try_from(&document).unwrap_or_else(|_| document.to_string().into()),
        false => document.to_string().into(),
    }
}

/// Whether all scalars are texts, however they are written.
fn is_plain(value: &serde_json::Value) -> bool {
    match value {
        serde_json::Value::String(text) => {
            let word = matches!(text.as_str(), "true" | "false" | "null" | "~" | "");
            !word && text.parse::<f64>().is_err()
        }
        serde_json::Value::Array(items) => items.iter().all(is_plain),
        serde_json::Value::Object(entries) => entries.values().all(is_plain),
        _ => false,
    }
}

/// What a JSON text says; another text as it is.
fn parsed(text: &str) -> Toml {
    let value = serde_json::from_str::<serde_json::Value>(text).ok();
    let value = value.and_then(|value| Toml::try_from(value).ok());
    value.unwrap_or_else(|| text.into())
}

/// The patterns of `Filters`, which are JSON texts; the filters as one text if a pattern is not
/// JSON.
fn patterns(node: &Node) -> Option<Toml> {
    let filters = node.get("Filters")?;
    let pattern = |filter: &Rc<Node>| {
        let text = filter.get("Pattern")?.text()?;
        toml::Value::try_from(serde_json::from_str::<serde_json::Value>(text).ok()?).ok()
    };
    let patterns: Option<Vec<Toml>> = filters.items().iter().map(pattern).collect();
    Some(patterns.map_or_else(|| document(filters).to_string().into(), Toml::from))
}

/// A node as JSON, tags dropped.
fn document(node: &Node) -> serde_json::Value {
    match &node.value {
        Value::Null => serde_json::Value::Null,
        Value::Scalar(text) => text.as_str().into(),
        Value::Sequence(items) => items.iter().map(|item| document(item)).collect(),
        Value::Mapping(entries) => {
            let entries = entries.iter();
            entries
                .map(|(key, node)| (key.clone(), document(node)))
                .collect()
        }
    }
}
