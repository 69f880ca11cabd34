//! The HTTP client of all services.
//!
//! Plain connections need no TLS set-up; TLS is initialised on the first `https` request, because
//! loading the root certificates takes longer than a whole plan against an emulator.
//!
//! Idle connections are kept alive: NAT gateways and load balancers drop them after 240 to 350 s,
//! and a function may take 15 minutes to answer,
//! <https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html>.

use std::{
    error::Error as StdError,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use aws_smithy_http_client::{
    Connector,
    pool::{Client, ConnectionPool},
    proxy::ProxyConfig,
    tls::{self, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::client::{
    http::{
        HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
    },
    orchestrator::HttpRequest,
    result::ConnectorError,
    runtime_components::RuntimeComponents,
};

use super::trust::Trust;

/// The SDK's default,
/// <https://docs.aws.amazon.com/sdkref/latest/guide/feature-smart-config-defaults.html>.
const CONNECT_TIMEOUT: Duration = Duration::from_millis(3100);

/// Idle time of a connection after which the system probes the other side.
const KEEP_ALIVE: Duration = Duration::from_secs(30);

/// Connections that every service shares, and the number of requests over them.
#[derive(Clone, Debug)]
pub(super) struct Http(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    trust: Trust,
    plain: OnceLock<Result<Client, String>>,
    secure: OnceLock<Result<Client, String>>,
    sent: AtomicU64,
}

/// The same for one of the SDK's operations.
#[derive(Debug)]
struct Sender {
    http: Http,
    components: RuntimeComponents,
}

/// A request without an answer, and its endpoint.
#[derive(Debug, thiserror::Error)]
#[error("no answer from {endpoint}")]
pub(super) struct Unanswered {
    /// Scheme and authority of the address, without its path.
    pub endpoint: String,
    #[source]
    pub cause: Box<dyn StdError + Send + Sync>,
}

impl Http {
    /// A client without connections.
    pub fn new(trust: Trust) -> Self {
        Self(Arc::new(Inner {
            trust,
            plain: OnceLock::new(),
            secure: OnceLock::new(),
            sent: AtomicU64::new(0),
        }))
    }

    /// Number of requests sent, including repeated ones and those for credentials.
    pub fn sent(&self) -> u64 {
        self.0.sent.load(Ordering::Relaxed)
    }

    pub fn trust(&self) -> &Trust {
        &self.0.trust
    }

    fn client(&self, uri: &str) -> &Result<Client, String> {
        if uri.starts_with("https:") {
            self.0.secure.get_or_init(|| secure(&self.0.trust))
        } else {
            self.0.plain.get_or_init(plain)
        }
    }
}

fn settings() -> HttpConnectorSettings {
    HttpConnectorSettings::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .build()
}

fn provider() -> tls::Provider {
    tls::Provider::Rustls(CryptoMode::Ring)
}

fn plain() -> Result<Client, String> {
    let builder = ConnectionPool::builder().tcp_keepalive(KEEP_ALIVE);
    let pool = builder.build_http().map_err(|cause| cause.to_string())?;
    Client::new(&pool).map_err(|cause| cause.to_string())
}

fn secure(trust: &Trust) -> Result<Client, String> {
    let mut builder = ConnectionPool::builder()
        .tcp_keepalive(KEEP_ALIVE)
        .proxy_config(ProxyConfig::from_env())
        .tls_provider(provider());
    if let Some(context) = trust.for_aws() {
        builder = builder.tls_context(context);
    }
    let pool = builder.build_https().map_err(|cause| cause.to_string())?;
    Client::new(&pool).map_err(|cause| cause.to_string())
}

/// A connector for hosts other than AWS, with the same proxies.
pub(in crate::remote) fn elsewhere(trust: &Trust) -> SharedHttpConnector {
    let mut builder = Connector::builder()
        .connector_settings(settings())
        .proxy_config(ProxyConfig::from_env())
        .tls_provider(provider());
    if let Some(context) = trust.for_others() {
        builder = builder.tls_context(context);
    }
    SharedHttpConnector::new(builder.build())
}

/// A connector for a registry of AWS, with the same proxies and certificates.
pub(in crate::remote) fn registry(trust: &Trust) -> SharedHttpConnector {
    let mut builder = Connector::builder()
        .connector_settings(settings())
        .proxy_config(ProxyConfig::from_env())
        .tls_provider(provider());
    if let Some(context) = trust.for_aws() {
        builder = builder.tls_context(context);
    }
    SharedHttpConnector::new(builder.build())
}

/// A connector for a registry on this machine: no proxy, no TLS.
pub(in crate::remote) fn registry_here() -> SharedHttpConnector {
    let builder = Connector::builder().connector_settings(settings());
    SharedHttpConnector::new(builder.build_http())
}

/// The cause of a missing answer, with advice on the certificate of a private authority.
pub(in crate::remote) fn explained(cause: String) -> String {
    if cause.contains("UnknownIssuer") {
        return format!("{cause}: AWS_CA_BUNDLE may name the certificates of a private authority");
    }
    cause
}

impl HttpClient for Http {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(Sender {
            http: self.clone(),
            components: components.clone(),
        })
    }
}

impl HttpConnector for Sender {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        self.http.0.sent.fetch_add(1, Ordering::Relaxed);
        let endpoint = origin(request.uri());
        let client = match self.http.client(request.uri()) {
            Ok(client) => client,
            Err(why) => {
                return HttpConnectorFuture::ready(Err(ConnectorError::user(why.clone().into())));
            }
        };
        let connector = client.http_connector(&settings(), &self.components);
        let answer = connector.call(request);
        HttpConnectorFuture::new(async move {
            answer.await.map_err(|cause| with_endpoint(cause, endpoint))
        })
    }
}

/// Scheme and authority of a URI.
fn origin(uri: &str) -> String {
    let authority = uri.find("://").map_or(0, |at| at + 3);
    let end = uri[authority..]
        .find(['/', '?'])
        .map_or(uri.len(), |at| authority + at);
    uri[..end].to_owned()
}

fn with_endpoint(error: ConnectorError, endpoint: String) -> ConnectorError {
    let (timeout, user, other) = (error.is_timeout(), error.is_user(), error.as_other());
    let cause = Box::new(Unanswered {
        endpoint,
        cause: error.into_source(),
    });
    match (timeout, user, other) {
        (true, _, _) => ConnectorError::timeout(cause),
        (_, true, _) => ConnectorError::user(cause),
        (_, _, Some(kind)) => ConnectorError::other(cause, Some(kind)),
        _ => ConnectorError::io(cause),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_scheme_and_authority() {
        assert_eq!(origin("http://127.0.0.1:4566/a?b"), "http://127.0.0.1:4566");
        assert_eq!(
            origin("https://iam.amazonaws.com"),
            "https://iam.amazonaws.com"
        );
        assert_eq!(origin("https://x?y=/"), "https://x");
    }

    #[test]
    fn a_plain_endpoint_needs_no_certificates() {
        let http = Http::new(Trust::default());
        assert!(http.client("http://127.0.0.1:1/").is_ok());
        assert!(http.0.secure.get().is_none());
        assert!(http.0.plain.get().is_some());
    }
}
