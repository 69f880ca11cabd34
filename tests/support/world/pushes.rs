//! The effects of steps on what calls a function from other services, and what `observe` sees of
//! it.

use std::collections::{BTreeMap, BTreeSet};

use jot::model::{
    Action, Function, Push, PushState,
    desired::Desired,
    push::{Bucket, Notification, Source, bucket_of, is_overlapping, push_prefix},
    reach::{Found, Statement},
};

use super::{Lambda, World, run::Run};

/// The caller, and the ARN that it calls.
#[derive(Clone, Debug, PartialEq)]
pub struct Calling {
    pub push: Push,
    pub calls: String,
}

impl Run<'_> {
    /// Whether the action is one of these; if so, executes it.
    pub fn pushes(&mut self, action: &Action) -> bool {
        match action {
            Action::PutPush {
                function,
                trigger,
                id,
                push,
                calls,
                creates,
            } => {
                let id = match (push, creates) {
                    (Push::Subscription(one), true) => format!("{}:{calls}", one.topic),
                    _ => id.clone(),
                };
                assert_eq!(self.world.pushes.contains_key(&id), !creates, "{id}");
                match push {
                    Push::Schedule(one) => self.assert_may_schedule(calls, one),
                    _ => self.assert_may_call(calls, &push.source(&id)),
                }
                assert!(self.wanted(function).reach.pushes.contains_key(trigger));
                self.put(id, push.clone(), calls);
            }
            Action::DeletePush { id, .. } => {
                assert!(self.world.pushes.remove(id).is_some(), "no {id}");
            }
            Action::SetNotifications {
                bucket,
                put,
                remove,
                granted,
            } => {
                for id in remove {
                    assert!(id.starts_with("jot-"), "{id} is not jot's");
                    assert!(self.world.pushes.remove(id).is_some(), "no {id}");
                }
                for (id, one) in put {
                    let source = Source::Bucket(bucket.clone());
                    self.assert_may_call(&one.arn, &source);
                    assert_eq!(one.notification.bucket, *bucket);
                    self.put(
                        id.clone(),
                        Push::Notification(one.notification.clone()),
                        &one.arn,
                    );
                }
                let _ = granted;
                self.assert_apart(bucket);
            }
            _ => return false,
        }
        true
    }

    fn put(&mut self, id: String, push: Push, calls: &str) {
        let calls = calls.to_owned();
        self.world.pushes.insert(id, Calling { push, calls });
    }

    /// The policy of the called function names the source.
    fn assert_may_call(&self, arn: &str, source: &Source) {
        let place = arn.split(":function:").nth(1).unwrap();
        let (name, alias) = place.split_once(':').unwrap_or((place, ""));
        let lambda = self.world.functions.get(name);
        let lambda = lambda.unwrap_or_else(|| panic!("there is no function {name}"));
        let exists = alias.is_empty() || lambda.aliases.contains_key(alias);
        assert!(exists, "{name} has no alias {alias}");
        let found = lambda.reach.get(alias);
        let mut statements = found
            .into_iter()
            .flat_map(|found| found.statements.values());
        let permits = statements.any(|one| Source::of(one).as_ref() == Some(source));
        assert!(permits, "{arn} may not be called by {source:?}");
    }

    /// As S3 does: no event belongs to two notifications.
    fn assert_apart(&self, bucket: &str) {
        let ours = self
            .world
            .pushes
            .values()
            .filter_map(|one| match &one.push {
                Push::Notification(one) if one.bucket == bucket => Some(one),
                _ => None,
            });
        let theirs = self.world.buckets.get(bucket);
        let theirs = theirs.into_iter().flat_map(|bucket| bucket.others.values());
        let all: Vec<&Notification> = ours.chain(theirs).collect();
        for (number, one) in all.iter().enumerate() {
            let mut rest = all.iter().skip(number + 1);
            assert!(
                !rest.any(|other| is_overlapping(one, other)),
                "{one:?} overlaps"
            );
        }
    }
}

impl World {
    /// Replaces a function's triggers with what was observed. The bucket keeps what is not the
    /// function's.
    pub fn add_pushes(&mut self, arn: &str, found: &Found) {
        for (id, one) in &found.pushes {
            let calls = if one.calls { arn } else { "elsewhere" };
            let (push, calls) = (one.push.clone(), calls.to_owned());
            self.pushes.insert(id.clone(), Calling { push, calls });
        }
        for (name, bucket) in &found.buckets {
            let all = self.buckets.entry(name.clone()).or_default();
            all.eventbridge = bucket.eventbridge;
            all.others.extend(bucket.others.clone());
        }
        let ours: Vec<String> = self.pushes.keys().cloned().collect();
        for bucket in self.buckets.values_mut() {
            bucket.others.retain(|id, _| !ours.contains(id));
        }
    }

