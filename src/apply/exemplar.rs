//! The answers of an exemplar session, compared while the image is built: a wrong one ends the build, since what it would
//! compile is not what the tests ask for.

use crate::{
    model::{Content, Desired, Fingerprint, Function, Recipe, Test, TestResult},
    verify,
};

/// Where the argument of an exemplar is in the context of a build; the number has four digits.
const FOLDER: &str = "exemplar/";

/// The exemplars of an image: those of every function that runs it, whose expectations may differ.
pub struct Exemplars<'a> {
    recipe: Option<&'a Recipe>,
    functions: Vec<(&'a Function, Vec<&'a Test>)>,
}

impl<'a> Exemplars<'a> {
    /// Those of an image.
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
            recipe: desired.recipes.get(image),
            functions: functions.collect(),
        }
    }

    /// The failed test, where a line of the build's output tells an answer that is not the expected one.
    pub fn wrong(&self, line: &str) -> Option<TestResult> {
        let (number, answer) = verify::told(line)?;
        let name = format!("{FOLDER}{number:04}");
        let argument = self.made(&format!("{name}.json"))?;
        let command = self.made(&format!("{name}.handler"));
        let answering = self
            .functions
            .iter()
            .filter(|(function, _)| command.is_none_or(|command| starts(function, command)));
        let asked = answering.flat_map(|(function, tests)| {
            let same = |test: &&&Test| test.argument.as_bytes() == argument;
            tests.iter().filter(same).map(|test| (*function, *test))
        });
        let mut results = asked.map(|(function, test)| verify::replayed(function, test, answer));
        results.find(|result| !result.passed())
    }

    /// The bytes of a file of the context that jot made.
    fn made(&self, path: &str) -> Option<&'a [u8]> {
        let file = self.recipe?.context.iter().find(|file| file.path == path)?;
        match &file.content {
            Content::Bytes(bytes) => Some(bytes),
            Content::Disk(_) => None,
        }
    }

    /// How many exemplars a function has.
    pub fn count(&self, function: &str) -> usize {
        let found = self.functions.iter().find(|(one, _)| one.key == function);
        found.map_or(0, |(_, tests)| tests.len())
    }
}

/// Whether a function is started with this command.
fn starts(function: &Function, command: &[u8]) -> bool {
    let image = function.config.image.as_ref();
    image.is_some_and(
        |image| matches!(image.command.as_slice(), [one] if one.as_bytes() == command.trim_ascii()),
    )
}
