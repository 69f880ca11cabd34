//! Starting a container that is given no more than Lambda gives.
//!
//! Lambda's side: <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html> (processes, open files,
//! /tmp), <https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html> (1769 MB are one CPU) and
//! <https://docs.aws.amazon.com/lambda/latest/dg/images-create.html> (read-only root, a user with few rights).

use std::collections::HashMap;

use bollard::{
    models::{ContainerCreateBody, HostConfig, PortBinding, ResourcesUlimits},
    query_parameters::CreateContainerOptions,
};

use super::{Container, Docker, Sandbox, connect::said};
use crate::{model::image::LABEL_RUN, remote::Error};

/// The port that AWS's runtime interface emulator listens at.
const PORT: &str = "8080/tcp";
/// A user and group that are in no passwd file, as in Lambda.
const USER: &str = "993:990";
/// MB of memory that come with one CPU.
const CPU_MB: i64 = 1769;
/// Processes, threads included; the same number of open files.
const MOST: i64 = 1024;
const MIB: i64 = 1024 * 1024;

impl Docker {
    /// Creates and starts a container. It bears the label `dev.jot.run`, by which
    /// [`remove_run`](Docker::remove_run) finds it should the caller not get to hear its id: creating it goes on where the
    /// future is dropped, since the daemon would carry it out in any case.
    pub async fn start(&self, sandbox: &Sandbox) -> Result<Container, Error> {
        let cpus = self.machine().await?.cpus;
        let (client, body) = (self.client.clone(), create_body(sandbox, cpus));
        let creating = self.creating.clone().read_owned().await;
        let created = tokio::spawn(async move {
            let options = None::<CreateContainerOptions>;
            let created = client.create_container(options, body).await;
            drop(creating);
            created
        });
        let created = created.await.map_err(|cause| said(&cause.to_string()))?;
        let id = created.map_err(|error| self.refused(error))?.id;
        match self.start_created(&id).await {
            Ok(port) => Ok(Container { id, port }),
            Err(error) => {
                self.remove(&id).await?;
                Err(error)
            }
        }
    }

    async fn start_created(&self, id: &str) -> Result<u16, Error> {
        let started = self.client.start_container(id, None).await;
        started.map_err(|error| self.refused(error))?;
        let seen = self.client.inspect_container(id, None).await;
        let seen = seen.map_err(|error| self.refused(error))?;
        // A container that has ended already publishes nothing; its state says why.
        let ports = seen
            .network_settings
            .and_then(|network| network.ports)
            .unwrap_or_default();
        let bindings = ports.get(PORT).cloned().flatten().unwrap_or_default();
        let port = bindings
            .iter()
            .find_map(|binding| binding.host_port.as_ref()?.parse().ok());
        match port {
            Some(port) => Ok(port),
            None if seen.state.and_then(|state| state.running) == Some(true) => {
                Err(said("the container runs but publishes no port"))
            }
            None => Ok(0),
        }
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
            false => published(sandbox),
        }),
        ..Default::default()
    }
}

fn published(sandbox: &Sandbox) -> HostConfig {
    let binding = PortBinding {
        host_ip: Some("127.0.0.1".to_owned()),
        host_port: Some(
            sandbox
                .port
                .map(|port| port.to_string())
                .unwrap_or_default(),
        ),
    };
    HostConfig {
        port_bindings: Some(HashMap::from([(PORT.to_owned(), Some(vec![binding]))])),
        init: Some(false),
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
        // Docker refuses more processors than there are.
        nano_cpus: Some(share.min(i64::from(cpus) * 1_000_000_000)),
        cap_drop: Some(vec!["ALL".to_owned()]),
        security_opt: Some(vec!["no-new-privileges".to_owned()]),
        pids_limit: Some(MOST),
        ulimits: Some(vec![files]),
        ..published(sandbox)
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
        }
    }

    #[test]
    fn processors_follow_memory_and_stop_at_what_there_is() {
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
        let host = create_body(&sandbox(128, true), 2).host_config.unwrap();
        assert_eq!(host.memory, host.memory_swap);
        let binding = host.port_bindings.unwrap()[PORT].clone().unwrap();
        assert_eq!(binding[0].host_ip.as_deref(), Some("127.0.0.1"));
        assert_eq!(binding[0].host_port.as_deref(), Some("9000"));
    }
}
