//! CloudWatch Logs.

use jot::{
    model::{desired, observed},
    remote::Error,
};

use crate::{Ground, on_both, tags};

on_both!(life_of_a_log_group);
async fn life_of_a_log_group(ground: Ground) {
    let aws = &ground.aws;
    let name = "/aws/lambda/double";
    let wanted = desired::LogGroup {
        name: name.to_owned(),
        retention_days: Some(30),
        tags: tags([("jot:project", "numerics")]),
    };
    // One with a longer name that begins with it.
    let longer = desired::LogGroup {
        name: format!("{name}-precision"),
        retention_days: None,
        ..wanted.clone()
    };
    aws.create_log_group(&longer).await.unwrap();
    assert_eq!(aws.log_group(name).await.unwrap(), None);
    assert!(aws.log_events(name, 0, None).await.unwrap().is_empty());

    aws.create_log_group(&wanted).await.unwrap();
    let retention = |days| {
        Some(observed::LogGroup {
            retention_days: days,
            tags: Default::default(),
        })
    };
    assert_eq!(aws.log_group(name).await.unwrap(), retention(Some(30)));
    assert_eq!(aws.log_group(&longer.name).await.unwrap(), retention(None));
    assert_eq!(aws.log_group_tags(name).await.unwrap(), wanted.tags);
    let again = aws.create_log_group(&wanted).await;
    assert!(matches!(again, Err(Error::Conflict { .. })), "{again:?}");
    assert!(aws.log_events(name, 0, None).await.unwrap().is_empty());

    aws.set_retention(name, Some(7)).await.unwrap();
    assert_eq!(aws.log_group(name).await.unwrap(), retention(Some(7)));
    aws.set_retention(name, None).await.unwrap();
    assert_eq!(aws.log_group(name).await.unwrap(), retention(None));

    let more = tags([("jot:function", "double")]);
    aws.tag_log_group(name, &more).await.unwrap();
    let both = tags([("jot:project", "numerics"), ("jot:function", "double")]);
    assert_eq!(aws.log_group_tags(name).await.unwrap(), both);

    aws.delete_log_group(name).await.unwrap();
    assert!(aws.log_group_tags(name).await.unwrap().is_empty());
    assert_eq!(aws.log_group(name).await.unwrap(), None);
    assert!(aws.log_group(&longer.name).await.unwrap().is_some());
    aws.delete_log_group(name).await.unwrap();
}
