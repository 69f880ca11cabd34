//! Cost of a Julia function: first answer, warm latency, memory at the first answer, size of the
//! image, and bytes pushed after a one-line change. It measures `none`, `precompile` and
//! `sysimage`, and the floor: a hand-written loop of thirty lines, plain and in a system image with
//! the same standard libraries. Run it with `scripts/bench julia`.
//!
//! JOT_BENCH_REGISTRY is the source of PackageCompiler, `General` (the default) or a git URL. With
//! JOT_BENCH_PRUNE=1 Docker's shared builder cache is emptied before the one-line change: run no
//! other build then. JOT_BENCH_RUNS is the number of starts of each contender.

use std::{collections::BTreeMap, fs, path::Path};

#[allow(dead_code)]
#[path = "../tests/support/proxy.rs"]
mod proxy;
#[allow(dead_code, unused_imports)]
#[path = "../tests/e2e/support/mod.rs"]
mod support;

#[allow(dead_code)]
#[path = "support/emulated.rs"]
mod emulated;

use emulated::{Container, SPEEDS, base, build, median, newest, setting, size};
use support::{Project, Stack, docker::docker};

const MODES: [&str; 3] = ["none", "precompile", "sysimage"];
/// Calls of a warm container.
const CALLS: usize = 200;
/// An image and its measurements.
#[derive(Default)]
struct Contender {
    name: String,
    image: String,
    pushed: Option<u64>,
    first: Vec<f64>,
    warm: Vec<f64>,
    /// Memory in KiB.
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
        // The contenders take turns, so that other load on the machine affects all of them.
        for _ in 0..runs {
            contenders
                .iter_mut()
                .for_each(|contender| measure(contender, limits));
        }
        print(speed, runs, &contenders);
    }
}

/// Builds and pushes a function in one mode, changes one line of it, and repeats that.
fn ours(stack: &Stack, project: &Project, mode: &str) -> Contender {
    let registry = setting("JOT_BENCH_REGISTRY").unwrap_or_else(|| "General".to_owned());
    project.manifest(&format!(
        "[functions.{mode}]\nhandler = \"increment_vector\"\nmemory_mb = 1769\n\
         build = {{ network = \"host\", rie = true }}\n\
         julia = {{ source = \"{mode}.jl\", argument_type = \"Vector{{Int}}\", version = \"1.5\", \
         compile = \"{mode}\", registries = [\"{registry}\"] }}\n\
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
        image: newest(&project.name, mode),
        pushed: Some(stack.proxy.uploads().bytes),
        ..Contender::default()
    }
}

fn applied(project: &Project) {
    let ran = project.run(&["apply", "--yes"]);
    assert_eq!(ran.status, Some(0), "{}{}", ran.stdout, ran.stderr);
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
    let base = |mode: usize| base(&project.name, &ours[mode].image);
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

/// The stage with a compiler in the Dockerfile of the last function.
fn tools(project: &Project) -> String {
    let ran = project.run(&["build", "--context", "context"]);
    assert_eq!(ran.status, Some(0), "{}", ran.stderr);
    let context = project.path().join("context/sysimage");
    let tag = format!("{}-tools", project.name);
    build(
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
    build(folder, &options);
    Contender {
        name: format!("floor, {kind}"),
        image: tag,
        ..Contender::default()
    }
}

/// Starts a container, calls it once and then repeatedly, and removes it.
fn measure(contender: &mut Contender, limits: &[&str]) {
    let container = Container::start(&contender.image, limits, &[]);
    contender.first.push(call(&container));
    contender.memory.push(container.memory("julia"));
    let warm: Vec<f64> = (0..CALLS).map(|_| call(&container)).collect();
    contender.warm.push(median(&warm));
}

/// Milliseconds of one invocation.
fn call(container: &Container) -> f64 {
    let (took, answer) = container.call("[1,2,3]");
    assert_eq!(answer, "[2,3,4]");
    took
}

fn print(speed: &str, runs: usize, contenders: &[Contender]) {
    println!("\n{speed}, {runs} starts each, medians");
    println!(
        "contender         first answer  warm p50   memory     image      pushed after a change"
    );
    let mut seen = BTreeMap::new();
    for contender in contenders {
        let (first, warm) = (median(&contender.first), median(&contender.warm));
        let memory: Vec<f64> = contender
            .memory
            .iter()
            .map(|kib| *kib as f64 * 1.024e-3)
            .collect();
        let size = size(&contender.image);
        let pushed = contender
            .pushed
            .map_or_else(String::new, |bytes| format!("{:.1} kB", bytes as f64 / 1e3));
        println!(
            "{:<17} {:<13} {:<10} {:<10} {:<10} {pushed}",
            contender.name,
            format!("{first:.0} ms"),
            format!("{warm:.2} ms"),
            format!("{:.0} MB", median(&memory)),
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
