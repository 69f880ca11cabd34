//! IAM.

use jot::{model::desired, remote::Error};
use serde_json::json;

use crate::{Ground, on_both, tags};

pub const BASIC: &str = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
const READ_S3: &str = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess";

pub fn own_role() -> desired::Role {
    desired::Role {
        name: "jot-double-01234567".to_owned(),
        path: "/jot/numerics/".to_owned(),
        trust: json!({
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Allow",
                "Principal": { "Service": "lambda.amazonaws.com" },
                "Action": "sts:AssumeRole",
            }],
        }),
        policies: vec![BASIC.to_owned()],
        inline: None,
        boundary: None,
        tags: tags([("jot:project", "numerics"), ("jot:function", "double")]),
    }
}

on_both!(life_of_a_role);
async fn life_of_a_role(ground: Ground) {
    let aws = &ground.aws;
    let mut wanted = own_role();
    let name = wanted.name.clone();
    assert_eq!(aws.role(&name).await.unwrap(), None);
    assert_eq!(aws.attached_policies(&name).await.unwrap(), None);

    let arn = aws.create_role(&wanted).await.unwrap();
    let account = ground.account();
    assert_eq!(
        arn,
        format!("arn:aws:iam::{account}:role/jot/numerics/{name}")
    );
    let found = aws.role(&name).await.unwrap().unwrap();
    assert_eq!(found.arn, arn);
    assert_eq!(found.trust, wanted.trust);
    assert_eq!(found.tags, wanted.tags);
    let attached = aws.attached_policies(&name).await.unwrap();
    assert_eq!(attached, Some(vec![BASIC.to_owned()]));

    let again = aws.create_role(&wanted).await;
    assert!(matches!(again, Err(Error::Conflict { .. })), "{again:?}");

    wanted.trust["Statement"][0]["Sid"] = json!("Lambda");
    aws.update_trust(&wanted).await.unwrap();
    aws.attach_policy(&name, READ_S3).await.unwrap();
    aws.detach_policy(&name, BASIC).await.unwrap();
    aws.detach_policy(&name, BASIC).await.unwrap();
    assert_eq!(found.boundary, None);
    wanted.boundary = Some(READ_S3.to_owned());
    aws.put_boundary(&wanted).await.unwrap();
    let bounded = aws.role(&name).await.unwrap().unwrap();
    assert_eq!(bounded.boundary, wanted.boundary);
    aws.delete_boundary(&name).await.unwrap();
    aws.delete_boundary(&name).await.unwrap();
    let more = tags([("team", "ü + x")]);
    aws.tag_role(&name, &more).await.unwrap();
    let found = aws.role(&name).await.unwrap().unwrap();
    assert_eq!(found.trust, wanted.trust);
    assert_eq!(found.tags.len(), 3);
    assert_eq!(found.tags["team"], "ü + x");
    assert_eq!(found.boundary, None);
    let attached = aws.attached_policies(&name).await.unwrap();
    assert_eq!(attached, Some(vec![READ_S3.to_owned()]));

    aws.delete_role(&name).await.unwrap();
    assert_eq!(aws.role(&name).await.unwrap(), None);
    aws.delete_role(&name).await.unwrap();

    aws.create_role(&wanted).await.unwrap();
    let found = aws.role(&name).await.unwrap().unwrap();
    assert_eq!(found.boundary, wanted.boundary);
    aws.delete_role(&name).await.unwrap();
}
