//! Watches and removes containers.

use std::{collections::HashMap, time::Duration};

use bollard::{
    container::LogOutput,
    exec::{CreateExecOptions, StartExecResults},
    query_parameters::{
        ContainerArchiveInfoOptionsBuilder, ListContainersOptionsBuilder, LogsOptionsBuilder,
        RemoveContainerOptionsBuilder, WaitContainerOptions,
    },
};
use futures_util::{StreamExt, TryStreamExt};
use tokio::time::timeout;

use super::{ContainerState, Docker, connect::is_missing};
use crate::{model::recipe::LABEL_RUN, remote::Error};

/// Exit status of a command that cannot be run, as in shells.
const CANNOT_RUN: i64 = 126;
/// How often, and at what intervals, to check a command after its output has ended: for two
/// seconds.
const EXEC_LOOKS: u32 = 100;
const EXEC_PAUSE: Duration = Duration::from_millis(20);
/// Exit status of a process that SIGKILL ended.
const KILLED: i64 = 137;
/// Succeeds where the kernel has killed a process of the container because it ran out of memory:
/// cgroup v2, then v1.
///
/// <https://docs.kernel.org/admin-guide/cgroup-v2.html#memory-interface-files>
const COUNT_OF_KILLS: [&str; 3] = [
    "/bin/sh",
    "-c",
    "for f in memory.events memory/memory.oom_control; do while read -r key count; do \
     [ \"$key\" = oom_kill ] && [ \"$count\" != 0 ] && exit 0; \
     done < /sys/fs/cgroup/$f; done 2> /dev/null; exit 1",
];

impl Docker {
    /// State of the container.
    ///
    /// Docker records an out-of-memory kill only for the first process, if at all. So a running
    /// container's own count of kills is read, and an ended one's exit status: only the kernel
    /// kills containers that jot runs.
    pub async fn state(&self, id: &str) -> Result<ContainerState, Error> {
        let seen = self.client.inspect_container(id, None).await;
        let state = seen
            .map_err(|error| self.refused(error))?
            .state
            .unwrap_or_default();
        let running = state.running == Some(true);
        let exit_code = state.exit_code.filter(|_| !running);
        let marked = state.oom_killed == Some(true) || exit_code == Some(KILLED);
        Ok(ContainerState {
            running,
            exit_code,
            out_of_memory: marked || running && self.exec(id, &COUNT_OF_KILLS).await? == 0,
        })
    }

    /// The last `lines` lines of both streams, in the order in which they were written.
    pub async fn logs(&self, id: &str, lines: usize) -> Result<Vec<String>, Error> {
        let options = LogsOptionsBuilder::default()
            .stdout(true)
            .stderr(true)
            .tail(&lines.to_string())
            .build();
        let parts: Result<Vec<LogOutput>, _> =
            self.client.logs(id, Some(options)).try_collect().await;
        let parts = parts.map_err(|error| self.refused(error))?;
        let bytes: Vec<u8> = parts.into_iter().flat_map(LogOutput::into_bytes).collect();
        let text = String::from_utf8_lossy(&bytes);
        let all: Vec<&str> = text.lines().collect();
        let last = &all[all.len().saturating_sub(lines)..];
        Ok(last.iter().map(|line| (*line).to_owned()).collect())
    }

