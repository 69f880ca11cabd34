//! Event source mappings: Lambda reads queues, streams and topics and calls a function.
//! <https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventsourcemapping.html>

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::reference::TriggerKey;

/// What Lambda reads, and how. Every field has a value: Lambda's default if the manifest has none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// ARN of the queue, stream or cluster; empty if it comes from elsewhere and is unknown.
    pub source: String,
    /// The topic of a cluster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    /// The consumer group of a cluster; `None`: one that Lambda draws.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consumer_group: Option<String>,
    /// `LATEST` or `TRIM_HORIZON`; `None` of a queue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starting_position: Option<String>,
    /// Whether it calls the function.
    pub enabled: bool,
    /// The most events in one call.
    pub batch_size: u32,
    /// Seconds that events are gathered at most.
    pub batch_window_s: u32,
    /// Patterns as JSON texts with sorted names, sorted; none: all events.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub filters: Vec<String>,
    /// Whether the answer names the events that failed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub partial_failures: bool,
    /// The most simultaneous executions for a queue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_concurrency: Option<u32>,
    /// The key that encrypts the filters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kms_key: Option<String>,
    /// The destination of events that could not be processed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_failure: Option<String>,
    /// Whether a batch that failed is split in two.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub bisect: bool,
    /// How often a failed batch is repeated; `None`: until its events expire.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retries: Option<u32>,
    /// Seconds after which an event is dropped; `None`: when it expires.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_age_s: Option<u32>,
    /// Batches of one shard at the same time.
    pub parallel: u32,
    /// Seconds of a tumbling window; 0: none.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub tumbling_s: u32,
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl Mapping {
    /// The same with the value of a key that was read from elsewhere.
    #[must_use]
    pub fn with(self, key: TriggerKey, text: &str) -> Self {
        let text = text.to_owned();
        match key {
            TriggerKey::OnFailure => Self {
                on_failure: Some(text),
                ..self
            },
            TriggerKey::KmsKey => Self {
                kms_key: Some(text),
                ..self
            },
            _ => Self {
                source: text,
                ..self
            },
        }
    }

    /// Whether it reads the same: what Lambda changes in no mapping.
    pub fn reads_as(&self, other: &Self) -> bool {
        let group = |one: &Self| one.consumer_group.clone();
        let groups = other.consumer_group.is_none() || group(self) == group(other);
        self.is_of(other) && self.starting_position == other.starting_position && groups
    }

    /// The manifest's word for what Lambda reads: `sqs`, `kinesis`, `dynamodb`, `kafka`, or else
    /// `mapping`.
    pub fn kind(&self) -> &'static str {
        match self.source.split(':').nth(2) {
            Some("sqs") => "sqs",
            Some("kinesis") => "kinesis",
            Some("dynamodb") => "dynamodb",
            Some("kafka") => "kafka",
            _ => "mapping",
        }
    }

    /// Whether it is of the same queue, stream or topic.
    pub fn is_of(&self, other: &Self) -> bool {
        self.source == other.source && self.topic == other.topic
    }
}

/// The tag that holds the manifest's name of a trigger.
pub const TAG_TRIGGER: &str = "jot:trigger";

/// A mapping in Lambda.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MappingState {
    /// Its settings as Lambda reports them.
    pub mapping: Mapping,
    /// `Creating`, `Enabling`, `Enabled`, `Disabling`, `Disabled`, `Updating` or `Deleting`.
    pub state: String,
    /// Its tags; asked for only if the manifest does not name its source.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
}

impl MappingState {
    /// Whether it is about to go.
    pub fn is_going(&self) -> bool {
        self.state == "Deleting"
    }
}
