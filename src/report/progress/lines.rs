//! Plain lines: one when a step begins, one when it ends, and signs of life between them.

use std::{
    io::Write,
    time::{Duration, Instant},
};

use crate::model::Event;

use super::{
    super::{Style, output, wording},
    event_text::event_text,
    ledger::{Ledger, Open},
};

/// Time between signs of life of a step.
const HEARTBEAT: Duration = Duration::from_secs(10);

/// Progress in plain lines.
pub(super) struct Lines {
    style: Style,
    out: Box<dyn Write + Send>,
}

impl Lines {
    pub(super) fn new(style: &Style, out: Box<dyn Write + Send>) -> Self {
        let style = style.clone();
        Self { style, out }
    }

    pub(super) fn event(&mut self, event: &Event, ledger: &Ledger, ended: Option<&Open>) {
        if let Event::Started { step } = event
            && !self.style.quiet
        {
            self.write(&format!("{}: started\n", ledger.sentence(step)));
        }
        let text = event_text(event, ledger, ended, &self.style);
        self.write(&text);
    }

    /// Prints a sign of life for each step without one for ten seconds.
    pub(super) fn tick(&mut self, ledger: &mut Ledger, now: Instant) {
        if self.style.quiet {
            return;
        }
        let mut due = Vec::new();
        for (step, open) in ledger.all_open() {
            if now.saturating_duration_since(open.heard) >= HEARTBEAT {
                open.heard = now;
                due.push((step.clone(), life(open, now)));
            }
        }
        for (step, life) in due {
            self.write(&format!("{}: {life}\n", ledger.sentence(&step)));
        }
    }

    /// Writes the text; a lost reader must not stop an apply half-way.
    fn write(&mut self, text: &str) {
        if !text.is_empty() {
            let _ = output::write(&mut self.out, text);
        }
    }
}

/// `still running after 20.0 s, step 3 of 5: RUN julia`.
fn life(open: &Open, now: Instant) -> String {
    let passed = now.saturating_duration_since(open.since).as_secs() * 1000;
    let mut text = format!("still running after {}", wording::duration(passed));
    if let Some(how_far) = open.how_far() {
        text.push_str(&format!(", {how_far}"));
    }
    if !open.doing.is_empty() {
        text.push_str(&format!(": {}", open.doing));
    }
    text
}
