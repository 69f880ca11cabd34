//! Automatic calls of a function.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    limits::pattern,
    reference::{self, Text},
    shape,
};

/// What calls the function's alias. Exactly one of `s3`, `schedule`, `sns`, `event_pattern`, `sqs`,
/// `kinesis`, `dynamodb` and `kafka` names the source; an absent key has AWS's default.
/// <https://docs.aws.amazon.com/lambda/latest/dg/lambda-services.html>
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Trigger {
    /// Name of a bucket of S3 in the function's region and account, with `on`.
    /// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventNotifications.html>
    #[schemars(transform = reference::limited(shape::BUCKET))]
    pub s3: Option<Text>,
    /// When: `rate(5 minutes)`, `cron(0 6 * * ? *)` or `at(2027-01-01T06:00:00)`.
    /// <https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html>
    #[schemars(length(max = 256), regex(pattern = pattern::SCHEDULE))]
    pub schedule: Option<String>,
    /// ARN of a topic of SNS that is not FIFO.
    #[schemars(transform = reference::limited(shape::TOPIC))]
    pub sns: Option<Text>,
    /// Which events of an event bus, as a table: a rule of EventBridge.
    /// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html>
    pub event_pattern: Option<serde_json::Map<String, serde_json::Value>>,
    /// ARN of an SQS queue.
    #[schemars(transform = reference::limited(shape::QUEUE))]
    pub sqs: Option<Text>,
    /// ARN of a Kinesis stream, or of a consumer of it.
    #[schemars(transform = reference::limited(shape::STREAM))]
    pub kinesis: Option<Text>,
    /// ARN of a DynamoDB stream: `arn:aws:dynamodb:<region>:<account>:table/<name>/stream/<label>`.
    #[schemars(transform = reference::limited(shape::TABLE_STREAM))]
    pub dynamodb: Option<Text>,
    /// ARN of a cluster of Amazon MSK, with `topic`.
    #[schemars(transform = reference::limited(shape::KAFKA_CLUSTER))]
    pub kafka: Option<Text>,
    /// Of `s3`, required: which events, such as `ObjectCreated:*` or `ObjectRemoved:Delete`.
    /// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html>
    #[schemars(length(min = 1, max = 27), inner(regex(pattern = pattern::S3_EVENT)))]
    pub on: Option<Vec<String>>,
    /// Of `s3`: what the key of an object begins with; default: anything.
    #[schemars(length(min = 1, max = 1024))]
    pub prefix: Option<String>,
    /// Of `s3`: what the key of an object ends with; default: anything.
    #[schemars(length(min = 1, max = 1024))]
    pub suffix: Option<String>,
    /// Of `s3`: how the events are delivered. Default `notification`.
    pub via: Option<Via>,
    /// Of `event_pattern`: the name of the event bus; default: the account's own, `default`.
    #[schemars(length(min = 1, max = 256), regex(pattern = pattern::EVENT_BUS))]
    pub bus: Option<String>,
    /// Of `sns`: which messages call the function, by their attributes or body; default: all.
    /// <https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html>
    pub filter_policy: Option<serde_json::Map<String, serde_json::Value>>,
    /// Of `sns`: what `filter_policy` is held against; default `attributes`.
    pub filter_scope: Option<FilterScope>,
    /// Of `schedule`: the time zone of the times, as the IANA names it: `Europe/Berlin`; default
    /// `UTC`.
    #[schemars(length(min = 1, max = 50), regex(pattern = pattern::TIME_ZONE))]
    pub timezone: Option<String>,
    /// Of `schedule`: the argument of each call; default: what the Scheduler sends.
    pub input: Option<serde_json::Value>,
    /// Of all but `s3` notifications and `sns`: whether it calls the function; default true.
    pub enabled: Option<bool>,
    /// The most events in one call: 1 to 10000; default 10 for a queue, 100 for others. For a
    /// queue, more than 10 need `batch_window_s`; a FIFO queue has at most 10.
    #[schemars(range(min = 1, max = 10000))]
    pub batch_size: Option<u32>,
    /// Seconds that events are gathered at most, 0 to 300; default 0.
    #[schemars(range(min = 0, max = 300))]
    pub batch_window_s: Option<u32>,
    /// Which events call the function: patterns, as tables; one of them must match; at most 5.
    /// Default: all.
    /// <https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html>
    #[schemars(length(min = 1, max = 5))]
    pub filters: Option<Vec<serde_json::Map<String, serde_json::Value>>>,
    /// Whether the response names the failed events of a batch, so that only those are repeated;
    /// default false.
    pub partial_failures: Option<bool>,
    /// Of a queue: the most simultaneous executions for it, 2 to 1000; default: no separate limit.
    #[schemars(range(min = 2, max = 1000))]
    pub max_concurrency: Option<u32>,
    /// ARN of the KMS key that encrypts `filters`.
    #[schemars(transform = reference::limited(shape::KMS_KEY))]
    pub kms_key: Option<Text>,
    /// Of a stream or topic, required: where it begins.
    pub starting_position: Option<StartingPosition>,
    /// Destination of events that could not be processed: for a stream or topic of Kafka the ARN of
    /// a queue, SNS topic or bucket; for `sns` that of a queue. A queue has its own redrive policy.
    #[schemars(transform = reference::limited(shape::FAILED_BATCHES))]
    pub on_failure: Option<Text>,
    /// Of a stream: whether a batch that failed is split in two; default false.
    pub bisect: Option<bool>,
    /// Of a stream: how often a failed batch is repeated, 0 to 10000; default: until its events
    /// expire. Of a schedule: how often a call that the Scheduler could not make is repeated, 0 to
    /// 185; default 185.
    #[schemars(range(min = 0, max = 10000))]
    pub retries: Option<u32>,
    /// Of a stream: seconds after which an event is dropped, 60 to 604800; default: when it
    /// expires. Of a schedule: 60 to 86400; default 86400.
    #[schemars(range(min = 60, max = 604800))]
    pub max_age_s: Option<u32>,
    /// Of a stream: how many batches of one shard are processed at the same time, 1 to 10; default
    /// 1.
    #[schemars(range(min = 1, max = 10))]
    pub parallel: Option<u32>,
    /// Of a stream: seconds of a tumbling window, 0 to 900; default 0: none.
    #[schemars(range(min = 0, max = 900))]
    pub tumbling_s: Option<u32>,
    /// Of a cluster, required: the topic.
    #[schemars(length(min = 1, max = 249), regex(pattern = pattern::KAFKA_TOPIC))]
    pub topic: Option<String>,
    /// Of a cluster: the id of the consumer group; default: one that Lambda generates.
    #[schemars(length(min = 1, max = 200), regex(pattern = pattern::CONSUMER_GROUP))]
    pub consumer_group: Option<String>,
}

/// Where a stream or topic begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StartingPosition {
    /// New events only.
    Latest,
    /// The oldest event that exists.
    TrimHorizon,
}

/// How the events of a bucket are delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Via {
    /// By the bucket's notifications: immediately, and to one function for each prefix, suffix and
    /// event.
    Notification,
    /// By a rule of EventBridge, for a bucket that sends its events to EventBridge: several
    /// functions can have the same ones.
    Eventbridge,
}

/// What a filter policy is held against.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FilterScope {
    /// The attributes of a message.
    Attributes,
    /// Its body, which is JSON.
    Body,
}
