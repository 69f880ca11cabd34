//! Credentials of registries, as `docker login` leaves them: in config.json, or with a helper program.
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
    model::{Secret, image::RegistryLogin},
    remote::Error,
};

/// Docker Hub's entry in config.json, and the hosts that mean it.
const HUB: &str = "https://index.docker.io/v1/";
const HUB_HOSTS: [&str; 3] = ["docker.io", "index.docker.io", "registry-1.docker.io"];
/// How long a helper program may take. One may ask the user to unlock a keychain.
const HELPER: Duration = Duration::from_secs(60);
/// What a helper program says where it has nothing.
const NOTHING: &str = "credentials not found";
/// The user's name that marks a token in the password's place.
const TOKEN: &str = "<token>";

/// A registry's user and password. A token has no user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Credential {
    /// The user.
    pub(super) user: String,
    /// Password or token.
    pub(super) secret: Option<Secret>,
}

impl Docker {
    /// The same daemon, with credentials of one registry that win over those in the configuration.
    #[must_use]
    pub fn knowing(&self, login: RegistryLogin) -> Docker {
        Docker {
            login: Some(Arc::new(login)),
            ..self.clone()
        }
    }

    /// What the registry at `host` is shown; nothing where nobody logged in.
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

    /// The header of a request to build with the credentials of the registries that its Dockerfile names, for engines that ask
    /// for none while they build. <https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Image/operation/ImageBuild>
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
    /// What the registry at `host` is shown; nothing where nobody logged in.
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
            message: format!("{program} gives no credentials of {host}: {why}"),
            help: Some(format!(
                "{} names it in credsStore or credHelpers: try `echo {host} | {program} get`, or remove it there and run \
                 `docker login {host}`",
                self.path.display()
            )),
        }
    }
}

/// What stands in config.json itself; none where it cannot be read.
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

/// Asks a helper program, which is given the registry at its standard input.
/// <https://docs.docker.com/reference/cli/docker/login/#credential-helper-protocol>
///
/// # Errors
/// Why it gave nothing, in words that hold nothing of what it printed as an answer.
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
            // One that has ended already reads nothing, and its answer says why.
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
            .map_err(|_| "its answer is not what the docker command reads".to_owned())?;
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
    // An error is a line of words; what looks like an answer is not shown.
    let line = said.lines().next().unwrap_or_default().trim();
    let words = Some(line).filter(|line| !line.is_empty() && !line.contains('{'));
    Err(match words {
        Some(words) => format!("{words} ({})", output.status),
        None => output.status.to_string(),
    })
}

/// The hosts of the registries that a Dockerfile's `FROM` and `--from` name, sorted; jot's own images have none.
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

