//! References to values from elsewhere: their origin, the setting that takes them, and the value.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::Secret;

/// Where a value is stored. Its `Display` names it in messages, such as `parameter
/// /numerics/db-url`, and is unique.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// An environment variable of the machine that runs jot, by its name; always secret.
    Env(String),
    /// A parameter of Parameter Store, by its name, also with `:<version>` or `:<label>`; secret if
    /// it is a SecureString.
    Ssm(String),
    /// A secret of Secrets Manager; always secret.
    Secret {
        /// Its name or ARN.
        name: String,
        /// The key in the JSON object that it holds; without one it is taken whole.
        key: Option<String>,
    },
    /// An output of a CloudFormation stack; shown.
    Output {
        /// The stack's name.
        stack: String,
        /// The output's key.
        key: String,
    },
    /// A value that a CloudFormation stack exports under this name; shown.
    Export(String),
    /// An output of the root module in a Terraform state; secret if Terraform marks it as
    /// sensitive.
    Terraform {
        /// The output's name.
        output: String,
        /// A file relative to the manifest, or `s3://<bucket>/<key>`.
        file: String,
    },
}

impl Origin {
    /// Its form in digests and records, as the manifest writes it: `{"from_ssm": "/path"}`.
    pub fn written(&self) -> Json {
        match self {
            Self::Env(name) => json!({ "from_env": name }),
            Self::Ssm(path) => json!({ "from_ssm": path }),
            Self::Secret { name, key: None } => json!({ "from_secret": name }),
            Self::Secret {
                name,
                key: Some(key),
            } => json!({ "from_secret": name, "key": key }),
            Self::Output { stack, key } => {
                json!({ "from_cloudformation": format!("{stack}.{key}") })
            }
            Self::Export(name) => json!({ "from_cloudformation": name }),
            Self::Terraform { output, file } => {
                json!({ "from_tfstate": format!("output.{output}"), "file": file })
            }
        }
    }

    /// Who holds the value, such as `Parameter Store`.
    pub fn holder(&self) -> &'static str {
        match self {
            Self::Env(_) => "this machine's environment",
            Self::Ssm(_) => "Parameter Store",
            Self::Secret { .. } => "Secrets Manager",
            Self::Output { .. } | Self::Export(_) => "CloudFormation",
            Self::Terraform { .. } => "a Terraform state",
        }
    }

    /// What has to happen before the value is known here.
    pub fn awaited(&self) -> String {
        match self {
            Self::Env(name) => format!("{name} is set here"),
            other => format!("{other} can be read"),
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(name) => write!(f, "variable {name}"),
            Self::Ssm(path) => write!(f, "parameter {path}"),
            Self::Secret { name, key: None } => write!(f, "secret {name}"),
            Self::Secret {
                name,
                key: Some(key),
            } => write!(f, "key {key} of secret {name}"),
            Self::Output { stack, key } => write!(f, "output {key} of stack {stack}"),
            Self::Export(name) => write!(f, "export {name}"),
            Self::Terraform { output, file } => write!(f, "output {output} in {file}"),
        }
    }
}

/// A value that was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Given {
    /// It may be shown.
    Shown(String),
    /// It may not.
    Secret(Secret),
}

impl Given {
    /// The value itself, for the one place that hands it to AWS or a comparison.
    pub fn reveal(&self) -> &str {
        match self {
            Self::Shown(text) => text,
            Self::Secret(secret) => secret.reveal(),
        }
    }
}

/// A setting of a function, or one entry of its list, that the manifest takes from elsewhere.
/// Variables of the environment are separate, see [`EnvValue`](super::value::EnvValue).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference {
    /// The setting, or the entry of its list, that takes the value.
    pub slot: Slot,
    /// The origin; `None` for an entry in the manifest itself, in a list that also has references.
    pub origin: Option<Origin>,
    /// The value, if known.
    pub value: Option<Given>,
}

impl Reference {
    /// Whether the value must not be shown.
    pub fn is_secret(&self) -> bool {
        matches!(self.origin, Some(Origin::Env(_)))
    }

    /// The origin of an unknown value.
    pub fn unknown(&self) -> Option<&Origin> {
        self.origin.as_ref().filter(|_| self.value.is_none())
    }
}

/// A setting that can be taken from elsewhere. Numbers are places in its list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Slot {
    /// The execution role, by name or ARN.
    Role,
    /// A managed policy of jot's role, by ARN.
    Policy(usize),
    /// The permissions boundary of jot's role, by ARN.
    Boundary,
    /// The KMS key, by ARN.
    KmsKey,
    /// The queue or topic for events that failed, by ARN.
    DeadLetter,
    /// The log group that the function writes to, by name.
    LogGroup,
    /// Where outcomes of calls that succeeded go, by ARN.
    OnSuccess,
    /// Where outcomes of calls that failed go, by ARN.
    OnFailure,
    /// Who may call the function by a permission of this name.
    Principal(String),
    /// The ARN of the resource for which a service may call the function, by a permission of this
    /// name.
    SourceArn(String),
    /// A key of the trigger of this name.
    Trigger(String, TriggerKey),
    /// A version of a layer, by ARN.
    Layer(usize),
    /// Whether the network has IPv6 addresses: an entry of `vpc` in the manifest itself.
    Ipv6,
    /// A subnet, by id.
    Subnet(usize),
    /// A security group, by id.
    SecurityGroup(usize),
    /// A file system's access point, by ARN.
    FileSystem {
        /// Its place in the list.
        index: usize,
        /// Where it is mounted.
        mount: String,
    },
    /// The name of the bucket for large archives; it belongs to no single function.
    Archives,
}

