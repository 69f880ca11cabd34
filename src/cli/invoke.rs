//! `jot invoke`.

mod argument;

use std::{path::PathBuf, process::ExitCode};

use clap::Args;

use self::argument::Argument;
use super::{
    Error, FAILED, Global,
    output::{self, Print},
    session::Session,
    wanted,
};
use crate::{
    manifest::Loaded,
    model::{Function, Test},
    report::{
        self,
        json::{self, Answer},
    },
};

/// Calls a function in Lambda and prints what it answers.
#[derive(Debug, Args)]
pub struct Invoke {
    /// The function's key, or a glob that matches one; the only function of jot.toml need not be
    /// named.
    #[arg(value_name = "FUNCTION", allow_negative_numbers = true)]
    function: Option<String>,
    /// The argument, a JSON text; `-` reads it from stdin, `@FILE` from a file. Absent: what is
    /// piped into stdin, else the argument of the function's first test.
    #[arg(
        value_name = "JSON",
        conflicts_with = "file",
        allow_negative_numbers = true
    )]
    argument: Option<String>,
    /// A file with the argument.
    #[arg(short, long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// Version or alias; otherwise the alias of jot.toml.
    #[arg(long, value_name = "NAME")]
    qualifier: Option<String>,
}

/// Invokes; exit status 1 where the function answers with an error.
pub async fn invoke(global: &Global, arguments: &Invoke) -> Result<ExitCode, Error> {
    let loaded = wanted::load(global)?;
    let (key, given) = called(&loaded, arguments)?;
    let payload = given.read(&Print::new(global))?;
    let session = Session::of(loaded, global).await?;
    let desired = session.desired_or_names(&key, payload.is_none())?;
    let Some(function) = desired.functions.values().next() else {
        return Err(argument::none());
    };
    let payload = match payload {
        Some(payload) => payload,
        None => of_a_test(function, &session.print)?,
    };
    let alias = function.deploy.alias.as_deref();
    let qualifier = arguments.qualifier.as_deref().or(alias);
    let answer = session
        .aws
        .invoke(&function.name, qualifier, &payload, true)
        .await
        .map_err(|error| Error::absent(error, function, qualifier))?;
    let text = String::from_utf8_lossy(&answer.payload);
    let failed = answer.function_error.is_some();
    let status = ExitCode::from(if failed { FAILED } else { 0 });
    if session.print.json() {
        let log = answer.log.lines().collect();
        let mut answer = Answer::new(&function.key, qualifier, &text, log);
        answer.failed = failed;
        output::print(&json::answer(&answer))?;
        return Ok(status);
    }
    output::print(&report::human::answer(&text, &session.print.out))?;
    if !session.print.err.quiet {
        let lines: Vec<&str> = answer.log.lines().collect();
        report::output::err(&report::human::log(&lines, &session.print.err));
    }
    Ok(status)
}

/// The function that is meant, and what to call it with. With one function in the manifest a single
/// word that is no function's key is the argument.
fn called<'a>(loaded: &Loaded, arguments: &'a Invoke) -> Result<(String, Argument<'a>), Error> {
    let (function, text) = (arguments.function.as_deref(), arguments.argument.as_deref());
    let given = Argument::of(text, arguments.file.as_deref());
    let named = wanted::one(loaded, function);
    if let (Some(word), None, None, Err(_)) = (function, text, &arguments.file, &named)
        && argument::is_one(word)
        && let Ok(only) = wanted::one(loaded, None)
    {
        return Ok((only, Argument::of(Some(word), None)));
    }
    Ok((named?, given))
}

/// The argument of the function's first test, which is said: nothing on the command line names it.
fn of_a_test(function: &Function, print: &Print) -> Result<Vec<u8>, Error> {
    let Some(Test { name, argument, .. }) = function.tests.first() else {
        return Err(argument::none());
    };
    print.note(&format!("Sent the argument of test `{name}`."));
    Ok(argument.clone().into_bytes())
}
