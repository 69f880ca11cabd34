//! Docker for real: builds, containers, pushes, and tests of functions. Needs a daemon with the
//! image `julia:1.5`, the `docker` command, AWS's runtime interface emulator at the path in
//! `JOT_RIE`, and ministack's program at the path in `JOT_TEST_MINISTACK`.

#[path = "support/elsewhere.rs"]
mod elsewhere;
#[path = "docker/export.rs"]
mod export;
#[path = "docker/images.rs"]
mod images;
// The end-to-end tests use the rest of it.
#[path = "docker/private.rs"]
mod private;
#[allow(dead_code)]
#[path = "support/proxy.rs"]
mod proxy;
#[path = "docker/registry.rs"]
mod registry;
#[path = "docker/relay.rs"]
mod relay;
#[path = "docker/sandbox.rs"]
mod sandbox;
#[path = "docker/support.rs"]
mod support;
#[path = "docker/verify.rs"]
mod verify;
