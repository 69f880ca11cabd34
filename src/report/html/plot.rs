//! Plots as inline SVG.
//!
//! Horizontal positions are percentages: a plot is as wide as the page allows, while text and lines
//! keep their size.

use crate::model::{Contender, Measure, Quantity};

use super::{
    super::contender::{number, usd},
    escaped,
};

/// A row of a plot of distributions.
pub(super) struct Row {
    /// The name of the contender.
    pub(super) name: String,
    pub(super) measure: Measure,
}

/// Most dots in one row; with more samples, an even selection of the sorted ones is drawn.
const DOTS: usize = 400;
/// How far a scale extends beyond nine of ten samples, and how far the largest sample must exceed
/// it to be cut off.
const ROOM: f64 = 1.5;
/// Height of a row in pixels, and its middle.
const HEIGHT: f64 = 44.0;
const MIDDLE: f64 = HEIGHT / 2.0;
/// Height of the plot of memory sizes in pixels, without the text below it.
const TALL: f64 = 120.0;

/// Distributions, one row each, on one scale from 0.
///
/// The scale shows nine of ten samples of every row well; a call that took a hundred times as long
/// would squeeze all others into a corner. Text says how many samples are beyond the end.
pub(super) fn boxes(rows: &[Row]) -> String {
    let spreads = || rows.iter().map(|row| &row.measure.spread);
    let all = spreads().map(|one| one.max).fold(0.0, f64::max);
    let most = spreads().map(|one| one.p90.unwrap_or(one.max));
    let most = most.fold(0.0, f64::max) * ROOM;
    let ticks = ticks(if all > most * ROOM { most } else { all });
    let end = ticks.last().copied().unwrap_or(1.0);
    let lines: String = rows.iter().map(|row| line(row, &ticks, end)).collect();
    let axis: String = ticks
        .iter()
        .map(|tick| {
            let anchor = match *tick {
                0.0 => "start",
                last if last >= end => "end",
                _ => "middle",
            };
            format!(
                "<text x=\"{}\" y=\"14\" text-anchor=\"{anchor}\">{}</text>",
                across(*tick, end),
                plain(*tick)
            )
        })
        .collect();
    format!(
        "<div class=\"plot\">\n{lines}<div class=\"row\"><div class=\"name\"></div><svg \
            width=\"100%\" height=\"20\" aria-hidden=\"true\">{axis}</svg><div \
            class=\"value\"></div></div>\n</div>\n"
    )
}

fn line(row: &Row, ticks: &[f64], end: f64) -> String {
    let spread = &row.measure.spread;
    let grid: String = ticks
        .iter()
        .map(|tick| {
            let x = across(*tick, end);
            format!("<line class=\"grid\" x1=\"{x}\" x2=\"{x}\" y1=\"0\" y2=\"{HEIGHT}\"/>")
        })
        .collect();
    let x = |value| across(value, end);
    let middle = match spread.p25.zip(spread.p75) {
        Some((low, high)) => format!(
            "<rect class=\"box\" x=\"{}\" width=\"{}\" y=\"10\" height=\"{}\" rx=\"2\"/>",
            x(low),
            x(high - low),
            HEIGHT - 20.0
        ),
        None => String::new(),
    };
    let drawn = format!(
        "<line class=\"whisker\" x1=\"{}\" x2=\"{}\" y1=\"{MIDDLE}\" y2=\"{MIDDLE}\"/>{middle}{}{}\
         <line class=\"median\" x1=\"{}\" x2=\"{}\" y1=\"8\" y2=\"{}\"/>",
        x(spread.min),
        x(spread.max),
        dots(&row.measure.samples, end),
        beyond(&row.measure.samples, end),
        x(spread.p50),
        x(spread.p50),
        HEIGHT - 8.0
    );
    let name = escaped(&row.name);
    let unit = &row.measure.unit;
    let (median, min, max) = (number(spread.p50), number(spread.min), number(spread.max));
    let summary = format!(
        "{name}: {} calls, median {median} {unit}, from {min} to {max}",
        spread.n
    );
    format!(
        "<div class=\"row\"><div class=\"name\">{name}</div><svg width=\"100%\" \
            height=\"{HEIGHT}\" role=\"img\" \
            aria-label=\"{summary}\"><title>{summary}</title>{grid}{drawn}</svg><div \
            class=\"value\">{median} {unit}</div></div>\n"
    )
}

