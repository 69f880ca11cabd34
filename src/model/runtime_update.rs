//! When Lambda moves a function of a zip archive to a newer version of AWS's runtime.
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-update.html>

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// When Lambda moves a function, or a published version of it, to a newer version of its runtime.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RuntimeUpdate {
    /// When AWS rolls one out; Lambda's default.
    #[default]
    Auto,
    /// When the function is updated. A published version keeps the one that it was created with.
    FunctionUpdate,
    /// Never: it keeps this version, an ARN. Lambda then changes neither runtime nor architecture.
    /// <https://docs.aws.amazon.com/lambda/latest/dg/runtime-management-rollback.html>
    Manual(String),
}

/// The manifest's word for [`RuntimeUpdate::Auto`].
const AUTO: &str = "auto";
/// The manifest's word for [`RuntimeUpdate::FunctionUpdate`].
const FUNCTION_UPDATE: &str = "function-update";

impl RuntimeUpdate {
    /// Parses the manifest's text; a text that is not one of its words is an ARN.
    pub fn parse(text: &str) -> Self {
        match text {
            AUTO => Self::Auto,
            FUNCTION_UPDATE => Self::FunctionUpdate,
            arn => Self::Manual(arn.to_owned()),
        }
    }

    /// Whether it stays with one version of the runtime.
    pub fn is_manual(&self) -> bool {
        matches!(self, Self::Manual(_))
    }
}

impl fmt::Display for RuntimeUpdate {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
            Self::Auto => AUTO,
            Self::FunctionUpdate => FUNCTION_UPDATE,
            Self::Manual(arn) => arn,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mode_is_read_from_what_it_is_written_as() {
        for text in [
            "auto",
            "function-update",
            "arn:aws:lambda:eu-west-1::runtime:07a4",
        ] {
            assert_eq!(RuntimeUpdate::parse(text).to_string(), text);
        }
        assert!(RuntimeUpdate::parse("arn:aws:lambda:eu-west-1::runtime:07a4").is_manual());
    }
}
