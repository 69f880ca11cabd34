//! CloudWatch Logs: log groups and their events.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aws_sdk_cloudwatchlogs::types;
use futures_util::future::try_join_all;

use super::{
    Aws, LogEvent,
    call::{absent, gone},
    incomplete,
    service::{Call, Service},
};
use crate::{
    model::{desired, observed::LogGroup},
    remote::Error,
};

fn call<'a>(operation: &'static str, name: &'a str) -> Call<'a> {
    Call {
        service: Service::Logs,
        operation,
        resource: name,
    }
}

/// The highest number of log groups in one request.
const NAMES: usize = 50;

fn read(group: &types::LogGroup) -> LogGroup {
    let days = group.retention_in_days;
    LogGroup {
        retention_days: days.and_then(|days| days.try_into().ok()),
        tags: BTreeMap::new(),
    }
}

/// The ARN for tags; the one for permissions ends in `:*`.
fn tagged_arn(group: types::LogGroup) -> Option<String> {
    let arn = group.arn?;
    Some(arn.trim_end_matches(":*").to_owned())
}

impl Aws {
    /// The log group of exactly this name, without its tags.
    pub async fn log_group(&self, name: &str) -> Result<Option<LogGroup>, Error> {
        let found = self.described(name).await?;
        Ok(found.map(|group| read(&group)))
    }

    async fn described(&self, name: &str) -> Result<Option<types::LogGroup>, Error> {
        // Names are sorted, so one that equals the prefix is on the first page.
        let client = self.shared.logs();
        let request = client.describe_log_groups().log_group_name_prefix(name);
        let page = self
            .call(call("DescribeLogGroups", name), || request.clone().send())
            .await?;
        let mut groups = page.log_groups.unwrap_or_default().into_iter();
        Ok(groups.find(|group| group.log_group_name.as_deref() == Some(name)))
    }

    /// The log groups of these names, by name, without their tags, 50 per request.
    ///
    /// An endpoint that does not support look-ups by name, such as ministack, lists all groups
    /// instead; that list is read to its end, and no further request follows.
    /// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogGroups.html>
    pub async fn log_groups(
        &self,
        names: &BTreeSet<&str>,
    ) -> Result<BTreeMap<String, LogGroup>, Error> {
        let all: Vec<&str> = names.iter().copied().collect();
        let mut parts = all.chunks(NAMES);
        let Some(first) = parts.next() else {
            return Ok(BTreeMap::new());
        };
        let mut found = self.log_groups_of(first).await?;
        let selects = found.keys().all(|name| first.contains(&name.as_str()));
        if selects {
            let rest = try_join_all(parts.map(|part| self.log_groups_of(part))).await?;
            found.extend(rest.into_iter().flatten());
        }
        found.retain(|name, _| names.contains(name.as_str()));
        Ok(found)
    }

    /// The answer to one request for these names, on all its pages.
    async fn log_groups_of(&self, names: &[&str]) -> Result<BTreeMap<String, LogGroup>, Error> {
        let client = self.shared.logs();
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        let mut request = client
            .describe_log_groups()
            .set_log_group_identifiers(Some(names));
        let mut found = BTreeMap::new();
        loop {
            let page = self.call(call("DescribeLogGroups", "log groups"), || {
                request.clone().send()
            });
            let page = page.await?;
            for group in page.log_groups.unwrap_or_default() {
                let read = read(&group);
                found.extend(group.log_group_name.map(|name| (name, read)));
            }
            match page.next_token {
                Some(token) => request = request.next_token(token),
                None => return Ok(found),
            }
        }
    }

