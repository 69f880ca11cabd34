//! The part of a manifest that describes a live function as it is.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Map, Value as Json, json};

use super::names;
use crate::model::{
    Architecture, ImageOverrides, Vpc,
    observed::{FunctionState, Settings},
};

/// Managed policies that jot's role has in any case.
const OWN_POLICIES: [&str; 2] = ["AWSLambdaBasicExecutionRole", "AWSXRayDaemonWriteAccess"];

/// A live function, and how the manifest will describe it.
#[derive(Clone, Debug)]
pub struct Live<'a> {
    /// The key to give it.
    pub key: &'a str,
    /// The target that is to have it; otherwise all have.
    pub target: Option<&'a str>,
    /// Its name, without the target's suffix.
    pub name: &'a str,
    /// The function's settings, as Lambda reports them.
    pub state: &'a FunctionState,
    /// Days that its log is kept.
    pub retention_days: Option<u32>,
    /// The role that executes it.
    pub role: LiveRole<'a>,
    /// The alias that takes its traffic.
    pub alias: Option<&'a str>,
    /// What the manifest sets for all functions, and this one is not to have.
    pub unset: BTreeSet<String>,
}

/// The role of a live function.
#[derive(Clone, Debug)]
pub enum LiveRole<'a> {
    /// The user's own role, which stays.
    Given(&'a str),
    /// One of jot's, with these policies attached.
    Own(&'a [String]),
}

/// How the manifest will contain the values of a live function's environment.
#[derive(Clone, Debug)]
pub enum Values {
    /// As they are, secrets included.
    Plain,
    /// As references to environment variables of the machine that runs jot; the map gives the name
    /// for each of the function's.
    FromEnv(BTreeMap<String, String>),
}

/// Returns the manifest's lines for a live function, with the table header. Lambda's defaults are
/// left out: an absent key is not managed.
pub fn part(live: &Live, values: &Values) -> String {
    let header = match live.target {
        Some(target) => format!("targets.{}.functions.{}", bare(target), live.key),
        None => format!("functions.{}", live.key),
    };
    let lines = entries(live, values).into_iter();
    let lines: Vec<String> = lines
        .map(|(key, value)| format!("{key} = {}\n", inline(&value)))
        .collect();
    format!("[{header}]\n{}", lines.concat())
}

fn entries(live: &Live, values: &Values) -> Vec<(&'static str, Json)> {
    // The other fields are Lambda's current state, which jot.toml does not describe.
    let FunctionState {
        image_uri,
        digest,
        architecture,
        config,
        tags,
        reserved_concurrency,
        ..
    } = live.state;
    let repository = image_uri.as_deref().map(repository);
    let image = repository.zip(digest.as_ref());
    let mut entries = Vec::new();
    let mut add = |key, value: Option<Json>| entries.extend(value.map(|value| (key, value)));
    let unset: Vec<&String> = live.unset.iter().collect();
    add("unset", some(!unset.is_empty(), json!(unset)));
    add("name", some(live.name != live.key, json!(live.name)));
    let image =
        image.map(|(repository, digest)| json!(format!("{repository}@{}", digest.as_str())));
    add("image_uri", image);
    add(
        "architecture",
        some(*architecture != Architecture::X86, json!(architecture)),
    );
    match live.role {
        LiveRole::Given(role) => add("role", Some(json!(role))),
        LiveRole::Own(policies) => {
            let own = |arn: &&String| {
                OWN_POLICIES
                    .iter()
                    .any(|name| arn.ends_with(&format!("/{name}")))
            };
            let users: Vec<&String> = policies.iter().filter(|arn| !own(arn)).collect();
            add("policies", some(!users.is_empty(), json!(users)));
        }
    }
    add(
        "reserved_concurrency",
        reserved_concurrency.map(|count| json!(count)),
    );
    settings(config, values, live.alias.is_some(), &mut add);
    add("logging", logging(config, live.retention_days));
    let users = tags
        .iter()
        .filter(|(key, _)| !key.starts_with("jot:") && !key.starts_with("aws:"));
    let users: BTreeMap<&String, &String> = users.collect();
    add("tags", some(!users.is_empty(), json!(users)));
    add(
        "deploy",
        Some(json!({ "alias": live.alias.map_or(json!(false), |alias| json!(alias)) })),
    );
    entries
}

fn settings(
    config: &Settings,
    values: &Values,
    serves: bool,
    add: &mut impl FnMut(&'static str, Option<Json>),
) {
    let Settings {
        description,
        memory_mb,
        timeout_s,
        ephemeral_storage_mb,
        environment,
        tracing,
        log_format: _,
        log_level: _,
        system_log_level: _,
        log_group: _,
        kms_key,
        dead_letter,
        vpc,
        file_systems,
        image,
        snapstart,
        handler,
        layers,
        // The source decides it.
        runtime: _,
    } = config;
    add("layers", some(!layers.is_empty(), json!(layers)));
    add("handler", some(!handler.is_empty(), json!(handler)));
    add(
        "description",
        some(!description.is_empty(), json!(description)),
    );
    add("memory_mb", Some(json!(memory_mb)));
    add("timeout_s", Some(json!(timeout_s)));
    add(
        "ephemeral_storage_mb",
        some(*ephemeral_storage_mb != 512, json!(ephemeral_storage_mb)),
    );
    let variables = environment.iter().map(|(name, value)| {
        let written = match values {
            Values::Plain => json!(value.reveal()),
            Values::FromEnv(sources) => json!({ "from_env": sources.get(name).unwrap_or(name) }),
        };
        (name.clone(), written)
    });
    let variables: Map<String, Json> = variables.collect();
    add(
        "environment",
        some(!variables.is_empty(), Json::Object(variables)),
    );
    add("tracing", some(tracing == "Active", json!("active")));
    add("vpc", some(*vpc != Vpc::default(), json!(vpc)));
    add("kms_key", some(!kms_key.is_empty(), json!(kms_key)));
    add(
        "dead_letter",
        some(!dead_letter.is_empty(), json!(dead_letter)),
    );
    add(
        "file_systems",
        some(!file_systems.is_empty(), json!(file_systems)),
    );
    add("image", overrides(image));
    // Without an alias it has no version that a snapshot could be of.
    add("snapstart", some(*snapstart && serves, json!(true)));
}

fn overrides(image: &ImageOverrides) -> Option<Json> {
    let ImageOverrides {
        entry_point,
        command,
        working_directory,
    } = image;
    let mut overrides = Map::new();
    let mut add = |key: &str, present: bool, value: Json| {
        overrides.extend(present.then(|| (key.to_owned(), value)));
    };
    add("entry_point", !entry_point.is_empty(), json!(entry_point));
    add("command", !command.is_empty(), json!(command));
    add(
        "working_directory",
        !working_directory.is_empty(),
        json!(working_directory),
    );
    (!overrides.is_empty()).then_some(Json::Object(overrides))
}

fn logging(config: &Settings, retention_days: Option<u32>) -> Option<Json> {
    let mut logging = Map::new();
    logging.extend(retention_days.map(|days| ("retention_days".to_owned(), json!(days))));
    if config.log_format == "JSON" {
        logging.insert("format".to_owned(), json!("json"));
        let level = config.log_level.as_ref();
        logging.extend(level.map(|level| ("level".to_owned(), json!(level.to_lowercase()))));
        let level = config.system_log_level.as_ref();
        let level = level.map(|level| ("system_level".to_owned(), json!(level.to_lowercase())));
        logging.extend(level);
    }
    if !config.log_group.is_empty() {
        // Its retention is set where it is made.
        logging.remove("retention_days");
        logging.insert("group".to_owned(), json!(config.log_group));
    }
    (!logging.is_empty()).then_some(Json::Object(logging))
}

/// Returns the name of jot's role in this ARN, if it has the path of the project's roles.
pub fn own_role<'a>(arn: &'a str, project: &str) -> Option<&'a str> {
    let path = names::role_path(project);
    Some(arn.split_once(&format!(":role{path}"))?.1)
}

