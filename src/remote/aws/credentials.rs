//! Credentials: their source, loading them, and advice where they are missing.
//!
//! They are loaded before a request rather than within it, so that a program or a person may take
//! minutes, and once for all clients, so that a program which prompts does so only once.

use std::{
    sync::{Arc, OnceLock},
    time::{Duration, SystemTime},
};

use aws_config::{
    default_provider::credentials::DefaultCredentialsChain,
    environment::EnvironmentVariableCredentialsProvider, profile::ProfileFileCredentialsProvider,
    provider_config::ProviderConfig, web_identity_token::WebIdentityTokenCredentialsProvider,
};
use aws_credential_types::{
    Credentials,
    provider::{ProvideCredentials, SharedCredentialsProvider, error::CredentialsError, future},
};
use tokio::sync::Mutex;

use super::{
    listen::WaitListener,
    profile::{Base, Chosen, Profile, variable},
    refusal,
    unavailable::Unavailable,
};
use crate::{model::Secret, remote::Error};

/// How long a command may wait before it says what it waits for.
const SILENCE: Duration = Duration::from_millis(250);
/// How long loading credentials may take: a person may have to sign in.
const PATIENCE: Duration = Duration::from_secs(600);
/// Credentials that expire within this time are loaded again.
const RESERVE: Duration = Duration::from_secs(60);

/// The shortest secret that cannot be an ordinary word.
const SECRET_LENGTH: usize = 16;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// Keys in `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`.
    Environment,
    /// A token in `AWS_WEB_IDENTITY_TOKEN_FILE`, for the role in `AWS_ROLE_ARN`.
    WebIdentity,
    /// A named profile, or `default` if it has credentials.
    Profile {
        name: String,
        assumes: bool,
        base: Base,
    },
    /// What the SDK's chain finds: a container's or an instance's.
    Anywhere,
}

impl Source {
    /// The source, in the order of the AWS CLI.
    ///
    /// A profile in the manifest, keys in the environment, a role of the profile, a web identity in
    /// the environment, other credentials of the profile, container, instance.
    pub fn of(profile: &Profile) -> Self {
        let (assumes, base) = profile.kind();
        if profile.chosen != Chosen::Manifest {
            let set = |name| variable(name).is_some();
            if set("AWS_ACCESS_KEY_ID") && set("AWS_SECRET_ACCESS_KEY") {
                return Self::Environment;
            }
            if !assumes && set("AWS_WEB_IDENTITY_TOKEN_FILE") && set("AWS_ROLE_ARN") {
                return Self::WebIdentity;
            }
        }
        if profile.chosen != Chosen::Manifest && base == Base::Nothing {
            return Self::Anywhere;
        }
        Self::Profile {
            name: profile.name.clone(),
            assumes,
            base,
        }
    }

    /// What is waited for, in words.
    fn words(&self) -> String {
        let (name, assumes, base) = match self {
            Self::Environment | Self::Anywhere => return "AWS credentials".to_owned(),
            Self::WebIdentity => return "AWS credentials (web identity)".to_owned(),
            Self::Profile {
                name,
                assumes,
                base,
            } => (name, assumes, base),
        };
        let base = match base {
            Base::Keys => "keys",
            Base::Process => "credential_process",
            Base::Sso => "SSO",
            Base::Login => "aws login",
            Base::WebIdentity => "web identity",
            Base::Source(source) => source,
            Base::Nothing => "nothing",
        };
        let role = if *assumes { ", then a role" } else { "" };
        format!("the credentials of the profile `{name}` ({base}{role})")
    }

    /// Advice where they cannot be loaded; `None` for the general advice.
    fn help(&self) -> Option<String> {
        let Self::Profile { name, base, .. } = self else {
            return None;
        };
        match base {
            Base::Sso => Some(format!(
                "run `aws sso login --profile {name}`, then the command again"
            )),
            Base::Login => Some(format!(
                "run `aws login --profile {name}`, then the command again"
            )),
            Base::Process => Some(format!(
                "run `aws configure export-credentials --profile {name}` to see what its program \
                 says"
            )),
            _ => None,
        }
    }

    /// Whether they are loaded again without a person, and as often as needed. A program may ask
    /// one, and the file of a web identity may be written once.
    fn renews(&self) -> bool {
        let base = match self {
            Self::Environment | Self::WebIdentity => return false,
            Self::Anywhere => return true,
            Self::Profile { base, .. } => base,
        };
        !matches!(base, Base::Process | Base::WebIdentity)
    }

    /// The SDK's credentials provider for this source.
    pub async fn provider(&self, conf: ProviderConfig) -> SharedCredentialsProvider {
        match self {
            Self::Environment => {
                SharedCredentialsProvider::new(EnvironmentVariableCredentialsProvider::new())
            }
            Self::WebIdentity => {
                let provider = WebIdentityTokenCredentialsProvider::builder().configure(&conf);
                SharedCredentialsProvider::new(provider.build())
            }
            Self::Profile { name, .. } => {
                let provider = ProfileFileCredentialsProvider::builder().configure(&conf);
                SharedCredentialsProvider::new(provider.profile_name(name).build())
            }
            Self::Anywhere => {
                let chain = DefaultCredentialsChain::builder().configure(conf);
                SharedCredentialsProvider::new(chain.build().await)
            }
        }
    }
}

