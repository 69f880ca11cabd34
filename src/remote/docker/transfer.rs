//! Pushes to registries and pulls from them.

use std::collections::BTreeMap;

use bollard::auth::DockerCredentials;
use futures_util::StreamExt;
use hyper::header::{HeaderName, HeaderValue};
use serde::Deserialize;

use super::{
    Docker, Pushed, Work,
    answer::{Answer, sensitive, target},
    connect::{said, sentence},
};
use crate::{
    model::{Digest, recipe::RegistryLogin},
    remote::Error,
};

/// The header that carries a registry's login.
const AUTH: HeaderName = HeaderName::from_static("x-registry-auth");
/// Permanent errors of registries and the daemon, in lower case.
const FINAL: [&str; 9] = [
    "denied",
    "no basic auth",
    "unauthorized",
    "not found",
    "does not exist",
    "name unknown",
    "immutable",
    "manifest invalid",
    "quota",
];
/// Their errors for a connection that broke off, or for a registry that is down or busy, in lower
/// case.
///
/// `unknown: ` is Docker's form of a registry's error with a code that it does not know, and `blob
/// upload` errors follow from an upload that was cut off.
const PASSING: [&str; 27] = [
    "eof",
    "connection reset",
    "broken pipe",
    "connection closed",
    "closed network connection",
    "closed idle connection",
    "timeout",
    "timed out",
    "deadline exceeded",
    "request canceled",
    "temporary failure",
    "server misbehaving",
    "unexpected http status",
    "unexpected status",
    "http 5",
    "status: 5",
    "internal server error",
    "bad gateway",
    "service unavailable",
    "http2:",
    "too many requests",
    "toomanyrequests",
    "rate exceeded",
    "unknown: ",
    "blob upload unknown",
    "blob upload invalid",
    "blob unknown",
];
/// Final states of a layer, from daemons that report layers.
const LAYER: [&str; 3] = ["Pushed", "Layer already exists", "Mounted from "];
/// ECR's errors for a login that is more than twelve hours old, in lower case.
const EXPIRED: [&str; 2] = ["token has expired", "reauthenticate"];

impl Docker {
    /// Pushes `repository:tag`; returns what was really uploaded, if the daemon reports it: Podman
    /// does not.
    ///
    /// # Errors
    ///
    /// [`Error::BrokeOff`] where repeating may succeed; layers that arrived are not sent again.
    pub async fn push(
        &self,
        repository: &str,
        tag: &str,
        login: &RegistryLogin,
        progress: &mut (dyn FnMut(Work) + Send),
    ) -> Result<Option<Pushed>, Error> {
        let target = target(&format!("/images/{repository}/push"), &[("tag", tag)]);
        let answer = self.post(target, vec![(AUTH, auth_header(login)?)], None);
        self.follow_layers("pushing", answer, progress).await
    }

    /// Pulls `repository@digest`; returns the image's id.
    ///
    /// # Errors
    ///
    /// [`Error::BrokeOff`] where repeating may succeed; layers that arrived are not fetched again.
    pub async fn pull(
        &self,
        repository: &str,
        digest: &str,
        login: &RegistryLogin,
        progress: &mut (dyn FnMut(Work) + Send),
    ) -> Result<String, Error> {
        let reference = format!("{repository}@{digest}");
        let target = target("/images/create", &[("fromImage", &reference)]);
        let answer = self.post(target, vec![(AUTH, auth_header(login)?)], None);
        self.follow_layers("pulling", answer, progress).await?;
        let id = self.image_id(&reference).await?;
        id.ok_or_else(|| said(&format!("{reference} was pulled but does not exist")))
    }

    /// Reads the messages about layers to their end; returns the transferred ones, if the daemon
    /// reports layers.
    async fn follow_layers(
        &self,
        verb: &'static str,
        answer: Answer,
        progress: &mut (dyn FnMut(Work) + Send),
    ) -> Result<Option<Pushed>, Error> {
        let mut layers = Layers::new(verb);
        let mut messages = answer.messages();
        while let Some(message) = messages.next().await {
            let message = message.map_err(|early| self.ended_early(early))?;
            layers.take(message, progress)?;
        }
        Ok(layers.pushed())
    }
}

fn credentials(login: &RegistryLogin) -> DockerCredentials {
    DockerCredentials {
        username: Some(login.user.clone()),
        password: Some(login.password.reveal().to_owned()),
        serveraddress: Some(login.host.clone()),
        ..Default::default()
    }
}

