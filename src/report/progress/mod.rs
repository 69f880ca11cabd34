//! What is going on, told while it goes on: moving bars on a terminal, plain lines elsewhere, JSON lines for programs.

mod bars;
mod ending;
mod ledger;
mod lines;
mod stream;
mod telling;

use std::{
    io::Write,
    time::{Duration, Instant},
};

use miette::Diagnostic;
use tokio::sync::mpsc::UnboundedReceiver;

use crate::model::{Event, Step, Summary, plan::Purpose};

use super::{Format, Style};
pub(super) use stream::Began;
use {bars::Bars, ledger::Ledger, lines::Lines, stream::Stream};

/// When bars appear: what ends sooner needs none.
const PATIENCE: Duration = Duration::from_millis(250);
/// Time between two ticks.
const TICK: Duration = Duration::from_secs(1);

/// Tells events, in the way that the style asks for, and keeps account of them.
pub struct Reporter {
    ledger: Ledger,
    voice: Voice,
}

/// The three ways to tell.
enum Voice {
    Bars(Bars),
    Lines(Lines),
    Stream(Stream),
}

impl Reporter {
    /// A reporter for these steps (none where there is no plan): JSON lines on stdout, anything else on stderr.
    ///
    /// The style is that of stderr.
    pub fn new(style: &Style, steps: &[Step]) -> Self {
        match style.format {
            Format::Json => Self::to(style, steps, Box::new(std::io::stdout())),
            Format::Human | Format::Markdown => Self::to(style, steps, Box::new(std::io::stderr())),
        }
    }

    /// A reporter that writes elsewhere; bars, where the style has them, are drawn on stderr nevertheless.
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

    /// The same for the steps of a plan towards this: it tells which command goes on.
    #[must_use]
    pub fn toward(mut self, purpose: Purpose) -> Self {
        self.ledger.purpose = Some(purpose);
        self
    }

    /// Tells the event.
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

    /// Tells that time has passed: bars appear, and long steps give a sign of life. To be called each second.
    pub fn tick(&mut self, now: Instant) {
        match &mut self.voice {
            Voice::Bars(bars) => bars.appear(),
            Voice::Lines(lines) => lines.tick(&mut self.ledger, now),
            Voice::Stream(_) => {}
        }
    }

    /// Ends the telling; returns the summary that was told, or the account so far where none was.
    pub fn finish(self) -> Summary {
        if let Voice::Bars(bars) = self.voice {
            bars.clear();
        }
        self.ledger.summary()
    }
}

/// Tells programs of an error that came before the first step, in the form that they wait for: a stream, on stdout.
pub fn refused(error: &dyn Diagnostic, style: &Style) {
    Stream::new(style, &[], Box::new(std::io::stdout())).refused(error);
}

/// Tells programs that a signal ended the command before its first step, in the form that they wait
/// for: a stream, on stdout.
pub fn interrupted(style: &Style) {
    Stream::new(style, &[], Box::new(std::io::stdout())).interrupted();
}

/// Tells all events until the summary or until nobody sends any more; returns the summary.
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
