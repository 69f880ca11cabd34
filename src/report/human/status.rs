//! What is deployed, as a table.

use super::{
    super::{
        Style,
        status::{InSync, StatusRow},
        style::Ink,
    },
    table::{cell, table, text},
};

/// All columns.
const HEAD: [&str; 9] = [
    "function", "name", "state", "version", "alias", "image", "memory", "timeout", "in sync",
];

/// A text, and its accent if it has one.
type Field = (String, Option<Ink>);

/// The rows as a table, or as blocks where the style is too narrow for one. The Lambda names have a column where
/// they are not the manifest's keys.
pub fn status(rows: &[StatusRow], style: &Style) -> String {
    if rows.is_empty() {
        return "No functions.\n".to_owned();
    }
    let named = rows.iter().any(|row| row.name != row.function);
    let shown = |heading: &&str| named || *heading != "name";
    let head: Vec<&str> = HEAD.into_iter().filter(shown).collect();
    let rows: Vec<Vec<Field>> = rows.iter().map(|row| fields(row, named)).collect();
    if width(&head, &rows) > style.width {
        return blocks(&head, &rows, style);
    }
    let mut overview = table(&head, style);
    for row in rows {
        overview.add_row(row.into_iter().map(|(text, ink)| match ink {
            Some(ink) => cell(&text, ink),
            None => text.into(),
        }));
    }
    text(overview)
}

fn fields(row: &StatusRow, named: bool) -> Vec<Field> {
    let amount = |number: Option<u32>, unit: &str| {
        number.map_or_else(String::new, |number| format!("{number} {unit}"))
    };
    let failed = (row.state == crate::model::State::Failed.as_str()).then_some(Ink::Red);
    let in_sync = match row.in_sync {
        InSync::Yes => Ink::Green,
        InSync::No(_) => Ink::Yellow,
    };
    let mut fields = vec![
        (row.function.clone(), None),
        (row.name.clone(), None),
        (row.state.clone(), failed),
        (row.version.clone(), None),
        (row.alias.clone(), None),
        (row.image.clone(), None),
        (amount(row.memory_mb, "MB"), None),
        (amount(row.timeout_s, "s"), None),
        (row.in_sync.clone().into(), Some(in_sync)),
    ];
    if !named {
        fields.remove(1);
    }
    for (text, _) in fields.iter_mut().filter(|(text, _)| text.is_empty()) {
        text.push('-');
    }
    fields
}

/// Columns of the table, with two spaces between each two.
fn width(head: &[&str], rows: &[Vec<Field>]) -> usize {
    let widest = |(column, heading): (usize, &&str)| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        let widest = cells.map(|(text, _)| text.chars().count()).max();
        widest.unwrap_or(0).max(heading.len()) + 2
    };
    head.iter()
        .enumerate()
        .map(widest)
        .sum::<usize>()
        .saturating_sub(2)
}

/// What is too wide for a table, a field a line.
fn blocks(head: &[&str], rows: &[Vec<Field>], style: &Style) -> String {
    let block = |row: &Vec<Field>| -> String {
        let lines = head.iter().zip(row).map(|(heading, (text, ink))| {
            let heading = style.paint(Ink::Dim, &format!("{heading:<8}"));
            let text = ink.map_or_else(|| text.clone(), |ink| style.paint(ink, text));
            format!("{heading}  {text}\n")
        });
        lines.collect()
    };
    rows.iter().map(block).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod cases {
    use insta::assert_snapshot;

    use super::*;

    fn row() -> StatusRow {
        StatusRow {
            function: "increment-vector".to_owned(),
            name: "increment-vector".to_owned(),
            state: "Active".to_owned(),
            version: "3".to_owned(),
            alias: "live".to_owned(),
            image: "1a2b3c4d5e6f".to_owned(),
            digest: format!("sha256:{}", "1a2b3c4d".repeat(8)),
            memory_mb: Some(1024),
            timeout_s: Some(30),
            in_sync: InSync::Yes,
        }
    }

    fn absent() -> StatusRow {
        StatusRow {
            function: "sum".to_owned(),
            name: "sum".to_owned(),
            in_sync: InSync::No("not in Lambda".to_owned()),
            ..StatusRow::default()
        }
    }

    #[test]
    fn names_that_are_keys_have_no_column() {
        assert_snapshot!(status(&[row(), absent()], &Style::plain()));
    }

    #[test]
    fn names_with_a_suffix_have_one() {
        let prod = StatusRow {
            name: "increment-vector-prod".to_owned(),
            state: "Failed".to_owned(),
            in_sync: InSync::No("code differs".to_owned()),
            ..row()
        };
        assert_snapshot!(status(&[prod, absent()], &Style::plain()));
    }

    #[test]
    fn narrow() {
        let style = Style {
            width: 60,
            ..Style::plain()
        };
        assert_snapshot!(status(&[row(), absent()], &style));
    }

    #[test]
    fn nothing() {
        assert_eq!(status(&[], &Style::plain()), "No functions.\n");
    }
}
