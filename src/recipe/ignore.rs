//! Which files of a source folder never reach a build.

use super::pattern::{self, Pattern};

/// The file in a source folder that names what a build does not see.
pub const FILE: &str = ".dockerignore";

/// What a `.dockerignore` says.
#[derive(Clone, Debug, Default)]
pub struct Rules(Vec<Rule>);

#[derive(Clone, Debug)]
struct Rule {
    pattern: Pattern,
    /// Whether the line began with `!`.
    exception: bool,
}

/// Why a line of a `.dockerignore` cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadLine {
    /// From 1.
    pub number: usize,
    /// The line.
    pub text: String,
    /// Why, lower case, no final stop.
    pub why: &'static str,
}

/// Returns the rules of a `.dockerignore`, read as Docker reads it: `#` in the first column begins a comment, white
/// space around a pattern goes, a leading `/` means nothing, `.` and `..` are resolved.
/// <https://docs.docker.com/build/concepts/context/#dockerignore-files>
pub fn parse(text: &str) -> Result<Rules, BadLine> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines = text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.starts_with('#') && !line.trim().is_empty());
    let rules = lines.map(|(index, line)| {
        rule(line).map_err(|why| BadLine {
            number: index + 1,
            text: line.to_owned(),
            why,
        })
    });
    rules.collect::<Result<_, _>>().map(Rules)
}

fn rule(line: &str) -> Result<Rule, &'static str> {
    let line = line.trim();
    let (exception, text) = match line.strip_prefix('!') {
        Some(text) => (true, text.trim()),
        None => (false, line),
    };
    if text.is_empty() {
        return Err("there is nothing after `!`");
    }
    let pattern = pattern::parse(&cleaned(text))?;
    Ok(Rule { pattern, exception })
}

/// The shortest path that means the same, relative to the source: what Go's `filepath.Clean` gives, less a leading `/`.
fn cleaned(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if path.starts_with('/') => {}
            other => parts.push(other),
        }
    }
    parts.join("/")
}

impl Rules {
    /// Whether a path relative to the source is left out. The last rule that matches it, or a folder that it is in, decides.
    pub fn ignore(&self, path: &str) -> bool {
        let ends = path.match_indices('/').map(|(end, _)| end);
        let candidates: Vec<&str> = ends.map(|end| &path[..end]).chain([path]).collect();
        let mut ignored = false;
        for rule in &self.0 {
            let could_change = rule.exception == ignored;
            if could_change
                && candidates
                    .iter()
                    .any(|candidate| rule.pattern.matches(candidate))
            {
                ignored = !ignored;
            }
        }
        ignored
    }

    /// Whether everything below an ignored folder is ignored too, so that it need not be looked at.
    pub fn have_no_exceptions(&self) -> bool {
        self.0.iter().all(|rule| !rule.exception)
    }
}

/// Whether a file or folder of this name is never part of a source: version control and editor droppings.
pub fn never_wanted(name: &str) -> bool {
    const NAMES: [&str; 5] = [".git", ".hg", ".svn", ".jj", ".DS_Store"];
    NAMES.contains(&name)
        || name.ends_with('~')
        || name.ends_with(".swp")
        || name.starts_with(".#")
        || (name.len() > 2 && name.starts_with('#') && name.ends_with('#'))
}