    /// Reports every line that the container writes, from its start until it ends.
    pub async fn follow(
        &self,
        id: &str,
        on_line: &mut (dyn FnMut(&str) + Send),
    ) -> Result<(), Error> {
        let options = LogsOptionsBuilder::default()
            .stdout(true)
            .stderr(true)
            .follow(true)
            .build();
        let client = self.patient();
        let mut parts = client.logs(id, Some(options));
        let mut text = Vec::new();
        while let Some(part) = parts.next().await {
            text.extend(part.map_err(|error| self.refused(error))?.into_bytes());
            while let Some(end) = text.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = text.drain(..=end).collect();
                on_line(String::from_utf8_lossy(&line).trim_end());
            }
        }
        if !text.is_empty() {
            on_line(&String::from_utf8_lossy(&text));
        }
        Ok(())
    }

    /// Whether a path exists in the container's file system; files on a tmpfs are not visible here.
    pub async fn path_exists(&self, id: &str, path: &str) -> Result<bool, Error> {
        let options = ContainerArchiveInfoOptionsBuilder::default()
            .path(path)
            .build();
        match self
            .client
            .get_container_archive_info(id, Some(options))
            .await
        {
            Ok(_) => Ok(true),
            Err(error) if is_missing(&error) => Ok(false),
            Err(error) => Err(self.refused(error)),
        }
    }

    /// Runs a command inside a running container; returns its exit status, 126 or 127 where it
    /// cannot be run.
    pub async fn exec(&self, id: &str, command: &[&str]) -> Result<i64, Error> {
        let options = CreateExecOptions {
            cmd: Some(command.to_vec()),
            attach_stdout: Some(true),
            attach_stderr: Some(true),
            ..Default::default()
        };
        let made = self.client.create_exec(id, options).await;
        let made = made.map_err(|error| self.refused(error))?.id;
        let begun = self
            .client
            .start_exec(&made, None)
            .await
            .map_err(|error| self.refused(error))?;
        if let StartExecResults::Attached { mut output, .. } = begun {
            while let Some(Ok(_)) = output.next().await {}
        }
        self.exec_status(&made).await
    }

    /// The exit status of a command with finished output.
    ///
    /// The daemon may record the end a moment after the stream ends.
    async fn exec_status(&self, exec: &str) -> Result<i64, Error> {
        for _ in 0..EXEC_LOOKS {
            let seen = self.client.inspect_exec(exec).await;
            let seen = seen.map_err(|error| self.refused(error))?;
            if seen.running != Some(true) {
                return Ok(seen.exit_code.unwrap_or(CANNOT_RUN));
            }
            tokio::time::sleep(EXEC_PAUSE).await;
        }
        Ok(CANNOT_RUN)
    }

    /// Removes a container, running or not; a missing one is no error.
    pub async fn remove(&self, id: &str) -> Result<(), Error> {
        let options = RemoveContainerOptionsBuilder::default()
            .force(true)
            .v(true)
            .build();
        match self.client.remove_container(id, Some(options)).await {
            Err(error) if !is_missing(&error) && !is_going(&error) => Err(self.refused(error)),
            _ => Ok(()),
        }
    }

    /// Removes every container with the label `dev.jot.run` = `run`, and the names that the run's
    /// builds gave to base images.
    ///
    /// Waits for containers that are being created.
    pub async fn remove_run(&self, run: &str) -> Result<(), Error> {
        let _created = self.creating.write().await;
        self.remove_labelled(LABEL_RUN, run).await?;
        self.remove_names(run).await
    }

    /// Removes every container with this label.
    pub(super) async fn remove_labelled(&self, label: &str, value: &str) -> Result<(), Error> {
        let label = vec![format!("{label}={value}")];
        let options = ListContainersOptionsBuilder::default()
            .all(true)
            .filters(&HashMap::from([("label", label)]))
            .build();
        let found = self.client.list_containers(Some(options)).await;
        let found = found.map_err(|error| self.refused(error))?;
        for id in found.into_iter().filter_map(|container| container.id) {
            self.remove(&id).await?;
        }
        Ok(())
    }

    /// Waits up to `limit` for the container to end; returns its state.
    pub async fn wait(&self, id: &str, limit: Duration) -> Result<ContainerState, Error> {
        let client = self.patient();
        let mut ended = client.wait_container(id, None::<WaitContainerOptions>);
        // An exit status other than 0 is an error to bollard, and data to jot; the state has it.
        let _ = timeout(limit, ended.next()).await;
        self.state(id).await
    }
}

/// Whether it is being removed already.
fn is_going(error: &bollard::errors::Error) -> bool {
    matches!(
        error,
        bollard::errors::Error::DockerResponseServerError { status_code: 409, message }
            if message.contains("already in progress")
    )
}
