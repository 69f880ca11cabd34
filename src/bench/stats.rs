//! Distributions.

use hdrhistogram::Histogram;

use crate::model::{Measure, Quantity, Spread};

/// Steps to a unit: a millisecond is recorded in microseconds.
const STEPS: f64 = 1000.0;
/// Digits that a histogram keeps of every value.
const DIGITS: u8 = 4;

/// The samples of a quantity with their distribution; none where there are no samples.
pub fn measure(quantity: Quantity, samples: Vec<f64>) -> Option<Measure> {
    Some(Measure {
        quantity,
        unit: quantity.unit().to_owned(),
        spread: spread(&samples)?,
        samples,
    })
}

/// The distribution of the samples: percentiles from a histogram of four digits
/// (<https://hdrhistogram.org>), extremes and mean exact. None where there are no samples.
pub fn spread(samples: &[f64]) -> Option<Spread> {
    let (first, rest) = samples.split_first()?;
    let min = rest.iter().copied().fold(*first, f64::min);
    let max = rest.iter().copied().fold(*first, f64::max);
    let mut histogram = Histogram::<u64>::new(DIGITS).ok()?;
    for sample in samples {
        histogram.record((sample * STEPS).round() as u64).ok()?;
    }
    // The histogram gives the upper end of the step that a value is in.
    let at = |share: f64| (histogram.value_at_quantile(share) as f64 / STEPS).clamp(min, max);
    let known = |share: f64| is_known(share, samples.len()).then(|| at(share));
    Some(Spread {
        n: samples.len(),
        min,
        mean: samples.iter().sum::<f64>() / samples.len() as f64,
        p25: known(0.25),
        p50: at(0.5),
        p75: known(0.75),
        p90: known(0.9),
        p99: known(0.99),
        max,
    })
}

/// Whether so many samples tell a percentile from an extreme: at least one is beyond it.
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
    fn percentiles_are_told_where_samples_are_beyond_them() {
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
        assert!(near(Some(spread.p50), 50.0), "{spread:?}");
        assert!(
            near(spread.p90, 90.0) && near(spread.p99, 99.0),
            "{spread:?}"
        );
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
            let known = [Some(spread.min), spread.p25, Some(spread.p50), spread.p75, spread.p90, spread.p99, Some(spread.max)];
            let known: Vec<f64> = known.into_iter().flatten().collect();
            prop_assert!(known.is_sorted(), "{:?}", spread);
        }
    }
}
