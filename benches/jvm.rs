//! Cost of a Clojure function on the JVM: first answer, processor time and memory until then, size
//! of the image, and bytes pushed after a changed line. It measures `none` and `archive`, a usual
//! hand-written setup (`java -jar` with AWS's client) and the floor: a hand-written loop over the
//! Runtime API with the same archives. Run it with `scripts/bench jvm`.
//!
//! JOT_BENCH_RUNS is the number of starts of each contender, 10 by default; JOT_BENCH_JAVA the
//! releases.

use std::{collections::BTreeMap, fs, path::Path};

#[path = "support/machine.rs"]
mod machine;
#[allow(dead_code)]
#[path = "../tests/support/proxy.rs"]
mod proxy;
#[allow(dead_code, unused_imports)]
#[path = "../tests/e2e/support/mod.rs"]
mod support;

#[allow(dead_code)]
#[path = "support/emulated.rs"]
mod emulated;

use emulated::{SPEEDS, base, behind_emulator, build, median, newest, setting, size};
use support::{Project, Stack, docker::docker};

const MODES: [&str; 2] = ["none", "archive"];
const SOURCE: &str = "loader/src/loader/core.clj";
const HANDLER: &str = "loader.core.Handler";
/// The argument, and the expected answer.
const ARGUMENT: &str =
    r#"{"Records": [{"s3": {"bucket": {"name": "b"}, "object": {"key": "x/y/z/a+b"}}}]}"#;
const ANSWER: &str = r#"[{"bucket":"b","key":"x/y/z/a b","table":"z","path":"s3://b/x/y/z/a b"}]"#;

/// An image and its measurements.
struct Contender {
    name: String,
    image: String,
    pushed: Option<u64>,
    runs: Vec<Run>,
}

/// One start.
struct Run {
    /// Milliseconds of the first call.
    wall: f64,
    /// Milliseconds of processor time of the whole container, including the emulator.
    cpu: f64,
    /// Memory of the JVM in KiB.
    memory: u64,
}

fn main() {
    let runs = setting("JOT_BENCH_RUNS").map_or(10, |runs| runs.parse().expect("a number"));
    let releases = setting("JOT_BENCH_JAVA").unwrap_or_else(|| "21 25".to_owned());
    println!("{}", machine::line());
    for release in releases.split_whitespace() {
        let stack = Stack::start();
        let project = Project::new(&stack, "bench");
        let mut contenders: Vec<Contender> = MODES
            .iter()
            .map(|mode| ours(&stack, &project, release, mode))
            .collect();
        contenders.push(by_hand(&project, release, &contenders[1]));
        contenders.push(floor(&project, release, &contenders[1]));
        for (speed, limits) in SPEEDS {
            for contender in &mut contenders {
                contender.runs.clear();
            }
            // The contenders take turns, so that other load on the machine affects all of them.
            for _ in 0..runs {
                contenders
                    .iter_mut()
                    .for_each(|contender| measure(contender, limits));
            }
            print(release, speed, &contenders);
        }
    }
}

/// Builds and pushes the example in one mode, changes one line of it, and repeats that.
fn ours(stack: &Stack, project: &Project, release: &str, mode: &str) -> Contender {
    copy(
        Path::new("examples/clojure-s3"),
        &project.path().join("loader"),
    );
    project.manifest(&format!(
        "[functions.load-{mode}]\nhandler = \"{HANDLER}\"\nmemory_mb = 512\n\
         tests = [{{ argument_file = \"loader/events/put.json\" }}]\n\
         jvm = {{ source = \"loader\", java = \"{release}\", compile = \"{mode}\", \
         builder_image = \"clojure:temurin-25-lein\" }}\n"
    ));
    applied(project);
    stack.proxy.reset();
    let text = project.text(SOURCE);
    let changed = text.replace("{:bucket bucket\n", "{:bucket (str bucket)\n");
    assert!(changed != text, "{SOURCE} is not as expected");
    project.write(SOURCE, &changed);
    applied(project);
    // A separate name keeps the image when jot removes superseded ones.
    let image = format!("jot-bench-jvm:{mode}-{release}");
    let newest = newest(&project.name, &format!("load-{mode}"));
    docker(&["tag", &newest, &image]);
    Contender {
        name: mode.to_owned(),
        image,
        pushed: Some(stack.proxy.uploads().bytes),
        runs: Vec::new(),
    }
}

