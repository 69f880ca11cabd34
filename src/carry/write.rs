//! The text of a manifest, made of what a reader returned.

use std::collections::BTreeMap;

use toml::{Table, Value};

use super::carried::{Carried, Code, Function, Later, Variable};

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
    format!("{key} = {}\n", value.into())
}

fn function(function: &Function) -> String {
    let table = format!("functions.{}", function.key);
    let mut head = format!("\n[{table}]\n");
    let mut sections = String::new();
    let tables = code(&function.code)
        .into_iter()
        .chain([
            ("environment", environment(&function.environment)),
            ("tags", words(&function.tags)),
            ("build.args", words(&function.build_args)),
        ])
        .filter(|(_, entries)| !entries.is_empty());
    head.extend(comments(function).iter().map(|text| format!("# {text}\n")));
    head.extend(
        settings(function)
            .into_iter()
            .map(|(key, value)| line(key, value)),
    );
    for (key, entries) in tables {
        let inline = line(key, entries.clone());
        if inline.len() <= WIDTH && inline.lines().count() == 1 {
            head += &inline;
        } else {
            sections += &format!("\n[{table}.{key}]\n{entries}");
        }
    }
    let later = function.later.iter().map(|later| commented(&table, later));
    head + &sections + &later.collect::<String>()
}

/// The table of a language.
fn code(code: &Code) -> Option<(&'static str, Table)> {
    let table = |entries: &[(&str, Option<Value>)]| {
        let given = entries.iter().cloned();
        given
            .filter_map(|(key, value)| Some((key.to_owned(), value?)))
            .collect::<Table>()
    };
    let text = |text: &str| Some(Value::from(text));
    Some(match code {
        Code::Open | Code::Image(_) | Code::Tagged(_) => return None,
        Code::Julia {
            source,
            dependencies,
        } => (
            "julia",
            table(&[
                ("source", text(source)),
                ("argument_type", text("Invocation")),
                ("dependencies", Some(dependencies.clone().into())),
            ]),
        ),
        Code::Jvm {
            source,
            module,
            java,
            zip,
        } => (
            "jvm",
            table(&[
                ("source", text(source)),
                ("module", module.clone().map(Value::from)),
                ("java", java.clone().map(Value::from)),
                ("package", zip.then(|| Value::from("zip"))),
            ]),
        ),
        Code::Dockerfile {
            source,
            file,
            stage,
        } => (
            "dockerfile",
            table(&[
                ("source", text(source)),
                ("file", text(file)),
                ("stage", stage.clone().map(Value::from)),
            ]),
        ),
    })
}

/// Lines for the user to choose from where the code or the handler is not known.
fn comments(function: &Function) -> Vec<String> {
    let dockerfile = "dockerfile = { source = \".\", file = \"Dockerfile\" }";
    match &function.code {
        Code::Open => vec![dockerfile.to_owned(), "jvm = { source = \".\" }".to_owned()],
        Code::Tagged(uri) => {
            let repository = match uri.rsplit_once(':') {
                Some((repository, tag)) if !tag.contains('/') => repository,
                _ => uri,
            };
            let by_digest = format!("{repository}@sha256:<the image's digest>");
            vec![
                dockerfile.to_owned(),
                line("image_uri", by_digest).trim_end().to_owned(),
            ]
        }
        Code::Jvm { .. } if function.handler.is_none() => {
            vec!["handler = \"package.Class\"".to_owned()]
        }
        _ => Vec::new(),
    }
}

