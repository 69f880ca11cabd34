//! Settings of a function as Lambda reports them.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Secret;

/// Passes every setting of [`Config`](super::Config) and [`Settings`] to a macro: the field, the
/// name of its key in `plan`, the key's code in the tag `jot:managed`, and the manifest's word.
/// Code that treats all settings alike uses it and destructures whole values, so that a missing
/// field does not compile.
macro_rules! each_setting {
    ($take:ident) => {
        $take! {
            description Description "desc" "description",
            memory_mb Memory "mem" "memory_mb",
            timeout_s Timeout "time" "timeout_s",
            ephemeral_storage_mb EphemeralStorage "tmp" "ephemeral_storage_mb",
            environment Environment "env" "environment",
            tracing Tracing "trace" "tracing",
            log_format LogFormat "logfmt" "logging.format",
            log_level LogLevel "loglvl" "logging.level",
            system_log_level SystemLogLevel "syslvl" "logging.system_level",
            log_group LogGroup "loggrp" "logging.group",
            kms_key KmsKey "kms" "kms_key",
            dead_letter DeadLetter "dlq" "dead_letter",
            vpc Vpc "vpc" "vpc",
            file_systems FileSystems "fs" "file_systems",
            image Image "img" "image",
            snapstart Snapstart "snap" "snapstart",
            runtime Runtime "rt" "runtime",
            handler Handler "hdl" "handler",
            layers Layers "layers" "layers",
        }
    };
}
pub(crate) use each_setting;

/// Settings as Lambda reports them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Description; for a version, its own.
    pub description: String,
    /// Memory size, in MiB.
    pub memory_mb: u32,
    /// The longest duration of a call, in seconds.
    pub timeout_s: u32,
    /// Size of `/tmp` in MiB.
    pub ephemeral_storage_mb: u32,
    /// Environment. Every value is treated as sensitive, because Lambda does not say which are.
    pub environment: BTreeMap<String, Secret>,
    /// Mode of X-Ray: `Active` or `PassThrough`.
    pub tracing: String,
    /// Format of the log lines: `Text` or `JSON`.
    pub log_format: String,
    /// Application log level, with JSON only.
    pub log_level: Option<String>,
    /// Level of Lambda's own lines, with JSON only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system_log_level: Option<String>,
    /// The log group that it writes to; empty for the one of its name.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub log_group: String,
    /// ARN of the key that encrypts environment, snapshots and Lambda's copy of the image; empty
    /// for Lambda's own.
    #[serde(default)]
    pub kms_key: String,
    /// ARN of the queue or topic for events that failed; empty for none.
    #[serde(default)]
    pub dead_letter: String,
    /// The network; empty lists for none.
    #[serde(default)]
    pub vpc: Vpc,
    /// File systems that it mounts.
    #[serde(default)]
    pub file_systems: Vec<FileSystem>,
    /// What it starts instead of what the image says.
    #[serde(default)]
    pub image: ImageOverrides,
    /// Whether each published version starts from a snapshot of its memory.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub snapstart: bool,
    /// The runtime of an archive, such as `java25`; empty for an image.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub runtime: String,
    /// The handler of an archive's runtime, such as `loader.core.Handler`; empty for an image.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub handler: String,
    /// ARNs of versions of layers, in the order in which Lambda unpacks them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub layers: Vec<String>,
}

/// The network that a function is attached to; both lists empty for none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Vpc {
    /// Ids, sorted.
    pub subnets: Vec<String>,
    /// Ids, sorted.
    pub security_groups: Vec<String>,
    /// Whether it has IPv6 addresses of the subnets as well.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ipv6: bool,
}

impl Vpc {
    /// The network of these subnets and security groups; their order has no meaning.
    pub fn new(mut subnets: Vec<String>, mut security_groups: Vec<String>) -> Self {
        subnets.sort();
        security_groups.sort();
        Self {
            subnets,
            security_groups,
            ipv6: false,
        }
    }

    /// The same network, with IPv6 addresses or without.
    #[must_use]
    pub fn with_ipv6(self, ipv6: bool) -> Self {
        Self { ipv6, ..self }
    }
}

/// A file system that a function mounts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FileSystem {
    /// ARN of an access point.
    pub arn: String,
    /// Where it is mounted, below `/mnt/`.
    pub mount: String,
}

/// What a function starts instead of what its image specifies; empty fields leave that to the
/// image.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ImageOverrides {
    /// Program and first arguments.
    pub entry_point: Vec<String>,
    /// Further arguments.
    pub command: Vec<String>,
    /// Working directory.
    pub working_directory: String,
}
