//! Further settings of Lambda that a manifest may have.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ssm::{
    Client,
    config::{BehaviorVersion, Credentials, Region},
    types::ParameterType,
};
use jot::{
    model::{
        Config, FileSystem, ImageOverrides, RecursiveLoop, Secret, Vpc,
        observed::{Reading, Settings},
    },
    remote::Error,
};
use serde_json::json;

use crate::{
    Ground, REGION,
    function::{ONE, double},
    images::{push, pushable},
    on_both,
    role::own_role,
};

fn list(items: &[&str]) -> Vec<String> {
    items.iter().map(|&item| item.to_owned()).collect()
}

/// Settings that all differ from Lambda's defaults; `n` makes them differ from each other.
fn all(n: u32, account: &str) -> Config {
    let arn = |service: &str, what: &str| format!("arn:aws:{service}:{REGION}:{account}:{what}");
    Config {
        kms_key: Some(arn("kms", &format!("key/{n}"))),
        dead_letter: Some(arn("sqs", &format!("failed-{n}"))),
        vpc: Some(
            Vpc::new(list(&["subnet-b", &format!("subnet-{n}")]), list(&["sg-a"]))
                .with_ipv6(n == 1),
        ),
        log_format: Some("JSON".to_owned()),
        log_level: Some("WARN".to_owned()),
        system_log_level: Some("DEBUG".to_owned()),
        log_group: Some(format!("shared-{n}")),
        file_systems: Some(vec![FileSystem {
            arn: arn("elasticfilesystem", "access-point/fsap-0123456789abcdef0"),
            mount: format!("/mnt/{n}"),
        }]),
        image: Some(ImageOverrides {
            entry_point: list(&["/start"]),
            command: list(&["--number", &n.to_string()]),
            working_directory: "/tmp".to_owned(),
        }),
        ..Config::default()
    }
}

/// The settings that reset each of them.
fn none() -> Config {
    Config {
        log_format: Some("JSON".to_owned()),
        log_level: Some("WARN".to_owned()),
        log_group: Some(String::new()),
        kms_key: Some(String::new()),
        dead_letter: Some(String::new()),
        vpc: Some(Vpc::default()),
        file_systems: Some(Vec::new()),
        image: Some(ImageOverrides::default()),
        ..Config::default()
    }
}

/// The settings that `wanted` requests, as far as the emulator keeps them.
fn has(found: &Settings, wanted: &Config, moto: bool) {
    assert_eq!(Some(&found.vpc), wanted.vpc.as_ref());
    if moto {
        // moto keeps nothing else of an update.
        return;
    }
    assert!(wanted.is_met_by(found), "{found:#?}");
}

on_both!(every_setting_is_given_changed_and_taken_back);
async fn every_setting_is_given_changed_and_taken_back(ground: Ground) {
    let aws = &ground.aws;
    let (before, _) = double(&ground).await;
    let account = ground.account();
    for wanted in [all(1, account), all(2, account), none()] {
        let revision = aws.settled("double", None).await.unwrap().revision;
        aws.update_config("double", &wanted, &before.role, &revision)
            .await
            .unwrap();
        let settled = aws.settled("double", None).await.unwrap();
        has(&settled.config, &wanted, ground.moto);
        assert_eq!(settled.config.memory_mb, 512, "what is not given stays");
    }
    let after = aws.settled("double", None).await.unwrap();
    assert_eq!(after.config, before.config);
}

on_both!(executions_are_reserved_and_released);
async fn executions_are_reserved_and_released(ground: Ground) {
    let aws = &ground.aws;
    let (found, _) = double(&ground).await;
    assert_eq!(found.reserved_concurrency, None);
    for wanted in [Some(5), Some(0), None, None] {
        aws.set_concurrency("double", wanted).await.unwrap();
        let found = aws.function("double", None).await.unwrap().unwrap();
        // moto does not report a reservation of none.
        let told = wanted.filter(|number| !ground.moto || *number > 0);
        assert_eq!(found.reserved_concurrency, told);
    }
    let missing = aws.set_concurrency("triple", Some(1)).await;
    assert!(matches!(missing, Err(Error::Missing { .. })), "{missing:?}");
}

