//! Output of a finished call.

use std::process::ExitCode;

use crate::{
    cli::{
        Error, FAILED,
        output::{self, Print},
    },
    report::{
        self,
        human::Call,
        json::{self, Answer, Breakdown},
    },
};

/// Prints the answer, and the function's log if it was requested or the call failed; returns the
/// exit status.
pub fn print_answer(
    print: &Print,
    (function, qualifier, whole): (&str, Option<&str>, bool),
    (text, log): (&str, &str),
    call: &Call,
) -> Result<ExitCode, Error> {
    let failed = call.error.is_some();
    let status = ExitCode::from(if failed { FAILED } else { 0 });
    if print.json() {
        let mut answer = Answer::new(function, qualifier, text, log.lines().collect());
        answer.failed = failed;
        answer.version = call.version;
        answer.request_id = call.request_id;
        answer.millis = call.millis;
        answer.breakdown = Breakdown::of(&call.logged, call.millis);
        output::print(&json::answer(&answer))?;
        return Ok(status);
    }
    output::print(&report::human::answer(text, &print.out))?;
    if !print.err.quiet {
        let wrote = call.logged.lines.iter();
        let wrote: Vec<&str> = wrote
            .map(|line| line.message.as_str())
            .filter(|_| whole || failed)
            .collect();
        let log = report::human::log(&wrote, &print.err);
        let called = report::human::called(call, &print.err);
        let apart = match whole {
            true => report::human::breakdown(&call.logged, call.millis, &print.err),
            false => String::new(),
        };
        report::output::err(&(log + &called + &apart));
    }
    Ok(status)
}
