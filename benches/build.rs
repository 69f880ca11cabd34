//! Cost of a build after a one-line change: `jot build` in each mode without a compiler, compared
//! with the minimum for a build that starts Julia (a Dockerfile like jot's that copies one file and
//! runs `julia -e 0`) and with `julia -e 0` alone, on the same base image. Run it with
//! `scripts/bench build`; JOT_BENCH_RUNS is the number of rounds.
//!
//! The contenders take turns, so that other load on the machine affects all of them. The minimum of
//! a contender's times is least disturbed by other work.

use std::{
    env,
    io::{Read, Write},
    os::unix::net::UnixStream,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

#[path = "support/machine.rs"]
mod machine;
#[allow(dead_code)]
#[path = "../tests/support/proxy.rs"]
mod proxy;
#[allow(dead_code, unused_imports)]
#[path = "../tests/e2e/support/mod.rs"]
mod support;

use support::{Project, Stack, docker::docker};

const MODES: [&str; 2] = ["none", "precompile"];

fn main() {
    let rounds = env::var("JOT_BENCH_RUNS").ok();
    let rounds: usize = rounds.map_or(9, |rounds| {
        rounds.parse().expect("JOT_BENCH_RUNS is a number")
    });
    let stack = Stack::start();
    let project = Project::new(&stack, "build");
    project.manifest(&MODES.map(function).concat());
    MODES.iter().for_each(|mode| change(&project, mode, 0));
    jot(&project, &["build"]);
    let base = base(&project);
    let mut times: Vec<Vec<Duration>> = vec![Vec::new(); MODES.len() + 2];
    for round in 1..=rounds {
        for (mode, times) in MODES.iter().zip(&mut times) {
            change(&project, mode, round);
            times.push(timed(|| jot(&project, &["build", mode])));
        }
        let context = floor(&project, round);
        times[MODES.len()].push(timed(|| built(&project, &context, &base)));
        times[MODES.len() + 1].push(alone(&base));
    }
    println!("{}\n{}\n", machine::line(), machine::load());
    println!("{rounds} rounds            median (slowest)     least");
    let names = MODES.map(|mode| format!("jot build, {mode}"));
    let names = names.iter().map(String::as_str);
    for (name, times) in names.chain(["floor", "julia -e 0"]).zip(&mut times) {
        print(name, times);
    }
}

fn function(mode: &str) -> String {
    format!(
        "[functions.{mode}]\nhandler = \"increment_vector\"\nbuild = {{ network = \"host\" }}\n\
         julia = {{ source = \"{mode}.jl\", argument_type = \"Vector{{Int}}\", version = \"1.5\", \
         compile = \"{mode}\" }}\n\
         tests = [{{ argument = [1, 2, 3], expected = [2, 3, 4] }}]\n"
    )
}

/// A line that was never built, in this run or an earlier one.
fn change(project: &Project, mode: &str, round: usize) {
    let line = format!(
        "increment_vector(v) = v .+ 1 # {} {mode} {round}\n",
        project.name
    );
    project.write(format!("{mode}.jl"), &line);
}

fn jot(project: &Project, arguments: &[&str]) {
    let ran = project.run(arguments);
    assert_eq!(ran.status, Some(0), "{}{}", ran.stdout, ran.stderr);
}

fn timed(work: impl FnOnce()) -> Duration {
    let began = Instant::now();
    work();
    began.elapsed()
}

/// The base image of the functions: the project's image with the fewest layers.
fn base(project: &Project) -> String {
    let filter = format!("label=dev.jot.project={}", project.name);
    let images = docker(&[
        "image",
        "ls",
        "--filter",
        &filter,
        "--format",
        "{{.Repository}}:{{.Tag}}",
    ]);
    let layers = |image: &&str| {
        docker(&[
            "image",
            "inspect",
            "--format",
            "{{len .RootFS.Layers}}",
            image,
        ])
        .parse::<usize>()
        .expect("a number of layers")
    };
    let named = images.lines().filter(|image| !image.contains("<none>"));
    named.min_by_key(layers).expect("a base image").to_owned()
}

/// The context of the floor: one file that changes.
fn floor(project: &Project, round: usize) -> std::path::PathBuf {
    project.write("floor/env/line", &format!("{} {round}\n", project.name));
    project.write(
        "floor/Dockerfile",
        "ARG BASE\nFROM ${BASE} AS base\n\nFROM base AS build\nUSER 0\nCOPY env/ /jot/out/env/\n\
         RUN [\"/opt/jot/bin/julia\", \"-e\", \"0\"]\n\nFROM base\nCOPY --from=build /jot/out/ /\n",
    );
    project.path().join("floor")
}

/// Builds a context with BuildKit. Docker's client needs a plugin for it, so the request is made
/// here:
/// <https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Image/operation/ImageBuild>
fn built(project: &Project, context: &Path, base: &str) {
    let tar = Command::new("tar")
        .arg("-C")
        .arg(context)
        .args(["-cf", "-", "."])
        .output();
    let tar = tar.expect("tar runs").stdout;
    let arguments = format!("%7B%22BASE%22%3A%22{base}%22%7D");
    let label = format!("%7B%22dev.jot.project%22%3A%22{}%22%7D", project.name);
    let head = format!(
        "POST /v1.41/build?version=2&networkmode=host&buildargs={arguments}&labels={label} \
         HTTP/1.1\r\nHost: docker\r\n\
         Connection: close\r\nContent-Type: application/x-tar\r\nContent-Length: {}\r\n\r\n",
        tar.len()
    );
    let host = env::var("DOCKER_HOST").unwrap_or_default();
    let socket = host
        .strip_prefix("unix://")
        .unwrap_or("/var/run/docker.sock");
    let mut stream = UnixStream::connect(socket).expect("Docker's socket");
    stream
        .write_all(head.as_bytes())
        .expect("Docker reads the request");
    stream.write_all(&tar).expect("Docker reads the context");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("Docker's answer");
    let answer = String::from_utf8_lossy(&answer);
    assert!(
        answer.starts_with("HTTP/1.1 200") && !answer.contains("\"error\""),
        "{answer}"
    );
}

/// Julia's own time in a container of the base, measured inside, without Docker's part.
fn alone(base: &str) -> Duration {
    let code = "run(`/opt/jot/bin/julia -e 0`); print(@elapsed run(`/opt/jot/bin/julia -e 0`))";
    let told = docker(&[
        "run",
        "--rm",
        "--entrypoint",
        "/opt/jot/bin/julia",
        base,
        "-e",
        code,
    ]);
    Duration::from_secs_f64(told.parse().expect("seconds"))
}

fn print(name: &str, times: &mut [Duration]) {
    times.sort();
    let (least, slowest) = (times[0], times[times.len() - 1]);
    let [least, median, slowest] =
        [least, times[times.len() / 2], slowest].map(|time| time.as_secs_f64());
    println!(
        "{name:<23} {:<20} {least:.2} s",
        format!("{median:.2} s ({slowest:.2} s)")
    );
}
