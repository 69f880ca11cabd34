//! The only files that name bollard or AWS SDK types: plain data in and out.

pub mod aws;
pub mod docker;
mod download;
pub mod error;
pub mod git;
pub mod registry;

pub use aws::Aws;
pub use docker::Docker;
pub use download::{download, fetch};
pub use error::Error;
pub use registry::Registry;

/// What `-vv` shows: names of requests. What the SDK says while it loads credentials is left out,
/// since it quotes what programs and files hold.
pub const LOGGED: &str = "warn,aws_config=off,jot=debug";
