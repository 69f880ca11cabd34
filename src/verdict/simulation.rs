//! The verdict over simulated releases: how often it refuses a good version, and how often a bad
//! one.
//!
//! Of 10,000 releases with a true error rate of 0.2, 0.5, 1, 3 and 10% it refused 0.0, 0.0, 1.4,
//! 81.1 and 100.0%; a bare comparison with the limit at each check 11.8, 34.5, 71.7, 100.0 and
//! 100.0%.

use super::*;

/// Releases of each true error rate.
const RELEASES: u32 = 10_000;
/// Checks of a release, and calls of the new version between two of them; the old one has nine
/// times as many.
const LOOKS: u32 = 10;
const CALLS: u64 = 50;
const LIMITS: Limits = Limits {
    max_error_rate: 0.01,
    min_calls: CALLS,
    looks: LOOKS,
};
/// Error rate of the previous version.
const BEFORE: f64 = 0.002;

/// Marsaglia's xorshift: the same numbers in each run, <https://doi.org/10.18637/jss.v008.i14>.
struct Random(u64);

impl Random {
    fn share(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((self.0 >> 11) as f64 + 0.5) / (1u64 << 53) as f64
    }

    /// How many of `calls` fail at this rate, by the gaps between failures.
    fn failed(&mut self, calls: u64, rate: f64) -> u64 {
        let (mut at, mut failed) = (0.0, 0);
        loop {
            at += (self.share().ln() / (1.0 - rate).ln()).floor() + 1.0;
            if at > calls as f64 {
                return failed;
            }
            failed += 1;
        }
    }
}

/// Shares of releases of this rate that the verdict refuses, and that a bare comparison with the
/// limit at each check would.
fn refused(rate: f64, before: f64) -> (f64, f64) {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let (mut by_verdict, mut bare) = (0, 0);
    for _ in 0..RELEASES {
        let (mut old, mut new) = (Calls::default(), Calls::default());
        let (mut verdict_says, mut bare_says) = (false, false);
        for _ in 0..LOOKS {
            new.all += CALLS;
            new.failed += random.failed(CALLS, rate);
            old.all += 9 * CALLS;
            old.failed += random.failed(9 * CALLS, before);
            verdict_says |= verdict(old, new, &LIMITS) == Verdict::Fail;
            bare_says |= new.failed as f64 / new.all as f64 > LIMITS.max_error_rate;
        }
        by_verdict += u32::from(verdict_says);
        bare += u32::from(bare_says);
    }
    let share = |count: u32| f64::from(count) / f64::from(RELEASES);
    (share(by_verdict), share(bare))
}

#[test]
fn good_versions_are_hardly_ever_refused_and_bad_ones_mostly() {
    let rates = [0.002, 0.005, 0.01, 0.03, 0.1];
    let [least, half, limit, three, ten] = rates.map(|rate| refused(rate, BEFORE));
    // Five in a hundred over all checks together are allowed.
    for (good, _) in [least, half, limit] {
        assert!(good <= 0.05, "{good}");
    }
    assert!(three.0 > 0.5, "{three:?}");
    assert!(ten.0 > 0.99, "{ten:?}");
    // What a limit without a test does to a version of half that rate.
    assert!(half.1 > 0.25, "{half:?}");
    // If the previous version is as bad, this release is not the cause.
    let (both, _) = refused(0.1, 0.1);
    assert!(both <= 0.05, "{both}");
}
