//! Progress bars, one for each running step, below the lines of finished ones.

use std::{borrow::Cow, collections::BTreeMap, io::Write, time::Duration};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::model::{Event, StepId, event::Unit};

use super::{
    super::{Style, output},
    event_text::event_text,
    ledger::{Ledger, Open},
};

/// Time between two frames of a spinner.
const FRAME: Duration = Duration::from_millis(100);

/// Progress with bars, which stay hidden until [`Bars::appear`].
pub(super) struct Bars {
    style: Style,
    out: Box<dyn Write + Send>,
    screen: MultiProgress,
    bars: BTreeMap<StepId, ProgressBar>,
}

impl Bars {
    pub(super) fn new(style: &Style, out: Box<dyn Write + Send>) -> Self {
        Self {
            style: style.clone(),
            out,
            screen: MultiProgress::with_draw_target(ProgressDrawTarget::hidden()),
            bars: BTreeMap::new(),
        }
    }

    /// Draws the bars from now on.
    pub(super) fn appear(&mut self) {
        if self.screen.is_hidden() {
            self.screen.set_draw_target(ProgressDrawTarget::stderr());
        }
    }

    pub(super) fn clear(self) {
        // Ignore a terminal that cannot be cleared.
        let _ = self.screen.clear();
    }

    pub(super) fn event(&mut self, event: &Event, ledger: &Ledger, ended: Option<&Open>) {
        match event {
            Event::Started { step } => self.begin(step, ledger),
            Event::Progress { step, .. }
            | Event::Waiting { step, .. }
            | Event::Looked { step, .. } => {
                self.advance(step, ledger);
            }
            Event::Finished { step, .. } | Event::Failed { step, .. } => self.end(step),
            Event::Summary(_) => self.end_all(),
            Event::Output { .. }
            | Event::Retry { .. }
            | Event::Tested { .. }
            | Event::Tried { .. }
            | Event::Error { .. } => {}
        }
        let text = event_text(event, ledger, ended, &self.style);
        if !text.is_empty() {
            let out = &mut self.out;
            // A lost reader must not stop an apply half-way.
            let _ = self.screen.suspend(|| output::write(out, &text));
        }
    }

    fn begin(&mut self, step: &StepId, ledger: &Ledger) {
        let bar = self.screen.add(ProgressBar::new_spinner());
        bar.set_style(look(&self.style, false));
        bar.set_prefix(ledger.in_column(step, &self.style));
        bar.enable_steady_tick(FRAME);
        self.bars.insert(step.clone(), bar);
    }

    fn advance(&mut self, step: &StepId, ledger: &Ledger) {
        let (Some(bar), Some(open)) = (self.bars.get(step), ledger.current(step)) else {
            return;
        };
        if let Some((done, Some(total), Unit::Bytes)) = open.amount {
            if bar.length() != Some(total) {
                bar.set_length(total);
                bar.set_style(look(&self.style, true));
            }
            bar.set_position(done);
        }
        bar.set_message(message(open));
    }

    fn end(&mut self, step: &StepId) {
        if let Some(bar) = self.bars.remove(step) {
            bar.finish_and_clear();
            self.screen.remove(&bar);
        }
    }

    fn end_all(&mut self) {
        for step in self.bars.keys().cloned().collect::<Vec<_>>() {
            self.end(&step);
        }
    }
}

fn message(open: &Open) -> Cow<'static, str> {
    match open.how_far() {
        Some(how_far) if open.doing.is_empty() => how_far.into(),
        Some(how_far) => format!("{how_far}  {}", open.doing).into(),
        None => open.doing.clone().into(),
    }
}

/// The look of a bar; `measured` has a length to fill.
fn look(style: &Style, measured: bool) -> ProgressStyle {
    let (frames, fill) = match style.unicode {
        true => ("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏ ", "━╸ "),
        false => ("|/-\\ ", "=> "),
    };
    ProgressStyle::with_template(template(style, measured))
        .unwrap_or_else(|_| ProgressStyle::default_spinner())
        .tick_chars(frames)
        .progress_chars(fill)
}

/// A line in indicatif's template language.
fn template(style: &Style, measured: bool) -> &'static str {
    match (style.color, measured) {
        (true, true) => "{spinner:.cyan} {prefix}  {bar:20.cyan} {wide_msg:.dim} {elapsed:.dim}",
        (true, false) => "{spinner:.cyan} {prefix}  {wide_msg:.dim} {elapsed:.dim}",
        (false, true) => "{spinner} {prefix}  {bar:20} {wide_msg} {elapsed}",
        (false, false) => "{spinner} {prefix}  {wide_msg} {elapsed}",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_is_valid() {
        for (color, measured) in [(true, true), (true, false), (false, true), (false, false)] {
            let style = Style {
                color,
                ..Style::plain()
            };
            let template = template(&style, measured);
            assert!(ProgressStyle::with_template(template).is_ok(), "{template}");
        }
    }
}
