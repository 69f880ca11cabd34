//! Requests to a registry: login, redirects and time limits.

use std::{error::Error as StdError, sync::OnceLock, time::Duration};

use aws_smithy_runtime_api::client::{
    http::{HttpConnector, SharedHttpConnector},
    orchestrator::{HttpRequest, HttpResponse},
};
use aws_smithy_types::{base64, body::SdkBody, byte_stream::ByteStream};

use super::failure::Failure;
use crate::{
    model::{Secret, recipe::RegistryLogin},
    remote::{
        Error,
        aws::{call::time_for, http, trust::Trust},
    },
};

/// ECR redirects to a blob's storage, once.
const REDIRECTS: usize = 5;

/// Connections to one registry, each opened on first use.
#[derive(Debug)]
pub(super) struct Client {
    trust: Trust,
    host: String,
    /// Value of the header `authorization`: `Basic ...`.
    authorization: Secret,
    plain: OnceLock<SharedHttpConnector>,
    secure: OnceLock<SharedHttpConnector>,
}

/// A request without its body.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked<'a> {
    pub method: &'static str,
    pub url: &'a str,
    pub headers: &'a [(&'static str, &'a str)],
    /// Bytes in either direction, for the time limit.
    pub bytes: u64,
}

impl<'a> Asked<'a> {
    pub fn new(method: &'static str, url: &'a str) -> Self {
        Self {
            method,
            url,
            headers: &[],
            bytes: 0,
        }
    }
}

impl Client {
    pub fn new(trust: Trust, login: &RegistryLogin) -> Self {
        let pair = format!("{}:{}", login.user, login.password.reveal());
        Self {
            trust,
            host: login.host.clone(),
            authorization: Secret::new(format!("Basic {}", base64::encode(pair))),
            plain: OnceLock::new(),
            secure: OnceLock::new(),
        }
    }

    /// The text of a manifest of these media types; `None` where it does not exist.
    pub async fn manifest(&self, url: &str, accepted: &str) -> Result<Option<String>, Error> {
        let headers = [("accept", accepted)];
        let asked = Asked {
            headers: &headers,
            ..Asked::new("GET", url)
        };
        match self.answer(asked, SdkBody::empty()).await {
            Ok(answer) => Ok(Some(text(answer).await.map_err(|why| why.into_error(url))?)),
            Err(failure) if failure.is_absent() => Ok(None),
            Err(failure) => Err(failure.into_error(url)),
        }
    }

    /// Checks that the registry accepts the login.
    pub async fn check(&self, url: &str) -> Result<(), Error> {
        let asked = self.answer(Asked::new("GET", url), SdkBody::empty()).await;
        asked.map(drop).map_err(|why| why.into_error(url))
    }

    /// The answer to a successful request; redirects of requests without a body are followed.
    pub async fn answer(&self, asked: Asked<'_>, body: SdkBody) -> Result<HttpResponse, Failure> {
        let mut answer = self.send(asked, body).await?;
        let mut at = asked.url.to_owned();
        for _ in 0..REDIRECTS {
            let next = moved(&answer).filter(|_| matches!(asked.method, "GET" | "HEAD"));
            let Some(next) = next.map(|next| absolute(&at, next)) else {
                return judged(answer).await;
            };
            if at.starts_with("https:") && !next.starts_with("https:") {
                return Err(Failure::broken(
                    "it redirects from https to http".to_owned(),
                ));
            }
            at = next;
            answer = self
                .send(Asked { url: &at, ..asked }, SdkBody::empty())
                .await?;
        }
        Err(Failure::broken("it redirects without end".to_owned()))
    }

