//! Gradual traffic shifts: a new version takes more and more of the traffic, as long as its calls
//! and the alarms permit.
//!
//! Only this apply runs between the steps. The alias's description says what is in progress and
//! until when this apply promises to continue: if it is killed, the next apply returns the traffic.

use std::{collections::BTreeMap, time::Duration};

use jiff::{SignedDuration, Timestamp};

use super::{
    Error, Shared,
    looks::{counted, says, window},
};
use crate::{
    model::{
        Event, Function, StepId,
        release::{By, Held, Releases, Shift},
        traffic::{Calls, Traffic},
        version,
    },
    remote::{
        self, Aws,
        aws::{Asked, Pointed},
    },
    verdict::{Limits, Verdict, verdict},
};

/// Minutes beyond the next check after which another apply may return the traffic.
const LATE_MIN: u32 = 5;

/// Message for an alarm that returns the traffic.
const RED: &str = "is in state ALARM";

/// A traffic shift: what moves, and how.
pub(super) struct Move<'a> {
    pub key: &'a str,
    /// The version that takes the traffic.
    pub to: &'a str,
    /// The earlier releases; the first has the traffic.
    pub record: &'a Releases,
    /// The alias's revision at planning.
    pub revision: Option<&'a str>,
    pub traffic: &'a Traffic,
}

/// Why the traffic is returned.
enum Back {
    /// The user asked to stop.
    Interrupted,
    /// No verdict in time; the version may be tried again.
    RanOut(String),
    /// The new version is refused.
    Refused(String),
}

/// A traffic shift in progress.
struct Shifting<'a> {
    shared: &'a Shared,
    step: &'a StepId,
    what: &'a Move<'a>,
    function: &'a Function,
    alias: &'a str,
    /// The version that has the traffic.
    from: String,
    run: String,
    limits: Limits,
    interval: u32,
}

impl Shared {
    /// Moves the traffic step by step; returns a few words on the outcome.
    ///
    /// # Errors
    ///
    /// [`Error::Alarm`] before traffic moved, [`Error::Returned`] after all of it was returned,
    /// [`Error::Changed`] if the alias was changed outside jot: then it is not touched.
    pub(super) async fn shift(&self, step: &StepId, what: Move<'_>) -> Result<String, Error> {
        let function = self.function(what.key)?;
        let (Some(alias), Some(from)) = (&function.deploy.alias, what.record.versions.first())
        else {
            return Err(Error::Stale {
                what: format!("a release of `{}`", what.key),
            });
        };
        let timeout = function.timeout_s();
        let shifting = Shifting {
            shared: self,
            step,
            function,
            alias,
            from: from.clone(),
            run: run(&self.clients.run),
            limits: Limits {
                max_error_rate: what.traffic.max_error_rate,
                min_calls: u64::from(what.traffic.min_calls),
                looks: what.traffic.looks(timeout),
            },
            interval: what.traffic.interval_min(timeout),
            what: &what,
        };
        shifting.run().await
    }
}

