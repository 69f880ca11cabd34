//! The settings of a Lambda function that a manifest may have.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use super::settings::{FileSystem, ImageOverrides, Vpc};

use super::{
    Secret,
    lifecycle::Lifecycle,
    settings::{Settings, each_setting},
    value::EnvValue,
};

/// Settings of a Lambda function. `None` is a key that is absent from the manifest: not managed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Description of the function.
    pub description: Option<String>,
    /// MiB, 128 to 10240.
    pub memory_mb: Option<u32>,
    /// Seconds, 1 to 900.
    pub timeout_s: Option<u32>,
    /// MiB of /tmp, 512 to 10240.
    pub ephemeral_storage_mb: Option<u32>,
    /// Environment variables: the whole truth where present.
    pub environment: Option<BTreeMap<String, EnvValue>>,
    /// `Active` or `PassThrough`, in Lambda's spelling.
    pub tracing: Option<String>,
    /// `Text` or `JSON`, in Lambda's spelling.
    pub log_format: Option<String>,
    /// Application log level (`TRACE` .. `FATAL`), only with JSON.
    pub log_level: Option<String>,
    /// Level of Lambda's own lines (`DEBUG`, `INFO`, `WARN`), only with JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system_log_level: Option<String>,
    /// The log group that it writes to; empty for the one of its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_group: Option<String>,
    /// ARN of the key that encrypts environment, snapshots and Lambda's copy of the image; empty
    /// for Lambda's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kms_key: Option<String>,
    /// ARN of the queue or topic for events that failed; empty for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dead_letter: Option<String>,
    /// The network that it is attached to; an empty one for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vpc: Option<Vpc>,
    /// File systems that it mounts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_systems: Option<Vec<FileSystem>>,
    /// What it starts instead of what the image specifies. Complete if present.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<ImageOverrides>,
    /// Whether each published version starts from a snapshot of its memory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub snapstart: Option<bool>,
    /// AWS's runtime for an archive, such as `java25`; none for an image.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runtime: Option<String>,
    /// The handler of an archive's runtime, such as `loader.core.Handler`; none for an image.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handler: Option<String>,
    /// ARNs of versions of an archive's layers, in the order in which Lambda unpacks them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layers: Option<Vec<String>>,
}

impl Config {
    /// All settings of a function as Lambda reports them, for another function that copies them.
    /// Every value of the environment is a secret, as in `found`.
    pub fn of(found: &Settings) -> Config {
        let Settings {
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
        } = found.clone();
        let variable = |(name, value): (String, Secret)| {
            let value = EnvValue::from_env(&name, Some(value));
            (name, value)
        };
        Config {
            description: Some(description),
            memory_mb: Some(memory_mb),
            timeout_s: Some(timeout_s),
            ephemeral_storage_mb: Some(ephemeral_storage_mb),
            environment: Some(environment.into_iter().map(variable).collect()),
            tracing: Some(tracing),
            log_format: Some(log_format),
            log_level,
            system_log_level,
            // What is empty is Lambda's default, which a new function has unasked.
            log_group: (!log_group.is_empty()).then_some(log_group),
            kms_key: (!kms_key.is_empty()).then_some(kms_key),
            dead_letter: (!dead_letter.is_empty()).then_some(dead_letter),
            vpc: (vpc != Vpc::default()).then_some(vpc),
            file_systems: (!file_systems.is_empty()).then_some(file_systems),
            image: (image != ImageOverrides::default()).then_some(image),
            snapstart: snapstart.then_some(true),
            runtime: (!runtime.is_empty()).then_some(runtime),
            handler: (!handler.is_empty()).then_some(handler),
            layers: (!layers.is_empty()).then_some(layers),
        }
    }

    /// These settings, with those of `reset` for absent keys.
    #[must_use]
    pub fn with(&self, reset: &Config) -> Config {
        macro_rules! with {
            ($($field:ident $key:ident $code:literal $word:literal,)+) => {{
                let Config { $($field),+ } = self.clone();
                Config { $($field: $field.or_else(|| reset.$field.clone())),+ }
            }};
        }
        each_setting!(with)
    }

