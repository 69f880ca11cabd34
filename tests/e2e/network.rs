//! The way to AWS: proxies, private certificates, keep-alive connections.

use std::{
    fs,
    io::{self, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::Command,
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::ring, pki_types::PrivateKeyDer},
};

use crate::{
    credentials::says,
    story::expect,
    support::{Project, Ran, Stack, ran},
};

const FUNCTION: &str = r#"
[functions.double]
julia = { source = "double.jl", argument_type = "Int", version = "1.5" }
tests = [{ argument = 1, expected = 2 }]
"#;

/// A project with AWS at `endpoint`.
fn project(stack: &Stack, endpoint: &str) -> Project {
    let project = Project::new(stack, "network");
    project.write("double.jl", "double(n) = 2n\n");
    let (name, registry) = (&project.name, stack.proxy.address());
    project.write(
        "jot.toml",
        &format!(
            "[project]\nname = \"{name}\"\n\n[aws]\nregion = \"eu-west-1\"\n\
             endpoint_url = \"{endpoint}\"\nregistry = \"{registry}\"\n{FUNCTION}"
        ),
    );
    project
}

fn plan(project: &Project, environment: &[(&str, &str)]) -> Ran {
    ran(&mut with(project, &["plan"], environment))
}

fn with(project: &Project, words: &[&str], environment: &[(&str, &str)]) -> Command {
    let mut jot = project.jot();
    jot.args(words).envs(environment.iter().copied());
    jot
}

#[test]
fn a_call_that_lasts_keeps_its_connection() {
    let stack = Stack::start();
    let plain = Relay::to(&stack.proxy.address());
    expect(plan(&project(&stack, &plain.url()), &[]), 0);
    assert!(plain.seen() > 0);
    assert_eq!(plain.kept(), plain.seen());

    let secure = Secure::before(&stack);
    let project = project(&stack, &secure.url());
    let bundle = secure.bundle();
    expect(plan(&project, &[("AWS_CA_BUNDLE", &bundle)]), 0);
    let tunnel = Relay::connecting();
    let through = [
        ("AWS_CA_BUNDLE", bundle.as_str()),
        ("HTTPS_PROXY", &tunnel.url()),
    ];
    expect(plan(&project, &through), 0);
    assert!(tunnel.seen() > 0);
    assert_eq!(tunnel.kept(), tunnel.seen());
}

#[test]
fn a_private_authority_is_trusted_where_it_is_named() {
    let stack = Stack::start();
    let secure = Secure::before(&stack);
    let project = project(&stack, &secure.url());
    let unknown = expect(plan(&project, &[]), 1);
    let words = "UnknownIssuer: AWS_CA_BUNDLE may name";
    assert!(says(&unknown.stderr, words), "{unknown:#?}");

    let bundle = secure.bundle();
    expect(plan(&project, &[("AWS_CA_BUNDLE", &bundle)]), 0);
    let config = project.home().join("config");
    let text = format!("[default]\nca_bundle = {bundle}\n[profile other]\nca_bundle = /nowhere\n");
    fs::write(&config, text).expect("it can be written");
    let config = config.display().to_string();
    expect(plan(&project, &[("AWS_CONFIG_FILE", &config)]), 0);

    let other = [
        ("AWS_CONFIG_FILE", config.as_str()),
        ("AWS_PROFILE", "other"),
    ];
    let missing = expect(plan(&project, &other), 1);
    let words = "/nowhere, which `ca_bundle` of the profile `other` names: cannot be read";
    assert!(says(&missing.stderr, words), "{missing:#?}");
    let empty = project.home().join("empty.pem").display().to_string();
    fs::write(&empty, "").expect("it can be written");
    let refused = expect(plan(&project, &[("AWS_CA_BUNDLE", &empty)]), 1);
    let words = format!("{empty}, which AWS_CA_BUNDLE names: it contains no usable certificate");
    assert!(says(&refused.stderr, &words), "{refused:#?}");
}

