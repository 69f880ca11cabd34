//! Calls from other services: notifications of S3, rules of EventBridge, subscriptions of SNS,
//! schedules.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use sha2::{Digest as _, Sha256};

pub use super::wanted::Wanted;

use super::{json::sorted, partition, statement::Statement};

/// What calls a function. Every field has a value: AWS's default if the manifest has none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Push {
    /// A bucket of S3 notifies it.
    Notification(Notification),
    /// A rule of EventBridge has it as its target.
    Rule(Rule),
    /// A topic of SNS has it as a subscriber.
    Subscription(Subscription),
    /// A schedule of the EventBridge Scheduler calls it.
    Schedule(Schedule),
}

/// One entry of a bucket's notifications.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_LambdaFunctionConfiguration.html>
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Notification {
    /// The bucket's name.
    pub bucket: String,
    /// Such as `s3:ObjectCreated:*`, sorted.
    pub events: Vec<String>,
    /// What an object's key begins with; empty for anything.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub prefix: String,
    /// What an object's key ends with; empty for anything.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub suffix: String,
}

/// A rule of EventBridge with the function as its only target.
/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html>
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// The name of the event bus.
    pub bus: String,
    /// The pattern as a JSON text with sorted names.
    pub pattern: String,
    /// Whether it calls the function.
    pub enabled: bool,
}

/// A subscription of SNS.
/// <https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html>
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Subscription {
    /// The topic's ARN.
    pub topic: String,
    /// The filter policy as a JSON text with sorted names; `None`: all messages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter_policy: Option<String>,
    /// `MessageAttributes` or `MessageBody`; `None` without a filter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter_scope: Option<String>,
    /// The queue that takes what could not be delivered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_failure: Option<String>,
}

/// A schedule of the EventBridge Scheduler.
/// <https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html>
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// Its group, which holds the schedules of one project and target.
    pub group: String,
    /// `rate(...)`, `cron(...)` or `at(...)`.
    pub expression: String,
    /// The time zone of its times.
    pub timezone: String,
    /// The argument of each call as a JSON text with sorted names; `None`: what the Scheduler sends
    /// by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<String>,
    /// Whether it calls the function.
    pub enabled: bool,
    /// How often a call that could not be made is repeated, 0 to 185.
    pub retries: u32,
    /// Seconds after which a call that could not be made is dropped, 60 to 86400.
    pub max_age_s: u32,
    /// The name of the role by which it calls.
    #[serde(default)]
    pub role: String,
    /// Whether it has a setting that jot never writes: a flexible window, dates, a queue for
    /// dropped calls.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub foreign: bool,
}

/// How often the Scheduler repeats a call by default.
pub const DEFAULT_RETRIES: u32 = 185;
/// Seconds after which the Scheduler drops a call by default.
pub const DEFAULT_MAX_AGE_S: u32 = 86_400;

/// What calls a function, or has the name of what jot makes for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PushState {
    /// Its settings as AWS reports them.
    pub push: Push,
    /// Whether it calls the function's alias, and nothing else.
    pub calls: bool,
}

/// An entry of a bucket's notifications, and whom it notifies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Notified {
    /// Of what.
    pub notification: Notification,
    /// The ARN of a function, queue or topic.
    pub arn: String,
}

/// What a bucket sends in addition to jot's notifications for a function.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Bucket {
    /// Its other notifications, by id.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub others: BTreeMap<String, Notification>,
    /// Whether it sends its events to EventBridge.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub eventbridge: bool,
}

/// Where something that calls a function is kept.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A bucket, by its name.
    Bucket(String),
    /// A topic, by its ARN.
    Topic(String),
    /// A rule, by its event bus and name.
    Rule(String, String),
    /// A schedule, by its group and name.
    Schedule(String, String),
}

