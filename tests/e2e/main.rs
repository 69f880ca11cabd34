//! jot on real parts: Docker Engine, ministack and Julia, as `scripts/test` brings them up.

mod gates;
mod limits;
mod offline;
mod ownership;
#[path = "../support/proxy.rs"]
mod proxy;
mod proxying;
mod secrets;
mod story;
mod support;
