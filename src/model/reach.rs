//! Who may call a function, and where the outcome of its asynchronous calls goes. All of it belongs
//! to the function's alias, or to `$LATEST` without one.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

pub use super::statement::{Statement, UrlAuth};

use super::{
    Mapping, MappingState, Origin, PushState, partition,
    push::{Bucket, Wanted},
};

/// What the manifest asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Reach {
    /// Its address over HTTPS; `None`: not managed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<Url>,
    /// jot's statements of its policy, by id: for `permissions` and for a public URL; `None`: not
    /// managed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub permissions: Option<BTreeMap<String, Statement>>,
    /// What becomes of asynchronous calls; `None`: not managed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asynchronous: Option<Asynchronous>,
    /// Executions that are kept initialised; `None`: not managed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provisioned_concurrency: Option<u32>,
    /// What Lambda reads to call the function, by the manifest's name; `None`: not managed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub triggers: Option<BTreeMap<String, Mapping>>,
    /// Calls from other services, by the manifest's name; managed with `triggers`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub pushes: BTreeMap<String, Wanted>,
    /// The prefix of the ids for `pushes`: begins like `prefix`, and unlike the id of any
    /// permission.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub push_prefix: String,
    /// The prefix of the ids of jot's statements: `jot-<8 hex digits of project, target and
    /// function>-`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub prefix: String,
    /// The same under the function's previous key; `None`: it had no other.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub former: Option<Former>,
}

/// What ids began with under another key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Former {
    /// [`Reach::push_prefix`] under that key.
    pub push_prefix: String,
    /// [`Reach::prefix`] under that key.
    pub prefix: String,
}

/// The manifest's name of a statement, of its id `<prefix><name>-<6 hex digits>`.
pub fn statement_name<'a>(prefix: &str, id: &'a str) -> &'a str {
    let rest = id.strip_prefix(prefix).unwrap_or(id);
    rest.rsplit_once('-').map_or(rest, |(name, _)| name)
}

impl Reach {
    /// The current and previous prefixes of the ids for `pushes`.
    pub fn push_prefixes(&self) -> impl Iterator<Item = &str> {
        let former = self.former.iter().map(|former| former.push_prefix.as_str());
        std::iter::once(self.push_prefix.as_str()).chain(former)
    }

    /// The current and previous prefixes of the ids of jot's statements for `permissions`.
    pub fn prefixes(&self) -> impl Iterator<Item = &str> {
        let former = self.former.iter().map(|former| former.prefix.as_str());
        std::iter::once(self.prefix.as_str()).chain(former)
    }

    /// Whether the manifest asks for nothing of this.
    pub fn is_empty(&self) -> bool {
        let Self {
            url,
            permissions,
            asynchronous,
            provisioned_concurrency,
            triggers,
            pushes: _,
            push_prefix: _,
            prefix: _,
            former: _,
        } = self;
        url.is_none()
            && permissions.is_none()
            && asynchronous.is_none()
            && provisioned_concurrency.is_none()
            && triggers.is_none()
    }
}

/// A function URL.
/// <https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html>
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Url {
    /// Who may call it.
    pub auth: UrlAuth,
    /// Whether responses are streamed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub streaming: bool,
    /// Which other sites' pages may call it; `None`: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cors: Option<Cors>,
}

/// What a URL allows browsers on other sites; an empty list allows nothing.
/// <https://docs.aws.amazon.com/lambda/latest/api/API_Cors.html>
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Cors {
    /// Sites that may call it.
    pub origins: Vec<String>,
    /// Methods that they may use.
    pub methods: Vec<String>,
    /// Headers that they may send.
    pub headers: Vec<String>,
    /// Headers of the answer that they may read.
    pub expose: Vec<String>,
    /// Seconds that a browser may keep this; 0 as when it is absent.
    pub max_age_s: u32,
    /// Whether cookies and other credentials may be sent.
    pub credentials: bool,
}

/// A URL in Lambda.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UrlState {
    /// Its settings as Lambda reports them.
    pub url: Url,
    /// The address that Lambda gave it: `https://<id>.lambda-url.<region>.on.aws/`.
    pub address: String,
}

/// What happens to asynchronous calls. Every field has a value: Lambda's default if the manifest
/// has none.
/// <https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-configuring.html>
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Asynchronous<To = Destination> {
    /// How often a call that failed is repeated, 0 to 2.
    pub retries: u32,
    /// Seconds that an event waits at most, 60 to 21600.
    pub max_age_s: u32,
    /// Where the outcome of a successful call goes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_success: Option<To>,
    /// Where an event goes that failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_failure: Option<To>,
}

/// How often Lambda repeats an asynchronous call by default.
pub const DEFAULT_RETRIES: u32 = 2;
/// Seconds that Lambda keeps an event by default.
pub const DEFAULT_MAX_AGE_S: u32 = 21_600;

impl<To> Asynchronous<To> {
    /// The same with every destination by another name.
    pub fn map<Other>(&self, name: impl Fn(&To) -> Other) -> Asynchronous<Other> {
        Asynchronous {
            retries: self.retries,
            max_age_s: self.max_age_s,
            on_success: self.on_success.as_ref().map(&name),
            on_failure: self.on_failure.as_ref().map(&name),
        }
    }

