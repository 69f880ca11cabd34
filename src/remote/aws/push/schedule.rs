//! Schedules of the EventBridge Scheduler, and their groups.
//!
//! <https://docs.aws.amazon.com/scheduler/latest/UserGuide/what-is-scheduler.html>

use std::collections::BTreeMap;

use aws_sdk_scheduler::{
    operation::get_schedule::GetScheduleOutput,
    types::{
        ActionAfterCompletion, FlexibleTimeWindow, FlexibleTimeWindowMode, RetryPolicy,
        ScheduleGroupState, ScheduleState as State, Tag, Target,
    },
};
use serde_json::Value as Json;

use crate::{
    model::{
        json::sorted,
        push::{DEFAULT_MAX_AGE_S, DEFAULT_RETRIES, Schedule},
    },
    remote::{
        Aws, Error,
        aws::{
            call::{absent, gone},
            service::{Call, Service},
            unbuildable,
        },
    },
};

/// A schedule and its target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScheduleState {
    /// Its group, expression and input, and how failed calls are repeated.
    pub schedule: Schedule,
    /// The ARN of its target.
    pub target: String,
}

/// State of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupState {
    /// It exists and accepts schedules.
    Active,
    /// It is being deleted.
    Deleting,
}

fn call<'a>(operation: &'static str, resource: &'a str) -> Call<'a> {
    Call {
        service: Service::Scheduler,
        operation,
        resource,
    }
}

impl Aws {
    /// The schedule of this group and name.
    pub async fn schedule(&self, group: &str, name: &str) -> Result<Option<ScheduleState>, Error> {
        let what = format!("schedule {name}");
        let request = self.shared.scheduler().get_schedule();
        let request = request.group_name(group).name(name);
        let answer = self.call(call("GetSchedule", &what), || request.clone().send());
        let found = absent(answer.await)?;
        Ok(found.map(|found| ScheduleState {
            target: found
                .target()
                .map(|target| target.arn().to_owned())
                .unwrap_or_default(),
            schedule: read(group, &found),
        }))
    }

    /// The names of the group's schedules that have the prefix, if one is given; none where the
    /// group does not exist.
    pub async fn schedules(&self, group: &str, prefix: Option<&str>) -> Result<Vec<String>, Error> {
        let what = format!("schedule group {group}");
        let request = self.shared.scheduler().list_schedules();
        let mut request = request
            .group_name(group)
            .set_name_prefix(prefix.map(str::to_owned));
        let mut all = Vec::new();
        loop {
            let page = self.call(call("ListSchedules", &what), || request.clone().send());
            let Some(page) = absent(page.await)? else {
                return Ok(all);
            };
            all.extend(page.schedules.into_iter().filter_map(|one| one.name));
            match page.next_token {
                Some(next) if !next.is_empty() => request = request.next_token(next),
                _ => return Ok(all),
            }
        }
    }

    /// Creates the schedule, with the function and the role of these ARNs.
    ///
    /// # Errors
    ///
    /// [`Error::Conflict`] where it exists.
    pub async fn create_schedule(
        &self,
        name: &str,
        schedule: &Schedule,
        (arn, role): (&str, &str),
    ) -> Result<(), Error> {
        let what = format!("schedule {name}");
        let request = self.shared.scheduler().create_schedule();
        let request = request
            .name(name)
            .group_name(&schedule.group)
            .schedule_expression(&schedule.expression)
            .schedule_expression_timezone(&schedule.timezone)
            .state(state(schedule))
            .flexible_time_window(on_time(&what)?)
            .target(target(&what, schedule, (arn, role))?);
        let answer = self.call(call("CreateSchedule", &what), || request.clone().send());
        answer.await.map(drop)
    }

    /// Sets the schedule's settings, target and role, and resets all others.
    ///
    /// <https://docs.aws.amazon.com/scheduler/latest/APIReference/API_UpdateSchedule.html>
    pub async fn update_schedule(
        &self,
        name: &str,
        schedule: &Schedule,
        (arn, role): (&str, &str),
    ) -> Result<(), Error> {
        let what = format!("schedule {name}");
        let request = self.shared.scheduler().update_schedule();
        let request = request
            .name(name)
            .group_name(&schedule.group)
            .schedule_expression(&schedule.expression)
            .schedule_expression_timezone(&schedule.timezone)
            .state(state(schedule))
            .flexible_time_window(on_time(&what)?)
            .target(target(&what, schedule, (arn, role))?);
        let answer = self.call(call("UpdateSchedule", &what), || request.clone().send());
        answer.await.map(drop)
    }

    /// Deletes the schedule; a missing one is no error.
    pub async fn delete_schedule(&self, group: &str, name: &str) -> Result<(), Error> {
        let what = format!("schedule {name}");
        let request = self.shared.scheduler().delete_schedule();
        let request = request.group_name(group).name(name);
        let answer = self.call(call("DeleteSchedule", &what), || request.clone().send());
        gone(answer.await)
    }

