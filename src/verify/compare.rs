//! Compares answers with what a test expects.
//!
//! Numbers compare as exact decimals, so `1`, `1.0` and `1e0` are equal and 9007199254740993 is not
//! 9007199254740992. A tolerance applies where at least one side has a fraction or an exponent:
//! integers always compare exactly.

use super::json::{Json, parse};
use crate::model::TestOutcome;

/// Longest value in the sentence about the difference, in characters.
const SHOWN: usize = 60;

/// Compares two JSON texts: [`TestOutcome::Passed`] or [`TestOutcome::Different`], or `Broken`
/// where `expected` is not JSON.
///
/// Keys have no order; `tolerance` is the largest absolute or relative difference that still
/// passes.
pub fn difference(expected: &str, actual: &str, tolerance: Option<f64>) -> TestOutcome {
    let expected = match parse(expected) {
        Ok(json) => json,
        Err(error) => {
            return TestOutcome::Broken {
                message: format!("the expected value is not JSON: {error}"),
                help: Some("fix `expected_json` or `expected_file`".to_owned()),
                place: None,
            };
        }
    };
    let actual = match parse(actual) {
        Ok(json) => json,
        Err(error) => {
            return TestOutcome::Different {
                expected: expected.pretty(),
                actual: actual.to_owned(),
                place: format!("the answer is not JSON: {error}"),
            };
        }
    };
    match first_difference(&expected, &actual, tolerance, "") {
        None => TestOutcome::Passed,
        Some(place) => TestOutcome::Different {
            expected: expected.pretty(),
            actual: actual.pretty(),
            place,
        },
    }
}

/// Describes the first difference, such as `[2].x: expected 3, got 4`.
fn first_difference(
    expected: &Json,
    actual: &Json,
    tolerance: Option<f64>,
    place: &str,
) -> Option<String> {
    match (expected, actual) {
        (Json::Number(a), Json::Number(b)) if numbers_match(a, b, tolerance) => None,
        (Json::List(a), Json::List(b)) if a.len() != b.len() => Some(at(
            place,
            &format!("expected {}, got {}", elements(a.len()), elements(b.len())),
        )),
        (Json::List(a), Json::List(b)) => {
            a.iter().zip(b).enumerate().find_map(|(index, (a, b))| {
                first_difference(a, b, tolerance, &format!("{place}[{index}]"))
            })
        }
        (Json::Object(a), Json::Object(b)) => {
            let known = a.iter().find_map(|(key, a)| match b.get(key) {
                Some(b) => first_difference(a, b, tolerance, &step(place, key)),
                None => Some(at(
                    &step(place, key),
                    &format!("expected {}, got nothing", shown(a)),
                )),
            });
            let unknown = || b.iter().find(|(key, _)| !a.contains_key(*key));
            known.or_else(|| {
                let (key, b) = unknown()?;
                Some(at(
                    &step(place, key),
                    &format!("expected nothing, got {}", shown(b)),
                ))
            })
        }
        (a, b) if a == b => None,
        (a, b) => Some(at(
            place,
            &format!("expected {}, got {}", shown(a), shown(b)),
        )),
    }
}

fn at(place: &str, what: &str) -> String {
    if place.is_empty() {
        what.to_owned()
    } else {
        format!("{place}: {what}")
    }
}

fn step(place: &str, key: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if !key.is_empty() && key.chars().all(plain) {
        format!("{place}.{key}")
    } else {
        format!("{place}[{}]", serde_json::Value::from(key))
    }
}

fn elements(count: usize) -> String {
    if count == 1 {
        "1 element".to_owned()
    } else {
        format!("{count} elements")
    }
}

fn shown(value: &Json) -> String {
    let text = value.compact();
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text,
    }
}

fn numbers_match(a: &str, b: &str, tolerance: Option<f64>) -> bool {
    if a == b || decimal(a).is_some_and(|a| decimal(b) == Some(a)) {
        return true;
    }
    let integer = |text: &str| !text.contains(['.', 'e', 'E']);
    let Some(tolerance) = tolerance.filter(|_| !(integer(a) && integer(b))) else {
        return false;
    };
    let (Ok(a), Ok(b)) = (a.parse::<f64>(), b.parse::<f64>()) else {
        return false;
    };
    let apart = (a - b).abs();
    apart.is_finite() && (apart <= tolerance || apart <= tolerance * a.abs().max(b.abs()))
}