    /// The destinations that are set: for success, then for failure.
    pub fn destinations(&self) -> impl Iterator<Item = &To> {
        self.on_success.iter().chain(&self.on_failure)
    }
}

/// Where the outcome of an asynchronous call goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Destination {
    /// A queue, topic, event bus, bucket or function by its ARN.
    Arn(String),
    /// One of these with an ARN from elsewhere.
    From {
        /// The place that stores the ARN.
        origin: Origin,
        /// The ARN, if known.
        arn: Option<String>,
    },
    /// A function of the manifest.
    Function {
        /// Key in the manifest, `functions.KEY`.
        key: String,
        /// Its name in Lambda.
        name: String,
        /// Its alias, if it has one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        alias: Option<String>,
    },
}

impl Destination {
    /// Whether its ARN comes from elsewhere and was not read.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::From { arn: None, .. })
    }

    /// Its form in records: for an ARN from elsewhere, the reference.
    pub fn written(&self) -> Json {
        match self {
            Self::From { origin, .. } => origin.written(),
            other => json!(other),
        }
    }

    /// Its ARN in this region and account; empty if unknown.
    pub fn arn(&self, region: &str, account: &str) -> String {
        match self {
            Self::Arn(arn) => arn.clone(),
            Self::From { arn, .. } => arn.clone().unwrap_or_default(),
            Self::Function { name, alias, .. } => {
                let partition = partition(Some(region));
                let function = format!("arn:{partition}:lambda:{region}:{account}:function:{name}");
                match alias {
                    Some(alias) => format!("{function}:{alias}"),
                    None => function,
                }
            }
        }
    }
}

/// Executions that Lambda keeps initialised, as it reports them.
/// <https://docs.aws.amazon.com/lambda/latest/api/API_GetProvisionedConcurrencyConfig.html>
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provisioned {
    /// How many were asked for.
    pub requested: u32,
    /// `IN_PROGRESS`, `READY` or `FAILED`.
    pub status: String,
    /// Lambda's reason for a failure, as text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Provisioned {
    /// Whether Lambda is still making them.
    pub fn is_in_progress(&self) -> bool {
        self.status == "IN_PROGRESS"
    }

    /// Whether Lambda gave up.
    pub fn has_failed(&self) -> bool {
        self.status == "FAILED"
    }
}

/// What Lambda reports of a function's alias, as far as it was asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Found {
    /// Its URL; `None`: it has none, or was not asked for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<UrlState>,
    /// All statements of its policy, by id.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub statements: BTreeMap<String, Statement>,
    /// What becomes of asynchronous calls; `None`: nothing is configured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asynchronous: Option<Asynchronous<String>>,
    /// Executions that are kept initialised.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provisioned: Option<Provisioned>,
    /// Its event source mappings, by UUID.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub mappings: BTreeMap<String, MappingState>,
    /// Calls from other services, also by names alone, by id: a notification's, a rule's or
    /// schedule's name, a subscription's ARN.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub pushes: BTreeMap<String, PushState>,
    /// What else the buckets among them send, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub buckets: BTreeMap<String, Bucket>,
    /// The inline policy [`ROLE_POLICY`] of jot's role, decoded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role_policy: Option<serde_json::Value>,
    /// The alias that jot set last, if the manifest's has another name now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub former: Option<Box<FormerAlias>>,
}

/// An alias that jot set under another name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormerAlias {
    /// Name of the alias in Lambda.
    pub name: String,
    /// What belongs to it. Of the calls from other services, only subscriptions: the others keep
    /// their names under the new alias.
    #[serde(default)]
    pub reach: Found,
}

impl Found {
    /// Adds what another question found.
    pub fn add(&mut self, other: Self) {
        let Self {
            url,
            statements,
            asynchronous,
            provisioned,
            mappings,
            pushes,
            buckets,
            role_policy,
            former,
        } = other;
        self.url = self.url.take().or(url);
        self.statements.extend(statements);
        self.asynchronous = self.asynchronous.take().or(asynchronous);
        self.provisioned = self.provisioned.take().or(provisioned);
        self.mappings.extend(mappings);
        self.pushes.extend(pushes);
        self.buckets.extend(buckets);
        self.role_policy = self.role_policy.take().or(role_policy);
        self.former = self.former.take().or(former);
    }

    /// Whether nothing was found, or asked for.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// The name of the inline policy of jot's role that lets a function read its triggers and reach its
/// destinations.
pub const ROLE_POLICY: &str = "jot-reach";
/// The words in [`TAG_MANAGED`](super::desired::TAG_MANAGED) for each of these.
pub const MANAGED_URL: &str = "url";
/// As [`MANAGED_URL`], for `permissions`.
pub const MANAGED_PERMISSIONS: &str = "perms";
/// As [`MANAGED_URL`], for `async`.
pub const MANAGED_ASYNC: &str = "async";
/// As [`MANAGED_URL`], for `triggers`.
pub const MANAGED_TRIGGERS: &str = "trig";
/// As [`MANAGED_URL`], for schedules among `triggers`: only this says that a schedule group exists.
pub const MANAGED_SCHEDULES: &str = "sched";
/// As [`MANAGED_URL`], for `deploy.provisioned_concurrency`.
pub const MANAGED_PROVISIONED: &str = "prov";