    /// State of the group; `None` where it does not exist.
    pub async fn schedule_group(&self, name: &str) -> Result<Option<GroupState>, Error> {
        let what = format!("schedule group {name}");
        let request = self.shared.scheduler().get_schedule_group().name(name);
        let answer = self.call(call("GetScheduleGroup", &what), || request.clone().send());
        let found = absent(answer.await)?;
        Ok(found.map(|found| match found.state() {
            Some(ScheduleGroupState::Deleting) => GroupState::Deleting,
            _ => GroupState::Active,
        }))
    }

    /// Creates the group with these tags.
    ///
    /// # Errors
    ///
    /// [`Error::Conflict`] where it exists.
    pub async fn create_schedule_group(
        &self,
        name: &str,
        tags: &BTreeMap<String, String>,
    ) -> Result<(), Error> {
        let what = format!("schedule group {name}");
        let tag = |(key, value): (&String, &String)| Tag::builder().key(key).value(value).build();
        let tags: Result<Vec<Tag>, _> = tags.iter().map(tag).collect();
        let tags = tags.map_err(|cause| unbuildable(&what, &cause))?;
        let request = self.shared.scheduler().create_schedule_group();
        let request = request.name(name).set_tags(Some(tags));
        let answer = self.call(call("CreateScheduleGroup", &what), || {
            request.clone().send()
        });
        answer.await.map(drop)
    }

    /// Deletes the group with its schedules; a missing one is no error.
    pub async fn delete_schedule_group(&self, name: &str) -> Result<(), Error> {
        let what = format!("schedule group {name}");
        let request = self.shared.scheduler().delete_schedule_group().name(name);
        let answer = self.call(call("DeleteScheduleGroup", &what), || {
            request.clone().send()
        });
        gone(answer.await)
    }
}

fn state(schedule: &Schedule) -> State {
    match schedule.enabled {
        true => State::Enabled,
        false => State::Disabled,
    }
}

/// A call at the exact time, without a window.
fn on_time(what: &str) -> Result<FlexibleTimeWindow, Error> {
    let window = FlexibleTimeWindow::builder().mode(FlexibleTimeWindowMode::Off);
    window.build().map_err(|cause| unbuildable(what, &cause))
}

fn target(what: &str, schedule: &Schedule, (arn, role): (&str, &str)) -> Result<Target, Error> {
    let number = |value: u32| i32::try_from(value).unwrap_or(i32::MAX);
    let retry = RetryPolicy::builder()
        .maximum_retry_attempts(number(schedule.retries))
        .maximum_event_age_in_seconds(number(schedule.max_age_s))
        .build();
    let target = Target::builder().arn(arn).role_arn(role);
    let target = target.retry_policy(retry).set_input(schedule.input.clone());
    target.build().map_err(|cause| unbuildable(what, &cause))
}

fn read(group: &str, found: &GetScheduleOutput) -> Schedule {
    let target = found.target();
    let retry = target.and_then(Target::retry_policy);
    let number = |value: Option<i32>, default: u32| {
        let value = value.and_then(|value| u32::try_from(value).ok());
        value.unwrap_or(default)
    };
    let role = target.map(Target::role_arn).unwrap_or_default();
    let role = role.rsplit('/').next().unwrap_or_default().to_owned();
    Schedule {
        group: group.to_owned(),
        expression: found.schedule_expression().unwrap_or_default().to_owned(),
        timezone: found
            .schedule_expression_timezone()
            .unwrap_or("UTC")
            .to_owned(),
        input: target.and_then(Target::input).map(normal),
        enabled: found.state() != Some(&State::Disabled),
        retries: number(
            retry.and_then(RetryPolicy::maximum_retry_attempts),
            DEFAULT_RETRIES,
        ),
        max_age_s: number(
            retry.and_then(RetryPolicy::maximum_event_age_in_seconds),
            DEFAULT_MAX_AGE_S,
        ),
        role,
        foreign: is_foreign(found),
    }
}

/// Whether it has settings that jot never writes.
fn is_foreign(found: &GetScheduleOutput) -> bool {
    let target = found.target();
    let flexible = found
        .flexible_time_window()
        .is_some_and(|window| *window.mode() != FlexibleTimeWindowMode::Off);
    let dated = found.start_date().is_some() || found.end_date().is_some();
    let deleting = found.action_after_completion() == Some(&ActionAfterCompletion::Delete);
    let encrypted = found.kms_key_arn().is_some_and(|key| !key.is_empty());
    let queue = target.and_then(Target::dead_letter_config);
    let queued = queue.is_some_and(|queue| queue.arn().is_some());
    flexible || dated || deleting || encrypted || queued
}

/// The input with sorted names, as jot writes it.
fn normal(input: &str) -> String {
    let json: Option<Json> = serde_json::from_str(input).ok();
    json.map_or_else(|| input.to_owned(), |json| sorted(&json).to_string())
}
