//! Deployed functions as a table.

use super::{
    super::{
        Style,
        status::{InSync, StatusRow},
        style::Ink,
        wording,
    },
    table::{cell, table, text},
};

/// A text, and its colour if it has one.
type Field = (String, Option<Ink>);

/// Columns that a narrow table omits, the first one first.
const SPARE: [&str; 13] = [
    "url", "timeout", "memory", "alias", "triggers", "name", "held", "revision", "age", "state",
    "here", "ECR", "Lambda",
];
/// Columns that are omitted if they are empty in all rows.
const FOR_SOME: [&str; 4] = ["name", "held", "triggers", "url"];
/// Fewest columns of a name, and of the reason why a function is not in sync.
const LEAST: usize = 10;
/// Hex digits of a commit, as git shortens it.
const COMMIT: usize = 7;
/// Hex digits of a digest.
const DIGITS: usize = 8;

/// The rows as a table. If it is too wide, omits columns, then shortens names and reasons.
pub fn status(rows: &[StatusRow], style: &Style) -> String {
    if rows.is_empty() {
        return "No functions.\n".to_owned();
    }
    let mut columns = columns(rows);
    columns.retain(|column| {
        let something = |(text, _): &Field| !text.is_empty();
        !FOR_SOME.contains(&column.heading) || column.fields.iter().any(something)
    });
    for spare in SPARE {
        if width(&columns) > style.width {
            columns.retain(|column| column.heading != spare);
        }
    }
    for shortened in ["function", "in sync"] {
        let over = width(&columns).saturating_sub(style.width);
        let column = columns.iter_mut().find(|one| one.heading == shortened);
        if let Some(column) = column.filter(|_| over > 0) {
            column.shorten(over, style);
        }
    }
    let head: Vec<&str> = columns.iter().map(|column| column.heading).collect();
    let mut overview = table(&head, style);
    for row in 0..rows.len() {
        overview.add_row(columns.iter().map(|column| match &column.fields[row] {
            (text, _) if text.is_empty() => "-".into(),
            (text, Some(ink)) => cell(text, *ink),
            (text, None) => text.into(),
        }));
    }
    text(overview)
}

struct Column {
    heading: &'static str,
    /// The fields, one per row.
    fields: Vec<Field>,
}

impl Column {
    fn width(&self) -> usize {
        let cells = self.fields.iter().map(|(text, _)| text.chars().count());
        cells.max().unwrap_or(0).max(self.heading.len())
    }

    /// Makes the column narrower by this amount, down to the minimum.
    fn shorten(&mut self, over: usize, style: &Style) {
        let width = self.width().saturating_sub(over).max(LEAST);
        for (text, _) in &mut self.fields {
            *text = wording::shortened(text, width, style);
        }
    }
}

/// Width of the table, with two spaces between columns.
fn width(columns: &[Column]) -> usize {
    let widths = columns.iter().map(|column| column.width() + 2);
    widths.sum::<usize>().saturating_sub(2)
}

fn columns(rows: &[StatusRow]) -> Vec<Column> {
    let column = |heading, of: fn(&StatusRow) -> Field| Column {
        heading,
        fields: rows.iter().map(of).collect(),
    };
    vec![
        column("function", |row| (row.function.clone(), None)),
        column("name", |row| match row.name == row.function {
            true => (String::new(), None),
            false => (row.name.clone(), None),
        }),
        column("state", |row| (row.state.clone(), state_ink(row))),
        column("version", |row| (traffic(row), shared_ink(row))),
        column("Lambda", |row| (digits(&row.digest), None)),
        column("ECR", in_ecr),
        column("here", here),
        column("revision", |row| (commit(&row.revision), commit_ink(row))),
        column("age", |row| {
            (row.age_s.map(wording::age).unwrap_or_default(), None)
        }),
        column("in sync", |row| {
            (row.in_sync.clone().into(), Some(sync_ink(row)))
        }),
        column("held", |row| (held(row), Some(Ink::Yellow))),
        column("triggers", |row| (triggers(row), None)),
        column("alias", |row| (row.alias.clone(), None)),
        column("memory", |row| (amount(row.memory_mb, "MB"), None)),
        column("timeout", |row| (amount(row.timeout_s, "s"), None)),
        column("url", |row| (row.url.clone(), None)),
    ]
}

