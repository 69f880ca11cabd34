//! Tables without lines.

use comfy_table::{Attribute, Cell, Color, ContentArrangement, Table, presets};

use super::super::{Style, style::Ink};

/// A table with this head, dim, as wide as needed: its cells are not wrapped.
pub(super) fn table(head: &[&str], style: &Style) -> Table {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled)
        .force_no_tty();
    if style.color {
        table.enforce_styling();
    }
    table.set_header(head.iter().map(|heading| cell(heading, Ink::Dim)));
    table
}

/// A cell in that colour, if the table has colours.
pub(super) fn cell(text: &str, ink: Ink) -> Cell {
    let cell = Cell::new(text);
    match ink {
        Ink::Bold => cell.add_attribute(Attribute::Bold),
        Ink::Dim => cell.add_attribute(Attribute::Dim),
        Ink::Red => cell.fg(Color::DarkRed),
        Ink::Green => cell.fg(Color::DarkGreen),
        Ink::Yellow => cell.fg(Color::DarkYellow),
        Ink::Cyan => cell.fg(Color::DarkCyan),
    }
}

/// The table as text, left-aligned, without trailing spaces.
pub(super) fn text(mut table: Table) -> String {
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    let mut text = String::new();
    for line in table.lines() {
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}
