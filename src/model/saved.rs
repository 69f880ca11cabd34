//! A plan in a file.

use serde::{Deserialize, Serialize};

use super::Plan;

/// A plan as `jot plan --out` writes it: what was reviewed, when, and whether it was executed. It
/// contains no secret.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SavedPlan {
    /// When it was saved, in UTC.
    pub saved_at: String,
    /// When an apply began to execute it, in UTC; a plan is executed once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used_at: Option<String>,
    /// The steps that were reviewed, which `jot apply` compares with a new plan.
    pub plan: Plan,
}
