//! Addresses of daemons, as in `DOCKER_HOST` or in a context.

use std::path::PathBuf;

use crate::remote::Error;

/// Docker's socket, if nothing selects another.
pub(super) const DEFAULT_SOCKET: &str = "/var/run/docker.sock";
/// Ports of a daemon without and with TLS.
///
/// <https://docs.docker.com/reference/cli/dockerd/#daemon-socket-option>
const PLAIN: u16 = 2375;
const WITH_TLS: u16 = 2376;

/// Where a daemon listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// At a socket of this machine.
    Unix(PathBuf),
    Tcp {
        /// The machine, an IPv6 address in brackets.
        name: String,
        port: u16,
    },
}

/// An address that was understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Parsed {
    /// The complete address, with defaults filled in.
    pub(super) host: String,
    pub(super) place: Place,
    /// Whether it uses TLS.
    pub(super) tls: bool,
}

/// Parses an address, with the docker command's defaults; `tls` says whether tcp means TLS.
///
/// # Errors
///
/// An address that jot does not support, with advice.
pub(super) fn parse(host: &str, tls: bool) -> Result<Parsed, Error> {
    let (scheme, rest) = host.split_once("://").unwrap_or(("tcp", host));
    match scheme {
        "unix" => Ok(unix(rest)),
        "tcp" | "http" | "https" if !host.starts_with('/') => {
            let tls = tls || scheme == "https";
            let default = if tls { WITH_TLS } else { PLAIN };
            let (name, port) = machine(rest, default).ok_or_else(|| unsupported(host))?;
            Ok(Parsed {
                host: format!("{scheme}://{name}:{port}"),
                place: Place::Tcp { name, port },
                tls,
            })
        }
        "ssh" => Err(over_ssh(host, rest)),
        _ => Err(unsupported(host)),
    }
}

fn unix(path: &str) -> Parsed {
    let path = if path.is_empty() {
        DEFAULT_SOCKET
    } else {
        path
    };
    Parsed {
        host: format!("unix://{path}"),
        place: Place::Unix(PathBuf::from(path)),
        tls: false,
    }
}

/// The machine and the port, each with its default.
fn machine(rest: &str, default: u16) -> Option<(String, u16)> {
    let rest = rest.trim_end_matches('/');
    let strange = |c: char| c.is_whitespace() || "/?#@".contains(c);
    if rest.contains(strange) {
        return None;
    }
    let (name, port) = match rest.rsplit_once(':') {
        // The colons of an IPv6 address are in brackets.
        Some((name, port)) if !port.ends_with(']') => (name, port.parse().ok()?),
        _ => (rest, default),
    };
    let bare = name.contains(':') && !name.starts_with('[');
    let name = if name.is_empty() { "localhost" } else { name };
    (!bare).then(|| (name.to_owned(), port))
}

fn over_ssh(host: &str, machine: &str) -> Error {
    let machine = machine.split('/').next().unwrap_or(machine);
    Error::Docker {
        message: format!("jot does not open ssh connections, and the daemon is at {host}"),
        help: Some(format!(
            "forward its socket, `ssh -nNT -L /tmp/docker.sock:/var/run/docker.sock {machine}`, \
             and set DOCKER_HOST=unix:///tmp/docker.sock; or set DOCKER_HOST to its tcp:// address"
        )),
    }
}

fn unsupported(host: &str) -> Error {
    Error::Docker {
        message: format!("`{host}` is not an address that jot supports for a daemon"),
        help: Some("set DOCKER_HOST to unix://PATH or tcp://HOST:PORT".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_is_what_the_docker_command_takes() {
        let cases = [
            ("unix://", false, "unix:///var/run/docker.sock"),
            (
                "unix:///run/user/1/d.sock",
                false,
                "unix:///run/user/1/d.sock",
            ),
            ("tcp://127.0.0.1", false, "tcp://127.0.0.1:2375"),
            ("tcp://127.0.0.1", true, "tcp://127.0.0.1:2376"),
            ("tcp://build:99/", true, "tcp://build:99"),
            ("tcp://", false, "tcp://localhost:2375"),
            ("tcp://:2380", false, "tcp://localhost:2380"),
            ("tcp://[::1]", false, "tcp://[::1]:2375"),
            ("tcp://[::1]:5", false, "tcp://[::1]:5"),
            ("build:5", false, "tcp://build:5"),
            ("http://build", false, "http://build:2375"),
            ("https://build", false, "https://build:2376"),
        ];
        for (given, tls, host) in cases {
            assert_eq!(parse(given, tls).unwrap().host, host, "{given}");
        }
        assert!(parse("https://build", false).unwrap().tls);
    }

    #[test]
    fn what_cannot_be_reached_says_what_to_do() {
        for host in [
            "npipe:////./pipe/docker_engine",
            "/var/run/docker.sock",
            "tcp://build:port",
            "tcp://build:2375/path",
            "tcp://::1",
            "fd://",
        ] {
            let error = parse(host, false).unwrap_err();
            assert!(
                matches!(&error, Error::Docker { message, help: Some(help) }
                    if message.contains(host) && help.contains("tcp://HOST:PORT")),
                "{error:?}"
            );
        }
        let error = parse("ssh://me@build", false).unwrap_err();
        assert!(
            matches!(
                &error,
                Error::Docker { help: Some(help), .. } if help.contains("docker.sock me@build`")
            ),
            "{error:?}"
        );
    }
}
