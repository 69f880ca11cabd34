//! The answers of an exemplar session, compared while the image is built: a wrong one ends the build, since what it would
//! compile is not what the tests ask for.

use crate::{
    model::{Desired, Fingerprint, Function, Test, TestResult},
    verify,
};

/// The exemplars of an image: those of every function that runs it, whose expectations may differ.
pub struct Exemplars<'a> {
    functions: Vec<(&'a Function, Vec<&'a Test>)>,
}

impl<'a> Exemplars<'a> {
    /// Those of an image, in the order in which the recipe numbers them.
    pub fn of(desired: &'a Desired, image: &Fingerprint) -> Self {
        let running = desired
            .functions
            .values()
            .filter(|one| one.code.recipe() == Some(image));
        let functions = running.map(|function| {
            let tests = function.tests.iter().filter(|test| test.exemplar);
            (function, tests.collect())
        });
        Self {
            functions: functions.collect(),
        }
    }

    /// The failed test, where a line of the build's output tells an answer that is not the expected one.
    pub fn wrong(&self, line: &str) -> Option<TestResult> {
        let (number, answer) = verify::told(line)?;
        let results = self.functions.iter().filter_map(|(function, tests)| {
            let test = tests.get(number.checked_sub(1)?)?;
            Some(verify::replayed(function, test, answer))
        });
        results.into_iter().find(|result| !result.passed())
    }

    /// How many exemplars a function has.
    pub fn count(&self, function: &str) -> usize {
        let found = self.functions.iter().find(|(one, _)| one.key == function);
        found.map_or(0, |(_, tests)| tests.len())
    }
}
