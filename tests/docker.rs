//! Docker, for real: builds, containers, pushes, and tests of functions. Needs a daemon that has the image `julia:1.5`,
//! the `docker` command, and AWS's runtime interface emulator at the path in `JOT_RIE`.

#[path = "docker/images.rs"]
mod images;
#[path = "docker/sandbox.rs"]
mod sandbox;
#[path = "docker/support.rs"]
mod support;
