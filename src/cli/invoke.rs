//! `jot invoke`.

mod answered;
mod argument;
mod local;

use std::{path::PathBuf, process::ExitCode, time::Instant};

use clap::Args;

use self::{answered::print_answer, argument::Argument};
use super::{
    Error, Global,
    output::{self, Print},
    patience::patient,
    session::Session,
    signals::Signals,
    wanted,
};
use crate::{
    logs,
    manifest::Loaded,
    model::{Function, LoggedCall, Test},
    report::{
        self,
        human::Call,
        json::{self, Accepted},
        wording,
    },
};

/// How far before a call its first log lines may be, in milliseconds: a cold start precedes it, and
/// clocks differ.
const BEFORE_MS: i64 = 60_000;

/// Calls a function in Lambda and prints its answer.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Invoke {
    /// The function's key, or a glob that matches one; optional if jot.toml has only one function
    #[arg(value_name = "FUNCTION", allow_negative_numbers = true)]
    function: Option<String>,
    /// The argument as JSON; `-` reads it from stdin, `@FILE` from a file. By default the content
    /// of a piped stdin, else the argument of the function's first test
    #[arg(
        value_name = "JSON",
        conflicts_with = "file",
        allow_negative_numbers = true
    )]
    argument: Option<String>,
    /// A file with the argument.
    #[arg(short, long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// Version or alias; by default the alias in jot.toml
    #[arg(long, value_name = "NAME")]
    qualifier: Option<String>,
    /// Have Lambda call it later: prints the request's id once Lambda accepted it, and does not
    /// wait for an answer
    #[arg(long = "async", conflicts_with = "local")]
    later: bool,
    /// Call it in a container on this machine, with Lambda's limits. A missing image is built first
    #[arg(long, conflicts_with = "qualifier")]
    local: bool,
    /// Show what this call logged (in Lambda the last 4 KB) and how long its phases took; a failed
    /// call always shows its log. Lines `JOT_MARK name` of the source get a time
    #[arg(long, conflicts_with = "later")]
    log: bool,
}

const EXAMPLES: &str = "\
Examples:
  jot invoke increment-vector '[1, 2, 3]'
  jot invoke increment-vector @event.json --qualifier 7 --log
  jq .detail event.json | jot invoke increment-vector - --async
  jot invoke increment-vector '[1, 2, 3]' --local";

/// Invokes; exit status 1 if the function answers with an error.
pub async fn invoke(
    global: &Global,
    arguments: &Invoke,
    signals: &Signals,
) -> Result<ExitCode, Error> {
    let loaded = wanted::load(global)?;
    let (key, given) = called(&loaded, arguments)?;
    let print = Print::new(global);
    let payload = given.read(&print)?;
    if arguments.local {
        let desired = wanted::desired_offline(&loaded, &[key])?;
        let function = desired
            .functions
            .values()
            .next()
            .ok_or_else(argument::none)?;
        let (payload, origin) = match payload {
            Some(payload) => (payload, given.origin()),
            None => of_a_test(function)?,
        };
        let bytes = wording::count(payload.len(), "byte");
        print.note(&format!(
            "Sending {bytes}{origin} to {} on this machine.",
            function.key
        ));
        let call = (payload.as_slice(), arguments.log);
        return local::call(&desired, call, &print, signals).await;
    }
    let session = Session::of(loaded, global).await?;
    let desired = session.desired_or_names(&key, payload.is_none())?;
    let Some(function) = desired.functions.values().next() else {
        return Err(argument::none());
    };
    let (payload, origin) = match payload {
        Some(payload) => (payload, given.origin()),
        None => of_a_test(function)?,
    };
    let alias = function.deploy.alias.as_deref();
    let qualifier = arguments.qualifier.as_deref().or(alias);
    let bytes = wording::count(payload.len(), "byte");
    let place = place(function, qualifier);
    let print = &session.print;
    print.note(&format!("Sending {bytes}{origin} to {place}."));
    if arguments.later {
        return later(&session, function, qualifier, &payload).await;
    }
    let waiting = format!("Waiting for {place} to answer.");
    let since = Instant::now();
    let since_ms = jiff::Timestamp::now().as_millisecond() - BEFORE_MS;
    let call = session
        .aws
        .invoke(&function.name, qualifier, &payload, true);
    let answer = patient(print, &waiting, call)
        .await
        .map_err(|error| Error::absent(error, function, qualifier))?;
    let millis = u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX);
    let text = String::from_utf8_lossy(&answer.payload);
    let mut logged = logs::of_text(&answer.log);
    if arguments.log {
        let asked = timed(&session, function, (&mut logged, since_ms));
        patient(
            print,
            "Reading the times of the marks from CloudWatch Logs.",
            asked,
        )
        .await;
    }
    let call = Call {
        error: answer.function_error.as_deref(),
        millis,
        version: answer.version.as_deref(),
        request_id: answer.request_id.as_deref(),
        logged,
    };
    let asked = (function.key.as_str(), qualifier, arguments.log);
    print_answer(print, asked, (&text, &answer.log), &call)
}

/// Adds times to the marks of a call.
///
/// The log tail that comes with an answer has no times, so they are read from CloudWatch Logs. If
/// that fails, the marks stay without: the call itself succeeded.
async fn timed(session: &Session, function: &Function, (call, since_ms): (&mut LoggedCall, i64)) {
    let untimed = call.marks.iter().any(|mark| mark.at_ms.is_none());
    let Some(request_id) = call.request_id.as_deref().filter(|_| untimed) else {
        return;
    };
    let asked = async {
        let group = super::logs::group(&session.aws, function).await?;
        let log = (group.as_str(), function.name.as_str());
        let found = logs::of_request(&session.aws, log, request_id, since_ms).await?;
        Ok::<_, Error>(found)
    };
    match asked.await {
        Ok(Some(found)) if !found.marks.is_empty() => call.marks = found.marks,
        Ok(_) => tracing::debug!("CloudWatch Logs does not have the call yet"),
        Err(error) => tracing::debug!(%error, "the marks have no times"),
    }
}

/// Sends the argument, and prints that Lambda accepted it.
async fn later(
    session: &Session,
    function: &Function,
    qualifier: Option<&str>,
    payload: &[u8],
) -> Result<ExitCode, Error> {
    let print = &session.print;
    let call = session.aws.invoke_later(&function.name, qualifier, payload);
    let accepted = patient(print, "Waiting for Lambda to accept it.", call)
        .await
        .map_err(|error| Error::absent(error, function, qualifier))?;
    let request_id = accepted.as_deref();
    let key = &function.key;
    if print.json() {
        output::print(&json::accepted(&Accepted {
            function: key,
            qualifier,
            request_id,
        }))?;
        return Ok(ExitCode::SUCCESS);
    }
    output::print(&report::human::accepted(request_id))?;
    print.note(&format!("Follow its log with `jot logs {key} --follow`."));
    Ok(ExitCode::SUCCESS)
}

/// The function and qualifier to call: `increment-vector:live`.
fn place(function: &Function, qualifier: Option<&str>) -> String {
    let name = &function.name;
    qualifier.map_or_else(|| name.clone(), |qualifier| format!("{name}:{qualifier}"))
}

/// The function to call, and its argument.
///
/// If the manifest has one function, a single word that is not its key is the argument.
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

/// The argument of the function's first test, and a phrase for its origin.
fn of_a_test(function: &Function) -> Result<(Vec<u8>, String), Error> {
    let Some(Test { name, argument, .. }) = function.tests.first() else {
        return Err(argument::none());
    };
    let origin = format!(", the argument of test `{name}`,");
    Ok((argument.clone().into_bytes(), origin))
}
