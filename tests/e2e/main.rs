//! jot on real parts: Docker Engine, ministack and Julia, as `scripts/test` brings them up.

mod alias;
mod gates;
mod limits;
mod offline;
mod ownership;
#[path = "../support/proxy.rs"]
mod proxy;
mod proxying;
mod responders;
mod secrets;
mod story;
mod support;