/// The error for a profile with a role that requires a one-time password, unless its credentials
/// are not used.
pub(super) fn refuse_mfa(profile: &Profile, source: &Source) -> Result<(), Error> {
    let (Source::Profile { .. }, Some((name, serial))) = (source, profile.mfa()) else {
        return Ok(());
    };
    let whole = &profile.name;
    let then = match profile.chosen {
        Chosen::Manifest => "remove `aws.profile` from jot.toml",
        _ => "unset AWS_PROFILE",
    };
    Err(Error::Credentials {
        message: format!(
            "the profile `{name}` requires a one-time password of {serial} (`mfa_serial`), which \
             jot does not ask for"
        ),
        help: format!(
            "let the AWS CLI ask: put its credentials into the environment with \
             `eval \"$(aws configure export-credentials --profile {whole} --format env)\"` and \
             {then}; or name a profile with `credential_process = aws configure export-credentials \
             --profile {whole}`"
        ),
    })
}

#[derive(Debug, Default)]
enum Held {
    #[default]
    Nothing,
    Loaded(Credentials),
    /// No credentials exist: another request will not find any.
    Refused(Unavailable),
}

/// The credentials of all clients.
#[derive(Clone)]
pub(super) struct Keys(Arc<Inner>);

struct Inner {
    source: Source,
    provider: SharedCredentialsProvider,
    held: Mutex<Held>,
    listener: OnceLock<WaitListener>,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Keys").field(&self.0.source).finish()
    }
}

impl Keys {
    /// Credentials that are not loaded yet.
    pub fn new(source: Source, provider: SharedCredentialsProvider) -> Self {
        Self(Arc::new(Inner {
            source,
            provider,
            held: Mutex::default(),
            listener: OnceLock::new(),
        }))
    }

    /// Sets the listener for waits; only the first one counts.
    pub fn set_wait_listener(&self, listener: WaitListener) {
        // The listener of a session is set once, before its first request.
        let _ = self.0.listener.set(listener);
    }

    /// Credentials that are valid for a while, loaded if necessary.
    pub async fn ready(&self) -> Result<Credentials, Unavailable> {
        let mut held = self.0.held.lock().await;
        match &*held {
            Held::Loaded(credentials) if holds(credentials) => return Ok(credentials.clone()),
            Held::Refused(why) => return Err(why.clone()),
            _ => {}
        }
        match self.load().await {
            Ok(credentials) => {
                *held = Held::Loaded(credentials.clone());
                Ok(credentials)
            }
            Err(why) => {
                if matches!(*held, Held::Nothing) {
                    *held = Held::Refused(why.clone());
                }
                Err(why)
            }
        }
    }

    /// When the credentials end for good; `None` if that is not known, or if they are renewed.
    pub async fn end(&self) -> Option<SystemTime> {
        let source = &self.0.source;
        match source {
            Source::Environment => {
                let text = variable("AWS_CREDENTIAL_EXPIRATION")?;
                let end: jiff::Timestamp = text.parse().ok()?;
                Some(end.into())
            }
            _ if source.renews() => None,
            _ => self.ready().await.ok()?.expiry(),
        }
    }

    async fn load(&self) -> Result<Credentials, Unavailable> {
        let loading = tokio::time::timeout(PATIENCE, self.0.provider.provide_credentials());
        tokio::pin!(loading);
        let soon = tokio::time::timeout(SILENCE, &mut loading).await;
        let loaded = match soon {
            Ok(loaded) => loaded,
            Err(_) => {
                if let Some(listener) = self.0.listener.get() {
                    listener(&format!("Waiting for {}...", self.0.source.words()));
                }
                loading.await
            }
        };
        let source = &self.0.source;
        match loaded {
            Ok(Ok(credentials)) => {
                guard(&credentials);
                Ok(credentials)
            }
            Ok(Err(error)) => Err(unavailable(&error, source)),
            Err(_) => Err(Unavailable {
                message: format!(
                    "{} did not come within {} s",
                    source.words(),
                    PATIENCE.as_secs()
                ),
                help: source.help(),
            }),
        }
    }
}

impl ProvideCredentials for Keys {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async {
            self.ready().await.map_err(CredentialsError::provider_error)
        })
    }
}

/// Hides secret key and token in the messages of others.
///
/// AWS's have 40 characters and more: shorter ones are those of emulators, and may be words.
fn guard(credentials: &Credentials) {
    let secrets = [
        Some(credentials.secret_access_key()),
        credentials.session_token(),
    ];
    for secret in secrets.into_iter().flatten() {
        if secret.len() >= SECRET_LENGTH {
            Secret::new(secret).guard();
        }
    }
}

fn holds(credentials: &Credentials) -> bool {
    let until = credentials.expiry();
    until.is_none_or(|until| until > SystemTime::now() + RESERVE)
}

fn unavailable(error: &CredentialsError, source: &Source) -> Unavailable {
    let none = matches!(error, CredentialsError::CredentialsNotLoaded(_));
    let message = match source {
        Source::Environment | Source::Anywhere if none => {
            "no AWS credentials were found".to_owned()
        }
        Source::Profile {
            name,
            base: Base::Nothing,
            ..
        } if none => format!("no AWS credentials were found in the profile `{name}`"),
        source => format!(
            "{} cannot be loaded: {}",
            source.words(),
            refusal::words(error)
        ),
    };
    Unavailable {
        message,
        help: source.help(),
    }
}
