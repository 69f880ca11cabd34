//! What a call came to, printed.

use std::process::ExitCode;

use crate::{
    cli::{
        Error, FAILED,
        output::{self, Print},
    },
    report::{
        self,
        human::Call,
        json::{self, Answer},
    },
};

/// Prints what was answered, and what the function wrote; gives the exit status.
pub fn tell(
    print: &Print,
    (function, qualifier): (&str, Option<&str>),
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
        output::print(&json::answer(&answer))?;
        return Ok(status);
    }
    output::print(&report::human::answer(text, &print.out))?;
    if !print.err.quiet {
        let lines: Vec<&str> = log.lines().collect();
        let log = report::human::log(&lines, &print.err);
        report::output::err(&(log + &report::human::called(call, &print.err)));
    }
    Ok(status)
}
