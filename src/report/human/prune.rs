//! What goes from the repository, and what stays.

use comfy_table::CellAlignment;

use super::{
    super::{Style, style::Ink, wording},
    table::{cell, table, text},
};
use crate::model::prune::Pruned;

/// A line an image: what goes first, then what stays, each with its reason; then how much goes.
pub fn pruned(repository: &str, images: &[Pruned], style: &Style) -> String {
    if images.is_empty() {
        return format!("Repository {repository} holds no image.\n");
    }
    let mut all = table(&["", "size", "image", "reason"], style);
    let (going, staying): (Vec<&Pruned>, Vec<&Pruned>) = images.iter().partition(|one| one.goes);
    for one in going.iter().chain(&staying) {
        let (mark, ink) = match one.goes {
            true => (cell("-", Ink::Red), None),
            false => ("".into(), Some(Ink::Dim)),
        };
        let column = |text: &str| match ink {
            Some(ink) => cell(text, ink),
            None => wording::plain(text).into(),
        };
        all.add_row(vec![
            mark,
            column(&wording::bytes(one.bytes)),
            column(&name(one)),
            column(&one.why),
        ]);
    }
    if let Some(column) = all.column_mut(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    let count = wording::count(images.len(), "image");
    let last = match going.len() {
        0 => format!("Nothing to prune: {count} in {repository}, and all of them stay."),
        going => format!(
            "{going} of {count} in {repository} go, at most {}.",
            bytes(images)
        ),
    };
    format!("{}\n{last}\n", text(all))
}

/// How much goes: `3 images, at most 1.2 GB`.
pub fn pruning(images: &[Pruned]) -> String {
    let going = images.iter().filter(|one| one.goes).count();
    format!(
        "{}, at most {}",
        wording::count(going, "image"),
        bytes(images)
    )
}

/// The size of what goes: images share layers, which go with the last of them.
fn bytes(images: &[Pruned]) -> String {
    let going = images.iter().filter(|one| one.goes);
    wording::bytes(going.map(|one| one.bytes).sum())
}

/// The tags, or the digest of what has none.
fn name(image: &Pruned) -> String {
    match image.tags.is_empty() {
        true => image.digest.chars().take("sha256:".len() + 12).collect(),
        false => image.tags.join(", "),
    }
}