/// Returns the name at the end of a role's ARN.
pub fn role_name(arn: &str) -> &str {
    arn.rsplit_once('/').map_or(arn, |(_, name)| name)
}

/// Returns the log group of the function with this name.
pub fn log_group(name: &str) -> String {
    names::log_group(name)
}

/// Returns the keys that a manifest's text sets for all functions, including those of a target.
pub fn defaults(text: &str, target: Option<&str>) -> BTreeSet<String> {
    let Ok(written) = text.parse::<toml::Table>() else {
        return BTreeSet::new();
    };
    let overlay = target.and_then(|target| written.get("targets")?.get(target));
    let layers = [
        written.get("defaults"),
        overlay.and_then(|overlay| overlay.get("defaults")),
    ];
    let keys = layers
        .into_iter()
        .flatten()
        .filter_map(|layer| layer.as_table());
    let keys = keys.flat_map(|layer| layer.keys().cloned());
    keys.filter(|key| key != "unset").collect()
}

/// `host/repository` of `host/repository:tag` and `host/repository@digest`.
fn repository(uri: &str) -> &str {
    let uri = uri.split('@').next().unwrap_or_default();
    match uri.rsplit_once(':') {
        Some((before, tag)) if !tag.contains('/') => before,
        _ => uri,
    }
}

fn some(present: bool, value: Json) -> Option<Json> {
    present.then_some(value)
}

/// A value as TOML writes it in one line.
fn inline(value: &Json) -> String {
    let mut text = String::new();
    // What was made above has neither nulls nor numbers that TOML lacks.
    let _ = value.serialize(toml::ser::ValueSerializer::new(&mut text));
    text
}

/// A key, in quotes where it needs them.
fn bare(key: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    match !key.is_empty() && key.chars().all(plain) {
        true => key.to_owned(),
        false => inline(&json!(key)),
    }
}
