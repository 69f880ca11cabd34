//! The attributes of one `aws_lambda_function`.
//!
//! <https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/lambda_function>

use serde_json::Value;

use super::{Resource, code, resource::Attribute};
use crate::carry::{
    carried::{Function, Image, Logging},
    names,
    paths::Base,
    settings::{self, Environment, LAYERS, MEMORY_MB, STORAGE_MB, TIMEOUT_S},
};

/// Attributes that are read, computed by AWS, or about Terraform alone.
const KNOWN: [&str; 50] = [
    "architectures",
    "arn",
    "code_sha256",
    "dead_letter_config",
    "description",
    "environment",
    "ephemeral_storage",
    "file_system_config",
    "filename",
    "function_name",
    "handler",
    "id",
    "image_config",
    "image_uri",
    "invoke_arn",
    "kms_key_arn",
    "last_modified",
    "layers",
    "logging_config",
    "memory_size",
    "package_type",
    "publish",
    "publish_to",
    "qualified_arn",
    "qualified_invoke_arn",
    "region",
    "replace_security_groups_on_destroy",
    "replacement_security_group_ids",
    "reserved_concurrent_executions",
    "response_streaming_invoke_arn",
    "role",
    "runtime",
    "s3_bucket",
    "s3_key",
    "s3_object_version",
    "signing_job_arn",
    "signing_profile_version_arn",
    "skip_destroy",
    "snap_start",
    "source_code_hash",
    "source_code_size",
    "source_kms_key_arn",
    "tags",
    "tags_all",
    "timeout",
    "timeouts",
    "tracing_config",
    "version",
    "vpc_config",
    "tenancy_config",
];

/// Returns the name in Lambda and the function; `None` with a note if jot does not support its
/// language.
pub fn read(
    resource: &Resource<'_>,
    base: &Base,
    notes: &mut Vec<String>,
) -> Option<(String, Function)> {
    let name = resource.text(&["function_name"], notes);
    let name = name.unwrap_or_else(|| resource.address.clone());
    let mut function = Function {
        key: names::key(name.rsplit(':').next().unwrap_or(&name)),
        deployed: true,
        ..Function::default()
    };
    function.code = code::read(resource, &mut function, base, notes)?;
    function.description = resource.text(&["description"], notes);
    function.role = role(resource, notes);
    sizes(&mut function, resource, notes);
    places(&mut function, resource, notes);
    environment(&mut function, resource, notes);
    function.tags = tags(resource, notes);
    left_out(resource, notes);
    Some((name, function))
}

fn role(resource: &Resource<'_>, notes: &mut Vec<String>) -> Option<String> {
    if resource.attribute(&["role"]) == Attribute::Unknown {
        notes.push(format!(
            "{}.role is known after apply only. Without `role` jot creates and manages one, with \
                `policies` and `policy_file`; or set `role` to the ARN.",
            resource.address
        ));
        return None;
    }
    resource.text(&["role"], notes)
}

/// Numbers and words. What AWS reports as its default is not written.
fn sizes(function: &mut Function, resource: &Resource<'_>, notes: &mut Vec<String>) {
    let within = |path: &[&str], range, notes: &mut Vec<String>| {
        let number = resource.number(path, notes)?;
        let place = format!("{}.{}", resource.address, path[0]);
        settings::within(&place, number, range, notes)
    };
    function.memory_mb = within(&["memory_size"], MEMORY_MB, notes);
    function.timeout_s = within(&["timeout"], TIMEOUT_S, notes);
    let storage = within(&["ephemeral_storage", "size"], STORAGE_MB, notes);
    function.ephemeral_storage_mb = storage.filter(|size| *size != STORAGE_MB.0);
    let reserved = resource.number(&["reserved_concurrent_executions"], notes);
    function.reserved_concurrency = reserved.filter(|count| *count >= 0);
    let architecture = resource.texts(&["architectures"], notes).pop();
    function.architecture = architecture.filter(|name| name != "x86_64");
    let tracing = resource.text(&["tracing_config", "mode"], notes);
    function.tracing = tracing
        .filter(|mode| mode == "Active")
        .map(|_| "active".to_owned());
    let snapstart = resource.text(&["snap_start", "apply_on"], notes);
    function.snapstart = snapstart.as_deref() == Some("PublishedVersions");
    let word = |key: &str, notes: &mut Vec<String>| {
        let text = resource.text(&["logging_config", key], notes);
        text.map(|text| text.to_ascii_lowercase())
    };
    function.logging = Logging {
        format: word("log_format", notes).filter(|format| format != "text"),
        level: word("application_log_level", notes),
        system_level: word("system_log_level", notes),
        group: log_group(resource, notes),
        retention_days: None,
    };
}

