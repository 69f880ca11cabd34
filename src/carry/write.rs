//! The text of a manifest, made of what a reader returned.

use std::{collections::BTreeMap, path::Path};

use toml::Value;

use super::{
    carried::{Carried, Code, Function, Later, Variable},
    settings::printable,
};
use crate::manifest;

/// Columns that an inline table may take.
const WIDTH: usize = 100;

/// Returns the text of the jot.toml.
pub fn manifest(carried: &Carried, project: &str) -> String {
    let mut text = format!("[project]\n{}", line("name", project));
    let aws = [
        ("account_id", &carried.account_id),
        ("region", &carried.region),
    ];
    if aws.iter().any(|(_, value)| value.is_some()) {
        text += "\n[aws]\n";
        let given = aws
            .iter()
            .filter_map(|(key, value)| Some((key, value.as_ref()?)));
        text.extend(given.map(|(key, value)| line(key, value.as_str())));
    }
    carried
        .functions
        .iter()
        .for_each(|function| text += &self::function(function));
    text
}

/// A line of TOML.
fn line(key: &str, value: impl Into<Value>) -> String {
    format!("{} = {}\n", quoted(key), value.into())
}

/// A key, in quotes where it needs them.
fn quoted(key: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_' || c == '.';
    match !key.is_empty() && key.chars().all(plain) {
        true => key.to_owned(),
        false => Value::from(key).to_string(),
    }
}

/// Keys in the order in which they are written, with TOML's text of their values.
type Entries = Vec<(String, String)>;

/// The entries that are present.
fn entries<const N: usize>(all: [(&str, Option<Value>); N]) -> Entries {
    let given = all.into_iter();
    given
        .filter_map(|(key, value)| Some((key.to_owned(), value?.to_string())))
        .collect()
}

/// An inline table; `None` for an empty one.
fn inline(entries: &Entries) -> Option<String> {
    let entries: Vec<_> = entries
        .iter()
        .map(|(key, value)| format!("{key} = {value}"))
        .collect();
    (!entries.is_empty()).then(|| format!("{{ {} }}", entries.join(", ")))
}

fn function(function: &Function) -> String {
    let table = format!("functions.{}", function.key);
    let mut head = format!("\n[{table}]\n");
    let mut sections = String::new();
    head.extend(comments(function).iter().map(|text| as_comment(text)));
    head.extend(
        settings(function)
            .iter()
            .map(|(key, value)| format!("{key} = {value}\n")),
    );
    for (key, entries) in tables(function) {
        let Some(inline) = inline(&entries) else {
            continue;
        };
        if key.len() + inline.len() + 3 <= WIDTH && !inline.contains('\n') {
            head += &format!("{key} = {inline}\n");
        } else {
            sections += &format!("\n[{table}.{key}]\n");
            sections.extend(
                entries
                    .iter()
                    .map(|(key, value)| format!("{key} = {value}\n")),
            );
        }
    }
    let later = function.later.iter().map(|later| below(&table, later));
    head + &sections + &later.collect::<String>()
}

/// The tables that get a section of their own where they are long.
fn tables(function: &Function) -> Vec<(&'static str, Entries)> {
    code(&function.code)
        .into_iter()
        .chain([
            ("environment", environment(&function.environment)),
            ("tags", words(&function.tags)),
            ("build.args", words(&function.build_args)),
        ])
        .collect()
}

/// The table of a language.
fn code(code: &Code) -> Option<(&'static str, Entries)> {
    let text = |text: &String| Some(Value::from(text.as_str()));
    let maybe = |text: &Option<String>| text.clone().map(Value::from);
    Some(match code {
        Code::Open | Code::Image(_) | Code::Tagged(_) => return None,
        Code::Julia {
            source,
            argument_type,
            dependencies,
        } => (
            "julia",
            entries([
                ("source", text(source)),
                ("argument_type", text(argument_type)),
                ("dependencies", dependencies.clone().map(Value::from)),
            ]),
        ),
        Code::Jvm { .. } => ("jvm", jvm(code)?),
        Code::Dockerfile {
            source,
            file,
            stage,
        } => (
            "dockerfile",
            entries([
                ("source", text(source)),
                ("file", text(file)),
                ("stage", maybe(stage)),
            ]),
        ),
    })
}

