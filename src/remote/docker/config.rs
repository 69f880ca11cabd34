//! The docker command's config.json: the current context, credentials of registries, proxies.
//!
//! <https://docs.docker.com/reference/cli/docker/#configuration-files>

use std::{
    collections::BTreeMap,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use serde::Deserialize;

use crate::{model::Secret, remote::Error};

const FILE: &str = "config.json";

/// The parts of config.json that jot uses.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Config {
    /// Where it was read, for messages.
    #[serde(skip)]
    pub(super) path: PathBuf,
    /// The context that `docker context use` chose; empty: `default`.
    pub(super) current_context: String,
    /// Credentials by registry, a host or an address.
    #[serde(deserialize_with = "or_default")]
    pub(super) auths: BTreeMap<String, Entry>,
    /// Names of helper programs by registry.
    #[serde(deserialize_with = "or_default")]
    pub(super) cred_helpers: BTreeMap<String, String>,
    /// Name of the helper program for all other registries; empty: none.
    pub(super) creds_store: String,
    #[serde(deserialize_with = "or_default")]
    pub(super) proxies: BTreeMap<String, Proxies>,
}

/// The entry of `docker login` for a registry; empty with a helper program.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Entry {
    /// User and password: `user:password` in base64.
    pub(super) auth: Option<Secret>,
    /// The user's name, if separate.
    pub(super) username: Option<String>,
    /// The password, if separate.
    pub(super) password: Option<Secret>,
    /// A token instead of the password.
    pub(super) identitytoken: Option<Secret>,
}

/// The proxies of containers and builds on one daemon.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Proxies {
    http_proxy: Option<Secret>,
    https_proxy: Option<Secret>,
    ftp_proxy: Option<Secret>,
    no_proxy: Option<Secret>,
    all_proxy: Option<Secret>,
}

impl Config {
    /// Reads it from the folder; a missing or unreadable file counts as empty.
    pub(super) fn load(folder: &Path) -> Result<Config, Error> {
        let path = folder.join(FILE);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error)
                if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) =>
            {
                String::new()
            }
            Err(error) => {
                let path = path.display();
                tracing::warn!(%error, %path, "Docker's configuration is not read");
                String::new()
            }
        };
        if text.trim().is_empty() {
            return Ok(Config {
                path,
                ..Config::default()
            });
        }
        // Without the invalid text, which may be a password.
        let parsed: Config = serde_json::from_str(&text).map_err(|error| Error::Docker {
            message: format!(
                "{} does not have the docker command's format: line {}, column {}",
                path.display(),
                error.line(),
                error.column()
            ),
            help: Some("fix the file, or name another folder in DOCKER_CONFIG".to_owned()),
        })?;
        Ok(Config { path, ..parsed })
    }

    /// The build arguments for the proxies of the daemon at `host`, as the docker command sets
    /// them: in upper and in lower case.
    pub(super) fn proxy_arguments(&self, host: &str) -> Vec<(String, Secret)> {
        let chosen = self.proxies.get(host).or(self.proxies.get("default"));
        let Some(proxies) = chosen else {
            return Vec::new();
        };
        let named = [
            ("HTTP_PROXY", &proxies.http_proxy),
            ("HTTPS_PROXY", &proxies.https_proxy),
            ("FTP_PROXY", &proxies.ftp_proxy),
            ("NO_PROXY", &proxies.no_proxy),
            ("ALL_PROXY", &proxies.all_proxy),
        ];
        let given = named.into_iter().filter_map(|(name, value)| {
            let value = value.as_ref().filter(|value| !value.reveal().is_empty())?;
            Some([name.to_owned(), name.to_lowercase()].map(|name| (name, value.clone())))
        });
        let given: Vec<_> = given.flatten().collect();
        let passwords = given.iter().filter_map(|(_, value)| password(value));
        passwords.for_each(|password| password.guard());
        given
    }
}

/// The password in a proxy's address, if it has one.
fn password(address: &Secret) -> Option<Secret> {
    let (_, rest) = address.reveal().split_once("://")?;
    let (user, _) = rest.rsplit_once('@')?;
    Some(Secret::new(user.split_once(':')?.1))
}

/// `null` counts as nothing.
fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str) -> Result<Config, Error> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(FILE), text).unwrap();
        Config::load(folder.path())
    }

    #[test]
    fn no_file_and_an_empty_one_are_an_empty_configuration() {
        let folder = tempfile::tempdir().unwrap();
        assert!(Config::load(folder.path()).unwrap().auths.is_empty());
        assert!(load("").unwrap().current_context.is_empty());
        let nulls = r#"{"auths": null, "credHelpers": null, "HttpHeaders": {"a": "b"}}"#;
        assert!(load(nulls).unwrap().cred_helpers.is_empty());
    }

    #[test]
    fn a_broken_file_is_named_and_not_quoted() {
        let error = load("{\"auths\": {\"h\": {\"auth\": canary-77}}}").unwrap_err();
        let text = format!("{error} {error:?}");
        assert!(
            text.contains("config.json") && text.contains("line 1"),
            "{text}"
        );
        assert!(!text.contains("canary-77"), "{text}");
    }

    #[test]
    fn proxies_are_those_of_the_daemon_then_of_default_in_both_cases() {
        let text = r#"{"proxies": {
            "default": {"httpProxy": "http://user:canary-77@p:1", "noProxy": "a,b", "ftpProxy": ""},
            "tcp://build:2375": {"allProxy": "socks5://s"}
        }}"#;
        let config = load(text).unwrap();
        let arguments = |host| -> Vec<String> {
            let pairs = config.proxy_arguments(host).into_iter();
            pairs
                .map(|(name, value)| format!("{name}={}", value.reveal()))
                .collect()
        };
        let default = [
            "HTTP_PROXY=http://user:canary-77@p:1",
            "http_proxy=http://user:canary-77@p:1",
            "NO_PROXY=a,b",
            "no_proxy=a,b",
        ];
        assert_eq!(arguments("unix:///var/run/docker.sock"), default);
        assert_eq!(
            arguments("tcp://build:2375"),
            ["ALL_PROXY=socks5://s", "all_proxy=socks5://s"]
        );
        assert!(!format!("{config:?}").contains("canary-77"));
    }
}
