//! An error of the user's code, in the words of its language's own tools.

use serde::Deserialize;

/// How a line of a build's output begins that reports one; JSON follows.
const MARK: &str = "jot-fault ";

/// What is wrong with the user's code, and where.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Fault {
    /// What is wrong, in plain words.
    pub message: String,
    /// Advice for the user; absent if the tool has none.
    #[serde(default)]
    pub help: Option<String>,
    /// The file: relative to the user's folder, or the path in an image.
    #[serde(default)]
    pub file: Option<String>,
    /// The line, 1 for the first.
    #[serde(default)]
    pub line: Option<usize>,
    /// The column in characters, 1 for the first; none if the whole line is meant.
    #[serde(default)]
    pub column: Option<usize>,
    /// What to write at the mark.
    #[serde(default)]
    pub label: Option<String>,
}

impl Fault {
    /// The fault that a line of a build's output reports; none for any other line.
    pub fn of_line(line: &str) -> Option<Self> {
        serde_json::from_str(line.trim().strip_prefix(MARK)?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_distinguished_from_other_lines() {
        let line = "jot-fault {\"message\": \"no `f`\", \"file\": \"a.jl\", \"line\": 3}\n";
        let fault = Fault::of_line(line).unwrap();
        assert_eq!((fault.message.as_str(), fault.line), ("no `f`", Some(3)));
        assert_eq!(fault.file.as_deref(), Some("a.jl"));
        for line in ["jot-fault", "jot-fault {", "jot: no", "x jot-fault {}"] {
            assert_eq!(Fault::of_line(line), None, "{line}");
        }
    }
}
