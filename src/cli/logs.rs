//! `jot logs`.

mod since;

use std::{collections::BTreeMap, process::ExitCode, time::Duration};

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
    model::{Function, redacted},
    remote::{Aws, aws::LogEvent},
    report::{
        self,
        json::{self, LogLine},
    },
};

/// How often `--follow` asks; FilterLogEvents may be called 5 times a second in most regions.
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html>
const EVERY: Duration = Duration::from_secs(2);
/// Events may arrive late by so much, so each question reaches back that far.
const LATE_MS: i64 = 10_000;

/// Prints what a function wrote to its log.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Logs {
    /// The function's key, or a glob that matches one; the only function of jot.toml need not be
    /// named.
    #[arg(value_name = "FUNCTION")]
    function: Option<String>,
    /// Go on printing what comes.
    #[arg(short, long)]
    follow: bool,
    /// How far back: 90s, 10m, 1h, 2d; a number alone is minutes.
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = since::parse)]
    since: Since,
    /// Print only the last LINES of that time.
    #[arg(short = 'n', long, value_name = "LINES")]
    lines: Option<usize>,
    /// Print only what holds this text; a filter pattern of CloudWatch where it begins with `{`, `[`,
    /// `%`, `?` or a quotation mark.
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
}

const EXAMPLES: &str = "\
Examples:
  jot logs increment-vector --follow
  jot logs increment-vector --since 1h --filter ERROR
  jot logs increment-vector --since 2d -n 50 --format json";

/// Prints the events of the last minutes, and with `--follow` all that come until a signal.
pub async fn logs(global: &Global, arguments: &Logs, signals: &Signals) -> Result<ExitCode, Error> {
    let session = Session::open(global).await?;
    let key = wanted::one(&session.loaded, arguments.function.as_deref())?;
    let desired = session.names(&[key])?;
    let Some(function) = desired.functions.values().next() else {
        return Ok(ExitCode::SUCCESS);
    };
    signals.mind();
    let mut tail = Tail::new(arguments);
    let print = async {
        loop {
            tail.print(&session.aws, function, &session.print).await?;
            if !arguments.follow {
                return Ok::<_, Error>(());
            }
            tokio::time::sleep(EVERY).await;
        }
    };
    tokio::select! {
        ended = print => ended?,
        () = signals.stopped() => {
            session.print.end_line();
            return Ok(signals.exit_code().unwrap_or(ExitCode::SUCCESS));
        }
    }
    if tail.printed == 0 {
        let why = silent(&session.aws, function, arguments).await?;
        session.print.note(&why);
    }
    Ok(ExitCode::SUCCESS)
}

/// Why there are no lines.
///
/// # Errors
/// The function is not in Lambda.
async fn silent(aws: &Aws, function: &Function, arguments: &Logs) -> Result<String, Error> {
    let group = &function.log_group.name;
    if aws.log_group(group).await?.is_none() {
        if aws.function(&function.name, None).await?.is_none() {
            return Err(Error::Absent {
                what: format!("function {}", function.name),
                help: format!("`jot apply {}` deploys it", function.key),
            });
        }
        return Ok(format!(
            "No lines: {} wrote nothing yet, and its log group {group} does not exist.",
            function.name
        ));
    }
    let since = arguments.since;
    let such = match arguments.filter {
        Some(_) => " that the filter lets pass",
        None => "",
    };
    Ok(format!(
        "No lines{such} in the last {since}: look further back with `--since 1d`."
    ))
}

/// One event as a line: the time in UTC, and what the function wrote; as JSON one object.
fn line(function: &Function, event: &LogEvent, print: &Print) -> String {
    let at = jiff::Timestamp::from_millisecond(event.at_ms).unwrap_or_default();
    let message = redacted(&event.message);
    if print.json() {
        return json::log_line(&LogLine {
            function: &function.key,
            at: at.to_string(),
            message: message.trim_end(),
        });
    }
    report::human::log_line(&format!("{at:.3}"), &message, &print.out)
}

/// The pattern that CloudWatch is to filter with: a text that is none is one phrase.
fn pattern(text: &str) -> String {
    match text.starts_with(['{', '[', '%', '?', '"']) {
        true => text.to_owned(),
        false => format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")),
    }
}

/// What was printed already, and how often: an emulator may give events no ids.
struct Tail {
    since_ms: i64,
    pattern: Option<String>,
    /// How many of the first lines are printed; none: all.
    last: Option<usize>,
    /// How many lines were printed.
    printed: usize,
    seen: BTreeMap<(i64, String, String), usize>,
}

impl Tail {
    fn new(arguments: &Logs) -> Self {
        Self {
            since_ms: jiff::Timestamp::now().as_millisecond() - arguments.since.millis(),
            pattern: arguments.filter.as_deref().map(pattern),
            last: arguments.lines,
            printed: 0,
            seen: BTreeMap::new(),
        }
    }

    async fn print(&mut self, aws: &Aws, function: &Function, print: &Print) -> Result<(), Error> {
        let asked = aws.log_events(
            &function.log_group.name,
            self.since_ms,
            self.pattern.as_deref(),
        );
        let events = patient(print, "Asking CloudWatch Logs.", asked).await?;
        let mut now = BTreeMap::new();
        let mut texts = Vec::new();
        for event in events {
            self.since_ms = self.since_ms.max(event.at_ms - LATE_MS);
            let text = line(function, &event, print);
            let key = (event.at_ms, event.id, event.message);
            let times: &mut usize = now.entry(key.clone()).or_default();
            *times += 1;
            let seen = self.seen.entry(key).or_default();
            if *times > *seen {
                *seen = *times;
                texts.push(text);
            }
        }
        // What comes later is printed whole.
        let last = self.last.take().unwrap_or(texts.len());
        let texts = &texts[texts.len().saturating_sub(last)..];
        self.printed += texts.len();
        output::print(&texts.concat())?;
        let since = self.since_ms;
        self.seen.retain(|(at, ..), _| *at >= since);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_a_phrase_and_a_pattern_is_left_as_it_is() {
        assert_eq!(pattern("8f5-07"), "\"8f5-07\"");
        assert_eq!(pattern("say \"no\""), "\"say \\\"no\\\"\"");
        for one in [
            "{ $.level = \"ERROR\" }",
            "%a.b%",
            "?a ?b",
            "[a, b]",
            "\"a b\"",
        ] {
            assert_eq!(pattern(one), one);
        }
    }
}
