//! Versions of the contenders and tools.

use std::process::Command;

use super::contender::{Contender, told};

/// Versions, one per line.
pub fn describe(contenders: &[Contender]) -> String {
    let docker = docker(&[
        "version",
        "--format",
        "Docker client {{.Client.Version}}, Engine {{.Server.Version}}",
    ]);
    // Without this plugin the client uses its legacy builder.
    let builder = match told(Command::new("docker").args(["buildx", "version"])) {
        Some(version) => version,
        None => "no buildx, so its legacy builder".into(),
    };
    let ministack = pinned(
        include_str!("../../scripts/requirements.txt"),
        "ministack==",
    );
    let mut lines = vec![
        format!("{docker}; {builder}"),
        format!("ministack {ministack}"),
    ];
    lines.extend(
        contenders
            .iter()
            .map(|one| format!("{}: {}", one.name, one.version)),
    );
    lines.join("\n")
}

fn docker(arguments: &[&str]) -> String {
    told(Command::new("docker").args(arguments)).unwrap_or_default()
}

fn pinned<'a>(requirements: &'a str, package: &str) -> &'a str {
    requirements
        .lines()
        .find_map(|line| line.strip_prefix(package))
        .unwrap_or("unknown")
}
