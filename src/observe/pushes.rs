//! Event sources at other services.
//!
//! Those that the manifest declares are requested together with the function; those that it no
//! longer has are found by the statements of the function's policy, which are deleted last.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
};

use futures_util::future::try_join_all;
use tokio::sync::OnceCell;

use crate::{
    model::{
        Push, PushState,
        desired::Function,
        push::{Bucket, Source, Subscription, bucket_of},
        reach::{Found, Statement},
    },
    remote::{Aws, Error, aws::push::Notifications},
};

/// Answers that several functions may need, each requested once.
#[derive(Default)]
pub(super) struct Answers {
    buckets: Once<Notifications>,
    topics: Once<Vec<(String, String)>>,
}

struct Once<T>(Mutex<BTreeMap<String, Arc<OnceCell<T>>>>);

impl<T> Default for Once<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: Clone> Once<T> {
    async fn get(
        &self,
        key: &str,
        ask: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        let cell = {
            let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            all.entry(key.to_owned()).or_default().clone()
        };
        cell.get_or_try_init(|| ask).await.cloned()
    }
}

#[derive(Default)]
pub(super) struct Pushes {
    /// What calls the function, or has a name that jot makes for it.
    pub found: BTreeMap<String, PushState>,
    /// What else buckets send.
    pub buckets: BTreeMap<String, Bucket>,
}

impl Pushes {
    fn all(parts: Vec<Self>) -> Self {
        let mut all = Self::default();
        for part in parts {
            all.found.extend(part.found);
            all.buckets.extend(part.buckets);
        }
        all
    }
}

/// Names to look for: the function's name and alias, and the prefix of jot's names for it.
struct Owner<'a> {
    name: &'a str,
    alias: Option<&'a str>,
    prefix: &'a str,
    /// The prefix under the function's former key, for what still calls this function.
    former: Option<&'a str>,
}

impl<'a> Owner<'a> {
    fn of(wanted: &'a Function) -> Self {
        Self {
            name: &wanted.name,
            alias: wanted.deploy.alias.as_deref(),
            prefix: &wanted.reach.push_prefix,
            former: wanted
                .reach
                .former
                .as_ref()
                .map(|one| one.push_prefix.as_str()),
        }
    }

    /// Whether jot made this name for the function, under this key or the former one.
    fn made(&self, id: &str, calls: bool) -> bool {
        let before = |former: &str| calls && id.starts_with(former);
        id.starts_with(self.prefix) || self.former.is_some_and(before)
    }

    /// Whether the ARN is that of the function's alias, or of the function if it has none.
    fn is(&self, arn: &str) -> bool {
        let end = match self.alias {
            Some(alias) => format!(":function:{}:{alias}", self.name),
            None => format!(":function:{}", self.name),
        };
        arn.ends_with(&end)
    }
}

/// What the manifest declares, as observed.
pub(super) async fn declared(
    wanted: &Function,
    (aws, answers): (&Aws, &Answers),
) -> Result<Pushes, Error> {
    let owner = Owner::of(wanted);
    let sources = sources(wanted);
    let each = sources.iter().map(|one| of(one, &owner, (aws, answers)));
    let sending = sending(wanted);
    let sending = sending.iter().map(|bucket| sends(bucket, (aws, answers)));
    let (parts, sending) = tokio::try_join!(try_join_all(each), try_join_all(sending))?;
    Ok(Pushes::all(parts.into_iter().chain(sending).collect()))
}

/// What was found, and what the policy's statements name beyond the manifest.
pub(super) async fn indexed(
    wanted: &Function,
    statements: &BTreeMap<String, Statement>,
    found: Pushes,
    (aws, answers): (&Aws, &Answers),
) -> Result<Pushes, Error> {
    let owner = Owner::of(wanted);
    let mut more = named(owner.prefix, statements);
    // Statements in this function's own policy belong to no other function.
    more.extend(
        owner
            .former
            .iter()
            .flat_map(|former| named(former, statements)),
    );
    let known = sources(wanted);
    let each = more
        .difference(&known)
        .map(|one| of(one, &owner, (aws, answers)));
    let more = try_join_all(each).await?;
    Ok(Pushes::all([found].into_iter().chain(more).collect()))
}

/// Observes what the manifest declares under names that had to be resolved.
///
/// `wanted` is the function with resolved names, `before` the function as it was requested, and
/// `found` what was found then.
pub(super) async fn late(
    (wanted, before): (&Function, &Function),
    found: &Found,
    (aws, answers): (&Aws, &Answers),
) -> Result<Pushes, Error> {
    let owner = Owner::of(wanted);
    let mut known = sources(before);
    known.extend(found.pushes.iter().map(|(id, one)| one.push.source(id)));
    let buckets = found.buckets.keys().cloned();
    let buckets: BTreeSet<String> = buckets.chain(self::sending(before)).collect();
    let declared = sources(wanted);
    let each = declared
        .difference(&known)
        .map(|one| of(one, &owner, (aws, answers)));
    let declared = self::sending(wanted);
    let sending = declared.difference(&buckets);
    let sending = sending.map(|bucket| sends(bucket, (aws, answers)));
    let (parts, sending) = tokio::try_join!(try_join_all(each), try_join_all(sending))?;
    Ok(Pushes::all(parts.into_iter().chain(sending).collect()))
}

