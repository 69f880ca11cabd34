//! BuildKit's status messages, converted to [`Work`].

use std::collections::{BTreeMap, VecDeque};

use bollard::moby::buildkit::v1::{StatusResponse, Vertex, VertexLog};

use super::{
    Work,
    excerpt::{TAIL, one_line},
    named::{Named, Names},
    steps::{self, CACHED, Steps},
};
use crate::{
    model::{recipe::StepTitle, redacted},
    remote::{Error, error::BuildOutput},
};

/// Longest reason, in characters.
const REASON: usize = 400;
/// Longest sentence of a tool of jot's own, which includes advice.
const SENTENCE: usize = 1000;
/// Prefix of lines in which jot's own tools say why they end a build.
const OWN: &str = "jot: ";
/// BuildKit's text before what is wrong with a Dockerfile.
const BEFORE_REASON: &str = "failed to create LLB definition: ";
/// An internal step of BuildKit that may take long, because it asks a registry.
const LOOK_UP: &str = "[internal] load metadata for ";

/// State of a build.
#[derive(Default)]
pub(super) struct Trace {
    /// By BuildKit's digest of the step.
    steps: BTreeMap<String, Step>,
    last: Option<Work>,
    /// Output of a builder without BuildKit.
    text: Steps,
    names: Names,
}

#[derive(Default)]
struct Step {
    name: Named,
    /// What to show of it, if it is worth showing.
    doing: Option<String>,
    /// How many had started before it, if it has started.
    began: Option<usize>,
    /// Whether it is in the Dockerfile, and not an internal step of BuildKit.
    numbered: bool,
    done: bool,
    error: String,
    /// Output since the last line break.
    partial: String,
    tail: VecDeque<String>,
}

impl Trace {
    /// The trace of a build with this name of its base for users, and with these titles of its
    /// steps.
    pub(super) fn on(base: Option<&str>, titles: &[StepTitle]) -> Self {
        Self {
            names: Names::new(base, titles),
            ..Self::default()
        }
    }

    /// Reads output of a builder without BuildKit, and reports what is new to `progress`.
    pub(super) fn write(&mut self, text: &str, progress: &mut dyn FnMut(Work)) {
        for mut work in self.text.take(text) {
            if let Work::Step { doing, .. } = &mut work {
                let (step, cached) = match doing.strip_suffix(CACHED) {
                    Some(step) => (step, CACHED),
                    None => (doing.as_str(), ""),
                };
                *doing = self.names.step(step).text + cached;
            }
            progress(work);
        }
    }

    /// Reads one message, and reports what is new to `progress`.
    pub(super) fn take(&mut self, status: StatusResponse, progress: &mut dyn FnMut(Work)) {
        for vertex in status.vertexes {
            if let Some(doing) = self.vertex(vertex) {
                self.step(doing, progress);
            }
        }
        if let Some(doing) = self.still_running() {
            self.step(doing, progress);
        }
        for log in status.logs {
            for line in self.log(&log) {
                progress(Work::Output(line));
            }
        }
    }

    /// The error for a build that failed with Docker's `message`.
    pub(super) fn failure(&self, image: &str, message: &str) -> Error {
        let message = &self.names.shown(message);
        if let Some((step, output)) = self.text.failed() {
            let reason = one_line(steps::reason(message), REASON);
            return failed_at(image, self.names.step(step).place(), reason, output);
        }
        let failed =
            |step: &&Step| !step.error.is_empty() && !step.error.contains("context canceled");
        let step = self.steps.values().find(failed);
        let lines = |step: &Step| {
            let rest = Some(&step.partial).filter(|line| !line.is_empty());
            let lines = step.tail.iter().chain(rest);
            let lines = lines.map(|line| redacted(line).into_owned());
            lines.collect::<Vec<_>>()
        };
        let output = step.map(lines).unwrap_or_default();
        let name = step.map_or_else(|| "at the beginning".to_owned(), |step| step.name.place());
        let reason = reason(step.map_or(message, |step| &step.error));
        failed_at(image, name, reason, output)
    }

