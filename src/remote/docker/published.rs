//! The port of a container on this machine.
//!
//! jot chooses it, and not the daemon: a port that was free here before the container started, and
//! answers afterwards, is the container's. A port that the daemon chose on its own machine may be
//! anything here.

use std::net::{Ipv4Addr, TcpListener};

use crate::remote::Error;

/// Engines' errors about a port in use: Docker's allocator, and the kernel.
const TAKEN: [&str; 2] = ["port is already allocated", "address already in use"];

/// A free port of this machine's 127.0.0.1, if any.
pub(super) fn free() -> Option<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).ok()?;
    Some(listener.local_addr().ok()?.port())
}

/// Whether a container did not start because its port is in use.
pub fn is_taken(error: &Error) -> bool {
    matches!(
        error,
        Error::Docker { message, .. } if TAKEN.iter().any(|words| message.contains(words))
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_free_port_can_be_bound() {
        let port = free().unwrap();
        assert!(TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok());
    }

    #[test]
    fn engines_words_for_a_port_in_use_are_known() {
        let said = |message: &str| Error::Docker {
            message: message.to_owned(),
            help: None,
        };
        for words in [
            "driver failed programming external connectivity on endpoint x: Bind for \
             127.0.0.1:9000 failed: port is already allocated",
            "driver failed programming external connectivity on endpoint x: listen tcp4 \
             127.0.0.1:9000: bind: address already in use",
            "rootlessport listen tcp 127.0.0.1:9000: bind: address already in use",
        ] {
            assert!(is_taken(&said(words)), "{words}");
        }
        assert!(!is_taken(&said("no such image")));
    }
}
