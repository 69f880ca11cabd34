//! What a function in Julia costs: first answer, warm latency, memory at the first answer, size of the image, and bytes pushed
//! after a one-line change, for `none`, `precompile` and `sysimage`, and for the floor: a hand-written loop of thirty lines, plain
//! and in a system image with the same standard libraries. Run it with `scripts/bench julia`.
//!
//! JOT_BENCH_REGISTRY is where PackageCompiler comes from, `General` (the default) or a git URL. With JOT_BENCH_PRUNE=1 Docker's
//! builder cache, everybody's, is emptied before the one-line change: let nothing else build then. JOT_BENCH_RUNS is how often each contender starts.

use std::{
    collections::BTreeMap,
    env, fs,
    io::{Read, Write},
    net::TcpStream,
    path::Path,
    thread::sleep,
    time::{Duration, Instant},
};

#[allow(dead_code)]
#[path = "../tests/support/proxy.rs"]
mod proxy;
#[allow(dead_code, unused_imports)]
#[path = "../tests/e2e/support/mod.rs"]
mod support;

use support::{Project, Stack, docker::docker};

const MODES: [&str; 3] = ["none", "precompile", "sysimage"];
/// Calls of a warm container.
const CALLS: usize = 200;
/// The two speeds: all of a processor, and what 512 MB of Lambda's memory come with.
const SPEEDS: [(&str, &[&str]); 2] = [
    ("full speed", &["--memory", "512m"]),
    (
        "0.29 of a processor",
        &["--memory", "512m", "--cpus", "0.29"],
    ),
];

/// One image and what was measured of it.
#[derive(Default)]
struct Contender {
    name: String,
    image: String,
    pushed: Option<u64>,
    first: Vec<f64>,
    warm: Vec<f64>,
    /// KiB.
    memory: Vec<u64>,
}

fn main() {
    let runs = setting("JOT_BENCH_RUNS")
        .map_or(5, |runs| runs.parse().expect("JOT_BENCH_RUNS is a number"));
    let stack = Stack::start();
    let project = Project::new(&stack, "bench");
    let mut contenders: Vec<Contender> = MODES
        .iter()
        .map(|mode| ours(&stack, &project, mode))
        .collect();
    contenders.extend(floors(&project, &contenders));
    for (speed, limits) in SPEEDS {
        for contender in &mut contenders {
            (contender.first, contender.warm, contender.memory) = Default::default();
        }
        // They take turns, so that whatever else the machine does hits all.
        for _ in 0..runs {
            contenders
                .iter_mut()
                .for_each(|contender| measure(contender, limits));
        }
        print(speed, runs, &contenders);
    }
}

