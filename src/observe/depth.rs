//! How closely to look.

/// How closely to look at more than [`MANY`](super::MANY) functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// At lists of everything: what they do not have is taken from jot's tags, and the function
    /// says so in [`Function::from_tags`](crate::model::observed::Function::from_tags).
    /// [`closer`](super::closer) asks for it.
    Lists,
    /// At every function and alias; roles and log groups are found in lists, which lack nothing of
    /// them.
    Each,
}
