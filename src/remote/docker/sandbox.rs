//! Starts a container with Lambda's limits.
//!
//! Sources: <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html> (processes,
//! open files, /tmp), <https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html>
//! (1769 MB are one CPU) and <https://docs.aws.amazon.com/lambda/latest/dg/images-create.html>
//! (read-only root, a user with few rights).

use std::collections::HashMap;

use bollard::{
    models::{
        ContainerCreateBody, ContainerInspectResponse, HostConfig, PortBinding, ResourcesUlimits,
    },
    query_parameters::CreateContainerOptions,
};

use super::{
    Container, Docker, Sandbox,
    connect::said,
    limits::{refuses_processor, unmet},
    published,
};
use crate::{
    model::{
        ImageOverrides,
        recipe::{HARNESS_EMULATOR, LABEL_RUN},
    },
    remote::Error,
};

/// The port of AWS's runtime interface emulator.
const PORT: &str = "8080/tcp";
/// A user and group without a passwd entry, as in Lambda.
pub(super) const USER: &str = "993:990";
/// MB of memory per CPU.
const CPU_MB: i64 = 1769;
/// Limit of processes, including threads; the same limit for open files.
const MOST: i64 = 1024;
const MIB: i64 = 1024 * 1024;
/// How many ports to try: another process may take one between the choice and the start.
const PORTS: u32 = 5;

impl Docker {
    /// Creates and starts a container.
    ///
    /// It has the label `dev.jot.run`, by which [`remove_run`](Docker::remove_run) finds it even if
    /// the caller never receives its id: creation completes if the future is dropped, because the
    /// daemon would complete it in any case.
    ///
    /// # Errors
    ///
    /// Docker failed, or does not enforce limits that a test requires.
    pub async fn start(&self, sandbox: &Sandbox) -> Result<Container, Error> {
        let cpus = self.machine().await?.cpus;
        let mut body = create_body(sandbox, cpus);
        if let Some(overrides) = &sandbox.harness {
            self.emulate(&mut body, overrides).await?;
        }
        let mut ports = 0;
        loop {
            let port = match sandbox.port {
                // A port on another machine is not reachable.
                _ if self.endpoint.is_elsewhere() => None,
                Some(port) => Some(port),
                None => published::free(),
            };
            publish(&mut body, port);
            ports += 1;
            match self.start_once(&body).await {
                Err(error)
                    if published::is_taken(&error) && sandbox.port.is_none() && ports < PORTS => {}
                Err(error) if refuses_processor(&error) && limits_processor(&body) => {
                    limit_no_processor(&mut body);
                }
                other => return other,
            }
        }
    }

    /// Puts AWS's emulator in front of the command of the image or the function.
    async fn emulate(
        &self,
        body: &mut ContainerCreateBody,
        overrides: &ImageOverrides,
    ) -> Result<(), Error> {
        let image = body.image.clone().unwrap_or_default();
        let found = self.client.inspect_image(&image).await;
        let config = found.map_err(|error| self.refused(error))?.config;
        let config = config.unwrap_or_default();
        let chosen = |given: &[String], own: Option<Vec<String>>| match given {
            [] => own.unwrap_or_default(),
            given => given.to_vec(),
        };
        let entry_point = chosen(&overrides.entry_point, config.entrypoint);
        let command = chosen(&overrides.command, config.cmd);
        if entry_point.is_empty() && command.is_empty() {
            return Err(Error::Failed {
                resource: format!("image {image}"),
                reason: "it has neither ENTRYPOINT nor CMD, so nothing can be started".to_owned(),
                help: Some(
                    "add `ENTRYPOINT [\"...\"]` to its Dockerfile, or \
                     `image = { entry_point = [...] }` to the function"
                        .to_owned(),
                ),
            });
        }
        let emulator = [HARNESS_EMULATOR.to_owned()];
        body.entrypoint = Some(emulator.into_iter().chain(entry_point).collect());
        body.cmd = Some(command);
        body.working_dir =
            Some(overrides.working_directory.clone()).filter(|path| !path.is_empty());
        Ok(())
    }

    async fn start_once(&self, body: &ContainerCreateBody) -> Result<Container, Error> {
        let id = self.create(body.clone()).await?;
        match self.start_created(id.clone(), body).await {
            Ok(container) => Ok(container),
            Err(error) => {
                self.remove(&id).await?;
                Err(error)
            }
        }
    }

    /// Creates a container; returns its id.
    ///
    /// Completes even if the future is dropped, because the daemon would complete it in any case.
    pub(super) async fn create(&self, body: ContainerCreateBody) -> Result<String, Error> {
        let client = self.client.clone();
        let creating = self.creating.clone().read_owned().await;
        let created = tokio::spawn(async move {
            let options = None::<CreateContainerOptions>;
            let created = client.create_container(options, body).await;
            drop(creating);
            created
        });
        let created = created.await.map_err(|cause| said(&cause.to_string()))?;
        let created = created.map_err(|error| self.refused(error))?;
        tracing::debug!(warnings = ?created.warnings, "a container was created");
        Ok(created.id)
    }

    async fn start_created(
        &self,
        id: String,
        body: &ContainerCreateBody,
    ) -> Result<Container, Error> {
        let started = self.client.start_container(&id, None).await;
        started.map_err(|error| self.refused(error))?;
        let seen = self.client.inspect_container(&id, None).await;
        let seen = seen.map_err(|error| self.refused(error))?;
        let wanted = restrictions(body);
        let unmet = unmet(&wanted, body.user.as_deref(), &seen);
        match unmet.error(&self.endpoint.described()) {
            Some(error) => Err(error),
            None => Ok(Container {
                id,
                port: port_of(seen),
                notes: unmet.notes(),
            }),
        }
    }
}

