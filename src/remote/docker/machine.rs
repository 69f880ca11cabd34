//! The daemon's machine.

use bollard::models::{SystemInfo, SystemVersion};

/// Podman's name among the components of its version.
const PODMAN: &str = "Podman Engine";
/// How an engine reports that it has the containerd image store.
const SNAPSHOTTER: &str = "io.containerd.snapshotter.v1";
/// The first version that finds a build context in the request with that store too.
const CONTEXT_FOUND: (u32, u32) = (27, 5);

#[derive(Clone, Debug)]
pub(super) struct Machine {
    /// Docker's name of the platform, such as `linux/amd64`.
    pub(super) platform: String,
    pub(super) cpus: u32,
    /// Bytes of memory, if reported.
    pub(super) memory: Option<u64>,
    pub(super) engine: Engine,
}

/// Differences of an engine in builds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Engine {
    /// Podman: it has no sessions, and builds without BuildKit.
    pub(super) podman: bool,
    /// It does not find a build context in the request, and needs it in the session: Docker before
    /// 27.5 with the containerd image store, <https://github.com/moby/moby/issues/47717>.
    pub(super) context_in_session: bool,
}

impl Engine {
    pub(super) fn of(info: &SystemInfo, version: &SystemVersion) -> Self {
        let components = version.components.iter().flatten();
        let mut names = components.map(|component| component.name.as_str());
        let mut status = info.driver_status.iter().flatten().flatten();
        let snapshotter = status.any(|value| value == SNAPSHOTTER);
        let version = info.server_version.as_deref().unwrap_or_default();
        Self {
            podman: names.any(|name| name == PODMAN),
            context_in_session: snapshotter && is_before(version, CONTEXT_FOUND),
        }
    }
}

/// Whether a version such as `26.1.5+dfsg1` is older; an unreadable one is not.
fn is_before(version: &str, than: (u32, u32)) -> bool {
    let mut parts = version.split(['.', '-', '+']).map(str::parse::<u32>);
    match (parts.next(), parts.next()) {
        (Some(Ok(major)), Some(Ok(minor))) => (major, minor) < than,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn engines_are_distinguished_by_what_they_say() {
        let engine = |status: Option<&str>, version: &str, component: &str| {
            let status = status.map(|value| vec![vec!["driver-type".to_owned(), value.to_owned()]]);
            let info = SystemInfo {
                driver_status: status,
                server_version: Some(version.to_owned()),
                ..Default::default()
            };
            let component = serde_json::json!({ "Name": component, "Version": version });
            let version = serde_json::json!({ "Components": [component] });
            Engine::of(&info, &serde_json::from_value(version).unwrap())
        };
        let snapshotter = Some(SNAPSHOTTER);
        assert!(engine(snapshotter, "26.1.5+dfsg1", "Engine").context_in_session);
        assert!(engine(snapshotter, "27.4.1", "Engine").context_in_session);
        for version in ["27.5.0", "27.5.1-rc.1", "28.5.2+dfsg4", "29.7.2", "dev"] {
            assert_eq!(engine(snapshotter, version, "Engine"), Engine::default());
        }
        assert_eq!(engine(None, "20.10.24+dfsg1", "Engine"), Engine::default());
        assert!(engine(None, "4.3.1", PODMAN).podman);
    }
}
