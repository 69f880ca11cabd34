//! What is deployed, as a table.

use super::{
    super::{
        Style,
        status::{InSync, StatusRow},
        style::Ink,
        wording,
    },
    table::{cell, table, text},
};

/// All columns.
const HEAD: [&str; 9] = [
    "function", "name", "state", "version", "alias", "image", "memory", "timeout", "in sync",
];

/// A text, and its accent if it has one.
type Field = (String, Option<Ink>);

/// Columns that a narrow table does without, the first one first.
const SPARE: [&str; 5] = ["timeout", "memory", "image", "alias", "name"];
/// The least columns of a name, and of the reason why something is not in sync.
const LEAST: usize = 10;

/// The rows as a table. The Lambda names have a column where they are not the manifest's keys. Where
/// the style is too narrow, columns go, and then the middle of names and reasons.
pub fn status(rows: &[StatusRow], style: &Style) -> String {
    if rows.is_empty() {
        return "No functions.\n".to_owned();
    }
    let named = rows.iter().any(|row| row.name != row.function);
    let shown = |heading: &&str| named || *heading != "name";
    let mut head: Vec<&str> = HEAD.into_iter().filter(shown).collect();
    let mut rows: Vec<Vec<Field>> = rows.iter().map(|row| fields(row, named)).collect();
    for spare in SPARE {
        if width(&head, &rows) > style.width {
            without(spare, &mut head, &mut rows);
        }
    }
    for column in [0, head.len() - 1] {
        let over = width(&head, &rows).saturating_sub(style.width);
        shorten(column, over, &mut rows, style);
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

fn without(heading: &str, head: &mut Vec<&str>, rows: &mut [Vec<Field>]) {
    if let Some(column) = head.iter().position(|one| *one == heading) {
        head.remove(column);
        for row in rows {
            row.remove(column);
        }
    }
}

/// Makes a column narrower by that much, but leaves something of it.
fn shorten(column: usize, over: usize, rows: &mut [Vec<Field>], style: &Style) {
    let widths = rows.iter().map(|row| row[column].0.chars().count());
    let width = widths.max().unwrap_or(0).saturating_sub(over).max(LEAST);
    for row in rows.iter_mut().filter(|_| over > 0) {
        row[column].0 = wording::shortened(&row[column].0, width, style);
    }
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
    fn one_aligned_table_fits_80_columns_whatever_the_names() {
        let mut long = row();
        long.function = "increment-vector-of-the-northern-warehouse-and-its-annex".to_owned();
        long.name = format!("{}-prod", long.function);
        long.in_sync = InSync::No("the role is of another project, and is not managed".to_owned());
        let rows = [long, row(), absent()];
        for width in [40, 60, 80, 100, 160] {
            let style = Style {
                width,
                ..Style::plain()
            };
            let text = status(&rows, &style);
            assert_eq!(text.lines().count(), 4, "{text}");
            let widest = text.lines().map(|line| line.chars().count()).max();
            assert!(widest <= Some(width), "{width}: {text}");
        }
        let style = Style {
            width: 80,
            ..Style::plain()
        };
        assert_snapshot!(status(&rows[1..], &style));
    }

    #[test]
    fn nothing() {
        assert_eq!(status(&[], &Style::plain()), "No functions.\n");
    }
}
