//! Images that go from the repository, and images that stay.

use comfy_table::CellAlignment;

use super::{
    super::{Style, style::Ink, wording},
    table::{cell, table, text},
};
use crate::model::prune::Pruned;

/// One line per image with its reason, deletions first; then a summary.
pub fn pruned(repository: &str, images: &[Pruned], style: &Style) -> String {
    if images.is_empty() {
        return format!("Repository {repository} is empty.\n");
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
        0 => format!("Nothing to prune: {count} in {repository}, all kept."),
        going => format!(
            "To delete: {going} of {count} in {repository}, at most {}.",
            bytes(images)
        ),
    };
    format!("{}\n{last}\n", text(all))
}

/// The sum of the deletions: `3 images, at most 1.2 GB`.
pub fn pruning(images: &[Pruned]) -> String {
    let going = images.iter().filter(|one| one.goes).count();
    format!(
        "{}, at most {}",
        wording::count(going, "image"),
        bytes(images)
    )
}

/// The size of the deletions; images share layers, which are deleted with the last of them.
fn bytes(images: &[Pruned]) -> String {
    let going = images.iter().filter(|one| one.goes);
    wording::bytes(going.map(|one| one.bytes).sum())
}

/// The tags of an image, or its digest if it has none.
fn name(image: &Pruned) -> String {
    match image.tags.is_empty() {
        true => image.digest.chars().take("sha256:".len() + 12).collect(),
        false => image.tags.join(", "),
    }
}
