//! What names a step of a plan.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Names a step within its plan, such as `push:1f2e3d4c5b6a7988` or `code:increment-vector`.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub struct StepId(pub String);

impl std::fmt::Display for StepId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
