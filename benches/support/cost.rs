//! Cost of a command: wall time, CPU time and peak memory, only its own and its children's.

use std::{
    env,
    process::{Command, ExitCode, Stdio},
    time::{Duration, Instant},
};

use nix::sys::resource::{UsageWho, getrusage};

/// The argument that makes a benchmark run one command and print its cost.
const MEASURE: &str = "--measure";

/// The cost of one run.
#[derive(Clone, Copy, Debug)]
pub struct Cost {
    pub wall: Duration,
    pub cpu: Duration,
    /// Memory in KiB.
    pub memory: u64,
}

/// Runs `bench`, or one command if [`of`] started this program.
pub fn main(bench: fn()) -> ExitCode {
    let arguments: Vec<String> = env::args().collect();
    match arguments.iter().position(|argument| argument == MEASURE) {
        Some(at) => measure(&arguments[at + 1..]),
        None => {
            bench();
            ExitCode::SUCCESS
        }
    }
}

/// Runs one command as the only child of this process, so that the usage of children is that
/// command's.
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

/// The cost of a command that succeeds.
pub fn of(jot: &Command, arguments: &[&str]) -> Cost {
    let mut command = Command::new(env::current_exe().expect("this program"));
    command.env_clear();
    if let Some(folder) = jot.get_current_dir() {
        command.current_dir(folder);
    }
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

/// The times of some runs as `median (slowest)`.
pub fn spread(costs: &[Cost], of: fn(&Cost) -> Duration) -> String {
    let mut all: Vec<Duration> = costs.iter().map(of).collect();
    all.sort();
    let millis = |time: Duration| time.as_secs_f64() * 1000.0;
    format!(
        "{:.1} ms ({:.1} ms)",
        millis(all[all.len() / 2]),
        millis(all[all.len() - 1])
    )
}

/// The peak memory of some runs.
pub fn memory(costs: &[Cost]) -> String {
    let most = costs.iter().map(|cost| cost.memory).max();
    format!("{:.1} MB", most.unwrap_or_default() as f64 * 1024.0 / 1e6)
}