#[test]
fn a_proxy_is_asked_for_every_host_but_those_of_no_proxy() {
    let stack = Stack::start();
    let secure = Secure::before(&stack);
    let project = project(&stack, &secure.url());
    let bundle = secure.bundle();
    let proxy = Relay::connecting();
    let url = proxy.url();
    let through = [("AWS_CA_BUNDLE", bundle.as_str()), ("HTTPS_PROXY", &url)];
    expect(plan(&project, &through), 0);
    let asked = proxy.asked();
    assert!(!asked.is_empty());
    assert!(asked.iter().all(|host| *host == secure.host()), "{asked:?}");

    let without = [&through[..], &[("NO_PROXY", "example.com,localhost")]].concat();
    expect(plan(&project, &without), 0);
    assert_eq!(proxy.asked().len(), asked.len());
}

#[test]
fn the_emulator_is_fetched_through_the_same_proxy() {
    let stack = Stack::start();
    let project = project(&stack, &stack.proxy.url());
    let manifest = project.text("jot.toml");
    project.write("jot.toml", &format!("{manifest}build = {{ rie = true }}\n"));
    let proxy = Relay::refusing();
    let words = ["build", "--context", "context"];
    let url = proxy.url();
    let mut jot = with(&project, &words, &[("HTTPS_PROXY", &url)]);
    let failed = expect(ran(jot.env_remove("JOT_RIE")), 1);
    assert_eq!(proxy.asked(), ["github.com:443"], "{failed:#?}");
    assert!(failed.stderr.contains("JOT_RIE"), "{failed:#?}");

    let environment = [
        ("HTTPS_PROXY", url.as_str()),
        ("AWS_CA_BUNDLE", "/nowhere.pem"),
    ];
    let mut jot = with(&project, &words, &environment);
    let failed = expect(ran(jot.env_remove("JOT_RIE")), 1);
    let words = "/nowhere.pem, which AWS_CA_BUNDLE names";
    assert!(says(&failed.stderr, words), "{failed:#?}");
    assert_eq!(proxy.asked().len(), 1);
}

/// Whether the client's end of a connection will probe the other side: the kernel's timer 2 in
/// <https://docs.kernel.org/networking/proc_net_tcp.html>.
fn keeps_alive(client: SocketAddr) -> bool {
    let begun = Instant::now();
    let port = format!(":{:04X}", client.port());
    while begun.elapsed() < Duration::from_secs(5) {
        let table = fs::read_to_string("/proc/net/tcp").expect("Linux has it");
        let mut rows = table
            .lines()
            .map(|row| row.split_whitespace().collect::<Vec<_>>());
        if rows.any(|row| row[1].ends_with(&port) && row[5].starts_with("02:")) {
            return true;
        }
        thread::sleep(Duration::from_millis(10));
    }
    false
}

/// The treatment of a connection.
#[derive(Clone)]
enum Way {
    /// It is passed on to this address.
    To(String),
    /// It is passed on to the target of `CONNECT`, on this machine.
    Connect,
    /// `CONNECT` is refused.
    Refuse,
}

#[derive(Default)]
struct Log {
    asked: Vec<String>,
    seen: usize,
    kept: usize,
}

/// A server between jot and another one.
struct Relay {
    address: SocketAddr,
    log: Arc<Mutex<Log>>,
}

impl Relay {
    fn to(address: &str) -> Relay {
        Relay::start(Way::To(address.to_owned()))
    }

    fn connecting() -> Relay {
        Relay::start(Way::Connect)
    }

    fn refusing() -> Relay {
        Relay::start(Way::Refuse)
    }

    fn start(way: Way) -> Relay {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("its address");
        let log = Arc::new(Mutex::new(Log::default()));
        let shared = log.clone();
        // It ends with the process: no thread joins it.
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let (way, log) = (way.clone(), shared.clone());
                thread::spawn(move || relayed(client, &way, &log));
            }
        });
        Relay { address, log }
    }

    fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Hosts and ports that `CONNECT` named.
    fn asked(&self) -> Vec<String> {
        self.log
            .lock()
            .expect("no test panics with it")
            .asked
            .clone()
    }

    fn seen(&self) -> usize {
        self.log.lock().expect("no test panics with it").seen
    }

    /// How many of the recorded connections are kept alive.
    fn kept(&self) -> usize {
        self.log.lock().expect("no test panics with it").kept
    }
}

