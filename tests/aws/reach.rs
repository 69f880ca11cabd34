//! What may call a function, and the destinations of its outcomes: every call, on its alias.

use jot::{
    model::{
        Mapping,
        reach::{Asynchronous, Cors, Statement, Url, UrlAuth},
    },
    remote::Error,
};

use crate::{Ground, function::double, on_both, tags};

/// A function with an alias `live` at its version 1.
async fn aliased(ground: &Ground) {
    let (state, _) = double(ground).await;
    let aws = &ground.aws;
    let published = aws
        .publish_version("double", "first", &state.revision)
        .await
        .unwrap();
    aws.settled("double", Some(&published.version))
        .await
        .unwrap();
    aws.create_alias(
        "double",
        "live",
        jot::remote::aws::Pointed::at(&published.version, ""),
    )
    .await
    .unwrap();
}

const LIVE: Option<&str> = Some("live");

on_both!(a_url_is_made_changed_and_deleted);
async fn a_url_is_made_changed_and_deleted(ground: Ground) {
    aliased(&ground).await;
    let aws = &ground.aws;
    assert_eq!(aws.url("double", LIVE).await.unwrap(), None);
    let mut url = Url {
        auth: UrlAuth::Iam,
        streaming: false,
        cors: Some(Cors {
            origins: vec!["https://example.org".to_owned()],
            methods: vec!["GET".to_owned()],
            max_age_s: 300,
            credentials: true,
            ..Cors::default()
        }),
    };
    let address = aws.create_url("double", LIVE, &url).await.unwrap();
    assert!(address.starts_with("https://"), "{address}");
    let found = aws.url("double", LIVE).await.unwrap().unwrap();
    assert_eq!((&found.url, &found.address), (&url, &address));
    url.auth = UrlAuth::None;
    url.cors = None;
    aws.update_url("double", LIVE, &url).await.unwrap();
    let found = aws.url("double", LIVE).await.unwrap().unwrap();
    assert_eq!(found.url, url);
    for _ in 0..2 {
        aws.delete_url("double", LIVE).await.unwrap();
        assert_eq!(aws.url("double", LIVE).await.unwrap(), None);
    }
}

on_both!(statements_come_and_go_one_by_one);
async fn statements_come_and_go_one_by_one(ground: Ground) {
    aliased(&ground).await;
    let (aws, place) = (&ground.aws, ("double", LIVE));
    assert!(aws.policy("double", LIVE).await.unwrap().is_empty());
    let bucket = Statement {
        principal: "s3.amazonaws.com".to_owned(),
        action: "lambda:InvokeFunction".to_owned(),
        source_arn: Some("arn:aws:s3:::incoming".to_owned()),
        source_account: Some(ground.account().to_owned()),
        ..Statement::default()
    };
    aws.add_permission(place, "jot-1", &bucket).await.unwrap();
    let account = Statement {
        principal: "210987654321".to_owned(),
        action: "lambda:InvokeFunction".to_owned(),
        ..Statement::default()
    };
    aws.add_permission(place, "jot-2", &account).await.unwrap();
    let found = aws.policy("double", LIVE).await.unwrap();
    assert_eq!(found.len(), 2);
    assert_eq!(found["jot-1"], bucket);
    assert_eq!(found["jot-2"], account);
    // moto accepts a second statement with that id.
    if !ground.moto {
        let again = aws.add_permission(place, "jot-1", &account).await;
        assert!(matches!(again, Err(Error::Conflict { .. })), "{again:?}");
    }
    for _ in 0..2 {
        aws.remove_permission(place, "jot-1").await.unwrap();
    }
    let found = aws.policy("double", LIVE).await.unwrap();
    assert_eq!(found.keys().collect::<Vec<_>>(), ["jot-2"]);
}

