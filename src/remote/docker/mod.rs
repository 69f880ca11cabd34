//! Docker Engine: images, builds with BuildKit, pushes, and the restricted containers that tests run in.

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
    /// For requests that are answered at once.
    client: bollard::Docker,
    /// Where the daemon is.
    endpoint: Arc<endpoint::Endpoint>,
    /// What the docker command is configured with.
    config: Arc<config::Config>,
    /// Credentials of the project's own registry, which win over those in the configuration.
    login: Option<Arc<RegistryLogin>>,
    /// Asked for once, when first needed.
    machine: Arc<OnceCell<machine::Machine>>,
    /// Shared by the containers that are being created; whoever looks for a run's containers waits for them.
    creating: Arc<RwLock<()>>,
}

/// How far a build, push or pull is.
#[derive(Clone, Debug, PartialEq)]
pub enum Work {
    /// A build step began or ended: `[2/5] RUN ...`, steps done, steps known.
    Step {
        /// The step.
        doing: String,
        /// Steps that ended.
        done: u64,
        /// Steps known so far.
        total: u64,
    },
    /// A line that a build step wrote.
    Output(String),
    /// It broke off, and is begun again.
    Again {
        /// Why, in words.
        why: String,
        /// How many attempts there were.
        attempt: u32,
        /// Milliseconds until the next.
        wait_ms: u64,
    },
    /// Bytes of all layers together.
    Bytes {
        /// What is going on, such as `pushing layer 3f2a1b4c5d6e`.
        doing: String,
        /// Bytes moved.
        done: u64,
        /// Bytes known so far.
        total: u64,
    },
}

/// A base image to build on.
#[derive(Clone, Copy, Debug)]
pub struct Base<'a> {
    /// A name that the daemon knows it by.
    pub reference: &'a str,
    /// The run that builds on it: the build knows the base by a name of its own, in which the run's is.
    pub run: &'a str,
}

/// What came of a push, where the daemon says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pushed {
    /// Layers that were uploaded, not already there.
    pub layers: u64,
    /// Their bytes as Docker counts them, which is before compression.
    pub bytes: u64,
    /// The digest under which the registry holds it, where the daemon says.
    pub digest: Option<Digest>,
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
    /// For a harness what the function starts instead of what its image says: AWS's emulator
    /// starts it. `None`: the image's own entry point is started.
    pub harness: Option<ImageOverrides>,
}

/// A container that runs.
#[derive(Clone, Debug)]
pub struct Container {
    /// Docker's id.
    pub id: String,
    /// Port on the 127.0.0.1 of the daemon's machine; none where it published none, since it ended at once or since nothing
    /// here could call it there.
    pub port: Option<u16>,
    /// Limits of Lambda's that this engine does not enforce, a sentence each.
    pub notes: Vec<String>,
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
