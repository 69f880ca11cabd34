//! The Docker daemon as seen from another machine: its socket is forwarded, and the ports that its
//! containers publish are at a 127.0.0.1 that is not the caller's.

use std::{
    io::{Read, Write},
    os::unix::net::{UnixListener, UnixStream},
    path::{Path, PathBuf},
    thread,
};

/// The address in a request to publish a port, and its replacement: an address of the same length
/// that the caller does not use.
const ASKED: &[u8] = b"\"HostIp\":\"127.0.0.1\"";
const TOLD: &[u8] = b"\"HostIp\":\"127.0.0.9\"";

/// A forwarded socket; connections are served until the process ends.
pub struct Elsewhere {
    socket: PathBuf,
}

impl Elsewhere {
    /// Forwards the daemon's socket into the folder.
    pub fn start(folder: &Path) -> Self {
        let socket = folder.join("forwarded.sock");
        let listener = UnixListener::bind(&socket).expect("a socket in the folder");
        thread::spawn(move || {
            for near in listener.incoming().flatten() {
                if let Ok(far) = UnixStream::connect(daemon()) {
                    join(near, far);
                }
            }
        });
        Self { socket }
    }

    /// As in `DOCKER_HOST`.
    pub fn host(&self) -> String {
        format!("unix://{}", self.socket.display())
    }
}

fn daemon() -> PathBuf {
    let host = std::env::var("DOCKER_HOST").unwrap_or_default();
    let path = host
        .strip_prefix("unix://")
        .unwrap_or("/var/run/docker.sock");
    PathBuf::from(path)
}

fn join(near: UnixStream, far: UnixStream) {
    let pair = (near.try_clone(), far.try_clone());
    let (Ok(near_again), Ok(far_again)) = pair else {
        return;
    };
    thread::spawn(move || copy(near, far, true));
    thread::spawn(move || copy(far_again, near_again, false));
}

fn copy(mut from: UnixStream, mut to: UnixStream, request: bool) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        let bytes = &mut buffer[..count];
        let found = bytes
            .windows(ASKED.len())
            .position(|window| window == ASKED);
        if let Some(at) = found.filter(|_| request) {
            bytes[at..at + TOLD.len()].copy_from_slice(TOLD);
        }
        if to.write_all(bytes).is_err() {
            break;
        }
    }
    // The other direction may continue.
    let _ = to.shutdown(std::net::Shutdown::Write);
}
