//! Lambda.

use std::collections::{BTreeMap, BTreeSet};

use jot::{
    model::{Config, Digest, observed::FunctionState, value::EnvValue},
    remote::{Aws, Error, aws::NewFunction},
};

use crate::{
    Ground,
    images::{push, pushable},
    on_both,
    role::own_role,
    tags,
};

pub const ONE: &str = "1111111111111111";
const TWO: &str = "2222222222222222";

fn config() -> Config {
    let value = EnvValue::Plain("info".to_owned());
    Config {
        description: Some("doubles".to_owned()),
        memory_mb: Some(512),
        timeout_s: Some(10),
        ephemeral_storage_mb: Some(1024),
        environment: Some(BTreeMap::from([("LOG_LEVEL".to_owned(), value)])),
        tracing: Some("Active".to_owned()),
        log_format: Some("JSON".to_owned()),
        log_level: Some("WARN".to_owned()),
        ..Config::default()
    }
}

/// A function `double` with its role and the image of the tag [`ONE`], once Lambda is ready; and
/// its image's digest.
pub async fn double(ground: &Ground) -> (FunctionState, String) {
    let aws = &ground.aws;
    let repository = aws.create_repository(&pushable(ground)).await.unwrap();
    let digest = push(ground, ONE).await;
    let role = aws.create_role(&own_role()).await.unwrap();
    let image_uri = format!("{}@{digest}", repository.uri);
    let made = create(aws, &image_uri, &role).await.unwrap();
    assert_eq!(made.image_uri.as_ref(), Some(&image_uri));
    assert_eq!(made.tags["jot:function"], "double");
    let state = aws.settled("double", None).await.unwrap();
    assert_eq!(state.arn, made.arn);
    (state, digest)
}

async fn create(aws: &Aws, image_uri: &str, role: &str) -> Result<FunctionState, Error> {
    let wanted = NewFunction {
        name: "double",
        image_uri,
        role,
        architecture: "x86_64",
        config: &config(),
        tags: &tags([("jot:project", "numerics"), ("jot:function", "double")]),
    };
    aws.create_function(&wanted).await
}

on_both!(a_function_is_made_read_and_deleted);
async fn a_function_is_made_read_and_deleted(ground: Ground) {
    let aws = &ground.aws;
    assert_eq!(aws.function("double", None).await.unwrap(), None);
    let missing = aws.settled("double", None).await;
    assert!(matches!(missing, Err(Error::Missing { .. })), "{missing:?}");
    let (found, digest) = double(&ground).await;
    let account = ground.account();
    let arn = format!("arn:aws:lambda:eu-west-1:{account}:function:double");
    assert_eq!(found.arn, arn);
    let image_uri = found.image_uri.clone().unwrap();
    let again = create(aws, &image_uri, &found.role).await;
    assert!(matches!(again, Err(Error::Conflict { .. })), "{again:?}");

    assert_eq!(found.version, "$LATEST");
    assert_eq!(found.package_type.as_str(), "Image");
    assert_eq!(found.architecture.as_str(), "x86_64");
    assert_eq!(found.state.as_str(), "Active");
    assert_eq!(found.last_update.as_str(), "Successful");
    assert_eq!(found.digest.unwrap().as_str(), digest);
    assert_eq!(found.tags["jot:function"], "double");
    assert_eq!(found.config.description, "doubles");
    assert_eq!(found.config.memory_mb, 512);
    assert_eq!(found.config.timeout_s, 10);
    assert_eq!(found.config.ephemeral_storage_mb, 1024);
    assert_eq!(found.config.environment["LOG_LEVEL"].reveal(), "info");
    assert_eq!(found.config.tracing, "Active");
    if !ground.moto {
        // moto forgets the logging configuration.
        assert_eq!(found.config.log_format, "JSON");
        assert_eq!(found.config.log_level.as_deref(), Some("WARN"));
    }

    let tagged = aws.tagged("jot:project", "numerics").await.unwrap();
    assert!(tagged.iter().any(|one| one.arn == arn), "{tagged:?}");
    aws.delete_function("double").await.unwrap();
    assert_eq!(aws.function("double", None).await.unwrap(), None);
    aws.delete_function("double").await.unwrap();
}

