//! Choice of a memory size. More memory brings more CPU, and costs more per second.
//!
//! The rule starts with the smallest size. A larger size replaces it if its first answers or its
//! later calls are faster by at least the factor by which it costs more, that is, if `time before /
//! time after >= cost after / cost before`. The size that remains is the knee: no larger size is
//! worth its price compared with it. Because cost is memory times time, twice the memory must be at
//! least 1.41 times as fast.
//!
//! A median is known only within an interval. If the intervals of two sizes allow both outcomes,
//! both sizes remain, and neither is called the knee.

use std::collections::{BTreeMap, BTreeSet};

use super::price::usd_per_million;
use crate::model::{Contender, Knee, Quantity, Spread};

/// The rule in a sentence.
pub const RULE: &str = "a larger size must make first answers or later calls faster by at least \
                        the factor by which it costs more, for all medians within their 95% \
                        confidence intervals";

/// The quantities that decide.
const QUANTITIES: [Quantity; 2] = [Quantity::FirstAnswer, Quantity::Warm];

/// The knee of every function and variant that was measured with several memory sizes.
pub fn knees(contenders: &[Contender]) -> Vec<Knee> {
    let mut groups: BTreeMap<(&str, Option<&str>), Vec<&Contender>> = BTreeMap::new();
    for one in contenders.iter().filter(|one| one.failed.is_none()) {
        let group = (one.function.as_str(), one.variant.as_deref());
        groups.entry(group).or_default().push(one);
    }
    let knees = groups.into_iter().filter(|(_, sizes)| sizes.len() > 1);
    let knees = knees.map(|((function, variant), sizes)| Knee {
        function: function.to_owned(),
        variant: variant.map(str::to_owned),
        memory_mb: held(&sizes),
        first_answers: fewest(&sizes, Quantity::FirstAnswer),
        calls: fewest(&sizes, Quantity::Warm),
    });
    knees.collect()
}

/// The sizes that may be the knee, the smallest first.
fn held(sizes: &[&Contender]) -> Vec<u32> {
    let mut sizes = sizes.to_vec();
    sizes.sort_by_key(|one| one.memory_mb);
    let (Some(first), rest) = (sizes.first(), sizes.get(1..).unwrap_or_default()) else {
        return Vec::new();
    };
    let mut held = vec![*first];
    for next in rest {
        let mut after: Vec<&Contender> = Vec::new();
        for before in &held {
            match pays(before, next) {
                Some(true) => after.push(next),
                Some(false) => after.push(before),
                None => after.extend([before, next]),
            }
        }
        held = after;
    }
    let held: BTreeSet<u32> = held.iter().map(|one| one.memory_mb).collect();
    held.into_iter().collect()
}

/// Whether a larger size pays; `None` if the measurements cannot decide.
///
/// It pays if one of the quantities says so, and does not pay if all of them deny it.
fn pays(before: &Contender, next: &Contender) -> Option<bool> {
    let answers = QUANTITIES.map(|quantity| {
        let (before, next) = (worth(before, quantity)?, worth(next, quantity)?);
        match () {
            () if before.0 >= next.1 => Some(true),
            () if before.1 < next.0 => Some(false),
            () => None,
        }
    });
    match answers {
        _ if answers.contains(&Some(true)) => Some(true),
        [Some(false), Some(false)] => Some(false),
        _ => None,
    }
}

/// Time multiplied by cost, at both ends of the median's interval; less is better.
fn worth(one: &Contender, quantity: Quantity) -> Option<(f64, f64)> {
    let (low, high) = one.measure(quantity)?.spread.p50_within?;
    let at = |millis: f64| {
        let usd = usd_per_million(&one.architecture, one.memory_mb, &[millis]);
        Some(millis * usd?)
    };
    Some((at(low)?, at(high)?))
}

fn fewest(sizes: &[&Contender], quantity: Quantity) -> usize {
    let counts = sizes.iter().map(|one| {
        let spread = one.measure(quantity).map(|measure| &measure.spread);
        spread.map_or(0, |spread: &Spread| spread.n)
    });
    counts.min().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        bench::stats,
        model::{Architecture, Measure},
    };

    /// A size with these times for first answers and later calls, within a relative spread.
    fn size(memory_mb: u32, (first, warm): (f64, f64), (n, share): (u32, f64)) -> Contender {
        let samples = |millis: f64| {
            let at = |index: u32| f64::from(index) / f64::from(n.max(2) - 1) * 2.0 - 1.0;
            (0..n)
                .map(|index| millis * (1.0 + share * at(index)))
                .collect()
        };
        let measure =
            |quantity, millis| -> Measure { stats::measure(quantity, samples(millis)).unwrap() };
        Contender {
            function: "f".to_owned(),
            test: "t".to_owned(),
            variant: None,
            memory_mb,
            architecture: Architecture::X86,
            measures: vec![
                measure(Quantity::FirstAnswer, first),
                measure(Quantity::Warm, warm),
            ],
            usd_per_million: Some(1.0),
            failed: None,
        }
    }

    /// The knee of sizes with many long calls and little spread.
    fn of(points: &[(u32, f64)]) -> Vec<u32> {
        let sizes: Vec<Contender> = points
            .iter()
            .map(|&(memory, millis)| size(memory, (millis, millis), (20, 0.001)))
            .collect();
        knees(&sizes).remove(0).memory_mb
    }

    #[test]
    fn what_is_bound_by_the_processor_grows_until_it_has_a_whole_one() {
        let sizes = [
            (4096, 10_000.0),
            (512, 34_550.0),
            (1024, 17_270.0),
            (1769, 10_000.0),
        ];
        assert_eq!(of(&sizes), [1769]);
    }

    #[test]
    fn what_waits_for_others_stays_small() {
        assert_eq!(of(&[(128, 2000.0), (512, 2000.0), (1024, 1990.0)]), [128]);
    }

    #[test]
    fn a_step_that_does_not_pay_may_lead_to_one_that_does() {
        // 256 is no faster than 128, 512 is eight times as fast.
        assert_eq!(of(&[(128, 8000.0), (256, 8000.0), (512, 1000.0)]), [512]);
    }

    #[test]
    fn twice_the_memory_must_be_faster_by_the_root_of_two() {
        assert_eq!(of(&[(512, 100_000.0), (1024, 70_000.0)]), [1024]);
        assert_eq!(of(&[(512, 100_000.0), (1024, 72_000.0)]), [512]);
    }

    #[test]
    fn the_first_answer_counts() {
        let slow = size(512, (8000.0, 2.0), (20, 0.01));
        let fast = size(2048, (900.0, 2.0), (20, 0.01));
        assert_eq!(knees(&[slow, fast])[0].memory_mb, [2048]);
    }

    #[test]
    fn what_few_or_scattered_calls_cannot_decide_is_left_open() {
        let sizes = |n, share| {
            [(512, 1000.0), (1024, 700.0)]
                .map(|(memory, millis)| size(memory, (millis, millis), (n, share)))
        };
        assert_eq!(knees(&sizes(20, 0.001))[0].memory_mb, [1024]);
        // The medians are within intervals that overlap.
        let open = knees(&sizes(20, 0.5)).remove(0);
        assert_eq!((open.memory_mb, open.calls), (vec![512, 1024], 20));
        // Five calls cannot bound a median with 95% confidence.
        assert_eq!(knees(&sizes(5, 0.001))[0].memory_mb, [512, 1024]);
    }
}