fn dots(samples: &[f64], end: f64) -> String {
    let mut sorted: Vec<f64> = samples.iter().copied().filter(|one| *one <= end).collect();
    sorted.sort_by(f64::total_cmp);
    let step = sorted.len().div_ceil(DOTS).max(1);
    let kept = sorted.iter().step_by(step).enumerate();
    kept.map(|(index, value)| {
        // Offset neighbouring dots vertically, without randomness, so that the page is
        // reproducible.
        let y = MIDDLE + (index * 7 % 11) as f64 - 5.0;
        format!(
            "<circle cx=\"{}\" cy=\"{y}\" r=\"2.5\"/>",
            across(*value, end)
        )
    })
    .collect()
}

/// The number of samples beyond the end of the scale, in words.
fn beyond(samples: &[f64], end: f64) -> String {
    let beyond: Vec<f64> = samples.iter().copied().filter(|one| *one > end).collect();
    if beyond.is_empty() {
        return String::new();
    }
    let most = number(beyond.iter().copied().fold(0.0, f64::max));
    let count = beyond.len();
    // Above the line and the dots.
    format!("<text x=\"100%\" y=\"12\" text-anchor=\"end\">{count} beyond, up to {most}</text>")
}

/// Time and cost of a function's memory sizes, one above the other; the knee is ringed.
pub(super) fn sizes(points: &[&Contender], knees: &[u32]) -> String {
    let mut points = points.to_vec();
    points.sort_by_key(|one| one.memory_mb);
    let time = |one: &Contender| Some(one.measure(Quantity::Warm)?.spread.p50);
    let cost = |one: &Contender| one.usd_per_million;
    let curve =
        |class, title, value: &dyn Fn(&Contender) -> Option<f64>, words: &dyn Fn(f64) -> String| {
            let values = points
                .iter()
                .filter_map(|one| Some((one.memory_mb, value(one)?)));
            curve(class, title, &values.collect::<Vec<_>>(), knees, words)
        };
    let times = curve("warm", "warm, median", &time, &|value| {
        format!("{} ms", number(value))
    });
    let costs = curve("cost", "a million warm calls", &cost, &usd);
    format!("<div class=\"curves\">\n{times}{costs}</div>\n")
}

fn curve(
    class: &str,
    title: &str,
    points: &[(u32, f64)],
    knees: &[u32],
    words: &dyn Fn(f64) -> String,
) -> String {
    let top = points.iter().map(|(_, value)| *value).fold(0.0, f64::max);
    // Each size has its own column: sizes are rarely evenly spaced, and their labels would overlap.
    let place = |(index, (_, value)): (usize, &(u32, f64))| {
        let share = if top > 0.0 { value / top } else { 0.0 };
        let x = (index as f64 + 0.5) / points.len() as f64 * 100.0;
        (x, TALL - share * (TALL - 34.0))
    };
    let places: Vec<(f64, f64)> = points.iter().enumerate().map(place).collect();
    let mut drawn =
        format!("<line class=\"grid\" x1=\"0%\" x2=\"100%\" y1=\"{TALL}\" y2=\"{TALL}\"/>");
    for pair in places.windows(2) {
        let [(x1, y1), (x2, y2)] = [pair[0], pair[1]];
        drawn.push_str(&format!(
            "<line class=\"curve\" x1=\"{x1:.2}%\" y1=\"{y1:.1}\" x2=\"{x2:.2}%\" y2=\"{y2:.1}\"/>"
        ));
    }
    for ((memory, value), place) in points.iter().zip(places) {
        drawn.push_str(&point(
            *memory,
            &words(*value),
            place,
            knees.contains(memory),
        ));
    }
    let height = TALL + 22.0;
    format!(
        "<figure class=\"{class}\"><figcaption>{title}</figcaption><svg width=\"100%\" \
            height=\"{height}\" role=\"img\" aria-label=\"{title} by memory \
            size\">{drawn}</svg></figure>\n"
    )
}

