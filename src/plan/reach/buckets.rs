//! Notifications of buckets.
//!
//! A bucket takes all of its notifications in one request, so a plan has one step per bucket for
//! all functions; notifications that are not jot's stay unchanged.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventNotifications.html>

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{
    Action, Change, Push, PushState, Reach, Step, StepId,
    push::{Notification, Notified, is_overlapping},
};

use super::{
    named::{self, name},
    pushes::{called, fate, fields},
    shared::{Around, Intent},
    waiting,
};
use crate::plan::{
    Error,
    builder::{PlanBuilder, id},
    context::FunctionContext,
    reasons,
};

/// A function with an alias that a bucket may notify, and the steps after which it can be called.
pub(in crate::plan) struct Part<'p, 'a> {
    pub context: &'p FunctionContext<'a>,
    /// The steps that the notification waits for.
    pub after: Vec<StepId>,
    /// The step that lets S3 call it, if one is needed.
    pub granted: Option<StepId>,
}

/// What to do with one bucket.
#[derive(Default)]
struct Bucket {
    put: BTreeMap<String, Notified>,
    remove: Vec<String>,
    changes: Vec<Change>,
    after: Vec<StepId>,
    granted: bool,
}

/// Whether a bucket notifies the function, now or after the plan.
pub(in crate::plan) fn touches(context: &FunctionContext) -> bool {
    !of(context).is_empty()
}

/// The steps that set the buckets' notifications, by bucket.
///
/// # Errors
///
/// [`Error::Overlap`]: a bucket has a notification that S3 does not accept together with
/// a wanted one.
pub(in crate::plan) fn plan(
    parts: &[Part],
    around: &Around,
    builder: &mut PlanBuilder,
) -> Result<BTreeMap<String, StepId>, Error> {
    let mut buckets: BTreeMap<String, Bucket> = BTreeMap::new();
    for part in parts {
        let context = part.context;
        let wanted = wanted(context);
        let mut left = found(context);
        for (id, notification) in wanted {
            foreign(parts, context, id, notification)?;
            let existing = left.remove(id);
            let same = |one: &&(&Notification, bool)| *one.0 == *notification && one.1;
            if existing.as_ref().filter(same).is_some() {
                continue;
            }
            let bucket = buckets.entry(notification.bucket.clone()).or_default();
            bucket.remove.extend(superseded(context, notification));
            let notification = notification.clone();
            let arn = called(context, around);
            bucket
                .put
                .insert(id.clone(), Notified { notification, arn });
            bucket.granted |= part.granted.is_some();
            bucket.touch(part);
        }
        for (id, (notification, _)) in left {
            let bucket = buckets.entry(notification.bucket.clone()).or_default();
            bucket.remove.push(id.clone());
            bucket.touch(part);
        }
    }
    for part in parts {
        for (name, bucket) in &mut buckets {
            bucket.changes.extend(changes(part.context, name));
        }
    }
    let steps = buckets.into_iter().map(|(name, bucket)| {
        let step = builder.add(bucket.step(&name));
        (name, step)
    });
    Ok(steps.collect())
}

impl Bucket {
    fn touch(&mut self, part: &Part) {
        self.after.extend(part.after.iter().cloned());
        self.after.extend(part.granted.clone());
    }

    fn step(self, name: &str) -> Step {
        Step {
            id: id("notify", name),
            resource: format!("notifications of bucket {name}"),
            reasons: match self.changes.is_empty() {
                true if self.put.is_empty() => vec!["left the manifest".to_owned()],
                true => vec![reasons::MOVED.to_owned()],
                false => reasons::sentences(&self.changes, "S3"),
            },
            action: Action::SetNotifications {
                bucket: name.to_owned(),
                put: self.put,
                remove: self.remove,
                granted: self.granted,
            },
            after: self.after,
            changes: self.changes,
        }
    }
}

/// The buckets that notify the function, now or after the plan.
pub(in crate::plan) fn of<'a>(context: &FunctionContext<'a>) -> BTreeSet<&'a str> {
    let wanted = wanted(context).into_iter().map(|(_, one)| one);
    let found = found(context).into_values().map(|(one, _)| one);
    wanted.chain(found).map(|one| one.bucket.as_str()).collect()
}