    /// These settings for an existing function: without those that `lifecycle` ignores. Lambda
    /// replaces the environment as a whole, so ignored variables keep the values of `current`,
    /// which Lambda has.
    /// <https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionConfiguration.html>
    #[must_use]
    pub fn respecting(&self, lifecycle: &Lifecycle, current: &BTreeMap<String, Secret>) -> Config {
        macro_rules! managed {
            ($($field:ident $key:ident $code:literal $word:literal,)+) => {{
                let Config { $($field),+ } = self.clone();
                Config { $($field: $field.filter(|_| !lifecycle.ignores($word))),+ }
            }};
        }
        let managed = each_setting!(managed);
        let variable = |name: &str| lifecycle.ignores(&format!("environment.{name}"));
        let environment = managed.environment.map(|mut variables| {
            variables.retain(|name, _| !variable(name));
            let kept = current.iter().filter(|(name, _)| variable(name));
            variables
                .extend(kept.map(|(name, value)| (name.clone(), EnvValue::Kept(value.clone()))));
            variables
        });
        Config {
            environment,
            ..managed
        }
    }

    /// Whether a function with these settings has everything that this asks for. Keys that are
    /// absent here, and variables with a value that is unknown on this machine, match anything.
    pub fn is_met_by(&self, found: &Settings) -> bool {
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
        } = self;
        let same = |name: &String, wanted: &EnvValue| {
            let current = found.environment.get(name);
            current.is_some_and(|current| {
                wanted
                    .reveal()
                    .is_none_or(|value| value == current.reveal())
            })
        };
        let variables = |wanted: &BTreeMap<String, EnvValue>| {
            wanted.len() == found.environment.len() && wanted.iter().all(|(k, v)| same(k, v))
        };
        asks(description, &found.description)
            && asks(memory_mb, &found.memory_mb)
            && asks(timeout_s, &found.timeout_s)
            && asks(ephemeral_storage_mb, &found.ephemeral_storage_mb)
            && environment.as_ref().is_none_or(variables)
            && asks(tracing, &found.tracing)
            && asks(log_format, &found.log_format)
            && (log_level.is_none() || *log_level == found.log_level)
            && (system_log_level.is_none() || *system_log_level == found.system_log_level)
            && asks(log_group, &found.log_group)
            && (asks(kms_key, &found.kms_key) || self.is_keyless(found))
            && asks(dead_letter, &found.dead_letter)
            && asks(vpc, &found.vpc)
            && asks(file_systems, &found.file_systems)
            && asks(image, &found.image)
            && asks(snapstart, &found.snapstart)
            && asks(runtime, &found.runtime)
            && asks(handler, &found.handler)
            && asks(layers, &found.layers)
    }

    /// Whether a key is wanted and Lambda reports none, for a function without variables. Lambda
    /// may not report a key that has nothing to encrypt, so its absence proves nothing.
    pub fn is_keyless(&self, found: &Settings) -> bool {
        let wanted = self.kms_key.as_ref().is_some_and(|arn| !arn.is_empty());
        let variables = self.environment.iter().any(|all| !all.is_empty());
        wanted && found.kms_key.is_empty() && !variables && found.environment.is_empty()
    }

    /// The size of the environment in bytes, as Lambda measures it: the JSON object, with names and
    /// punctuation (its error quotes it as `String measured`). A value that is unknown on this
    /// machine counts as empty.
    /// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
    pub fn environment_bytes(&self) -> usize {
        let variables = self.environment.iter().flatten();
        let text = |(name, value): (&String, &EnvValue)| {
            (name.clone(), value.reveal().unwrap_or_default().into())
        };
        let object: serde_json::Map<String, serde_json::Value> = variables.map(text).collect();
        serde_json::Value::Object(object).to_string().len()
    }
}

/// The most bytes of a function's environment.
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
pub const ENVIRONMENT_BYTES: usize = 4096;

fn asks<T: PartialEq>(wanted: &Option<T>, found: &T) -> bool {
    wanted.as_ref().is_none_or(|wanted| wanted == found)
}
