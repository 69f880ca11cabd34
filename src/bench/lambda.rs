//! Rounds in Lambda.
//!
//! Every published version has execution environments of its own, so its first call is a cold
//! start. Lambda publishes a version only if `$LATEST` changed, and the memory size of a version is
//! also that of `$LATEST`. A change of the function's own `$LATEST` would appear in `jot plan` and
//! in concurrent applies, would serve traffic of a function without an alias, would use the
//! function's reserved concurrency, and would remain after a `kill -9`.
//!
//! jot therefore makes a copy: same code, role and settings, the requested memory size, no trigger,
//! no alias, no caller. The temporary versions belong to the copy and are deleted with it. The copy
//! writes to the function's own log group, so that no other one remains.
//!
//! Copies have the tags `jot:bench` and `jot:bench-began`, not `jot:project`, so no plan sees them.
//! If a `kill -9` leaves one, the first benchmark of the project a day later deletes it.

use std::{
    collections::BTreeMap,
    time::{SystemTime, UNIX_EPOCH},
};

use sha2::{Digest, Sha256};
use tokio::sync::watch;

use super::{
    Error,
    entrant::{Entrant, Tally},
    order,
};
use crate::{
    logs::{Reported, reported},
    model::{
        Config, Contender, Hints, LastUpdate, Quantity, Rounds, Site, State, TestResult,
        observed::FunctionState,
    },
    remote::{
        self, Aws,
        aws::{NewFunction, NewZip, ZipCode},
    },
    verify,
};

/// Tag of a copy with the project's name.
const TAG: &str = "jot:bench";
/// Tag of a copy with its creation time, Unix time in seconds.
const TAG_BEGAN: &str = "jot:bench-began";
/// Age in seconds after which no benchmark uses a copy any more.
const FORGOTTEN_S: u64 = 24 * 60 * 60;
/// Length of the longest function name, in characters.
/// <https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html>
const LONGEST: usize = 64;

/// A contender that is a copy of a function.
#[derive(Clone, Debug)]
pub struct Copied {
    /// What to call, and with which settings.
    pub entrant: Entrant,
    /// The name of the original function.
    pub original: String,
    /// Its settings, as Lambda reports them.
    pub like: FunctionState,
    /// The code of the copy.
    pub code: CopiedCode,
    /// The log group of the copy.
    pub log_group: String,
}

/// The code of a copy.
#[derive(Clone, Debug)]
pub enum CopiedCode {
    /// An image by its digest: `host/repository@sha256:...`.
    Image(String),
    /// A zip archive, in the request or in S3.
    Archive(ZipCode),
}

/// Measures the contenders in turns, then deletes the copies, also after a failure or a stop.
///
/// Calls `began` with the number of each round, from 1. `run` is unique to this run.
///
/// # Errors
/// An AWS request failed; [`Error::Interrupted`] after `stop`.
pub async fn lambda(
    aws: &Aws,
    (project, run): (&str, &str),
    contenders: &[Copied],
    rounds: Rounds,
    stop: watch::Receiver<bool>,
    began: &mut (dyn FnMut(u32) + Send),
) -> Result<Vec<Contender>, Error> {
    let bench = Bench {
        aws,
        tags: tags(project),
        stop,
        rounds,
    };
    let named = contenders.iter().enumerate();
    let copies: Vec<(String, &Copied)> = named
        .map(|(index, one)| (copy_name(&one.original, run, index), one))
        .collect();
    let measured = bench.run(&copies, began).await;
    let cleared = clear(aws, copies.iter().map(|(name, _)| name.as_str())).await;
    let measured = measured?;
    cleared.map(|()| measured)
}

/// Deletes copies that a benchmark of the project left more than a day ago.
///
/// # Errors
/// An AWS request failed.
pub async fn sweep(aws: &Aws, project: &str) -> Result<(), remote::Error> {
    for one in aws.tagged(TAG, project).await? {
        let began = one.tags.get(TAG_BEGAN).and_then(|text| text.parse().ok());
        let name = one.arn.split(":function:").nth(1);
        if let (Some(began), Some(name)) = (began, name)
            && now_s().saturating_sub(began) > FORGOTTEN_S
        {
            aws.delete_function(name).await?;
        }
    }
    Ok(())
}

