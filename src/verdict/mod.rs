//! The verdict on a new version, by the calls of two versions.
//!
//! Pure: counts in, a verdict out.

use statrs::{
    distribution::{Binomial, DiscreteCDF, Hypergeometric},
    function::beta::inv_beta_reg,
};

use crate::model::traffic::Calls;

/// Limits for a new version.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// Share of calls that may fail, between 0 and 1.
    pub max_error_rate: f64,
    /// Calls without which no version passes.
    pub min_calls: u64,
    /// The highest number of checks: the chance of refusing a good version, 5% in all, is divided
    /// among them (Bonferroni).
    pub looks: u32,
}

/// The result of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The new version fails too often, and more often than the old one.
    Fail,
    /// Enough calls, few enough errors.
    Pass,
    /// Too few calls to say.
    TooFew,
    /// More errors than allowed, but possibly by chance.
    Unclear,
    /// More errors than allowed, and the old version has them as well: this release is not the
    /// cause.
    Both,
}

/// The chance of refusing a version that is not worse, over all checks.
const ALPHA: f64 = 0.05;

/// Compares the calls of both versions over the same minutes.
///
/// The new version fails where two tests agree, each at `0.05 / looks`: the exact binomial test
/// says that its error rate is above the limit, and Fisher's exact test, one-sided, that it is
/// worse than the old version (<https://doi.org/10.2307/2340521>). A single test would blame a
/// release for errors of both versions, or for a difference within the limit.
pub fn verdict(old: Calls, new: Calls, limits: &Limits) -> Verdict {
    let alpha = ALPHA / f64::from(limits.looks.max(1));
    if above(new, limits.max_error_rate) < alpha {
        return match worse(old, new) < alpha {
            true => Verdict::Fail,
            false => Verdict::Both,
        };
    }
    let rate = new.failed as f64 / new.all.max(1) as f64;
    match () {
        () if new.all < limits.min_calls.max(1) => Verdict::TooFew,
        () if rate > limits.max_error_rate => Verdict::Unclear,
        () => Verdict::Pass,
    }
}

/// The chance of at least this many errors where the true rate is the limit.
fn above(new: Calls, limit: f64) -> f64 {
    let Some(fewer) = new.failed.checked_sub(1) else {
        return 1.0;
    };
    match Binomial::new(limit.clamp(0.0, 1.0), new.all) {
        Ok(errors) => errors.sf(fewer),
        Err(_) => 1.0,
    }
}

/// The chance that at least this many of all errors fall on the new version if both have one rate.
fn worse(old: Calls, new: Calls) -> f64 {
    let Some(fewer) = new.failed.checked_sub(1) else {
        return 1.0;
    };
    match Hypergeometric::new(old.all + new.all, old.failed + new.failed, new.all) {
        Ok(errors) => errors.sf(fewer),
        Err(_) => 1.0,
    }
}

/// The highest error rate that is compatible with these calls at 95%.
///
/// Clopper and Pearson's one-sided bound, <https://doi.org/10.1093/biomet/26.4.404>.
pub fn bound(calls: Calls) -> f64 {
    let (all, failed) = (calls.all as f64, calls.failed as f64);
    match calls.failed < calls.all {
        true => inv_beta_reg(failed + 1.0, all - failed, 1.0 - ALPHA),
        false => 1.0,
    }
}

#[cfg(test)]
mod simulation;

#[cfg(test)]
mod tests {
    use super::*;

    fn calls(all: u64, failed: u64) -> Calls {
        Calls { all, failed }
    }

    const LIMITS: Limits = Limits {
        max_error_rate: 0.01,
        min_calls: 50,
        looks: 10,
    };

    #[test]
    fn each_verdict_has_its_case() {
        let of = |old, new| verdict(old, new, &LIMITS);
        assert_eq!(of(calls(450, 0), calls(50, 0)), Verdict::Pass);
        assert_eq!(of(calls(450, 1), calls(49, 0)), Verdict::TooFew);
        assert_eq!(of(calls(0, 0), calls(0, 0)), Verdict::TooFew);
        assert_eq!(of(calls(450, 1), calls(50, 1)), Verdict::Unclear);
        assert_eq!(of(calls(450, 1), calls(50, 25)), Verdict::Fail);
        assert_eq!(of(calls(450, 0), calls(5, 5)), Verdict::Fail);
        assert_eq!(of(calls(450, 225), calls(50, 25)), Verdict::Both);
        // Without calls of the old version nothing shows that it is better.
        assert_eq!(of(calls(0, 0), calls(50, 25)), Verdict::Both);
    }

    #[test]
    fn the_bound_is_that_of_the_tables() {
        assert!((bound(calls(50, 0)) - 0.0582).abs() < 1e-4);
        assert!((bound(calls(100, 1)) - 0.0466).abs() < 1e-4);
        assert_eq!(bound(calls(5, 5)), 1.0);
        assert_eq!(bound(calls(0, 0)), 1.0);
    }

    #[test]
    fn the_tests_are_exact() {
        // By hand: 1 - 0.99^50, and C(5,5) C(5,0) / C(10,5).
        assert!((above(calls(50, 1), 0.01) - 0.394_994).abs() < 1e-6);
        assert!((worse(calls(5, 0), calls(5, 5)) - 1.0 / 252.0).abs() < 1e-9);
        assert!((worse(calls(5, 5), calls(5, 0)) - 1.0).abs() < 1e-9);
    }
}