fn applied(project: &Project) {
    let ran = project.run(&["apply", "--yes"]);
    assert_eq!(ran.status, Some(0), "{}{}", ran.stdout, ran.stderr);
}

fn by_hand(project: &Project, release: &str, archive: &Contender) -> Contender {
    let folder = project.path().join("by-hand");
    copy(Path::new("benches/jvm/by-hand"), &folder);
    copy(Path::new("examples/clojure-s3"), &folder.join("source"));
    let options = ["--build-arg", "BUILDER=clojure:temurin-25-lein"];
    made("by hand", &folder, project, release, archive, &options)
}

fn floor(project: &Project, release: &str, archive: &Contender) -> Contender {
    let folder = project.path().join("floor");
    copy(Path::new("benches/jvm/floor"), &folder);
    fs::write(folder.join("event.json"), ARGUMENT).expect("the event");
    let code = format!("CODE={}", archive.image);
    made(
        "floor",
        &folder,
        project,
        release,
        archive,
        &["--build-arg", &code],
    )
}

/// Builds another contender, on the base of the one with an archive.
fn made(
    name: &str,
    folder: &Path,
    project: &Project,
    release: &str,
    archive: &Contender,
    options: &[&str],
) -> Contender {
    let image = format!("jot-bench-jvm:{}-{release}", name.replace(' ', "-"));
    let base = format!("BASE={}", base(&project.name, &archive.image));
    let jdk = format!("JDK=eclipse-temurin:{release}-jdk");
    let ours = ["--tag", &image, "--build-arg", &base, "--build-arg", &jdk];
    build(folder, &[&ours, options].concat());
    Contender {
        name: name.to_owned(),
        image,
        pushed: None,
        runs: Vec::new(),
    }
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

/// Starts a container, calls it twice, and removes it.
fn measure(contender: &mut Contender, limits: &[&str]) {
    let container = behind_emulator(&contender.image, limits, HANDLER);
    let (wall, answer) = container.call(ARGUMENT);
    let run = Run {
        wall,
        cpu: container.cpu(),
        memory: container.memory("java"),
    };
    for answer in [answer, container.call(ARGUMENT).1] {
        assert_eq!(answer, ANSWER, "{}", contender.name);
    }
    contender.runs.push(run);
}

fn print(release: &str, speed: &str, contenders: &[Contender]) {
    let runs = contenders[0].runs.len();
    println!("\nJava {release}, {speed}, {runs} starts each in turns, medians (slowest)\n");
    println!(
        "| | first answer | CPU until then | memory | image | pushed after a changed line |\n\
         | --- | --- | --- | --- | --- | --- |"
    );
    let mut cpus = BTreeMap::new();
    for contender in contenders {
        let figures = |of: fn(&Run) -> f64| -> (f64, f64) {
            let all: Vec<f64> = contender.runs.iter().map(of).collect();
            (median(&all), all.iter().copied().fold(0.0, f64::max))
        };
        let (wall, slowest) = figures(|run| run.wall);
        let (cpu, most) = figures(|run| run.cpu);
        let (memory, _) = figures(|run| run.memory as f64 * 1.024e-3);
        let pushed = contender
            .pushed
            .map(|bytes| format!("{:.1} kB", bytes as f64 / 1e3));
        println!(
            "| {} | {wall:.0} ms ({slowest:.0}) | {cpu:.0} ms ({most:.0}) | {memory:.0} MB | \
             {:.0} MB | {} |",
            contender.name,
            size(&contender.image) / 1e6,
            pushed.unwrap_or_default(),
        );
        cpus.insert(contender.name.as_str(), cpu);
    }
    let archive = cpus["archive"];
    println!(
        "\nCPU of `archive`: {:.2} of by hand, {:.2} of the floor",
        archive / cpus["by hand"],
        archive / cpus["floor"]
    );
    println!("{}", machine::load());
}
