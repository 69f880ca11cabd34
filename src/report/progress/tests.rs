//! Complete output of whole runs.

mod aligned;
mod driving;

use std::sync::{Arc, Mutex};

use insta::assert_snapshot;

use super::super::fixture::{self, id};
use super::*;
use crate::model::{Action, Plan, Problem, StepId, TestResult, event::Unit};

/// The output of a reporter under test.
#[derive(Clone, Default)]
struct Paper(Arc<Mutex<Vec<u8>>>);

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Paper {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

const BUILD: &str = "build:1111111111111111";
const PUSH: &str = "push:1111111111111111";

fn started(step: &str) -> Event {
    Event::Started { step: id(step) }
}

fn output(step: &str, line: &str) -> Event {
    Event::Output {
        step: id(step),
        line: line.to_owned(),
    }
}

fn progress(step: &str, doing: &str, done: u64, total: u64, unit: Unit) -> Event {
    Event::Progress {
        step: id(step),
        doing: doing.to_owned(),
        done,
        total: Some(total),
        unit,
    }
}

fn finished(step: &str, result: &str, millis: u64) -> Event {
    Event::Finished {
        step: id(step),
        result: result.to_owned(),
        millis,
    }
}

fn tested(step: &str, result: TestResult) -> Event {
    Event::Tested {
        step: id(step),
        result,
    }
}

fn failed(step: &str, problem: Problem) -> Event {
    Event::Failed {
        step: id(step),
        problem,
    }
}

fn tests_failed() -> Problem {
    Problem {
        message: "1 of 2 tests failed".to_owned(),
        ..Problem::default()
    }
}

fn names(plan: &Plan) -> Vec<StepId> {
    plan.steps.iter().map(|step| step.id.clone()).collect()
}

fn success(plan: &Plan) -> Vec<Event> {
    vec![
        started(BUILD),
        progress(BUILD, "[2/5] RUN julia", 2, 5, Unit::Steps),
        output(BUILD, "\u{1b}[32mPrecompiling\u{1b}[0m project..."),
        finished(BUILD, "5 steps", 12_300),
        started("test-local"),
        tested("test-local", fixture::passed()),
        finished("test-local", "1 passed", 1_200),
        started(PUSH),
        progress(PUSH, "layer 3f2a", 12_300, 40_000, Unit::Bytes),
        Event::Retry {
            step: id(PUSH),
            why: "ECR throttled the request".to_owned(),
            attempt: 2,
            wait_ms: 400,
        },
        finished(PUSH, "", 800),
        Event::Summary(Summary {
            done: names(plan),
            ..Summary::default()
        }),
    ]
}

/// The build fails after more output than is kept.
fn failing_build(plan: &Plan) -> Vec<Event> {
    let mut events = vec![
        started("repository"),
        finished("repository", "", 90),
        started(BUILD),
    ];
    events.extend((1..=40).map(|number| output(BUILD, &format!("line {number}"))));
    events.push(failed(BUILD, fixture::problem()));
    let mut summary = Summary {
        done: vec![id("repository")],
        failed: vec![id(BUILD)],
        not_started: names(plan),
        ..Summary::default()
    };
    summary
        .not_started
        .retain(|step| *step == id(PUSH) || *step == id("create"));
    events.push(Event::Summary(summary));
    events
}

/// A gate's test fails.
fn failing_test(gate: &str) -> Vec<Event> {
    vec![
        started(gate),
        tested(gate, fixture::passed()),
        tested(gate, fixture::different()),
        failed(gate, tests_failed()),
        Event::Summary(Summary {
            failed: vec![id(gate)],
            not_started: vec![id(PUSH)],
            tests_failed: true,
            ..Summary::default()
        }),
    ]
}

fn rendered(style: &Style, plan: &Plan, events: &[Event]) -> String {
    let paper = Paper::default();
    let reporter = Reporter::to(style, &plan.steps, Box::new(paper.clone()));
    let mut reporter = reporter.toward(plan.purpose);
    for event in events {
        reporter.event(event);
    }
    reporter.finish();
    paper.text()
}

fn lines() -> Style {
    Style::plain()
}

fn bars() -> Style {
    Style {
        unicode: true,
        progress: true,
        ..Style::plain()
    }
}

fn stream() -> Style {
    Style {
        format: Format::Json,
        ..Style::plain()
    }
}

fn verbose(style: Style) -> Style {
    Style {
        verbosity: 1,
        ..style
    }
}

fn quiet(style: Style) -> Style {
    Style {
        quiet: true,
        ..style
    }
}

#[test]
fn success_in_lines() {
    let plan = fixture::first();
    assert_snapshot!(rendered(&lines(), &plan, &success(&plan)));
}

#[test]
fn success_in_verbose_lines() {
    let plan = fixture::first();
    assert_snapshot!(rendered(&verbose(lines()), &plan, &success(&plan)));
}

#[test]
fn a_note_on_a_passed_test_is_shown_except_in_quiet_output() {
    let plan = fixture::first();
    let events = [
        started("test-local"),
        tested("test-local", fixture::passed()),
        tested("test-local", fixture::noted()),
    ];
    assert_snapshot!(rendered(&lines(), &plan, &events));
    assert_eq!(rendered(&quiet(lines()), &plan, &events), "");
}

#[test]
fn quiet_success_is_one_line() {
    let plan = fixture::first();
    assert_eq!(
        rendered(&quiet(lines()), &plan, &success(&plan)),
        "Done: 2 built, 2 pushed, 4 created.\n"
    );
}

#[test]
fn bars_leave_a_line_for_each_step() {
    let plan = fixture::first();
    assert_snapshot!(rendered(&bars(), &plan, &success(&plan)));
}

#[test]
fn a_failed_build_shows_its_last_lines() {
    let plan = fixture::first();
    let events = failing_build(&plan);
    let text = rendered(&lines(), &plan, &events);
    assert!(
        !text.contains("line 9\n") && text.contains("line 10\n"),
        "{text}"
    );
    assert_snapshot!(text);
    assert_eq!(
        rendered(&quiet(lines()), &plan, &events)
            .matches("| line")
            .count(),
        31
    );
}

#[test]
fn verbose_output_is_not_shown_twice() {
    let plan = fixture::first();
    let text = rendered(&verbose(lines()), &plan, &failing_build(&plan));
    assert_eq!(text.matches("line 40").count(), 1, "{text}");
}

#[test]
fn a_failed_local_gate() {
    assert_snapshot!(rendered(
        &bars(),
        &fixture::first(),
        &failing_test("test-local")
    ));
}

#[test]
fn a_failed_remote_gate() {
    assert_snapshot!(rendered(
        &lines(),
        &fixture::first(),
        &failing_test("test-remote")
    ));
}

#[test]
fn an_apply_that_stops_names_what_it_created() {
    let plan = fixture::first();
    let is_test = |step: &&Step| matches!(step.action, Action::TestLocal { .. });
    let gate = plan.steps.iter().find(is_test).expect("a gate").id.clone();
    let before = plan.steps.iter().take_while(|step| step.id != gate);
    let done: Vec<StepId> = before.map(|step| step.id.clone()).collect();
    let after = plan.steps.iter().skip(done.len() + 1);
    let summary = Summary {
        not_started: after.map(|step| step.id.clone()).collect(),
        failed: vec![gate],
        done,
        tests_failed: true,
        ..Summary::default()
    };
    assert_snapshot!(rendered(&lines(), &plan, &[Event::Summary(summary)]));
}

#[test]
fn what_was_created_is_named_until_nothing_waits_for_it() {
    let plan = fixture::first();
    let mut summary = Summary::default();
    let mut lists = String::new();
    for step in &plan.steps {
        summary.done.push(step.id.clone());
        let kept = summary.left_behind(&plan.steps);
        lists.push_str(&format!("{}: {}\n", step.id, kept.join(", ")));
    }
    assert_snapshot!(lists);
}

#[test]
fn an_interrupted_destroy() {
    let summary = Summary {
        done: vec![id("function")],
        not_started: vec![id("role")],
        interrupted: true,
        ..Summary::default()
    };
    assert_snapshot!(rendered(
        &lines(),
        &fixture::destroy(),
        &[Event::Summary(summary)]
    ));
}

#[test]
fn steps_without_a_plan_go_by_their_ids() {
    let text = rendered(
        &lines(),
        &fixture::nothing(),
        &[started("build:1"), finished("build:1", "", 5)],
    );
    assert_eq!(text, "build:1: started\nbuild:1: done, 5 ms\n");
}

#[test]
fn json_lines_begin_with_the_version_and_end_with_the_summary() {
    let plan = fixture::replace();
    let events = [failing_test("create"), success(&plan)].concat();
    let text = rendered(&stream(), &plan, &events);
    let all: Vec<serde_json::Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(all.len(), events.len() + 1);
    assert_eq!(all[0]["format_version"], json_version());
    assert_eq!(all.last().unwrap()["event"], "summary");
    assert_snapshot!(text);
}

fn json_version() -> u32 {
    super::super::json::FORMAT_VERSION
}

#[test]
fn quiet_json_lines_leave_out_the_detail() {
    let plan = fixture::first();
    let text = rendered(&quiet(stream()), &plan, &success(&plan));
    assert!(!text.contains(r#""event":"output""#) && !text.contains(r#""event":"progress""#));
    assert!(text.contains(r#""event":"finished""#));
}

#[test]
fn long_steps_give_a_sign_of_life_every_ten_seconds() {
    let paper = Paper::default();
    let mut reporter = Reporter::to(&lines(), &fixture::first().steps, Box::new(paper.clone()));
    let start = Instant::now();
    reporter.event_at(&started(BUILD), start);
    reporter.event_at(
        &progress(BUILD, "[3/5] RUN julia", 3, 5, Unit::Steps),
        start,
    );
    for second in 1..=25 {
        reporter.tick(start + Duration::from_secs(second));
    }
    reporter.event_at(
        &finished(BUILD, "", 26_000),
        start + Duration::from_secs(26),
    );
    reporter.tick(start + Duration::from_secs(60));
    assert_snapshot!(paper.text());
}
