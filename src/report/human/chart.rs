//! Bar charts for the terminal.

use super::super::{Style, style::Ink};

/// A bar: solid up to `value`, lighter up to `reach`.
#[derive(Clone, Debug)]
pub(super) struct Bar {
    /// The name of the contender.
    pub(super) name: String,
    /// The end of the solid part.
    pub(super) value: f64,
    /// The end of the lighter part; at least `value`.
    pub(super) reach: f64,
    /// The text after the bar.
    pub(super) text: String,
}

/// Most and fewest columns of a bar.
const WIDEST: usize = 60;
const NARROWEST: usize = 10;
/// Blocks that fill a column from the left, in eighths.
const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/// The bars, one per line, on one scale from 0.
pub(super) fn bars(bars: &[Bar], style: &Style) -> String {
    let longest = |text: fn(&Bar) -> &str| {
        let widths = bars.iter().map(|bar| text(bar).chars().count());
        widths.max().unwrap_or(0)
    };
    let (names, texts) = (longest(|bar| &bar.name), longest(|bar| &bar.text));
    let room = style.width.saturating_sub(names + texts + 4);
    let room = room.clamp(NARROWEST, WIDEST);
    let end = bars.iter().map(|bar| bar.reach).fold(0.0, f64::max);
    let line = |bar: &Bar| {
        let columns = |value: f64| match end > 0.0 {
            true => value / end * room as f64,
            false => 0.0,
        };
        let drawn = draw(columns(bar.value), columns(bar.reach), style);
        let blank = " ".repeat(room.saturating_sub(drawn.chars().count()));
        let drawn = style.paint(Ink::Cyan, &drawn);
        let Bar { name, text, .. } = bar;
        format!("  {name:<names$}  {drawn}{blank} {text:>texts$}\n")
    };
    bars.iter().map(line).collect()
}

fn draw(value: f64, reach: f64, style: &Style) -> String {
    let (solid, light) = if style.unicode {
        ("█", "░")
    } else {
        ("#", ".")
    };
    let end = reach.round() as usize;
    if !style.unicode {
        let whole = (value.round() as usize).clamp(1, end.max(1));
        return solid.repeat(whole) + &light.repeat(end.saturating_sub(whole));
    }
    let eighths = ((value * 8.0).round() as usize).max(1);
    let (whole, part) = (eighths / 8, EIGHTHS[eighths % 8]);
    let taken = whole + usize::from(!part.is_empty());
    solid.repeat(whole) + part + &light.repeat(end.saturating_sub(taken))
}

#[cfg(test)]
mod cases {
    use super::*;

    fn style(unicode: bool, width: usize) -> Style {
        Style {
            unicode,
            width,
            ..Style::plain()
        }
    }

    fn two() -> Vec<Bar> {
        let bar = |name: &str, value, reach| Bar {
            name: name.to_owned(),
            value,
            reach,
            text: format!("{value}"),
        };
        vec![bar("none", 75.0, 100.0), bar("sysimage", 10.3, 12.0)]
    }

    #[test]
    fn bars_are_on_one_scale() {
        let text = bars(&two(), &style(true, 36));
        assert_eq!(
            text,
            "  none      ███████████████░░░░░   75\n  sysimage  ██                   10.3\n"
        );
    }

    #[test]
    fn ascii_does_without_blocks() {
        let text = bars(&two(), &style(false, 36));
        assert_eq!(
            text,
            "  none      ###############.....   75\n  sysimage  ##                   10.3\n"
        );
    }

    #[test]
    fn what_is_next_to_nothing_is_still_seen() {
        let bar = Bar {
            name: "a".to_owned(),
            value: 0.0,
            reach: 0.0,
            text: "0".to_owned(),
        };
        for unicode in [true, false] {
            assert_eq!(
                bars(std::slice::from_ref(&bar), &style(unicode, 40))
                    .lines()
                    .count(),
                1
            );
        }
        assert_eq!(bars(&[], &style(true, 40)), "");
    }
}
