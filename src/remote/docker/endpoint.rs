//! Which daemon is meant, found as the docker command finds it: `DOCKER_HOST`, then the context that
//! `DOCKER_CONTEXT` or config.json names, then the default socket.
//!
//! <https://docs.docker.com/engine/manage-resources/contexts/>

use std::path::{Path, PathBuf};

use super::{
    address::{Place, parse},
    config::Config,
    contexts,
};
use crate::remote::Error;

/// Where a daemon is unless something else is said.
pub(super) const DEFAULT_SOCKET: &str = "/var/run/docker.sock";
/// The context that is no file.
pub(super) const DEFAULT_CONTEXT: &str = "default";

/// The variables that decide it; empty counts as absent.
#[derive(Clone, Debug, Default)]
pub(super) struct Variables {
    /// `DOCKER_HOST`.
    pub(super) host: Option<String>,
    /// `DOCKER_CONTEXT`.
    pub(super) context: Option<String>,
    /// `DOCKER_TLS_VERIFY`, whatever it says.
    pub(super) tls_verify: bool,
    /// `DOCKER_TLS`: TLS without a look at the daemon's certificate.
    pub(super) tls: bool,
    /// `DOCKER_CERT_PATH`.
    pub(super) certificates: Option<PathBuf>,
    /// `DOCKER_CONFIG`, otherwise `.docker` in the home folder.
    pub(super) folder: PathBuf,
}

/// A daemon's address, and what it takes to trust it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Endpoint {
    /// As in `DOCKER_HOST`, with what was left out.
    pub(super) host: String,
    /// The same, taken apart.
    pub(super) place: Place,
    /// Certificates, where it is spoken to over TLS.
    pub(super) tls: Option<Tls>,
    /// The context that it is from, and its file.
    pub(super) context: Option<(String, PathBuf)>,
}

/// The three files of PEM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tls {
    /// Whom to trust.
    pub(super) ca: PathBuf,
    /// Who we are.
    pub(super) cert: PathBuf,
    /// The key to that.
    pub(super) key: PathBuf,
}

impl Variables {
    /// This process's own.
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
    /// The daemon that is meant.
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

    /// How errors name it: the address, and the context that it is from.
    pub(super) fn described(&self) -> String {
        match &self.context {
            Some((name, file)) => {
                format!("{}, context `{name}` in {}", self.host, file.display())
            }
            None => self.host.clone(),
        }
    }

    /// Whether it is at another machine for certain. What is at a socket, or at this machine's own address, may be, since both can
    /// be forwarded.
    pub(super) fn is_elsewhere(&self) -> bool {
        match &self.place {
            Place::Unix(_) => false,
            Place::Tcp { name, .. } => {
                let address = name.trim_start_matches('[').trim_end_matches(']');
                let loopback = |ip: std::net::IpAddr| ip.is_loopback();
                name != "localhost" && !address.parse().is_ok_and(loopback)
            }
        }
    }
}

/// The daemon at an address of `DOCKER_HOST`.
fn named(host: &str, variables: &Variables) -> Result<Endpoint, Error> {
    if variables.tls && !variables.tls_verify {
        return Err(Error::Docker {
            message: "DOCKER_TLS asks for TLS without a look at the daemon's certificate, and jot always verifies it"
                .to_owned(),
            help: Some("set DOCKER_TLS_VERIFY=1 instead, with ca.pem in DOCKER_CERT_PATH".to_owned()),
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

impl Tls {
    /// The files of a folder, by the names that the docker command gives them.
    pub(super) fn within(folder: &Path) -> Tls {
        Tls {
            ca: folder.join("ca.pem"),
            cert: folder.join("cert.pem"),
            key: folder.join("key.pem"),
        }
    }

    fn readable(&self, host: &str) -> Result<(), Error> {
        let files = [&self.ca, &self.cert, &self.key];
        match files.into_iter().find(|file| !file.is_file()) {
            None => Ok(()),
            Some(file) => Err(Error::Docker {
                message: format!("{host} is reached over TLS, and {} does not exist", file.display()),
                help: Some(
                    "put the daemon's ca.pem and your cert.pem and key.pem into the folder that DOCKER_CERT_PATH names; for a \
                     daemon without TLS write tcp:// and leave DOCKER_TLS_VERIFY out"
                        .to_owned(),
                ),
            }),
        }
    }
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

    #[test]
    fn only_another_hosts_name_is_certainly_elsewhere() {
        let elsewhere = |host: &str| {
            let parsed = parse(host, false).unwrap();
            let endpoint = Endpoint {
                host: parsed.host,
                place: parsed.place,
                tls: None,
                context: None,
            };
            endpoint.is_elsewhere()
        };
        for here in [
            "unix:///s",
            "tcp://localhost:1",
            "tcp://127.0.0.2:1",
            "tcp://[::1]:1",
        ] {
            assert!(!elsewhere(here), "{here}");
        }
        for there in ["tcp://build:1", "tcp://10.0.0.1:1", "tcp://[fd00::1]:1"] {
            assert!(elsewhere(there), "{there}");
        }
    }
}
