//! Credentials of registries from `docker login`: in config.json, or with a helper program.
//!
//! <https://docs.docker.com/reference/cli/docker/login/#credential-stores>

use std::{collections::HashMap, process::Stdio, sync::Arc, time::Duration};

use aws_smithy_types::base64;
use bollard::auth::DockerCredentials;
use hyper::header::{HeaderName, HeaderValue};
use serde::Deserialize;
use tokio::{io::AsyncWriteExt, process::Command, time::timeout};

use super::{
    Docker,
    answer::sensitive,
    config::{Config, Entry},
    connect::said,
    transfer::base64_url,
};
use crate::{
    model::{Secret, recipe::RegistryLogin},
    remote::Error,
};

/// Docker Hub's entry in config.json, and its hosts.
const HUB: &str = "https://index.docker.io/v1/";
const HUB_HOSTS: [&str; 3] = ["docker.io", "index.docker.io", "registry-1.docker.io"];
/// How long a helper program may take; it may ask the user to unlock a keychain.
const HELPER: Duration = Duration::from_secs(60);
/// Message of a helper program without credentials.
const NOTHING: &str = "credentials not found";
/// The user name that marks a token instead of a password.
const TOKEN: &str = "<token>";

/// A registry's user and password; a token has no user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Credential {
    pub(super) user: String,
    pub(super) secret: Option<Secret>,
}

impl Docker {
    /// The same daemon, with credentials of one registry that take precedence over those in the
    /// configuration.
    #[must_use]
    pub fn knowing(&self, login: RegistryLogin) -> Docker {
        Docker {
            login: Some(Arc::new(login)),
            ..self.clone()
        }
    }

    /// The credentials for the registry at `host`; empty without a login.
    pub(super) async fn credential(&self, host: &str) -> Result<Credential, Error> {
        if let Some(login) = self.login.as_ref().filter(|login| login.host == host) {
            return Ok(Credential {
                user: login.user.clone(),
                secret: Some(login.password.clone()),
            });
        }
        let found = self.config.credential(host).await?;
        found.secret.iter().for_each(Secret::guard);
        Ok(found)
    }

    /// The header of a build request with the credentials of the registries that its Dockerfile
    /// names, for engines that do not request them during a build.
    ///
    /// <https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Image/operation/ImageBuild>
    pub(super) async fn registry_config(
        &self,
        dockerfile: &str,
    ) -> Result<Option<(HeaderName, HeaderValue)>, Error> {
        let all = self.credentials_for(dockerfile).await?;
        if all.is_empty() {
            return Ok(None);
        }
        let json = serde_json::to_vec(&all).map_err(|cause| said(&cause.to_string()))?;
        let value = sensitive(&base64_url(&json))?;
        Ok(Some((HeaderName::from_static("x-registry-config"), value)))
    }

    async fn credentials_for(
        &self,
        dockerfile: &str,
    ) -> Result<HashMap<String, DockerCredentials>, Error> {
        let mut all = HashMap::new();
        for host in registries(dockerfile) {
            let Credential { user, secret } = self.credential(&host).await?;
            let Some(secret) = secret.map(|secret| secret.reveal().to_owned()) else {
                continue;
            };
            let (identitytoken, password) = match user.is_empty() {
                true => (Some(secret), None),
                false => (None, Some(secret)),
            };
            let credentials = DockerCredentials {
                username: Some(user),
                password,
                identitytoken,
                serveraddress: Some(host.clone()),
                ..Default::default()
            };
            all.insert(host, credentials);
        }
        Ok(all)
    }
}

impl Config {
    /// The credentials for the registry at `host`; empty without a login.
    async fn credential(&self, host: &str) -> Result<Credential, Error> {
        let registry = if HUB_HOSTS.contains(&host) { HUB } else { host };
        let same = |key: &str| canonical(key) == canonical(registry);
        let own = self.cred_helpers.iter().find(|(key, _)| same(key));
        let store = Some(&self.creds_store).filter(|store| !store.is_empty());
        if let Some(helper) = own.map(|(_, helper)| helper).or(store) {
            let program = format!("docker-credential-{helper}");
            let asked = ask(&program, registry, HELPER).await;
            return asked.map_err(|why| self.helper_failed(&program, host, &why));
        }
        let exact = self.auths.get(registry);
        let entry = exact.or_else(|| Some(self.auths.iter().find(|(key, _)| same(key))?.1));
        match entry.map(written) {
            None => Ok(Credential::default()),
            Some(Some(credential)) => Ok(credential),
            Some(None) => Err(Error::Docker {
                message: format!(
                    "the credentials of {host} in {} cannot be read",
                    self.path.display()
                ),
                help: Some(format!("run `docker login {host}`")),
            }),
        }
    }

