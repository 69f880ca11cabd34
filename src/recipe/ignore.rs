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
    /// Line in the file, counted from 1.
    pub number: usize,
    pub text: String,
    /// Why, lower case, no final stop.
    pub why: &'static str,
}

/// Parses a `.dockerignore` as Docker does: `#` in the first column begins a comment, white space
/// around a pattern and a leading `/` are ignored, `.` and `..` are resolved.
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
        return Err("it has nothing after `!`");
    }
    let pattern = pattern::parse(&cleaned(text))?;
    Ok(Rule { pattern, exception })
}

/// The shortest equivalent path relative to the source: the result of Go's `filepath.Clean`,
/// without a leading `/`.
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
    /// These rules after others, which they may make exceptions from.
    pub fn after(self, first: Self) -> Self {
        Self([first.0, self.0].concat())
    }

    /// Whether a path relative to the source is left out. The last rule that matches it or one of
    /// its folders decides.
    pub fn ignore(&self, path: &str) -> bool {
        if self.0.is_empty() {
            return false;
        }
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

    /// Whether everything below an ignored folder is ignored too, so that it can be skipped.
    pub fn have_no_exceptions(&self) -> bool {
        self.0.iter().all(|rule| !rule.exception)
    }
}

/// Whether a file or folder of this name is never part of a source: version control and editors'
/// temporary files.
pub fn never_wanted(name: &str) -> bool {
    const NAMES: [&str; 5] = [".git", ".hg", ".svn", ".jj", ".DS_Store"];
    NAMES.contains(&name)
        || name.ends_with('~')
        || name.ends_with(".swp")
        || name.starts_with(".#")
        || (name.len() > 2 && name.starts_with('#') && name.ends_with('#'))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each row: the file, paths that it ignores, paths that it does not. The first rows are the
    /// examples of Docker's documentation, the others are results of its matcher
    /// (github.com/moby/patternmatcher 0.6.0).
    const TABLE: &[(&str, &[&str], &[&str])] = &[
        ("# comment", &[], &["# comment", "comment"]),
        (
            "*/temp*",
            &["somedir/temporary.txt", "somedir/temp", "somedir/temp/x"],
            &["temp", "a/b/temp"],
        ),
        (
            "*/*/temp*",
            &["somedir/subdir/temporary.txt"],
            &["somedir/temporary.txt", "a/b/c/temp"],
        ),
        (
            "temp?",
            &["tempa", "tempb", "tempa/x"],
            &["temp", "tempab", "a/tempa"],
        ),
        ("**/*.go", &["x.go", "a/x.go", "a/b/x.go"], &["x.got"]),
        ("*.md\n!README.md", &["a.md"], &["README.md", "docs/a.md"]),
        (
            "*.md\n!README*.md\nREADME-secret.md",
            &["a.md", "README-secret.md"],
            &["README.md", "README-a.md"],
        ),
        (
            "*.md\nREADME-secret.md\n!README*.md",
            &["a.md"],
            &["README.md", "README-secret.md"],
        ),
        ("/foo/bar", &["foo/bar", "foo/bar/x"], &["bar", "a/foo/bar"]),
        ("foo/bar", &["foo/bar"], &["bar", "a/foo/bar"]),
        ("foo/", &["foo", "foo/x"], &["a/foo"]),
        ("foo/**", &["foo/x", "foo/a/x"], &["foo", "a/foo/x"]),
        ("a/**/b", &["a/b", "a/x/b", "a/x/y/b"], &["b", "ab", "a/xb"]),
        ("**/b", &["b", "a/b", "a/x/b/c"], &["ab", "a/xb"]),
        ("**.o", &["x.o", "a/x.o", "a/b/.o"], &["x.obj"]),
        ("a**b", &["ab", "a/b", "ax/b"], &["axb"]),
        ("**", &["a", "a/b", ".hidden"], &[]),
        ("*", &["a", "a/b"], &[]),
        (
            "**\n!keep\n!src/**/*.jl",
            &["a", "src/a.txt", "keeper"],
            &["keep", "keep/x", "src/a.jl", "src/b/c.jl"],
        ),
        (
            "a\n!a/b\na/b/c",
            &["a/x", "a/b/c", "a/b/c/d"],
            &["a/b", "a/b/x"],
        ),
        (
            "  spaced  \n\n!  spaced/x",
            &["spaced", "spaced/y"],
            &["spaced/x"],
        ),
        (" # not a comment", &["# not a comment"], &["x"]),
        ("./a/../b//c/.", &["b/c"], &["a", "b", "c"]),
        ("../a", &[], &["a", "b/a"]),
        (".", &[], &["a", "a/b"]),
        ("[a-c]x", &["ax", "cx"], &["dx", "x", "-x"]),
        ("[^a-c]x", &["dx", "/x"], &["ax", "x"]),
        ("[!a]x", &["!x", "ax"], &["bx"]),
        ("\\*x\n\\[y\\]", &["*x", "[y]"], &["ax", "y"]),
        ("{a,b}", &["{a,b}"], &["a", "b"]),
        ("a.b+(c)$", &["a.b+(c)$"], &["axb+(c)$", "a.bb(c)"]),
        ("\u{feff}bom", &["bom"], &["\u{feff}bom"]),
        ("caf?", &["café"], &["caf"]),
        ("crlf\r\nother\r\n", &["crlf", "other"], &[]),
    ];

    #[test]
    fn paths_are_ignored_as_docker_ignores_them() {
        for (text, ignored, kept) in TABLE {
            let rules = parse(text).unwrap();
            let (yes, no): (Vec<&str>, Vec<&str>) = ignored
                .iter()
                .chain(*kept)
                .partition(|path| rules.ignore(path));
            assert_eq!(
                (yes.as_slice(), no.as_slice()),
                (*ignored, *kept),
                "{text:?}"
            );
        }
    }

    #[test]
    fn a_malformed_line_is_named() {
        for (text, number) in [
            ("a\n!", 2),
            ("[", 1),
            ("a[b-", 1),
            ("[]", 1),
            ("ok\n#[\n[]x]", 3),
            ("a\\", 1),
            ("[-x]", 1),
        ] {
            assert_eq!(parse(text).unwrap_err().number, number, "{text:?}");
        }
    }

    #[test]
    fn droppings_are_known_by_their_names() {
        for name in [
            ".git",
            ".hg",
            ".svn",
            ".jj",
            ".DS_Store",
            "a.jl~",
            ".#a.jl",
            ".a.jl.swp",
            "#a.jl#",
        ] {
            assert!(never_wanted(name), "{name}");
        }
        for name in [".gitignore", "git", "#", "##", "a#", "swp", ".dockerignore"] {
            assert!(!never_wanted(name), "{name}");
        }
    }
}