/// A point of a curve, with its value above and its memory size below.
fn point(memory: u32, value: &str, (x, y): (f64, f64), is_knee: bool) -> String {
    let ring = match is_knee {
        true => format!("<circle class=\"knee\" cx=\"{x:.2}%\" cy=\"{y:.1}\" r=\"9\"/>"),
        false => String::new(),
    };
    format!(
        "{ring}<circle class=\"point\" cx=\"{x:.2}%\" cy=\"{y:.1}\" r=\"4\"/>\
         <text x=\"{x:.2}%\" y=\"{:.1}\" text-anchor=\"middle\">{value}</text>\
         <text class=\"size\" x=\"{x:.2}%\" y=\"{}\" text-anchor=\"middle\">{memory} MB</text>",
        y - 14.0,
        TALL + 16.0
    )
}

/// The position of a value on a scale from 0 to `end`.
fn across(value: f64, end: f64) -> String {
    format!("{:.2}%", (value / end * 100.0).clamp(0.0, 100.0))
}

/// Round numbers from 0 to `end` or slightly beyond, four to six of them.
fn ticks(end: f64) -> Vec<f64> {
    let end = if end > 0.0 { end } else { 1.0 };
    let rough = end / 4.0;
    let power = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 2.5, 5.0, 10.0]
        .into_iter()
        .map(|digit| digit * power)
        .find(|step| *step >= rough)
        .unwrap_or(rough);
    let count = (end / step).ceil() as u32;
    (0..=count).map(|index| f64::from(index) * step).collect()
}

/// A number without trailing zeros.
fn plain(value: f64) -> String {
    let text = format!("{value:.6}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod cases {
    use super::*;

    #[test]
    fn scales_are_round_and_reach_the_end() {
        let said = |end| ticks(end).into_iter().map(plain).collect::<Vec<_>>();
        assert_eq!(said(640.0), ["0", "200", "400", "600", "800"]);
        assert_eq!(said(0.9), ["0", "0.25", "0.5", "0.75", "1"]);
        assert_eq!(said(100.0), ["0", "25", "50", "75", "100"]);
        assert_eq!(said(0.0), ["0", "0.25", "0.5", "0.75", "1"]);
        for end in [0.003, 1.0, 7.7, 123.4, 98_765.0] {
            let ticks = ticks(end);
            assert!((3..=6).contains(&ticks.len()), "{ticks:?}");
            assert!(ticks[ticks.len() - 1] >= end, "{ticks:?}");
        }
    }

    #[test]
    fn what_is_far_beyond_the_others_is_said_in_words() {
        let mut samples: Vec<f64> = (1..=99).map(f64::from).collect();
        samples.push(5000.0);
        let measure = Measure {
            quantity: Quantity::Warm,
            unit: "ms".to_owned(),
            spread: crate::model::Spread {
                n: 100,
                min: 1.0,
                mean: 99.5,
                p25: Some(25.0),
                p50: 50.0,
                p50_within: None,
                p75: Some(75.0),
                p90: Some(90.0),
                p99: Some(99.0),
                max: 5000.0,
            },
            samples,
        };
        let name = "a".to_owned();
        let drawn = boxes(&[Row { name, measure }]);
        assert!(drawn.contains(">1 beyond, up to 5000.0<"), "{drawn}");
        assert_eq!(drawn.matches("<circle").count(), 99);
    }

    #[test]
    fn many_samples_are_thinned_out() {
        let samples: Vec<f64> = (0..10_000).map(f64::from).collect();
        let count = dots(&samples, 10_000.0).matches("<circle").count();
        assert_eq!(count, DOTS);
    }
}