async fn clear<'a>(aws: &Aws, names: impl Iterator<Item = &'a str>) -> Result<(), Error> {
    let mut cleared = Ok(());
    for name in names {
        if let Err(cause) = aws.delete_function(name).await {
            cleared = Err(Error::Left {
                name: name.to_owned(),
                cause: Box::new(cause),
            });
        }
    }
    cleared
}

fn tags(project: &str) -> BTreeMap<String, String> {
    BTreeMap::from([
        (TAG.to_owned(), project.to_owned()),
        (TAG_BEGAN.to_owned(), now_s().to_string()),
    ])
}

fn now_s() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.unwrap_or_default().as_secs()
}

/// A name for the copy that names its original and is unique to the run.
fn copy_name(original: &str, run: &str, index: usize) -> String {
    let hash = hex::encode(Sha256::digest(format!("{run} {index}")));
    let end = format!("-bench-{}", &hash[..8]);
    // A function's name is ASCII.
    let kept = original.len().min(LONGEST - end.len());
    format!("{}{end}", &original[..kept])
}

struct Bench<'a> {
    aws: &'a Aws,
    tags: BTreeMap<String, String>,
    stop: watch::Receiver<bool>,
    rounds: Rounds,
}

impl Bench<'_> {
    async fn run(
        &self,
        copies: &[(String, &Copied)],
        began: &mut (dyn FnMut(u32) + Send),
    ) -> Result<Vec<Contender>, Error> {
        let mut tallies = vec![Tally::default(); copies.len()];
        let mut versions = vec![None; copies.len()];
        for round in 0..self.rounds.runs {
            began(round + 1);
            for index in order(copies.len(), round) {
                let ((name, copied), tally) = (&copies[index], &mut tallies[index]);
                if tally.failed.is_some() {
                    continue;
                }
                if round == 0 {
                    self.create(name, copied).await?;
                }
                let version = self.publish(name, copied, round).await?;
                if versions[index].replace(version.clone()).as_ref() == Some(&version) {
                    return Err(Error::NotPublished { name: name.clone() });
                }
                self.call(name, &version, copied, tally).await?;
            }
        }
        let ended = copies.iter().zip(tallies);
        Ok(ended
            .map(|((_, copied), tally)| tally.contender(&copied.entrant, Site::Lambda))
            .collect())
    }

    /// Makes the copy. The name is unique, so an existing copy was made by an earlier attempt of
    /// this request.
    async fn create(&self, name: &str, copied: &Copied) -> Result<(), Error> {
        self.go_on()?;
        let config = Config {
            memory_mb: Some(copied.entrant.memory_mb),
            description: Some(description(&copied.original, 0)),
            ..Config::of(&copied.like.config)
        };
        let Copied {
            like, log_group, ..
        } = copied;
        let (role, architecture) = (like.role.as_str(), like.architecture.as_str());
        let (config, tags) = (&config, &self.tags);
        let created = match &copied.code {
            CopiedCode::Image(image_uri) => {
                let wanted = NewFunction {
                    name,
                    image_uri,
                    role,
                    architecture,
                    config,
                    tags,
                };
                self.aws.create_copy(&wanted, log_group).await
            }
            CopiedCode::Archive(code) => {
                let wanted = NewZip {
                    name,
                    code,
                    role,
                    architecture,
                    config,
                    tags,
                };
                self.aws.create_zip_copy(&wanted, log_group).await
            }
        };
        match created {
            Ok(_) | Err(remote::Error::Conflict { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Publishes a version that has never been called. Each version has another description,
    /// because Lambda publishes only changes.
    async fn publish(&self, name: &str, copied: &Copied, round: u32) -> Result<String, Error> {
        let description = description(&copied.original, round);
        let mut state = self.settled(name, None).await?;
        if round > 0 {
            let changed = Config {
                description: Some(description.clone()),
                // The value does not change, but ministack reuses its containers across versions
                // without it.
                memory_mb: Some(copied.entrant.memory_mb),
                ..Config::default()
            };
            let (role, revision) = (&copied.like.role, &state.revision);
            self.go_on()?;
            self.aws
                .update_config(name, &changed, role, revision)
                .await?;
            state = self.settled(name, None).await?;
        }
        self.go_on()?;
        let revision = &state.revision;
        let published = self.aws.publish_version(name, &description, revision).await;
        let version = published?.version;
        self.settled(name, Some(&version)).await?;
        Ok(version)
    }

    async fn settled(&self, name: &str, version: Option<&str>) -> Result<FunctionState, Error> {
        let settled = async { Ok(self.aws.settled(name, version).await?) };
        let state = self.droppable(settled).await?;
        if state.state == State::Failed || state.last_update == LastUpdate::Failed {
            return Err(Error::Broken {
                name: name.to_owned(),
                reason: state.reason.unwrap_or_else(|| "no reason given".to_owned()),
            });
        }
        Ok(state)
    }

    async fn call(
        &self,
        name: &str,
        version: &str,
        copied: &Copied,
        tally: &mut Tally,
    ) -> Result<(), Error> {
        let entrant = &copied.entrant;
        let hints = Hints::default();
        let request = verify::Remote {
            hints: &hints,
            function: &entrant.function,
            name,
            qualifier: Some(version),
            memory_mb: entrant.memory_mb,
            timeout_s: entrant.timeout_s,
            tests: &[],
        };
        let Rounds { warmup, calls, .. } = self.rounds;
        for call in 0..=warmup + calls {
            let asked = async { Ok(verify::remote_call(self.aws, &request, &entrant.test).await?) };
            let (result, log): (TestResult, String) = self.droppable(asked).await?;
            if !result.passed() {
                tally.failed = Some(result);
                return Ok(());
            }
            // If a report is late, the sample is lost.
            if let Some(times) = reported(&log) {
                count(tally, &times, call, warmup);
            }
        }
        if tally.is_empty() {
            let name = name.to_owned();
            return Err(Error::NoReport { name });
        }
        Ok(())
    }

    fn go_on(&self) -> Result<(), Error> {
        match *self.stop.borrow() {
            true => Err(Error::Interrupted),
            false => Ok(()),
        }
    }

    /// Runs work that may be dropped at any moment.
    async fn droppable<T>(&self, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        let mut stop = self.stop.clone();
        tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => Err(Error::Interrupted),
            result = work => result,
        }
    }
}

fn description(original: &str, round: u32) -> String {
    format!("jot bench of {original}, round {}", round + 1)
}

/// Records Lambda's report of a call; call 0 is the first one of its version.
///
/// The report decides whether it is a cold start: Lambda sometimes initialises an environment
/// before the first call.
/// <https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-ib>
fn count(tally: &mut Tally, times: &Reported, call: u32, warmup: u32) {
    tally.add_known(Quantity::MaxMemory, times.max_memory_mb);
    if call == 0 && times.is_cold() {
        tally.add(Quantity::FirstAnswer, times.answer_ms());
        tally.add_known(Quantity::Init, times.init_ms);
        tally.add_known(Quantity::Restore, times.restore_ms);
        tally.add(Quantity::FirstExecution, times.duration_ms);
        tally.add(Quantity::BilledFirst, times.billed_ms);
    } else if call > warmup {
        tally.add(Quantity::Warm, times.duration_ms);
        tally.add(Quantity::BilledWarm, times.billed_ms);
    }
}

#[cfg(test)]
mod tests {
    use super::{super::entrant::example, *};

    #[test]
    fn a_copy_has_a_name_of_its_own_that_lambda_takes() {
        let long = "f".repeat(64);
        let (one, other) = (copy_name(&long, "r", 0), copy_name(&long, "r", 1));
        assert_ne!(one, other);
        assert_eq!((one.len(), other.len()), (64, 64));
        let short = copy_name("sum", "r", 0);
        assert!(
            short.starts_with("sum-bench-") && short.len() == 18,
            "{short}"
        );
        assert_ne!(short, copy_name("sum", "another run", 0));
    }

    #[test]
    fn only_what_is_reported_as_cold_is_a_first_answer() {
        let warm = Reported {
            duration_ms: 2.0,
            billed_ms: 3.0,
            ..Reported::default()
        };
        let cold = Reported {
            init_ms: Some(400.0),
            ..warm
        };
        let mut tally = Tally::default();
        for times in [cold, warm] {
            (0..3).for_each(|call| count(&mut tally, &times, call, 1));
        }
        let contender = tally.contender(&example(), Site::Lambda);
        let samples = |quantity| contender.measure(quantity).map(|one| one.samples.clone());
        assert_eq!(samples(Quantity::FirstAnswer), Some(vec![402.0]));
        assert_eq!(samples(Quantity::FirstExecution), Some(vec![2.0]));
        assert_eq!(samples(Quantity::BilledWarm), Some(vec![3.0, 3.0]));
        assert_eq!(samples(Quantity::Restore), None);
    }
}
