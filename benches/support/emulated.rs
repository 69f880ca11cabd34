//! Containers of functions behind AWS's emulator: starts, calls and measures them.

use std::{
    env,
    io::{Read, Write},
    net::TcpStream,
    os::unix::net::UnixStream,
    path::Path,
    process::Command,
    thread::sleep,
    time::{Duration, Instant},
};

use serde_json::Value;

use super::support::docker::docker;

/// The two speeds: a full processor, and the share of one that Lambda gives with 512 MB.
pub const SPEEDS: [(&str, &[&str]); 2] = [
    ("full speed", &["--memory", "512m"]),
    (
        "0.29 of a processor",
        &["--memory", "512m", "--cpus", "0.29"],
    ),
];

/// A setting of the benchmark from the environment, if it is not empty.
pub fn setting(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// A container with a ready emulator; its function has not started yet.
pub struct Container {
    id: String,
    address: String,
}

impl Container {
    /// Starts an image with these options of `docker run`, and arguments for its entry point.
    pub fn start(image: &str, more: &[&str], command: &[&str]) -> Container {
        let mut options = vec!["run", "--detach", "--publish", "127.0.0.1::8080"];
        options.extend(["--read-only", "--tmpfs", "/tmp:exec", "--user", "993:990"]);
        options.extend(["--memory-swap", "512m"]);
        options.extend(more);
        options.push(image);
        options.extend(command);
        let id = docker(&options).trim().to_owned();
        let port = docker(&["port", &id, "8080"]);
        let address = port.lines().next().expect("a port").trim().to_owned();
        let container = Container { id, address };
        container.await_listener();
        container
    }

    /// Docker's proxy accepts connections before the container does, so wait for an answer from the
    /// emulator.
    fn await_listener(&self) {
        let end = Instant::now() + Duration::from_secs(60);
        while Instant::now() < end {
            let request = "GET /nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
            if exchange(&self.address, request).starts_with("HTTP/1.1") {
                return;
            }
            sleep(Duration::from_millis(10));
        }
        panic!("nothing answers at {}", self.address);
    }

    /// Milliseconds of one invocation, and the answer.
    pub fn call(&self, argument: &str) -> (f64, String) {
        let began = Instant::now();
        let request = format!(
            "POST /2015-03-31/functions/function/invocations HTTP/1.1\r\nHost: x\r\n\
             Connection: close\r\nContent-Length: {}\r\n\r\n{argument}",
            argument.len()
        );
        let answer = exchange(&self.address, &request);
        let took = began.elapsed().as_secs_f64() * 1000.0;
        let body = answer.split_once("\r\n\r\n").map(|(_, body)| body);
        (took, body.unwrap_or(&answer).to_owned())
    }

    /// Processor time of the whole container in milliseconds, as Docker counts it.
    pub fn cpu(&self) -> f64 {
        let host = env::var("DOCKER_HOST").unwrap_or_default();
        let socket = host
            .strip_prefix("unix://")
            .unwrap_or("/var/run/docker.sock");
        let mut stream = UnixStream::connect(socket).expect("Docker's socket");
        let path = format!(
            "/v1.41/containers/{}/stats?stream=false&one-shot=true",
            self.id
        );
        write!(stream, "GET {path} HTTP/1.0\r\nHost: docker\r\n\r\n").expect("Docker listens");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("Docker answers");
        let json = answer.split_once("\r\n\r\n").expect("a body").1;
        let stats: Value = serde_json::from_str(json.trim()).expect("statistics");
        let used = stats["cpu_stats"]["cpu_usage"]["total_usage"].as_f64();
        used.expect("nanoseconds") / 1e6
    }

    /// Memory of the largest process with `word` in its command line, in KiB, including shared
    /// pages.
    pub fn memory(&self, word: &str) -> u64 {
        // Docker itself needs the ids.
        let processes = docker(&["top", &self.id, "-eo", "pid,rss,args"]);
        let of_function = processes.lines().filter(|line| {
            let command = line.split_whitespace().nth(2).unwrap_or_default();
            command.contains(word)
        });
        let sizes = of_function.filter_map(|line| line.split_whitespace().nth(1)?.parse().ok());
        sizes.max().unwrap_or_default()
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        docker(&["rm", "--force", &self.id]);
    }
}

fn exchange(address: &str, request: &str) -> String {
    let mut answer = String::new();
    if let Ok(mut socket) = TcpStream::connect(address) {
        let _ = socket.write_all(request.as_bytes());
        let _ = socket.read_to_string(&mut answer);
    }
    answer
}

/// Starts an image without an emulator behind one, to call `handler`.
pub fn behind_emulator(image: &str, limits: &[&str], handler: &str) -> Container {
    let rie = setting("JOT_RIE").expect("JOT_RIE: run this with scripts/bench");
    let mount = format!("{rie}:/aws-lambda-rie:ro");
    let mut options = vec!["--volume", &mount, "--entrypoint", "/aws-lambda-rie"];
    options.extend(limits);
    let format = "{{join .Config.Entrypoint \" \"}}";
    let entry_point = docker(&["image", "inspect", "--format", format, image]);
    let mut command: Vec<&str> = entry_point.split_whitespace().collect();
    command.push(handler);
    Container::start(image, &options, &command)
}

/// Builds an image of a folder with Docker's own client.
pub fn build(folder: &Path, options: &[&str]) {
    let status = Command::new("docker")
        // Without the buildx plugin, the client has only the legacy builder.
        .env("DOCKER_BUILDKIT", "0")
        .args(["build", "--quiet", "--network", "host"])
        .args(options)
        .arg(folder)
        .status();
    assert!(status.expect("docker runs").success());
}

/// The size of an image in bytes.
pub fn size(image: &str) -> f64 {
    let size = docker(&["image", "inspect", "--format", "{{.Size}}", image]);
    size.trim().parse().expect("a size")
}

/// jot's base image of an image: the one in the project with all of its layers but the last.
pub fn base(project: &str, image: &str) -> String {
    let layers = |image: &str| {
        let format = "{{join .RootFS.Layers \" \"}}";
        docker(&["image", "inspect", "--format", format, image])
    };
    let above = layers(image);
    let below = |other: &&String| {
        let layers = layers(other);
        above.trim() != layers.trim() && above.starts_with(layers.trim())
    };
    let filter = format!("label=dev.jot.project={project}");
    let images = docker(&["image", "ls", "--filter", &filter, "--format", "{{.ID}}"]);
    let images: Vec<String> = images.lines().map(str::to_owned).collect();
    images.iter().find(below).expect("a base image").clone()
}

/// The newest image of a project with that title: for an artifact, the function's key.
pub fn newest(project: &str, title: &str) -> String {
    let filters = [
        format!("label=dev.jot.project={project}"),
        format!("label=dev.jot.title={title}"),
    ];
    let mut options = vec!["image", "ls", "--format", "{{.ID}}"];
    filters
        .iter()
        .for_each(|filter| options.extend(["--filter", filter]));
    let images = docker(&options);
    images.lines().next().expect("an image").to_owned()
}

/// The median of some figures.
pub fn median(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}