fn setting(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// Builds and pushes a function in one mode, changes one line of it, and does that again.
fn ours(stack: &Stack, project: &Project, mode: &str) -> Contender {
    let registry = setting("JOT_BENCH_REGISTRY").unwrap_or_else(|| "General".to_owned());
    project.manifest(&format!(
        "[functions.{mode}]\nhandler = \"increment_vector\"\nmemory_mb = 1769\nbuild = {{ network = \"host\", rie = true }}\n\
         julia = {{ source = \"{mode}.jl\", argument_type = \"Vector{{Int}}\", version = \"1.5\", compile = \"{mode}\", registries = [\"{registry}\"] }}\n\
         tests = [{{ argument = [1, 2, 3], expected = [2, 3, 4] }}]\n"
    ));
    let script = format!("{mode}.jl");
    project.write(
        &script,
        &format!("# {mode}\nincrement_vector(v) = v .+ 2 .- 1\n"),
    );
    applied(project);
    if setting("JOT_BENCH_PRUNE").is_some() {
        docker(&["builder", "prune", "--all", "--force"]);
    }
    stack.proxy.reset();
    project.write(
        &script,
        &format!("# {mode}\nincrement_vector(v) = v .+ 1\n"),
    );
    applied(project);
    Contender {
        name: mode.to_owned(),
        image: newest(project),
        pushed: Some(stack.proxy.uploads().bytes),
        ..Contender::default()
    }
}

fn applied(project: &Project) {
    let ran = project.run(&["apply", "--yes"]);
    assert_eq!(ran.status, Some(0), "{}{}", ran.stdout, ran.stderr);
}

/// The image that was made last.
fn newest(project: &Project) -> String {
    let filter = format!("label=dev.jot.project={}", project.name);
    let images = docker(&["image", "ls", "--filter", &filter, "--format", "{{.ID}}"]);
    images.lines().next().expect("an image").to_owned()
}

/// The two floors, on the bases of `none` and of `sysimage`.
fn floors(project: &Project, ours: &[Contender]) -> [Contender; 2] {
    let folder = project.path().join("floor");
    copy(Path::new("benches/julia/floor"), &folder);
    fs::copy(
        "src/recipe/julia/runtime/versions.jl",
        folder.join("versions.jl"),
    )
    .expect("versions.jl");
    let base = |mode: usize| base(project, &ours[mode].image);
    let tools = tools(project);
    [
        floor(&folder, "plain", &[format!("BASE={}", base(0))]),
        floor(
            &folder,
            "sysimage",
            &[format!("BASE={}", base(2)), format!("TOOLS={tools}")],
        ),
    ]
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder to copy") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        match entry.path().is_dir() {
            true => copy(&entry.path(), &target),
            false => drop(fs::copy(entry.path(), target).expect("a copy")),
        }
    }
}

/// The base image of jot's that an image is on: the one of the project whose layers are all but its last.
fn base(project: &Project, image: &str) -> String {
    let layers = |image: &str| {
        docker(&[
            "image",
            "inspect",
            "--format",
            "{{join .RootFS.Layers \" \"}}",
            image,
        ])
    };
    let above = layers(image);
    let filter = format!("label=dev.jot.project={}", project.name);
    let images = docker(&["image", "ls", "--filter", &filter, "--format", "{{.ID}}"]);
    let below = |other: &&str| {
        above.trim() != layers(other).trim() && above.starts_with(layers(other).trim())
    };
    images.lines().find(below).expect("a base image").to_owned()
}

/// The stage with a compiler of the last function's Dockerfile.
fn tools(project: &Project) -> String {
    let ran = project.run(&["build", "--context", "context"]);
    assert_eq!(ran.status, Some(0), "{}", ran.stderr);
    let context = project.path().join("context/sysimage");
    let tag = format!("{}-tools", project.name);
    built(
        &context,
        &[
            "--target",
            "tools",
            "--tag",
            &tag,
            "--build-arg",
            "JOT_BASE_IMAGE=scratch",
        ],
    );
    tag
}

fn floor(folder: &Path, kind: &str, arguments: &[String]) -> Contender {
    let tag = format!("jot-bench-floor:{kind}");
    let file = folder.join(format!("Dockerfile.{kind}"));
    let mut options = vec!["--file", file.to_str().expect("a path"), "--tag", &tag];
    arguments
        .iter()
        .for_each(|argument| options.extend(["--build-arg", argument]));
    built(folder, &options);
    Contender {
        name: format!("floor, {kind}"),
        image: tag,
        ..Contender::default()
    }
}

fn built(folder: &Path, options: &[&str]) {
    let status = std::process::Command::new("docker")
        // The client alone, without the buildx plugin, has the older builder only.
        .env("DOCKER_BUILDKIT", "0")
        .args(["build", "--quiet", "--network", "host"])
        .args(options)
        .arg(folder)
        .status();
    assert!(status.expect("docker runs").success());
}

