//! Which memory size to take. More memory is more processor, and costs more by the second.
//!
//! The rule: begin with the smallest size. A larger one takes its place if it is faster by at least the factor that it is dearer, that
//! is, if `time before / time after >= cost after / cost before`. What is held at the end is the knee: no larger size is worth its
//! price against it. As cost is memory times time, twice the memory must at least be 1.41 times as fast.

use std::collections::BTreeMap;

use crate::model::{Contender, Knee, Quantity};

/// The rule in a sentence.
pub const RULE: &str =
    "a larger size must be faster by at least the factor that a million calls are dearer";

/// A size, its typical time and its price.
#[derive(Clone, Copy, Debug)]
struct Point {
    memory_mb: u32,
    millis: f64,
    usd: f64,
}

/// The knee of every function and variant that was measured with more than one memory size. Time is the median of warm calls.
pub fn knees(contenders: &[Contender]) -> Vec<Knee> {
    let mut groups: BTreeMap<(&str, Option<&str>), Vec<Point>> = BTreeMap::new();
    for one in contenders.iter().filter(|one| one.failed.is_none()) {
        let warm = one.measure(Quantity::Warm);
        let (Some(warm), Some(usd)) = (warm, one.usd_per_million) else {
            continue;
        };
        let group = (one.function.as_str(), one.variant.as_deref());
        groups.entry(group).or_default().push(Point {
            memory_mb: one.memory_mb,
            millis: warm.spread.p50,
            usd,
        });
    }
    let knees = groups.into_iter().filter(|(_, points)| points.len() > 1);
    let knees = knees.filter_map(|((function, variant), points)| {
        Some(Knee {
            function: function.to_owned(),
            variant: variant.map(str::to_owned),
            memory_mb: knee(points)?.memory_mb,
        })
    });
    knees.collect()
}

fn knee(mut points: Vec<Point>) -> Option<Point> {
    points.sort_by_key(|point| point.memory_mb);
    let pays = |held: Point, next: Point| held.millis * held.usd >= next.millis * next.usd;
    points
        .into_iter()
        .reduce(|held, next| if pays(held, next) { next } else { held })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::price::usd_per_million;

    fn of(points: &[(u32, f64)]) -> u32 {
        let point = |&(memory_mb, millis): &(u32, f64)| Point {
            memory_mb,
            millis,
            usd: usd_per_million(&crate::model::Architecture::X86, memory_mb, &[millis]).unwrap(),
        };
        knee(points.iter().map(point).collect()).unwrap().memory_mb
    }

    #[test]
    fn what_is_bound_by_the_processor_grows_until_it_has_a_whole_one() {
        let sizes = [
            (4096, 1000.0),
            (512, 3455.0),
            (1024, 1727.0),
            (1769, 1000.0),
        ];
        assert_eq!(of(&sizes), 1769);
    }

    #[test]
    fn what_waits_for_others_stays_small() {
        assert_eq!(of(&[(128, 200.0), (512, 200.0), (1024, 199.0)]), 128);
    }

    #[test]
    fn a_step_that_does_not_pay_may_lead_to_one_that_does() {
        // 256 is no faster than 128, 512 is eight times as fast.
        assert_eq!(of(&[(128, 800.0), (256, 800.0), (512, 100.0)]), 512);
    }

    #[test]
    fn twice_the_memory_must_be_faster_by_the_root_of_two() {
        assert_eq!(of(&[(512, 100_000.0), (1024, 70_000.0)]), 1024);
        assert_eq!(of(&[(512, 100_000.0), (1024, 72_000.0)]), 512);
    }
}
