//! Lambda's settings of a function, and their digest.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value as Json, json};

use super::{
    environment::{self, Environment},
    error::Error,
    hash,
    language::Language,
    references::{all_plain, plain},
};
use crate::{
    manifest::types::{self, Function, LogFormat, LogLevel, SystemLogLevel, Tracing},
    model::{
        Config, FileSystem, Given, ImageOverrides, Reference, RoleChoice, Vpc, desired::Lifecycle,
        value::EnvValue,
    },
};

/// Returns the settings that the manifest contains for a function, in Lambda's spelling.
pub fn wanted(function: &Function, environment: &Environment) -> Config {
    let logging = function.logging.as_ref();
    let variables = function.environment.as_ref().map(|variables| {
        let values = variables
            .iter()
            .map(|(name, value)| (name.clone(), environment::value(value, environment)));
        values.collect()
    });
    Config {
        description: function.description.clone(),
        memory_mb: function.memory_mb,
        timeout_s: function.timeout_s,
        ephemeral_storage_mb: function.ephemeral_storage_mb,
        environment: variables,
        tracing: function.tracing.map(|mode| tracing(mode).to_owned()),
        log_format: logging
            .and_then(|logging| logging.format)
            .map(|format| log_format(format).to_owned()),
        log_level: logging
            .and_then(|logging| logging.level)
            .map(|level| log_level(level).to_owned()),
        system_log_level: logging
            .and_then(|logging| logging.system_level)
            .map(|level| system_log_level(level).to_owned()),
        log_group: logging
            .and_then(|logging| logging.group.as_ref())
            .and_then(plain),
        kms_key: function.kms_key.as_ref().and_then(plain),
        dead_letter: function.dead_letter.as_ref().and_then(plain),
        vpc: function.vpc.as_ref().and_then(vpc),
        file_systems: function
            .file_systems
            .as_ref()
            .and_then(|all| all.iter().map(file_system).collect()),
        image: image(function),
        snapstart: function.snapstart,
        runtime: None,
        handler: None,
        layers: function.layers.as_deref().and_then(all_plain),
    }
}

fn vpc(wanted: &types::Vpc) -> Option<Vpc> {
    let types::Vpc {
        subnets,
        security_groups,
        ipv6,
    } = wanted;
    let vpc = Vpc::new(all_plain(subnets)?, all_plain(security_groups)?);
    Some(vpc.with_ipv6(*ipv6))
}

fn file_system(wanted: &types::FileSystem) -> Option<FileSystem> {
    let types::FileSystem { arn, mount } = wanted;
    Some(FileSystem {
        arn: plain(arn)?,
        mount: mount.clone(),
    })
}

/// The manifest's settings of the image, with the language's where it has none.
fn image(function: &Function) -> Option<ImageOverrides> {
    let start = Language::of(function).and_then(|language| language.start(function));
    let given = function.image.as_ref().map(overrides);
    let (Some(start), Some(given)) = (&start, &given) else {
        return start.or(given);
    };
    let chosen = |given: &[String], start: &[String]| match given {
        [] => start.to_vec(),
        given => given.to_vec(),
    };
    Some(ImageOverrides {
        entry_point: chosen(&given.entry_point, &start.entry_point),
        command: chosen(&given.command, &start.command),
        working_directory: given.working_directory.clone(),
    })
}

fn overrides(wanted: &types::ImageOverrides) -> ImageOverrides {
    let types::ImageOverrides {
        entry_point,
        command,
        working_directory,
    } = wanted.clone();
    ImageOverrides {
        entry_point,
        command,
        working_directory: working_directory.unwrap_or_default(),
    }
}

/// Lambda's spelling of the mode:
/// <https://docs.aws.amazon.com/lambda/latest/api/API_TracingConfig.html>
fn tracing(mode: Tracing) -> &'static str {
    match mode {
        Tracing::Active => "Active",
        Tracing::PassThrough => "PassThrough",
    }
}

/// Lambda's spelling of the format:
/// <https://docs.aws.amazon.com/lambda/latest/api/API_LoggingConfig.html>
fn log_format(format: LogFormat) -> &'static str {
    match format {
        LogFormat::Text => "Text",
        LogFormat::Json => "JSON",
    }
}

/// Lambda's spelling of the level:
/// <https://docs.aws.amazon.com/lambda/latest/api/API_LoggingConfig.html>
fn log_level(level: LogLevel) -> &'static str {
    match level {
        LogLevel::Trace => "TRACE",
        LogLevel::Debug => "DEBUG",
        LogLevel::Info => "INFO",
        LogLevel::Warn => "WARN",
        LogLevel::Error => "ERROR",
        LogLevel::Fatal => "FATAL",
    }
}

