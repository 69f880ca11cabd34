//! Values that stand elsewhere, as the manifest names them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::limits::pattern;

/// `{ from_env = "NAME" }`: the value of an environment variable of the machine that runs jot, read when jot runs and never
/// shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FromEnv {
    /// Name of an environment variable of the machine that runs jot: letters, digits and `_`, no digit first. Its value is
    /// never shown.
    #[schemars(regex(pattern = pattern::LOCAL_VARIABLE))]
    pub from_env: String,
}

/// `{ from_ssm = "/path" }`: the value of a parameter in Parameter Store, read when jot runs and never shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FromSsm {
    /// The parameter's name.
    pub from_ssm: String,
}
