//! The machine of a measurement.

use std::{fs, thread::available_parallelism};

/// Processors, memory and kernel of the machine.
pub fn line() -> String {
    let cpus = available_parallelism().map_or(0, usize::from);
    let cpu = field("/proc/cpuinfo", "model name");
    let memory = field("/proc/meminfo", "MemTotal");
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    format!("{cpus} x {cpu}, {memory}, Linux {}", kernel.trim())
}

/// The load of the machine.
pub fn load() -> String {
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let minutes: Vec<&str> = load.split(' ').take(3).collect();
    format!(
        "load of the last 1, 5 and 15 minutes: {}",
        minutes.join(" ")
    )
}

fn field(path: &str, name: &str) -> String {
    let text = fs::read_to_string(path).unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with(name));
    let value = line.and_then(|line| line.split_once(':'));
    value.map_or_else(
        || format!("{name} unknown"),
        |(_, value)| value.trim().to_owned(),
    )
}