/// Everything that the statements of an alias's policy name under ids with the prefix.
pub(super) async fn all(
    (name, alias): (&str, Option<&str>),
    prefix: &str,
    aws: &Aws,
) -> Result<BTreeMap<String, PushState>, Error> {
    let owner = Owner {
        name,
        alias,
        prefix,
        former: None,
    };
    let answers = Answers::default();
    let statements = aws.policy(name, alias).await?;
    let sources = named(prefix, &statements);
    let each = sources.iter().map(|one| of(one, &owner, (aws, &answers)));
    Ok(Pushes::all(try_join_all(each).await?).found)
}

/// The sources of what is declared, as far as they are known.
fn sources(wanted: &Function) -> BTreeSet<Source> {
    let all = wanted.reach.pushes.values();
    let all = all.map(|one| one.push.source(&one.id));
    all.filter(|source| match source {
        Source::Bucket(name) | Source::Topic(name) => !name.is_empty(),
        Source::Rule(..) | Source::Schedule(..) => true,
    })
    .collect()
}

/// The buckets that have rules declared for their events, as far as they are known.
fn sending(wanted: &Function) -> BTreeSet<String> {
    let all = wanted.reach.pushes.values();
    let buckets = all.filter_map(|one| match &one.push {
        Push::Rule(rule) => bucket_of(&rule.pattern),
        _ => None,
    });
    buckets.filter(|bucket| !bucket.is_empty()).collect()
}

fn named(prefix: &str, statements: &BTreeMap<String, Statement>) -> BTreeSet<Source> {
    let ours = statements.iter().filter(|(id, _)| id.starts_with(prefix));
    ours.filter_map(|(_, one)| Source::of(one)).collect()
}

/// What exists at one source.
async fn of(
    source: &Source,
    owner: &Owner<'_>,
    (aws, answers): (&Aws, &Answers),
) -> Result<Pushes, Error> {
    match source {
        Source::Bucket(name) => {
            let asked = answers.buckets.get(name, aws.notifications(name));
            Ok(of_bucket(name, asked.await?, owner))
        }
        Source::Topic(topic) => of_topic(topic, owner, (aws, answers)).await,
        Source::Rule(bus, name) => {
            let found = aws.rule(bus, name).await?.map(|found| {
                let calls = matches!(found.targets.as_slice(), [one] if owner.is(one));
                let push = Push::Rule(found.rule);
                (name.clone(), PushState { push, calls })
            });
            Ok(Pushes {
                found: found.into_iter().collect(),
                ..Pushes::default()
            })
        }
        Source::Schedule(group, name) => {
            let found = aws.schedule(group, name).await?.map(|found| {
                let calls = owner.is(&found.target);
                let push = Push::Schedule(found.schedule);
                (name.clone(), PushState { push, calls })
            });
            Ok(Pushes {
                found: found.into_iter().collect(),
                ..Pushes::default()
            })
        }
    }
}

fn of_bucket(name: &str, notifications: Notifications, owner: &Owner) -> Pushes {
    let (ours, others): (Vec<_>, Vec<_>) = notifications
        .all
        .into_iter()
        .partition(|(id, one)| owner.made(id, owner.is(&one.arn)));
    let found = ours.into_iter().map(|(id, one)| {
        let calls = owner.is(&one.arn);
        let push = Push::Notification(one.notification);
        (id, PushState { push, calls })
    });
    let others = others.into_iter();
    let bucket = Bucket {
        others: others.map(|(id, one)| (id, one.notification)).collect(),
        eventbridge: notifications.eventbridge,
    };
    Pushes {
        found: found.collect(),
        buckets: BTreeMap::from([(name.to_owned(), bucket)]),
    }
}

/// SNS chooses the names of subscriptions: that of a function is found by its ARN.
async fn of_topic(
    topic: &str,
    owner: &Owner<'_>,
    (aws, answers): (&Aws, &Answers),
) -> Result<Pushes, Error> {
    let all = answers.topics.get(topic, aws.subscribers(topic)).await?;
    let ours = all.into_iter().filter(|(_, function)| owner.is(function));
    let each = ours.map(async |(arn, _)| {
        let found: Option<Subscription> = aws.subscription(topic, &arn).await?;
        Ok::<_, Error>(found.map(|found| {
            let push = Push::Subscription(found);
            (arn, PushState { push, calls: true })
        }))
    });
    let found = try_join_all(each).await?;
    Ok(Pushes {
        found: found.into_iter().flatten().collect(),
        ..Pushes::default()
    })
}

/// Whether a bucket sends its events to EventBridge; `None` if that may not be read.
async fn sends(bucket: &str, (aws, answers): (&Aws, &Answers)) -> Result<Pushes, Error> {
    match answers.buckets.get(bucket, aws.notifications(bucket)).await {
        Ok(notifications) => {
            let eventbridge = notifications.eventbridge;
            let others = notifications.all.into_iter();
            let found = Bucket {
                others: others.map(|(id, one)| (id, one.notification)).collect(),
                eventbridge,
            };
            Ok(Pushes {
                buckets: BTreeMap::from([(bucket.to_owned(), found)]),
                ..Pushes::default()
            })
        }
        Err(Error::AccessDenied { .. }) => Ok(Pushes::default()),
        Err(error) => Err(error),
    }
}
