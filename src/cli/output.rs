//! Printing for commands.

use std::process::ExitCode;

use super::{
    Error, FAILED, Global,
    options::{Color, Format},
};
use crate::{
    remote,
    report::{self, ColorChoice, Flags, Stream, Style},
};

/// The styles of both streams.
#[derive(Clone, Debug)]
pub struct Print {
    /// The style of stdout, for data.
    pub out: Style,
    /// The style of stderr, for everything else.
    pub err: Style,
}

impl Print {
    /// The styles from the options and the environment.
    pub fn new(global: &Global) -> Self {
        let flags = Flags {
            color: match global.color() {
                Color::Auto => ColorChoice::Auto,
                Color::Always => ColorChoice::Always,
                Color::Never => ColorChoice::Never,
            },
            quiet: global.quiet,
            verbosity: global.verbose,
            format: match global.format() {
                Format::Human => report::Format::Human,
                Format::Json => report::Format::Json,
                Format::Markdown => report::Format::Markdown,
            },
        };
        Self {
            out: Style::here(&flags, Stream::Stdout),
            err: Style::here(&flags, Stream::Stderr),
        }
    }

    /// Prints a remark on stderr, unless silenced.
    pub fn note(&self, text: &str) {
        if !self.err.quiet {
            report::output::err(&format!("{text}\n"));
        }
    }

    /// Ends the line in which a terminal shows `^C`.
    pub fn end_line(&self) {
        if self.err.progress {
            report::output::err("\n");
        }
    }

    /// Whether stdout is JSON.
    pub fn json(&self) -> bool {
        self.out.format == report::Format::Json
    }
}

/// Prints data. A closed pipe is not an error: `jot status | head` ends quietly.
pub fn print(text: &str) -> Result<(), Error> {
    report::out(text)
        .map(drop)
        .map_err(|cause| Error::Output { cause })
}

/// Prints an error, as an event if the command streams; returns its exit status.
pub fn fail(error: &Error, print: &Print, streams: bool) -> ExitCode {
    if streams && print.json() {
        report::progress::refused(error, &print.err);
    } else {
        report::problem::show(error, &print.err);
    }
    report::annotation::show(error);
    ExitCode::from(FAILED)
}

/// Lets `-vv` show what libraries log on stderr: names of requests, never headers or bodies, which
/// may hold secrets.
pub fn trace(style: &Style) {
    if style.verbosity < 2 {
        return;
    }
    let filter = tracing_subscriber::EnvFilter::new(remote::LOGGED);
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(style.color)
        .with_writer(std::io::stderr);
    // Only a second call could fail, and jot makes one.
    let _ = subscriber.try_init();
}
