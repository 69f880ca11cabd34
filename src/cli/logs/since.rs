//! How far back `jot logs` looks.

use std::fmt;

use crate::report::wording;

/// Milliseconds of a minute.
const MINUTE_MS: i64 = 60_000;
/// The units, by the letter that names them, with their milliseconds.
const UNITS: [(char, &str, i64); 4] = [
    ('s', "second", 1000),
    ('m', "minute", MINUTE_MS),
    ('h', "hour", 60 * MINUTE_MS),
    ('d', "day", 24 * 60 * MINUTE_MS),
];
/// Ten years: CloudWatch keeps nothing longer that a log group's retention can name.
const MOST_MS: i64 = 3653 * 24 * 60 * MINUTE_MS;

/// A span of time before now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Since {
    number: u32,
    unit: &'static str,
    millis: i64,
}

impl Since {
    /// Milliseconds.
    pub fn millis(self) -> i64 {
        self.millis
    }
}

impl fmt::Display for Since {
    /// `10 minutes`, `1 hour`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&wording::count(self.number as usize, self.unit))
    }
}

/// The span that a word of the command line names.
pub fn parse(word: &str) -> Result<Since, String> {
    let forms = || "must be a number and a unit, such as 90s, 10m, 1h or 2d".to_owned();
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
    Ok(Since {
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
            ("90s", 90_000, "90 seconds"),
            ("10m", 600_000, "10 minutes"),
            ("10", 600_000, "10 minutes"),
            ("1h", 3_600_000, "1 hour"),
            ("2d", 172_800_000, "2 days"),
        ] {
            let since = parse(word).unwrap();
            assert_eq!(
                (since.millis(), since.to_string().as_str()),
                (millis, shown)
            );
        }
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
