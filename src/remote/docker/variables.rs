//! Selects the daemon as the docker command does: `DOCKER_HOST`, then the context in
//! `DOCKER_CONTEXT` or config.json, then the default socket.
//!
//! <https://docs.docker.com/engine/manage-resources/contexts/>

use std::path::{Path, PathBuf};

use super::{
    address::{DEFAULT_SOCKET, parse},
    config::Config,
    contexts,
    endpoint::{DEFAULT_CONTEXT, Endpoint, Tls},
};
use crate::remote::Error;

/// The variables that select it; empty counts as absent.
#[derive(Clone, Debug, Default)]
pub(super) struct Variables {
    /// `DOCKER_HOST`, an address such as `tcp://host:2376`.
    pub(super) host: Option<String>,
    /// `DOCKER_CONTEXT`, the name of a context.
    pub(super) context: Option<String>,
    /// `DOCKER_TLS_VERIFY`, with any value.
    pub(super) tls_verify: bool,
    /// `DOCKER_TLS`: TLS without a check of the daemon's certificate.
    pub(super) tls: bool,
    /// `DOCKER_CERT_PATH`, the folder of the three PEM files.
    pub(super) certificates: Option<PathBuf>,
    /// `DOCKER_CONFIG`, otherwise `.docker` in the home folder.
    pub(super) folder: PathBuf,
}

impl Variables {
    /// Those of this process.
    pub(super) fn here() -> Self {
        let given = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        let home = given("HOME").map(|home| Path::new(&home).join(".docker"));
        let folder = given("DOCKER_CONFIG").map(PathBuf::from).or(home);
        Self {
            host: given("DOCKER_HOST"),
            context: given("DOCKER_CONTEXT"),
            tls_verify: given("DOCKER_TLS_VERIFY").is_some(),
            tls: given("DOCKER_TLS").is_some(),
            certificates: given("DOCKER_CERT_PATH").map(PathBuf::from),
            folder: folder.unwrap_or_else(|| PathBuf::from(".docker")),
        }
    }
}

impl Endpoint {
    /// The daemon that these select.
    pub(super) fn find(variables: &Variables, config: &Config) -> Result<Endpoint, Error> {
        if let Some(host) = &variables.host {
            return named(host, variables);
        }
        let (name, whence) = match &variables.context {
            Some(name) => (name.as_str(), "DOCKER_CONTEXT".to_owned()),
            None => (
                config.current_context.as_str(),
                format!("currentContext in {}", config.path.display()),
            ),
        };
        match name {
            "" | DEFAULT_CONTEXT => named(&format!("unix://{DEFAULT_SOCKET}"), variables),
            name => contexts::endpoint(&variables.folder, name, &whence),
        }
    }
}

/// The daemon at an address of `DOCKER_HOST`.
fn named(host: &str, variables: &Variables) -> Result<Endpoint, Error> {
    if variables.tls && !variables.tls_verify {
        return Err(Error::Docker {
            message: "DOCKER_TLS asks for TLS without a look at the daemon's certificate, and jot \
                      always verifies it"
                .to_owned(),
            help: Some(
                "set DOCKER_TLS_VERIFY=1 instead, with ca.pem in DOCKER_CERT_PATH".to_owned(),
            ),
        });
    }
    let parsed = parse(host, variables.tls_verify)?;
    let folder = variables.certificates.as_ref().unwrap_or(&variables.folder);
    let tls = parsed.tls.then(|| Tls::within(folder));
    if let Some(tls) = &tls {
        tls.readable(&parsed.host)?;
    }
    Ok(Endpoint {
        host: parsed.host,
        place: parsed.place,
        tls,
        context: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(folder: &Path) -> Variables {
        Variables {
            folder: folder.to_owned(),
            ..Variables::default()
        }
    }

    #[test]
    fn nothing_said_is_the_default_socket_and_so_is_the_default_context() {
        let folder = tempfile::tempdir().unwrap();
        let mut variables = variables(folder.path());
        let find = |variables: &Variables, current: &str| {
            let config = Config {
                current_context: current.to_owned(),
                ..Config::default()
            };
            Endpoint::find(variables, &config).unwrap().host
        };
        assert_eq!(find(&variables, ""), "unix:///var/run/docker.sock");
        assert_eq!(find(&variables, "default"), "unix:///var/run/docker.sock");
        variables.context = Some("default".to_owned());
        assert_eq!(find(&variables, "colima"), "unix:///var/run/docker.sock");
        variables.host = Some("tcp://127.0.0.1".to_owned());
        assert_eq!(find(&variables, "colima"), "tcp://127.0.0.1:2375");
    }

    #[test]
    fn tls_without_its_files_names_the_first_that_is_missing() {
        let folder = tempfile::tempdir().unwrap();
        let mut variables = variables(folder.path());
        variables.host = Some("https://build".to_owned());
        let error = Endpoint::find(&variables, &Config::default()).unwrap_err();
        assert!(
            error.to_string().contains("ca.pem does not exist"),
            "{error}"
        );
        variables.host = Some("tcp://build".to_owned());
        variables.tls_verify = true;
        for name in ["ca.pem", "cert.pem", "key.pem"] {
            let error = Endpoint::find(&variables, &Config::default()).unwrap_err();
            assert!(error.to_string().contains(name), "{error}");
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        let found = Endpoint::find(&variables, &Config::default()).unwrap();
        assert_eq!(found.host, "tcp://build:2376");
        assert_eq!(found.tls, Some(Tls::within(folder.path())));
    }

    #[test]
    fn tls_that_verifies_nothing_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let mut variables = variables(folder.path());
        (variables.host, variables.tls) = (Some("tcp://build".to_owned()), true);
        let error = Endpoint::find(&variables, &Config::default()).unwrap_err();
        assert!(error.to_string().contains("DOCKER_TLS"), "{error}");
    }
}
