//! Values that the manifest takes from other sources.

use aws_sdk_cloudformation::config::{BehaviorVersion, Credentials, Region};
use jot::model::{Secret, observed::Reading};
use serde_json::json;

use crate::{
    Ground, REGION,
    archives::{BUCKET, create_bucket, put},
    on_both,
};

/// What all clients here have in common.
macro_rules! client {
    ($sdk:ident, $ground:expr) => {{
        let config = $sdk::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(REGION))
            .credentials_provider(Credentials::new("test", "test", None, None, "test"))
            .endpoint_url($ground.endpoint())
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .build();
        $sdk::Client::from_conf(config)
    }};
}

on_both!(a_secret_is_asked_for_once_for_all_its_keys);
async fn a_secret_is_asked_for_once_for_all_its_keys(ground: Ground) {
    let client = client!(aws_sdk_secretsmanager, ground);
    let value = json!({ "user": "canary-user", "password": "canary-password" }).to_string();
    let created = client.create_secret().name("db").secret_string(&value);
    created.send().await.unwrap();
    let aws = &ground.aws;
    let before = aws.requests();
    let keys = [Some("password"), Some("absent"), None];
    let found = aws.secret("db", &keys).await.unwrap();
    assert_eq!(aws.requests() - before, 1);
    let secret = |text: &str| Reading::Secret(Secret::new(text));
    let absent = Reading::Unreadable("it has no key absent".to_owned());
    assert_eq!(found, [secret("canary-password"), absent, secret(&value)]);
    let missing = aws.secret("none", &[None]).await.unwrap();
    assert_eq!(missing, [Reading::Missing]);
}

on_both!(outputs_and_exports_of_stacks_are_read);
async fn outputs_and_exports_of_stacks_are_read(ground: Ground) {
    let client = client!(aws_sdk_cloudformation, ground);
    let template = json!({
        "Resources": { "Topic": { "Type": "AWS::SNS::Topic", "Properties": { "TopicName": "t" } } },
        "Outputs": {
            "Group": { "Value": "sg-0a" },
            "Key": { "Value": "key-1", "Export": { "Name": "keys:data" } },
        },
    });
    let created = client.create_stack().stack_name("network");
    let created = created.template_body(template.to_string());
    created.send().await.unwrap();
    let aws = &ground.aws;
    let outputs = aws.stack_outputs("network").await.unwrap().unwrap();
    assert_eq!(outputs.get("Group").map(String::as_str), Some("sg-0a"));
    let exports = aws.exports().await.unwrap().unwrap();
    assert_eq!(exports.get("keys:data").map(String::as_str), Some("key-1"));
    let missing = aws.stack_outputs("absent").await.unwrap();
    assert_eq!(missing, Err(Reading::Missing));
}

on_both!(an_object_is_read_whole_or_told_why_not);
async fn an_object_is_read_whole_or_told_why_not(ground: Ground) {
    create_bucket(&ground).await;
    put(&ground, "empty.tfstate").await;
    let aws = &ground.aws;
    let object = async |bucket, key| aws.object(bucket, key).await.unwrap();
    assert_eq!(object(BUCKET, "empty.tfstate").await, Ok(Vec::new()));
    assert_eq!(object(BUCKET, "absent").await, Err(Reading::Missing));
    let no_bucket = object("no-such-bucket", "absent").await.unwrap_err();
    assert!(matches!(no_bucket, Reading::Unreadable(_)), "{no_bucket:?}");
}