    /// Creates the log group and sets its retention.
    ///
    /// # Errors
    ///
    /// [`Error::Conflict`] where it exists.
    pub async fn create_log_group(&self, wanted: &desired::LogGroup) -> Result<(), Error> {
        let tags: HashMap<_, _> = wanted.tags.clone().into_iter().collect();
        let client = self.shared.logs();
        let request = client
            .create_log_group()
            .log_group_name(&wanted.name)
            .set_tags((!tags.is_empty()).then_some(tags));
        self.call(call("CreateLogGroup", &wanted.name), || {
            request.clone().send()
        })
        .await?;
        match wanted.retention_days {
            Some(days) => self.set_retention(&wanted.name, Some(days)).await,
            None => Ok(()),
        }
    }

    /// Sets the retention in days; `None` keeps the log for ever.
    pub async fn set_retention(&self, name: &str, days: Option<u32>) -> Result<(), Error> {
        let client = self.shared.logs();
        let Some(days) = days else {
            let request = client.delete_retention_policy().log_group_name(name);
            self.call(call("DeleteRetentionPolicy", name), || {
                request.clone().send()
            })
            .await?;
            return Ok(());
        };
        let request = client
            .put_retention_policy()
            .log_group_name(name)
            .retention_in_days(days.try_into().unwrap_or(i32::MAX));
        self.call(call("PutRetentionPolicy", name), || request.clone().send())
            .await?;
        Ok(())
    }

    /// Sets these tags; others stay.
    ///
    /// # Errors
    ///
    /// [`Error::Missing`] where the group does not exist.
    pub async fn tag_log_group(
        &self,
        name: &str,
        tags: &BTreeMap<String, String>,
    ) -> Result<(), Error> {
        let group = self.described(name).await?;
        let arn = group.and_then(tagged_arn);
        let client = self.shared.logs();
        let request = client
            .tag_resource()
            .resource_arn(arn.ok_or_else(|| incomplete(name, "arn"))?)
            .set_tags(Some(tags.clone().into_iter().collect()));
        self.call(call("TagResource", name), || request.clone().send())
            .await?;
        Ok(())
    }

    /// The tags of a log group; none where it does not exist.
    pub async fn log_group_tags(&self, name: &str) -> Result<BTreeMap<String, String>, Error> {
        let Some(group) = self.described(name).await? else {
            return Ok(BTreeMap::new());
        };
        let arn = tagged_arn(group).ok_or_else(|| incomplete(name, "arn"))?;
        let client = self.shared.logs();
        let request = client.list_tags_for_resource().resource_arn(arn);
        let asked = self.call(call("ListTagsForResource", name), || request.clone().send());
        let tags = absent(asked.await)?.and_then(|answer| answer.tags);
        Ok(tags.unwrap_or_default().into_iter().collect())
    }

    /// Deletes the log group with its events.
    pub async fn delete_log_group(&self, name: &str) -> Result<(), Error> {
        let request = self.shared.logs().delete_log_group().log_group_name(name);
        gone(
            self.call(call("DeleteLogGroup", name), || request.clone().send())
                .await,
        )
    }

    /// The events between two Unix times in milliseconds, in the order of CloudWatch; none where
    /// the group does not exist.
    pub async fn log_events(
        &self,
        group: &str,
        since_ms: i64,
        until_ms: Option<i64>,
    ) -> Result<Vec<LogEvent>, Error> {
        let client = self.shared.logs();
        let mut request = client
            .filter_log_events()
            .log_group_name(group)
            .start_time(since_ms)
            .set_end_time(until_ms);
        let mut all = Vec::new();
        loop {
            let page = self.call(call("FilterLogEvents", group), || request.clone().send());
            let Some(page) = absent(page.await)? else {
                return Ok(all);
            };
            all.extend(
                page.events
                    .unwrap_or_default()
                    .into_iter()
                    .map(|event| LogEvent {
                        at_ms: event.timestamp.unwrap_or_default(),
                        id: event.event_id.unwrap_or_default(),
                        stream: event.log_stream_name.unwrap_or_default(),
                        message: event.message.unwrap_or_default(),
                    }),
            );
            match page.next_token {
                Some(token) => request = request.next_token(token),
                None => return Ok(all),
            }
        }
    }
}