/// A number with its unit; empty without a number.
pub(super) fn amount(number: Option<u32>, unit: &str) -> String {
    number.map_or_else(String::new, |number| format!("{number} {unit}"))
}

/// The version that answers, or all of them with their shares: `11 90%, 12 10%`.
pub(super) fn traffic(row: &StatusRow) -> String {
    let shares = row.traffic.iter();
    match row.traffic.len() {
        0 | 1 => row.version.clone(),
        _ => {
            let shares = shares.map(|one| format!("{} {}%", one.version, one.percent));
            shares.collect::<Vec<_>>().join(", ")
        }
    }
}

fn shared_ink(row: &StatusRow) -> Option<Ink> {
    (row.traffic.len() > 1).then_some(Ink::Yellow)
}

pub(super) fn state_ink(row: &StatusRow) -> Option<Ink> {
    (row.state == crate::model::State::Failed.as_str()).then_some(Ink::Red)
}

pub(super) fn sync_ink(row: &StatusRow) -> Ink {
    match row.in_sync {
        InSync::Yes => Ink::Green,
        InSync::No(_) => Ink::Yellow,
    }
}

/// A digest's first digits; `=` in later columns if it equals what Lambda runs.
fn digits(digest: &str) -> String {
    let hex = digest.strip_prefix("sha256:").unwrap_or(digest);
    hex.chars().take(DIGITS).collect()
}

fn in_ecr(row: &StatusRow) -> Field {
    compared(&row.digest_in_ecr, row)
}

fn here(row: &StatusRow) -> Field {
    match row.image_here.as_deref() {
        Some(image) if !image.is_empty() && row.digest_here.is_empty() => {
            ("built".to_owned(), None)
        }
        _ => compared(&row.digest_here, row),
    }
}

fn compared(digest: &str, row: &StatusRow) -> Field {
    match digest == row.digest {
        _ if digest.is_empty() => (String::new(), None),
        true => ("=".to_owned(), None),
        false => (digits(digest), Some(Ink::Yellow)),
    }
}

/// The commit as git shortens it, with `*` if files differed.
fn commit(revision: &str) -> String {
    let short: String = revision.chars().take(COMMIT).collect();
    match revision.ends_with("-dirty") {
        true => format!("{short}*"),
        false => short,
    }
}

fn commit_ink(row: &StatusRow) -> Option<Ink> {
    let differs = !row.checkout.is_empty() && row.checkout != row.revision;
    differs.then_some(Ink::Yellow)
}

/// The held versions with what holds them: `12 by a rollback`.
pub(super) fn held(row: &StatusRow) -> String {
    let all = row.held.iter();
    let all = all.map(|one| format!("{} by {}", one.version, one.by.words()));
    all.collect::<Vec<_>>().join(", ")
}

