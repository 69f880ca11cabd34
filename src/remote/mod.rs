//! Calls to AWS, Docker, registries and git.
//!
//! Only these files name types of bollard or the AWS SDK: plain data in and out.

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

/// The log filter of `-vv`: names of requests.
///
/// The SDK's messages about credentials are excluded, because they quote programs and files.
pub const LOGGED: &str = "warn,aws_config=off,jot=debug";
