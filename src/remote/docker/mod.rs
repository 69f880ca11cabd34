//! Docker Engine: images, builds with BuildKit, pushes, and the restricted containers that tests run in.

use std::{collections::BTreeMap, time::Duration};

use super::Error;
use crate::model::{Fingerprint, Image, Secret, image::RegistryLogin, observed::LocalImage};

/// A daemon that answered.
#[derive(Clone, Debug)]
pub struct Docker {}

/// How far a build, push or pull is.
#[derive(Clone, Debug, PartialEq)]
pub enum Work {
    /// A build step began or ended: `[2/5] RUN ...`, steps done, steps known.
    Step {
        doing: String,
        done: u64,
        total: u64,
    },
    /// A line that a build step wrote.
    Output(String),
    /// Bytes of all layers together.
    Bytes {
        doing: String,
        done: u64,
        total: u64,
    },
}

/// What came of a push.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pushed {
    /// Layers that were uploaded, not already there.
    pub layers: u64,
    /// Their compressed bytes.
    pub bytes: u64,
}

/// A container that is given no more than Lambda gives.
#[derive(Clone, Debug)]
pub struct Sandbox {
    /// Image id or reference.
    pub image: String,
    /// Value of the label `dev.jot.run`.
    pub run: String,
    /// MiB, without swap; the CPU share follows: 1769 MiB are one CPU.
    pub memory_mb: u32,
    /// MiB of /tmp.
    pub tmp_mb: u32,
    /// Environment, secrets included.
    pub environment: BTreeMap<String, Secret>,
    /// Port on 127.0.0.1 to answer at; none: any free one.
    pub port: Option<u16>,
    /// Whether to restrict it as Lambda does; `jot run` may not.
    pub restricted: bool,
}

/// A container that runs.
#[derive(Clone, Debug)]
pub struct Container {
    /// Docker's id.
    pub id: String,
    /// Port on 127.0.0.1.
    pub port: u16,
}

/// How a container is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContainerState {
    /// Whether it still runs.
    pub running: bool,
    /// Exit status, where it ended.
    pub exit_code: Option<i64>,
    /// Whether the kernel killed something in it for want of memory.
    pub out_of_memory: bool,
}

#[rustfmt::skip]
#[allow(missing_docs, unused_variables, clippy::unused_async)]
impl Docker {
    pub async fn connect() -> Result<Docker, Error> { todo!() }
    /// `linux/amd64` or `linux/arm64`.
    pub async fn platform(&self) -> Result<String, Error> { todo!() }
    pub async fn images(&self, project: &str) -> Result<BTreeMap<Fingerprint, LocalImage>, Error> { todo!() }
    /// Builds and tags the image as `tag`; `base` is what the base build argument names. Gives Docker's image id.
    pub async fn build(&self, image: &Image, base: Option<&str>, tag: &str, labels: &BTreeMap<String, String>, progress: &mut (dyn FnMut(Work) + Send)) -> Result<String, Error> { todo!() }
    pub async fn tag(&self, image: &str, repository: &str, tag: &str) -> Result<(), Error> { todo!() }
    pub async fn push(&self, repository: &str, tag: &str, login: &RegistryLogin, progress: &mut (dyn FnMut(Work) + Send)) -> Result<Pushed, Error> { todo!() }
    /// Pulls `repository@digest`; gives the image id.
    pub async fn pull(&self, repository: &str, digest: &str, login: &RegistryLogin, progress: &mut (dyn FnMut(Work) + Send)) -> Result<String, Error> { todo!() }
    pub async fn start(&self, sandbox: &Sandbox) -> Result<Container, Error> { todo!() }
    pub async fn state(&self, id: &str) -> Result<ContainerState, Error> { todo!() }
    /// Last lines of its output.
    pub async fn logs(&self, id: &str, lines: usize) -> Result<Vec<String>, Error> { todo!() }
    /// Whether a path exists in the container.
    pub async fn path_exists(&self, id: &str, path: &str) -> Result<bool, Error> { todo!() }
    pub async fn remove(&self, id: &str) -> Result<(), Error> { todo!() }
    /// Removes every container with this value of the label `dev.jot.run`.
    pub async fn remove_run(&self, run: &str) -> Result<(), Error> { todo!() }
    pub async fn wait(&self, id: &str, limit: Duration) -> Result<ContainerState, Error> { todo!() }
}
