//! The only files that name bollard or AWS SDK types: plain data in and out.

pub mod aws;
pub mod docker;
pub mod error;

pub use aws::Aws;
pub use docker::Docker;
pub use error::Error;