/// The number of triggers of each kind: `s3 2, sqs 1`.
pub(super) fn triggers(row: &StatusRow) -> String {
    let all = row.triggers.iter();
    let all = all.map(|(kind, count)| format!("{kind} {count}"));
    all.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
pub(super) mod fixture {
    use std::collections::BTreeMap;

    use super::super::super::status::Share;
    use super::*;
    use crate::model::release::{By, Held};

    fn digest(eight: &str) -> String {
        format!("sha256:{}", eight.repeat(8))
    }

    fn share(version: &str, percent: u8) -> Share {
        Share {
            version: version.to_owned(),
            percent,
        }
    }

    pub(in super::super) fn running() -> StatusRow {
        StatusRow {
            function: "increment-vector".to_owned(),
            name: "increment-vector".to_owned(),
            state: "Active".to_owned(),
            version: "3".to_owned(),
            alias: "live".to_owned(),
            image: "1a2b3c4d1a2b".to_owned(),
            digest: digest("1a2b3c4d"),
            memory_mb: Some(1024),
            timeout_s: Some(30),
            in_sync: InSync::Yes,
            declared: true,
            from_tags: false,
            traffic: vec![share("3", 100)],
            digest_in_ecr: digest("1a2b3c4d"),
            digest_here: digest("1a2b3c4d"),
            image_here: Some(digest("00112233")),
            revision: "0123456789".repeat(4),
            checkout: "0123456789".repeat(4),
            modified: "2026-11-28T02:30:11.000+0000".to_owned(),
            age_s: Some(3 * 3600),
            held: Vec::new(),
            url: String::new(),
            triggers: BTreeMap::new(),
        }
    }

    /// A row with a newer image, during traffic steps.
    pub(in super::super) fn shifting() -> StatusRow {
        StatusRow {
            function: "root".to_owned(),
            name: "root-prod".to_owned(),
            version: "11".to_owned(),
            traffic: vec![share("11", 90), share("12", 10)],
            in_sync: InSync::No("no: 3 changes to go".to_owned()),
            digest_in_ecr: digest("5e6f7a8b"),
            digest_here: String::new(),
            checkout: format!("{}-dirty", "abcdef0123".repeat(4)),
            held: vec![Held {
                version: "10".to_owned(),
                fingerprint: "0123456789abcdef".to_owned(),
                config: None,
                by: By::Steps,
            }],
            url: "https://abcdefghijklmnopqrstuvwxyz012345.lambda-url.eu-west-1.on.aws/".to_owned(),
            triggers: BTreeMap::from([("sqs".to_owned(), 1), ("s3".to_owned(), 2)]),
            ..running()
        }
    }

    pub(in super::super) fn absent() -> StatusRow {
        StatusRow {
            function: "sum".to_owned(),
            name: "sum".to_owned(),
            state: "absent".to_owned(),
            in_sync: InSync::No("no: 9 changes to go".to_owned()),
            declared: true,
            digest_in_ecr: digest("9c0d1e2f"),
            ..StatusRow::default()
        }
    }

    pub(in super::super) fn undeclared() -> StatusRow {
        StatusRow {
            function: "mean".to_owned(),
            name: "mean".to_owned(),
            state: "undeclared".to_owned(),
            version: "7".to_owned(),
            digest: digest("1a2b3c4d"),
            in_sync: InSync::No("no: not in jot.toml".to_owned()),
            from_tags: true,
            ..StatusRow::default()
        }
    }
}

#[cfg(test)]
mod cases {
    use insta::assert_snapshot;

    use super::{
        fixture::{absent, running, shifting, undeclared},
        *,
    };

    fn at(width: usize) -> Style {
        Style {
            width,
            ..Style::plain()
        }
    }

    #[test]
    fn what_no_row_has_is_no_column() {
        assert_snapshot!(status(&[running(), absent()], &at(80)));
    }

    #[test]
    fn what_differs_from_what_runs_stands_out() {
        let rows = [running(), shifting(), absent(), undeclared()];
        assert_snapshot!(status(&rows, &at(220)));
    }

    #[test]
    fn narrow() {
        let rows = [running(), shifting(), absent(), undeclared()];
        assert_snapshot!(status(&rows, &at(80)));
    }

    #[test]
    fn one_aligned_table_fits_whatever_the_names() {
        let mut long = shifting();
        long.function = "increment-vector-of-the-northern-warehouse-and-its-annex".to_owned();
        long.name = format!("{}-prod", long.function);
        long.in_sync = InSync::No("the role is of another project, and is not managed".to_owned());
        let rows = [long, running(), absent()];
        for width in [40, 60, 80, 100, 160] {
            let text = status(&rows, &at(width));
            assert_eq!(text.lines().count(), 4, "{text}");
            let widest = text.lines().map(|line| line.chars().count()).max();
            assert!(widest <= Some(width), "{width}: {text}");
        }
    }

    #[test]
    fn nothing() {
        assert_eq!(status(&[], &Style::plain()), "No functions.\n");
    }
}