    async fn send(&self, asked: Asked<'_>, body: SdkBody) -> Result<HttpResponse, Failure> {
        let unmade = |cause: &dyn StdError| Failure::broken(cause.to_string());
        let mut request = HttpRequest::new(body);
        request
            .set_method(asked.method)
            .map_err(|cause| unmade(&cause))?;
        request.set_uri(asked.url).map_err(|cause| unmade(&cause))?;
        let own = self.is_own(asked.url);
        let authorization = ("authorization", self.authorization.reveal());
        let login = own.then_some(authorization);
        for (name, value) in asked.headers.iter().copied().chain(login) {
            let set = request.headers_mut().try_insert(name, value.to_owned());
            set.map_err(|cause| unmade(&cause))?;
        }
        tracing::debug!(
            method = asked.method,
            url = shown(asked.url),
            "asking the registry"
        );
        let sent = self.connector(asked.url).call(request);
        match tokio::time::timeout(time_for(asked.bytes), sent).await {
            Ok(answer) => answer.map_err(|cause| Failure::unanswered(&cause)),
            Err(_) => Err(Failure::slow(time_for(asked.bytes))),
        }
    }

    /// Whether the address is the registry's own: no other gets the password.
    fn is_own(&self, url: &str) -> bool {
        let rest = url.split_once("://").map_or("", |(_, rest)| rest);
        rest.split('/').next() == Some(self.host.as_str())
    }

    fn connector(&self, url: &str) -> &SharedHttpConnector {
        if url.starts_with("https:") {
            self.secure.get_or_init(|| http::registry(&self.trust))
        } else {
            self.plain.get_or_init(http::registry_here)
        }
    }
}

/// An address without its query, which may be a signature after a redirect.
fn shown(url: &str) -> &str {
    url.split('?').next().unwrap_or_default()
}

fn moved(answer: &HttpResponse) -> Option<&str> {
    let next = answer.headers().get("location")?;
    (300..400)
        .contains(&answer.status().as_u16())
        .then_some(next)
}

/// Resolves a `Location` header relative to `at`.
pub(super) fn absolute(at: &str, location: &str) -> String {
    if !location.starts_with('/') {
        return location.to_owned();
    }
    let authority = at.find("://").map_or(0, |start| start + 3);
    let end = at[authority..]
        .find('/')
        .map_or(at.len(), |end| authority + end);
    format!("{}{location}", &at[..end])
}

async fn judged(answer: HttpResponse) -> Result<HttpResponse, Failure> {
    let status = answer.status().as_u16();
    if (200..300).contains(&status) {
        return Ok(answer);
    }
    // The text is often missing: HEAD has none.
    let said = text(answer).await.unwrap_or_default();
    Err(Failure::refused(status, &said))
}

/// The complete body of an answer.
async fn text(answer: HttpResponse) -> Result<String, Failure> {
    let read = ByteStream::new(answer.into_body()).collect();
    match tokio::time::timeout(time_for(0), read).await {
        Ok(Ok(bytes)) => Ok(String::from_utf8_lossy(&bytes.to_vec()).into_owned()),
        Ok(Err(cause)) => Err(Failure::unanswered(&cause)),
        Err(_) => Err(Failure::slow(time_for(0))),
    }
}

/// How long one part of a body may take.
pub(super) const PART: Duration = Duration::from_secs(60);

#[cfg(test)]
#[path = "secure_tests.rs"]
mod secure_tests;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::remote::registry::failure;

    fn client() -> Client {
        let login = RegistryLogin {
            host: "127.0.0.1:4566".to_owned(),
            user: "AWS".to_owned(),
            password: Secret::new("canary-77"),
        };
        Client::new(Trust::default(), &login)
    }

    #[test]
    fn the_password_goes_to_the_registry_alone() {
        let client = client();
        assert!(client.is_own("http://127.0.0.1:4566/v2/"));
        for url in [
            "http://127.0.0.1:45660/v2/",
            "https://bucket.s3.amazonaws.com/?127.0.0.1:4566/",
            "http://127.0.0.1:4566@example.org/",
        ] {
            assert!(!client.is_own(url), "{url}");
        }
        assert!(!format!("{client:?}").contains("canary-77"));
    }

    #[test]
    fn a_location_is_absolute_or_a_path() {
        let at = "https://host:1/v2/numerics/blobs/uploads/";
        assert_eq!(absolute(at, "/v2/x?y=1"), "https://host:1/v2/x?y=1");
        assert_eq!(absolute(at, "https://other/x"), "https://other/x");
        assert_eq!(failure::host(at), "host:1");
    }
}
