//! The answers of an exemplar session in the build's output.

use super::{
    explain::{Limits, Seen},
    outcome::{Reply, judge},
};
use crate::model::{Function, Test, TestResult};

/// Prefix of an answer in a build's output; the exemplar's number and the answer follow.
const ANSWER: &str = "jot-answer ";

/// The number of the exemplar, 1 for the first, and the answer in a line of a build's output;
/// `None` for any other line.
pub fn replayed_answer(line: &str) -> Option<(usize, &str)> {
    let (number, answer) = line.strip_prefix(ANSWER)?.split_once(' ')?;
    Some((number.parse().ok()?, answer))
}

/// The result of a test of `function` that had its argument replayed while the image was built.
pub fn replayed(function: &Function, test: &Test, answer: &str) -> TestResult {
    let limits = Limits {
        memory_mb: function.memory_mb(),
        timeout_s: function.timeout_s(),
        hints: &function.hints,
    };
    let reply = Reply::guess(answer.to_owned());
    TestResult {
        function: function.key.clone(),
        test: test.name.clone(),
        outcome: judge(test, &reply, limits, &Seen::default()),
        millis: 0,
        log: Vec::new(),
        compiled: None,
        compiled_beside: 0,
        note: None,
    }
    .redacted()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_distinguished_from_other_lines() {
        assert_eq!(
            replayed_answer("jot-answer 12 [1, 2]"),
            Some((12, "[1, 2]"))
        );
        for line in [
            "jot-answer",
            "jot-answer 1",
            "jot-answer x 1",
            "jot: answer 1 2",
            "",
        ] {
            assert_eq!(replayed_answer(line), None, "{line}");
        }
    }
}