/// A key of a trigger that can be taken from elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TriggerKey {
    /// A bucket, by name.
    S3,
    /// A topic of SNS, by ARN.
    Sns,
    /// A queue, by ARN.
    Sqs,
    /// A stream of Kinesis or a consumer of it, by ARN.
    Kinesis,
    /// A stream of DynamoDB, by ARN.
    Dynamodb,
    /// A cluster of MSK, by ARN.
    Kafka,
    /// The key that encrypts filters, by ARN.
    KmsKey,
    /// The ARN of the destination of events that could not be processed or delivered.
    OnFailure,
}

impl TriggerKey {
    /// The manifest's word for it.
    pub fn word(self) -> &'static str {
        self.key().rsplit('.').next().unwrap_or_default()
    }

    /// The key of the manifest, `any` for the trigger's name.
    fn key(self) -> &'static str {
        match self {
            Self::S3 => "triggers.any.s3",
            Self::Sns => "triggers.any.sns",
            Self::Sqs => "triggers.any.sqs",
            Self::Kinesis => "triggers.any.kinesis",
            Self::Dynamodb => "triggers.any.dynamodb",
            Self::Kafka => "triggers.any.kafka",
            Self::KmsKey => "triggers.any.kms_key",
            Self::OnFailure => "triggers.any.on_failure",
        }
    }

    /// The fields of a mapping or of what pushes that hold it.
    pub fn fields(self) -> &'static [&'static str] {
        match self {
            Self::S3 => &["bucket", "pattern"],
            Self::Sns => &["topic"],
            Self::KmsKey => &["kms_key"],
            Self::OnFailure => &["on_failure"],
            Self::Sqs | Self::Kinesis | Self::Dynamodb | Self::Kafka => &["source"],
        }
    }

    /// Whether it names what calls, and not only a setting of that.
    pub fn is_source(self) -> bool {
        !matches!(self, Self::KmsKey | Self::OnFailure)
    }
}

impl Slot {
    /// The manifest's word for the key that it is, or is in: `vpc`.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Role => "role",
            Self::Policy(_) => "policies",
            Self::Boundary => "permissions_boundary",
            Self::KmsKey => "kms_key",
            Self::DeadLetter => "dead_letter",
            Self::LogGroup => "logging.group",
            Self::OnSuccess | Self::OnFailure => "async",
            Self::Principal(_) | Self::SourceArn(_) => "permissions",
            Self::Trigger(..) => "triggers",
            Self::Archives => "aws.bucket",
            Self::Layer(_) => "layers",
            Self::Subnet(_) | Self::SecurityGroup(_) | Self::Ipv6 => "vpc",
            Self::FileSystem { .. } => "file_systems",
        }
    }

    /// Whether it belongs to the function itself, and not to jot's role or to its callers.
    pub fn is_setting(&self) -> bool {
        !matches!(
            self,
            Self::Policy(_)
                | Self::Boundary
                | Self::OnSuccess
                | Self::OnFailure
                | Self::Principal(_)
                | Self::SourceArn(_)
                | Self::Trigger(..)
                | Self::Archives
        )
    }

    /// The field of a plan that shows it: `vpc.subnets`.
    pub fn field(&self) -> &'static str {
        match self {
            Self::Subnet(_) => "vpc.subnets",
            Self::SecurityGroup(_) => "vpc.security_groups",
            Self::Ipv6 => "vpc.ipv6",
            Self::OnSuccess => "async.on_success",
            Self::OnFailure => "async.on_failure",
            other => other.word(),
        }
    }

    /// The key of the manifest that takes it, with `any` for a name that the user chose:
    /// `permissions.any.principal`.
    pub fn key(&self) -> &'static str {
        match self {
            Self::OnSuccess => "async.on_success.arn",
            Self::OnFailure => "async.on_failure.arn",
            Self::Principal(_) => "permissions.any.principal",
            Self::SourceArn(_) => "permissions.any.source_arn",
            Self::Trigger(_, key) => key.key(),
            other => other.field(),
        }
    }
}

/// As the manifest has it below the function: `vpc.subnets[0]`.
impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let field = self.field();
        match self {
            Self::Policy(index)
            | Self::Layer(index)
            | Self::Subnet(index)
            | Self::SecurityGroup(index) => write!(f, "{field}[{index}]"),
            Self::OnSuccess | Self::OnFailure => f.write_str(self.key()),
            Self::Principal(name) => write!(f, "{field}.{name}.principal"),
            Self::SourceArn(name) => write!(f, "{field}.{name}.source_arn"),
            Self::Trigger(name, key) => write!(f, "{field}.{name}.{}", key.word()),
            Self::FileSystem { index, .. } => write!(f, "{field}[{index}].arn"),
            Self::Archives
            | Self::Role
            | Self::Boundary
            | Self::KmsKey
            | Self::DeadLetter
            | Self::LogGroup
            | Self::Ipv6 => f.write_str(field),
        }
    }
}
