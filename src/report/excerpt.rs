//! Source lines that are too long for the terminal, cut around the marked part.

use crate::model::{Excerpt, Place, Problem};

use super::Style;

/// Columns in addition to a source line, for its number's frame, without the digits.
const MARGIN: usize = 4;
/// Columns between the middle of a mark and its label.
const LEAD: usize = 4;

/// Cuts the excerpts of a problem and its related problems to the style's width.
pub fn cut(problem: &mut Problem, style: &Style) {
    for place in &mut problem.places {
        let Some(excerpt) = place.excerpt.take() else {
            continue;
        };
        place.excerpt = Some(cut_place(place, &excerpt, style));
    }
    for one in &mut problem.related {
        cut(one, style);
    }
}

/// The excerpt with shortened lines; adjusts the columns of the place.
fn cut_place(place: &mut Place, excerpt: &Excerpt, style: &Style) -> Excerpt {
    let lines: Vec<Vec<char>> = excerpt
        .text
        .lines()
        .map(|line| line.chars().collect())
        .collect();
    let last = excerpt.first + lines.len().saturating_sub(1);
    let width = style
        .width
        .saturating_sub(MARGIN + last.to_string().len())
        .max(LEAD * 2);
    let from = from(place, width);
    let cut = lines.iter().map(|line| shown(line, from, width, style));
    let text: Vec<String> = cut.collect();
    let moved = |column: usize| column.saturating_sub(from).clamp(1, width + 1);
    place.column = moved(place.column);
    place.end_column = moved(place.end_column);
    Excerpt {
        first: excerpt.first,
        text: text.join("\n") + "\n",
    }
}

/// How many characters to cut at the beginning, so that the mark and its label fit.
fn from(place: &Place, width: usize) -> usize {
    let start = place.column.saturating_sub(1);
    let marked = match place.end_line == place.line {
        true => place.end_column.saturating_sub(place.column),
        false => 0,
    };
    let label = place.label.as_deref().map_or(0, |label| {
        marked.min(width) / 2 + LEAD + label.chars().count()
    });
    let over = (start + marked.max(label)).saturating_sub(width);
    // Keep the first character of the mark, and part of the text before it.
    over.min(start.saturating_sub(width / 4))
}

fn shown(line: &[char], from: usize, width: usize, style: &Style) -> String {
    let more = if style.unicode { '…' } else { '~' };
    let mut shown: Vec<char> = line.iter().skip(from).copied().collect();
    if from > 0 && !shown.is_empty() {
        shown[0] = more;
    }
    if shown.len() > width {
        shown.truncate(width - 1);
        shown.push(more);
    }
    shown.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn style() -> Style {
        Style {
            width: 40,
            unicode: true,
            progress: true,
            ..Style::plain()
        }
    }

    fn problem(text: &str, column: usize, length: usize) -> Problem {
        Problem {
            message: "wrong".to_owned(),
            places: vec![Place {
                file: Some("a.jl".to_owned()),
                line: 1,
                column,
                end_line: 1,
                end_column: column + length,
                label: Some("no such name".to_owned()),
                excerpt: Some(Excerpt {
                    first: 1,
                    text: text.to_owned(),
                }),
            }],
            ..Problem::default()
        }
    }

    fn drawn(text: &str, column: usize, length: usize) -> String {
        let text = super::super::problem::problem(&problem(text, column, length), &style());
        for line in text.lines() {
            assert!(line.chars().count() <= 40, "{line}");
        }
        text
    }

    #[test]
    fn what_is_marked_stays_with_its_label() {
        let long = format!("{}total(v){}\n", "x + ".repeat(20), " + y".repeat(20));
        let text = drawn(&long, 81, 5);
        assert!(text.contains("…") && text.contains("total(v"), "{text}");
        assert!(text.contains("no such name"), "{text}");
        let marked = |text: &str| {
            let lines: Vec<Vec<char>> = text.lines().map(|line| line.chars().collect()).collect();
            let source = lines
                .iter()
                .position(|line| line.iter().collect::<String>().contains("total"));
            let source = source.unwrap();
            let at = lines[source + 1]
                .iter()
                .position(|c| *c == '─' || *c == '┬')
                .unwrap();
            lines[source][at..at + 5].iter().collect::<String>()
        };
        assert_eq!(marked(&text), "total");
        // Nothing needs to be cut at the beginning.
        let text = drawn(&format!("total(v){}\n", " + y".repeat(40)), 1, 5);
        assert_eq!(marked(&text), "total");
        assert!(
            text.contains("1 │ total(v) + y") && text.contains('…'),
            "{text}"
        );
    }

    #[test]
    fn a_mark_that_is_longer_than_the_terminal_is_cut_too() {
        let text = drawn(&format!("a = {}\n", "z".repeat(200)), 5, 200);
        assert!(text.contains("a = zzz") && text.contains('…'), "{text}");
    }

    #[test]
    fn what_fits_stays_as_it_is() {
        let text = drawn("a = total(v)\n", 5, 5);
        assert!(text.contains("1 │ a = total(v)\n"), "{text}");
    }
}
