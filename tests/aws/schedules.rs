//! Schedules and their groups: every call.

use jot::{
    model::push::Schedule,
    remote::{Error, aws::push::GroupState},
};

use crate::{Ground, on_both, tags};

const GROUP: &str = "jot-0a1b2c3d-numerics";
const NAME: &str = "jot-4e5f6a7b-nightly";

on_both!(a_schedule_is_made_changed_and_deleted_with_its_group);
async fn a_schedule_is_made_changed_and_deleted_with_its_group(ground: Ground) {
    let aws = &ground.aws;
    let arn = "arn:aws:lambda:eu-west-1:123456789012:function:double:live";
    let role = "arn:aws:iam::123456789012:role/jot/numerics/jot-scheduler-0a1b2c3d";
    assert_eq!(aws.schedule_group(GROUP).await.unwrap(), None);
    assert_eq!(aws.schedule(GROUP, NAME).await.unwrap(), None);
    assert_eq!(aws.schedules(GROUP, None).await.unwrap(), [] as [&str; 0]);
    let ours = tags([("jot:project", "numerics")]);
    aws.create_schedule_group(GROUP, &ours).await.unwrap();
    let group = aws.schedule_group(GROUP).await.unwrap();
    assert_eq!(group, Some(GroupState::Active));

    let mut schedule = Schedule {
        group: GROUP.to_owned(),
        expression: "cron(0 6 * * ? *)".to_owned(),
        timezone: "Europe/Berlin".to_owned(),
        input: Some(r#"{"a":1}"#.to_owned()),
        enabled: true,
        retries: 3,
        max_age_s: 3600,
        role: "jot-scheduler-0a1b2c3d".to_owned(),
        foreign: false,
    };
    let to = (arn, role);
    aws.create_schedule(NAME, &schedule, to).await.unwrap();
    let found = aws.schedule(GROUP, NAME).await.unwrap().unwrap();
    assert_eq!((&found.schedule, found.target.as_str()), (&schedule, arn));
    let again = aws.create_schedule(NAME, &schedule, to).await;
    assert!(matches!(again, Err(Error::Conflict { .. })), "{again:?}");

    schedule.expression = "rate(5 minutes)".to_owned();
    schedule.timezone = "UTC".to_owned();
    schedule.enabled = false;
    schedule.input = None;
    aws.update_schedule(NAME, &schedule, to).await.unwrap();
    let found = aws.schedule(GROUP, NAME).await.unwrap().unwrap();
    assert_eq!(found.schedule, schedule);
    for (prefix, names) in [
        (None, &[NAME][..]),
        (Some("jot-4e5f6a7b-"), &[NAME]),
        (Some("jot-4e5f6a7c-"), &[]),
    ] {
        assert_eq!(aws.schedules(GROUP, prefix).await.unwrap(), names);
    }

    for _ in 0..2 {
        aws.delete_schedule(GROUP, NAME).await.unwrap();
        assert_eq!(aws.schedule(GROUP, NAME).await.unwrap(), None);
    }
    aws.delete_schedule_group(GROUP).await.unwrap();
    assert_eq!(aws.schedule_group(GROUP).await.unwrap(), None);
}
