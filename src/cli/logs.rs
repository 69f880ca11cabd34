//! `jot logs`.

pub(super) mod since;

use std::{process::ExitCode, time::Duration};

use clap::Args;

use self::since::Since;
use super::{
    Error, Global,
    output::{self, Print},
    patience::patient,
    session::Session,
    signals::Signals,
    wanted,
};
use crate::{
    logs::{Calls, Tail, Wanted},
    model::{Function, LoggedCall, LoggedLine},
    remote::Aws,
    report::{self, json},
};

/// Interval of `--follow`; FilterLogEvents allows 5 calls a second in most regions.
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html>
const EVERY: Duration = Duration::from_secs(2);

/// Lists the calls of a function from its log, one per line.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, disable_version_flag = true)]
pub struct Logs {
    /// The function's key, or a glob that matches one; optional if jot.toml has only one function
    #[arg(value_name = "FUNCTION")]
    function: Option<String>,
    /// Show the log lines of each call below it, and when it wrote lines `JOT_MARK name`; with
    /// --follow and no filter, the lines appear at once, above the call
    #[arg(short, long)]
    lines: bool,
    /// Wait for further calls
    #[arg(short, long, conflicts_with = "until")]
    follow: bool,
    /// Start of the period: 90s, 10m, 1h, 2d ago (a number alone is minutes), or a time such as
    /// 2026-05-01T10:00:00Z
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = since::parse)]
    since: Since,
    /// End of the period, in the same formats
    #[arg(long, value_name = "TIME", value_parser = since::parse)]
    until: Option<Since>,
    /// Only the last CALLS of the period
    #[arg(short = 'n', long, value_name = "CALLS")]
    last: Option<usize>,
    /// Only calls with this text in their log or their error
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
    /// Only failed calls
    #[arg(long)]
    errors: bool,
    /// Only the call with this request id, or with an id that has this prefix
    #[arg(long, value_name = "ID")]
    request: Option<String>,
    /// Only calls that this version answered
    #[arg(long = "version", value_name = "NUMBER")]
    answered_by: Option<String>,
}

const EXAMPLES: &str = "\
Examples:
  jot logs increment-vector --follow
  jot logs increment-vector --since 1h --errors --lines
  jot logs increment-vector --since 2d -n 50 --format json";

/// Prints the calls of the period, and with `--follow` further ones until a signal.
pub async fn logs(global: &Global, arguments: &Logs, signals: &Signals) -> Result<ExitCode, Error> {
    let session = Session::open(global).await?;
    let key = wanted::one(&session.loaded, arguments.function.as_deref())?;
    let desired = session.names(&[key])?;
    let Some(function) = desired.functions.values().next() else {
        return Ok(ExitCode::SUCCESS);
    };
    signals.mind();
    let mut shown = 0;
    let ended = tokio::select! {
        ended = list(&session, function, arguments, &mut shown) => Some(ended),
        () = signals.stopped() => None,
    };
    let Some(ended) = ended else {
        session.print.end_line();
        return Ok(signals.exit_code().unwrap_or(ExitCode::SUCCESS));
    };
    ended?;
    if shown == 0 {
        let why = silent(&session.aws, function, arguments).await?;
        session.print.note(&why);
    }
    Ok(ExitCode::SUCCESS)
}

