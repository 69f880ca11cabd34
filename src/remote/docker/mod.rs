//! Docker Engine: images, builds with BuildKit, pushes, and the restricted containers that tests
//! run in.

mod about;
mod address;
mod agents;
mod answer;
mod base;
mod build;
mod config;
mod connect;
mod container;
mod context;
mod contexts;
mod credentials;
mod endpoint;
mod excerpt;
mod export;
mod images;
mod kept;
mod keys;
mod limits;
mod machine;
mod named;
mod published;
mod relay;
mod sandbox;
mod session;
mod steps;
mod stream;
mod superseded;
mod trace;
mod transfer;
mod variables;

use std::{collections::BTreeMap, sync::Arc};

use tokio::sync::{OnceCell, RwLock};

use crate::model::{Digest, ImageOverrides, Secret, recipe::RegistryLogin};

pub use about::About;
pub use credentials::registry;
pub use export::Exported;
pub use published::is_taken;
pub use relay::Relay;
pub use stream::Duplex;

/// A daemon that answered.
#[derive(Clone, Debug)]
pub struct Docker {
    /// For requests with quick answers.
    client: bollard::Docker,
    endpoint: Arc<endpoint::Endpoint>,
    /// The docker command's configuration.
    config: Arc<config::Config>,
    /// Credentials of the project's own registry, which take precedence over those in the
    /// configuration.
    login: Option<Arc<RegistryLogin>>,
    /// Requested once, on first use.
    machine: Arc<OnceCell<machine::Machine>>,
    /// Held shared while containers are created; a search for a run's containers waits for them.
    creating: Arc<RwLock<()>>,
}

/// Progress of a build, push or pull.
#[derive(Clone, Debug, PartialEq)]
pub enum Work {
    /// A build step began or ended: `[2/5] RUN ...`, steps done, steps known.
    Step {
        /// The step that runs: `[2/5] RUN make`, or its title in words.
        doing: String,
        /// Steps finished so far.
        done: u64,
        /// Steps known so far.
        total: u64,
    },
    /// A line that a build step wrote.
    Output(String),
    /// It broke off, and starts again.
    Again {
        /// The message of the error that ended the attempt.
        why: String,
        /// How many attempts were made.
        attempt: u32,
        /// Milliseconds until the next.
        wait_ms: u64,
    },
    /// Bytes of all layers together.
    Bytes {
        /// Current activity, such as `pushing layer 3f2a1b4c5d6e`.
        doing: String,
        /// Bytes transferred so far.
        done: u64,
        /// Bytes known so far.
        total: u64,
    },
}

/// A base image to build on.
#[derive(Clone, Copy, Debug)]
pub struct Base<'a> {
    /// A name of it in the daemon.
    pub reference: &'a str,
    /// The run that builds on it; the base's temporary name contains it.
    pub run: &'a str,
}

/// Result of a push, as far as the daemon reports it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pushed {
    /// Layers that were uploaded, without those that existed.
    pub layers: u64,
    /// Their size as Docker counts it, before compression.
    pub bytes: u64,
    /// The digest in the registry, if the daemon reports it.
    pub digest: Option<Digest>,
}

/// A container with Lambda's limits.
#[derive(Clone, Debug)]
pub struct Sandbox {
    /// Image id or reference.
    pub image: String,
    /// Value of the label `dev.jot.run`.
    pub run: String,
    /// MiB, without swap; the CPU share follows: 1769 MiB are one CPU.
    pub memory_mb: u32,
    /// Size of /tmp in MiB.
    pub tmp_mb: u32,
    /// Environment variables by name; all values count as secrets.
    pub environment: BTreeMap<String, Secret>,
    /// Port on 127.0.0.1; `None`: any free one.
    pub port: Option<u16>,
    /// Whether to restrict it as Lambda does; `jot run` may not.
    pub restricted: bool,
    /// For a harness: what the function starts instead of the image's command, under AWS's
    /// emulator.
    ///
    /// `None`: the image's own entry point is started.
    pub harness: Option<ImageOverrides>,
}

/// A container that was started.
#[derive(Clone, Debug)]
pub struct Container {
    /// Docker's id, in hex digits.
    pub id: String,
    /// Port on the 127.0.0.1 of the daemon's machine.
    ///
    /// `None` if none was published, because the container ended at once or this machine could not
    /// reach the port.
    pub port: Option<u16>,
    /// Lambda's limits that this engine does not enforce, one sentence each.
    pub notes: Vec<String>,
}

/// State of a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContainerState {
    /// Whether it still runs.
    pub running: bool,
    /// Exit status, if it has ended.
    pub exit_code: Option<i64>,
    /// Whether the kernel killed a process in it because it ran out of memory.
    pub out_of_memory: bool,
}
