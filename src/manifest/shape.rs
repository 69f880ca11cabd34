//! Constraints of texts that can come from elsewhere: the schema checks plain ones, and others are
//! checked once they are read.

use super::limits::pattern;

/// What a text must be.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// The most characters that it may have.
    pub most: usize,
    pub pattern: &'static str,
}

const fn shape(most: usize, pattern: &'static str) -> Shape {
    Shape { most, pattern }
}

/// An execution role, by name or ARN.
pub const ROLE: Shape = shape(2048, pattern::ROLE);
/// A managed policy, by ARN.
pub const POLICY: Shape = shape(2048, pattern::POLICY);
/// A KMS key, by ARN.
pub const KMS_KEY: Shape = shape(2048, pattern::KMS_KEY);
/// A queue or topic.
pub const DEAD_LETTER: Shape = shape(2048, pattern::DEAD_LETTER);
/// A log group, <https://docs.aws.amazon.com/lambda/latest/api/API_LoggingConfig.html>.
pub const LOG_GROUP: Shape = shape(512, r"^[.\-_/#A-Za-z0-9]+$");
/// A version of a layer, <https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html>.
pub const LAYER: Shape = shape(
    140,
    "^arn:aws[a-zA-Z-]*:lambda:[a-z0-9-]+:[0-9]{12}:layer:[a-zA-Z0-9_-]+:[0-9]+$",
);
/// Where the outcome of an asynchronous call goes, by ARN.
pub const DESTINATION: Shape = shape(350, pattern::DESTINATION);
/// Who may call a function.
pub const PRINCIPAL: Shape = shape(2048, pattern::PRINCIPAL);
/// The resource for which a service calls.
pub const ANY_ARN: Shape = shape(2048, pattern::ANY_ARN);
/// A subnet, by id.
pub const SUBNET: Shape = shape(1024, pattern::SUBNET);
/// A security group, by id.
pub const SECURITY_GROUP: Shape = shape(1024, pattern::SECURITY_GROUP);
/// An access point of a file system, by ARN.
pub const ACCESS_POINT: Shape = shape(256, pattern::ACCESS_POINT);
/// A bucket of S3.
pub const BUCKET: Shape = shape(63, pattern::BUCKET);
/// A topic of SNS.
pub const TOPIC: Shape = shape(1024, pattern::TOPIC);
/// A queue of SQS, by ARN.
pub const QUEUE: Shape = shape(1024, pattern::QUEUE);
/// A stream of Kinesis, or a consumer of it.
pub const STREAM: Shape = shape(1024, pattern::STREAM);
/// A stream of DynamoDB.
pub const TABLE_STREAM: Shape = shape(1024, pattern::TABLE_STREAM);
/// A cluster of MSK.
pub const KAFKA_CLUSTER: Shape = shape(1024, pattern::KAFKA_CLUSTER);
/// The destination of events that could not be processed.
pub const FAILED_BATCHES: Shape = shape(350, pattern::FAILED_BATCHES);