on_both!(a_function_is_updated);
async fn a_function_is_updated(ground: Ground) {
    let aws = &ground.aws;
    let (found, _) = double(&ground).await;
    let digest = push(&ground, TWO).await;
    let repository = aws.repository("numerics").await.unwrap().unwrap();
    let image_uri = format!("{}@{digest}", repository.uri);
    let updated = aws.update_code("double", &image_uri, "x86_64", &found.revision);
    let updated = updated.await.unwrap();
    assert_eq!(updated.image_uri.as_ref(), Some(&image_uri));
    let coded = aws.settled("double", None).await.unwrap();
    assert_eq!(coded.image_uri, Some(image_uri));
    assert_eq!(coded.digest.unwrap().as_str(), digest);

    let change = Config {
        memory_mb: Some(256),
        environment: Some(BTreeMap::new()),
        ..Config::default()
    };
    let stale = aws.update_config("double", &change, &found.role, &found.revision);
    let stale = stale.await;
    if !ground.moto {
        assert!(matches!(stale, Err(Error::Changed { .. })), "{stale:?}");
    }
    let current = aws.settled("double", None).await.unwrap().revision;
    let changed = aws.update_config("double", &change, &found.role, &current);
    assert_eq!(changed.await.unwrap().config.memory_mb, 256);
    let settled = aws.settled("double", None).await.unwrap();
    assert_eq!(settled.config.memory_mb, 256);
    assert_eq!(settled.config.timeout_s, 10, "what is not given stays");
    assert!(settled.config.environment.is_empty());

    let set = tags([("jot:digest", &digest), ("team", "x y+z")]);
    aws.tag_function(&found.arn, &set).await.unwrap();
    aws.untag_function(&found.arn, &["jot:function".to_owned()])
        .await
        .unwrap();
    let tagged = aws.function("double", None).await.unwrap().unwrap().tags;
    assert_eq!(tagged["jot:digest"], digest);
    assert_eq!(tagged["team"], "x y+z");
    assert!(!tagged.contains_key("jot:function"));
    assert_eq!(tagged["jot:project"], "numerics");
}

on_both!(versions_and_aliases);
async fn versions_and_aliases(ground: Ground) {
    let aws = &ground.aws;
    let (found, digest) = double(&ground).await;
    assert!(aws.versions("double").await.unwrap().is_empty());
    assert_eq!(aws.alias("double", "live").await.unwrap(), None);
    assert_eq!(aws.function("double", Some("live")).await.unwrap(), None);

    let description = "jot 1111111111111111 2222222222222222";
    let first = aws.publish_version("double", description, &found.revision);
    assert_eq!(first.await.unwrap().version, "1");
    let version = aws.settled("double", Some("1")).await.unwrap();
    assert_eq!(version.version, "1");
    assert_eq!(version.arn, found.arn, "without the qualifier");
    assert_eq!(version.config.description, description);
    assert_eq!(version.digest.unwrap().as_str(), digest);

    let made = aws
        .create_alias("double", "live", jot::remote::aws::Pointed::at("1", ""))
        .await
        .unwrap();
    assert_eq!(made.version, "1");
    let again = aws
        .create_alias("double", "live", jot::remote::aws::Pointed::at("1", ""))
        .await;
    assert!(matches!(again, Err(Error::Conflict { .. })), "{again:?}");
    let live = aws.function("double", Some("live")).await.unwrap().unwrap();
    assert_eq!((live.version.as_str(), &live.arn), ("1", &found.arn));
    assert_eq!(live.config.description, description);

    let change = Config {
        memory_mb: Some(256),
        ..Config::default()
    };
    let current = aws.settled("double", None).await.unwrap().revision;
    let changed = aws.update_config("double", &change, &found.role, &current);
    changed.await.unwrap();
    let current = aws.settled("double", None).await.unwrap().revision;
    let second = aws.publish_version("double", "second", &current).await;
    assert_eq!(second.unwrap().version, "2");
    assert_eq!(aws.versions("double").await.unwrap(), ["1", "2"]);
    if !ground.moto {
        let stale = aws.update_alias(
            "double",
            "live",
            jot::remote::aws::Pointed::at("2", ""),
            "no-such-revision",
        );
        let stale = stale.await;
        assert!(matches!(stale, Err(Error::Changed { .. })), "{stale:?}");
    }
    let moved = aws.update_alias(
        "double",
        "live",
        jot::remote::aws::Pointed::at("2", ""),
        &made.revision,
    );
    assert_eq!(moved.await.unwrap().version, "2");
    let alias = aws.alias("double", "live").await.unwrap().unwrap();
    assert_eq!(alias.version, "2");
    assert!(alias.weights.is_empty());
    assert_eq!(
        aws.aliased_versions("double").await.unwrap(),
        BTreeSet::from(["2".to_owned()])
    );

    aws.delete_version("double", "1").await.unwrap();
    assert_eq!(aws.versions("double").await.unwrap(), ["2"]);
    aws.delete_version("double", "1").await.unwrap();
    aws.delete_function("double").await.unwrap();
    assert_eq!(aws.alias("double", "live").await.unwrap(), None);
}

/// ministack lists `$LATEST` alone, for every request.
#[tokio::test]
async fn what_every_version_of_every_function_runs_is_listed() {
    let ground = Ground::of(crate::stack::moto(), true).await;
    let aws = &ground.aws;
    assert!(aws.running().await.unwrap().versions.is_empty());
    let (found, digest) = double(&ground).await;
    let version = aws.publish_version("double", "jot", &found.revision);
    assert_eq!(version.await.unwrap().version, "1");
    let running = aws.running().await.unwrap();
    assert!(running.unknown.is_empty(), "{running:?}");
    let versions = &running.versions[&Digest::parse(&digest).unwrap()];
    assert!(versions.contains("double:$LATEST"), "{running:?}");
    assert!(versions.contains("double:1"), "{running:?}");
}
