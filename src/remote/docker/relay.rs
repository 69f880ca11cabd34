//! Connections to port 8080 of a container that no port of this machine leads to.
//!
//! The daemon may be on another machine, or jot may run in a container that has the daemon's
//! socket: then the port that a container publishes is on another 127.0.0.1. Only the daemon always
//! leads to it. A small program (`relay/relay.c`) waits in a container of its own, which shares
//! only the network of the function's container: not its memory, its processor, its files or its
//! rights. Each connection is one execution of it.

use std::{sync::Arc, time::Duration};

use bollard::{
    body_full,
    container::LogOutput,
    exec::{CreateExecOptions, StartExecResults},
    models::{ContainerCreateBody, HealthConfig, HostConfig},
    query_parameters::UploadToContainerOptionsBuilder,
};
use futures_util::StreamExt;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex},
    net::TcpListener,
};

use super::{Container, Docker, connect::said, sandbox::USER};
use crate::{model::recipe::LABEL_RUN, remote::Error};

/// Path of the program in its container.
const PROGRAM: &str = "/jot-relay";
const WAIT: &str = "wait";
const CONNECT: &str = "connect";
/// The program for each platform of a daemon.
const PROGRAMS: [(&str, &[u8]); 2] = [
    ("linux/amd64", include_bytes!("relay/relay.amd64")),
    ("linux/arm64", include_bytes!("relay/relay.arm64")),
];
/// Buffer for bytes that are not read yet.
const BUFFER: usize = 64 * 1024;
/// Wait after a connection that was not accepted.
const PAUSE: Duration = Duration::from_millis(100);
/// Label with the container that a relay leads to.
const LABEL_RELAY: &str = "dev.jot.relay";

/// A connection to a container by way of the daemon.
#[derive(Clone, Debug)]
pub struct Relay {
    docker: Docker,
    id: Arc<str>,
}

impl Docker {
    /// Starts a relay next to a container, with the same image and run.
    ///
    /// It is removed by [`remove_run`](Docker::remove_run), or by
    /// [`remove_relays`](Docker::remove_relays).
    pub async fn relay(
        &self,
        container: &Container,
        image: &str,
        run: &str,
    ) -> Result<Relay, Error> {
        let platform = self.platform().await?;
        let program = PROGRAMS.iter().find(|(known, _)| *known == platform);
        let (_, program) = program.ok_or_else(|| {
            said(&format!(
                "jot cannot call containers on {platform} from another machine"
            ))
        })?;
        let id = self.create(body(&container.id, image, run)).await?;
        let relay = Relay {
            docker: self.clone(),
            id: id.into(),
        };
        match relay.start(program).await {
            Ok(()) => Ok(relay),
            Err(error) => {
                self.remove(&relay.id).await?;
                Err(error)
            }
        }
    }

    /// Removes all relays to a container.
    pub async fn remove_relays(&self, container: &str) -> Result<(), Error> {
        let _created = self.creating.write().await;
        self.remove_labelled(LABEL_RELAY, container).await
    }
}

impl Relay {
    async fn start(&self, program: &[u8]) -> Result<(), Error> {
        let client = &self.docker.client;
        let options = UploadToContainerOptionsBuilder::default().path("/").build();
        let archive = archive(program).map_err(|error| said(&error.to_string()))?;
        let uploaded = client
            .upload_to_container(&self.id, Some(options), body_full(archive.into()))
            .await;
        uploaded.map_err(|error| self.docker.refused(error))?;
        let started = client.start_container(&self.id, None).await;
        started.map_err(|error| self.docker.refused(error))
    }

    /// Whether port 8080 of the container is open.
    pub async fn hears(&self) -> Result<bool, Error> {
        Ok(self.docker.exec(&self.id, &[PROGRAM, CONNECT]).await? == 0)
    }

