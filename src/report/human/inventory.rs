//! All known facts about deployed functions, one block per function.

use super::{
    super::{Style, status::StatusRow, style::Ink, wording},
    releases::minute,
    status::{amount, held, state_ink, sync_ink, traffic, triggers},
};

/// Width of the labels at the beginning of lines, with a space: a line with a full digest fits 80
/// columns.
const WORDS: usize = 12;

/// A block for each row, with a line for each known fact.
pub fn inventory(rows: &[StatusRow], style: &Style) -> String {
    if rows.is_empty() {
        return "No functions.\n".to_owned();
    }
    let blocks: Vec<String> = rows.iter().map(|row| block(row, style)).collect();
    blocks.join("\n")
}

fn block(row: &StatusRow, style: &Style) -> String {
    let yellow = |differs: bool| differs.then_some(Ink::Yellow);
    let differs = |value: &str| yellow(value != SAME && !row.digest.is_empty());
    let (in_ecr, here) = (in_ecr(row), here(row));
    let lines = [
        ("name", row.name.clone(), None),
        ("state", row.state.clone(), state_ink(row)),
        ("in sync", row.in_sync.clone().into(), Some(sync_ink(row))),
        ("held", held(row), Some(Ink::Yellow)),
        ("alias", row.alias.clone(), None),
        ("version", traffic(row), yellow(row.traffic.len() > 1)),
        ("in Lambda", hex(&row.digest), None),
        ("in ECR", in_ecr.clone(), differs(&in_ecr)),
        ("here", here.clone(), differs(&here)),
        ("revision", row.revision.clone(), None),
        (
            "checkout",
            checkout(row),
            yellow(row.checkout != row.revision),
        ),
        ("changed", changed(row), None),
        ("memory", amount(row.memory_mb, "MB"), None),
        ("timeout", amount(row.timeout_s, "s"), None),
        ("url", row.url.clone(), None),
        ("triggers", triggers(row), None),
    ];
    let shown = lines.iter().filter(|(_, value, _)| !value.is_empty());
    let shown = shown.map(|(words, value, ink)| {
        let words = style.paint(Ink::Dim, &format!("{:<WORDS$}", format!("{words}:")));
        let value = wording::plain(value);
        let value = ink.map_or_else(|| value.to_string(), |ink| style.paint(ink, &value));
        format!("  {words}{value}\n")
    });
    style.paint(Ink::Bold, &row.function) + "\n" + &shown.collect::<String>()
}

/// Replaces a digest that equals the one in Lambda, or the revision it was deployed from.
const SAME: &str = "the same";

fn hex(digest: &str) -> String {
    digest.strip_prefix("sha256:").unwrap_or(digest).to_owned()
}

fn in_ecr(row: &StatusRow) -> String {
    match row.digest_in_ecr.as_str() {
        "" if row.declared => "-".to_owned(),
        digest => compared(digest, &row.digest),
    }
}

fn here(row: &StatusRow) -> String {
    match row.image_here.as_deref() {
        None if row.declared => "Docker does not answer".to_owned(),
        None => String::new(),
        Some("") => "-".to_owned(),
        Some(_) if row.digest_here.is_empty() => "built, not pushed".to_owned(),
        Some(_) => compared(&row.digest_here, &row.digest),
    }
}

fn checkout(row: &StatusRow) -> String {
    compared(&row.checkout, &row.revision)
}

fn compared(one: &str, other: &str) -> String {
    match one == other && !one.is_empty() {
        true => SAME.to_owned(),
        false => hex(one),
    }
}

/// The time and the age: `2026-11-28 02:30 UTC, 3 h ago`.
fn changed(row: &StatusRow) -> String {
    let at = minute(&row.modified);
    match row.age_s {
        Some(age) => format!("{at}, {} ago", wording::age(age)),
        None => at,
    }
}

#[cfg(test)]
mod cases {
    use insta::assert_snapshot;

    use super::{super::status::fixture, *};

    #[test]
    fn all_is_shown_and_nothing_is_wider_than_80_columns() {
        let rows = [
            fixture::running(),
            fixture::shifting(),
            fixture::absent(),
            fixture::undeclared(),
        ];
        let text = inventory(&rows, &Style::plain());
        // An address is not broken, so that it can be copied.
        let lines = text.lines().filter(|line| !line.contains("https://"));
        let widest = lines.map(|line| line.chars().count()).max();
        assert!(widest <= Some(80), "{text}");
        assert_snapshot!(text);
        assert_eq!(inventory(&[], &Style::plain()), "No functions.\n");
    }
}
