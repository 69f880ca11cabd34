//! Holds a value that was read from elsewhere to what its key takes.

use serde_json::json;

use super::{
    checker,
    node::Step,
    shape::{self, Shape},
    walk::Place,
};

/// What is wrong with a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit {
    /// In words that do not quote the value: `has more than 2048 characters`.
    pub why: String,
    /// What the key takes.
    pub help: Option<String>,
}

/// Returns why a value does not fit a setting of a function, named as in a plan: `vpc.subnets`.
/// `None` for a setting that takes any text.
pub fn misfit(setting: &str, value: &str) -> Option<Misfit> {
    let shape = of(setting)?;
    let why = match value {
        "" => "is empty".to_owned(),
        long if long.chars().count() > shape.most => {
            format!("must have at most {} characters", shape.most)
        }
        text if fits(text, shape) => return None,
        _ => "is not a valid value of this key".to_owned(),
    };
    let help = description(setting);
    Some(Misfit { why, help })
}

fn of(setting: &str) -> Option<Shape> {
    Some(match setting {
        "role" => shape::ROLE,
        "policies" | "permissions_boundary" => shape::POLICY,
        "kms_key" => shape::KMS_KEY,
        "dead_letter" => shape::DEAD_LETTER,
        "async.on_success.arn" | "async.on_failure.arn" => shape::DESTINATION,
        "permissions.any.principal" => shape::PRINCIPAL,
        "permissions.any.source_arn" => shape::ANY_ARN,
        "triggers.any.s3" | "aws.bucket" => shape::BUCKET,
        "triggers.any.sns" => shape::TOPIC,
        "triggers.any.sqs" => shape::QUEUE,
        "triggers.any.kinesis" => shape::STREAM,
        "triggers.any.dynamodb" => shape::TABLE_STREAM,
        "triggers.any.kafka" => shape::KAFKA_CLUSTER,
        "triggers.any.kms_key" => shape::KMS_KEY,
        "triggers.any.on_failure" => shape::FAILED_BATCHES,
        "logging.group" => shape::LOG_GROUP,
        "layers" => shape::LAYER,
        "vpc.subnets" => shape::SUBNET,
        "vpc.security_groups" => shape::SECURITY_GROUP,
        "file_systems" => shape::ACCESS_POINT,
        _ => return None,
    })
}

fn fits(text: &str, shape: Shape) -> bool {
    checker::pattern(shape.pattern).is_ok_and(|validator| validator.is_valid(&json!(text)))
}

/// The text about the key in the schema.
fn description(setting: &str) -> Option<String> {
    let checker = checker::MERGED.as_ref().ok()?;
    let of_function = !setting.starts_with("aws.");
    let above = of_function.then_some(["functions", "any"]);
    let keys = above.into_iter().flatten().chain(setting.split('.'));
    let path: Vec<Step> = keys.map(|key| Step::Key(key.to_owned())).collect();
    Place::find(&checker.schema, &path).description()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_held_to_what_a_plain_text_is_held_to() {
        let key = "arn:aws:kms:eu-west-1:123456789012:key/1";
        assert_eq!(misfit("kms_key", key), None);
        assert_eq!(misfit("environment", "anything"), None);
        let wrong = misfit("kms_key", "canary").unwrap();
        assert_eq!(wrong.why, "is not a valid value of this key");
        assert!(wrong.help.unwrap().contains("arn:aws:kms:"));
        assert_eq!(misfit("vpc.subnets", "").unwrap().why, "is empty");
        for (key, expected) in [
            ("async.on_failure.arn", "event bus"),
            ("permissions.any.principal", "12 digits"),
            ("permissions.any.source_arn", "for which it calls"),
            ("logging.group", "512 letters"),
            ("layers", "layer:"),
            ("triggers.any.sqs", "SQS queue"),
            ("triggers.any.s3", "bucket of S3"),
            ("triggers.any.on_failure", "could not be processed"),
            ("aws.bucket", "50 MB"),
        ] {
            let help = misfit(key, "two words").unwrap().help.unwrap();
            assert!(help.contains(expected), "{key}: {help}");
        }
        let long = format!("subnet-{}", "a".repeat(1024));
        let why = misfit("vpc.subnets", &long).unwrap().why;
        assert_eq!(why, "must have at most 1024 characters");
    }
}