/// The wanted notifications, by id.
fn wanted<'a>(context: &FunctionContext<'a>) -> Vec<(&'a String, &'a Notification)> {
    let Intent::Set(wanted) = fate(context) else {
        return Vec::new();
    };
    let notification = |push: &'a Push| match push {
        Push::Notification(one) => Some(one),
        _ => None,
    };
    let known = waiting::known(context.wanted, wanted).map(|(_, one)| one);
    known
        .filter_map(|one| Some((&one.id, notification(&one.push)?)))
        .collect()
}

/// jot's existing notifications, by id, and whether each notifies the function.
///
/// Excludes those that may belong to a trigger with an unknown bucket.
fn found<'a>(context: &FunctionContext<'a>) -> BTreeMap<&'a String, (&'a Notification, bool)> {
    if matches!(fate(context), Intent::Leave) {
        return BTreeMap::new();
    }
    let notification = |one: &'a PushState| match &one.push {
        Push::Notification(push) => Some((push, one.calls)),
        _ => None,
    };
    let wanted = wanted(context);
    let stays = |id: &String, one: &PushState| {
        let declared = wanted.iter().any(|(wanted, _)| *wanted == id);
        !declared && waiting::may_be(context.wanted, &one.push)
    };
    let all = context.found.reach.pushes.iter();
    let all = all.filter(|(id, one)| !stays(id, one));
    all.filter_map(|(id, one)| Some((id, notification(one)?)))
        .collect()
}

/// Every field that differs in the function's notifications of a bucket, by the names of the
/// triggers.
fn changes(context: &FunctionContext, bucket: &str) -> Vec<Change> {
    let of = |one: &Notification| one.bucket == bucket;
    let by_name = |all: Vec<(&String, Notification)>| {
        let all = all.into_iter().filter(|(_, one)| of(one));
        let named = all.map(|(id, one)| (name(context, id), Push::Notification(one)));
        named.collect::<BTreeMap<String, Push>>()
    };
    let existing = found(context);
    let stray = |id: &String| existing.get(id).is_some_and(|(_, calls)| !calls);
    let new = by_name(
        wanted(context)
            .into_iter()
            .map(|(id, one)| (id, one.clone()))
            .collect(),
    );
    let old = existing.iter().filter(|(id, _)| !stray(id));
    let old = by_name(old.map(|(id, (one, _))| (*id, (*one).clone())).collect());
    let mut names: Vec<&String> = old.keys().chain(new.keys()).collect();
    names.sort();
    names.dedup();
    let cause = named::cause(context);
    let each = names.into_iter().flat_map(|name| {
        let changes = fields(old.get(name), new.get(name), cause).into_iter();
        changes.map(move |change| Change {
            field: format!("{}.{name}.{}", context.wanted.key, change.field),
            ..change
        })
    });
    each.collect()
}

/// Notifications of the former function that overlap the wanted one: the same request removes them.
fn superseded(context: &FunctionContext, wanted: &Notification) -> Vec<String> {
    let former = context.wanted.reach.former.as_ref();
    let existing = context.found.reach.buckets.get(&wanted.bucket);
    let (Some(former), Some(existing)) = (former, existing) else {
        return Vec::new();
    };
    let others = existing.others.iter();
    let others = others
        .filter(|(id, other)| id.starts_with(&former.push_prefix) && is_overlapping(wanted, other));
    others.map(|(id, _)| id.clone()).collect()
}

/// Refuses a notification that overlaps one that is not jot's.
fn foreign(
    parts: &[Part],
    context: &FunctionContext,
    id: &str,
    wanted: &Notification,
) -> Result<(), Error> {
    let Some(bucket) = context.found.reach.buckets.get(&wanted.bucket) else {
        return Ok(());
    };
    // Other functions of the plan may change their notifications too, and the manifest has no two
    // that overlap.
    let ours = |other: &str| {
        let reaches = parts.iter().map(|part| &part.context.wanted.reach);
        let mut prefixes = reaches.flat_map(Reach::push_prefixes);
        prefixes.any(|prefix| other.starts_with(prefix))
    };
    let mut others = bucket.others.iter().filter(|(other, _)| !ours(other));
    match others.find(|(_, other)| is_overlapping(wanted, other)) {
        None => Ok(()),
        Some((other, _)) => Err(Error::Overlap {
            key: context.wanted.key.clone(),
            trigger: name(context, id),
            bucket: wanted.bucket.clone(),
            other: other.clone(),
        }),
    }
}
