//! Checks the answers of an exemplar session while the image is built.
//!
//! A wrong answer ends the build, because what the build would compile is not what the tests ask
//! for.

use std::{collections::BTreeSet, time::Duration};

use tokio::{sync::mpsc::UnboundedReceiver, time::Instant};

use crate::{
    model::{Content, Desired, Fingerprint, Function, Recipe, Test, TestResult},
    verify,
};

/// Folder of the exemplars' arguments in the build context; file names have four digits.
const FOLDER: &str = "exemplar/";
/// How long to wait for further answers after a wrong one.
const NEXT: Duration = Duration::from_secs(60);

/// An answer of the session: its number, and the results of the tests that have its argument.
pub type Answered = (usize, Vec<TestResult>);

/// The answers that were received so far.
#[derive(Debug, Default)]
pub struct Answers {
    numbers: BTreeSet<usize>,
    /// The results of the tests, each once.
    pub results: Vec<TestResult>,
    /// How long to wait for the next answer, once one is wrong.
    until: Option<Instant>,
}

impl Answers {
    /// Records one answer, unless one with its number is recorded already.
    pub fn add(&mut self, (number, results): Answered) {
        if !self.numbers.insert(number) {
            return;
        }
        self.results.extend(results);
        if self.is_wrong() {
            self.until = Some(Instant::now() + NEXT);
        }
    }

    /// Records the answers that have arrived so far.
    pub fn drain(&mut self, answers: &mut UnboundedReceiver<Answered>) {
        while let Ok(answer) = answers.try_recv() {
            self.add(answer);
        }
    }

    /// Whether an answer is wrong.
    pub fn is_wrong(&self) -> bool {
        self.results.iter().any(|result| !result.passed())
    }

    /// Completes once an answer is wrong and no other is to be waited for; never completes
    /// otherwise.
    pub async fn wrong(&self, all: usize) {
        match self.until {
            Some(_) if self.numbers.len() >= all => {}
            Some(until) => tokio::time::sleep_until(until).await,
            None => std::future::pending().await,
        }
    }
}

/// The exemplars of an image: those of every function that runs it; their expectations may differ.
pub struct Exemplars<'a> {
    recipe: Option<&'a Recipe>,
    functions: Vec<(&'a Function, Vec<&'a Test>)>,
}

impl<'a> Exemplars<'a> {
    /// The exemplars of an image.
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

    /// The answer that a line of the build's output reports, if it reports one.
    pub fn answered(&self, line: &str) -> Option<Answered> {
        let (number, answer) = verify::replayed_answer(line)?;
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
        let results = asked.map(|(function, test)| verify::replayed(function, test, answer));
        Some((number, results.collect()))
    }

    /// The highest number of answers that the session can report.
    pub fn all(&self) -> usize {
        let files = self.recipe.iter().flat_map(|recipe| &recipe.context);
        let arguments =
            files.filter(|file| file.path.starts_with(FOLDER) && file.path.ends_with(".json"));
        arguments.count()
    }

    /// The content of a file of the build context that jot generated.
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

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;
    use crate::model::TestOutcome;

    fn answer(number: usize, passes: bool) -> Answered {
        let broken = TestOutcome::Broken {
            message: "it failed".to_owned(),
            help: None,
            place: None,
        };
        let result = TestResult {
            function: "sum".to_owned(),
            test: format!("test {number}"),
            outcome: if passes { TestOutcome::Passed } else { broken },
            millis: 0,
            log: Vec::new(),
            compiled: None,
            compiled_beside: 0,
            note: None,
        };
        (number, vec![result])
    }

    #[test]
    fn a_session_with_a_wrong_answer_ends_once_all_have_arrived() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap();
        runtime.block_on(async {
            let mut answers = Answers::default();
            let ends = |answers: &Answers| answers.wrong(3).now_or_never().is_some();
            for (number, passes) in [(1, true), (2, false), (2, false)] {
                answers.add(answer(number, passes));
                assert!(!ends(&answers), "{answers:?}");
            }
            answers.add(answer(3, false));
            assert!(ends(&answers), "{answers:?}");
            let wrong = answers.results.iter().filter(|one| !one.passed());
            assert_eq!((answers.results.len(), wrong.count()), (3, 2));
        });
    }

    #[test]
    fn a_session_with_right_answers_is_never_ended() {
        let mut answers = Answers::default();
        answers.add(answer(1, true));
        assert!(answers.wrong(1).now_or_never().is_none());
    }
}
