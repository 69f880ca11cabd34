//! Two applies started at the same moment over a change, repeatedly: no update is lost, and the
//! alias never points at a version that has not passed its gate.

use std::{
    collections::BTreeMap,
    fmt::Write,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use serde_json::Value;

use super::{apply_both, arena::told};
use crate::{
    proxy::Fault,
    support::{Project, Ran, Stack, ran},
};

const FUNCTION: &str = "adder";

/// Lambda's requests and answers, in the order of the answers.
#[derive(Default)]
struct Tape {
    /// Versions that answered as the test expects.
    passed: Vec<String>,
    /// The alias was pointed at a version, and whether its gate was passed by then.
    pointed: Vec<(String, bool)>,
}

/// Two checkouts of one project.
struct Pair {
    stack: Stack,
    one: Project,
    other: Project,
    tape: Arc<Mutex<Tape>>,
}

impl Pair {
    fn new() -> Pair {
        let stack = Stack::start();
        let one = Project::new(&stack, "pairs");
        let other = one.twin();
        Pair {
            stack,
            one,
            other,
            tape: Arc::default(),
        }
    }

    /// Writes the responder and its test, which both depend on `n`.
    fn write(&self, n: u64) {
        for project in [&self.one, &self.other] {
            project.write("adder.jl", &format!("adder(v) = v .+ {n}\n"));
            let expected = n + 1;
            project.manifest(&format!(
                "
[functions.{FUNCTION}]
julia = {{ source = \"adder.jl\", argument_type = \"Vector{{Int}}\", version = \"1.5\", \
    compile = \"none\" }}
tests = [{{ argument = [1], expected = [{expected}], exemplar = false }}]
"
            ));
        }
    }

    /// Records Lambda's answers from now on; the expected answer of the function is this.
    fn listen(&self, expected: String) {
        *self.tape.lock().unwrap_or_else(PoisonError::into_inner) = Tape::default();
        self.stack.proxy.reset();
        let tape = self.tape.clone();
        self.stack.proxy.judge(move |operation, _| {
            let tape = tape.clone();
            let expected = expected.clone();
            let listens = ["lambda:Invoke", "lambda:UpdateAlias", "lambda:CreateAlias"];
            let tell = move |path: &str, status: u16, text: &str| {
                let mut tape = tape.lock().unwrap_or_else(PoisonError::into_inner);
                tape.hear(&expected, path, status, text);
            };
            listens
                .contains(&operation)
                .then(|| Fault::Told(Arc::new(tell)))
        });
    }

    /// One round; returns how both ended, or what was wrong.
    fn round(&self, n: u64) -> Result<[Ran; 2], String> {
        self.write(n);
        let expected = format!("[{}]", n + 1);
        self.listen(expected.clone());
        // Two checkouts, and one folder that both use, alternately.
        let both = match n % 2 {
            0 => apply_both(&self.one, &self.other),
            _ => apply_both(&self.one, &self.one),
        };
        let heard = std::mem::take(&mut *self.tape.lock().unwrap_or_else(PoisonError::into_inner));
        self.stack.proxy.reset();
        if !both.iter().any(|ran| ran.status == Some(0)) {
            return Err(format!("neither finished: {both:#?}"));
        }
        for ran in &both {
            gave_way(ran)?;
        }
        if heard.pointed.is_empty() {
            return Err(format!(
                "nothing pointed the alias at the change: {both:#?}"
            ));
        }
        if let Some((version, _)) = heard.pointed.iter().find(|(_, passed)| !passed) {
            return Err(format!(
                "the alias was pointed at {version} before its gate"
            ));
        }
        self.came_true(&expected)?;
        Ok(both)
    }

    /// Whether the alias answers as after the change, and nothing remains to do.
    fn came_true(&self, expected: &str) -> Result<(), String> {
        let path = format!("{FUNCTION}/invocations?Qualifier=live");
        let answer = crate::support::http::aws_lambda(&self.stack.behind(), "POST", &path, "[1]");
        let answer = answer
            .map_err(|error| format!("no answer: {error}"))?
            .text();
        if answer.trim() != expected {
            return Err(format!("a lost update: {answer} instead of {expected}"));
        }
        for project in [&self.one, &self.other] {
            let plan = ran(project.jot().args(["plan", "--detailed-exitcode"]));
            if plan.status != Some(0) {
                return Err(format!("something is left to do: {plan:#?}"));
            }
        }
        Ok(())
    }
}

impl Tape {
    fn hear(&mut self, expected: &str, path: &str, status: u16, text: &str) {
        if status >= 300 {
            return;
        }
        if let Some((_, version)) = path.split_once("/invocations?Qualifier=") {
            if text.trim() == expected {
                self.passed.push(version.to_owned());
            }
            return;
        }
        let alias: Value = serde_json::from_str(text).unwrap_or_default();
        if let Some(version) = alias["FunctionVersion"].as_str() {
            let passed = self.passed.iter().any(|passed| passed == version);
            self.pointed.push((version.to_owned(), passed));
        }
    }
}

/// That an apply finished, or stopped with words that say what to do.
fn gave_way(ran: &Ran) -> Result<(), String> {
    let told = told(ran);
    let fine = match ran.status {
        Some(0) => true,
        Some(1) => !told.is_empty() && told.iter().all(|one| one.help.is_some()),
        _ => false,
    };
    match fine {
        true => Ok(()),
        false => Err(format!("it did not say what to do: {ran:#?}")),
    }
}

/// This many rounds; prints a table of how they ended, and returns what was wrong.
pub fn pairs(rounds: u64) -> Vec<String> {
    let pair = Pair::new();
    let (mut wrong, mut ends, mut words) = (Vec::new(), [0; 2], BTreeMap::new());
    let mut longest = Duration::ZERO;
    for n in 0..rounds {
        let begun = Instant::now();
        match pair.round(n) {
            Err(why) => wrong.push(format!("round {n}: {why}")),
            Ok(both) => {
                let finished = both.iter().filter(|ran| ran.status == Some(0)).count();
                ends[usize::from(finished == 2)] += 1;
                let first = both.iter().filter_map(|ran| told(ran).into_iter().next());
                for one in first {
                    let key = (one.step, one.message);
                    *words.entry(key).or_insert(0) += 1;
                }
            }
        }
        longest = longest.max(begun.elapsed());
    }
    println!("{}", table(rounds, ends, &wrong, &words));
    println!("The longest round took {longest:.1?}.");
    wrong
}

fn table(
    rounds: u64,
    [one, both]: [u64; 2],
    wrong: &[String],
    words: &BTreeMap<(String, String), u64>,
) -> String {
    let mut text = format!(
        "\nTwo applies at once, {rounds} times:\n\n\
         | rounds | both finished | one gave way | wrong |\n| --- | --- | --- | --- |\n\
         | {rounds} | {both} | {one} | {} |\n\n| step | what was said | times |\n\
         | --- | --- | --- |\n",
        wrong.len()
    );
    for ((step, message), times) in words {
        let message = message.replace('|', "\\|");
        let _ = writeln!(text, "| {step} | {message} | {times} |");
    }
    text
}