on_both!(asynchronous_calls_are_configured_and_reset);
async fn asynchronous_calls_are_configured_and_reset(ground: Ground) {
    aliased(&ground).await;
    let aws = &ground.aws;
    assert_eq!(aws.asynchronous("double", LIVE).await.unwrap(), None);
    let queue = format!("arn:aws:sqs:eu-west-1:{}:failed", ground.account());
    let mut wanted = Asynchronous {
        retries: 0,
        max_age_s: 60,
        on_success: None,
        on_failure: Some(queue),
    };
    for _ in 0..2 {
        aws.set_asynchronous("double", LIVE, &wanted).await.unwrap();
        let found = aws.asynchronous("double", LIVE).await.unwrap();
        assert_eq!(found.as_ref(), Some(&wanted));
        if ground.moto {
            // It keeps the first value.
            break;
        }
        wanted.on_failure = None;
        wanted.retries = 2;
    }
    for _ in 0..2 {
        aws.reset_asynchronous("double", LIVE).await.unwrap();
        assert_eq!(aws.asynchronous("double", LIVE).await.unwrap(), None);
    }
}

/// moto has other defaults, and requires that queues exist.
#[tokio::test]
async fn mappings_are_made_changed_disabled_and_deleted() {
    let ground = Ground::of(crate::stack::ministack(), false).await;
    aliased(&ground).await;
    let aws = &ground.aws;
    assert!(aws.mappings("double", LIVE).await.unwrap().is_empty());
    let mut mapping = Mapping {
        source: format!("arn:aws:sqs:eu-west-1:{}:jobs", ground.account()),
        topic: None,
        consumer_group: None,
        starting_position: None,
        enabled: true,
        batch_size: 5,
        batch_window_s: 0,
        filters: vec![r#"{"body":{"a":[1],"b":[2]}}"#.to_owned()],
        partial_failures: true,
        max_concurrency: Some(2),
        kms_key: None,
        on_failure: None,
        bisect: false,
        retries: None,
        max_age_s: None,
        parallel: 1,
        tumbling_s: 0,
    };
    let tags = tags([("jot:project", "numerics"), ("jot:trigger", "jobs")]);
    let uuid = aws
        .create_mapping("double", LIVE, &mapping, &tags)
        .await
        .unwrap();
    let found = aws.mappings("double", LIVE).await.unwrap();
    assert_eq!(found.keys().collect::<Vec<_>>(), [&uuid]);
    assert_eq!(found[&uuid].mapping, mapping);
    assert_eq!(aws.mapping_tags(&uuid).await.unwrap(), tags);
    assert!(aws.mappings("double", None).await.unwrap().is_empty());
    mapping.batch_size = 7;
    mapping.filters.clear();
    mapping.partial_failures = false;
    aws.update_mapping(&uuid, &mapping).await.unwrap();
    let found = aws.mappings("double", LIVE).await.unwrap();
    assert_eq!(found[&uuid].mapping, mapping);
    aws.disable_mapping(&uuid).await.unwrap();
    let found = aws.mapping(&uuid).await.unwrap().unwrap();
    assert_eq!(found.state, "Disabled");
    for _ in 0..2 {
        aws.delete_mapping(&uuid).await.unwrap();
        assert_eq!(aws.mapping(&uuid).await.unwrap(), None);
        assert!(aws.mapping_tags(&uuid).await.unwrap().is_empty());
    }
}

/// moto supports none of it.
#[tokio::test]
async fn executions_are_provisioned_and_given_back() {
    let ground = Ground::of(crate::stack::ministack(), false).await;
    aliased(&ground).await;
    let aws = &ground.aws;
    assert_eq!(aws.provisioned("double", "live").await.unwrap(), None);
    for number in [1, 3] {
        aws.set_provisioned("double", "live", Some(number))
            .await
            .unwrap();
        let found = aws.provisioned("double", "live").await.unwrap().unwrap();
        assert_eq!(found.requested, number);
        assert!(!found.is_in_progress() && !found.has_failed(), "{found:?}");
    }
    for _ in 0..2 {
        aws.set_provisioned("double", "live", None).await.unwrap();
        assert_eq!(aws.provisioned("double", "live").await.unwrap(), None);
    }
}
