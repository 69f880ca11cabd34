//! What the tests run with: a ministack of their own behind a counting proxy, and a project in a
//! folder of its own.

mod child;
pub mod docker;
#[path = "../../support/documents.rs"]
mod documents;
mod foretold;
pub mod http;
pub mod metrics;
mod mirror;
mod project;
pub mod registry;
#[path = "../../support/same.rs"]
mod same;
pub mod seen;
mod stack;
mod terminal;
#[path = "../../support/world/mod.rs"]
mod world;

pub use child::Running;
pub use mirror::Mirror;
pub use project::{Project, Ran, ran};
pub use registry::Registry;
pub use stack::Stack;
pub use terminal::Terminal;

use std::sync::atomic::{AtomicU32, Ordering};

/// A name that no other test, in this process or another, has: Docker is shared by all. Its length
/// is constant, and so is the width of the columns that contain it.
pub fn unique(label: &str) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let next = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("e2e-{label}-{:06x}-{next:02}", std::process::id())
}

/// A variable that `scripts/up` writes.
pub fn setting(name: &str) -> String {
    std::env::var(name)
        .unwrap_or_else(|_| panic!("{name} is not set: run the end-to-end tests with scripts/test"))
}
