//! Resources that belong to a function: log group, alias, URL, event sources.

use serde_json::Value;
use toml::Value as Toml;

use super::{Resource, resource::Attribute};
use crate::carry::{
    carried::{Function, Later},
    names,
    settings::printable,
};

/// What an attribute of an event source becomes.
const MAPPING: [(&[&str], &str); 12] = [
    (&["batch_size"], "batch_size"),
    (&["maximum_batching_window_in_seconds"], "batch_window_s"),
    (&["starting_position"], "starting_position"),
    (
        &["scaling_config", "maximum_concurrency"],
        "max_concurrency",
    ),
    (&["bisect_batch_on_function_error"], "bisect"),
    (&["maximum_retry_attempts"], "retries"),
    (&["maximum_record_age_in_seconds"], "max_age_s"),
    (&["parallelization_factor"], "parallel"),
    (&["tumbling_window_in_seconds"], "tumbling_s"),
    (
        &["destination_config", "on_failure", "destination_arn"],
        "on_failure",
    ),
    (&["kms_key_arn"], "kms_key"),
    (&["function_response_types"], "partial_failures"),
];

/// Types of resources that are carried over with their function.
const CARRIED: [&str; 6] = [
    "aws_lambda_function",
    "aws_lambda_alias",
    "aws_lambda_event_source_mapping",
    "aws_lambda_function_url",
    "aws_lambda_function_event_invoke_config",
    "aws_lambda_function_recursion_config",
];

/// Adds what other resources say of a function.
pub fn read(
    name: &str,
    function: &mut Function,
    resources: &[Resource<'_>],
    notes: &mut Vec<String>,
) {
    let group = format!("/aws/lambda/{name}");
    for resource in resources {
        let text = |key: &str| match resource.attribute(&[key]) {
            Attribute::Known(Value::String(text)) => Some(text.as_str()),
            _ => None,
        };
        if resource.kind == "aws_cloudwatch_log_group" && text("name") == Some(&group) {
            let days = resource.number(&["retention_in_days"], notes);
            function.logging.retention_days = days.filter(|days| *days > 0);
        }
        if text("function_name").is_none_or(|of| !is_name(of, name)) {
            continue;
        }
        match resource.kind {
            "aws_lambda_alias" => alias(function, resource, text("name"), notes),
            "aws_lambda_event_source_mapping" => {
                function.later.extend(mapping(resource));
            }
            "aws_lambda_function_recursion_config" => {
                let mode = text("recursive_loop");
                function.recursive_loop = mode.map(str::to_ascii_lowercase);
            }
            "aws_lambda_function_url" => function.later.push(url(resource)),
            "aws_lambda_function_event_invoke_config" => {
                function.later.push(asynchronous(resource));
            }
            _ => {}
        }
    }
}

/// Takes the first alias; others stay as they are.
fn alias(
    function: &mut Function,
    resource: &Resource<'_>,
    name: Option<&str>,
    notes: &mut Vec<String>,
) {
    match (&function.alias, name) {
        (Some(first), Some(second)) => notes.push(format!(
            "{}: jot manages one alias, `{first}`; `{}` stays unchanged.",
            resource.address,
            printable(second)
        )),
        _ => function.alias = name.map(str::to_owned),
    }
}

/// Whether a name, or an ARN with or without an alias, is that of the function.
fn is_name(given: &str, name: &str) -> bool {
    let after = given
        .split_once(":function:")
        .map_or(given, |(_, after)| after);
    after.split(':').next() == Some(name)
}

fn known(resource: &Resource<'_>, path: &[&str]) -> Option<Toml> {
    match resource.attribute(path) {
        Attribute::Known(Value::String(text)) => Some(text.as_str().into()),
        Attribute::Known(Value::Number(number)) => number.as_i64().map(Toml::from),
        Attribute::Known(Value::Bool(flag)) => Some((*flag).into()),
        Attribute::Known(Value::Array(items)) => Some((!items.is_empty()).into()),
        _ => None,
    }
}

fn mapping(resource: &Resource<'_>) -> Option<Later> {
    let arn = known(resource, &["event_source_arn"]);
    let service = match &arn {
        Some(Toml::String(arn)) => arn.split(':').nth(2).unwrap_or_default().to_owned(),
        _ => String::new(),
    };
    let key = match service.as_str() {
        "kinesis" | "dynamodb" | "kafka" => service,
        _ => "sqs".to_owned(),
    };
    let arn = arn.unwrap_or_else(|| "known after apply".into());
    let mut entries = vec![(key, arn)];
    for (path, key) in MAPPING {
        let value = known(resource, path).filter(|value| !is_default(key, value));
        let value = value.map(|value| match (key, &value) {
            ("starting_position", Toml::String(text)) => text.to_ascii_lowercase().into(),
            _ => value,
        });
        entries.extend(value.map(|value| (key.to_owned(), value)));
    }
    if known(resource, &["enabled"]) == Some(false.into()) {
        entries.push(("enabled".to_owned(), false.into()));
    }
    let name = resource.address.rsplit('.').next().unwrap_or("source");
    Some(Later {
        table: format!("triggers.{}", names::key(&names::kebab(name))),
        entries,
    })
}

/// Whether AWS reports this where nothing is set.
fn is_default(key: &str, value: &Toml) -> bool {
    match value {
        Toml::Integer(0 | -1) => key != "retries" || *value == Toml::Integer(-1),
        Toml::Boolean(set) => !set,
        _ => false,
    }
}

fn url(resource: &Resource<'_>) -> Later {
    let auth = known(resource, &["authorization_type"]);
    let auth = match auth {
        Some(Toml::String(kind)) if kind == "NONE" => "none",
        _ => "iam",
    };
    let mut entries = vec![("auth".to_owned(), auth.into())];
    if known(resource, &["invoke_mode"]) == Some("RESPONSE_STREAM".into()) {
        entries.push(("streaming".to_owned(), true.into()));
    }
    Later {
        table: "url".to_owned(),
        entries,
    }
}

fn asynchronous(resource: &Resource<'_>) -> Later {
    let mut entries = Vec::new();
    for (path, key) in [
        ("maximum_retry_attempts", "retries"),
        ("maximum_event_age_in_seconds", "max_age_s"),
    ] {
        entries.extend(known(resource, &[path]).map(|value| (key.to_owned(), value)));
    }
    for key in ["on_success", "on_failure"] {
        let arn = known(resource, &["destination_config", key, "destination"]);
        entries.extend(arn.map(|arn| {
            let table = toml::Table::from_iter([("arn".to_owned(), arn)]);
            (key.to_owned(), table.into())
        }));
    }
    Later {
        table: "async".to_owned(),
        entries,
    }
}

/// Reports which resources of Lambda were left out.
pub fn left_out(resources: &[Resource<'_>]) -> Option<String> {
    let lambda = resources
        .iter()
        .filter(|one| one.kind.starts_with("aws_lambda_") && !CARRIED.contains(&one.kind));
    let addresses: Vec<_> = lambda.map(|one| one.address.as_str()).collect();
    (!addresses.is_empty()).then(|| {
        format!(
            "Keep in Terraform what jot does not manage: {}.",
            addresses.join(", ")
        )
    })
}
