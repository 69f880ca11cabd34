//! The targets of the fuzzers: one function for each kind of text that jot reads and others write.
//!
//! Not part of the library's interface. `fuzz/fuzz_targets` calls these functions with what
//! libFuzzer makes of the files in `fuzz/corpus`, and `tests/fuzz.rs` with those files and with
//! mutations of them. Each function panics where a text breaks what must hold of every text.

mod dockerfile;
mod ignore;
mod logs;
mod manifest;
mod plan;
mod registry;

pub use dockerfile::dockerfile;
pub use ignore::ignore;
pub use logs::logs;
pub use manifest::manifest;
pub use plan::plan;
pub use registry::registry;

/// A target: takes any bytes, and panics if they break its invariant.
pub type Target = fn(&[u8]);

/// Every target with its name, which its file, its corpus and its binary have too.
pub const TARGETS: [(&str, Target); 6] = [
    ("dockerfile", dockerfile),
    ("ignore", ignore),
    ("logs", logs),
    ("manifest", manifest),
    ("plan", plan),
    ("registry", registry),
];
