//! ECR.

use std::collections::BTreeSet;

use jot::{
    model::desired,
    remote::{Error, aws::Tagged},
};
use serde_json::json;

use crate::{Ground, on_both, tags};

pub fn numerics() -> desired::Repository {
    desired::Repository {
        name: "numerics".to_owned(),
        tags: tags([("jot:project", "numerics"), ("jot:target", "")]),
        policy: json!({
            "Version": "2012-10-17",
            "Statement": [{
                "Sid": "LambdaPulls",
                "Effect": "Allow",
                "Principal": { "Service": "lambda.amazonaws.com" },
                "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            }],
        }),
        lifecycle: json!({
            "rules": [{
                "rulePriority": 1,
                "selection": {
                    "tagStatus": "untagged",
                    "countType": "sinceImagePushed",
                    "countUnit": "days",
                    "countNumber": 14,
                },
                "action": { "type": "expire" },
            }],
        }),
        mutable_tags: vec!["*.*".to_owned()],
    }
}

on_both!(life_of_a_repository);
async fn life_of_a_repository(ground: Ground) {
    let aws = &ground.aws;
    assert_eq!(aws.repository("numerics").await.unwrap(), None);
    assert_eq!(aws.repository_policy("numerics").await.unwrap(), None);
    assert_eq!(aws.lifecycle_policy("numerics").await.unwrap(), None);
    let asked = BTreeSet::from(["0123456789abcdef"]);
    assert!(aws.images("numerics", &asked).await.unwrap().is_empty());

    let wanted = numerics();
    let made = aws.create_repository(&wanted).await.unwrap();
    assert!(made.uri.ends_with("/numerics"), "{}", made.uri);
    let found = aws.repository("numerics").await.unwrap().unwrap();
    assert_eq!(found.arn, made.arn);
    assert_eq!(found.mutability.as_str(), "IMMUTABLE_WITH_EXCLUSION");
    if ground.moto {
        assert_eq!(found.mutability_exceptions, ["*.*"]);
    }
    let policy = aws.repository_policy("numerics").await.unwrap();
    assert_eq!(policy, Some(wanted.policy.clone()));
    let lifecycle = aws.lifecycle_policy("numerics").await.unwrap();
    assert_eq!(lifecycle, Some(wanted.lifecycle.clone()));
    assert!(aws.images("numerics", &asked).await.unwrap().is_empty());

    let again = aws.create_repository(&wanted).await;
    assert!(matches!(again, Err(Error::Conflict { .. })), "{again:?}");

    aws.delete_repository("numerics").await.unwrap();
    assert_eq!(aws.repository("numerics").await.unwrap(), None);
    aws.delete_repository("numerics").await.unwrap();
}

on_both!(a_repository_is_put_right);
async fn a_repository_is_put_right(ground: Ground) {
    let aws = &ground.aws;
    let wanted = numerics();
    let made = aws.create_repository(&wanted).await.unwrap();
    let mut changed = wanted.clone();
    changed.policy["Statement"][0]["Sid"] = json!("Changed");
    changed.lifecycle["rules"][0]["selection"]["countNumber"] = json!(3);
    changed.mutable_tags.clear();
    changed.tags.insert("team".to_owned(), "x".to_owned());
    aws.update_repository(&changed, &made.arn).await.unwrap();
    let found = aws.repository("numerics").await.unwrap().unwrap();
    assert_eq!(found.mutability.as_str(), "IMMUTABLE");
    let policy = aws.repository_policy("numerics").await.unwrap();
    assert_eq!(policy, Some(changed.policy));
    let lifecycle = aws.lifecycle_policy("numerics").await.unwrap();
    assert_eq!(lifecycle, Some(changed.lifecycle));
    let reported = aws.repository_tags(&made.arn).await.unwrap();
    assert_eq!(reported, changed.tags);
    let tagged = aws.tagged("jot:project", "numerics").await.unwrap();
    let expected = Tagged {
        arn: made.arn,
        tags: changed.tags,
    };
    // moto has no repositories among the tagged resources; an observation then requests them from
    // ECR.
    let expected = if ground.moto { vec![] } else { vec![expected] };
    assert_eq!(tagged, expected);
    let others = aws.tagged("jot:project", "other").await.unwrap();
    assert!(others.is_empty());
}

on_both!(a_login_names_the_registry);
async fn a_login_names_the_registry(ground: Ground) {
    let aws = &ground.aws;
    aws.create_repository(&numerics()).await.unwrap();
    let uri = aws.repository_uri("numerics").await.unwrap();
    assert!(
        uri.contains(".dkr.ecr.") && uri.ends_with("/numerics"),
        "{uri}"
    );
    let login = aws.registry_login(&uri).await.unwrap();
    assert_eq!(format!("{}/numerics", login.host), uri);
    assert_eq!(login.user, "AWS");
    assert!(!login.password.reveal().is_empty());
    let absent = aws.repository_uri("no-such").await.unwrap_err();
    assert!(matches!(absent, Error::Missing { .. }), "{absent:?}");
}