    fn helper_failed(&self, program: &str, host: &str, why: &str) -> Error {
        Error::Docker {
            message: format!("{program} returned no credentials for {host}: {why}"),
            help: Some(format!(
                "{} names it in credsStore or credHelpers: try `echo {host} | {program} get`, or \
                 remove it there and run `docker login {host}`",
                self.path.display()
            )),
        }
    }
}

/// The credentials in config.json itself; `None` where they cannot be read.
fn written(entry: &Entry) -> Option<Credential> {
    if let Some(token) = &entry.identitytoken {
        return Some(Credential {
            user: String::new(),
            secret: Some(token.clone()),
        });
    }
    let filled = |text: &&Secret| !text.reveal().is_empty();
    let Some(auth) = entry.auth.as_ref().filter(filled) else {
        return Some(Credential {
            user: entry.username.clone().unwrap_or_default(),
            secret: entry.password.clone().filter(|password| filled(&password)),
        });
    };
    let decoded = String::from_utf8(base64::decode(auth.reveal()).ok()?).ok()?;
    let (user, password) = decoded.split_once(':')?;
    Some(Credential {
        user: user.to_owned(),
        secret: Some(Secret::new(password.trim_end_matches('\0'))),
    })
}

/// The host of a key of config.json, which may be an address; one name for Docker Hub.
fn canonical(key: &str) -> &str {
    let bare = key.strip_prefix("https://").or(key.strip_prefix("http://"));
    let bare = bare.unwrap_or(key);
    match bare.split('/').next().unwrap_or(bare) {
        hub if HUB_HOSTS.contains(&hub) => HUB_HOSTS[0],
        other => other,
    }
}

/// What a helper program prints.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    username: String,
    secret: Secret,
}

/// Asks a helper program, which reads the registry from its standard input.
///
/// <https://docs.docker.com/reference/cli/docker/login/#credential-helper-protocol>
///
/// # Errors
///
/// Why it returned nothing, without anything that it printed as an answer.
async fn ask(program: &str, registry: &str, limit: Duration) -> Result<Credential, String> {
    let spawned = Command::new(program)
        .arg("get")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn();
    let mut child = spawned.map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => "it is not on the PATH".to_owned(),
        _ => error.to_string(),
    })?;
    let exchange = async {
        if let Some(mut input) = child.stdin.take() {
            // A program that has ended already reads nothing, and its answer says why.
            input
                .write_all(format!("{registry}\n").as_bytes())
                .await
                .ok();
        }
        child.wait_with_output().await
    };
    let output = timeout(limit, exchange)
        .await
        .map_err(|_| format!("it did not answer within {limit:?}"))?
        .map_err(|error| error.to_string())?;
    if output.status.success() {
        let answer: Answer = serde_json::from_slice(&output.stdout)
            .map_err(|_| "its answer does not have the docker command's format".to_owned())?;
        let token = answer.username == TOKEN;
        return Ok(Credential {
            user: if token {
                String::new()
            } else {
                answer.username
            },
            secret: Some(answer.secret),
        });
    }
    let said = String::from_utf8_lossy(&output.stdout);
    if said.contains(NOTHING) {
        return Ok(Credential::default());
    }
    // An error is a line of words; anything that looks like an answer is hidden.
    let line = said.lines().next().unwrap_or_default().trim();
    let words = Some(line).filter(|line| !line.is_empty() && !line.contains('{'));
    Err(match words {
        Some(words) => format!("{words} ({})", output.status),
        None => output.status.to_string(),
    })
}

/// The hosts of the registries that a Dockerfile's `FROM` and `--from` name, sorted; jot's own
/// images have none.
fn registries(dockerfile: &str) -> Vec<String> {
    let named = dockerfile.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        let first = words.next()?;
        if first.eq_ignore_ascii_case("FROM") {
            return words.find(|word| !word.starts_with("--"));
        }
        words.find_map(|word| word.strip_prefix("--from=").or(word.strip_prefix("from=")))
    });
    let mut hosts: Vec<String> = named
        .filter(|reference| !reference.contains('$'))
        .map(|reference| registry(reference).to_owned())
        .collect();
    hosts.sort();
    hosts.dedup();
    hosts
}

/// The host of the registry in a reference.
///
/// A first part without a dot and a port, other than localhost, is a name on Docker Hub.
/// <https://pkg.go.dev/github.com/distribution/reference#ParseNormalizedNamed>
pub fn registry(reference: &str) -> &str {
    match reference.split_once('/') {
        Some((host, _)) if host.contains(['.', ':']) || host == "localhost" => host,
        _ => HUB_HOSTS[0],
    }
}

#[cfg(test)]
#[path = "credentials_tests.rs"]
mod tests;
