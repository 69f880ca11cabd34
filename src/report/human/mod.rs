//! Text for people.

mod answer;
mod bench;
mod calls;
mod chart;
mod clean;
mod doctor;
mod field;
mod inventory;
mod plan;
mod prune;
mod releases;
mod status;
mod steps;
mod table;
mod tests;

pub use answer::{Call, accepted, answer, called, log, served};
pub use bench::bench;
pub use calls::{breakdown, call, call_heading, written};
pub use clean::{removals, removed};
pub use doctor::diagnosis;
pub use inventory::inventory;
pub use plan::{plan, saved};
pub use prune::{pruned, pruning};
pub use releases::releases;
pub use status::status;
pub use tests::tests;

pub(super) use plan::{conclusion, note_lines, origin, title};
pub(super) use steps::step_blocks;
pub(super) use tests::failure;