fn relayed(mut client: TcpStream, way: &Way, log: &Mutex<Log>) -> io::Result<()> {
    let asked = match way {
        Way::To(_) => None,
        _ => Some(asked(&mut client)?),
    };
    if let Some(asked) = &asked {
        log.lock()
            .expect("no test panics with it")
            .asked
            .push(asked.clone());
    }
    if matches!(way, Way::Refuse) {
        return client.write_all(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n");
    }
    let kept = keeps_alive(client.peer_addr()?);
    {
        let mut log = log.lock().expect("no test panics with it");
        log.seen += 1;
        log.kept += usize::from(kept);
    }
    let server = match (way, &asked) {
        (Way::To(address), _) => TcpStream::connect(address)?,
        (_, asked) => {
            let port = asked.as_deref().and_then(|host| host.rsplit(':').next());
            client.write_all(b"HTTP/1.1 200 Connected\r\n\r\n")?;
            TcpStream::connect(format!("127.0.0.1:{}", port.unwrap_or_default()))?
        }
    };
    let (mut up, mut down) = (client.try_clone()?, server.try_clone()?);
    thread::spawn(move || {
        let _ = io::copy(&mut up, &mut down);
        let _ = down.shutdown(std::net::Shutdown::Write);
    });
    let (mut server, mut client) = (server, client);
    io::copy(&mut server, &mut client)?;
    client.shutdown(std::net::Shutdown::Write)
}

/// The target of `CONNECT`.
fn asked(client: &mut TcpStream) -> io::Result<String> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        client.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let words: Vec<&str> = head.split_whitespace().take(2).collect();
    assert_eq!(words[0], "CONNECT", "{head}");
    Ok(words[1].to_owned())
}

/// The stack behind TLS, with a certificate of an authority that only the stack's bundle contains.
struct Secure {
    port: u16,
    folder: tempfile::TempDir,
    runtime: Option<tokio::runtime::Runtime>,
}

impl Secure {
    fn before(stack: &Stack) -> Secure {
        let folder = tempfile::tempdir().expect("a folder");
        let config = Arc::new(certified(&folder.path().join("ca.pem")));
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        let upstream = stack.proxy.address();
        let listener = runtime
            .block_on(tokio::net::TcpListener::bind("127.0.0.1:0"))
            .expect("a free port");
        let port = listener.local_addr().expect("its address").port();
        runtime.spawn(serve(listener, TlsAcceptor::from(config), upstream));
        Secure {
            port,
            folder,
            runtime: Some(runtime),
        }
    }

    fn host(&self) -> String {
        format!("localhost:{}", self.port)
    }

    fn url(&self) -> String {
        format!("https://{}", self.host())
    }

    /// The file that contains its authority.
    fn bundle(&self) -> String {
        self.folder.path().join("ca.pem").display().to_string()
    }
}

impl Drop for Secure {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

async fn serve(listener: tokio::net::TcpListener, acceptor: TlsAcceptor, upstream: String) {
    while let Ok((client, _)) = listener.accept().await {
        let (acceptor, upstream) = (acceptor.clone(), upstream.clone());
        tokio::spawn(async move {
            let mut client = acceptor.accept(client).await?;
            let mut server = tokio::net::TcpStream::connect(upstream).await?;
            tokio::io::copy_bidirectional(&mut client, &mut server).await
        });
    }
}

/// The certificate of a server, with its authority written to `bundle`.
fn certified(bundle: &Path) -> ServerConfig {
    let key = || KeyPair::generate().expect("a key");
    let mut authority = CertificateParams::new(Vec::new()).expect("no names");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority_key = key();
    let certificate = authority
        .self_signed(&authority_key)
        .expect("it signs itself");
    fs::write(bundle, certificate.pem()).expect("it can be written");
    let issuer = Issuer::new(authority, authority_key);
    let own = key();
    let params = CertificateParams::new(vec!["localhost".to_owned()]).expect("a name");
    let shown = params.signed_by(&own, &issuer).expect("it is signed");
    let secret = PrivateKeyDer::try_from(own.serialize_der()).expect("a key");
    ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring has them")
        .with_no_client_auth()
        .with_single_cert(vec![shown.der().clone()], secret)
        .expect("the key fits")
}