impl Push {
    /// The service behind it, as in a statement: `s3` for `s3.amazonaws.com`.
    pub fn service(&self) -> &'static str {
        match self {
            Self::Notification(_) => "s3",
            Self::Rule(_) => "events",
            Self::Subscription(_) => "sns",
            Self::Schedule(_) => "scheduler",
        }
    }

    /// Where it is kept under this id.
    pub fn source(&self, id: &str) -> Source {
        match self {
            Self::Notification(one) => Source::Bucket(one.bucket.clone()),
            Self::Rule(one) => Source::Rule(one.bus.clone(), id.to_owned()),
            Self::Subscription(one) => Source::Topic(one.topic.clone()),
            Self::Schedule(one) => Source::Schedule(one.group.clone(), id.to_owned()),
        }
    }

    /// The statement that lets it call the function; `None` for a schedule, which has a role.
    pub fn statement(&self, id: &str, (region, account): (&str, &str)) -> Option<Statement> {
        let partition = partition(Some(region));
        let service = self.service();
        let arn = match self {
            Self::Notification(one) => format!("arn:{partition}:s3:::{}", one.bucket),
            Self::Rule(Rule { bus, .. }) => {
                let within = match bus.as_str() {
                    DEFAULT_BUS => String::new(),
                    bus => format!("{bus}/"),
                };
                format!("arn:{partition}:events:{region}:{account}:rule/{within}{id}")
            }
            Self::Subscription(one) => one.topic.clone(),
            Self::Schedule(_) => return None,
        };
        // Another account may later own the name of the bucket.
        let account = matches!(self, Self::Notification(_)).then(|| account.to_owned());
        Some(Statement {
            principal: format!("{service}.amazonaws.com"),
            action: "lambda:InvokeFunction".to_owned(),
            source_arn: Some(arn),
            source_account: account,
            ..Statement::default()
        })
    }
}

/// The event bus that every account has.
pub const DEFAULT_BUS: &str = "default";

impl Source {
    /// What a statement of jot allows to call: where to look for the caller.
    pub fn of(statement: &Statement) -> Option<Self> {
        let arn = statement.source_arn.as_deref()?;
        let rest = arn.splitn(6, ':').nth(5)?;
        match statement.principal.split('.').next()? {
            "s3" => Some(Self::Bucket(rest.to_owned())),
            "sns" => Some(Self::Topic(arn.to_owned())),
            "events" => {
                let rule = rest.strip_prefix("rule/")?;
                let (bus, name) = rule.rsplit_once('/').unwrap_or((DEFAULT_BUS, rule));
                Some(Self::Rule(bus.to_owned(), name.to_owned()))
            }
            _ => None,
        }
    }
}

/// The prefix of the names for a function's triggers: `jot-<8 hex digits>-` of project, target and
/// the function's key, so that no name is the beginning of another's.
pub fn push_prefix(project: &str, target: Option<&str>, key: &str) -> String {
    let owner = json!([project, target, key, "triggers"]).to_string();
    let digest = hex::encode(Sha256::digest(owner.as_bytes()));
    format!("jot-{}-", &digest[..8])
}

/// The one bucket that a pattern of EventBridge matches.
pub fn bucket_of(pattern: &str) -> Option<String> {
    let pattern: Json = serde_json::from_str(pattern).ok()?;
    let one = |json: &Json| match json.as_array()?.as_slice() {
        [one] => one.as_str().map(str::to_owned),
        _ => None,
    };
    let is_s3 = one(&pattern["source"]).as_deref() == Some("aws.s3");
    is_s3.then(|| one(&pattern["detail"]["bucket"]["name"]))?
}

/// The pattern of EventBridge for the events of another bucket.
pub fn of_bucket(pattern: &str, bucket: &str) -> String {
    let Ok(mut pattern) = serde_json::from_str::<Json>(pattern) else {
        return pattern.to_owned();
    };
    pattern["detail"]["bucket"]["name"] = json!([bucket]);
    sorted(&pattern).to_string()
}