fn jvm(code: &Code) -> Option<Entries> {
    let Code::Jvm {
        source,
        module,
        java,
        zip,
    } = code
    else {
        return None;
    };
    Some(entries([
        ("source", Some(source.as_str().into())),
        ("module", module.clone().map(Value::from)),
        ("java", java.clone().map(Value::from)),
        ("package", zip.then(|| "zip".into())),
    ]))
}

/// Lines for the user to complete: an unknown code or handler, an incomplete network.
fn comments(function: &Function) -> Vec<String> {
    let dockerfile = "dockerfile = { source = \".\", file = \"Dockerfile\" }".to_owned();
    let mut lines = match &function.code {
        Code::Open => vec![dockerfile, "jvm = { source = \".\" }".to_owned()],
        Code::Tagged(uri) => vec![dockerfile, by_digest(uri)],
        Code::Jvm { .. } if function.handler.is_none() => {
            vec!["handler = \"package.Class\"".to_owned()]
        }
        _ => Vec::new(),
    };
    lines.extend(function.comment.clone());
    if !is_whole_network(function) {
        lines.extend(vpc(function).map(|vpc| format!("vpc = {vpc}")));
    }
    lines
}

/// An `image_uri` that lacks the digest.
fn by_digest(uri: &str) -> String {
    let repository = match uri.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => repository,
        _ => uri,
    };
    let uri = format!("{}@sha256:<the image's digest>", printable(repository));
    line("image_uri", uri).trim_end().to_owned()
}

/// Whether a function has subnets and security groups, or neither.
fn is_whole_network(function: &Function) -> bool {
    function.subnets.is_empty() == function.security_groups.is_empty()
}

/// The settings that are plain values or small tables, in the order of the example.
fn settings(function: &Function) -> Entries {
    let toml = |value: Option<Value>| value.map(|value| value.to_string());
    let text = |text: &Option<String>| toml(text.clone().map(Value::from));
    let number = |number: Option<i64>| toml(number.map(Value::from));
    let all = [
        ("image_uri", toml(image_uri(&function.code))),
        ("description", text(&function.description)),
        ("handler", text(&function.handler)),
        ("memory_mb", number(function.memory_mb)),
        ("timeout_s", number(function.timeout_s)),
        ("role", text(&function.role)),
        ("policies", toml(list(&function.policies))),
        ("permissions_boundary", text(&function.permissions_boundary)),
        ("architecture", text(&function.architecture)),
        (
            "ephemeral_storage_mb",
            number(function.ephemeral_storage_mb),
        ),
        ("tracing", text(&function.tracing)),
        ("logging", logging(function)),
        ("vpc", vpc(function).filter(|_| is_whole_network(function))),
        ("layers", toml(list(&function.layers))),
        ("recursive_loop", text(&function.recursive_loop)),
        (
            "reserved_concurrency",
            number(function.reserved_concurrency),
        ),
        ("kms_key", text(&function.kms_key)),
        ("dead_letter", text(&function.dead_letter)),
        ("file_systems", file_systems(function)),
        ("image", image(function)),
        ("snapstart", toml(function.snapstart.then(|| true.into()))),
        ("build.extra_tags", toml(list(&function.extra_tags))),
        ("deploy.alias", text(&function.alias)),
        (
            "deploy.provisioned_concurrency",
            number(function.provisioned_concurrency),
        ),
    ];
    let given = all.into_iter();
    given
        .filter_map(|(key, value)| Some((key.to_owned(), value?)))
        .collect()
}

fn image_uri(code: &Code) -> Option<Value> {
    match code {
        Code::Image(uri) => Some(uri.as_str().into()),
        _ => None,
    }
}

