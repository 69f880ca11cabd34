//! The calls of a function, from its log.

mod calls;
mod line;
mod mark;
mod reported;
mod request;
mod tail;
mod wanted;

pub use calls::{Calls, of_text};
pub use mark::marked;
pub use reported::{Reported, reported};
pub use request::of_request;
pub use tail::Tail;
pub use wanted::Wanted;
