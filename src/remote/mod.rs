//! The only files that name bollard or AWS SDK types: plain data in and out.

pub mod aws;
pub mod docker;
mod download;
pub mod error;
pub mod git;

pub use aws::Aws;
pub use docker::Docker;
pub use download::download;
pub use error::Error;
