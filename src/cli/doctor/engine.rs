//! Checks of Docker.

use crate::{
    manifest::{Loaded, types::Architecture},
    model::{Problem, doctor::Check},
    remote::{Docker, docker::About},
    report::wording,
};

/// The oldest Docker that jot is tested with.
const OLDEST: (u32, u32) = (20, 10);
/// Memory in bytes below which builds are likely to be killed.
const LITTLE: u64 = 2_000_000_000;

/// Checks of the daemon and of its machine.
pub async fn checks(loaded: Option<&Loaded>) -> Vec<Check> {
    let about = match Docker::connect().await {
        Ok(docker) => docker.about().await,
        Err(error) => Err(error),
    };
    match about {
        Ok(about) => vec![engine(&about), machine(&about, loaded)],
        Err(error) => vec![
            Check::failed("docker", &Problem::from_diagnostic(&error)),
            Check::unknown("builds", "Docker does not answer"),
        ],
    }
}

fn engine(about: &About) -> Check {
    let About { host, version, .. } = about;
    if about.podman {
        return Check::doubtful(
            "docker",
            format!("Podman {version} at {host}"),
            "build secrets and SSH agents work only with Docker",
        );
    }
    let message = format!("Docker {version} at {host}");
    match is_old(version) {
        true => Check::broken(
            "docker",
            message,
            "jot needs Docker 20.10 or newer: update it",
        ),
        false => Check::good("docker", message),
    }
}

fn machine(about: &About, loaded: Option<&Loaded>) -> Check {
    let memory = about.memory.map_or_else(String::new, |bytes| {
        format!(" and {} of memory", wording::bytes(bytes))
    });
    let cpus = wording::count(about.cpus as usize, "processor");
    let message = format!("for {}, with {cpus}{memory}", about.platform);
    if about.memory.is_some_and(|bytes| bytes < LITTLE) {
        return Check::doubtful(
            "builds",
            message,
            "give Docker's machine at least 4 GB: compilation needs it",
        );
    }
    let own = about.platform.rsplit('/').next().unwrap_or_default();
    let other = loaded.and_then(|loaded| {
        let functions = loaded.manifest.functions.iter();
        functions
            .map(|(key, function)| (key, processor(function.architecture)))
            .find(|(_, architecture)| *architecture != own)
    });
    match other {
        Some((key, architecture)) => Check::doubtful(
            "builds",
            format!("{message}, but {key} is for {architecture}"),
            "use a daemon on that architecture, or emulation, which cannot compile ahead of time",
        ),
        None => Check::good("builds", message),
    }
}

/// Docker's name of an architecture.
fn processor(architecture: Architecture) -> &'static str {
    match architecture {
        Architecture::X86_64 => "amd64",
        Architecture::Arm64 => "arm64",
    }
}

/// Whether a version such as `19.03.5` is too old; an unreadable version is not.
fn is_old(version: &str) -> bool {
    let mut parts = version.split(['.', '-', '+']).map(str::parse::<u32>);
    match (parts.next(), parts.next()) {
        (Some(Ok(major)), Some(Ok(minor))) => (major, minor) < OLDEST,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::doctor::Health;

    fn about(version: &str, memory: u64) -> About {
        About {
            host: "unix:///d.sock".to_owned(),
            version: version.to_owned(),
            podman: false,
            platform: "linux/amd64".to_owned(),
            cpus: 2,
            memory: Some(memory),
        }
    }

    #[test]
    fn an_old_engine_and_a_small_machine_are_reported() {
        assert_eq!(engine(&about("19.03.5", 1)).health, Health::Broken);
        for version in ["20.10.24+dfsg1", "29.7.2", "dev"] {
            assert_eq!(engine(&about(version, 1)).health, Health::Good, "{version}");
        }
        assert_eq!(
            machine(&about("29", 1_000_000_000), None).health,
            Health::Doubtful
        );
        let good = machine(&about("29", 8_000_000_000), None);
        assert_eq!(good.health, Health::Good);
        assert_eq!(
            good.message,
            "for linux/amd64, with 2 processors and 8.0 GB of memory"
        );
    }
}
