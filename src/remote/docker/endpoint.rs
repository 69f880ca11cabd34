//! A daemon's address and certificates.

use std::path::{Path, PathBuf};

use super::address::Place;
use crate::remote::Error;

/// Name of the context that has no file.
pub(super) const DEFAULT_CONTEXT: &str = "default";

/// A daemon's address and certificates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Endpoint {
    /// As in `DOCKER_HOST`, with defaults filled in.
    pub(super) host: String,
    /// The same address, parsed.
    pub(super) place: Place,
    /// The certificates; `None`: no TLS.
    pub(super) tls: Option<Tls>,
    /// Its context, and the context's file.
    pub(super) context: Option<(String, PathBuf)>,
}

/// The three PEM files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tls {
    /// Certificate of the authority that signed the daemon's.
    pub(super) ca: PathBuf,
    /// Certificate of this client.
    pub(super) cert: PathBuf,
    /// Private key of this client.
    pub(super) key: PathBuf,
}

impl Endpoint {
    /// Its name in errors: the address and its context.
    pub(super) fn described(&self) -> String {
        match &self.context {
            Some((name, file)) => {
                format!("{}, context `{name}` in {}", self.host, file.display())
            }
            None => self.host.clone(),
        }
    }

    /// Whether it is certainly on another machine.
    ///
    /// A socket, or this machine's own address, may also lead elsewhere, because both can be
    /// forwarded.
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
    /// The files of a folder, by the docker command's names.
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
                message: format!("{host} uses TLS, and {} does not exist", file.display()),
                help: Some(
                    "put the daemon's ca.pem and your cert.pem and key.pem into the folder that \
                     DOCKER_CERT_PATH names; for a daemon without TLS use tcp:// and unset \
                     DOCKER_TLS_VERIFY"
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
        for local in [
            "unix:///s",
            "tcp://localhost:1",
            "tcp://127.0.0.2:1",
            "tcp://[::1]:1",
        ] {
            assert!(!elsewhere(local), "{local}");
        }
        for remote in ["tcp://build:1", "tcp://10.0.0.1:1", "tcp://[fd00::1]:1"] {
            assert!(elsewhere(remote), "{remote}");
        }
    }
}
