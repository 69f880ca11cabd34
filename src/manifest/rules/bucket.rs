//! Rules of what a bucket of S3 sends.

use crate::{
    manifest::{at::At, error::Problems},
    model::{
        push::{Notification, detail_types, is_overlapping},
        redacted,
    },
};

/// Events of a bucket that have another name in EventBridge.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventBridge.html#supported-event-notification-types-eventbridge>
const OF_EVENTBRIDGE: &str = "`ObjectCreated:*`, `ObjectRemoved:*`, `ObjectRestore:Post`, \
    `ObjectRestore:Completed`, `ObjectRestore:Delete`, `ObjectTagging:*`, `ObjectTagging:Put`, \
    `ObjectTagging:Delete`, `ObjectAcl:Put`, `LifecycleTransition`, `IntelligentTiering`";

/// Adds events that EventBridge does not have, if the trigger uses a rule.
pub(super) fn check(trigger: &At, problems: &mut Problems) {
    if !is_by_rule(trigger) {
        return;
    }
    let events = trigger.get("on");
    for (_, event) in events.map(|all| all.items()).unwrap_or_default() {
        let Some(text) = event.node.text() else {
            continue;
        };
        if detail_types(text).is_empty() {
            let message = format!("`{}`: EventBridge has no event `{text}`", event.name());
            let finding = event.wrong(message, "for notifications only");
            problems.add(finding.help(format!(
                "use one of {OF_EVENTBRIDGE}, write an `event_pattern`, or remove `via`"
            )));
        }
    }
}

/// Adds notifications of one bucket that match the same object: S3 does not accept two of them.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html>
pub(super) fn overlaps(functions: &[(String, At)], problems: &mut Problems) {
    let mut seen: Vec<(Notification, At)> = Vec::new();
    for (_, function) in functions {
        let triggers = function.get("triggers");
        for (_, trigger) in triggers.map(|all| all.entries()).unwrap_or_default() {
            let Some(one) = notification(&trigger) else {
                continue;
            };
            let first = seen.iter().find(|(other, _)| is_overlapping(&one, other));
            if let Some((other, at)) = first {
                let message = format!(
                    "`{}` and `{}` can match the same objects of bucket {}",
                    at.name(),
                    trigger.name(),
                    redacted(&other.bucket)
                );
                let finding = trigger.wrong_key(message, "second");
                problems.add(finding.other(at.span(), "first").help(
                    "S3 notifies only one function of an event: use prefixes or suffixes that do \
                        not overlap, or `via = \"eventbridge\"`",
                ));
            }
            seen.push((one, trigger));
        }
    }
}

fn notification(trigger: &At) -> Option<Notification> {
    let (_, bucket) = trigger.text("s3")?;
    if is_by_rule(trigger) {
        return None;
    }
    let text = |key| trigger.text(key).map_or("", |(_, text)| text).to_owned();
    let events = trigger.get("on")?.items();
    let events = events.iter().filter_map(|(_, event)| event.node.text());
    Some(Notification {
        bucket: bucket.to_owned(),
        events: events.map(|event| format!("s3:{event}")).collect(),
        prefix: text("prefix"),
        suffix: text("suffix"),
    })
}

fn is_by_rule(trigger: &At) -> bool {
    let via = trigger.text("via");
    via.is_some_and(|(_, via)| via == "eventbridge")
}
