//! A manifest in a folder of its own.

use tempfile::TempDir;

use crate::manifest::{Error, FILE, load};

/// A folder with a manifest of one good function, `f`.
pub struct Case {
    folder: TempDir,
}

impl Case {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("f.jl"), "f(x) = x").unwrap();
        Self { folder }
    }

    /// Writes a file next to the manifest.
    pub fn file(&self, name: &str, text: &str) {
        std::fs::write(self.folder.path().join(name), text).unwrap();
    }

    /// Returns the messages for a text, which is all of the manifest.
    pub fn whole(&self, text: &str, target: Option<&str>) -> Vec<String> {
        let path = self.folder.path().join(FILE);
        std::fs::write(&path, text).unwrap();
        match load(&path, target) {
            Ok(_) => Vec::new(),
            Err(Error::Invalid { problems, .. }) => problems
                .into_iter()
                .map(|problem| problem.message)
                .collect(),
            Err(other) => panic!("{other}"),
        }
    }

    /// Returns the messages for lines of `[functions.f]`, dotted keys among them.
    pub fn function(&self, lines: &str) -> Vec<String> {
        let julia = if lines.contains("julia.source") {
            ""
        } else {
            "julia.source = 'f.jl'\n"
        };
        let julia = format!("{julia}julia.argument_type = 'Int'");
        self.whole(
            &format!("[project]\nname = 'numerics'\n[functions.f]\n{julia}\n{lines}\n"),
            None,
        )
    }
}

/// Asserts that a case loads, or has exactly one problem.
pub fn verdict(messages: &[String], good: bool, shown: &str) {
    let shown: String = shown.chars().take(200).collect();
    assert_eq!(messages.is_empty(), good, "{shown}: {messages:?}");
    assert!(
        messages.len() <= 1,
        "one problem, reported once: {shown}: {messages:?}"
    );
}

/// A text of that many characters.
pub fn x(count: usize) -> String {
    "x".repeat(count)
}
