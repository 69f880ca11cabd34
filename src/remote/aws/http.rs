//! The one HTTP client under all services: plain connections without any TLS set-up, TLS made ready on the first
//! `https` request only (loading the root certificates takes longer than a whole plan against an emulator).

use std::{
    error::Error as StdError,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use aws_smithy_http_client::{Connector, proxy::ProxyConfig, tls};
use aws_smithy_runtime_api::client::{
    http::{
        HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
    },
    orchestrator::HttpRequest,
    result::ConnectorError,
    runtime_components::RuntimeComponents,
};

/// The SDK's own default, <https://docs.aws.amazon.com/sdkref/latest/guide/feature-smart-config-defaults.html>.
const CONNECT_TIMEOUT: Duration = Duration::from_millis(3100);

/// Connections that every service shares, and how many requests went over them.
#[derive(Clone, Debug)]
pub(super) struct Http(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    plain: OnceLock<SharedHttpConnector>,
    secure: OnceLock<SharedHttpConnector>,
    sent: AtomicU64,
}

/// A request that got no answer, and where it was sent.
#[derive(Debug, thiserror::Error)]
#[error("no answer from {endpoint}")]
pub(super) struct Unanswered {
    /// Scheme and authority.
    pub endpoint: String,
    #[source]
    pub cause: Box<dyn StdError + Send + Sync>,
}

impl Http {
    /// A client that has opened nothing yet.
    pub fn new() -> Self {
        Self(Arc::new(Inner {
            plain: OnceLock::new(),
            secure: OnceLock::new(),
            sent: AtomicU64::new(0),
        }))
    }

    /// How many requests were sent, repeated ones and those for credentials included.
    pub fn sent(&self) -> u64 {
        self.0.sent.load(Ordering::Relaxed)
    }

    fn connector(&self, uri: &str) -> SharedHttpConnector {
        if uri.starts_with("https:") {
            self.0.secure.get_or_init(secure).clone()
        } else {
            self.0.plain.get_or_init(plain).clone()
        }
    }
}

fn settings() -> HttpConnectorSettings {
    HttpConnectorSettings::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .build()
}

fn plain() -> SharedHttpConnector {
    let builder = Connector::builder().connector_settings(settings());
    SharedHttpConnector::new(builder.build_http())
}

fn secure() -> SharedHttpConnector {
    let builder = Connector::builder()
        .connector_settings(settings())
        .proxy_config(ProxyConfig::from_env())
        .tls_provider(tls::Provider::Rustls(
            tls::rustls_provider::CryptoMode::Ring,
        ));
    SharedHttpConnector::new(builder.build())
}

impl HttpClient for Http {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Http {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        self.0.sent.fetch_add(1, Ordering::Relaxed);
        let endpoint = origin(request.uri());
        let answer = self.connector(request.uri()).call(request);
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
        let http = Http::new();
        http.connector("http://127.0.0.1:1/");
        assert!(http.0.secure.get().is_none());
        assert!(http.0.plain.get().is_some());
    }
}
