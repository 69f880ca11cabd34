//! What a plan with nothing to do costs: wall time, CPU time, peak memory and requests, for one function with role, log group and
//! alias, against a ministack of its own. Run it with `scripts/bench plan`.

use std::{
    env,
    process::{Command, ExitCode, Stdio},
    time::{Duration, Instant},
};

use nix::sys::resource::{UsageWho, getrusage};

#[allow(dead_code)]
#[path = "../tests/support/proxy.rs"]
mod proxy;
#[allow(dead_code, unused_imports)]
#[path = "../tests/e2e/support/mod.rs"]
mod support;

use support::{Project, Stack};

/// How often each command runs; the first three runs warm the emulator up and do not count.
const RUNS: usize = 33;
const WARM_UP: usize = 3;
/// The argument that makes this program run one command and print what it cost.
const MEASURE: &str = "--measure";

/// What one run cost.
struct Cost {
    wall: Duration,
    cpu: Duration,
    /// KiB.
    memory: u64,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().collect();
    match arguments.iter().position(|argument| argument == MEASURE) {
        Some(at) => measure(&arguments[at + 1..]),
        None => {
            bench();
            ExitCode::SUCCESS
        }
    }
}

/// Runs one command as the only child that this process ever has, so that the children's usage is that command's.
fn measure(command: &[String]) -> ExitCode {
    let began = Instant::now();
    let status = Command::new(&command[0])
        .args(&command[1..])
        .stdout(Stdio::null())
        .status()
        .expect("the command runs");
    let wall = began.elapsed();
    assert!(status.success(), "{command:?} ended with {status}");
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).expect("usage of children");
    let micros = |time: nix::sys::time::TimeVal| time.tv_sec() * 1_000_000 + time.tv_usec();
    let cpu = micros(usage.user_time()) + micros(usage.system_time());
    println!("{} {cpu} {}", wall.as_micros(), usage.max_rss());
    ExitCode::SUCCESS
}

fn bench() {
    let stack = Stack::start();
    let project = Project::new(&stack, "bench");
    project.write("increment_vector.jl", "increment_vector(v) = v .+ 1\n");
    project.manifest(
        "[functions.increment-vector]\n\
         julia = { source = \"increment_vector.jl\", argument_type = \"Vector{Int}\", version = \"1.5\" }\n\
         tests = [{ argument = [1, 2, 3], expected = [2, 3, 4] }]\n",
    );
    let applied = project.run(&["apply", "--yes"]);
    assert_eq!(applied.status, Some(0), "{}", applied.stderr);
    stack.proxy.reset();
    let plan = project.run(&["plan", "--detailed-exitcode"]);
    assert_eq!(plan.status, Some(0), "{}{}", plan.stdout, plan.stderr);
    let requests: u64 = stack.proxy.counts().values().sum();

    // The contenders take turns, so that whatever else the machine does hits both.
    let (mut version, mut no_op) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        version.push(cost(&project, &["--version"]));
        no_op.push(cost(&project, &["plan", "--detailed-exitcode"]));
    }
    let cpus = std::thread::available_parallelism().map_or(0, usize::from);
    println!(
        "{} processors, {} runs each, median (slowest)\n",
        cpus,
        RUNS - WARM_UP
    );
    println!("command         wall                CPU                 memory     requests");
    row("jot --version", &version[WARM_UP..], 0);
    row("jot plan", &no_op[WARM_UP..], requests);
}

fn cost(project: &Project, arguments: &[&str]) -> Cost {
    let jot = project.jot();
    let mut command = Command::new(env::current_exe().expect("this program"));
    command.current_dir(project.path()).env_clear();
    command.envs(
        jot.get_envs()
            .filter_map(|(key, value)| Some((key, value?))),
    );
    let output = command
        .arg(MEASURE)
        .arg(jot.get_program())
        .args(arguments)
        .output()
        .expect("this program runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let mut numbers = text
        .split_whitespace()
        .map(|number| number.parse::<u64>().expect("a number"));
    let mut next = || numbers.next().expect("three numbers");
    Cost {
        wall: Duration::from_micros(next()),
        cpu: Duration::from_micros(next()),
        memory: next(),
    }
}

fn row(name: &str, costs: &[Cost], requests: u64) {
    let spread = |of: fn(&Cost) -> Duration| {
        let mut all: Vec<Duration> = costs.iter().map(of).collect();
        all.sort();
        let millis = |time: Duration| time.as_secs_f64() * 1000.0;
        format!(
            "{:.1} ms ({:.1} ms)",
            millis(all[all.len() / 2]),
            millis(all[all.len() - 1])
        )
    };
    let memory = costs
        .iter()
        .map(|cost| cost.memory)
        .max()
        .unwrap_or_default();
    println!(
        "{name:<15} {:<19} {:<19} {:<10} {requests}",
        spread(|cost| cost.wall),
        spread(|cost| cost.cpu),
        format!("{:.1} MB", memory as f64 * 1024.0 / 1e6),
    );
}
