//! Progress of running steps: bars on a terminal, plain lines elsewhere, JSON lines for programs.

mod bars;
mod ending;
mod event_text;
mod ledger;
mod lines;
mod stream;

use std::{
    io::Write,
    time::{Duration, Instant},
};

use miette::Diagnostic;
use tokio::sync::mpsc::UnboundedReceiver;

use crate::model::{Event, Step, Summary, plan::Purpose};

use super::{Format, Style};
#[cfg(test)]
pub(super) use stream::Began;
use {bars::Bars, ledger::Ledger, lines::Lines, stream::Stream};

/// When bars appear: shorter operations need none.
const PATIENCE: Duration = Duration::from_millis(250);
/// Time between two ticks.
const TICK: Duration = Duration::from_secs(1);

/// Reports events in the style's format, and keeps a record of them.
pub struct Reporter {
    ledger: Ledger,
    voice: Voice,
}

/// The three formats of progress.
enum Voice {
    Bars(Bars),
    Lines(Lines),
    Stream(Stream),
}

impl Reporter {
    /// A reporter for these steps (empty without a plan): JSON lines on stdout, anything else on
    /// stderr.
    ///
    /// The style is that of stderr.
    pub fn new(style: &Style, steps: &[Step]) -> Self {
        match style.format {
            Format::Json => Self::to(style, steps, Box::new(std::io::stdout())),
            Format::Human | Format::Markdown => Self::to(style, steps, Box::new(std::io::stderr())),
        }
    }

    /// A reporter with another output; bars are drawn on stderr all the same.
    pub fn to(style: &Style, steps: &[Step], out: Box<dyn Write + Send>) -> Self {
        let voice = match style.format {
            Format::Json => Voice::Stream(Stream::new(style, steps, out)),
            Format::Human | Format::Markdown if style.progress => {
                Voice::Bars(Bars::new(style, out))
            }
            Format::Human | Format::Markdown => Voice::Lines(Lines::new(style, out)),
        };
        Self {
            ledger: Ledger::new(steps),
            voice,
        }
    }

    /// Sets the purpose of the plan, which decides the command that continues it.
    #[must_use]
    pub fn toward(mut self, purpose: Purpose) -> Self {
        self.ledger.purpose = Some(purpose);
        self
    }

    /// Prints the event in the style's format, and records it.
    pub fn event(&mut self, event: &Event) {
        self.event_at(event, Instant::now());
    }

    fn event_at(&mut self, event: &Event, now: Instant) {
        let ended = self.ledger.note(event, now);
        match &mut self.voice {
            Voice::Bars(bars) => bars.event(event, &self.ledger, ended.as_ref()),
            Voice::Lines(lines) => lines.event(event, &self.ledger, ended.as_ref()),
            Voice::Stream(stream) => stream.event(event),
        }
    }

    /// Reports that time has passed: bars appear, and long steps give a sign of life. Call it every
    /// second.
    pub fn tick(&mut self, now: Instant) {
        match &mut self.voice {
            Voice::Bars(bars) => bars.appear(),
            Voice::Lines(lines) => lines.tick(&mut self.ledger, now),
            Voice::Stream(_) => {}
        }
    }

    /// Ends the report; returns the reported summary, or the state so far.
    pub fn finish(self) -> Summary {
        if let Voice::Bars(bars) = self.voice {
            bars.clear();
        }
        self.ledger.summary()
    }
}

/// Reports an error before the first step to programs, as the stream that they expect on stdout.
pub fn refused(error: &dyn Diagnostic, style: &Style) {
    Stream::new(style, &[], Box::new(std::io::stdout())).refused(error);
}

/// Reports an interruption before the first step to programs, as the stream that they expect on
/// stdout.
pub fn interrupted(style: &Style) {
    Stream::new(style, &[], Box::new(std::io::stdout())).interrupted();
}

/// Reports all events until the summary or the end of the channel; returns the summary.
///
/// The first tick comes when bars are due, then one each second.
pub async fn drive(mut events: UnboundedReceiver<Event>, mut reporter: Reporter) -> Summary {
    let mut clock = tokio::time::interval_at(tokio::time::Instant::now() + PATIENCE, TICK);
    clock.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    loop {
        tokio::select! {
            event = events.recv() => {
                let Some(event) = event else { break };
                reporter.event(&event);
                if matches!(event, Event::Summary(_)) {
                    break;
                }
            }
            _ = clock.tick() => reporter.tick(Instant::now()),
        }
    }
    reporter.finish()
}

#[cfg(test)]
mod tests;
