//! JVM functions: what their two images are made of.

pub mod dockerfile;
pub mod embedded;
pub mod flags;
pub mod project;
