//! `jot logs`.

use std::{collections::BTreeMap, process::ExitCode, time::Duration};

use clap::Args;

use super::{
    Error, Global,
    output::{self, Print},
    session::Session,
    signals::Signals,
    wanted,
};
use crate::{
    model::{Function, redacted},
    remote::Aws,
    report::{
        json::{self, LogLine},
        wording,
    },
};

/// How often `--follow` asks; FilterLogEvents may be called 5 times a second in most regions.
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html>
const EVERY: Duration = Duration::from_secs(2);
/// Events may arrive late by so much, so each question reaches back that far.
const LATE_MS: i64 = 10_000;

/// Prints what a function wrote to its log.
#[derive(Debug, Args)]
pub struct Logs {
    /// The function's key, or a glob that matches one; the only function of jot.toml need not be
    /// named.
    #[arg(value_name = "FUNCTION")]
    function: Option<String>,
    /// Go on printing what comes.
    #[arg(short, long)]
    follow: bool,
    /// How far back, in minutes.
    #[arg(long, value_name = "MINUTES", default_value_t = 10)]
    since: u32,
}

/// Prints the events of the last minutes, and with `--follow` all that come until a signal.
pub async fn logs(global: &Global, arguments: &Logs, signals: &Signals) -> Result<ExitCode, Error> {
    let session = Session::open(global).await?;
    let key = wanted::one(&session.loaded, arguments.function.as_deref())?;
    let desired = session.names(&[key])?;
    let functions: Vec<&Function> = desired.functions.values().collect();
    signals.mind();
    let mut tail = Tail::new(arguments.since);
    let print = async {
        loop {
            for function in &functions {
                tail.print(&session.aws, function, &session.print).await?;
            }
            if !arguments.follow {
                return Ok::<_, Error>(());
            }
            tokio::time::sleep(EVERY).await;
        }
    };
    tokio::select! {
        ended = print => ended?,
        () = signals.stopped() => return Ok(signals.exit_code().unwrap_or(ExitCode::SUCCESS)),
    }
    if tail.seen.is_empty() {
        let since = wording::count(arguments.since as usize, "minute");
        let text =
            format!("No lines in the last {since}: look further back with `--since MINUTES`.");
        session.print.note(&text);
    }
    Ok(ExitCode::SUCCESS)
}

/// One event as a line: the time in UTC, and what the function wrote; as JSON one object.
fn line(function: &Function, at_ms: i64, message: &str, print: &Print) -> String {
    let at = jiff::Timestamp::from_millisecond(at_ms).unwrap_or_default();
    let message = redacted(message);
    if print.json() {
        return json::log_line(&LogLine {
            function: &function.key,
            at: at.to_string(),
            message: message.trim_end(),
        });
    }
    format!("{at:.3} {}\n", wording::plain(message.trim_end()))
}

/// What was printed already, and how often: an emulator may give events no ids.
struct Tail {
    since_ms: i64,
    seen: BTreeMap<(i64, String, String), usize>,
}

impl Tail {
    fn new(minutes: u32) -> Self {
        let since_ms = jiff::Timestamp::now().as_millisecond() - i64::from(minutes) * 60_000;
        Self {
            since_ms,
            seen: BTreeMap::new(),
        }
    }

    async fn print(&mut self, aws: &Aws, function: &Function, print: &Print) -> Result<(), Error> {
        let events = aws
            .log_events(&function.log_group.name, self.since_ms)
            .await?;
        let mut now = BTreeMap::new();
        for event in events {
            self.since_ms = self.since_ms.max(event.at_ms - LATE_MS);
            let text = line(function, event.at_ms, &event.message, print);
            let key = (event.at_ms, event.id, event.message);
            let times: &mut usize = now.entry(key.clone()).or_default();
            *times += 1;
            let seen = self.seen.entry(key).or_default();
            if *times > *seen {
                *seen = *times;
                output::print(&text)?;
            }
        }
        let since = self.since_ms;
        self.seen.retain(|(at, ..), _| *at >= since);
        Ok(())
    }
}
