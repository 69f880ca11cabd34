//! Record of the steps that began, their progress, and how they ended.

use std::{
    collections::{BTreeMap, VecDeque},
    time::Instant,
};

use crate::model::{Event, Step, StepId, Summary, TestResult, event::Unit, plan::Purpose};

use super::super::{Style, naming::sentence, wording};

/// Lines of a build's output that are kept in case it fails: as many as its error has.
const KEPT_OUTPUT: usize = 31;

/// Widest column of names.
const WIDEST_NAME: usize = 44;
/// Columns in addition to those names: for a mark and details.
const DETAIL: usize = 36;

/// The state of all steps so far.
pub(super) struct Ledger {
    pub(super) steps: Vec<Step>,
    /// The purpose of the plan with these steps, if known.
    pub(super) purpose: Option<Purpose>,
    open: BTreeMap<StepId, Open>,
    done: Vec<StepId>,
    failed: Vec<StepId>,
    tests_failed: bool,
    reported: Option<Summary>,
    /// The times of the beginning and of the last event.
    since: Instant,
    last: Instant,
}

pub(super) struct Open {
    pub(super) since: Instant,
    /// The time of its last sign of life.
    pub(super) heard: Instant,
    pub(super) doing: String,
    pub(super) amount: Option<(u64, Option<u64>, Unit)>,
    /// The last lines of its output.
    pub(super) output: VecDeque<String>,
    pub(super) tests: Vec<TestResult>,
}

impl Ledger {
    pub(super) fn new(steps: &[Step]) -> Self {
        let now = Instant::now();
        Self {
            since: now,
            last: now,
            steps: steps.to_vec(),
            purpose: None,
            open: BTreeMap::new(),
            done: Vec::new(),
            failed: Vec::new(),
            tests_failed: false,
            reported: None,
        }
    }

    /// Records the event; returns the step that it ended.
    pub(super) fn note(&mut self, event: &Event, now: Instant) -> Option<Open> {
        self.last = self.last.max(now);
        match event {
            Event::Started { step } => {
                self.open(step, now);
            }
            Event::Progress {
                step,
                doing,
                done,
                total,
                unit,
            } => {
                let open = self.open(step, now);
                open.doing = wording::plain(doing);
                open.amount = Some((*done, *total, *unit));
            }
            Event::Waiting { step, what, .. } => {
                self.open(step, now).doing = wording::plain(what);
            }
            Event::Output { step, line } => self.open(step, now).keep(line),
            Event::Tested { step, result } => {
                self.tests_failed |= !result.passed();
                self.open(step, now).tests.push(result.clone());
            }
            Event::Finished { step, .. } => {
                self.done.push(step.clone());
                return self.open.remove(step);
            }
            Event::Failed { step, .. } => {
                self.failed.push(step.clone());
                return self.open.remove(step);
            }
            Event::Looked { step, says } => self.open(step, now).doing.clone_from(says),
            Event::Retry { .. } | Event::Tried { .. } | Event::Error { .. } => {}
            Event::Summary(summary) => self.reported = Some(summary.clone()),
        }
        None
    }

    fn open(&mut self, step: &StepId, now: Instant) -> &mut Open {
        self.open.entry(step.clone()).or_insert_with(|| Open {
            since: now,
            heard: now,
            doing: String::new(),
            amount: None,
            output: VecDeque::new(),
            tests: Vec::new(),
        })
    }

    /// Milliseconds from the beginning to the last event.
    pub(super) fn millis(&self) -> u64 {
        let passed = self.last.saturating_duration_since(self.since);
        u64::try_from(passed.as_millis()).unwrap_or(u64::MAX)
    }

    /// The running step with this id.
    pub(super) fn current(&self, step: &StepId) -> Option<&Open> {
        self.open.get(step)
    }

    pub(super) fn all_open(&mut self) -> impl Iterator<Item = (&StepId, &mut Open)> {
        self.open.iter_mut()
    }

    /// The step of the plan with this id.
    pub(super) fn step(&self, id: &StepId) -> Option<&Step> {
        self.steps.iter().find(|step| step.id == *id)
    }

    /// The step as a sentence; its id if it is not in the plan.
    pub(super) fn sentence(&self, id: &StepId) -> String {
        self.step(id).map_or_else(|| id.to_string(), sentence)
    }

    /// Width of the steps' names on a terminal of that width, so that details are aligned.
    pub(super) fn column(&self, width: usize) -> usize {
        let lengths = self.steps.iter().map(|step| sentence(step).chars().count());
        let widest = WIDEST_NAME.min(width.saturating_sub(DETAIL));
        lengths.max().unwrap_or(0).min(widest)
    }

    /// The step as a sentence that fills the column of names; a longer one loses its middle.
    pub(super) fn in_column(&self, id: &StepId, style: &Style) -> String {
        let width = match self.column(style.width) {
            0 => WIDEST_NAME,
            width => width,
        };
        let sentence = wording::shortened(&self.sentence(id), width, style);
        format!("{sentence:<width$}", width = self.column(style.width))
    }

    /// The reported summary, or the state so far.
    pub(super) fn summary(self) -> Summary {
        if let Some(reported) = self.reported {
            return reported;
        }
        let begun = |id: &StepId| {
            self.done.contains(id) || self.failed.contains(id) || self.open.contains_key(id)
        };
        let ids = self.steps.iter().map(|step| step.id.clone());
        let not_started = ids.filter(|id| !begun(id)).collect();
        let mut summary = Summary {
            done: self.done,
            failed: self.failed,
            stopped: self.open.into_keys().collect(),
            not_started,
            interrupted: false,
            tests_failed: self.tests_failed,
            error: false,
            kept: Vec::new(),
        };
        summary.kept = summary.left_behind(&self.steps);
        summary
    }
}

impl Open {
    fn keep(&mut self, line: &str) {
        if self.output.len() == KEPT_OUTPUT {
            self.output.pop_front();
        }
        self.output.push_back(wording::plain(line));
    }

    /// The progress in words: `12.3 MB of 40.0 MB`, `step 3 of 5`; `None` if the activity already
    /// says it, as BuildKit's `[3/5] RUN` does.
    pub(super) fn how_far(&self) -> Option<String> {
        let (done, total, unit) = self.amount?;
        if unit == Unit::Steps && self.doing.starts_with('[') {
            return None;
        }
        Some(match (unit, total) {
            (Unit::Bytes, Some(total)) => {
                format!("{} of {}", wording::bytes(done), wording::bytes(total))
            }
            (Unit::Bytes, None) => wording::bytes(done),
            // The number of steps is not known yet, as during requests to a registry.
            (Unit::Steps, Some(0)) => return None,
            (Unit::Steps, Some(total)) => format!("step {done} of {total}"),
            (Unit::Steps, None) => format!("step {done}"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_step_waits_for_is_what_it_is_doing() {
        let step = StepId("version:double".to_owned());
        let mut ledger = Ledger::new(&[]);
        let waiting = Event::Waiting {
            step: step.clone(),
            what: "waiting for Lambda to publish version 3".to_owned(),
            millis: 5_000,
        };
        ledger.note(&waiting, Instant::now());
        let open = ledger.current(&step);
        let doing = open.map(|open| open.doing.as_str());
        assert_eq!(doing, Some("waiting for Lambda to publish version 3"));
    }
}