/// A number's normal form: sign, digits without zeros at either end, power of ten of the last
/// digit.
///
/// `None` where the power exceeds 64 bits, so that such numbers equal only their own text.
fn decimal(text: &str) -> Option<(bool, String, i64)> {
    let (negative, text) = text
        .strip_prefix('-')
        .map_or((false, text), |rest| (true, rest));
    let (mantissa, power) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let digits = digits.trim_start_matches('0');
    if digits.is_empty() {
        return Some((false, String::new(), 0));
    }
    let trimmed = digits.trim_end_matches('0');
    let zeros = i64::try_from(digits.len() - trimmed.len()).ok()?;
    let places = i64::try_from(fraction.len()).ok()?;
    let power = power
        .parse::<i64>()
        .ok()?
        .checked_sub(places)?
        .checked_add(zeros)?;
    Some((negative, trimmed.to_owned(), power))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn place(expected: &str, actual: &str, tolerance: Option<f64>) -> Option<String> {
        match difference(expected, actual, tolerance) {
            TestOutcome::Passed => None,
            TestOutcome::Different { place, .. } => Some(place),
            TestOutcome::Broken { message, .. } => Some(message),
        }
    }

    #[test]
    fn equal_values_pass() {
        let cases = [
            ("1", "1.0"),
            ("1", "1e0"),
            ("100", "1E+2"),
            ("0", "-0.0"),
            ("0.1", "1e-1"),
            ("9007199254740993", "9007199254740993.00"),
            ("1e99999999999999999999", "1e99999999999999999999"),
            (
                " {\"a\": 1, \"b\": [null, true]}",
                "{\"b\":[null,true],\"a\":1}",
            ),
            ("\"\\u00e9\"", "\"é\""),
        ];
        for (expected, actual) in cases {
            assert_eq!(place(expected, actual, None), None, "{expected} {actual}");
        }
    }

    #[test]
    fn a_difference_is_said_with_its_place() {
        let cases = [
            (
                "9007199254740993",
                "9007199254740992",
                "expected 9007199254740993, got 9007199254740992",
            ),
            (
                "0.1",
                "0.1000000000000000055",
                "expected 0.1, got 0.1000000000000000055",
            ),
            (
                "[1,2,{\"x\":3}]",
                "[1,2,{\"x\":4}]",
                "[2].x: expected 3, got 4",
            ),
            ("[1]", "[1,2]", "expected 1 element, got 2 elements"),
            ("{\"a b\":[]}", "{}", "[\"a b\"]: expected [], got nothing"),
            ("{}", "{\"k\":\"v\"}", ".k: expected nothing, got \"v\""),
            ("3", "\"3\"", "expected 3, got \"3\""),
            ("null", "false", "expected null, got false"),
            (
                "1e99999999999999999999",
                "1e99999999999999999998",
                "expected 1e99999999999999999999, got 1e99999999999999999998",
            ),
        ];
        for (expected, actual, said) in cases {
            assert_eq!(place(expected, actual, None).as_deref(), Some(said));
        }
    }

    #[test]
    fn tolerance_is_for_what_is_no_integer() {
        let passes =
            |expected, actual, tolerance| place(expected, actual, Some(tolerance)).is_none();
        assert!(passes("0.3", "0.30000000000000004", 1e-9));
        assert!(passes("1e20", "100000000000000000001", 1e-9));
        assert!(passes("3", "3.0000000001", 1e-9));
        assert!(passes("0.0", "1e-12", 1e-9));
        assert!(!passes("3", "3.1", 1e-9));
        assert!(!passes("3", "4", 10.0));
        assert!(!passes("9007199254740993", "9007199254740992", 1e-9));
        assert!(!passes("1e400", "2e400", 1e-9));
        assert!(!passes("1e400", "0.5", 1e-9));
    }

    #[test]
    fn an_answer_that_is_no_json_is_a_difference_and_an_expectation_that_is_none_is_broken() {
        assert!(
            place("1", "oops", None)
                .unwrap()
                .starts_with("the answer is not JSON")
        );
        let outcome = difference("oops", "1", None);
        assert!(matches!(outcome, TestOutcome::Broken { .. }));
    }

    /// `digits * 10^power` in one of many spellings.
    fn spelling() -> impl Strategy<Value = (i64, i8, String)> {
        (-2000i64..2000, -4i8..4, -3i8..4, 0usize..3).prop_map(|(digits, power, shift, zeros)| {
            let sign = if digits < 0 { "-" } else { "" };
            // `00` is not a JSON number.
            let zeros = if digits == 0 { 0 } else { zeros };
            let padded = format!("{}{}", digits.unsigned_abs(), "0".repeat(zeros));
            let zeros = zeros as i8;
            let text = match shift {
                1..=3 => {
                    let places = shift as usize;
                    let wide = format!("{padded:0>width$}", width = places + 1);
                    let (whole, fraction) = wide.split_at(wide.len() - places);
                    format!("{sign}{whole}.{fraction}e{}", power - zeros + shift)
                }
                0 if power == zeros => format!("{sign}{padded}"),
                _ => format!("{sign}{padded}E{:+}", power - zeros),
            };
            (digits, power, text)
        })
    }

    proptest! {
        #[test]
        fn numbers_are_equal_exactly_where_arithmetic_says_so(
            (a, p, left) in spelling(), (b, q, right) in spelling()
        ) {
            let scaled =
                |digits: i64, power: i8| i128::from(digits) * 10i128.pow((power + 4) as u32);
            let equal = scaled(a, p) == scaled(b, q);
            prop_assert_eq!(place(&left, &right, None).is_none(), equal, "{} {}", left, right);
            prop_assert!(place(&left, &left, None).is_none());
        }

        #[test]
        fn one_value_spelt_twice_is_equal((digits, power, left) in spelling(), shift in 0u32..6) {
            let exponent = i64::from(power) - i64::from(shift);
            let right = format!("{}e{exponent}", digits * 10i64.pow(shift));
            prop_assert!(place(&left, &right, None).is_none(), "{} {}", left, right);
        }

        #[test]
        fn integers_of_any_size_equal_only_themselves(
            a in "[1-9][0-9]{0,60}",
            b in "[1-9][0-9]{0,60}",
        ) {
            prop_assert_eq!(place(&a, &b, Some(0.5)).is_none(), a == b);
        }
    }
}
