//! JSON lines: the version and the steps first, then each event, the summary last.

use std::io::Write;

use serde::Serialize;

use crate::model::{Event, Step};

use super::super::{Style, json, output};

/// The first line.
#[derive(Serialize)]
struct Head<'a> {
    event: &'static str,
    format_version: u32,
    jot_version: &'static str,
    steps: &'a [Step],
}

/// Tells each event as a line of JSON.
pub(super) struct Stream {
    out: Box<dyn Write + Send>,
    quiet: bool,
}

impl Stream {
    pub(super) fn new(style: &Style, steps: &[Step], out: Box<dyn Write + Send>) -> Self {
        let quiet = style.quiet;
        let mut stream = Self { out, quiet };
        stream.write(&Head {
            event: "began",
            format_version: json::FORMAT_VERSION,
            jot_version: env!("CARGO_PKG_VERSION"),
            steps,
        });
        stream
    }

    pub(super) fn event(&mut self, event: &Event) {
        let detail = matches!(event, Event::Progress { .. } | Event::Output { .. });
        if !(self.quiet && detail) {
            self.write(event);
        }
    }

    /// Nobody reading is no reason to stop an apply half-way.
    fn write(&mut self, value: &impl Serialize) {
        let _ = output::write(&mut self.out, &json::one_line(value));
    }
}
