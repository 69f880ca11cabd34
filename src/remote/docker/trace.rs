//! BuildKit's status messages, turned into [`Work`].

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
/// Longest sentence of a tool of jot's own: it says what to do too.
const SENTENCE: usize = 1000;
/// How lines begin in which jot's own tools say why they end a build.
const OWN: &str = "jot: ";
/// What BuildKit says before it says what is wrong with a Dockerfile.
const BEFORE_REASON: &str = "failed to create LLB definition: ";
/// An errand of BuildKit's that may last, since a registry is asked.
const LOOK_UP: &str = "[internal] load metadata for ";

/// What is known of a build so far.
#[derive(Default)]
pub(super) struct Trace {
    /// By BuildKit's digest of the step.
    steps: BTreeMap<String, Step>,
    last: Option<Work>,
    /// What a builder without BuildKit wrote.
    text: Steps,
    names: Names,
}

#[derive(Default)]
struct Step {
    name: Named,
    /// Whether it stands in the Dockerfile, unlike BuildKit's own errands.
    numbered: bool,
    started: bool,
    done: bool,
    error: String,
    /// Output since the last line break.
    partial: String,
    tail: VecDeque<String>,
}

impl Trace {
    /// The trace of a build whose base users know by this name, and whose steps have these titles.
    pub(super) fn on(base: Option<&str>, titles: &[StepTitle]) -> Self {
        Self {
            names: Names::new(base, titles),
            ..Self::default()
        }
    }

    /// Takes in what a builder without BuildKit wrote, and tells `progress` what is new.
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

    /// Takes one message in, and tells `progress` what is new.
    pub(super) fn take(&mut self, status: StatusResponse, progress: &mut dyn FnMut(Work)) {
        for vertex in status.vertexes {
            if let Some(doing) = self.vertex(vertex) {
                self.step(doing, progress);
            }
        }
        for log in status.logs {
            for line in self.log(&log) {
                progress(Work::Output(line));
            }
        }
    }

    /// The error for a build that Docker says failed with `message`.
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