async fn list(
    session: &Session,
    function: &Function,
    arguments: &Logs,
    shown: &mut usize,
) -> Result<(), Error> {
    let now = jiff::Timestamp::now().as_millisecond();
    let until = arguments.until.map(|until| until.before(now));
    let group = group(&session.aws, function).await?;
    let mut tail = Tail::new(&group, arguments.since.before(now), until).of(&function.name);
    let mut calls = Calls::default();
    let wanted = arguments.wanted();
    let mut last = arguments.last;
    loop {
        let asked = tail.next(&session.aws);
        let events = patient(&session.print, "Asking CloudWatch Logs.", asked).await?;
        let mut ended = calls.take(&events);
        if !arguments.follow {
            ended.extend(calls.rest());
            ended.sort_by(|one, other| one.at.cmp(&other.at));
        }
        // Lines after the end of their call are not a call.
        if ended.iter().any(|call| call.request_id.is_some()) {
            ended.retain(|call| call.request_id.is_some() || arguments.lines);
        }
        ended.retain(|call| wanted.has(call));
        // Later calls are printed in full.
        let from = last
            .take()
            .map_or(0, |last| ended.len().saturating_sub(last));
        let (first, out) = (*shown == 0, &session.print);
        match arguments.at_once(out) {
            true => {
                let going = calls.written();
                *shown += usize::from(!going.is_empty());
                stream(&ended[from..], &going, first, out)?;
            }
            false => print(function, arguments, &ended[from..], first, out)?,
        }
        *shown += ended.len() - from;
        if !arguments.follow {
            return Ok(());
        }
        tokio::time::sleep(EVERY).await;
    }
}

/// The log group of a function; asks Lambda if the manifest takes its name from a reference.
pub async fn group(aws: &Aws, function: &Function) -> Result<String, Error> {
    if function.writes_elsewhere() && function.config.log_group.is_none() {
        let state = aws.function(&function.name, None).await?;
        let group = state.map(|state| state.config.log_group);
        if let Some(group) = group.filter(|group| !group.is_empty()) {
            return Ok(group);
        }
    }
    Ok(function.writes_to().to_owned())
}

/// Prints calls: one JSON object per line, or one line each below a heading.
fn print(
    function: &Function,
    arguments: &Logs,
    calls: &[LoggedCall],
    first: bool,
    print: &Print,
) -> Result<(), Error> {
    let text: String = match print.json() {
        true => calls
            .iter()
            .map(|call| json::logged(&function.key, call))
            .collect(),
        false => calls
            .iter()
            .map(|call| report::human::call(call, arguments.lines, &print.out))
            .collect(),
    };
    if first && !calls.is_empty() && !print.json() && !print.out.quiet {
        report::output::err(&report::human::call_heading(&print.err));
    }
    output::print(&text)
}

/// Prints new log lines, those of a finished call above its line.
fn stream(
    ended: &[LoggedCall],
    going: &[LoggedLine],
    first: bool,
    print: &Print,
) -> Result<(), Error> {
    let written = |lines: &[LoggedLine]| report::human::written(lines, &print.out);
    let ended_text = ended
        .iter()
        .map(|one| written(&one.lines) + &report::human::call(one, false, &print.out));
    let text = ended_text.collect::<String>() + &written(going);
    if first && !text.is_empty() && !print.out.quiet {
        report::output::err(&report::human::call_heading(&print.err));
    }
    output::print(&text)
}

impl Logs {
    /// Whether to show lines at once; with a filter, a call must end before it is known to match.
    fn at_once(&self, print: &Print) -> bool {
        self.follow && self.lines && !self.wanted().is_any() && !print.json()
    }

    fn wanted(&self) -> Wanted {
        Wanted {
            text: self.filter.clone(),
            errors: self.errors,
            request: self.request.clone(),
            version: self.answered_by.clone(),
        }
    }
}

/// A message for an empty list of calls.
///
/// # Errors
/// The function is not in Lambda.
async fn silent(aws: &Aws, function: &Function, arguments: &Logs) -> Result<String, Error> {
    let group = group(aws, function).await?;
    if aws.log_group(&group).await?.is_none() {
        if aws.function(&function.name, None).await?.is_none() {
            return Err(Error::Absent {
                what: format!("function {}", function.name),
                help: format!("`jot apply {}` deploys it", function.key),
            });
        }
        return Ok(format!(
            "No calls: {} wrote nothing yet, and its log group {group} does not exist.",
            function.name
        ));
    }
    let such = match arguments.wanted().is_any() {
        true => " such",
        false => "",
    };
    Ok(format!(
        "No{such} calls {}: try `--since 1d`.",
        arguments.since
    ))
}
