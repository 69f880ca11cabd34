//! The notifications of a bucket.
//!
//! A write replaces all of them and has no revision, so they are read right before, and others are
//! written back unchanged.
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketNotificationConfiguration.html>

use std::collections::BTreeMap;

use aws_sdk_s3::{
    operation::get_bucket_notification_configuration::GetBucketNotificationConfigurationOutput,
    types::{
        Event, FilterRule, FilterRuleName, LambdaFunctionConfiguration, NotificationConfiguration,
        NotificationConfigurationFilter, S3KeyFilter,
    },
};

use crate::{
    model::push::{Notification, Notified},
    remote::{
        Aws, Error,
        aws::{
            s3::NO_BUCKET,
            service::{Call, Service},
            unbuildable,
        },
    },
};

/// What a bucket sends, and where.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notifications {
    /// Its notifications, by id.
    pub all: BTreeMap<String, Notified>,
    /// Whether it sends its events to EventBridge.
    pub eventbridge: bool,
}

impl Aws {
    /// The notifications of a bucket; none where it does not exist.
    pub async fn notifications(&self, bucket: &str) -> Result<Notifications, Error> {
        match self.notification_configuration(bucket, None).await {
            Ok(found) => Ok(read(bucket, &found)),
            Err(Error::Refused { code, .. }) if code == NO_BUCKET => Ok(Notifications::default()),
            Err(error) => Err(error),
        }
    }

    /// Replaces the notifications of these ids in a bucket that this account owns.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] with `InvalidArgument`, where S3 may not call a function yet, and where
    /// two entries overlap.
    pub async fn set_notifications(
        &self,
        (bucket, owner): (&str, &str),
        put: &BTreeMap<String, Notified>,
        remove: &[String],
    ) -> Result<(), Error> {
        let what = format!("bucket {bucket}");
        let current = self.notification_configuration(bucket, Some(owner)).await?;
        let replaced = |id: &str| put.contains_key(id) || remove.iter().any(|one| one == id);
        let mut functions = current.lambda_function_configurations.unwrap_or_default();
        functions.retain(|one| !one.id().is_some_and(replaced));
        for (id, one) in put {
            functions.push(written(id, one).map_err(|cause| unbuildable(&what, &cause))?);
        }
        let configuration = NotificationConfiguration::builder()
            .set_topic_configurations(current.topic_configurations)
            .set_queue_configurations(current.queue_configurations)
            .set_event_bridge_configuration(current.event_bridge_configuration)
            .set_lambda_function_configurations(Some(functions))
            .build();
        let request = self.shared.s3().put_bucket_notification_configuration();
        let request = request
            .bucket(bucket)
            .expected_bucket_owner(owner)
            .notification_configuration(configuration);
        let call = Call {
            service: Service::S3,
            operation: "PutBucketNotificationConfiguration",
            resource: &what,
        };
        self.call(call, || request.clone().send()).await.map(drop)
    }

    async fn notification_configuration(
        &self,
        bucket: &str,
        owner: Option<&str>,
    ) -> Result<GetBucketNotificationConfigurationOutput, Error> {
        let what = format!("bucket {bucket}");
        let request = self.shared.s3().get_bucket_notification_configuration();
        let request = request
            .bucket(bucket)
            .set_expected_bucket_owner(owner.map(str::to_owned));
        let call = Call {
            service: Service::S3,
            operation: "GetBucketNotificationConfiguration",
            resource: &what,
        };
        self.call(call, || request.clone().send()).await
    }
}

fn read(bucket: &str, found: &GetBucketNotificationConfigurationOutput) -> Notifications {
    let functions = found.lambda_function_configurations().iter();
    let functions = functions.map(|one| {
        (
            one.id(),
            one.events(),
            one.filter(),
            one.lambda_function_arn(),
        )
    });
    let queues = found.queue_configurations().iter();
    let queues = queues.map(|one| (one.id(), one.events(), one.filter(), one.queue_arn()));
    let topics = found.topic_configurations().iter();
    let topics = topics.map(|one| (one.id(), one.events(), one.filter(), one.topic_arn()));
    let all = functions.chain(queues).chain(topics).enumerate();
    let all = all.map(|(number, (id, events, filter, arn))| {
        let id = id.map_or_else(|| format!("entry {}", number + 1), str::to_owned);
        let notification = notification(bucket, events, filter);
        let arn = arn.to_owned();
        (id, Notified { notification, arn })
    });
    Notifications {
        all: all.collect(),
        eventbridge: found.event_bridge_configuration().is_some(),
    }
}

fn notification(
    bucket: &str,
    events: &[Event],
    filter: Option<&NotificationConfigurationFilter>,
) -> Notification {
    let rules = filter
        .and_then(|filter| filter.key())
        .map(S3KeyFilter::filter_rules);
    // S3 answers `Prefix` to `prefix`.
    let value = |name: &str| {
        let mut rules = rules.unwrap_or_default().iter();
        let rule = rules.find(|rule| {
            let is = rule.name().map(FilterRuleName::as_str);
            is.is_some_and(|is| is.eq_ignore_ascii_case(name))
        });
        rule.and_then(FilterRule::value)
            .unwrap_or_default()
            .to_owned()
    };
    let mut events: Vec<String> = events
        .iter()
        .map(|event| event.as_str().to_owned())
        .collect();
    events.sort();
    Notification {
        bucket: bucket.to_owned(),
        events,
        prefix: value("prefix"),
        suffix: value("suffix"),
    }
}

fn written(
    id: &str,
    one: &Notified,
) -> Result<LambdaFunctionConfiguration, aws_smithy_types::error::operation::BuildError> {
    let Notified { notification, arn } = one;
    let rule = |name: FilterRuleName, value: &str| {
        let rule = FilterRule::builder().name(name).value(value).build();
        (!value.is_empty()).then_some(rule)
    };
    let rules: Vec<FilterRule> = [
        rule(FilterRuleName::Prefix, &notification.prefix),
        rule(FilterRuleName::Suffix, &notification.suffix),
    ]
    .into_iter()
    .flatten()
    .collect();
    let filter = (!rules.is_empty()).then(|| {
        let key = S3KeyFilter::builder().set_filter_rules(Some(rules)).build();
        NotificationConfigurationFilter::builder().key(key).build()
    });
    let events = notification.events.iter();
    LambdaFunctionConfiguration::builder()
        .id(id)
        .lambda_function_arn(arn)
        .set_events(Some(
            events.map(|event| Event::from(event.as_str())).collect(),
        ))
        .set_filter(filter)
        .build()
}