/// Lambda's spelling of the level:
/// <https://docs.aws.amazon.com/lambda/latest/api/API_LoggingConfig.html>
fn system_log_level(level: SystemLogLevel) -> &'static str {
    match level {
        SystemLogLevel::Debug => "DEBUG",
        SystemLogLevel::Info => "INFO",
        SystemLogLevel::Warn => "WARN",
    }
}

/// What is digested, in this order of its fields; maps are sorted.
#[derive(Serialize)]
struct Digested<'a> {
    description: Option<&'a str>,
    memory_mb: Option<u32>,
    timeout_s: Option<u32>,
    ephemeral_storage_mb: Option<u32>,
    environment: Option<BTreeMap<&'a str, Json>>,
    tracing: Option<&'a str>,
    log_format: Option<&'a str>,
    log_level: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    system_log_level: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    log_group: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kms_key: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dead_letter: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    vpc: Option<&'a Vpc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file_systems: Option<&'a [FileSystem]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<&'a ImageOverrides>,
    #[serde(skip_serializing_if = "Option::is_none")]
    snapstart: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    runtime: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    handler: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    layers: Option<&'a [String]>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    references: BTreeMap<String, Json>,
    role: &'a str,
}

/// Returns the first 16 hex digits of a SHA-256 over the settings and the role's name or ARN, as
/// JSON. A value from elsewhere counts by its reference only. A key that a later release added
/// counts only if it is present, so that the release changes no existing digest.
///
/// This digest is part of a version's description, so it covers exactly what Lambda freezes in a
/// version: Lambda publishes no further version if only a log group's retention or a role's
/// policies changed (<https://docs.aws.amazon.com/lambda/latest/dg/configuration-versions.html>),
/// and an alias would never be in sync.
///
/// `references` are not in `config` and `role` yet.
pub fn digest(
    (config, references): (&Config, &[Reference]),
    role: &RoleChoice,
    lifecycle: &Lifecycle,
) -> Result<String, Error> {
    let Config {
        description,
        memory_mb,
        timeout_s,
        ephemeral_storage_mb,
        environment,
        tracing,
        log_format,
        log_level,
        system_log_level,
        log_group,
        kms_key,
        dead_letter,
        vpc,
        file_systems,
        image,
        snapstart,
        runtime,
        handler,
        layers,
    } = config.respecting(lifecycle, &BTreeMap::new());
    let digested = Digested {
        description: description.as_deref(),
        memory_mb,
        timeout_s,
        ephemeral_storage_mb,
        environment: environment.as_ref().map(unvalued),
        tracing: tracing.as_deref(),
        log_format: log_format.as_deref(),
        log_level: log_level.as_deref(),
        system_log_level: system_log_level.as_deref(),
        log_group: log_group.as_deref(),
        kms_key: kms_key.as_deref(),
        dead_letter: dead_letter.as_deref(),
        vpc: vpc.as_ref(),
        file_systems: file_systems.as_deref(),
        image: image.as_ref(),
        snapstart,
        runtime: runtime.as_deref(),
        handler: handler.as_deref(),
        layers: layers.as_deref(),
        references: sources(references, lifecycle),
        role: match role {
            RoleChoice::Given(role) => role,
            RoleChoice::From(_) => "",
            RoleChoice::Own(role) => &role.name,
        },
    };
    let text = serde_json::to_vec(&digested).map_err(Error::Digest)?;
    Ok(hash::of_bytes(&text)[..16].to_owned())
}

/// The origins of the settings that a version freezes, without those that `lifecycle` ignores.
fn sources(references: &[Reference], lifecycle: &Lifecycle) -> BTreeMap<String, Json> {
    let frozen = references
        .iter()
        .filter(|one| one.slot.is_setting() && !lifecycle.ignores(one.slot.word()));
    let written = |one: &Reference| match &one.origin {
        Some(origin) => origin.written(),
        None => json!(one.value.as_ref().map(Given::reveal)),
    };
    frozen
        .map(|one| (one.slot.to_string(), written(one)))
        .collect()
}

/// The variables, those from elsewhere by their reference only.
fn unvalued(variables: &BTreeMap<String, EnvValue>) -> BTreeMap<&str, Json> {
    let shown = |value: &EnvValue| value.source().unwrap_or_else(|| json!(value.reveal()));
    variables
        .iter()
        .map(|(name, value)| (name.as_str(), shown(value)))
        .collect()
}