/// A list; `None` for an empty one.
fn list(items: &[String]) -> Option<Value> {
    (!items.is_empty()).then(|| items.to_vec().into())
}

fn logging(function: &Function) -> Option<String> {
    let logging = &function.logging;
    inline(&entries([
        (
            "retention_days",
            logging
                .retention_days
                .filter(|_| logging.group.is_none())
                .map(Value::from),
        ),
        ("format", logging.format.clone().map(Value::from)),
        ("level", logging.level.clone().map(Value::from)),
        (
            "system_level",
            logging.system_level.clone().map(Value::from),
        ),
        ("group", logging.group.clone().map(Value::from)),
    ]))
}

fn vpc(function: &Function) -> Option<String> {
    inline(&entries([
        ("subnets", list(&function.subnets)),
        ("security_groups", list(&function.security_groups)),
        ("ipv6", function.ipv6.then(|| true.into())),
    ]))
}

fn image(function: &Function) -> Option<String> {
    let image = &function.image;
    inline(&entries([
        ("entry_point", list(&image.entry_point)),
        ("command", list(&image.command)),
        (
            "working_directory",
            image.working_directory.clone().map(Value::from),
        ),
    ]))
}

fn file_systems(function: &Function) -> Option<String> {
    let tables = function.file_systems.iter().filter_map(|(arn, mount)| {
        inline(&entries([
            ("arn", Some(arn.as_str().into())),
            ("mount", Some(mount.as_str().into())),
        ]))
    });
    let tables: Vec<String> = tables.collect();
    (!tables.is_empty()).then(|| format!("[{}]", tables.join(", ")))
}

fn words(map: &BTreeMap<String, String>) -> Entries {
    let words = map.iter();
    words
        .map(|(key, value)| (quoted_whole(key), Value::from(value.as_str()).to_string()))
        .collect()
}

/// A key of the user's: a dot in it separates nothing.
fn quoted_whole(key: &str) -> String {
    match key.contains('.') {
        true => Value::from(key).to_string(),
        false => quoted(key),
    }
}

fn environment(variables: &BTreeMap<String, Variable>) -> Entries {
    let from = |key: &str, value: &str| format!("{{ {key} = {} }}", Value::from(value));
    let variables = variables.iter();
    variables
        .map(|(name, variable)| {
            let value = match variable {
                Variable::Plain(text) => Value::from(text.as_str()).to_string(),
                Variable::FromEnv(name) => from("from_env", name),
                Variable::FromSsm(name) => from("from_ssm", name),
            };
            (quoted_whole(name), value)
        })
        .collect()
}

/// A table below the function's, written as comments if a value is unknown or not accepted by the
/// manifest.
fn below(function: &str, later: &Later) -> String {
    let mut text = format!("[{function}.{}]\n", later.table);
    text.extend(
        later
            .entries
            .iter()
            .map(|(key, value)| line(key, value.clone())),
    );
    match is_read(later) {
        true => format!("\n{text}"),
        false => format!("\n{}", as_comment(&format!("{INCOMPLETE}\n{text}"))),
    }
}

/// The comment above an incomplete table.
const INCOMPLETE: &str = "Complete this table, then remove the `#` before each of its lines.";

/// Whether a manifest takes the table.
fn is_read(later: &Later) -> bool {
    let table = format!("functions.a.{}", later.table);
    let entries = later.entries.iter();
    let entries = entries.map(|(key, value)| line(key, value.clone()));
    let text = format!(
        "[project]\nname = \"project\"\n[functions.a]\nimage_uri = \"{ANY_IMAGE}@sha256:{}\"\n\
            [{table}]\n{}",
        "0".repeat(64),
        entries.collect::<String>()
    );
    manifest::read(Path::new(manifest::FILE), &text, None).is_ok()
}

/// An image in ECR.
const ANY_IMAGE: &str = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/a";

/// Every line of a text behind `#`.
fn as_comment(text: &str) -> String {
    text.lines().map(|line| format!("# {line}\n")).collect()
}