/// The published port of a container; one that has ended has none.
fn port_of(seen: ContainerInspectResponse) -> Option<u16> {
    let ports = seen.network_settings?.ports?;
    let bindings = ports.get(PORT)?.as_ref()?;
    let mut numbers = bindings
        .iter()
        .map(|binding| binding.host_port.as_ref()?.parse().ok());
    numbers.find_map(|number| number)
}

/// The requested restrictions, including a CPU limit that the engine refused.
fn restrictions(body: &ContainerCreateBody) -> HostConfig {
    let mut host = body.host_config.clone().unwrap_or_default();
    if body.user.is_some() {
        host.nano_cpus = host.nano_cpus.or(Some(1));
    }
    host
}

fn publish(body: &mut ContainerCreateBody, port: Option<u16>) {
    let binding = |port: u16| PortBinding {
        host_ip: Some("127.0.0.1".to_owned()),
        host_port: Some(port.to_string()),
    };
    let bindings = port.map(|port| HashMap::from([(PORT.to_owned(), Some(vec![binding(port)]))]));
    if let Some(host) = &mut body.host_config {
        host.port_bindings = bindings;
    }
}

fn limits_processor(body: &ContainerCreateBody) -> bool {
    body.host_config
        .as_ref()
        .is_some_and(|host| host.nano_cpus.is_some())
}

fn limit_no_processor(body: &mut ContainerCreateBody) {
    if let Some(host) = &mut body.host_config {
        host.nano_cpus = None;
    }
}

fn create_body(sandbox: &Sandbox, cpus: u32) -> ContainerCreateBody {
    let pair = |(key, value): (&String, &crate::model::Secret)| format!("{key}={}", value.reveal());
    ContainerCreateBody {
        image: Some(sandbox.image.clone()),
        env: Some(sandbox.environment.iter().map(pair).collect()),
        labels: Some(HashMap::from([(LABEL_RUN.to_owned(), sandbox.run.clone())])),
        exposed_ports: Some(vec![PORT.to_owned()]),
        user: sandbox.restricted.then(|| USER.to_owned()),
        host_config: Some(match sandbox.restricted {
            true => restricted(sandbox, cpus),
            false => unrestricted(),
        }),
        ..Default::default()
    }
}

fn restricted(sandbox: &Sandbox, cpus: u32) -> HostConfig {
    let memory = i64::from(sandbox.memory_mb) * MIB;
    let share = i64::from(sandbox.memory_mb) * 1_000_000_000 / CPU_MB;
    let files = ResourcesUlimits {
        name: Some("nofile".to_owned()),
        soft: Some(MOST),
        hard: Some(MOST),
    };
    let tmp = format!("rw,exec,nosuid,nodev,mode=1777,size={}m", sandbox.tmp_mb);
    HostConfig {
        readonly_rootfs: Some(true),
        tmpfs: Some(HashMap::from([("/tmp".to_owned(), tmp)])),
        memory: Some(memory),
        // Memory and swap together: no swap.
        memory_swap: Some(memory),
        // Docker refuses more CPUs than the machine has.
        nano_cpus: Some(share.min(i64::from(cpus) * 1_000_000_000)),
        cap_drop: Some(vec!["ALL".to_owned()]),
        security_opt: Some(vec!["no-new-privileges".to_owned()]),
        pids_limit: Some(MOST),
        ulimits: Some(vec![files]),
        ..unrestricted()
    }
}

fn unrestricted() -> HostConfig {
    HostConfig {
        init: Some(false),
        ..Default::default()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn sandbox(memory_mb: u32, restricted: bool) -> Sandbox {
        Sandbox {
            image: "i".to_owned(),
            run: "r".to_owned(),
            memory_mb,
            tmp_mb: 512,
            environment: BTreeMap::new(),
            port: Some(9000),
            restricted,
            harness: None,
        }
    }

    #[test]
    fn processors_follow_memory_up_to_those_of_the_machine() {
        let cpus = |memory, cpus| restricted(&sandbox(memory, true), cpus).nano_cpus.unwrap();
        assert_eq!(cpus(1769, 2), 1_000_000_000);
        assert_eq!(cpus(128, 2), 72_357_263);
        assert_eq!(cpus(10240, 2), 2_000_000_000);
        assert_eq!(cpus(10240, 8), 5_788_581_119);
    }

    #[test]
    fn only_a_restricted_container_is_restricted() {
        let body = create_body(&sandbox(128, false), 2);
        let host = body.host_config.unwrap();
        assert_eq!(
            (body.user, host.readonly_rootfs, host.memory),
            (None, None, None)
        );
        let mut body = create_body(&sandbox(128, true), 2);
        publish(&mut body, Some(9000));
        let host = body.host_config.unwrap();
        assert_eq!(host.memory, host.memory_swap);
        let binding = host.port_bindings.unwrap()[PORT].clone().unwrap();
        assert_eq!(binding[0].host_ip.as_deref(), Some("127.0.0.1"));
        assert_eq!(binding[0].host_port.as_deref(), Some("9000"));
    }

    #[test]
    fn a_limit_that_the_engine_refused_is_noted() {
        let mut body = create_body(&sandbox(128, true), 2);
        limit_no_processor(&mut body);
        assert!(!limits_processor(&body));
        let wanted = restrictions(&body);
        let seen = ContainerInspectResponse {
            host_config: body.host_config,
            ..Default::default()
        };
        assert_eq!(unmet(&wanted, None, &seen).noted, ["the processor"]);
        let free = create_body(&sandbox(128, false), 2);
        assert_eq!(restrictions(&free).nano_cpus, None);
    }
}
