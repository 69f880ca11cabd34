//! (being written)

pub mod draft;
pub mod julia;
