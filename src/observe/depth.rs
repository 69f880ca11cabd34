//! How closely to observe.

/// How closely to observe more than [`MANY`](super::MANY) functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Use lists of everything.
    ///
    /// What they lack is taken from jot's tags, and the function is marked by
    /// [`Function::from_tags`](crate::model::observed::Function::from_tags).
    /// [`closer`](super::closer) requests it.
    Lists,
    /// Request every function and alias; roles and log groups come from lists, which are complete
    /// for them.
    Each,
}
