//! Zip archives in the registry of a repository, each an OCI artifact of one blob.
//!
//! Docker pushes and pulls images; this module does not need Docker, and also copies both from one
//! registry to another.
//!
//! It uses the OCI distribution protocol,
//! <https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md>. A blob is sent in one
//! piece: ECR accepts a second piece and loses it,
//! <https://github.com/aws/containers-roadmap/issues/2831>.

mod artifact;
mod client;
mod copy;
pub(crate) mod failure;
pub(crate) mod manifest;
mod pull;
mod push;

pub use artifact::{NewArtifact, PushedArtifact};
pub use copy::Copied;

use client::Client;

use super::{Aws, Error};
use crate::model::{ZipArtifact, recipe::RegistryLogin};

/// One repository of a registry, with a login.
#[derive(Debug)]
pub struct Registry {
    client: Client,
    /// The registry's host and the repository's name: `host/name`.
    repository: String,
}

impl Registry {
    /// A registry without connections yet; `repository` is `host/name`.
    ///
    /// Trusts the same certificates as requests to AWS. A registry on this machine is called by
    /// plain HTTP, as Docker does.
    pub fn new(aws: &Aws, repository: &str, login: &RegistryLogin) -> Self {
        Self {
            client: Client::new(aws.trust().clone(), login),
            repository: repository.to_owned(),
        }
    }

    /// The archive under a tag or digest; `None` where it does not exist.
    ///
    /// # Errors
    ///
    /// [`Error::Registry`], also for anything that is not an archive of jot's.
    pub async fn find(&self, reference: &str) -> Result<Option<ZipArtifact>, Error> {
        let url = self.url(&format!("manifests/{reference}"));
        let Some(text) = self.client.manifest(&url, manifest::MEDIA_TYPE).await? else {
            return Ok(None);
        };
        let read = manifest::read(&text);
        let found = read.map_err(|why| failure::unusable(&self.named(reference), &why))?;
        if reference.contains(':') && found.manifest.as_str() != reference {
            let why = format!("its digest is {}", found.manifest.as_str());
            return Err(failure::unusable(&self.named(reference), &why));
        }
        Ok(Some(found))
    }

    /// Checks that the registry answers and accepts the login.
    ///
    /// <https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#determining-support>
    ///
    /// # Errors
    ///
    /// [`Error::Registry`].
    pub async fn check(&self) -> Result<(), Error> {
        let host = self.repository.split('/').next().unwrap_or_default();
        self.client
            .check(&format!("{}://{host}/v2/", scheme(host)))
            .await
    }

    fn url(&self, path: &str) -> String {
        let (host, name) = self.repository.split_once('/').unwrap_or_default();
        format!("{}://{host}/v2/{name}/{path}", scheme(host))
    }

    /// Name of an artifact in messages.
    fn named(&self, reference: &str) -> String {
        match reference.contains(':') {
            true => format!("{}@{reference}", self.repository),
            false => format!("{}:{reference}", self.repository),
        }
    }
}

fn scheme(host: &str) -> &'static str {
    match is_here(host) {
        true => "http",
        false => "https",
    }
}

/// Whether the host is this machine: Docker calls its registries by plain HTTP,
/// <https://docs.docker.com/reference/cli/dockerd/#insecure-registries>.
fn is_here(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    let address = name.parse::<std::net::IpAddr>();
    name == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::is_here;

    #[test]
    fn only_registries_of_this_machine_are_asked_by_plain_http() {
        for host in [
            "127.0.0.1:4566",
            "127.1.2.3",
            "localhost:5000",
            "[::1]:5000",
        ] {
            assert!(is_here(host), "{host}");
        }
        let ecr = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";
        for host in [ecr, "10.0.0.1:5000", "localhost.example.org", ""] {
            assert!(!is_here(host), "{host}");
        }
    }
}
