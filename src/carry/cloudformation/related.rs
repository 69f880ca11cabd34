//! Resources that belong to a function: log group, alias, URL, event sources.

use std::rc::Rc;

use super::{
    events,
    values::{Template, intrinsic},
};
use crate::carry::{
    carried::{Function, Later},
    names,
    yaml::{Node, Value},
};

/// Adds the settings of functions from other resources; returns the ids of those that were used.
pub fn read(
    functions: &mut [(String, Function)],
    resources: &Node,
    template: &Template,
) -> Vec<String> {
    let mut taken = Vec::new();
    for (id, resource) in resources.entries() {
        let kind = resource.get("Type").and_then(|node| node.text());
        let (Some(kind), Some(properties)) = (kind, resource.get("Properties")) else {
            continue;
        };
        let of = match kind {
            "AWS::Logs::LogGroup" => log_group(properties, template),
            "AWS::Lambda::Alias" | "AWS::Lambda::EventSourceMapping" => properties
                .get("FunctionName")
                .and_then(|node| target(node, template)),
            _ => None,
        };
        let mut functions = functions.iter_mut();
        let function = functions.find(|(own, function)| {
            of.as_ref()
                .is_some_and(|of| of == own || *of == function.key)
        });
        let Some((_, function)) = function else {
            continue;
        };
        match kind {
            "AWS::Logs::LogGroup" => function.logging.retention_days = retention(properties),
            "AWS::Lambda::Alias" => function.alias = alias(properties),
            _ => function.later.push(mapping(id, properties, template)),
        }
        taken.push(id.clone());
    }
    taken
}

/// The id or name of the function of a log group: `/aws/lambda/${Function}`.
fn log_group(properties: &Node, template: &Template) -> Option<String> {
    let name = properties.get("LogGroupName")?;
    let written = match intrinsic(name) {
        Some(("Sub", argument)) => argument.text()?.to_owned(),
        Some(("Join", argument)) => {
            let [_, parts] = argument.items() else {
                return None;
            };
            let function = parts.items().last()?;
            let first = parts.items().first()?.text()?;
            return first
                .starts_with("/aws/lambda")
                .then(|| target(function, template))?;
        }
        Some(_) => return None,
        None => name.text()?.to_owned(),
    };
    let function = written.strip_prefix("/aws/lambda/")?;
    let id = function
        .strip_prefix("${")
        .and_then(|id| id.strip_suffix('}'));
    Some(id.unwrap_or(function).to_owned())
}

/// The id or name of a function: `!Ref Function`, `!GetAtt Function.Arn`, or a name.
fn target(node: &Node, template: &Template) -> Option<String> {
    match intrinsic(node) {
        Some(("Ref", argument)) => argument.text().map(str::to_owned),
        Some(("GetAtt", argument)) => match &argument.value {
            Value::Scalar(path) => path.split('.').next().map(str::to_owned),
            _ => argument.items().first()?.text().map(str::to_owned),
        },
        _ => match template.resolve(node) {
            super::values::Resolved::Text(name) => Some(name),
            _ => None,
        },
    }
}

fn retention(properties: &Node) -> Option<i64> {
    properties.get("RetentionInDays")?.text()?.parse().ok()
}

fn alias(properties: &Node) -> Option<String> {
    properties.get("Name")?.text().map(str::to_owned)
}

/// An event source, by the service in its ARN where that is written.
fn mapping(id: &str, properties: &Rc<Node>, template: &Template) -> Later {
    let source = properties.get("EventSourceArn");
    let arn = match source.map(|node| template.resolve(node)) {
        Some(super::values::Resolved::Text(arn) | super::values::Resolved::Open(arn)) => arn,
        _ => String::new(),
    };
    let streams = properties.get("StartingPosition").is_some();
    let key = match arn.split(':').nth(2) {
        Some(service @ ("kinesis" | "dynamodb" | "kafka")) => service,
        _ if streams => "kinesis",
        _ => "sqs",
    };
    let mut entries = vec![(key.to_owned(), arn.into())];
    entries.extend(events::mapping(properties, template));
    Later {
        table: format!("triggers.{}", names::key(&names::kebab(id))),
        entries,
    }
}
