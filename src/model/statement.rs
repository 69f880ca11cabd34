//! Statements of a function's resource-based policy: who may call it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One statement of a function's resource-based policy.
/// <https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html>
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Statement {
    /// Who: an account, a service, the ARN of a user or role, or `*`.
    pub principal: String,
    /// What: `lambda:InvokeFunction` or `lambda:InvokeFunctionUrl`.
    pub action: String,
    /// On behalf of this resource alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_arn: Option<String>,
    /// On behalf of this account's resources alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_account: Option<String>,
    /// Accounts of this organization alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
    /// Only where the URL has this authentication.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url_auth: Option<UrlAuth>,
    /// Only by the URL.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub via_url: bool,
    /// Whether it holds something that jot never writes.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub foreign: bool,
}

/// Who may call a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UrlAuth {
    /// Those that IAM permits.
    Iam,
    /// Every caller.
    None,
}
