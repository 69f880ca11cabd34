//! Settings for all clients from the manifest and the SDK's own chain, and the clients, each made when first used.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, OnceLock},
};

use aws_config::{
    AppName, BehaviorVersion, Region, SdkConfig, identity::IdentityCache,
    imds::region::ImdsRegionProvider, meta::region::ProvideRegion,
    profile::ProfileFileRegionProvider, provider_config::ProviderConfig, retry::RetryConfig,
    stalled_stream_protection::StalledStreamProtectionConfig,
};
use tokio::sync::Semaphore;

use super::{
    Aws,
    credentials::{Keys, Source, refuse_mfa},
    failure::Place,
    http::Http,
    limit::Limits,
    profile::{Chosen, Profile, variable},
    trust::Trust,
};
use crate::{model::desired, remote::Error};

/// As many calls at once as are useful: more would only open more connections.
const CALLS_AT_ONCE: usize = 32;

/// What clones of [`Aws`] share.
pub(super) struct Shared {
    pub region: String,
    /// Instead of AWS's own, if any.
    pub endpoint: Option<String>,
    pub keys: Keys,
    pub http: Http,
    pub limits: Limits,
    pub slots: Semaphore,
    /// `repositoryUri` of every repository that ECR reported, by name.
    pub repository_uris: Mutex<BTreeMap<String, String>>,
    config: SdkConfig,
    ecr: OnceLock<aws_sdk_ecr::Client>,
    iam: OnceLock<aws_sdk_iam::Client>,
    lambda: OnceLock<aws_sdk_lambda::Client>,
    logs: OnceLock<aws_sdk_cloudwatchlogs::Client>,
    s3: OnceLock<aws_sdk_s3::Client>,
    ssm: OnceLock<aws_sdk_ssm::Client>,
    sts: OnceLock<aws_sdk_sts::Client>,
    tagging: OnceLock<aws_sdk_resourcegroupstagging::Client>,
}

impl Aws {
    /// Clients for where the manifest says, and for whatever it leaves open where the AWS CLI would
    /// go. Sends nothing, unless the region has to be asked of the machine. A profile that the
    /// manifest names wins over keys in the environment.
    ///
    /// # Errors
    /// [`Error::NoRegion`]; [`Error::Credentials`] for a profile that does not exist, or that wants
    /// a one-time password; [`Error::Failed`] for a bundle of certificates that cannot be used.
    pub async fn connect(settings: &desired::Aws) -> Result<Aws, Error> {
        let profile = Profile::choose(settings.profile.as_deref()).await?;
        let source = Source::of(&profile);
        refuse_mfa(&profile, &source)?;
        let http = Http::new(Trust::of(Some(&profile))?);
        let region = region(settings, &profile, &http).await?;
        let conf = ProviderConfig::without_region()
            .with_region(Some(region.clone()))
            .with_http_client(http.clone());
        let keys = Keys::new(source.clone(), source.provider(conf).await);
        let config = load(settings, &profile, &region, (&http, &keys)).await;
        let shared = Shared {
            region: region.to_string(),
            endpoint: config.endpoint_url().map(str::to_owned),
            keys,
            http,
            limits: Limits::new(),
            slots: Semaphore::const_new(CALLS_AT_ONCE),
            repository_uris: Mutex::default(),
            config,
            ecr: OnceLock::new(),
            iam: OnceLock::new(),
            lambda: OnceLock::new(),
            logs: OnceLock::new(),
            s3: OnceLock::new(),
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

/// The manifest's region, else the environment's, the profile's or that of one of its source
/// profiles, the instance's. What asks STS for a role needs it too.
async fn region(settings: &desired::Aws, profile: &Profile, http: &Http) -> Result<Region, Error> {
    if let Some(region) = &settings.region {
        return Ok(Region::new(region.clone()));
    }
    let named = variable("AWS_REGION").or_else(|| variable("AWS_DEFAULT_REGION"));
    if let Some(region) = named {
        return Ok(Region::new(region));
    }
    let conf = ProviderConfig::without_region().with_http_client(http.clone());
    let files = ProfileFileRegionProvider::builder()
        .configure(&conf)
        .profile_name(&profile.name);
    if let Some(region) = files.build().region().await {
        return Ok(region);
    }
    let instance = ImdsRegionProvider::builder().configure(&conf).build();
    instance.region().await.ok_or(Error::NoRegion)
}

async fn load(
    settings: &desired::Aws,
    profile: &Profile,
    region: &Region,
    (http, keys): (&Http, &Keys),
) -> SdkConfig {
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(http.clone())
        .region(region.clone())
        .credentials_provider(keys.clone())
        // `Keys` holds them, for longer than the SDK's cache would wait for them.
        .identity_cache(IdentityCache::no_cache())
        // jot repeats calls itself, see `retry`, and limits each attempt, see `call`.
        .retry_config(RetryConfig::disabled())
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled());
    if let Ok(name) = AppName::new(concat!("jot-", env!("CARGO_PKG_VERSION"))) {
        loader = loader.app_name(name);
    }
    if let Some(endpoint) = &settings.endpoint_url {
        loader = loader.endpoint_url(endpoint);
    }
    if profile.chosen != Chosen::Default {
        loader = loader.profile_name(&profile.name);
    }
    loader.load().await
}

impl Shared {
    /// Where requests go, for errors.
    pub fn place(&self) -> Place<'_> {
        Place {
            endpoint: self.endpoint.as_deref().unwrap_or("AWS's endpoint"),
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

    pub fn s3(&self) -> &aws_sdk_s3::Client {
        self.s3.get_or_init(|| {
            let config = aws_sdk_s3::config::Builder::from(&self.config);
            // An emulator is one host, whatever the bucket.
            let config = config.force_path_style(self.endpoint.is_some());
            aws_sdk_s3::Client::from_conf(config.build())
        })
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
