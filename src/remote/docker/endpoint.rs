//! A daemon's address, and what it takes to trust it.

use std::path::{Path, PathBuf};

use super::address::Place;
use crate::remote::Error;

/// The context that is no file.
pub(super) const DEFAULT_CONTEXT: &str = "default";

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

impl Endpoint {
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

impl Tls {
    /// The files of a folder, by the names that the docker command gives them.
    pub(super) fn within(folder: &Path) -> Tls {
        Tls {
            ca: folder.join("ca.pem"),
            cert: folder.join("cert.pem"),
            key: folder.join("key.pem"),
        }
    }

    pub(super) fn readable(&self, host: &str) -> Result<(), Error> {
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
    use super::{super::address::parse, *};

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
