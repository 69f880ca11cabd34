//! Event sources at other services: rules, subscriptions, schedules, and the notifications of
//! buckets.

use std::{collections::BTreeMap, time::Duration};

use super::{Error, Shared};
use crate::{
    model::{Push, push::Notified},
    remote::{self, aws::push::Notifications},
};

/// How often a bucket's notifications are written at most: others may write them at the same time.
const WRITES: u32 = 20;
/// How long to wait before reading back what was written: others may overwrite it.
const SETTLE: Duration = Duration::from_secs(1);
/// How often to ask S3 again whether it may call a function: for a minute.
const VALIDATIONS: u32 = 20;
/// Wait between two attempts.
const VALIDATION: Duration = Duration::from_secs(3);

/// S3's error for a function that it may not call.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html>
const UNABLE: &str = "Unable to validate the following destination";

impl Shared {
    pub(super) async fn put_push(
        &self,
        id: &str,
        push: &Push,
        calls: &str,
        creates: bool,
    ) -> Result<(), Error> {
        let aws = self.aws()?;
        match push {
            Push::Rule(rule) => aws.put_rule(id, rule, calls).await?,
            Push::Subscription(one) if creates => aws.subscribe(one, calls).await?,
            Push::Subscription(one) => aws.update_subscription(id, one).await?,
            Push::Schedule(one) => self.put_schedule(id, one, calls, creates).await?,
            Push::Notification(_) => {}
        }
        Ok(())
    }

    pub(super) async fn delete_push(&self, id: &str, push: &Push) -> Result<(), Error> {
        let aws = self.aws()?;
        match push {
            Push::Rule(rule) => aws.delete_rule(&rule.bus, id).await?,
            Push::Subscription(_) => aws.unsubscribe(id).await?,
            Push::Schedule(one) => aws.delete_schedule(&one.group, id).await?,
            Push::Notification(_) => {}
        }
        Ok(())
    }

    /// Writes notifications until they read back as written.
    ///
    /// A bucket has no revision, so concurrent writers overwrite each other.
    pub(super) async fn set_notifications(
        &self,
        bucket: &str,
        (put, remove): (&BTreeMap<String, Notified>, &[String]),
        granted: bool,
    ) -> Result<(), Error> {
        let aws = self.aws()?;
        for _ in 0..WRITES {
            self.write_notifications(bucket, (put, remove), granted)
                .await?;
            self.droppable(async {
                tokio::time::sleep(SETTLE).await;
                Ok(())
            })
            .await?;
            if is_written(&aws.notifications(bucket).await?, put, remove) {
                return Ok(());
            }
        }
        Err(Error::Changed {
            name: format!("bucket {bucket}"),
            what: "its notifications keep changing outside jot".to_owned(),
        })
    }

    async fn write_notifications(
        &self,
        bucket: &str,
        (put, remove): (&BTreeMap<String, Notified>, &[String]),
        granted: bool,
    ) -> Result<(), Error> {
        let aws = self.aws()?;
        let owner = self.plan.account.as_str();
        for _ in 0..VALIDATIONS {
            match aws.set_notifications((bucket, owner), put, remove).await {
                Err(remote::Error::Refused { message, .. })
                    if granted && message.contains(UNABLE) => {}
                other => return Ok(other?),
            }
            self.droppable(async {
                tokio::time::sleep(VALIDATION).await;
                Ok(())
            })
            .await?;
        }
        Ok(aws.set_notifications((bucket, owner), put, remove).await?)
    }
}

fn is_written(found: &Notifications, put: &BTreeMap<String, Notified>, remove: &[String]) -> bool {
    let has = |(id, one): (&String, &Notified)| found.all.get(id) == Some(one);
    put.iter().all(has) && !remove.iter().any(|id| found.all.contains_key(id))
}
