//! JSON lines: the version and the steps first, then each event, the summary last.

use std::io::Write;

use miette::Diagnostic;
use schemars::JsonSchema;
use serde::Serialize;

use crate::model::{Event, Problem, Step, Summary};

use super::super::{Style, json, output};

/// The first line: the steps to come.
#[derive(Serialize, JsonSchema)]
pub(in super::super) struct Began<'a> {
    #[schemars(extend("const" = "began"))]
    event: &'static str,
    /// The version of all lines: changes when a field is removed or changes meaning.
    #[schemars(extend("const" = json::FORMAT_VERSION))]
    format_version: u32,
    /// The version of jot.
    jot_version: &'static str,
    /// The steps, each after those that it names in `after`; empty if an error came before any.
    steps: &'a [Step],
}

/// Progress as lines of JSON.
pub(super) struct Stream {
    out: Box<dyn Write + Send>,
    quiet: bool,
}

impl Stream {
    pub(super) fn new(style: &Style, steps: &[Step], out: Box<dyn Write + Send>) -> Self {
        let quiet = style.quiet;
        let mut stream = Self { out, quiet };
        stream.write(&Began {
            event: "began",
            format_version: json::FORMAT_VERSION,
            jot_version: env!("CARGO_PKG_VERSION"),
            steps,
        });
        stream
    }

    pub(super) fn event(&mut self, event: &Event) {
        let detail = matches!(
            event,
            Event::Progress { .. } | Event::Output { .. } | Event::Waiting { .. }
        );
        if !(self.quiet && detail) {
            self.write(event);
        }
    }

    /// Reports an error before the first step: the whole stream.
    pub(super) fn refused(mut self, error: &dyn Diagnostic) {
        self.event(&Event::Error {
            error: Problem::from_diagnostic(error),
        });
        self.event(&Event::Summary(Summary {
            error: true,
            ..Summary::default()
        }));
    }

    /// Reports a signal before the first step: the whole stream.
    pub(super) fn interrupted(mut self) {
        self.event(&Event::Summary(Summary {
            interrupted: true,
            ..Summary::default()
        }));
    }

    /// Writes a line; a lost reader must not stop an apply half-way.
    fn write(&mut self, value: &impl Serialize) {
        let _ = output::write(&mut self.out, &json::one_line(value));
    }
}