impl Shifting<'_> {
    async fn run(&self) -> Result<String, Error> {
        if let Some((alarm, why)) = self.red().await? {
            return Err(Error::Alarm { alarm, why });
        }
        self.estimate().await?;
        let began = Timestamp::now();
        for percent in &self.what.traffic.steps {
            let looked = async {
                self.point(*percent).await?;
                self.observe(*percent).await
            };
            if let Some(back) = unless_lost(looked.await)? {
                return self.give_back(back).await;
            }
        }
        let to = self.what.to;
        let record = self.what.record.with(to);
        self.set(&record, (to, &BTreeMap::new()), self.shared.aws()?)
            .await?;
        if let Some(back) = unless_lost(self.watch(began).await)? {
            return self.give_back(back).await;
        }
        Ok(format!("{} -> version {to}", self.alias))
    }

    /// Reports how many calls a step can expect, by the calls of the last hour.
    async fn estimate(&self) -> Result<(), Error> {
        let now = Timestamp::now();
        let calls = self.calls(now - SignedDuration::from_hours(1), now).await?;
        let hour = calls.values().map(|calls| calls.all).sum::<u64>();
        let percent = self.what.traffic.steps.first().copied().unwrap_or_default();
        let seen = hour * u64::from(self.interval) * u64::from(percent) / 6000;
        let minutes = self.interval;
        self.report(&format!(
            "{hour} calls in the last hour: {percent}% of {minutes} minutes is about {seen}, and \
             {} are needed",
            self.limits.min_calls
        ));
        Ok(())
    }

    /// Gives the new version this share, and records until when.
    async fn point(&self, percent: u8) -> Result<(), Error> {
        let weights = BTreeMap::from([(self.what.to.to_owned(), f64::from(percent) / 100.0)]);
        let record = self.shifting(percent);
        self.set(&record, (&self.from, &weights), self.shared.aws()?)
            .await
    }

    fn shifting(&self, percent: u8) -> Releases {
        let ahead = SignedDuration::try_from(self.shared.clients.minute)
            .unwrap_or(SignedDuration::from_mins(1))
            * i32::try_from(self.interval + LATE_MIN).unwrap_or(i32::MAX);
        let until = Timestamp::now() + ahead;
        Releases {
            shift: Some(Shift {
                to: self.what.to.to_owned(),
                step: percent,
                run: self.run.clone(),
                until: until.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            }),
            ..self.what.record.clone()
        }
    }

    /// Watches a step until it passes (`None`) or the traffic has to be returned.
    async fn observe(&self, percent: u8) -> Result<Option<Back>, Error> {
        let began = Timestamp::now();
        let mut held = 0;
        loop {
            if let Some(back) = self.wait(self.interval).await? {
                return Ok(Some(back));
            }
            let calls = self.calls(began, Timestamp::now()).await?;
            let (old, new) = (self.of(&calls, &self.from), self.of(&calls, self.what.to));
            let seen = verdict(old, new, &self.limits);
            self.report(&format!(
                "{percent}%: {}",
                says(seen, old, new, &self.limits)
            ));
            match seen {
                Verdict::Pass => return Ok(None),
                Verdict::Fail => return Ok(Some(Back::Refused(counted(new)))),
                _ if held + self.interval > self.what.traffic.hold_minutes => {
                    let why = says(seen, old, new, &self.limits);
                    return Ok(Some(Back::RanOut(why)));
                }
                _ => {
                    held += self.interval;
                    self.point(percent).await?;
                }
            }
        }
    }

    /// Watches a version that has all traffic, compared with the previous version during the steps.
    async fn watch(&self, began: Timestamp) -> Result<Option<Back>, Error> {
        let mut left = self.what.traffic.watch_minutes;
        while left > 0 {
            let minutes = left.min(self.interval);
            left -= minutes;
            if let Some(back) = self.wait(minutes).await? {
                return Ok(Some(back));
            }
            let calls = self.calls(began, Timestamp::now()).await?;
            let (old, new) = (self.of(&calls, &self.from), self.of(&calls, self.what.to));
            if verdict(old, new, &self.limits) == Verdict::Fail {
                return Ok(Some(Back::Refused(counted(new))));
            }
        }
        Ok(None)
    }

    /// Waits for this many minutes; reads the alarms at the end of each.
    async fn wait(&self, minutes: u32) -> Result<Option<Back>, Error> {
        for _ in 0..minutes {
            let minute = async {
                tokio::time::sleep(self.shared.clients.minute).await;
                Ok(())
            };
            if self.shared.droppable(minute).await.is_err() {
                return Ok(Some(Back::Interrupted));
            }
            if let Some((alarm, why)) = self.red().await? {
                let said = format!("alarm {alarm} {why}");
                return Ok(Some(match why {
                    RED => Back::Refused(said),
                    _ => Back::RanOut(said),
                }));
            }
        }
        Ok(None)
    }

    /// The first alarm that forbids continuing, and why.
    async fn red(&self) -> Result<Option<(String, &'static str)>, Error> {
        let ignored = &self.shared.desired.ignored_alarms;
        let names = self.what.traffic.alarms.iter();
        let names: Vec<String> = names
            .filter(|name| !ignored.contains(*name))
            .cloned()
            .collect();
        if names.is_empty() {
            return Ok(None);
        }
        let states = self.shared.aws()?.alarms(&names).await?;
        Ok(names.into_iter().find_map(|name| match states.get(&name) {
            Some(false) => None,
            Some(true) => Some((name, RED)),
            None => Some((name, "does not exist in this region")),
        }))
    }

    /// Returns all traffic to the previous version, in one request.
    async fn give_back(&self, back: Back) -> Result<String, Error> {
        let before = self.what.record;
        // Runs to its end even if the user asks to stop.
        let aws = self.shared.aws()?.clone().to_the_end();
        let (record, held) = match &back {
            Back::Refused(_) => (before.holding(self.held(&aws).await), true),
            Back::Interrupted | Back::RanOut(_) => (before.clone(), false),
        };
        let record = record.with(&self.from);
        self.set(&record, (&self.from, &BTreeMap::new()), &aws)
            .await?;
        let why = match back {
            Back::Interrupted => return Err(Error::Interrupted),
            Back::RanOut(why) | Back::Refused(why) => why,
        };
        Err(Error::Returned {
            function: self.what.key.to_owned(),
            version: self.what.to.to_owned(),
            from: self.from.clone(),
            why,
            help: match held {
                true => {
                    "this code is held: other code is released as usual, this one by `jot apply \
                     --retry`"
                }
                false => "nothing is held: the next `jot apply` tries again",
            },
        })
    }

    /// What is held back about the new version: its code, or code and settings if the previous
    /// version has the same code.
    async fn held(&self, aws: &Aws) -> Held {
        let wanted = self.function;
        let tag = wanted.code.tag();
        let before = aws.function(&wanted.name, Some(&self.from)).await;
        let before = before.ok().flatten().map(|one| one.config.description);
        let code = before.as_deref().and_then(version::described);
        let same = code.is_some_and(|(fingerprint, _)| fingerprint == tag);
        Held {
            version: self.what.to.to_owned(),
            fingerprint: tag.to_owned(),
            config: same.then(|| wanted.config_digest.clone()),
            by: By::Steps,
        }
    }

    async fn set(
        &self,
        record: &Releases,
        (version, weights): (&str, &BTreeMap<String, f64>),
        aws: &Aws,
    ) -> Result<(), Error> {
        let description = record.to_string();
        let to = Pointed {
            version,
            weights,
            description: &description,
        };
        let (name, key) = (&self.function.name, self.what.key);
        let seen = self.shared.seen_alias(key);
        let revision = seen.as_deref().or(self.what.revision).unwrap_or_default();
        match aws.update_alias(name, self.alias, to, revision).await {
            Ok(set) => self.shared.remember_alias(key, set.revision),
            Err(remote::Error::Changed { .. } | remote::Error::Conflict { .. }) => {
                self.shared.points_at(self.function, self.alias, to).await?;
            }
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    async fn calls(
        &self,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<BTreeMap<String, Calls>, Error> {
        let (from, to) = window(from, to, self.function.timeout_s());
        let asked = Asked {
            function: &self.function.name,
            alias: self.alias,
            from,
            to,
        };
        let aws = self.shared.aws()?;
        Ok(aws.calls(asked, &[&self.from, self.what.to]).await?)
    }

    fn of(&self, calls: &BTreeMap<String, Calls>, version: &str) -> Calls {
        calls.get(version).copied().unwrap_or_default()
    }

    fn report(&self, line: &str) {
        self.shared.send(Event::Looked {
            step: self.step.clone(),
            says: line.to_owned(),
        });
    }
}

/// Any other end of a check returns the traffic; an alias that was changed outside jot is not
/// touched.
fn unless_lost(looked: Result<Option<Back>, Error>) -> Result<Option<Back>, Error> {
    match looked {
        Ok(_) | Err(Error::Changed { .. } | Error::Gone { .. }) => looked,
        Err(Error::Interrupted) => Ok(Some(Back::Interrupted)),
        Err(error) => Ok(Some(Back::RanOut(error.to_string()))),
    }
}

/// A few hex digits that identify this apply.
fn run(id: &str) -> String {
    let hex = id.chars().filter(char::is_ascii_hexdigit);
    let hex: String = hex.take(4).collect();
    match hex.is_empty() {
        true => "0".to_owned(),
        false => hex,
    }
}

/// How long a minute of a traffic shift takes.
pub const MINUTE: Duration = Duration::from_secs(60);