on_both!(calls_in_a_circle_are_permitted_and_stopped);
async fn calls_in_a_circle_are_permitted_and_stopped(ground: Ground) {
    if ground.moto {
        // moto does not support them.
        return;
    }
    let aws = &ground.aws;
    assert_eq!(aws.recursive_loop("double").await.unwrap(), None);
    double(&ground).await;
    let mode = aws.recursive_loop("double").await.unwrap();
    assert_eq!(mode, Some(RecursiveLoop::Terminate));
    for wanted in [
        RecursiveLoop::Allow,
        RecursiveLoop::Allow,
        RecursiveLoop::Terminate,
    ] {
        aws.set_recursive_loop("double", &wanted).await.unwrap();
        let found = aws.recursive_loop("double").await.unwrap();
        assert_eq!(found, Some(wanted));
    }
    let missing = aws
        .set_recursive_loop("triple", &RecursiveLoop::Allow)
        .await;
    assert!(matches!(missing, Err(Error::Missing { .. })), "{missing:?}");
}

on_both!(the_inline_policy_is_written_and_deleted);
async fn the_inline_policy_is_written_and_deleted(ground: Ground) {
    let aws = &ground.aws;
    let mut wanted = own_role();
    let name = wanted.name.clone();
    assert_eq!(aws.inline_policy(&name, "jot").await.unwrap(), None);
    let policy = |action: &str| {
        let statement =
            json!({ "Effect": "Allow", "Action": action, "Resource": "arn:aws:s3:::a+b/ü %20*" });
        json!({ "Version": "2012-10-17", "Statement": [statement] })
    };
    wanted.inline = Some(policy("s3:GetObject"));
    aws.create_role(&wanted).await.unwrap();
    assert_eq!(
        aws.inline_policy(&name, "jot").await.unwrap(),
        wanted.inline
    );
    wanted.inline = Some(policy("s3:PutObject"));
    aws.put_inline_policy(&name, "jot", wanted.inline.as_ref().unwrap())
        .await
        .unwrap();
    assert_eq!(
        aws.inline_policy(&name, "jot").await.unwrap(),
        wanted.inline
    );
    for _ in 0..2 {
        aws.delete_inline_policy(&name, "jot").await.unwrap();
        assert_eq!(aws.inline_policy(&name, "jot").await.unwrap(), None);
    }
    aws.put_inline_policy(&name, "jot", wanted.inline.as_ref().unwrap())
        .await
        .unwrap();
    aws.delete_role(&name).await.unwrap();
    assert_eq!(aws.role(&name).await.unwrap(), None);
}

on_both!(parameters_are_read_decrypted_many_at_once);
async fn parameters_are_read_decrypted_many_at_once(ground: Ground) {
    let aws = &ground.aws;
    let config = aws_sdk_ssm::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(REGION))
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .endpoint_url(ground.endpoint())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    let client = Client::from_conf(config);
    let names: Vec<String> = (1..=11).map(|n| format!("/numerics/{n}")).collect();
    for name in &names {
        let put = client
            .put_parameter()
            .name(name)
            .value(format!("value of {name}"));
        put.r#type(ParameterType::SecureString)
            .send()
            .await
            .unwrap();
    }
    let asked: Vec<&str> = names
        .iter()
        .map(String::as_str)
        .chain(["/absent"])
        .collect();
    let mut expected: BTreeMap<String, Reading> = names
        .iter()
        .map(|name| {
            (
                name.clone(),
                Reading::Secret(Secret::new(format!("value of {name}"))),
            )
        })
        .collect();
    expected.insert("/absent".to_owned(), Reading::Missing);
    let before = aws.requests();
    assert_eq!(aws.parameters(&asked).await.unwrap(), expected);
    assert_eq!(aws.requests() - before, 2, "ten at once");
}

on_both!(an_image_gets_further_tags);
async fn an_image_gets_further_tags(ground: Ground) {
    let aws = &ground.aws;
    aws.create_repository(&pushable(&ground)).await.unwrap();
    let digest = push(&ground, ONE).await;
    push(&ground, "2222222222222222").await;
    let tag = list(&["double.latest"]);
    // The tag moves between images, and to one that has it already; in moto the first image keeps
    // it.
    let first = (!ground.moto).then_some("2222222222222222");
    for of in first.into_iter().chain([ONE, ONE]) {
        aws.tag_image("numerics", of, &tag).await.unwrap();
    }
    let asked = BTreeSet::from([ONE, "double.latest"]);
    let found = aws.images("numerics", &asked).await.unwrap();
    assert_eq!(found["double.latest"].digest.as_str(), digest);
    assert_eq!(found[ONE].digest.as_str(), digest);
    let missing = aws.tag_image("numerics", "3333333333333333", &tag).await;
    assert!(matches!(missing, Err(Error::Missing { .. })), "{missing:?}");
}