/// Whether S3 refuses both in one bucket, because an event of one object can match either.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html>
pub fn is_overlapping(one: &Notification, other: &Notification) -> bool {
    let event = |a: &String, b: &String| {
        let within = |wide: &str, narrow: &str| {
            let kind = wide.strip_suffix('*');
            kind.is_some_and(|kind| narrow.starts_with(kind))
        };
        a == b || within(a, b) || within(b, a)
    };
    let mut events = one.events.iter();
    let both = |a: &str, b: &str, part: fn(&str, &str) -> bool| part(a, b) || part(b, a);
    one.bucket == other.bucket
        && events.any(|a| other.events.iter().any(|b| event(a, b)))
        && both(&one.prefix, &other.prefix, |a, b| a.starts_with(b))
        && both(&one.suffix, &other.suffix, |a, b| a.ends_with(b))
}

/// The `detail-type` of EventBridge for an event of S3, without `s3:`; none if EventBridge does not
/// have it.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-mapping-troubleshooting.html>
pub fn detail_types(event: &str) -> &'static [&'static str] {
    match event {
        "ObjectCreated:*" => &["Object Created"],
        "ObjectRemoved:*" => &["Object Deleted"],
        "ObjectRestore:Post" => &["Object Restore Initiated"],
        "ObjectRestore:Completed" => &["Object Restore Completed"],
        "ObjectRestore:Delete" => &["Object Restore Expired"],
        "ObjectTagging:*" => &["Object Tags Added", "Object Tags Deleted"],
        "ObjectTagging:Put" => &["Object Tags Added"],
        "ObjectTagging:Delete" => &["Object Tags Deleted"],
        "ObjectAcl:Put" => &["Object ACL Updated"],
        "LifecycleTransition" => &["Object Storage Class Changed"],
        "IntelligentTiering" => &["Object Access Tier Changed"],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(event: &str, prefix: &str, suffix: &str) -> Notification {
        Notification {
            bucket: "incoming".to_owned(),
            events: vec![event.to_owned()],
            prefix: prefix.to_owned(),
            suffix: suffix.to_owned(),
        }
    }

    #[test]
    fn notifications_overlap_by_event_prefix_and_suffix() {
        let all = of("s3:ObjectCreated:*", "", "");
        let images = of("s3:ObjectCreated:Put", "images/", ".png");
        assert!(is_overlapping(&all, &images) && is_overlapping(&images, &all));
        assert!(is_overlapping(
            &images,
            &of("s3:ObjectCreated:*", "images/a", "g")
        ));
        assert!(!is_overlapping(
            &images,
            &of("s3:ObjectCreated:Copy", "images/", ".png")
        ));
        assert!(!is_overlapping(
            &images,
            &of("s3:ObjectRemoved:*", "images/", ".png")
        ));
        assert!(!is_overlapping(
            &images,
            &of("s3:ObjectCreated:*", "texts/", ".png")
        ));
        assert!(!is_overlapping(
            &images,
            &of("s3:ObjectCreated:*", "images/", ".txt")
        ));
        let elsewhere = Notification {
            bucket: "other".to_owned(),
            ..all.clone()
        };
        assert!(!is_overlapping(&all, &elsewhere));
    }

    #[test]
    fn a_statement_says_where_its_source_is_kept() {
        let place = ("eu-west-1", "123456789012");
        let rule = |bus: &str| {
            Push::Rule(Rule {
                bus: bus.to_owned(),
                pattern: "{}".to_owned(),
                enabled: true,
            })
        };
        let topic = Push::Subscription(Subscription {
            topic: "arn:aws:sns:eu-west-1:123456789012:orders".to_owned(),
            filter_policy: None,
            filter_scope: None,
            on_failure: None,
        });
        let bucket = Push::Notification(of("s3:ObjectCreated:*", "", ""));
        for push in [rule("default"), rule("orders"), topic, bucket] {
            let statement = push.statement("jot-0123abcd-x", place).unwrap();
            assert_eq!(Source::of(&statement), Some(push.source("jot-0123abcd-x")));
        }
    }
}