/// The settings that are plain values or small tables, in the order of the example.
fn settings(function: &Function) -> Vec<(&'static str, Value)> {
    let text = |text: &Option<String>| text.clone().map(Value::from);
    let number = |number: Option<i64>| number.map(Value::from);
    let list = |list: &Vec<String>| (!list.is_empty()).then(|| Value::from(list.clone()));
    let uri = match &function.code {
        Code::Image(uri) => Some(Value::from(uri.as_str())),
        _ => None,
    };
    let all = [
        ("image_uri", uri),
        ("description", text(&function.description)),
        ("handler", text(&function.handler)),
        ("memory_mb", number(function.memory_mb)),
        ("timeout_s", number(function.timeout_s)),
        ("role", text(&function.role)),
        ("policies", list(&function.policies)),
        ("permissions_boundary", text(&function.permissions_boundary)),
        ("architecture", text(&function.architecture)),
        (
            "ephemeral_storage_mb",
            number(function.ephemeral_storage_mb),
        ),
        ("tracing", text(&function.tracing)),
        ("logging", logging(function)),
        ("vpc", vpc(function)),
        (
            "reserved_concurrency",
            number(function.reserved_concurrency),
        ),
        ("kms_key", text(&function.kms_key)),
        ("dead_letter", text(&function.dead_letter)),
        ("file_systems", file_systems(function)),
        ("image", image(function)),
        ("snapstart", function.snapstart.then(|| Value::from(true))),
        ("build.extra_tags", list(&function.extra_tags)),
        ("deploy.alias", text(&function.alias)),
    ];
    let given = all.into_iter();
    given
        .filter_map(|(key, value)| Some((key, value?)))
        .collect()
}

/// A table of the entries that are there; `None` where none is.
fn some_table<const N: usize>(entries: [(&str, Option<Value>); N]) -> Option<Value> {
    let given = entries.into_iter();
    let table: Table = given
        .filter_map(|(key, value)| Some((key.to_owned(), value?)))
        .collect();
    (!table.is_empty()).then(|| table.into())
}

fn logging(function: &Function) -> Option<Value> {
    let logging = &function.logging;
    some_table([
        ("retention_days", logging.retention_days.map(Value::from)),
        ("format", logging.format.clone().map(Value::from)),
        ("level", logging.level.clone().map(Value::from)),
    ])
}

fn vpc(function: &Function) -> Option<Value> {
    let list = |list: &[String]| (!list.is_empty()).then(|| Value::from(list.to_vec()));
    some_table([
        ("subnets", list(&function.subnets)),
        ("security_groups", list(&function.security_groups)),
    ])
}

fn image(function: &Function) -> Option<Value> {
    let list = |list: &[String]| (!list.is_empty()).then(|| Value::from(list.to_vec()));
    let image = &function.image;
    some_table([
        ("entry_point", list(&image.entry_point)),
        ("command", list(&image.command)),
        (
            "working_directory",
            image.working_directory.clone().map(Value::from),
        ),
    ])
}

fn file_systems(function: &Function) -> Option<Value> {
    let tables = function.file_systems.iter().filter_map(|(arn, mount)| {
        some_table([
            ("arn", Some(Value::from(arn.as_str()))),
            ("mount", Some(Value::from(mount.as_str()))),
        ])
    });
    let tables: Vec<Value> = tables.collect();
    (!tables.is_empty()).then(|| tables.into())
}

fn words(map: &BTreeMap<String, String>) -> Table {
    let entries = map.iter();
    entries
        .map(|(key, value)| (key.clone(), Value::from(value.as_str())))
        .collect()
}

fn environment(variables: &BTreeMap<String, Variable>) -> Table {
    let from = |key: &str, value: &str| {
        let entry = (key.to_owned(), Value::from(value));
        Value::from(Table::from_iter([entry]))
    };
    let variables = variables.iter();
    variables
        .map(|(name, variable)| {
            let value = match variable {
                Variable::Plain(text) => Value::from(text.as_str()),
                Variable::FromEnv(name) => from("from_env", name),
                Variable::FromSsm(name) => from("from_ssm", name),
            };
            (name.clone(), value)
        })
        .collect()
}

/// A table as comments: this release does not read it.
fn commented(function: &str, later: &Later) -> String {
    let mut text = format!("[{function}.{}]\n", later.table);
    text.extend(
        later
            .entries
            .iter()
            .map(|(key, value)| line(key, value.clone())),
    );
    let lines = text.lines().map(|line| format!("# {line}\n"));
    format!("\n{}", lines.collect::<String>())
}
