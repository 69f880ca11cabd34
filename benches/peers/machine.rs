//! What the numbers were taken on.

use std::{fs, process::Command, thread::available_parallelism};

use super::contender::{Contender, told};

/// Machine and versions, a line each.
pub fn describe(contenders: &[Contender]) -> String {
    let cpus = available_parallelism().map_or(0, usize::from);
    let cpu = field("/proc/cpuinfo", "model name");
    let memory = field("/proc/meminfo", "MemTotal");
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let docker = docker(&[
        "version",
        "--format",
        "Docker client {{.Client.Version}}, Engine {{.Server.Version}}",
    ]);
    // Without this plugin the client builds with its legacy builder.
    let builder = match told(Command::new("docker").args(["buildx", "version"])) {
        Some(version) => version,
        None => "no buildx, so its legacy builder".into(),
    };
    let ministack = pinned(
        include_str!("../../scripts/requirements.txt"),
        "ministack==",
    );
    let mut lines = vec![
        format!("{cpus} x {cpu}, {memory}, Linux {}", kernel.trim()),
        format!("{docker}; {builder}"),
        format!("ministack {ministack}"),
    ];
    lines.extend(
        contenders
            .iter()
            .map(|one| format!("{}: {}", one.name, one.version)),
    );
    lines.push(load());
    lines.join("\n")
}

/// How busy the machine is.
pub fn load() -> String {
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let minutes: Vec<&str> = load.split(' ').take(3).collect();
    format!(
        "load of the last 1, 5 and 15 minutes: {}",
        minutes.join(" ")
    )
}

fn docker(arguments: &[&str]) -> String {
    told(Command::new("docker").args(arguments)).unwrap_or_default()
}

fn field(path: &str, name: &str) -> String {
    let text = fs::read_to_string(path).unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with(name));
    let value = line.and_then(|line| line.split_once(':'));
    value
        .map(|(_, value)| value.trim().to_owned())
        .unwrap_or_else(|| format!("{name} unknown"))
}

fn pinned<'a>(requirements: &'a str, package: &str) -> &'a str {
    requirements
        .lines()
        .find_map(|line| line.strip_prefix(package))
        .unwrap_or("unknown")
}
