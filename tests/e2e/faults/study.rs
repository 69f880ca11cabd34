//! The study: every kind of fault at random, and a kill before and after every call.
//! `scripts/faults` runs it.

use std::{
    collections::BTreeMap,
    fmt::Write,
    sync::{Arc, Mutex, PoisonError},
};

use super::{
    arena::{Told, told},
    kills::{self, Point, Side},
    kind::{Dice, Hooks, Kind},
    victim::{Judge, Subject},
};
use crate::support::Ran;

/// The settings of the study.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Runs of each kind.
    pub runs: u64,
    /// The share of requests that a fault affects.
    pub rate: f64,
    /// The first run's seed; each further run has the next.
    pub seed: u64,
}

/// The result of one run.
pub struct Outcome {
    /// How often each operation was affected.
    pub struck: BTreeMap<String, u64>,
    /// How the apply under faults ended; `None`: killed.
    pub status: Option<i32>,
    /// Its reports of failures.
    pub told: Vec<Told>,
    /// What is wrong.
    pub wrong: Option<String>,
}

/// Returns what the run with a seed changes, by the kinds of faults.
pub type Choice<'a> = dyn Fn(&[Kind], u64) -> Box<dyn Subject + 'a> + 'a;

/// One run under faults of these kinds, and one without faults.
pub fn run(subject: &dyn Subject, kinds: &[Kind], rate: f64, seed: u64) -> Outcome {
    subject.prepare();
    let struck: Arc<Mutex<BTreeMap<String, u64>>> = Arc::default();
    let hooks = Hooks::of(subject.victim());
    let ran = subject.run_under(&judge(hooks, kinds, rate, seed, struck.clone()));
    let told = told(&ran);
    let recovered = subject.recovers();
    let wrong = unsaid(&ran, &told).and(recovered);
    let struck = struck
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone();
    Outcome {
        struck,
        status: ran.status,
        told,
        wrong: wrong.err(),
    }
}

fn judge(
    hooks: Hooks,
    kinds: &[Kind],
    rate: f64,
    seed: u64,
    struck: Arc<Mutex<BTreeMap<String, u64>>>,
) -> Judge {
    let kinds = kinds.to_vec();
    Arc::new(move |operation, nth| {
        let mut dice = Dice::for_request(seed, operation, nth);
        let kind = dice.one_of(&kinds);
        if !dice.strikes(rate * kind.share()) {
            return None;
        }
        let fault = kind.fault(operation, &mut dice, &hooks)?;
        let mut struck = struck.lock().unwrap_or_else(PoisonError::into_inner);
        *struck.entry(operation.to_owned()).or_default() += 1;
        Some(fault)
    })
}

/// A failure has to be reported, with what to do about it.
fn unsaid(ran: &Ran, told: &[Told]) -> Result<(), String> {
    let silent = ran.status == Some(1) && told.is_empty();
    let helpless = told.iter().find(|one| one.help.is_none());
    match (silent, helpless) {
        (true, _) => Err(format!("it failed without a word: {ran:#?}")),
        (_, Some(one)) => Err(format!("no help with `{}`", one.message)),
        _ if matches!(ran.status, None | Some(0 | 1 | 130 | 143)) => Ok(()),
        _ => Err(format!("exit status {:?}: {ran:#?}", ran.status)),
    }
}

/// A table of `runs` under each kind, one row each, and of the operations that they affected; fails
/// after it was printed.
pub fn at_random(
    settings: &Settings,
    rows: &[(String, Vec<Kind>)],
    choice: &Choice,
) -> Vec<String> {
    let Settings { runs, rate, seed } = settings;
    let (mut wrong, mut messages) = (Vec::new(), BTreeMap::new());
    println!(
        "\n{runs} runs each, faults at {rate} of the requests that a kind can strike, seeds {seed} \
         to {}.\n",
        seed + runs - 1
    );
    println!(
        "| fault | runs | struck | finished in the same run | stopped, and where \
         | finished by the next apply | not converged |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- |");
    let mut struck = BTreeMap::new();
    for (words, kinds) in rows {
        let outcomes: Vec<Outcome> = (0..*runs)
            .map(|n| {
                let subject = choice(kinds, seed + n);
                run(subject.as_ref(), kinds, *rate, seed + n)
            })
            .collect();
        println!("{}", row(words, &outcomes));
        for (n, outcome) in outcomes.into_iter().enumerate() {
            wrong.extend(
                outcome
                    .wrong
                    .map(|why| format!("{words}, seed {}: {why}", seed + n as u64)),
            );
            let names = choice(kinds, seed + n as u64).names();
            for one in outcome.told {
                *messages
                    .entry((settled(&one.message, &names), one.help.unwrap_or_default()))
                    .or_insert(0) += 1;
            }
            for (operation, count) in outcome.struck {
                *struck
                    .entry(operation)
                    .or_insert_with(BTreeMap::<String, u64>::new)
                    .entry(words.clone())
                    .or_default() += count;
            }
        }
    }
    println!("\nRequests struck:\n");
    print!("{}", matrix(&struck, rows));
    println!("\nWhat jot said:\n\n| times | message | help |\n| --- | --- | --- |");
    for ((message, help), times) in messages {
        println!("| {times} | {message} | {help} |");
    }
    wrong
}

