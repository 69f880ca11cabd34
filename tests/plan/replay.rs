//! Cases as exported by `scripts/mutants`: this replaces `read` in a crate with the planner alone,
//! which is built and tested for each of its mutants.

use std::{fs, path::Path};

use jot::model::Secret;

use crate::case::Case;

/// The value that a case takes from a variable of this machine. No step shows it.
const CANARY: &str = "canary";

/// Every case, by name.
pub fn all() -> Vec<Case> {
    Secret::new(CANARY).guard();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases.json");
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}
