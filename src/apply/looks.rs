//! A check on the calls of two versions: which minutes it covers, and what it reports.

use jiff::Timestamp;

use crate::{
    model::traffic::{Calls, lag_min},
    verdict::{Limits, Verdict, bound},
};

/// Whole minutes, in seconds since 1970, with all calls counted by now.
///
/// They run from the first that began after `from` to the last that has all its calls ended and
/// their values in CloudWatch at `to`; at least one minute.
pub(super) fn window(from: Timestamp, to: Timestamp, timeout_s: u32) -> (i64, i64) {
    let first = (from.as_second() + 59) / 60 * 60;
    let lag = i64::from(lag_min(timeout_s)) * 60;
    let last = (to.as_second() - lag) / 60 * 60;
    (first, last.max(first + 60))
}

/// Describes the result of a check.
pub(super) fn says(verdict: Verdict, old: Calls, new: Calls, limits: &Limits) -> String {
    let counted = counted(new);
    match verdict {
        Verdict::Pass => format!("{counted}, below {} at 95%", percent(bound(new))),
        Verdict::Fail => format!("{counted}; the previous version: {}", self::counted(old)),
        Verdict::TooFew => format!("{counted}, and {} calls are needed", limits.min_calls),
        Verdict::Unclear => format!(
            "{counted}, more than {} allows, possibly by chance",
            percent(limits.max_error_rate)
        ),
        Verdict::Both => format!(
            "{counted}; the previous version is no better: {}, so this release is not the cause",
            self::counted(old)
        ),
    }
}

/// `3 of 120 calls failed`.
pub(super) fn counted(calls: Calls) -> String {
    format!("{} of {} calls failed", calls.failed, calls.all)
}

fn percent(share: f64) -> String {
    format!("{:.1}%", share * 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_minutes_with_counted_calls_are_requested() {
        let at = |second| Timestamp::from_second(second).unwrap();
        assert_eq!(window(at(601), at(1201), 60), (660, 1020));
        assert_eq!(window(at(600), at(1200), 3), (600, 1020));
        // One minute at least, however early.
        assert_eq!(window(at(601), at(610), 900), (660, 720));
    }
}
