//! Words for contenders of a benchmark and their measurements.

use std::collections::BTreeSet;

use crate::model::{Bench, Contender, Knee, Rounds, Site};

use super::wording::count;

/// The names of the contenders: only what distinguishes them, and always the memory size.
pub(super) fn names(bench: &Bench) -> Vec<String> {
    let first = bench.contenders.first();
    let several = |one: &Contender| first.is_some_and(|first| first.function != one.function);
    let several = bench.contenders.iter().any(several);
    let name = |one: &Contender| {
        let function = several.then_some(one.function.as_str());
        let parts = function.into_iter().chain(one.variant.as_deref());
        let mut parts: Vec<String> = parts.map(str::to_owned).collect();
        parts.push(format!("{} MB", one.memory_mb));
        parts.join(", ")
    };
    bench.contenders.iter().map(name).collect()
}

/// The measured functions, each with its test.
pub(super) fn subjects(bench: &Bench) -> Vec<(&str, &str)> {
    let all = bench.contenders.iter();
    let all: BTreeSet<_> = all
        .map(|one| (one.function.as_str(), one.test.as_str()))
        .collect();
    all.into_iter().collect()
}

/// The place of the measurement, and the meaning of its times.
pub(super) fn place(bench: &Bench) -> &'static str {
    match bench.place {
        Site::Local => "in local containers with Lambda's limits; times are the caller's",
        Site::Lambda => "in Lambda; times are from its reports",
    }
}

/// How often each contender was called.
pub(super) fn rounds(bench: &Bench) -> String {
    let Rounds {
        runs,
        warmup,
        calls,
    } = bench.rounds;
    let [runs, warmup, calls] = [
        (runs, "round"),
        (warmup, "warm-up call"),
        (calls, "measured call"),
    ]
    .map(|(number, noun)| count(number as usize, noun));
    format!("{runs}, each a fresh environment with 1 first call, {warmup} and {calls}")
}

/// The text if no single size is the knee: `512 or 1024 MB (undecided after 10 first answers and 20
/// later calls of each)`.
pub(super) fn undecided(knee: &Knee) -> String {
    let sizes: Vec<String> = knee.memory_mb.iter().map(u32::to_string).collect();
    format!(
        "{} MB (undecided after {} and {} of each)",
        sizes.join(" or "),
        count(knee.first_answers, "first answer"),
        count(knee.calls, "later call")
    )
}

/// The number with about four digits, at most three of them decimals: `0.812`, `12.34`, `640.1`,
/// `18500`.
pub(super) fn number(value: f64) -> String {
    let places = match value {
        ..10.0 => 3,
        ..100.0 => 2,
        ..10_000.0 => 1,
        _ => 0,
    };
    format!("{value:.places$}")
}

/// The number, or a dash.
pub(super) fn known(value: Option<f64>) -> String {
    value.map_or_else(|| "-".to_owned(), number)
}

/// Dollars with three digits: `$0.21`, `$16.90`, `$1234`.
pub(super) fn usd(value: f64) -> String {
    let places = match value {
        ..1.0 => 3,
        ..1000.0 => 2,
        _ => 0,
    };
    format!("${value:.places$}")
}

#[cfg(test)]
mod tests {
    use super::{super::fixture, *};

    #[test]
    fn a_name_says_what_differs() {
        assert_eq!(names(&fixture::sizes())[0], "512 MB");
        assert_eq!(names(&fixture::modes())[1], "sysimage, 1024 MB");
        let mut two = fixture::sizes();
        two.contenders[1].function = "sum".to_owned();
        assert_eq!(
            names(&two)[..2],
            ["increment-vector, 512 MB", "sum, 1024 MB"]
        );
    }

    #[test]
    fn numbers_have_about_four_digits() {
        let said = [0.8123, 12.345, 640.12, 18_500.4].map(number);
        assert_eq!(said, ["0.812", "12.35", "640.1", "18500"]);
        assert_eq!(
            [0.2123, 16.9, 1234.5].map(usd),
            ["$0.212", "$16.90", "$1234"]
        );
        assert_eq!(known(None), "-");
    }
}
