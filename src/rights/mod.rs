//! The IAM permissions that jot needs: one table of every operation that it asks of AWS, and the
//! least policy for a manifest, composed of the rows that it needs.
//!
//! Names are the boundary: the ARNs of what the manifest declares. Tags restrict what has no such
//! name, such as functions that left the manifest. AWS is not asked, so the account is `*` unless
//! the manifest names it.

mod arns;
mod needs;
mod only;
mod place;
mod policy;
mod row;
#[rustfmt::skip] // one line per row
mod table;
mod unknown;

pub use policy::{CHARACTERS, Policy, Statement, policy};
pub use row::{Key, MANY, On, Only, Row, Stage};
pub use table::ROWS;
pub use unknown::unknown;