/// Starts a container, asks it once and then often, and removes it.
fn measure(contender: &mut Contender, limits: &[&str]) {
    let mut options = vec![
        "run",
        "--detach",
        "--publish",
        "127.0.0.1::8080",
        "--read-only",
        "--tmpfs",
        "/tmp",
    ];
    options.extend(["--user", "993:990", "--memory-swap", "512m"]);
    options.extend(limits);
    options.push(&contender.image);
    let id = docker(&options).trim().to_owned();
    let port = docker(&["port", &id, "8080"]);
    let address = port.lines().next().expect("a port").trim().to_owned();
    await_listener(&address);
    contender.first.push(call(&address));
    contender.memory.push(memory(&id));
    let mut warm: Vec<f64> = (0..CALLS).map(|_| call(&address)).collect();
    contender.warm.push(median(&mut warm));
    docker(&["rm", "--force", &id]);
}

/// Docker's own proxy accepts before the container does, so the emulator has to answer.
fn await_listener(address: &str) {
    let end = Instant::now() + Duration::from_secs(60);
    while Instant::now() < end {
        let answer = exchange(
            address,
            "GET /nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        );
        if answer.starts_with("HTTP/1.1") {
            return;
        }
        sleep(Duration::from_millis(10));
    }
    panic!("nothing answers at {address}");
}

/// Milliseconds of one invocation.
fn call(address: &str) -> f64 {
    let began = Instant::now();
    let answer = exchange(
        address,
        "POST /2015-03-31/functions/function/invocations HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 7\r\n\r\n[1,2,3]",
    );
    let took = began.elapsed().as_secs_f64() * 1000.0;
    assert!(answer.ends_with("[2,3,4]"), "{answer}");
    took
}

fn exchange(address: &str, request: &str) -> String {
    let mut answer = String::new();
    if let Ok(mut socket) = TcpStream::connect(address) {
        let _ = socket.write_all(request.as_bytes());
        let _ = socket.read_to_string(&mut answer);
    }
    answer
}

/// KiB that Julia's process holds, shared pages included.
fn memory(container: &str) -> u64 {
    // Docker itself wants to see the ids.
    let processes = docker(&["top", container, "-eo", "pid,rss,args"]);
    let of_julia = processes
        .lines()
        .filter(|line| line.contains("julia") && !line.contains("aws-lambda-rie"));
    let sizes = of_julia.filter_map(|line| line.split_whitespace().nth(1)?.parse().ok());
    sizes.max().unwrap_or_default()
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

fn print(speed: &str, runs: usize, contenders: &[Contender]) {
    println!("\n{speed}, {runs} starts each, medians");
    println!(
        "contender         first answer  warm p50   memory     image      pushed after a change"
    );
    let mut seen = BTreeMap::new();
    for contender in contenders {
        let (first, warm) = (
            median(&mut contender.first.clone()),
            median(&mut contender.warm.clone()),
        );
        let mut memory: Vec<f64> = contender
            .memory
            .iter()
            .map(|kib| *kib as f64 * 1.024e-3)
            .collect();
        let size: f64 = docker(&[
            "image",
            "inspect",
            "--format",
            "{{.Size}}",
            &contender.image,
        ])
        .trim()
        .parse()
        .expect("a size");
        let pushed = contender
            .pushed
            .map_or_else(String::new, |bytes| format!("{:.1} kB", bytes as f64 / 1e3));
        println!(
            "{:<17} {:<13} {:<10} {:<10} {:<10} {pushed}",
            contender.name,
            format!("{first:.0} ms"),
            format!("{warm:.2} ms"),
            format!("{:.0} MB", median(&mut memory)),
            format!("{:.0} MB", size / 1e6),
        );
        seen.insert(contender.name.clone(), (first, warm));
    }
    for (ours, floor) in [
        ("none", "floor, plain"),
        ("precompile", "floor, plain"),
        ("sysimage", "floor, sysimage"),
    ] {
        let ((first, warm), (floor_first, floor_warm)) = (seen[ours], seen[floor]);
        println!(
            "{ours}: first answer {:.2} x its floor, warm {:.2} x",
            first / floor_first,
            warm / floor_warm
        );
    }
}