    /// Returns the step's name if it is worth showing.
    fn vertex(&mut self, vertex: Vertex) -> Option<String> {
        let named = self.names.step(&vertex.name);
        let error = self.names.shown(&vertex.error);
        let begun = self.steps.values().filter(|step| step.began.is_some());
        let begun = begun.count();
        let step = self.steps.entry(vertex.digest).or_default();
        step.name = named;
        step.numbered = vertex.name.starts_with('[') && !vertex.name.starts_with("[internal]");
        if vertex.started.is_some() {
            step.began.get_or_insert(begun);
        }
        step.done |= vertex.completed.is_some();
        step.error = error;
        step.doing = step.doing(vertex.cached);
        step.doing.clone()
    }

    /// What to show after the shown step has ended while others run: the one that started last.
    fn still_running(&self) -> Option<String> {
        let Some(Work::Step { doing: shown, .. }) = &self.last else {
            return None;
        };
        let running = self.steps.values().filter(|step| !step.done);
        let running: Vec<_> = running
            .filter_map(|step| Some((step.began?, step.doing.as_ref()?)))
            .collect();
        if running.iter().any(|(_, doing)| *doing == shown) {
            return None;
        }
        running.into_iter().max().map(|(_, doing)| doing.clone())
    }

    fn step(&mut self, doing: String, progress: &mut dyn FnMut(Work)) {
        let numbered = || self.steps.values().filter(|step| step.numbered);
        let work = Work::Step {
            doing,
            done: numbered().filter(|step| step.done).count() as u64,
            total: numbered().count() as u64,
        };
        if self.last.as_ref() != Some(&work) {
            self.last = Some(work.clone());
            progress(work);
        }
    }

    /// Returns the lines that are complete now.
    fn log(&mut self, log: &VertexLog) -> Vec<String> {
        let step = self.steps.entry(log.vertex.clone()).or_default();
        step.partial.push_str(&String::from_utf8_lossy(&log.msg));
        let Some(end) = step.partial.rfind('\n') else {
            return Vec::new();
        };
        let rest = step.partial.split_off(end + 1);
        let whole = std::mem::replace(&mut step.partial, rest);
        // A line that was overwritten, as progress bars are, counts with its last text.
        let last = |line: &str| {
            line.rsplit('\r')
                .find(|part| !part.is_empty())
                .unwrap_or("")
                .to_owned()
        };
        let lines: Vec<String> = whole.lines().map(last).collect();
        step.tail.extend(lines.iter().cloned());
        step.tail.drain(..step.tail.len().saturating_sub(TAIL));
        lines
    }
}

impl Step {
    /// What to show of it.
    fn doing(&self, cached: bool) -> Option<String> {
        if let Some(looked_up) = self.name.text.strip_prefix(LOOK_UP) {
            let going = self.began.is_some() && !self.done;
            return going.then(|| format!("looking up {looked_up}"));
        }
        let worth = self.numbered || self.name.text.starts_with("exporting");
        let shown = self.began.is_some() && worth;
        let cached = if cached { CACHED } else { "" };
        shown.then(|| format!("{}{cached}", self.name.text))
    }
}

/// The error of a step: the last message of a tool of jot's own, or else why it ended.
fn failed_at(image: &str, place: String, reason: String, output: Vec<String>) -> Error {
    let image = image.to_owned();
    let own = own_message(&output);
    let output = (!output.is_empty()).then_some(BuildOutput(output));
    match own {
        Some(reason) => Error::Source {
            image,
            reason,
            output,
        },
        None => Error::Build {
            image,
            step: place,
            reason,
            output,
        },
    }
}

/// The last message of a tool of jot's own: why the step failed.
fn own_message(output: &[String]) -> Option<String> {
    let line = output.last()?.strip_prefix(OWN)?;
    Some(one_line(line, SENTENCE))
}

/// Docker repeats the whole command before the exit code.
fn reason(error: &str) -> String {
    match error.rsplit_once("exit code: ") {
        Some((_, code)) => format!("exit status {}", code.trim()),
        None => {
            let start = error
                .rfind(BEFORE_REASON)
                .map_or(0, |at| at + BEFORE_REASON.len());
            one_line(&error[start..], REASON)
        }
    }
}

#[cfg(test)]
#[path = "trace_tests.rs"]
mod tests;
