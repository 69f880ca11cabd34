//! The calls of a function, read out of its log.

mod calls;
mod line;
mod reported;
mod tail;
mod wanted;

pub use calls::{Calls, of_text};
pub use reported::{Reported, reported};
pub use tail::Tail;
pub use wanted::Wanted;
