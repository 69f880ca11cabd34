//! Information about a daemon.

use super::Docker;
use crate::remote::Error;

/// A daemon and its machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    /// Its address, as in `DOCKER_HOST`.
    pub host: String,
    /// The engine's version; `unknown` if it reports none.
    pub version: String,
    /// Whether it is Podman.
    pub podman: bool,
    /// The platform that needs no emulation, such as `linux/amd64`.
    pub platform: String,
    /// Number of processors; 1 if it is not reported.
    pub cpus: u32,
    /// Bytes of memory, if reported.
    pub memory: Option<u64>,
}

impl Docker {
    /// Information that the daemon reports.
    ///
    /// # Errors
    ///
    /// Docker failed.
    pub async fn about(&self) -> Result<About, Error> {
        let version = self.first(self.client.version()).await?;
        let machine = self.machine().await?;
        Ok(About {
            host: self.host().to_owned(),
            version: version.version.unwrap_or_else(|| "unknown".to_owned()),
            podman: machine.engine.podman,
            platform: machine.platform.clone(),
            cpus: machine.cpus,
            memory: machine.memory.filter(|bytes| *bytes > 0),
        })
    }
}
