//! The docker command's contexts: a folder each, named by the SHA-256 of the context's name.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::{
    address::parse,
    endpoint::{DEFAULT_CONTEXT, Endpoint, Tls},
};
use crate::remote::Error;

/// The parts of a context's `meta.json` that jot uses.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Meta {
    name: String,
    #[serde(default)]
    endpoints: BTreeMap<String, Address>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[derive(Default)]
struct Address {
    host: String,
    #[serde(rename = "SkipTLSVerify")]
    skip_tls_verify: bool,
}

/// The daemon of the context `name`; `whence` says what names it.
///
/// # Errors
///
/// The context does not exist, with a list of those that do; or what is wrong with it.
pub(super) fn endpoint(folder: &Path, name: &str, whence: &str) -> Result<Endpoint, Error> {
    let digest = hex::encode(Sha256::digest(name.as_bytes()));
    let file = folder.join("contexts/meta").join(&digest).join("meta.json");
    let Ok(text) = std::fs::read_to_string(&file) else {
        return Err(unknown(folder, name, whence, &file));
    };
    let wrong = |why: &str| Error::Docker {
        message: format!("the Docker context `{name}` in {}: {why}", file.display()),
        help: Some(
            "fix it with `docker context update`, or choose another in DOCKER_CONTEXT".to_owned(),
        ),
    };
    let meta: Meta = serde_json::from_str(&text).map_err(|error| wrong(&error.to_string()))?;
    let address = meta.endpoints.get("docker");
    let address = address.ok_or_else(|| wrong("it names no Docker daemon"))?;
    if address.skip_tls_verify {
        return Err(wrong(
            "it skips the verification of the daemon's certificate, and jot always verifies it",
        ));
    }
    let tls = tls(folder, &digest);
    let parsed = parse(&address.host, tls.is_some()).map_err(|error| match error {
        Error::Docker { message, help } => Error::Docker {
            message: format!(
                "the Docker context `{name}` in {}: {message}",
                file.display()
            ),
            help,
        },
        other => other,
    })?;
    if parsed.tls && tls.is_none() {
        return Err(wrong("it uses TLS, and has no ca.pem"));
    }
    Ok(Endpoint {
        host: parsed.host,
        place: parsed.place,
        tls: tls.filter(|_| parsed.tls),
        context: Some((name.to_owned(), file)),
    })
}

/// The context's certificates, if it has any.
fn tls(folder: &Path, digest: &str) -> Option<Tls> {
    let tls = Tls::within(&folder.join("contexts/tls").join(digest).join("docker"));
    tls.ca.is_file().then_some(tls)
}

fn unknown(folder: &Path, name: &str, whence: &str, file: &Path) -> Error {
    let existing = names(folder).join(", ");
    Error::Docker {
        message: format!(
            "the Docker context `{name}`, which {whence} names, does not exist: {} is missing",
            file.display()
        ),
        help: Some(format!("the contexts are: {existing}")),
    }
}

/// The names of all contexts, sorted.
fn names(folder: &Path) -> Vec<String> {
    let folders = std::fs::read_dir(folder.join("contexts/meta")).into_iter();
    let files = folders.flatten().flatten();
    let metas = files.filter_map(|entry| read(&entry.path().join("meta.json")));
    let mut names: Vec<String> = metas.map(|meta| meta.name).collect();
    names.push(DEFAULT_CONTEXT.to_owned());
    names.sort();
    names
}

fn read(path: &PathBuf) -> Option<Meta> {
    serde_json::from_str(&std::fs::read_to_string(path).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::{
        super::{config::Config, variables::Variables},
        *,
    };

    /// Writes a context as the docker command does.
    fn write(folder: &Path, name: &str, endpoint: &str) -> String {
        let digest = hex::encode(Sha256::digest(name.as_bytes()));
        let place = folder.join("contexts/meta").join(&digest);
        std::fs::create_dir_all(&place).unwrap();
        let meta = format!(
            "{{\"Name\":\"{name}\",\"Metadata\":{{}},\"Endpoints\":{{\"docker\":{endpoint}}}}}"
        );
        std::fs::write(place.join("meta.json"), meta).unwrap();
        digest
    }

    fn find(folder: &Path, current: &str, context: Option<&str>) -> Result<Endpoint, Error> {
        let variables = Variables {
            context: context.map(str::to_owned),
            folder: folder.to_owned(),
            ..Variables::default()
        };
        let config = Config {
            current_context: current.to_owned(),
            path: folder.join("config.json"),
            ..Config::default()
        };
        Endpoint::find(&variables, &config)
    }

    #[test]
    fn a_context_is_found_by_the_digest_of_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let digest = write(
            folder.path(),
            "desktop-linux",
            r#"{"Host":"unix:///home/u/.docker/desktop/docker.sock","SkipTLSVerify":false}"#,
        );
        // The docker command's folder name for Docker Desktop's context.
        assert_eq!(
            digest,
            "fe9c6bd7a66301f49ca9b6a70b217107cd1284598bfc254700c989b916da791e"
        );
        let found = find(folder.path(), "desktop-linux", None).unwrap();
        assert_eq!(found.host, "unix:///home/u/.docker/desktop/docker.sock");
        assert!(
            found.described().contains("context `desktop-linux` in "),
            "{found:?}"
        );
    }

    #[test]
    fn the_variable_wins_over_the_file_and_certificates_mean_tls() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), "one", r#"{"Host":"unix:///one"}"#);
        let digest = write(folder.path(), "two", r#"{"Host":"tcp://two"}"#);
        assert_eq!(
            find(folder.path(), "one", Some("two")).unwrap().host,
            "tcp://two:2375"
        );
        let tls = folder
            .path()
            .join("contexts/tls")
            .join(digest)
            .join("docker");
        std::fs::create_dir_all(&tls).unwrap();
        std::fs::write(tls.join("ca.pem"), "").unwrap();
        let found = find(folder.path(), "one", Some("two")).unwrap();
        assert_eq!(
            (found.host.as_str(), found.tls),
            ("tcp://two:2376", Some(Tls::within(&tls)))
        );
    }

    #[test]
    fn an_unknown_context_lists_the_existing_ones() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), "one", r#"{"Host":"unix:///one"}"#);
        let error = find(folder.path(), "gone", None).unwrap_err();
        let Error::Docker { message, help } = error else {
            panic!("{error:?}")
        };
        assert!(
            message.contains("`gone`") && message.contains("currentContext"),
            "{message}"
        );
        assert_eq!(help.unwrap(), "the contexts are: default, one");
        let error = find(folder.path(), "one", Some("gone")).unwrap_err();
        assert!(error.to_string().contains("DOCKER_CONTEXT"), "{error}");
    }

    #[test]
    fn what_is_wrong_with_a_context_names_it_and_its_file() {
        let folder = tempfile::tempdir().unwrap();
        for (name, endpoint, why) in [
            ("shell", r#"{"Host":"ssh://u@h"}"#, "ssh connections"),
            (
                "loose",
                r#"{"Host":"tcp://h","SkipTLSVerify":true}"#,
                "always verifies",
            ),
            ("secure", r#"{"Host":"https://h"}"#, "no ca.pem"),
            ("broken", "7", "invalid type"),
        ] {
            write(folder.path(), name, endpoint);
            let error = find(folder.path(), name, None).unwrap_err().to_string();
            for part in [name, "meta.json", why] {
                assert!(error.contains(part), "{error}");
            }
        }
    }
}
