//! The period of `jot logs`.

use std::fmt;

use jiff::Timestamp;

use crate::report::wording;

const MINUTE_MS: i64 = 60_000;
/// The units: letter, name, milliseconds.
const UNITS: [(char, &str, i64); 4] = [
    ('s', "second", 1000),
    ('m', "minute", MINUTE_MS),
    ('h', "hour", 60 * MINUTE_MS),
    ('d', "day", 24 * 60 * MINUTE_MS),
];
/// Ten years, the longest retention of a log group in CloudWatch.
const MOST_MS: i64 = 3653 * 24 * 60 * MINUTE_MS;

/// A time, or a span before now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    /// A span before now.
    Span {
        /// The number of units.
        number: u32,
        /// The name of the unit.
        unit: &'static str,
        /// The length in milliseconds.
        millis: i64,
    },
    /// A point in time.
    At(Timestamp),
}

impl Since {
    /// The Unix time in milliseconds, given the present one.
    pub fn before(self, now_ms: i64) -> i64 {
        match self {
            Self::Span { millis, .. } => now_ms - millis,
            Self::At(at) => at.as_millisecond(),
        }
    }
}

impl fmt::Display for Since {
    /// `in the last 10 minutes`, `since 2026-05-01T10:00:00Z`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Span { number, unit, .. } => {
                let span = wording::count(*number as usize, unit);
                write!(f, "in the last {span}")
            }
            Self::At(at) => write!(f, "since {at}"),
        }
    }
}

/// Parses a time or a span.
pub fn parse(word: &str) -> Result<Since, String> {
    if let Ok(at) = word.parse::<Timestamp>() {
        return Ok(Since::At(at));
    }
    let forms = || {
        "must be a number and a unit, such as 90s, 10m, 1h or 2d, or a time such as \
            2026-05-01T10:00:00Z"
            .to_owned()
    };
    let (digits, letter) = match word.strip_suffix(|last: char| last.is_ascii_alphabetic()) {
        Some(digits) => (digits, word.chars().last().unwrap_or('m')),
        None => (word, 'm'),
    };
    let unit = UNITS
        .iter()
        .find(|(one, ..)| *one == letter.to_ascii_lowercase());
    let (_, unit, each) = *unit.ok_or_else(forms)?;
    let number: u32 = digits.trim_end().parse().map_err(|_| forms())?;
    let millis = i64::from(number) * each;
    if millis > MOST_MS {
        return Err("must be at most 3653d".to_owned());
    }
    Ok(Since::Span {
        number,
        unit,
        millis,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_has_a_unit_or_is_minutes() {
        for (word, millis, shown) in [
            ("90s", 90_000, "in the last 90 seconds"),
            ("10m", 600_000, "in the last 10 minutes"),
            ("10", 600_000, "in the last 10 minutes"),
            ("1h", 3_600_000, "in the last 1 hour"),
            ("2d", 172_800_000, "in the last 2 days"),
        ] {
            let since = parse(word).unwrap();
            assert_eq!(since.before(172_800_000), 172_800_000 - millis);
            assert_eq!(since.to_string(), shown);
        }
    }

    #[test]
    fn a_time_is_that_time() {
        let since = parse("1970-01-01T00:00:02Z").unwrap();
        assert_eq!(since.before(99_999), 2000);
        assert_eq!(since.to_string(), "since 1970-01-01T00:00:02Z");
        assert_eq!(parse("1970-01-01T02:00:02+02:00").unwrap().before(0), 2000);
    }

    #[test]
    fn anything_else_is_an_error_that_names_the_forms() {
        for word in ["", "h", "1w", "-1h", "1.5h", "yesterday", "4294967296"] {
            assert!(
                parse(word).unwrap_err().contains("90s, 10m, 1h or 2d"),
                "{word}"
            );
        }
        assert_eq!(parse("9999d").unwrap_err(), "must be at most 3653d");
    }
}
