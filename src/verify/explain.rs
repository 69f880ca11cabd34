//! Explanations: what went wrong, why Lambda would do the same, and what to try.

mod broken;
mod files;
mod start;
#[cfg(test)]
mod tests;

use std::time::Duration;

use crate::model::{
    Hints, TestOutcome,
    hints::{Place, Symptom},
};

pub(super) use broken::broken;
pub(super) use start::other_platform;

/// Lambda's error types for a function that ended instead of answering, or never started.
const ENDED: [&str; 3] = [
    "Runtime.ExitError",
    "Runtime.OutOfMemory",
    "Runtime.InvalidEntrypoint",
];
/// Lambda's highest memory, MB.
///
/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html>
const MOST_MEMORY: u32 = 10_240;
/// Lambda's longest timeout, seconds.
///
/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html>
const LONGEST: u32 = 900;
/// Lambda's limit for initialisation in addition to the timeout, seconds.
///
/// A longer one is ended, and repeated within the first call and its timeout.
/// <https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-ib>
pub const INIT_S: u32 = 10;

/// The settings in an explanation.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits<'a> {
    pub(super) memory_mb: u32,
    pub(super) timeout_s: u32,
    /// Hints of the source's language.
    pub(super) hints: &'a Hints,
}

/// Observations in addition to the answer.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    /// Whether the kernel killed a process because memory ran out.
    pub(super) out_of_memory: bool,
    /// The last lines of the log.
    pub(super) log: Vec<String>,
}

impl Limits<'_> {
    /// The outcome of a call that exceeded the timeout.
    pub(super) fn timed_out(self) -> TestOutcome {
        let timeout = self.timeout_s;
        let help = match timeout {
            LONGEST.. => "this is Lambda's limit: reduce the work".to_owned(),
            _ => format!(
                "Lambda ends a call there too: raise timeout_s, to {} for a start",
                (timeout * 2).min(LONGEST)
            ),
        };
        broken(
            format!("it did not answer within timeout_s = {timeout}"),
            Some(help),
        )
    }

    /// The outcome of a call that Lambda would end, because it repeats an initialisation of this
    /// length within the call.
    pub(super) fn initialised_too_long(self, init: Duration) -> TestOutcome {
        let (timeout, took) = (self.timeout_s, init.as_secs_f64());
        let message = format!(
            "it initialised for {took:.1} s: Lambda ends that after {INIT_S} s and repeats it in \
             the call, which may take timeout_s = {timeout}"
        );
        broken(message, Some(self.faster_start()))
    }

    /// The outcome of a call that was ended before the function had initialised.
    pub(super) fn never_began(self) -> TestOutcome {
        let timeout = self.timeout_s;
        let message = format!(
            "its initialisation ended neither within the {INIT_S} s that Lambda allows for it, nor \
             within the call, which may take timeout_s = {timeout}"
        );
        broken(message, Some(self.faster_start()))
    }

    /// The note on a test that passes although Lambda initialises twice for it.
    pub(super) fn initialised_twice(self, init: Duration) -> String {
        let took = init.as_secs_f64();
        let both = took + f64::from(INIT_S);
        format!(
            "it initialised for {took:.1} s: Lambda ends that after {INIT_S} s and repeats it in \
             the call, so that a cold start takes {both:.0} s; {}",
            self.faster_start()
        )
    }

    fn faster_start(self) -> String {
        let faster = self.hints.faster_start.as_ref();
        let faster = faster
            .map(|faster| format!("{faster}, "))
            .unwrap_or_default();
        format!(
            "load and compute less before the first call, {faster}or {}, which brings more CPU",
            self.more_memory()
        )
    }

    /// The outcome of an error answer, from the function or from Lambda.
    pub(super) fn failed(self, kind: &str, message: &str, seen: &Seen) -> TestOutcome {
        if message.contains("Task timed out after") {
            return self.timed_out();
        }
        if ENDED.contains(&kind) {
            return self.ended(message, seen);
        }
        let said = match message {
            "" => format!("it failed with {kind}"),
            // Some errors are shown by their type.
            _ if message.starts_with(kind) => format!("it failed with {message}"),
            _ => format!("it failed with {kind}: {message}"),
        };
        let help = match kind.contains("OutOfMemory") {
            true => Some(self.more_memory()),
            false => self.advice(&said, message),
        };
        broken(said, help)
    }

    /// The outcome of a process that ended, in the words of the kernel or a shell.
    pub(super) fn ended(self, how: &str, seen: &Seen) -> TestOutcome {
        if let Some(crash) = self.crash(how, seen.out_of_memory) {
            return crash;
        }
        if let Some(never_began) = start::other_processor(how, &seen.log) {
            return never_began;
        }
        let how = how.rsplit("exited with error: ").next().unwrap_or(how);
        let log = seen.log.join("\n");
        match self.hints.symptom(Place::Log, &log) {
            Some(symptom) => ended_with(symptom, how, &seen.log),
            None => broken(format!("it ended before it answered: {how}"), None),
        }
    }

    /// Advice on an error, by its kind and its message.
    fn advice(self, said: &str, message: &str) -> Option<String> {
        let known = self.hints.symptom(Place::Message, said);
        known
            .map(|symptom| symptom.help_for(said))
            .or_else(|| files::help(message))
            .or_else(|| self.hints.otherwise.clone())
    }

    /// The outcome where the kernel ended it.
    fn crash(self, how: &str, out_of_memory: bool) -> Option<TestOutcome> {
        let memory = self.memory_mb;
        let more = self.more_memory();
        let limit = || format!("Lambda kills at the same limit: {more}");
        let killed = how.contains("signal: killed") || how.contains("exit status 137");
        let (message, help) = match how {
            _ if out_of_memory => ("it ran out of memory and was killed (137)", limit()),
            _ if killed => ("it was killed (137), most likely for memory,", limit()),
            _ if how.contains("segmentation fault") || how.contains("exit status 139") => (
                "it crashed (139, segmentation fault)",
                format!(
                    "Lambda runs the same code; likely causes: too little memory ({more}), or {}",
                    self.hints.crash.as_deref().unwrap_or("a fault in its code")
                ),
            ),
            _ => return None,
        };
        Some(broken(
            format!("{message} at memory_mb = {memory}"),
            Some(help),
        ))
    }

    fn more_memory(self) -> String {
        match self.memory_mb {
            MOST_MEMORY.. => "this is Lambda's limit: reduce the work".to_owned(),
            memory => format!("try memory_mb = {}", (memory * 2).min(MOST_MEMORY)),
        }
    }
}

/// The outcome of a process that ended with a symptom of its language.
fn ended_with(symptom: &Symptom, how: &str, log: &[String]) -> TestOutcome {
    let found = |(prefix, without): &(String, String)| {
        let line = log
            .iter()
            .find_map(|line| line.strip_prefix(prefix.as_str()));
        line.unwrap_or(without).to_owned()
    };
    let line = symptom.line.as_ref().map(found).unwrap_or_default();
    let default = "it ended before it answered: {how}";
    let message = symptom.message.as_deref().unwrap_or(default);
    let message = message.replace("{how}", how).replace("{line}", &line);
    broken(message, Some(symptom.help_for(&log.join("\n"))))
}
