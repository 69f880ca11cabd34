//! Rounds in local containers: each round starts a new container and calls it until the round ends.

use std::{collections::BTreeMap, time::Duration};

use super::{
    entrant::{Entrant, Tally},
    order,
};
use crate::{
    model::{Contender, Hints, ImageOverrides, Quantity, Rounds, Secret, Site, desired::Jit},
    remote::{Docker, Error},
    verify::{self, Round},
};

/// A contender in a container.
#[derive(Clone, Debug)]
pub struct Contained {
    /// What to call, and with which settings.
    pub entrant: Entrant,
    /// Id or reference of a harness image.
    pub image: String,
    /// Lambda's variables and the function's own.
    pub environment: BTreeMap<String, Secret>,
    /// Size of /tmp in MB.
    pub tmp_mb: u32,
    /// Docker's name of the platform that the image is for.
    pub platform: String,
    /// Whether Lambda starts it from a snapshot.
    pub snapstart: bool,
    /// Overrides of the image's entry point.
    pub start: ImageOverrides,
    /// Facts about the source's language, except those that only tests use.
    pub hints: Hints,
}

/// Measures the contenders in turns, in containers with the label `run`.
///
/// Calls `began` with the number of each round, from 1. A contender that failed is not called
/// again; the others go on.
///
/// # Errors
/// Docker failed.
pub async fn local(
    docker: &Docker,
    run: &str,
    contenders: &[Contained],
    rounds: Rounds,
    began: &mut (dyn FnMut(u32) + Send),
) -> Result<Vec<Contender>, Error> {
    let mut tallies = vec![Tally::default(); contenders.len()];
    for round in 0..rounds.runs {
        began(round + 1);
        for index in order(contenders.len(), round) {
            let (one, tally) = (&contenders[index], &mut tallies[index]);
            if tally.failed.is_some() {
                continue;
            }
            let (request, test) = (request(one, run), &one.entrant.test);
            let later = rounds.warmup + rounds.calls;
            match verify::round(docker, &request, test, later).await? {
                Ok(times) => count(tally, &times, rounds),
                Err(failed) => tally.failed = Some(failed),
            }
        }
    }
    let ended = contenders.iter().zip(tallies);
    Ok(ended
        .map(|(one, tally)| tally.contender(&one.entrant, Site::Local))
        .collect())
}

fn request<'a>(one: &'a Contained, run: &'a str) -> verify::Local<'a> {
    verify::Local {
        function: &one.entrant.function,
        image: &one.image,
        run,
        memory_mb: one.entrant.memory_mb,
        timeout_s: one.entrant.timeout_s,
        tmp_mb: one.tmp_mb,
        environment: one.environment.clone(),
        tests: &[],
        jit: Jit::default(),
        hints: &one.hints,
        start: one.start.clone(),
        platform: &one.platform,
        snapstart: one.snapstart,
    }
}

fn count(tally: &mut Tally, times: &Round, rounds: Rounds) {
    tally.add(Quantity::FirstAnswer, millis(times.first));
    if let Some(init) = times.init {
        let execution = times.first.saturating_sub(init);
        tally.add(Quantity::Init, millis(init));
        tally.add(Quantity::FirstExecution, millis(execution));
    }
    let measured = times.later.iter().skip(rounds.warmup as usize);
    measured.for_each(|one| tally.add(Quantity::Warm, millis(*one)));
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

#[cfg(test)]
mod tests {
    use super::{super::entrant::example, *};

    #[test]
    fn the_first_execution_is_separate_and_warming_up_is_not_counted() {
        let rounds = Rounds {
            runs: 1,
            warmup: 1,
            calls: 2,
        };
        let millis = Duration::from_millis;
        let times = Round {
            first: millis(500),
            init: Some(millis(440)),
            later: vec![millis(50), millis(3), millis(2)],
        };
        let mut tally = Tally::default();
        count(&mut tally, &times, rounds);
        let contender = tally.contender(&example(), Site::Local);
        let samples = |quantity| contender.measure(quantity).unwrap().samples.clone();
        assert_eq!(samples(Quantity::FirstAnswer), [500.0]);
        assert_eq!(samples(Quantity::FirstExecution), [60.0]);
        assert_eq!(samples(Quantity::Warm), [3.0, 2.0]);
        assert!(contender.measure(Quantity::BilledWarm).is_none());
        assert!(contender.usd_per_million.is_some());
    }
}