fn row(words: &str, outcomes: &[Outcome]) -> String {
    let count = |test: &dyn Fn(&Outcome) -> bool| outcomes.iter().filter(|one| test(one)).count();
    let mut stops: BTreeMap<&str, usize> = BTreeMap::new();
    for outcome in outcomes.iter().filter(|one| one.status != Some(0)) {
        let first = outcome.told.first().map(|one| one.step.as_str());
        let place = match first {
            Some("") => "observe",
            Some(step) => step,
            None if outcome.status.is_none() => "killed",
            None => "interrupted",
        };
        *stops.entry(place).or_default() += 1;
    }
    let stops: Vec<String> = stops
        .iter()
        .map(|(step, n)| format!("{step} {n}"))
        .collect();
    let struck: u64 = outcomes.iter().flat_map(|one| one.struck.values()).sum();
    format!(
        "| {words} | {} | {struck} | {} | {} | {} | {} |",
        outcomes.len(),
        count(&|one| one.status == Some(0) && one.wrong.is_none()),
        stops.join(", "),
        count(&|one| one.status != Some(0) && one.wrong.is_none()),
        count(&|one| one.wrong.is_some()),
    )
}

/// How often each operation was affected by each kind.
fn matrix(
    struck: &BTreeMap<String, BTreeMap<String, u64>>,
    rows: &[(String, Vec<Kind>)],
) -> String {
    let heads: Vec<&str> = rows.iter().map(|(words, _)| words.as_str()).collect();
    let mut text = format!(
        "| request | {} |\n| --- |{}\n",
        heads.join(" | "),
        " --- |".repeat(heads.len())
    );
    for (operation, by_kind) in struck {
        let cells = heads
            .iter()
            .map(|head| by_kind.get(*head).map(u64::to_string).unwrap_or_default());
        let cells: Vec<String> = cells.collect();
        let _ = writeln!(text, "| {operation} | {} |", cells.join(" | "));
    }
    text
}

/// A message without the parts that differ in every run.
fn settled(message: &str, names: &[(String, &str)]) -> String {
    let mut message = message.replace('|', "\\|").replace('\n', " ");
    for (name, words) in names {
        message = message.replace(name, words);
    }
    let word = |word: &str| match word.chars().filter(char::is_ascii_hexdigit).count() {
        12.. => "DIGEST".to_owned(),
        _ => word.to_owned(),
    };
    message.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

/// A table of a kill before and after those calls of a change that `wanted` selects; fails after it
/// was printed.
pub fn kill_points(subject: &dyn Subject, wanted: impl Fn(&Point) -> bool) -> Vec<String> {
    let points = kills::points(subject);
    let mut wrong = Vec::new();
    let words = subject.words();
    println!(
        "\nKills during {words}, in the order of its calls:\n\n| call | before | after |\n\
         | --- | --- | --- |"
    );
    for point in points.into_iter().filter(wanted) {
        let mut cell = |side| match kills::kill(subject, &point, side) {
            Ok(true) => "next apply finished",
            Ok(false) => "not reached",
            Err(why) => {
                wrong.push(format!("{words}, {point:?} {side:?}: {why}"));
                "**not converged**"
            }
        };
        println!(
            "| {} {} | {} | {} |",
            point.operation,
            point.nth,
            cell(Side::Before),
            cell(Side::After)
        );
    }
    wrong
}
