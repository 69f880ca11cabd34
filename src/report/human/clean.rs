//! Files that `jot clean` removes.

use comfy_table::CellAlignment;

use super::{
    super::{Style, style::Ink, wording},
    table::{cell, table, text},
};
use crate::model::clean::{Removal, RemovalKind};

/// The removals, one per line, with their sizes.
pub fn removals(removals: &[Removal], style: &Style) -> String {
    if removals.is_empty() {
        return "Nothing to clean.\n".to_owned();
    }
    let mut all = table(&["size", "what", "name"], style);
    for removal in removals {
        all.add_row(vec![
            wording::bytes(removal.bytes).into(),
            wording::plain(&removal.what).into(),
            cell(&removal.names.join(", "), Ink::Dim),
        ]);
    }
    if let Some(column) = all.column_mut(0) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    text(all)
}

/// The sum of the removals: `3 images and 1 source, at most 1.2 GB`.
pub fn removed(removals: &[Removal]) -> String {
    let kinds = [
        (RemovalKind::Image, "image"),
        (RemovalKind::Source, "source"),
        (RemovalKind::Hashes, "file of hashes"),
    ];
    let counted = kinds.iter().filter_map(|(kind, noun)| {
        let number = removals.iter().filter(|one| one.kind == *kind).count();
        let words = match (number, kind) {
            (0, _) => return None,
            (2.., RemovalKind::Hashes) => format!("{number} files of hashes"),
            _ => wording::count(number, noun),
        };
        Some(words)
    });
    let counted = wording::list(&counted.collect::<Vec<_>>());
    let bytes = removals.iter().map(|one| one.bytes).sum();
    // Images share layers, which are removed with the last of them.
    format!("{counted}, at most {}", wording::bytes(bytes))
}

#[cfg(test)]
mod cases {
    use super::*;

    #[test]
    fn what_goes_is_shown_with_its_size() {
        let removal = |kind, what: &str, name: &str, bytes| Removal {
            kind,
            what: what.to_owned(),
            names: vec![name.to_owned()],
            bytes,
        };
        let all = [
            removal(
                RemovalKind::Image,
                "image of sum",
                "jot/numerics:1a2b",
                1_200_000_000,
            ),
            removal(
                RemovalKind::Image,
                "image of old",
                "jot/numerics:3c4d",
                900_000,
            ),
            removal(
                RemovalKind::Source,
                "source of another commit",
                "/c/git/1",
                5_000,
            ),
        ];
        assert_eq!(removed(&all), "2 images and 1 source, at most 1.2 GB");
        let text = removals(&all, &Style::plain());
        assert_eq!(
            text.lines().nth(1),
            Some("  1.2 GB  image of sum              jot/numerics:1a2b")
        );
        assert_eq!(removals(&[], &Style::plain()), "Nothing to clean.\n");
    }
}
