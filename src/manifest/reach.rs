//! Who may call a function, and where the outcome of its asynchronous calls goes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    limits::pattern,
    reference::{self, Text},
    shape,
};

/// An address of the function over HTTPS.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Url {
    /// Who may call it: `iam` for those that IAM permits, `none` for every caller.
    pub auth: UrlAuth,
    /// Whether responses are streamed; default false.
    #[serde(default)]
    pub streaming: bool,
    /// Which other sites' pages may call it. Default: none.
    pub cors: Option<Cors>,
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

/// What a URL allows browsers on other sites.
/// <https://docs.aws.amazon.com/lambda/latest/api/API_Cors.html>
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Cors {
    /// Sites that may call it, such as `https://example.org`, or `*`: at most 100.
    #[schemars(length(max = 100), inner(length(min = 1, max = 253)))]
    #[schemars(extend("uniqueItems" = true))]
    pub origins: Vec<String>,
    /// Methods that they may use.
    #[schemars(length(max = 6), extend("uniqueItems" = true))]
    pub methods: Vec<Method>,
    /// Headers that they may send: 100 at most.
    #[schemars(length(max = 100), inner(length(min = 1, max = 1024)))]
    #[schemars(extend("uniqueItems" = true))]
    pub headers: Vec<String>,
    /// Headers of the answer that they may read: 100 at most.
    #[schemars(length(max = 100), inner(length(min = 1, max = 1024)))]
    #[schemars(extend("uniqueItems" = true))]
    pub expose: Vec<String>,
    /// Seconds that a browser may keep this, 0 to 86400.
    #[schemars(range(min = 0, max = 86400))]
    pub max_age_s: u32,
    /// Whether cookies and other credentials may be sent; default false.
    pub credentials: bool,
}

/// A method of HTTP, or all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[allow(missing_docs)]
pub enum Method {
    #[serde(rename = "*")]
    All,
    #[serde(rename = "GET")]
    Get,
    #[serde(rename = "HEAD")]
    Head,
    #[serde(rename = "POST")]
    Post,
    #[serde(rename = "PUT")]
    Put,
    #[serde(rename = "PATCH")]
    Patch,
    #[serde(rename = "DELETE")]
    Delete,
}

/// What Lambda does with asynchronous calls.
/// <https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionEventInvokeConfig.html>
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Asynchronous {
    /// How often a call that failed is repeated, 0 to 2; default 2.
    #[schemars(range(min = 0, max = 2))]
    pub retries: Option<u32>,
    /// Seconds that an event waits at most, 60 to 21600; default 21600.
    #[schemars(range(min = 60, max = 21600))]
    pub max_age_s: Option<u32>,
    /// Where the outcome of a successful call goes: a queue, topic, event bus or function.
    pub on_success: Option<Destination>,
    /// Where an event goes that failed: a queue, topic, event bus, bucket or function.
    pub on_failure: Option<Destination>,
}

/// Where an outcome goes: exactly one of its keys.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(extend("minProperties" = 1, "maxProperties" = 1))]
pub struct Destination {
    /// A function of this manifest, by its key: its alias is called.
    #[schemars(regex(pattern = pattern::FUNCTION))]
    pub function: Option<String>,
    /// ARN of an SQS queue or SNS topic that is not FIFO, an event bus, a function, or, for
    /// failures, an S3 bucket.
    #[schemars(transform = reference::limited(shape::DESTINATION))]
    pub arn: Option<Text>,
}

/// Who may call the function's alias, in addition to its triggers and URL. Exactly one of
/// `principal` and `organization`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Permission {
    /// An account (12 digits, in quotes), the ARN of a user or role, or a service such as
    /// `apigateway.amazonaws.com`.
    #[schemars(transform = reference::limited(shape::PRINCIPAL))]
    pub principal: Option<Text>,
    /// Every account of an organization, by its id: `o-` and 10 to 32 letters and digits.
    #[schemars(regex(pattern = pattern::ORGANIZATION))]
    pub organization: Option<String>,
    /// For a service: the ARN of the resource for which it calls; `*` and `?` are wildcards.
    #[schemars(transform = reference::limited(shape::ANY_ARN))]
    pub source_arn: Option<Text>,
    /// For a service: the account that its resource is in. 12 digits, in quotes.
    #[schemars(regex(pattern = pattern::ACCOUNT))]
    pub source_account: Option<String>,
    /// Whether the permission is for the URL instead of the function; default false.
    pub url: bool,
}
