//! What calls a function by itself.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::limits::pattern;

/// What calls the function's alias by itself. Exactly one of `sqs`, `kinesis`, `dynamodb` and `kafka` says what; a key that is
/// absent has Lambda's default.
/// <https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html>
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Trigger {
    /// ARN of an SQS queue.
    #[schemars(length(max = 1024), regex(pattern = pattern::QUEUE))]
    pub sqs: Option<String>,
    /// ARN of a Kinesis stream, or of a consumer of it.
    #[schemars(length(max = 1024), regex(pattern = pattern::STREAM))]
    pub kinesis: Option<String>,
    /// ARN of a DynamoDB stream: `arn:aws:dynamodb:<region>:<account>:table/<name>/stream/<label>`.
    #[schemars(length(max = 1024), regex(pattern = pattern::TABLE_STREAM))]
    pub dynamodb: Option<String>,
    /// ARN of a cluster of Amazon MSK, with `topic`.
    #[schemars(length(max = 1024), regex(pattern = pattern::KAFKA_CLUSTER))]
    pub kafka: Option<String>,
    /// Whether it calls the function; default true.
    pub enabled: Option<bool>,
    /// The most events in one call: 1 to 10000; default 10 of a queue, 100 of others. Of a queue more than 10 need
    /// `batch_window_s`; a FIFO queue has 10 at most.
    #[schemars(range(min = 1, max = 10000))]
    pub batch_size: Option<u32>,
    /// Seconds that events are gathered at most, 0 to 300; default 0.
    #[schemars(range(min = 0, max = 300))]
    pub batch_window_s: Option<u32>,
    /// Which events call the function: patterns, as tables, of which one is enough; 5 at most. Default: all.
    /// <https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html>
    #[schemars(length(min = 1, max = 5))]
    pub filters: Option<Vec<serde_json::Map<String, serde_json::Value>>>,
    /// Whether the answer names the events of a batch that failed, so that only those are repeated; default false.
    pub partial_failures: Option<bool>,
    /// Of a queue: the most simultaneous executions for it, 2 to 1000; default: no limit of its own.
    #[schemars(range(min = 2, max = 1000))]
    pub max_concurrency: Option<u32>,
    /// ARN of the KMS key that encrypts `filters`.
    #[schemars(length(max = 2048), regex(pattern = pattern::KMS_KEY))]
    pub kms_key: Option<String>,
    /// Of a stream or topic, required: where it begins.
    pub starting_position: Option<StartingPosition>,
    /// Of a stream or topic: ARN of the queue, topic of SNS or bucket that takes what could not be processed. A queue has a
    /// redrive policy of its own.
    #[schemars(length(max = 350), regex(pattern = pattern::FAILED_BATCHES))]
    pub on_failure: Option<String>,
    /// Of a stream: whether a batch that failed is split in two; default false.
    pub bisect: Option<bool>,
    /// Of a stream: how often a batch that failed is repeated, 0 to 10000; default: until its events expire.
    #[schemars(range(min = 0, max = 10000))]
    pub retries: Option<u32>,
    /// Of a stream: seconds after which an event is dropped, 60 to 604800; default: when it expires.
    #[schemars(range(min = 60, max = 604800))]
    pub max_age_s: Option<u32>,
    /// Of a stream: how many batches of one shard are processed at the same time, 1 to 10; default 1.
    #[schemars(range(min = 1, max = 10))]
    pub parallel: Option<u32>,
    /// Of a stream: seconds of a tumbling window, 0 to 900; default 0: none.
    #[schemars(range(min = 0, max = 900))]
    pub tumbling_s: Option<u32>,
    /// Of a cluster, required: the topic.
    #[schemars(length(min = 1, max = 249), regex(pattern = pattern::KAFKA_TOPIC))]
    pub topic: Option<String>,
    /// Of a cluster: the id of the consumer group; default: one that Lambda draws.
    #[schemars(length(min = 1, max = 200), regex(pattern = pattern::CONSUMER_GROUP))]
    pub consumer_group: Option<String>,
}

/// Where a stream or topic begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StartingPosition {
    /// At what comes from now on.
    Latest,
    /// At the oldest that there is.
    TrimHorizon,
}
