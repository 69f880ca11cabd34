//! The version of this jot.

/// Returns the version of this jot.
pub fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}