/// Networks, files, keys, queues and what the image starts.
fn places(function: &mut Function, resource: &Resource<'_>, notes: &mut Vec<String>) {
    function.subnets = resource.texts(&["vpc_config", "subnet_ids"], notes);
    function.security_groups = resource.texts(&["vpc_config", "security_group_ids"], notes);
    let ipv6 = resource.attribute(&["vpc_config", "ipv6_allowed_for_dual_stack"]);
    function.ipv6 = ipv6 == Attribute::Known(&Value::Bool(true));
    if settings::takes_layers(function) {
        function.layers = resource.texts(&["layers"], notes);
    } else if resource.attribute(&["layers"]) != Attribute::Absent {
        notes.push(format!("{}.layers: {LAYERS}", resource.address));
    }
    function.kms_key = resource.text(&["kms_key_arn"], notes);
    function.dead_letter = resource.text(&["dead_letter_config", "target_arn"], notes);
    let arn = resource.text(&["file_system_config", "arn"], notes);
    let mount = resource.text(&["file_system_config", "local_mount_path"], notes);
    function.file_systems = arn.zip(mount).into_iter().collect();
    function.image = Image {
        entry_point: resource.texts(&["image_config", "entry_point"], notes),
        command: resource.texts(&["image_config", "command"], notes),
        working_directory: resource.text(&["image_config", "working_directory"], notes),
    };
}

/// Variables: what Terraform marks as sensitive is never written.
fn environment(function: &mut Function, resource: &Resource<'_>, notes: &mut Vec<String>) {
    let path = ["environment", "variables"];
    let entries = resource.entries(&path);
    if entries.is_empty() && resource.attribute(&path) == Attribute::Unknown {
        notes.push(format!(
            "{}.environment is known after apply only: set the variables by hand.",
            resource.address
        ));
    }
    let place = format!("{}.environment", resource.address);
    let mut environment = Environment::new(place, function);
    for (name, attribute) in entries {
        match attribute {
            Attribute::Known(Value::String(text)) => environment.plain(&name, text),
            Attribute::Known(_) | Attribute::Absent => {}
            Attribute::Sensitive => environment.local(&name, "sensitive"),
            Attribute::Unknown => environment.local(&name, "known after apply"),
        }
    }
    environment.finish(notes);
}

/// The function's tags, the provider's default ones among them.
fn tags(
    resource: &Resource<'_>,
    notes: &mut Vec<String>,
) -> std::collections::BTreeMap<String, String> {
    let all = resource.entries(&["tags_all"]);
    let given = match all.is_empty() {
        true => resource.entries(&["tags"]),
        false => all,
    };
    let place = format!("{}.tags", resource.address);
    let mut known = Vec::new();
    for (key, attribute) in given {
        match attribute {
            Attribute::Known(Value::String(value)) => known.push((key, value.clone())),
            Attribute::Known(_) | Attribute::Absent => {}
            Attribute::Sensitive | Attribute::Unknown => {
                let key = settings::printable(&key);
                notes.push(format!(
                    "{place}.{key} is sensitive or known after apply only: set it by hand."
                ));
            }
        }
    }
    settings::tags(&place, known, notes)
}

/// Parts of known blocks that have no equivalent.
const PARTS: [&[&str]; 1] = [&["tenancy_config"]];

/// Reports which attributes have no equivalent.
fn left_out(resource: &Resource<'_>, notes: &mut Vec<String>) {
    let address = &resource.address;
    let is_set = |path: &[&str]| match resource.attribute(path) {
        Attribute::Absent | Attribute::Unknown => false,
        attribute => attribute != Attribute::Known(&Value::Bool(false)),
    };
    let others = resource.values.keys().map(String::as_str);
    let others = others.filter(|key| !KNOWN.contains(key));
    let others: Vec<[&str; 1]> = others.map(|key| [key]).collect();
    let others = others.iter().map(|path| &path[..]);
    for path in PARTS.into_iter().chain(others).filter(|path| is_set(path)) {
        let path = settings::printable(&path.join("."));
        notes.push(format!("{address}.{path}: no equivalent, left out."));
    }
}

/// The group that a function writes to, where that is not its own.
fn log_group(resource: &Resource<'_>, notes: &mut Vec<String>) -> Option<String> {
    let group = resource.text(&["logging_config", "log_group"], notes)?;
    let name = resource.values.get("function_name").and_then(Value::as_str);
    let own = name.is_some_and(|name| group == format!("/aws/lambda/{name}"));
    (!own && !group.is_empty()).then_some(group)
}
