//! An AWS of a test's own: ministack, with a counting proxy in front.

use std::{
    fs::File,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use super::{docker, http, setting, unique};
use crate::proxy::Proxy;

/// A ministack for one test. What it started ends with it.
pub struct Stack {
    /// All requests go through it, pushes too.
    pub proxy: Proxy,
    ministack: Ministack,
}

impl Stack {
    /// A stack that answers.
    pub fn start() -> Stack {
        let ministack = Ministack::start();
        let proxy = Proxy::start(ministack.address).expect("a port of 127.0.0.1 is free");
        Stack { proxy, ministack }
    }

    /// The address of ministack itself, without the proxy: for reading its state.
    pub fn behind(&self) -> String {
        self.ministack.address.to_string()
    }
}

struct Ministack {
    address: SocketAddr,
    process: Child,
    /// `name:port`, which labels its containers.
    instance: String,
    folder: tempfile::TempDir,
}

impl Ministack {
    /// Another process may take the port before it is used: then the next port is tried.
    fn start() -> Ministack {
        for _ in 0..5 {
            let mut ministack = Ministack::spawn();
            if ministack.answers() {
                return ministack;
            }
        }
        panic!("ministack does not start");
    }

    fn spawn() -> Ministack {
        let folder = tempfile::tempdir().expect("a folder for ministack");
        let log = File::create(folder.path().join("log")).expect("a log for ministack");
        let address = free_address();
        let name = unique("stack");
        let process = Command::new(setting("JOT_TEST_MINISTACK"))
            .env("GATEWAY_PORT", address.port().to_string())
            .env("BIND_HOST", "127.0.0.1")
            .env("IOT_MTLS_ENABLED", "0")
            .env("MINISTACK_HOSTNAME", &name)
            .env("TMPDIR", folder.path())
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a second handle"))
            .stderr(log)
            .spawn()
            .expect("JOT_TEST_MINISTACK names no program: run scripts/up again");
        Ministack {
            address,
            process,
            instance: format!("{name}:{}", address.port()),
            folder,
        }
    }

    fn answers(&mut self) -> bool {
        let address = self.address.to_string();
        let end = Instant::now() + Duration::from_secs(60);
        while Instant::now() < end && matches!(self.process.try_wait(), Ok(None)) {
            let health = http::request(&address, "GET", "/_ministack/health", &[], b"");
            if health.is_ok_and(|answer| answer.status == 200) {
                return true;
            }
            sleep(Duration::from_millis(50));
        }
        false
    }
}

impl Drop for Ministack {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        docker::remove(
            "container",
            &format!("label=ministack.instance={}", self.instance),
        );
        if std::thread::panicking() {
            let log = std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
            eprintln!("what ministack said:\n{log}");
        }
    }
}

/// A port of 127.0.0.1 that is free at this moment.
pub(super) fn free_address() -> SocketAddr {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .expect("a port of 127.0.0.1 is free")
}
