//! Compares the limits that an engine really sets on a container with the requested ones.
//!
//! Engines continue without a limit that they cannot set: rootless ones on cgroup v1, and kernels
//! without the controller. They then report the container without it.

use bollard::models::{ContainerInspectResponse, HostConfig};

use crate::remote::Error;

/// Engines' errors about a CPU limit that they cannot set: Docker at creation, crun and runc at
/// start.
const NO_PROCESSOR_LIMIT: [&str; 4] = [
    "NanoCPUs can not be set",
    "CPU CFS",
    "controller `cpu`",
    "cpu.max",
];

/// Whether a container was refused only because of its CPU limit.
pub(super) fn refuses_processor(error: &Error) -> bool {
    matches!(error, Error::Docker { message, .. }
        if NO_PROCESSOR_LIMIT.iter().any(|words| message.contains(words)))
}

/// Requested limits that the engine does not have.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Unmet {
    /// Without these a test passes where Lambda fails.
    pub(super) needed: Vec<&'static str>,
    /// Without these a test differs slightly from Lambda.
    pub(super) noted: Vec<&'static str>,
}

/// Compares the requested limits with those that the engine reports.
pub(super) fn unmet(
    asked: &HostConfig,
    user: Option<&str>,
    seen: &ContainerInspectResponse,
) -> Unmet {
    let none = HostConfig::default();
    let host = seen.host_config.as_ref().unwrap_or(&none);
    let as_user = seen
        .config
        .as_ref()
        .and_then(|config| config.user.as_deref());
    let limits_processor = [host.nano_cpus, host.cpu_quota]
        .iter()
        .any(|share| share.is_some_and(|share| share > 0));
    let dropped = |list: &Option<Vec<String>>| list.as_ref().is_some_and(|list| !list.is_empty());
    let tmp = host
        .tmpfs
        .as_ref()
        .is_some_and(|all| all.contains_key("/tmp"));
    let needed = [
        (
            asked.memory.is_some() && host.memory != asked.memory,
            "memory",
        ),
        (
            asked.readonly_rootfs == Some(true) && host.readonly_rootfs != Some(true),
            "the read-only file system",
        ),
        (user.is_some() && as_user != user, "the user"),
    ];
    let noted = [
        (
            asked.nano_cpus.is_some() && !limits_processor,
            "the processor",
        ),
        (
            dropped(&asked.cap_drop) && !dropped(&host.cap_drop),
            "capabilities",
        ),
        (asked.tmpfs.is_some() && !tmp, "the size of /tmp"),
    ];
    let broken = |all: [(bool, &'static str); 3]| {
        let broken = all.into_iter().filter(|(broken, _)| *broken);
        broken.map(|(_, what)| what).collect()
    };
    Unmet {
        needed: broken(needed),
        noted: broken(noted),
    }
}

impl Unmet {
    /// The error for missing limits that are required, if any.
    pub(super) fn error(&self, host: &str) -> Option<Error> {
        if self.needed.is_empty() {
            return None;
        }
        Some(Error::Docker {
            message: format!(
                "the engine at {host} does not restrict {}, as Lambda does",
                self.needed.join(", ")
            ),
            help: Some(
                "a test would pass here and fail in Lambda. A rootless engine needs cgroup v2 with \
                 the controllers delegated (`docker info` lists warnings); or name another engine \
                 in DOCKER_HOST"
                    .to_owned(),
            ),
        })
    }

    /// A sentence for each missing limit that is tolerated.
    pub(super) fn notes(&self) -> Vec<String> {
        let note = |what: &&str| match *what {
            "the processor" => {
                "this engine does not limit the CPU: in Lambda the function has less of it, and is \
                 slower"
                    .to_owned()
            }
            what => format!("this engine does not restrict {what}, as Lambda does"),
        };
        self.noted.iter().map(note).collect()
    }
}

#[cfg(test)]
mod tests {
    use bollard::models::ContainerConfig;

    use super::*;

    fn asked() -> HostConfig {
        HostConfig {
            memory: Some(1 << 29),
            nano_cpus: Some(289_428_000),
            readonly_rootfs: Some(true),
            cap_drop: Some(vec!["ALL".to_owned()]),
            tmpfs: Some([("/tmp".to_owned(), "rw".to_owned())].into()),
            ..Default::default()
        }
    }

    fn compared(seen: HostConfig, user: &str) -> Unmet {
        let seen = ContainerInspectResponse {
            host_config: Some(seen),
            config: Some(ContainerConfig {
                user: Some(user.to_owned()),
                ..Default::default()
            }),
            ..Default::default()
        };
        unmet(&asked(), Some("993:990"), &seen)
    }

    #[test]
    fn an_engine_that_does_as_asked_leaves_nothing() {
        assert_eq!(compared(asked(), "993:990"), Unmet::default());
        // Podman reports a quota, and the capabilities one by one.
        let seen = HostConfig {
            nano_cpus: None,
            cpu_quota: Some(28_942),
            cap_drop: Some(vec!["CAP_CHOWN".to_owned(), "CAP_KILL".to_owned()]),
            ..asked()
        };
        assert_eq!(compared(seen, "993:990"), Unmet::default());
    }

    #[test]
    fn the_processor_is_noted_and_memory_file_system_and_user_are_errors() {
        let seen = HostConfig {
            nano_cpus: Some(0),
            ..asked()
        };
        let unmet = compared(seen, "993:990");
        assert_eq!(
            (unmet.needed.len(), unmet.noted.as_slice()),
            (0, ["the processor"].as_slice())
        );
        assert!(unmet.error("h").is_none() && unmet.notes()[0].contains("slower"));

        let seen = HostConfig {
            memory: Some(0),
            readonly_rootfs: Some(false),
            ..asked()
        };
        let unmet = compared(seen, "");
        assert_eq!(
            unmet.needed,
            ["memory", "the read-only file system", "the user"]
        );
        let error = unmet.error("unix:///s").unwrap().to_string();
        assert!(
            error.contains("unix:///s does not restrict memory, the read-only"),
            "{error}"
        );
    }

    #[test]
    fn a_container_that_is_not_restricted_is_not_compared() {
        let seen = ContainerInspectResponse::default();
        assert_eq!(unmet(&HostConfig::default(), None, &seen), Unmet::default());
    }

    #[test]
    fn engines_words_for_a_processor_without_limits_are_known() {
        for words in [
            "NanoCPUs can not be set, as your kernel does not support CPU CFS scheduler or the \
             cgroup is not mounted",
            "crun: the requested cgroup controller `cpu` is not available: OCI runtime error",
            "open /sys/fs/cgroup/x/cpu.max: no such file or directory",
        ] {
            let error = Error::Docker {
                message: words.to_owned(),
                help: None,
            };
            assert!(refuses_processor(&error), "{words}");
        }
    }
}
