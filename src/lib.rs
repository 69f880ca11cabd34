#![forbid(unsafe_code)]
#![warn(missing_docs)]
//! jot builds, tests, deploys and runs AWS Lambda functions in languages that Lambda does not host.

pub mod apply;
pub mod bench;
pub mod carry;
pub mod cli;
#[doc(hidden)]
pub mod fuzzing;
pub mod logs;
pub mod manifest;
pub mod model;
pub mod observe;
pub mod plan;
pub mod recipe;
pub mod remote;
pub mod report;
pub mod rights;
pub mod verdict;
pub mod verify;
