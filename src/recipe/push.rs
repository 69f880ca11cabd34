//! The desired calls from other services. A name from elsewhere is empty.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

use super::{names, references::or_empty, request::Request, scheduler};
use crate::{
    manifest::types::{FilterScope, Function, Trigger, Via},
    model::{
        Push,
        json::sorted,
        push::{
            DEFAULT_BUS, DEFAULT_MAX_AGE_S, DEFAULT_RETRIES, Notification, Rule, Schedule,
            Subscription, Wanted, detail_types,
        },
    },
};

/// Returns the calls to a function by the manifest's names, with AWS names that begin with the
/// prefix.
pub fn wanted(request: &Request, prefix: &str, function: &Function) -> BTreeMap<String, Wanted> {
    let triggers = function.triggers.iter().flatten();
    let wanted = |(name, one): (&String, &Trigger)| {
        let push = push(request, one)?;
        Some((name.clone(), Wanted::new(prefix, name, push)))
    };
    triggers.filter_map(wanted).collect()
}

/// What the trigger is, unless Lambda reads it.
fn push(request: &Request, trigger: &Trigger) -> Option<Push> {
    let rule = |bus: &str, pattern: &Json| {
        Push::Rule(Rule {
            bus: bus.to_owned(),
            pattern: sorted(pattern).to_string(),
            enabled: trigger.enabled.unwrap_or(true),
        })
    };
    if let Some(bucket) = &trigger.s3 {
        let bucket = &or_empty(bucket);
        return Some(match trigger.via {
            Some(Via::Eventbridge) => rule(DEFAULT_BUS, &objects(bucket, trigger)),
            Some(Via::Notification) | None => Push::Notification(notification(bucket, trigger)),
        });
    }
    if let Some(pattern) = &trigger.event_pattern {
        let bus = trigger.bus.as_deref().unwrap_or(DEFAULT_BUS);
        return Some(rule(bus, &Json::Object(pattern.clone())));
    }
    if let Some(topic) = &trigger.sns {
        return Some(Push::Subscription(subscription(&or_empty(topic), trigger)));
    }
    let expression = trigger.schedule.as_ref()?;
    let input = trigger.input.as_ref();
    Some(Push::Schedule(Schedule {
        group: scheduler::group(request.place()),
        expression: expression.clone(),
        timezone: trigger.timezone.clone().unwrap_or_else(|| "UTC".to_owned()),
        input: input.map(|input| sorted(input).to_string()),
        enabled: trigger.enabled.unwrap_or(true),
        retries: trigger.retries.unwrap_or(DEFAULT_RETRIES),
        max_age_s: trigger.max_age_s.unwrap_or(DEFAULT_MAX_AGE_S),
        role: names::scheduler_role(request.place()),
        foreign: false,
    }))
}

fn notification(bucket: &str, trigger: &Trigger) -> Notification {
    let mut events: Vec<String> = trigger.on.iter().flatten().cloned().collect();
    events
        .iter_mut()
        .for_each(|event| event.insert_str(0, "s3:"));
    events.sort();
    events.dedup();
    Notification {
        bucket: bucket.to_owned(),
        events,
        prefix: trigger.prefix.clone().unwrap_or_default(),
        suffix: trigger.suffix.clone().unwrap_or_default(),
    }
}

/// The pattern of a bucket's events.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html>
fn objects(bucket: &str, trigger: &Trigger) -> Json {
    let events = trigger.on.iter().flatten();
    let mut types: Vec<&str> = events
        .flat_map(|event| detail_types(event))
        .copied()
        .collect();
    types.sort_unstable();
    types.dedup();
    let key = match (&trigger.prefix, &trigger.suffix) {
        (None, None) => None,
        (Some(prefix), None) => Some(json!({ "prefix": prefix })),
        (None, Some(suffix)) => Some(json!({ "suffix": suffix })),
        (Some(prefix), Some(suffix)) => {
            let escaped = |text: &str| text.replace('\\', "\\\\").replace('*', "\\*");
            Some(json!({ "wildcard": format!("{}*{}", escaped(prefix), escaped(suffix)) }))
        }
    };
    let mut detail = Map::new();
    detail.insert("bucket".to_owned(), json!({ "name": [bucket] }));
    if let Some(key) = key {
        detail.insert("object".to_owned(), json!({ "key": [key] }));
    }
    json!({ "source": ["aws.s3"], "detail-type": types, "detail": detail })
}

fn subscription(topic: &str, trigger: &Trigger) -> Subscription {
    let policy = trigger.filter_policy.as_ref();
    let scope = match trigger.filter_scope {
        Some(FilterScope::Body) => "MessageBody",
        Some(FilterScope::Attributes) | None => "MessageAttributes",
    };
    Subscription {
        topic: topic.to_owned(),
        filter_policy: policy.map(|policy| sorted(&Json::Object(policy.clone())).to_string()),
        filter_scope: policy.map(|_| scope.to_owned()),
        on_failure: trigger.on_failure.as_ref().map(or_empty),
    }
}
