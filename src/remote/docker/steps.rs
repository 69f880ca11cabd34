//! Output of a builder that writes text, such as Podman, converted to [`Work`].

use std::collections::VecDeque;

use super::{Work, excerpt::TAIL};
use crate::model::redacted;

/// Podman's text before the cause of a failed step.
const BEFORE_REASON: &str = "while running runtime: ";
/// Suffix of the name of a cached step.
pub(super) const CACHED: &str = " (cached)";
/// Prefixes of lines that a builder writes about itself.
const ERRANDS: [&str; 3] = ["--> ", "Successfully tagged ", "Successfully built "];

/// State of such a build.
#[derive(Default)]
pub(super) struct Steps {
    /// The running step, with its position.
    step: Option<(String, u64, u64)>,
    /// Output since the last line break.
    partial: String,
    tail: VecDeque<String>,
}

impl Steps {
    /// Reads a piece of text; returns what is new.
    pub(super) fn take(&mut self, text: &str) -> Vec<Work> {
        self.partial.push_str(text);
        let Some(end) = self.partial.rfind('\n') else {
            return Vec::new();
        };
        let rest = self.partial.split_off(end + 1);
        let whole = std::mem::replace(&mut self.partial, rest);
        whole.lines().filter_map(|line| self.line(line)).collect()
    }

    /// The running step, and the last lines that it wrote; `None` before the first.
    pub(super) fn failed(&self) -> Option<(&str, Vec<String>)> {
        let (step, ..) = self.step.as_ref()?;
        let rest = Some(&self.partial).filter(|line| !line.is_empty());
        let lines = self.tail.iter().chain(rest);
        Some((
            step,
            lines.map(|line| redacted(line).into_owned()).collect(),
        ))
    }

    fn line(&mut self, line: &str) -> Option<Work> {
        if let Some((doing, nth, total)) = step(line) {
            self.step = Some((doing.clone(), nth, total));
            self.tail.clear();
            let done = nth.saturating_sub(1);
            return Some(Work::Step { doing, done, total });
        }
        let (_, rest) = staged(line);
        if rest.starts_with("--> Using cache") {
            let (step, nth, total) = self.step.as_ref()?;
            let doing = format!("{step}{CACHED}");
            let (done, total) = (*nth, *total);
            return Some(Work::Step { doing, done, total });
        }
        if rest.starts_with("COMMIT ") {
            let total = self.step.as_ref().map_or(0, |(.., total)| *total);
            return Some(Work::Step {
                doing: "exporting to image".to_owned(),
                done: total,
                total,
            });
        }
        if ERRANDS.iter().any(|errand| rest.starts_with(errand)) || is_id(line) {
            return None;
        }
        self.tail.push_back(line.to_owned());
        if self.tail.len() > TAIL {
            self.tail.pop_front();
        }
        Some(Work::Output(line.to_owned()))
    }
}

/// Podman's error of a failed step, without the step.
pub(super) fn reason(message: &str) -> &str {
    match message.rsplit_once(BEFORE_REASON) {
        Some((_, reason)) => reason,
        None => message,
    }
    .trim()
}

/// A step's name as BuildKit would write it, its number, and the number of steps.
///
/// `[2/3] STEP 1/4: RUN make` is the first of four in the second stage of three.
fn step(line: &str) -> Option<(String, u64, u64)> {
    let (stage, rest) = staged(line);
    let (place, command) = rest.strip_prefix("STEP ")?.split_once(": ")?;
    let (nth, total) = place.split_once('/')?;
    let (nth, total) = (nth.parse().ok()?, total.parse().ok()?);
    let stage = stage.map_or_else(String::new, |stage| format!("stage {stage}, "));
    Some((format!("[{stage}{nth}/{total}] {command}"), nth, total))
}

/// The stage of a line, and the line without it.
fn staged(line: &str) -> (Option<&str>, &str) {
    let stage = line.strip_prefix('[').and_then(|rest| {
        let (stage, rest) = rest.split_once("] ")?;
        let digits = |c: char| c.is_ascii_digit() || c == '/';
        stage.chars().all(digits).then_some((Some(stage), rest))
    });
    stage.unwrap_or((None, line))
}

/// Whether the line is the id of the built image.
fn is_id(line: &str) -> bool {
    line.len() == 64 && line.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begun(doing: &str, done: u64, total: u64) -> Work {
        Work::Step {
            doing: doing.to_owned(),
            done,
            total,
        }
    }

    /// Output of Podman 4.3.1.
    #[test]
    fn podmans_lines_become_steps_and_output() {
        let mut steps = Steps::default();
        let text = "[1/2] STEP 1/1: FROM 127.0.0.1:1/jot/p-1:0-0 AS base\n--> Using cache ab2e\n\
                    --> ab2e8f8c6f1\n\
                    [2/2] STEP 1/2: FROM ab2e\n[2/2] STEP 2/2: RUN  make   all\nhello\nno newline";
        let output = |line: &str| Work::Output(line.to_owned());
        assert_eq!(
            steps.take(text),
            [
                begun(
                    "[stage 1/2, 1/1] FROM 127.0.0.1:1/jot/p-1:0-0 AS base",
                    0,
                    1
                ),
                begun(
                    "[stage 1/2, 1/1] FROM 127.0.0.1:1/jot/p-1:0-0 AS base (cached)",
                    1,
                    1
                ),
                begun("[stage 2/2, 1/2] FROM ab2e", 0, 2),
                begun("[stage 2/2, 2/2] RUN  make   all", 1, 2),
                output("hello"),
            ]
        );
        let (step, lines) = steps.failed().unwrap();
        assert_eq!(step, "[stage 2/2, 2/2] RUN  make   all");
        assert_eq!(lines, ["hello", "no newline"]);
        let id = "0ea0db5b74e558cf26448425b89e15935ab0ea13a3fb582fbb172545298d0740";
        let end =
            format!("\n[2/2] COMMIT docker.io/jot/p:0\n--> 0ea0\n{id}\nSuccessfully built 0ea0\n");
        let exporting = begun("exporting to image", 2, 2);
        assert_eq!(steps.take(&end), [output("no newline"), exporting]);
        assert_eq!(
            Steps::default().take("STEP 2/2: RUN x\n"),
            [begun("[2/2] RUN x", 1, 2)]
        );
    }

    #[test]
    fn the_reason_is_what_follows_the_step() {
        let said = "building at STEP \"RUN exit 3\": while running runtime: exit status 3\n";
        assert_eq!(reason(said), "exit status 3");
        assert_eq!(reason("no such stage\n"), "no such stage");
    }
}
