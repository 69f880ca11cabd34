//! Benchmark results: a table of all measurements, and charts of the important ones.

use comfy_table::CellAlignment;

use crate::model::{Bench, Contender, Measure, Quantity};

use super::{
    super::{
        Style,
        contender::{known, names, number, place, rounds, subjects, undecided, usd},
        style::Ink,
        wording,
    },
    chart::{Bar, bars},
    failure,
    table::{cell, table, text},
};

const HEAD: [&str; 9] = [
    "contender",
    "quantity",
    "calls",
    "min",
    "p50",
    "p90",
    "p99",
    "max",
    "",
];
/// Columns before the numbers.
const WORDS: usize = 2;
/// The quantities with a chart.
const DRAWN: [Quantity; 2] = [Quantity::FirstAnswer, Quantity::Warm];

/// The table, the charts, costs and knees, and failures in full. A percentile is `-` if the samples
/// are too few for it.
pub fn bench(bench: &Bench, rule: &str, style: &Style) -> String {
    let names = names(bench);
    let subjects = subjects(bench).into_iter();
    let subjects = subjects.map(|(function, test)| format!("{function} with test `{test}`"));
    let subjects = wording::list(&subjects.collect::<Vec<_>>());
    let subjects = style.paint(Ink::Bold, &subjects);
    let mut page = format!("{subjects}\n{}\n{}\n\n", place(bench), rounds(bench));
    page.push_str(&overview(bench, &names, style));
    for quantity in DRAWN {
        page.push_str(&chart(bench, &names, quantity, style));
    }
    page.push_str(&costs(bench, &names, style));
    page.push_str(&knees(bench, rule, style));
    for (one, name) in bench.contenders.iter().zip(&names) {
        if let Some(failed) = &one.failed {
            page.push_str(&format!("\n{name} failed and was not called again:\n"));
            page.push_str(&failure(failed, style));
        }
    }
    page
}

fn overview(bench: &Bench, names: &[String], style: &Style) -> String {
    let mut overview = table(&HEAD, style);
    for (one, name) in bench.contenders.iter().zip(names) {
        for (index, measure) in one.measures.iter().enumerate() {
            let name = if index == 0 { name.as_str() } else { "" };
            overview.add_row(row(name, measure));
        }
    }
    for column in WORDS..HEAD.len() - 1 {
        if let Some(column) = overview.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    text(overview) + &counted(bench, style)
}

/// What the counts mean, if they differ.
fn counted(bench: &Bench, style: &Style) -> String {
    let differ = |one: &Contender| {
        let mut counts = one.measures.iter().map(|measure| measure.spread.n);
        let first = counts.next();
        counts.any(|n| Some(n) != first)
    };
    if !bench.contenders.iter().any(differ) {
        return String::new();
    }
    let text = "calls: the number of measured calls, one in each fresh environment or several warm \
        ones; calls without a log in time are left out.";
    let lines = wording::paragraph(text, style.width);
    let lines = lines.lines().map(|line| style.paint(Ink::Dim, line) + "\n");
    lines.collect()
}

fn row(name: &str, measure: &Measure) -> Vec<comfy_table::Cell> {
    let spread = &measure.spread;
    let mut row = vec![
        cell(name, Ink::Bold),
        measure.quantity.words().into(),
        cell(&spread.n.to_string(), Ink::Dim),
    ];
    let numbers = [
        Some(spread.min),
        Some(spread.p50),
        spread.p90,
        spread.p99,
        Some(spread.max),
    ];
    row.extend(numbers.map(|one| known(one).into()));
    row.push(cell(&measure.unit, Ink::Dim));
    row
}

fn chart(bench: &Bench, names: &[String], quantity: Quantity, style: &Style) -> String {
    let bar = |(one, name): (&Contender, &String)| {
        let spread = one.measure(quantity)?.spread;
        Some(Bar {
            name: name.clone(),
            value: spread.p50,
            reach: spread.p90.unwrap_or(spread.max),
            text: number(spread.p50),
        })
    };
    let drawn: Vec<Bar> = bench.contenders.iter().zip(names).filter_map(bar).collect();
    if drawn.is_empty() {
        return String::new();
    }
    let title = format!("{}, {}", quantity.words(), quantity.unit());
    let title = style.paint(Ink::Bold, &title);
    format!(
        "\n{title}: median, and lighter up to p90 (or the slowest call if unknown)\n{}",
        bars(&drawn, style)
    )
}

fn costs(bench: &Bench, names: &[String], style: &Style) -> String {
    let named = bench.contenders.iter().zip(names);
    let bar = |(one, name): (&Contender, &String)| {
        let value = one.usd_per_million?;
        Some(Bar {
            name: name.clone(),
            value,
            reach: value,
            text: usd(value),
        })
    };
    let drawn: Vec<Bar> = named.filter_map(bar).collect();
    if drawn.is_empty() {
        return String::new();
    }
    let title = style.paint(Ink::Bold, "a million warm calls, dollars");
    let prices = &bench.prices;
    let source = format!("  prices as of {}: {}", prices.as_of, prices.source);
    format!(
        "\n{title}\n{}{}\n",
        bars(&drawn, style),
        style.paint(Ink::Dim, &source)
    )
}

fn knees(bench: &Bench, rule: &str, style: &Style) -> String {
    let mut page = String::new();
    for knee in &bench.knees {
        let parts = [Some(knee.function.as_str()), knee.variant.as_deref()];
        let parts: Vec<&str> = parts.into_iter().flatten().collect();
        let size = match knee.memory_mb.as_slice() {
            [only] => style.paint(Ink::Green, &format!("{only} MB")),
            _ => style.paint(Ink::Yellow, &undecided(knee)),
        };
        page.push_str(&format!("knee of {}: {size}\n", parts.join(", ")));
    }
    if page.is_empty() {
        return page;
    }
    format!("\n{page}{}\n", style.paint(Ink::Dim, &format!("  {rule}")))
}

#[cfg(test)]
mod cases {
    use insta::assert_snapshot;

    use super::{super::super::fixture, *};

    const RULE: &str = "the rule";

    #[test]
    fn memory_sizes() {
        let style = Style {
            unicode: true,
            ..Style::plain()
        };
        assert_snapshot!(bench(&fixture::sizes(), RULE, &style));
    }

    #[test]
    fn compile_modes_without_unicode() {
        assert_snapshot!(bench(&fixture::modes(), RULE, &Style::plain()));
    }

    #[test]
    fn lambda_reports() {
        assert_snapshot!(bench(&fixture::in_lambda(), RULE, &Style::plain()));
    }

    #[test]
    fn a_contender_that_failed() {
        assert_snapshot!(bench(&fixture::failed(), RULE, &Style::plain()));
    }
}
