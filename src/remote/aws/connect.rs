//! Settings for all clients from the manifest and the SDK's own chain, and the clients, each made when first used.

use std::sync::{Arc, OnceLock};

use aws_config::{
    AppName, BehaviorVersion, ConfigLoader, Region, SdkConfig,
    environment::EnvironmentVariableCredentialsProvider, profile::ProfileFileCredentialsProvider,
    provider_config::ProviderConfig, retry::RetryConfig,
    stalled_stream_protection::StalledStreamProtectionConfig,
};
use tokio::sync::Semaphore;

use super::{Aws, failure::Place, http::Http, limit::Limits};
use crate::{model::desired, remote::Error};

/// As many calls at once as are useful: more would only open more connections.
const CALLS_AT_ONCE: usize = 32;

/// What clones of [`Aws`] share.
pub(super) struct Shared {
    pub region: String,
    /// Instead of AWS's own, if any.
    pub endpoint: Option<String>,
    /// The manifest's, if any.
    profile: Option<String>,
    pub http: Http,
    pub limits: Limits,
    pub slots: Semaphore,
    config: SdkConfig,
    ecr: OnceLock<aws_sdk_ecr::Client>,
    iam: OnceLock<aws_sdk_iam::Client>,
    lambda: OnceLock<aws_sdk_lambda::Client>,
    logs: OnceLock<aws_sdk_cloudwatchlogs::Client>,
    ssm: OnceLock<aws_sdk_ssm::Client>,
    sts: OnceLock<aws_sdk_sts::Client>,
    tagging: OnceLock<aws_sdk_resourcegroupstagging::Client>,
}

impl Aws {
    /// Clients for where the manifest says, and for whatever it leaves open where the SDK's chain says. Sends nothing, unless
    /// the region has to be asked of the machine. A profile that the manifest names wins over keys in the environment.
    ///
    /// # Errors
    /// [`Error::NoRegion`].
    pub async fn connect(settings: &desired::Aws) -> Result<Aws, Error> {
        let http = Http::new();
        let config = load(settings, &http).await;
        let region = config.region().ok_or(Error::NoRegion)?.to_string();
        let shared = Shared {
            region,
            endpoint: config.endpoint_url().map(str::to_owned),
            profile: settings.profile.clone(),
            http,
            limits: Limits::new(),
            slots: Semaphore::const_new(CALLS_AT_ONCE),
            config,
            ecr: OnceLock::new(),
            iam: OnceLock::new(),
            lambda: OnceLock::new(),
            logs: OnceLock::new(),
            ssm: OnceLock::new(),
            sts: OnceLock::new(),
            tagging: OnceLock::new(),
        };
        Ok(Aws {
            shared: Arc::new(shared),
            listener: None,
            stop: None,
        })
    }
}

async fn load(settings: &desired::Aws, http: &Http) -> SdkConfig {
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(http.clone())
        // jot repeats calls itself, see `retry`, and limits each attempt, see `call`.
        .retry_config(RetryConfig::disabled())
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled());
    if let Ok(name) = AppName::new(concat!("jot-", env!("CARGO_PKG_VERSION"))) {
        loader = loader.app_name(name);
    }
    if let Some(region) = &settings.region {
        loader = loader.region(Region::new(region.clone()));
    }
    if let Some(endpoint) = &settings.endpoint_url {
        loader = loader.endpoint_url(endpoint);
    }
    with_credentials(loader, settings, http).load().await
}

/// Chooses where credentials come from. The SDK's chain would look at the environment before a profile, even at one that was
/// asked for by name; and it sets up every provider that it has, though most runs use the first.
fn with_credentials(loader: ConfigLoader, settings: &desired::Aws, http: &Http) -> ConfigLoader {
    if let Some(profile) = &settings.profile {
        let base = ProviderConfig::without_region()
            .with_region(settings.region.clone().map(Region::new))
            .with_http_client(http.clone());
        let provider = ProfileFileCredentialsProvider::builder()
            .configure(&base)
            .profile_name(profile)
            .build();
        return loader.profile_name(profile).credentials_provider(provider);
    }
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    if set("AWS_ACCESS_KEY_ID") && set("AWS_SECRET_ACCESS_KEY") {
        return loader.credentials_provider(EnvironmentVariableCredentialsProvider::new());
    }
    loader
}

impl Shared {
    /// Where requests go and as whom, for errors.
    pub fn place(&self) -> Place<'_> {
        Place {
            endpoint: self.endpoint.as_deref().unwrap_or("AWS's endpoint"),
            profile: self.profile.as_deref(),
        }
    }

    pub fn ecr(&self) -> &aws_sdk_ecr::Client {
        self.ecr
            .get_or_init(|| aws_sdk_ecr::Client::new(&self.config))
    }

    pub fn iam(&self) -> &aws_sdk_iam::Client {
        self.iam
            .get_or_init(|| aws_sdk_iam::Client::new(&self.config))
    }

    pub fn lambda(&self) -> &aws_sdk_lambda::Client {
        self.lambda
            .get_or_init(|| aws_sdk_lambda::Client::new(&self.config))
    }

    pub fn logs(&self) -> &aws_sdk_cloudwatchlogs::Client {
        self.logs
            .get_or_init(|| aws_sdk_cloudwatchlogs::Client::new(&self.config))
    }

    pub fn ssm(&self) -> &aws_sdk_ssm::Client {
        self.ssm
            .get_or_init(|| aws_sdk_ssm::Client::new(&self.config))
    }

    pub fn sts(&self) -> &aws_sdk_sts::Client {
        self.sts
            .get_or_init(|| aws_sdk_sts::Client::new(&self.config))
    }

    pub fn tagging(&self) -> &aws_sdk_resourcegroupstagging::Client {
        self.tagging
            .get_or_init(|| aws_sdk_resourcegroupstagging::Client::new(&self.config))
    }
}
