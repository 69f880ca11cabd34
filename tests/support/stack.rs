//! Emulators of AWS that a test starts for itself, each on a free port, and that end with the test.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// How long an emulator may take to answer; moto on a busy machine takes some seconds.
const PATIENCE: Duration = Duration::from_secs(120);
/// Number of attempts to find a port: another process may take a free one before the emulator does.
const PORTS: usize = 5;

/// A running emulator; dropping it ends it.
pub struct Emulator {
    child: Child,
    address: SocketAddr,
}

impl Emulator {
    /// Its address, such as `http://127.0.0.1:40123`.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Host and port, which is also the address of its registry.
    #[allow(dead_code)] // not every test target pushes
    pub fn registry(&self) -> String {
        self.address.to_string()
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        // It may have ended already; a failure here needs no action.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// ministack: account 000000000000.
pub fn ministack() -> Emulator {
    let program = program("JOT_TEST_MINISTACK");
    start("/_ministack/health", |port| {
        let mut command = Command::new(&program);
        command
            .env("GATEWAY_PORT", port.to_string())
            .env("BIND_HOST", "127.0.0.1");
        command
    })
}

/// moto: account 123456789012.
#[allow(dead_code)] // not every test target asks it
pub fn moto() -> Emulator {
    let program = program("JOT_TEST_MOTO");
    start("/moto-api/data.json", |port| {
        let mut command = Command::new(&program);
        command
            .args(["-H", "127.0.0.1", "-p", &port.to_string()])
            .env("MOTO_LAMBDA_STUB_ECR", "false")
            .env("MOTO_IAM_LOAD_MANAGED_POLICIES", "true");
        command
    })
}

fn program(variable: &str) -> String {
    std::env::var(variable).unwrap_or_else(|_| {
        panic!(
            "{variable} is not set: run these tests with scripts/test, which brings up what they \
             need"
        )
    })
}

fn start(health: &str, command: impl Fn(u16) -> Command) -> Emulator {
    for _ in 0..PORTS {
        let address = free_address();
        let mut command = command(address.port());
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|cause| panic!("{command:?} does not start: {cause}"));
        let mut emulator = Emulator { child, address };
        if answers(&mut emulator, health) {
            return emulator;
        }
    }
    panic!("the emulator ended {PORTS} times before it answered");
}

fn free_address() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("the port's number")
}

/// Whether it answers before it ends.
fn answers(emulator: &mut Emulator, health: &str) -> bool {
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        if is_healthy(emulator.address, health).unwrap_or(false) {
            return true;
        }
        if emulator.child.try_wait().ok().flatten().is_some() {
            return false;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("no answer at {} within {PATIENCE:?}", emulator.address);
}

fn is_healthy(address: SocketAddr, health: &str) -> std::io::Result<bool> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    write!(
        stream,
        "GET {health} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
    )?;
    let mut status = [0; 12];
    stream.read_exact(&mut status)?;
    Ok(status.ends_with(b" 200"))
}