    /// Gives the step's name if it is worth showing.
    fn vertex(&mut self, vertex: Vertex) -> Option<String> {
        let named = self.names.step(&vertex.name);
        let error = self.names.shown(&vertex.error);
        let step = self.steps.entry(vertex.digest).or_default();
        step.name = named;
        step.numbered = vertex.name.starts_with('[') && !vertex.name.starts_with("[internal]");
        step.started |= vertex.started.is_some();
        step.done |= vertex.completed.is_some();
        step.error = error;
        if let Some(looked_up) = step.name.text.strip_prefix(LOOK_UP) {
            let going = step.started && !step.done;
            return going.then(|| format!("looking up {looked_up}"));
        }
        let shown = step.started && (step.numbered || step.name.text.starts_with("exporting"));
        let cached = if vertex.cached { CACHED } else { "" };
        shown.then(|| format!("{}{cached}", step.name.text))
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

    /// Gives the lines that are complete now.
    fn log(&mut self, log: &VertexLog) -> Vec<String> {
        let step = self.steps.entry(log.vertex.clone()).or_default();
        step.partial.push_str(&String::from_utf8_lossy(&log.msg));
        let Some(end) = step.partial.rfind('\n') else {
            return Vec::new();
        };
        let rest = step.partial.split_off(end + 1);
        let whole = std::mem::replace(&mut step.partial, rest);
        // A line that was drawn over and over, as progress bars are, counts as it looked in the end.
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

/// The error of a step: what a tool of jot's own said last, or else why it ended.
fn failed_at(image: &str, place: String, reason: String, output: Vec<String>) -> Error {
    let image = image.to_owned();
    let told = told(&output);
    let output = (!output.is_empty()).then_some(BuildOutput(output));
    match told {
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

/// What a tool of jot's own said last, which is why the step failed.
fn told(output: &[String]) -> Option<String> {
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
mod tests {
    use bollard::moby::buildkit::v1::{StatusResponse, Vertex, VertexLog};

    use super::*;

    fn vertex(digest: &str, name: &str, state: &str) -> Vertex {
        Vertex {
            digest: digest.to_owned(),
            name: name.to_owned(),
            cached: state == "cached",
            started: (state != "known").then(Default::default),
            completed: ["done", "cached", "failed"]
                .contains(&state)
                .then(Default::default),
            error: match state {
                "failed" => "executor failed running [/bin/sh -c make]: exit code: 2".to_owned(),
                _ => String::new(),
            },
            ..Default::default()
        }
    }

    fn log(digest: &str, text: &str) -> VertexLog {
        VertexLog {
            vertex: digest.to_owned(),
            msg: text.into(),
            ..Default::default()
        }
    }

    fn take(trace: &mut Trace, vertexes: Vec<Vertex>, logs: Vec<VertexLog>) -> Vec<Work> {
        let mut seen = Vec::new();
        let status = StatusResponse {
            vertexes,
            logs,
            ..Default::default()
        };
        trace.take(status, &mut |work| seen.push(work));
        seen
    }

    fn step(doing: &str, done: u64, total: u64) -> Work {
        Work::Step {
            doing: doing.to_owned(),
            done,
            total,
        }
    }

    #[test]
    fn steps_of_the_dockerfile_count_and_errands_do_not() {
        let mut trace = Trace::default();
        let known = vec![
            vertex("i", "[internal] load build context", "done"),
            vertex("a", "[1/2] FROM base", "cached"),
            vertex("b", "[2/2] RUN  make \\\n all", "known"),
        ];
        // The second step is not known yet when the first is reported.
        assert_eq!(
            take(&mut trace, known, vec![]),
            [step("[1/2] FROM base (cached)", 1, 1)]
        );
        let begun = vertex("b", "[2/2] RUN  make \\\n all", "begun");
        let seen = take(&mut trace, vec![begun.clone(), begun], vec![]);
        assert_eq!(seen, [step("[2/2] RUN make \\ all", 1, 2)]);
        let seen = take(
            &mut trace,
            vec![vertex("e", "exporting to image", "begun")],
            vec![],
        );
        assert_eq!(seen, [step("exporting to image", 1, 2)]);
    }

    /// It takes as long as the registry lets it, and it is the image's name that users know that is shown.
    #[test]
    fn a_look_up_that_goes_on_is_shown() {
        let mut trace = Trace::on(Some("jot/p:0"), &[]);
        let name = "[internal] load metadata for 127.0.0.1:1/jot/p-1:0-0";
        let begun = take(&mut trace, vec![vertex("m", name, "begun")], vec![]);
        assert_eq!(begun, [step("looking up jot/p:0", 0, 0)]);
        assert_eq!(
            take(&mut trace, vec![vertex("m", name, "done")], vec![]),
            []
        );
        let from = vertex("a", "[1/1] FROM 127.0.0.1:1/jot/p-1:0-0@sha256:00", "begun");
        assert_eq!(
            take(&mut trace, vec![from], vec![]),
            [step("[1/1] FROM jot/p:0@sha256:00", 0, 1)]
        );
        let error = trace.failure(
            "f",
            "pull of 127.0.0.1:1/jot/q-2:0-1 (127.0.0.1:1/jot/p): no",
        );
        assert!(
            error.to_string().ends_with("pull of jot/p:0 (jot/p:0): no"),
            "{error}"
        );
    }

    #[test]
    fn a_failure_of_a_builder_that_writes_text_names_its_step_too() {
        let mut trace = Trace::default();
        trace.write("STEP 1/2: FROM a\nSTEP 2/2: RUN make\nwhy\n", &mut |_| {});
        let said = "building at STEP \"RUN make\": while running runtime: exit status 2\n";
        let error = trace.failure("base", said);
        assert_eq!(
            error.to_string(),
            "the build of base failed at [2/2] RUN make: exit status 2"
        );
        assert!(
            matches!(error, Error::Build { output: Some(BuildOutput(lines)), .. } if lines == ["why"])
        );
    }

    #[test]
    fn output_is_given_by_whole_lines() {
        let mut trace = Trace::default();
        let logs = vec![
            log("a", "one\ntw"),
            log("b", "other\n"),
            log("a", "o\n1%\r2%\r\nthr"),
        ];
        let seen = take(&mut trace, vec![], logs);
        let lines = ["one", "other", "two", "2%"].map(|line| Work::Output(line.to_owned()));
        assert_eq!(seen, lines);
    }

    #[test]
    fn a_failure_names_the_step_and_its_last_lines() {
        let mut trace = Trace::default();
        let failed = vec![
            vertex("a", "[1/2] FROM b", "done"),
            vertex("b", "[2/2] RUN make", "failed"),
        ];
        let many: String = (0..40).map(|n| format!("line {n}\n")).collect();
        take(
            &mut trace,
            failed,
            vec![log("b", &many), log("b", "the end")],
        );
        let error = trace.failure("base", "whatever");
        assert_eq!(
            error.to_string(),
            "the build of base failed at [2/2] RUN make: exit status 2"
        );
        let Error::Build {
            output: Some(BuildOutput(lines)),
            ..
        } = error
        else {
            panic!()
        };
        assert_eq!((lines.len(), lines[0].as_str()), (31, "line 10"));
        assert_eq!(lines[30], "the end");
    }

    #[test]
    fn what_a_tool_of_jots_own_says_is_the_reason_and_no_step_is_named() {
        let mut trace = Trace::default();
        let failed = vec![vertex("b", "[2/2] RUN /jot/build", "failed")];
        let lines = "precompiling\njot: f.jl:1: no f\n";
        take(&mut trace, failed, vec![log("b", lines)]);
        let error = trace.failure("f", "whatever");
        assert_eq!(error.to_string(), "f cannot be built: f.jl:1: no f");
    }

    #[test]
    fn a_failure_before_the_first_step_says_what_docker_said() {
        let said =
            "failed to solve: failed to create LLB definition: dockerfile parse error line 1";
        let error = Trace::default().failure("base", said).to_string();
        assert_eq!(
            error,
            "the build of base failed at the beginning: dockerfile parse error line 1"
        );
    }
}
