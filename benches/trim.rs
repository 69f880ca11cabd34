//! Cost of a program with `compile = "trim"`: first answer, processor time and memory until then,
//! and size of the image, compared with the modes `none` and `precompile` on the same Julia
//! release, and with the same function in Rust on AWS's own crate. Run it with `scripts/bench
//! trim`.
//!
//! JOT_BENCH_VERSION is the Julia release (default 1.12), JOT_BENCH_RUNS the number of starts of
//! each contender.

use std::{fs, path::Path, process::Command};

#[allow(dead_code)]
#[path = "../tests/support/proxy.rs"]
mod proxy;
#[allow(dead_code, unused_imports)]
#[path = "../tests/e2e/support/mod.rs"]
mod support;

#[allow(dead_code)]
#[path = "support/emulated.rs"]
mod emulated;

use emulated::{Container, SPEEDS, behind_emulator, build, median, newest, setting, size};
use support::{Project, Stack};

const MODES: [&str; 3] = ["none", "precompile", "trim"];
const RUST: &str = "jot-bench-trim:rust";

/// An image and its measurements.
struct Contender {
    name: &'static str,
    image: String,
    first: Vec<f64>,
    cpu: Vec<f64>,
    /// Memory in MB.
    memory: Vec<f64>,
}

fn main() {
    let runs = setting("JOT_BENCH_RUNS").map_or(9, |runs| runs.parse().expect("a number"));
    let stack = Stack::start();
    let project = Project::new(&stack, "bench");
    let mut contenders: Vec<Contender> = MODES.iter().map(|mode| ours(&project, mode)).collect();
    contenders.push(contender("Rust", rust(&project.path())));
    let (speed, limits) = SPEEDS[0];
    // The contenders take turns, so that other load on the machine affects all of them.
    for _ in 0..runs {
        contenders.iter_mut().for_each(|one| measure(one, limits));
    }
    println!("\n{speed}, {runs} starts each, medians [least]");
    println!("contender   first answer        CPU         memory      image");
    for one in &contenders {
        let least = one.first.iter().copied().fold(f64::INFINITY, f64::min);
        println!(
            "{:<11} {:<19} {:<11} {:<11} {:.1} MB",
            one.name,
            format!("{:.0} [{least:.0}] ms", median(&one.first)),
            format!("{:.0} ms", median(&one.cpu)),
            format!("{:.1} MB", median(&one.memory)),
            size(&one.image) / 1e6,
        );
    }
}

fn contender(name: &'static str, image: String) -> Contender {
    Contender {
        name,
        image,
        first: Vec::new(),
        cpu: Vec::new(),
        memory: Vec::new(),
    }
}

/// The function in one mode.
fn ours(project: &Project, mode: &'static str) -> Contender {
    let version = setting("JOT_BENCH_VERSION").unwrap_or_else(|| "1.12".to_owned());
    project.write("answer.jl", "answer(v) = v .+ 1\n");
    project.manifest(&format!(
        "[functions.{mode}]\nhandler = \"answer\"\nbuild = {{ network = \"host\" }}\n\
         julia = {{ source = \"answer.jl\", argument_type = \"Vector{{Int}}\", \
         version = \"{version}\", compile = \"{mode}\" }}\n\
         tests = [{{ argument = [1, 2, 3], expected = [2, 3, 4] }}]\n"
    ));
    let ran = project.run(&["build"]);
    assert_eq!(ran.status, Some(0), "{}{}", ran.stdout, ran.stderr);
    contender(mode, newest(&project.name, mode))
}

/// The function in Rust, linked statically.
fn rust(folder: &Path) -> String {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/trim/rust");
    let target = folder.join("rust");
    let status = Command::new("cargo")
        .args(["build", "--release", "--target", "x86_64-unknown-linux-gnu"])
        .arg("--manifest-path")
        .arg(source.join("Cargo.toml"))
        .arg("--target-dir")
        .arg(&target)
        .env("RUSTFLAGS", "-C target-feature=+crt-static")
        .status();
    assert!(status.expect("cargo runs").success());
    let context = folder.join("image");
    fs::create_dir_all(&context).expect("a folder");
    let built = target.join("x86_64-unknown-linux-gnu/release/increment-vector");
    fs::copy(built, context.join("bootstrap")).expect("the program");
    fs::copy(source.join("Dockerfile"), context.join("Dockerfile")).expect("a Dockerfile");
    build(&context, &["--tag", RUST]);
    RUST.to_owned()
}

/// Starts a container, calls it once, and removes it.
fn measure(contender: &mut Contender, limits: &[&str]) {
    let container: Container = behind_emulator(&contender.image, limits, "function");
    let before = container.cpu();
    let (took, answer) = container.call("[1,2,3]");
    assert_eq!(answer, "[2,3,4]");
    contender.first.push(took);
    contender.cpu.push(container.cpu() - before);
    let words = ["julia", "/opt/jot/bin/program", "/bootstrap"];
    let held = words.iter().map(|word| container.memory(word)).max();
    contender
        .memory
        .push(held.unwrap_or_default() as f64 * 1.024e-3);
}
