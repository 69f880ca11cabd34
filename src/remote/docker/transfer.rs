//! Pushing to a registry, and pulling from it.

use std::collections::BTreeMap;

use bollard::{
    BollardRequest, auth::DockerCredentials, errors::Error as Bollard,
    query_parameters::CreateImageOptionsBuilder,
};
use futures_util::{Stream, StreamExt};
use hyper::{Method, Uri, body::Bytes, header::HeaderValue};
use serde::Deserialize;

use super::{
    Docker, Pushed, Work,
    connect::{said, sentence},
};
use crate::{
    model::{Digest, image::RegistryLogin},
    remote::Error,
};

impl Docker {
    /// Pushes `repository:tag`; gives what was really uploaded.
    pub async fn push(
        &self,
        repository: &str,
        tag: &str,
        login: &RegistryLogin,
        progress: &mut (dyn FnMut(Work) + Send),
    ) -> Result<Pushed, Error> {
        let mut layers = Layers::new("pushing");
        let mut lines = Lines::default();
        let mut chunks = self.push_messages(repository, tag, login)?;
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk.map_err(|error| self.refused(error))?;
            for message in lines.take(&chunk) {
                layers.take(message, progress)?;
            }
        }
        Ok(layers.pushed())
    }

    /// Pulls `repository@digest`; gives the image's id.
    pub async fn pull(
        &self,
        repository: &str,
        digest: &str,
        login: &RegistryLogin,
        progress: &mut (dyn FnMut(Work) + Send),
    ) -> Result<String, Error> {
        let reference = format!("{repository}@{digest}");
        let options = CreateImageOptionsBuilder::default()
            .from_image(&reference)
            .build();
        let client = self.patient();
        let mut messages = client.create_image(Some(options), None, Some(credentials(login)));
        let mut layers = Layers::new("pulling");
        while let Some(message) = messages.next().await {
            let message = message.map_err(|error| self.refused(error))?;
            let detail = message.progress_detail.unwrap_or_default();
            let size = |n: Option<i64>| n.and_then(|n| u64::try_from(n).ok());
            let progress_detail = Detail {
                current: size(detail.current),
                total: size(detail.total),
            };
            let message = Message {
                id: message.id,
                status: message.status,
                progress_detail,
                error: message.error_detail.and_then(|detail| detail.message),
                aux: None,
            };
            layers.take(message, progress)?;
        }
        let id = self.image_id(&reference).await?;
        id.ok_or_else(|| said(&format!("{reference} was pulled but is not there")))
    }

    /// The daemon's answer to a push, as it comes. bollard's own stream of messages lacks the layers' ids, so the
    /// request goes out under another of its calls that gives plain bytes.
    fn push_messages(
        &self,
        repository: &str,
        tag: &str,
        login: &RegistryLogin,
    ) -> Result<impl Stream<Item = Result<Bytes, Bollard>> + Unpin + use<>, Error> {
        let target = format!("/images/{repository}/push?tag={tag}");
        let auth = auth_header(login).ok_or_else(|| said("the registry login is unusable"))?;
        let client = self
            .patient()
            .with_request_modifier(move |mut request: BollardRequest| {
                let mut parts = request.uri().clone().into_parts();
                parts.path_and_query = target.parse().ok();
                if let Ok(uri) = Uri::from_parts(parts) {
                    *request.uri_mut() = uri;
                }
                *request.method_mut() = Method::POST;
                request
                    .headers_mut()
                    .insert("X-Registry-Auth", auth.clone());
                request
            });
        Ok(client.export_image(repository))
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

/// <https://docs.docker.com/reference/api/engine/#section/Authentication>
fn auth_header(login: &RegistryLogin) -> Option<HeaderValue> {
    let json = serde_json::to_vec(&credentials(login)).ok()?;
    let mut value = HeaderValue::from_str(&base64_url(&json)).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// RFC 4648, section 5, with padding.
fn base64_url(bytes: &[u8]) -> String {
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

/// One message about one layer, or about the whole.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Message {
    id: Option<String>,
    status: Option<String>,
    progress_detail: Detail,
    error: Option<String>,
    aux: Option<Aux>,
}

/// What a push gave:
/// <https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Image/operation/ImagePush>.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Aux {
    digest: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Detail {
    current: Option<u64>,
    total: Option<u64>,
}

/// Cuts a stream of bytes into messages, one a line.
#[derive(Default)]
struct Lines(Vec<u8>);

impl Lines {
    fn take(&mut self, chunk: &[u8]) -> Vec<Message> {
        self.0.extend_from_slice(chunk);
        let Some(end) = self.0.iter().rposition(|byte| *byte == b'\n') else {
            return Vec::new();
        };
        let rest = self.0.split_off(end + 1);
        let whole = std::mem::replace(&mut self.0, rest);
        whole
            .split(|byte| *byte == b'\n')
            .filter_map(|line| serde_json::from_slice(line).ok())
            .collect()
    }
}

/// How far every layer is.
struct Layers {
    verb: &'static str,
    layers: BTreeMap<String, Layer>,
    digest: Option<Digest>,
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
        }
    }

    fn take(&mut self, message: Message, progress: &mut dyn FnMut(Work)) -> Result<(), Error> {
        if let Some(error) = message.error {
            return Err(self.failed(&error));
        }
        if let Some(digest) = message.aux.and_then(|aux| aux.digest) {
            self.digest = Digest::parse(&digest);
        }
        let (Some(id), Some(status)) = (message.id, message.status) else {
            return Ok(());
        };
        let layer = self.layers.entry(id.clone()).or_default();
        match status.as_str() {
            "Pushed" | "Pull complete" => {
                layer.done = layer.total;
                layer.moved = true;
            }
            // Extracting counts the same bytes anew, waiting and preparing count none.
            "Pushing" | "Downloading" => {
                let Detail { current, total } = message.progress_detail;
                layer.total = total.or(current).unwrap_or(0).max(layer.total);
                // Docker counts a little beyond the size that it announced.
                layer.done = current.unwrap_or(0).min(layer.total);
            }
            _ => return Ok(()),
        }
        progress(Work::Bytes {
            doing: format!("{} layer {id}", self.verb),
            done: self.layers.values().map(|layer| layer.done).sum(),
            total: self.layers.values().map(|layer| layer.total).sum(),
        });
        Ok(())
    }

    /// What the daemon said of the registry, and that nothing which arrived is sent twice.
    fn failed(&self, message: &str) -> Error {
        Error::Docker {
            message: format!("{} failed: {}", self.verb, sentence(message)),
            help: Some("run the command again: layers that arrived are not sent again".to_owned()),
        }
    }

    fn pushed(&self) -> Pushed {
        let moved = || self.layers.values().filter(|layer| layer.moved);
        Pushed {
            layers: moved().count() as u64,
            bytes: moved().map(|layer| layer.total).sum(),
            digest: self.digest.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Secret;

    const PUSH: &str = r#"{"status":"The push refers to repository [h/r]"}
{"status":"Preparing","progressDetail":{},"id":"aa"}
{"status":"Layer already exists","progressDetail":{},"id":"bb"}
{"status":"Pushing","progressDetail":{"current":512,"total":900},"progress":"[=>]","id":"aa"}
{"status":"Pushing","progressDetail":{"current":10,"total":20},"progress":"[=>]","id":"cc"}
{"status":"Pushing","progressDetail":{"current":1024,"total":900},"id":"aa"}
{"status":"Pushed","progressDetail":{},"id":"aa"}
{"status":"Pushed","progressDetail":{},"id":"cc"}
{"status":"t: digest: sha256:00 size: 1"}
{"progressDetail":{},"aux":{"Tag":"t","Digest":"sha256:0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a","Size":1}}
"#;

    fn run(text: &str, piece: usize) -> (Result<Pushed, Error>, Vec<(u64, u64)>) {
        let (mut lines, mut layers, mut seen) = (Lines::default(), Layers::new("pushing"), vec![]);
        for chunk in text.as_bytes().chunks(piece) {
            for message in lines.take(chunk) {
                let taken = layers.take(message, &mut |work| {
                    if let Work::Bytes { done, total, .. } = work {
                        seen.push((done, total));
                    }
                });
                if let Err(error) = taken {
                    return (Err(error), seen);
                }
            }
        }
        (Ok(layers.pushed()), seen)
    }

    #[test]
    fn only_uploaded_layers_count_and_bytes_never_exceed_the_total() {
        for piece in [1, 7, 4096] {
            let (pushed, seen) = run(PUSH, piece);
            assert_eq!(
                pushed.unwrap(),
                Pushed {
                    layers: 2,
                    bytes: 920,
                    digest: Digest::parse(&format!("sha256:{}", "0a".repeat(32))),
                }
            );
            let sums = [(512, 900), (522, 920), (910, 920), (910, 920), (920, 920)];
            assert_eq!(seen, sums);
        }
    }

    #[test]
    fn an_error_within_the_stream_is_an_error() {
        let text = "{\"errorDetail\":{\"message\":\"denied\"},\"error\":\"denied: no such repository.\"}\n";
        let error = run(text, 4096).0.unwrap_err();
        assert_eq!(
            error.to_string(),
            "docker: pushing failed: denied: no such repository"
        );
    }

    #[test]
    fn base64_is_that_of_rfc_4648() {
        let cases = [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
        ];
        for (text, code) in cases {
            assert_eq!(base64_url(text.as_bytes()), code);
        }
        assert_eq!(base64_url(&[0xfb, 0xff]), "-_8=");
    }

    #[test]
    fn the_login_is_not_shown() {
        let password = Secret::new("hunter2");
        let login = RegistryLogin {
            host: "h".into(),
            user: "AWS".into(),
            password,
        };
        assert_eq!(format!("{:?}", auth_header(&login)), "Some(Sensitive)");
    }
}
