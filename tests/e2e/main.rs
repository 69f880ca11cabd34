//! jot on real parts: Docker Engine, ministack and Julia, as `scripts/test` brings them up.

#[path = "../support/proxy.rs"]
mod proxy;
mod proxying;
mod support;