    /// Opens a connection to port 8080 of the container; if the port is closed, it ends without a
    /// byte.
    pub async fn connect(&self) -> Result<DuplexStream, Error> {
        let options = CreateExecOptions {
            cmd: Some(vec![PROGRAM, CONNECT]),
            attach_stdin: Some(true),
            attach_stdout: Some(true),
            ..Default::default()
        };
        let client = self.docker.patient();
        let made = client.create_exec(&self.id, options).await;
        let made = made.map_err(|error| self.docker.refused(error))?.id;
        let begun = client.start_exec(&made, None).await;
        let StartExecResults::Attached {
            mut output,
            mut input,
        } = begun.map_err(|error| self.docker.refused(error))?
        else {
            return Err(said("the connection to a container was not opened"));
        };
        let (ours, theirs) = duplex(BUFFER);
        let (mut asked, mut answered) = tokio::io::split(theirs);
        tokio::spawn(async move {
            let forward = async {
                let mut buffer = vec![0; BUFFER];
                while let Ok(count @ 1..) = asked.read(&mut buffer).await {
                    // Flushed at once, so that requests are not delayed.
                    if input.write_all(&buffer[..count]).await.is_err()
                        || input.flush().await.is_err()
                    {
                        return;
                    }
                }
            };
            let back = async {
                while let Some(Ok(part)) = output.next().await {
                    if let LogOutput::StdOut { message } = part
                        && answered.write_all(&message).await.is_err()
                    {
                        return;
                    }
                }
            };
            // Either end closes both connections by dropping them.
            tokio::select! {
                () = forward => {}
                () = back => {}
            }
        });
        Ok(ours)
    }

    /// Relays every connection that the listener accepts to the container, until it is dropped.
    pub async fn serve(&self, listener: TcpListener) {
        loop {
            let Ok((mut near, _)) = listener.accept().await else {
                // Probably too many open files: other connections will end.
                tokio::time::sleep(PAUSE).await;
                continue;
            };
            let relay = self.clone();
            tokio::spawn(async move {
                match relay.connect().await {
                    Ok(mut far) => {
                        // Either side may close at any time.
                        tokio::io::copy_bidirectional(&mut near, &mut far)
                            .await
                            .ok();
                    }
                    Err(error) => tracing::warn!(%error, "a call did not reach the container"),
                }
            });
        }
    }
}

fn body(container: &str, image: &str, run: &str) -> ContainerCreateBody {
    let text = |text: &str| text.to_owned();
    ContainerCreateBody {
        image: Some(text(image)),
        entrypoint: Some(vec![text(PROGRAM)]),
        cmd: Some(vec![text(WAIT)]),
        user: Some(text(USER)),
        labels: Some(
            [
                (text(LABEL_RUN), text(run)),
                (text(LABEL_RELAY), text(container)),
            ]
            .into(),
        ),
        healthcheck: Some(HealthConfig {
            test: Some(vec![text("NONE")]),
            ..Default::default()
        }),
        host_config: Some(HostConfig {
            network_mode: Some(format!("container:{container}")),
            cap_drop: Some(vec![text("ALL")]),
            security_opt: Some(vec![text("no-new-privileges")]),
            ..Default::default()
        }),
        ..Default::default()
    }
}

/// The program as an archive for the daemon.
fn archive(program: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut header = tar::Header::new_gnu();
    header.set_size(program.len() as u64);
    header.set_mode(0o755);
    let mut archive = tar::Builder::new(Vec::new());
    archive.append_data(&mut header, PROGRAM.trim_start_matches('/'), program)?;
    archive.into_inner()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The bytes of the header of an ELF file:
    /// <https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html>
    #[test]
    fn the_programs_are_executables_for_their_platforms_and_small() {
        for ((platform, program), machine) in PROGRAMS.into_iter().zip([62, 183]) {
            assert_eq!(&program[..4], b"\x7fELF", "{platform}");
            assert_eq!((program[16], program[18]), (2, machine), "{platform}");
            assert!(program.len() < 2048, "{platform}: {}", program.len());
        }
    }

    #[test]
    fn the_relay_shares_the_network_and_has_no_rights() {
        let body = body("c", "i", "r");
        let host = body.host_config.unwrap();
        assert_eq!(host.network_mode.as_deref(), Some("container:c"));
        assert_eq!(host.cap_drop, Some(vec!["ALL".to_owned()]));
        assert_eq!(body.labels.unwrap()[LABEL_RUN], "r");
    }
}
