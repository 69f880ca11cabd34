//! Settings for all clients, from the manifest and the SDK's own chain.

use std::sync::Arc;

use aws_config::{
    AppName, BehaviorVersion, Region, SdkConfig, identity::IdentityCache,
    imds::region::ImdsRegionProvider, meta::region::ProvideRegion,
    profile::ProfileFileRegionProvider, provider_config::ProviderConfig, retry::RetryConfig,
    stalled_stream_protection::StalledStreamProtectionConfig,
};

use super::{
    Aws,
    clients::Shared,
    credentials::{Keys, Source, refuse_mfa},
    http::Http,
    profile::{Chosen, Profile, variable},
    trust::Trust,
};
use crate::{model::desired, remote::Error};

impl Aws {
    /// Clients with the manifest's settings; what the manifest leaves open follows the AWS CLI.
    ///
    /// Sends nothing, unless the region must be requested from the machine. A profile in the
    /// manifest wins over keys in the environment.
    ///
    /// # Errors
    ///
    /// [`Error::NoRegion`]; [`Error::Credentials`] for a profile that does not exist, or that
    /// requires a one-time password; [`Error::Failed`] for a bundle of certificates that cannot be
    /// used.
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
        let shared = Shared::new(region.to_string(), config, keys, http);
        Ok(Aws {
            shared: Arc::new(shared),
            listener: None,
            stop: None,
            registry: None,
        })
    }
}

impl Aws {
    /// Clients for another target, created once: these where profile, region and endpoint are the
    /// same.
    ///
    /// # Errors
    ///
    /// Those of [`Aws::connect`].
    pub async fn elsewhere(&self, own: &desired::Aws, other: &desired::Aws) -> Result<Aws, Error> {
        let place = |aws: &desired::Aws| {
            (
                aws.profile.clone(),
                aws.region.clone(),
                aws.endpoint_url.clone(),
            )
        };
        if place(own) == place(other) {
            return Ok(self.clone());
        }
        let connect = async || Ok::<_, Error>(Aws::connect(other).await?.shared);
        let made = self.shared.elsewhere.get_or_try_init(connect);
        let shared = Box::pin(made).await?.clone();
        Ok(Aws {
            shared,
            listener: self.listener.clone(),
            stop: self.stop.clone(),
            registry: None,
        })
    }
}

/// The region: the manifest's, else the environment's, the profile's or that of one of its source
/// profiles, the instance's.
///
/// Assuming a role needs it too.
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
        // `Keys` caches them, and waits for them longer than the SDK's cache would.
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