    /// Refuses to delete a function that a caller of jot's in the function's policy still calls.
    pub fn assert_uncalled(&self, name: &str, desired: &Desired) {
        let Some(lambda) = self.functions.get(name) else {
            return;
        };
        self.assert_unscheduled(name, lambda, desired);
        let key = lambda
            .latest
            .tags
            .get("jot:function")
            .map_or(name, String::as_str);
        let left = self.pushes_of(desired, name, key, lambda);
        let left: Vec<&String> = left
            .iter()
            .filter(|(_, one)| one.calls)
            .map(|(id, _)| id)
            .collect();
        assert!(left.is_empty(), "{left:?} would outlive {name}");
    }

    /// As `observe` does: what the manifest names, and what the statements of the alias's policy
    /// name.
    pub fn observe_pushes(
        &self,
        wanted: &Function,
        statements: &BTreeMap<String, Statement>,
    ) -> (BTreeMap<String, PushState>, BTreeMap<String, Bucket>) {
        let reach = &wanted.reach;
        let declared = reach.pushes.values().map(|one| one.push.source(&one.id));
        let mut sources: BTreeSet<Source> = declared.filter(is_known).collect();
        sources.extend(
            reach
                .push_prefixes()
                .flat_map(|prefix| named(prefix, statements)),
        );
        let arn = self.alias_arn(&wanted.name, wanted.deploy.alias.as_deref());
        let mut found = self.seen(&sources, (&reach.push_prefix, &arn));
        let former = reach.former.as_ref().map(|one| one.push_prefix.as_str());
        if let Some(former) = former {
            let before = self.seen(&sources, (former, &arn)).into_iter();
            found.extend(before.filter(|(_, one)| one.calls));
        }
        let sending = reach.pushes.values().filter_map(|one| match &one.push {
            Push::Rule(rule) => bucket_of(&rule.pattern),
            _ => None,
        });
        let asked = sources.iter().filter_map(|source| match source {
            Source::Bucket(name) => Some(name.clone()),
            _ => None,
        });
        let asked: BTreeSet<String> = asked.collect();
        let sending = sending.filter(|bucket| !bucket.is_empty());
        let names: BTreeSet<String> = asked.iter().cloned().chain(sending).collect();
        let buckets = names.into_iter().map(|name| {
            let mut bucket = self.buckets.get(&name).cloned().unwrap_or_default();
            let ours = asked.contains(&name);
            for (id, one) in &self.pushes {
                if let Push::Notification(one) = &one.push
                    && one.bucket == name
                    && !(ours && found.contains_key(id))
                {
                    bucket.others.insert(id.clone(), one.clone());
                }
            }
            (name, bucket)
        });
        let buckets = buckets.collect();
        (found, buckets)
    }

    /// As `observe` does for a function that is not declared: what the statements name.
    pub fn pushes_of(
        &self,
        desired: &Desired,
        name: &str,
        key: &str,
        lambda: &Lambda,
    ) -> BTreeMap<String, PushState> {
        let prefix = push_prefix(&desired.project, desired.target.as_deref(), key);
        let mut all = BTreeMap::new();
        for (alias, found) in &lambda.reach {
            let sources = named(&prefix, &found.statements);
            let alias = (!alias.is_empty()).then_some(alias.as_str());
            all.extend(self.seen(&sources, (&prefix, &self.alias_arn(name, alias))));
        }
        all
    }

    fn seen(
        &self,
        sources: &BTreeSet<Source>,
        (prefix, arn): (&str, &str),
    ) -> BTreeMap<String, PushState> {
        let ours = |id: &String, one: &Calling| match one.push {
            Push::Subscription(_) => one.calls == arn,
            _ => id.starts_with(prefix),
        };
        let found = self
            .pushes
            .iter()
            .filter(|(id, one)| ours(id, one) && sources.contains(&one.push.source(id)));
        let found = found.map(|(id, one)| {
            let (push, calls) = (one.push.clone(), one.calls == arn);
            (id.clone(), PushState { push, calls })
        });
        found.collect()
    }

    pub fn alias_arn(&self, name: &str, alias: Option<&str>) -> String {
        let arn = format!(
            "arn:aws:lambda:{}:{}:function:{name}",
            self.region, self.account
        );
        match alias {
            Some(alias) => format!("{arn}:{alias}"),
            None => arn,
        }
    }
}

/// Whether it is not a name from another source that was not read.
fn is_known(source: &Source) -> bool {
    match source {
        Source::Bucket(name) | Source::Topic(name) => !name.is_empty(),
        Source::Rule(..) | Source::Schedule(..) => true,
    }
}

fn named(prefix: &str, statements: &BTreeMap<String, Statement>) -> BTreeSet<Source> {
    let ours = statements.iter().filter(|(id, _)| id.starts_with(prefix));
    ours.filter_map(|(_, one)| Source::of(one)).collect()
}
