//! Text for people.

mod answer;
mod bench;
mod chart;
mod field;
mod plan;
mod status;
mod steps;
mod table;
mod tests;

pub use answer::{Call, accepted, answer, called, log, log_line};
pub use bench::bench;
pub use plan::plan;
pub use status::status;
pub use tests::tests;

pub(super) use plan::{conclusion, note_lines, title};
pub(super) use steps::step_blocks;
pub(super) use tests::failure;
