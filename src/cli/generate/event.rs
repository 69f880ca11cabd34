//! Sample events, one for each source, in the shape that AWS documents:
//! <https://docs.aws.amazon.com/lambda/latest/dg/lambda-services.html>

use clap::ValueEnum;

/// A source of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Source {
    /// An object in a bucket, through the bucket's notification
    S3,
    /// An object in a bucket, through EventBridge
    S3Eventbridge,
    /// Messages of a queue.
    Sqs,
    /// A message of a topic.
    Sns,
    /// Records of a stream in Kinesis.
    Kinesis,
    /// Changes of a table in DynamoDB.
    Dynamodb,
    /// Records of a topic in Kafka (MSK).
    Kafka,
    /// A schedule of EventBridge Scheduler without an input of its own.
    Schedule,
    /// A request to a function's URL, and to an HTTP API with payload format 2.0.
    Url,
    /// An event on a bus of EventBridge.
    Eventbridge,
    /// A request to a REST API of API Gateway.
    Apigateway,
    /// The result of another function, delivered to its destination after an asynchronous call
    Destination,
}

macro_rules! sample {
    ($name:literal) => {
        include_str!(concat!("../../../examples/events/", $name, ".json"))
    };
}

/// The sample event of a source: JSON text with a newline at its end.
pub fn sample(source: Source) -> &'static str {
    match source {
        Source::S3 => sample!("s3"),
        Source::S3Eventbridge => sample!("s3-eventbridge"),
        Source::Sqs => sample!("sqs"),
        Source::Sns => sample!("sns"),
        Source::Kinesis => sample!("kinesis"),
        Source::Dynamodb => sample!("dynamodb"),
        Source::Kafka => sample!("kafka"),
        Source::Schedule => sample!("schedule"),
        Source::Url => sample!("url"),
        Source::Eventbridge => sample!("eventbridge"),
        Source::Apigateway => sample!("apigateway"),
        Source::Destination => sample!("destination"),
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use super::*;

    /// Each source prints the file of its name, and every file belongs to a source.
    #[test]
    fn each_source_has_a_file_of_its_name() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/events");
        let mut named = BTreeSet::from(["empty-vector.json".to_owned()]);
        for source in Source::value_variants() {
            let name = source.to_possible_value().unwrap().get_name().to_owned() + ".json";
            let text = sample(*source);
            assert_eq!(
                text,
                fs::read_to_string(folder.join(&name)).unwrap(),
                "{name}"
            );
            let event: serde_json::Value = serde_json::from_str(text).unwrap();
            assert!(event.is_object() && text.ends_with("}\n"), "{name}");
            named.insert(name);
        }
        let files = fs::read_dir(folder).unwrap();
        let files = files.map(|file| file.unwrap().file_name().into_string().unwrap());
        assert_eq!(files.collect::<BTreeSet<_>>(), named);
    }
}
