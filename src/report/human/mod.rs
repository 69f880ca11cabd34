//! Text for people.

mod answer;
mod bench;
mod chart;
mod field;
mod plan;
mod status;
mod table;
mod tests;

pub use answer::{answer, log};
pub use bench::bench;
pub use plan::plan;
pub use status::status;
pub use tests::tests;

pub(super) use plan::{conclusion, note_lines, step_blocks, title};
pub(super) use tests::failure;
