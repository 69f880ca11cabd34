//! Published versions as a table.

use super::{
    super::{
        Style,
        releases::{ReleaseRow, ReleaseState},
        style::Ink,
    },
    table::{cell, table, text},
};

/// The rows as a table, with the function's name only in its first row.
pub fn releases(rows: &[ReleaseRow], style: &Style) -> String {
    if rows.is_empty() {
        return "No published versions.\n".to_owned();
    }
    let head = [
        "function",
        "version",
        "state",
        "published",
        "code",
        "settings",
    ];
    let mut overview = table(&head, style);
    let mut last = "";
    for row in rows {
        let function = if row.function == last {
            ""
        } else {
            &row.function
        };
        last = &row.function;
        let (state, ink) = state(row);
        let state = match ink {
            Some(ink) => cell(&state, ink),
            None => state.into(),
        };
        let short = |hex: &String| hex.chars().take(12).collect::<String>();
        overview.add_row(vec![
            function.into(),
            row.version.as_str().into(),
            state,
            minute(&row.published).into(),
            short(&row.fingerprint).into(),
            short(&row.config).into(),
        ]);
    }
    text(overview)
}

fn state(row: &ReleaseRow) -> (String, Option<Ink>) {
    match row.state {
        ReleaseState::Live => ("live".to_owned(), Some(Ink::Green)),
        ReleaseState::Partly => (format!("{}% of traffic", row.percent), Some(Ink::Yellow)),
        ReleaseState::Released => ("released".to_owned(), None),
        ReleaseState::Held => {
            let by = row.held_by.map(|by| format!(" by {}", by.words()));
            (format!("held{}", by.unwrap_or_default()), Some(Ink::Yellow))
        }
        ReleaseState::Unreleased => ("not released".to_owned(), None),
    }
}

/// `2026-11-28 02:30 UTC` for `2026-11-28T02:30:11.000+0000`; other forms are unchanged.
pub(super) fn minute(published: &str) -> String {
    match (
        published.get(..10),
        published.get(10..11),
        published.get(11..16),
    ) {
        (Some(day), Some("T"), Some(time)) => format!("{day} {time} UTC"),
        _ => published.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;
    use crate::model::release::By;

    fn row(version: &str, state: ReleaseState, percent: u8) -> ReleaseRow {
        ReleaseRow {
            function: "increment-vector".to_owned(),
            name: "increment-vector".to_owned(),
            version: version.to_owned(),
            state,
            percent,
            published: "2026-11-28T02:30:11.000+0000".to_owned(),
            fingerprint: "0123456789abcdef".to_owned(),
            config: "fedcba9876543210".to_owned(),
            held_by: (state == ReleaseState::Held).then_some(By::Rollback),
        }
    }

    #[test]
    fn versions_are_marked_by_what_they_are_to_the_alias() {
        let other = ReleaseRow {
            function: "greet".to_owned(),
            fingerprint: String::new(),
            config: String::new(),
            published: "yesterday".to_owned(),
            ..row("1", ReleaseState::Live, 100)
        };
        let rows = [
            row("13", ReleaseState::Partly, 10),
            row("12", ReleaseState::Held, 0),
            row("11", ReleaseState::Unreleased, 0),
            row("10", ReleaseState::Partly, 90),
            row("7", ReleaseState::Released, 0),
            other,
        ];
        assert_snapshot!(releases(&rows, &Style::plain()));
        assert_eq!(releases(&[], &Style::plain()), "No published versions.\n");
    }
}