/// The value of `X-Registry-Auth`:
/// <https://docs.docker.com/reference/api/engine/#section/Authentication>
fn auth_header(login: &RegistryLogin) -> Result<HeaderValue, Error> {
    let json = serde_json::to_vec(&credentials(login)).map_err(|cause| said(&cause.to_string()))?;
    sensitive(&base64_url(&json))
}

/// Whether the error of a push or pull may be temporary.
fn is_passing(message: &str) -> bool {
    let message = message.to_lowercase();
    let says = |signs: &[&str]| signs.iter().any(|sign| message.contains(sign));
    says(&EXPIRED) || says(&PASSING) && !says(&FINAL)
}

/// RFC 4648, section 5, with padding.
pub(super) fn base64_url(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let quads = bytes.chunks(3).flat_map(|three| {
        let at = |n: usize| u32::from(three.get(n).copied().unwrap_or(0));
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        [0, 1, 2, 3].map(|n| match n <= three.len() {
            true => char::from(DIGITS[(bits >> (18 - 6 * n)) as usize & 63]),
            false => '=',
        })
    });
    quads.collect()
}

/// One message about one layer, or about the whole transfer.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Message {
    id: Option<String>,
    status: Option<String>,
    progress_detail: Detail,
    error: Option<String>,
    aux: Option<Aux>,
    error_detail: Option<Failed>,
}

/// Result of a push:
/// <https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Image/operation/ImagePush>.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Aux {
    digest: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Failed {
    message: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Detail {
    current: Option<u64>,
    total: Option<u64>,
}

/// Progress of every layer.
struct Layers {
    verb: &'static str,
    layers: BTreeMap<String, Layer>,
    digest: Option<Digest>,
    /// Whether the daemon reported any layer as pushed or existing.
    reported: bool,
}

#[derive(Default)]
struct Layer {
    done: u64,
    total: u64,
    moved: bool,
}

impl Layers {
    fn new(verb: &'static str) -> Self {
        Self {
            verb,
            layers: BTreeMap::new(),
            digest: None,
            reported: false,
        }
    }

    fn take(&mut self, message: Message, progress: &mut dyn FnMut(Work)) -> Result<(), Error> {
        let detail = message.error_detail.and_then(|detail| detail.message);
        if let Some(error) = detail.or(message.error) {
            return Err(self.failed(&error));
        }
        if let Some(digest) = message.aux.and_then(|aux| aux.digest) {
            self.digest = Digest::parse(&digest);
        }
        let (Some(id), Some(status)) = (message.id, message.status) else {
            return Ok(());
        };
        if LAYER.iter().any(|known| status.starts_with(known)) {
            self.reported = true;
        }
        let layer = self.layers.entry(id.clone()).or_default();
        let mut doing = format!("{} layer {id}", self.verb);
        match status.as_str() {
            "Pushed" | "Pull complete" => {
                layer.done = layer.total;
                layer.moved = true;
            }
            // Extracting counts the same bytes again; waiting and preparing count none.
            "Pushing" | "Downloading" => {
                let Detail { current, total } = message.progress_detail;
                layer.total = total.or(current).unwrap_or(0).max(layer.total);
                // Docker counts slightly more than the size that it announced.
                layer.done = current.unwrap_or(0).min(layer.total);
            }
            // The daemon itself tries the layer again, after a countdown of some seconds.
            again if again.starts_with("Retrying in ") => {
                layer.done = 0;
                doing = format!("{doing}, {}", again.to_lowercase());
            }
            _ => return Ok(()),
        }
        progress(Work::Bytes {
            doing,
            done: self.layers.values().map(|layer| layer.done).sum(),
            total: self.layers.values().map(|layer| layer.total).sum(),
        });
        Ok(())
    }

    /// The error for the daemon's message about the registry; what arrived is not sent twice.
    fn failed(&self, said: &str) -> Error {
        let message = format!("{} failed: {}", self.verb, sentence(said));
        let help = "run the command again: layers that arrived are not sent again".to_owned();
        match is_passing(said) {
            true => Error::BrokeOff { message, help },
            false => Error::Docker {
                message,
                help: Some(help),
            },
        }
    }

    fn pushed(&self) -> Option<Pushed> {
        let moved = || self.layers.values().filter(|layer| layer.moved);
        self.reported.then(|| Pushed {
            layers: moved().count() as u64,
            bytes: moved().map(|layer| layer.total).sum(),
            digest: self.digest.clone(),
        })
    }
}

#[cfg(test)]
#[path = "transfer_tests.rs"]
mod tests;
