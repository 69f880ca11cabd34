//! Distributions.

use hdrhistogram::Histogram;

use crate::model::{Measure, Quantity, Spread};

/// Histogram steps per unit: milliseconds are recorded in microseconds.
const STEPS: f64 = 1000.0;
/// The probability that a median is beyond one end of its interval.
const TAIL: f64 = 0.025;
/// Significant digits of the histogram.
const DIGITS: u8 = 4;

/// The samples of a quantity with their distribution; `None` without samples.
pub fn measure(quantity: Quantity, samples: Vec<f64>) -> Option<Measure> {
    Some(Measure {
        quantity,
        unit: quantity.unit().to_owned(),
        spread: spread(&samples)?,
        samples,
    })
}

/// The distribution of the samples; `None` without samples.
///
/// Percentiles come from a histogram with four digits (<https://hdrhistogram.org>); extremes,
/// median and mean are exact.
pub fn spread(samples: &[f64]) -> Option<Spread> {
    let (first, rest) = samples.split_first()?;
    let min = rest.iter().copied().fold(*first, f64::min);
    let max = rest.iter().copied().fold(*first, f64::max);
    let mut histogram = Histogram::<u64>::new(DIGITS).ok()?;
    for sample in samples {
        histogram.record((sample * STEPS).round() as u64).ok()?;
    }
    // The histogram returns the upper end of a value's step.
    let at = |share: f64| (histogram.value_at_quantile(share) as f64 / STEPS).clamp(min, max);
    let p50 = median(samples);
    let known = |share: f64| {
        let at = match share < 0.5 {
            true => at(share).min(p50),
            false => at(share).max(p50),
        };
        is_known(share, samples.len()).then_some(at)
    };
    Some(Spread {
        n: samples.len(),
        min,
        mean: samples.iter().sum::<f64>() / samples.len() as f64,
        p25: known(0.25),
        p50,
        p50_within: median_within(samples),
        p75: known(0.75),
        p90: known(0.9),
        p99: known(0.99),
        max,
    })
}

fn sorted(samples: &[f64]) -> Vec<f64> {
    let mut samples = samples.to_vec();
    samples.sort_by(f64::total_cmp);
    samples
}

/// The middle sample, or the mean of the two in the middle.
fn median(samples: &[f64]) -> f64 {
    let sorted = sorted(samples);
    let upper = sorted.len() / 2;
    match sorted.len() % 2 {
        0 => f64::midpoint(sorted[upper - 1], sorted[upper]),
        _ => sorted[upper],
    }
}

/// The 95% confidence interval of the median, for any distribution.
///
/// Its ends are the samples of rank k from below and from above, where fewer than k of n are below
/// the median with a probability of at most 2.5% (binomial, 1/2).
/// <https://www.itl.nist.gov/div898/software/dataplot/refman1/auxillar/quantili.htm>
fn median_within(samples: &[f64]) -> Option<(f64, f64)> {
    let rank = rank(samples.len())?;
    let sorted = sorted(samples);
    Some((sorted[rank - 1], sorted[sorted.len() - rank]))
}

/// The largest k with P(X < k) <= 2.5%, X being binomial of n and 1/2; `None` if no k satisfies it.
fn rank(n: usize) -> Option<usize> {
    // Logarithms, because 2^-n underflows for a thousand calls.
    let mut chance = n as f64 * 0.5_f64.ln();
    let (mut below, mut rank) = (0.0, 0);
    while rank < n {
        below += chance.exp();
        if below > TAIL {
            break;
        }
        chance += ((n - rank) as f64 / (rank + 1) as f64).ln();
        rank += 1;
    }
    (rank > 0).then_some(rank)
}

/// Whether this many samples distinguish a percentile from an extreme: at least one is beyond it.
fn is_known(share: f64, samples: usize) -> bool {
    let beyond = samples as f64 * share.min(1.0 - share);
    // 100 times (1 - 0.99) is a little less than 1.
    beyond + 1e-9 >= 1.0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn percentiles_are_reported_if_samples_are_beyond_them() {
        let known = |count: u32| {
            let samples: Vec<f64> = (1..=count).map(f64::from).collect();
            let spread = spread(&samples).unwrap();
            let all = [spread.p25, spread.p75, spread.p90, spread.p99];
            all.map(|one| one.is_some())
        };
        assert_eq!(known(3), [false; 4]);
        assert_eq!(known(5), [true, true, false, false]);
        assert_eq!(known(10), [true, true, true, false]);
        assert_eq!(known(99), [true, true, true, false]);
        assert_eq!(known(100), [true; 4]);
        assert_eq!(spread(&[]), None);
    }

    #[test]
    fn a_hundred_different_samples_have_their_ranks() {
        let samples: Vec<f64> = (1..=100).rev().map(f64::from).collect();
        let spread = spread(&samples).unwrap();
        assert_eq!((spread.n, spread.min, spread.max), (100, 1.0, 100.0));
        assert!((spread.mean - 50.5).abs() < 1e-9);
        let near = |value: Option<f64>, rank: f64| (value.unwrap() - rank).abs() <= rank / 1000.0;
        assert!(near(Some(spread.p50), 50.5), "{spread:?}");
        assert!(
            near(spread.p90, 90.0) && near(spread.p99, 99.0),
            "{spread:?}"
        );
    }

    #[test]
    fn the_median_of_two_is_between_them() {
        let two = spread(&[1.0, 2.0]).unwrap();
        assert_eq!((two.p50, two.p50_within), (1.5, None));
        assert_eq!(spread(&[3.0, 1.0, 2.0]).unwrap().p50, 2.0);
    }

    /// The ranks are those of the tables of the sign test.
    #[test]
    fn the_interval_of_the_median_is_between_two_samples() {
        for (n, expected) in [
            (5, None),
            (6, Some(1)),
            (9, Some(2)),
            (10, Some(2)),
            (20, Some(6)),
            (100, Some(40)),
        ] {
            assert_eq!(rank(n), expected, "{n}");
        }
        assert!(rank(5000).is_some_and(|rank| (2400..2460).contains(&rank)));
        let samples: Vec<f64> = (1..=20).rev().map(f64::from).collect();
        assert_eq!(spread(&samples).unwrap().p50_within, Some((6.0, 15.0)));
    }

    #[test]
    fn microseconds_are_kept() {
        let spread = spread(&[0.0004, 0.123, 0.123]).unwrap();
        assert_eq!((spread.min, spread.p50), (0.0004, 0.123));
    }

    proptest! {
        #[test]
        fn percentiles_are_in_order_and_between_the_extremes(
            samples in prop::collection::vec(0.0_f64..1e7, 1..300),
        ) {
            let spread = spread(&samples).unwrap();
            let known = [
                Some(spread.min),
                spread.p25,
                Some(spread.p50),
                spread.p75,
                spread.p90,
                spread.p99,
                Some(spread.max),
            ];
            let known: Vec<f64> = known.into_iter().flatten().collect();
            prop_assert!(known.is_sorted(), "{:?}", spread);
        }
    }
}