/// The host of the registry that a reference is in. What has no dot, no port and is not localhost is a name on Docker Hub.
/// <https://pkg.go.dev/github.com/distribution/reference#ParseNormalizedNamed>
pub fn registry(reference: &str) -> &str {
    match reference.split_once('/') {
        Some((host, _)) if host.contains(['.', ':']) || host == "localhost" => host,
        _ => HUB_HOSTS[0],
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn config(text: &str) -> Config {
        serde_json::from_str(text).unwrap()
    }

    async fn shown(config: &Config, host: &str) -> Option<(String, String)> {
        let found = config.credential(host).await.unwrap();
        Some((found.user, found.secret?.reveal().to_owned()))
    }

    fn pair(user: &str, secret: &str) -> Option<(String, String)> {
        Some((user.to_owned(), secret.to_owned()))
    }

    #[tokio::test]
    async fn what_docker_login_writes_is_found_by_host() {
        let config = config(
            r#"{"auths": {
            "https://index.docker.io/v1/": {"auth": "aHViOnB3"},
            "registry.example:5000": {"auth": "dTpwOnEA"},
            "https://old.example/v1/": {"username": "u", "password": "p"},
            "token.example": {"auth": "dTo=", "identitytoken": "t"},
            "empty.example": {}
        }}"#,
        );
        for host in HUB_HOSTS {
            assert_eq!(shown(&config, host).await, pair("hub", "pw"));
        }
        assert_eq!(
            shown(&config, "registry.example:5000").await,
            pair("u", "p:q")
        );
        assert_eq!(shown(&config, "old.example").await, pair("u", "p"));
        assert_eq!(shown(&config, "token.example").await, pair("", "t"));
        for host in ["empty.example", "other.example", "registry.example"] {
            assert_eq!(shown(&config, host).await, None, "{host}");
        }
    }

    #[tokio::test]
    async fn an_entry_that_cannot_be_read_is_an_error_without_it() {
        let config = config(r#"{"auths": {"h.example": {"auth": "canary-77"}}}"#);
        let error = config.credential("h.example").await.unwrap_err();
        let text = format!("{error} {error:?}");
        assert!(
            text.contains("docker login h.example") && !text.contains("canary"),
            "{text}"
        );
    }

    #[tokio::test]
    async fn the_projects_own_registry_is_shown_ecrs_token() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = format!("tcp://{}", listener.local_addr().unwrap());
        let docker = Docker::connect_to(&host).await.unwrap();
        let docker = docker.knowing(RegistryLogin {
            host: "1.dkr.ecr.eu-west-1.amazonaws.com".to_owned(),
            user: "AWS".to_owned(),
            password: Secret::new("token"),
        });
        let own = docker
            .credential("1.dkr.ecr.eu-west-1.amazonaws.com")
            .await
            .unwrap();
        assert_eq!(
            (own.user.as_str(), own.secret),
            ("AWS", Some(Secret::new("token")))
        );
        let header = docker
            .registry_config("FROM 1.dkr.ecr.eu-west-1.amazonaws.com/base:1\n")
            .await
            .unwrap();
        let (name, value) = header.unwrap();
        assert_eq!(name, "x-registry-config");
        let sent = value.to_str().unwrap().replace('-', "+").replace('_', "/");
        let sent = base64::decode(sent).unwrap();
        let sent: serde_json::Value = serde_json::from_slice(&sent).unwrap();
        assert_eq!(
            sent["1.dkr.ecr.eu-west-1.amazonaws.com"]["password"],
            "token"
        );
        assert!(!format!("{docker:?} {value:?}").contains("token"));
    }

    /// A helper program that does what `script` says.
    fn helper(folder: &tempfile::TempDir, script: &str) -> String {
        let path = folder.path().join("docker-credential-test");
        std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        path.display().to_string()
    }

    const LIMIT: Duration = Duration::from_secs(30);

    #[tokio::test]
    async fn a_helper_reads_the_registry_and_answers() {
        let folder = tempfile::tempdir().unwrap();
        let script = r#"[ "$*" = get ] && read r && printf '{"ServerURL":"%s","Username":"u","Secret":"of %s"}' "$r" "$r""#;
        let program = helper(&folder, script);
        let found = ask(&program, "h.example", LIMIT).await.unwrap();
        assert_eq!(found.user, "u");
        assert_eq!(found.secret.unwrap().reveal(), "of h.example");

        let program = helper(&folder, r#"echo '{"Username":"<token>","Secret":"t"}'"#);
        assert_eq!(ask(&program, "h", LIMIT).await.unwrap().user, "");
        let program = helper(
            &folder,
            "echo credentials not found in native keychain; exit 1",
        );
        assert_eq!(
            ask(&program, "h", LIMIT).await.unwrap(),
            Credential::default()
        );
    }

    #[tokio::test]
    async fn a_helper_that_fails_or_hangs_is_said_without_its_secrets() {
        let folder = tempfile::tempdir().unwrap();
        let program = helper(
            &folder,
            "echo the keychain is locked; echo canary-77 >&2; exit 3",
        );
        let why = ask(&program, "h", LIMIT).await.unwrap_err();
        assert_eq!(why, "the keychain is locked (exit status: 3)");
        for script in [
            r#"echo '{"Username":"u","Secret":"canary-77"}'; exit 1"#,
            r#"echo '{"Username":7,"Secret":"canary-77"}'"#,
        ] {
            let why = ask(&helper(&folder, script), "h", LIMIT).await.unwrap_err();
            assert!(!why.contains("canary-77"), "{why}");
        }
        let program = helper(&folder, "exec sleep 600");
        let why = ask(&program, "h", Duration::from_millis(50))
            .await
            .unwrap_err();
        assert_eq!(why, "it did not answer within 50ms");
        let why = ask("/no/docker-credential-x", "h", LIMIT)
            .await
            .unwrap_err();
        assert_eq!(why, "it is not on the PATH");

        let config = config(r#"{"credHelpers": {"h.example": "no-such-helper-of-jot"}}"#);
        let error = config.credential("h.example").await.unwrap_err();
        assert!(
            error
                .to_string()
                .contains("docker-credential-no-such-helper-of-jot"),
            "{error}"
        );
        // Another registry is no business of that helper's.
        assert_eq!(shown(&config, "other.example").await, None);
    }

    #[test]
    fn the_registries_of_a_dockerfile_are_those_of_from_and_of_copies() {
        let dockerfile = "ARG X\nFROM --platform=$P r.example:5000/a/b:1 AS one\nFROM ${X}\nfrom julia:1.5\n\
            COPY --from=localhost/c /a /b\nRUN --mount=type=bind,from=x true\nCOPY --from=one /a /b\n";
        assert_eq!(
            registries(dockerfile),
            ["docker.io", "localhost", "r.example:5000"]
        );
    }
}
