//! A document: its blocks of code, headings, links and words in code.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// A document of the repository.
pub struct Document {
    /// Its path in the repository.
    pub path: PathBuf,
    /// Its text.
    pub text: String,
}

/// A block of code.
pub struct Block {
    /// The line of its beginning, from 1.
    pub line: usize,
    /// The words after the fence: the language first. Lines that are only indented are `sh`.
    pub words: Vec<String>,
    /// Its lines, without their common indentation.
    pub text: String,
}

impl Block {
    /// The language, empty for none.
    pub fn language(&self) -> &str {
        self.words.first().map_or("", String::as_str)
    }
}

/// The top of the repository.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The documents for users and contributors: the book, the examples' and those at the top.
pub fn documents() -> Vec<Document> {
    let mut paths = Vec::new();
    walk(&root().join("docs"), &mut paths);
    let mut examples = Vec::new();
    walk(&root().join("examples"), &mut examples);
    paths.extend(
        examples
            .into_iter()
            .filter(|path| path.ends_with("README.md")),
    );
    let top = ["README.md", "CONTRIBUTING.md"].map(|name| root().join(name));
    paths.extend(top.into_iter().filter(|path| path.is_file()));
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "md"));
    paths.sort();
    paths.iter().map(|path| read(path)).collect()
}

/// The document at a path.
pub fn read(path: &Path) -> Document {
    let text =
        fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    Document {
        path: path.strip_prefix(root()).unwrap().to_owned(),
        text,
    }
}

/// Every file below a folder, except for the output of builds.
pub fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        match path.is_dir() {
            true if !["target", "book", "node_modules"].contains(&name) => walk(&path, found),
            true => {}
            false => found.push(path),
        }
    }
}

/// A line, and whether it is in a block of code.
struct Line<'a> {
    number: usize,
    text: &'a str,
    /// The words after the fence if the line opens a block.
    opens: Option<Vec<String>>,
    inside: bool,
}

impl Document {
    fn lines(&self) -> Vec<Line<'_>> {
        let mut inside = false;
        let mut lines = Vec::new();
        for (index, text) in self.text.lines().enumerate() {
            let mut line = Line {
                number: index + 1,
                text,
                opens: None,
                inside: true,
            };
            match (text.trim_start().strip_prefix("```"), inside) {
                (Some(words), false) => {
                    let words = words.split([',', ' ']).filter(|word| !word.is_empty());
                    line.opens = Some(words.map(str::to_owned).collect());
                    inside = true;
                }
                (Some(_), true) => {
                    inside = false;
                    // The fence belongs to the block, but is not one of its lines.
                    line.text = "";
                }
                (None, _) => line.inside = inside,
            }
            lines.push(line);
        }
        assert!(
            !inside,
            "{}: a block of code has no end",
            self.path.display()
        );
        lines
    }

    /// Its blocks of code. Indented lines that call jot are blocks of their own.
    pub fn blocks(&self) -> Vec<Block> {
        let mut blocks: Vec<Block> = Vec::new();
        let mut indent = 0;
        for line in self.lines() {
            if let Some(words) = line.opens {
                indent = line.text.len() - line.text.trim_start().len();
                blocks.push(Block {
                    line: line.number,
                    words,
                    text: String::new(),
                });
            } else if line.inside {
                let block = blocks.last_mut().unwrap();
                block.text += line.text.get(indent..).unwrap_or(line.text.trim_start());
                block.text.push('\n');
            } else if line.text.starts_with("    jot ") {
                blocks.push(Block {
                    line: line.number,
                    words: vec!["sh".to_owned()],
                    text: format!("{}\n", line.text.trim_start()),
                });
            }
        }
        blocks
    }

    /// Its headings with their levels, in order.
    pub fn headings(&self) -> Vec<(usize, String)> {
        let heading = |line: Line<'_>| {
            let level = line.text.len() - line.text.trim_start_matches('#').len();
            let text = line.text[level..].strip_prefix(' ')?;
            (!line.inside && level > 0).then(|| (level, text.trim().to_owned()))
        };
        self.lines().into_iter().filter_map(heading).collect()
    }

    /// The anchors of its headings, as mdBook and GitHub make them.
    pub fn anchors(&self) -> Vec<String> {
        let mut anchors: Vec<String> = Vec::new();
        let mut plain: Vec<String> = Vec::new();
        for (_, heading) in self.headings() {
            let anchor = anchor(&heading);
            let before = plain.iter().filter(|one| **one == anchor).count();
            anchors.push(match before {
                0 => anchor.clone(),
                count => format!("{anchor}-{count}"),
            });
            plain.push(anchor);
        }
        anchors
    }

    /// Its paragraphs outside of blocks of code, with the line of each one's beginning.
    fn paragraphs(&self) -> Vec<(usize, String)> {
        let mut paragraphs: Vec<(usize, String)> = vec![(1, String::new())];
        for line in self.lines() {
            if line.inside || line.text.trim().is_empty() {
                paragraphs.push((line.number + 1, String::new()));
            } else if let Some((_, text)) = paragraphs.last_mut() {
                text.push_str(line.text);
                text.push('\n');
            }
        }
        paragraphs.retain(|(_, text)| !text.is_empty());
        paragraphs
    }

    /// The code within its text, with the line of the paragraph.
    pub fn codes(&self) -> Vec<(usize, String)> {
        let mut codes = Vec::new();
        for (line, paragraph) in self.paragraphs() {
            let parts = paragraph.split('`').enumerate();
            let inside = parts.filter(|(index, _)| index % 2 == 1);
            codes.extend(inside.map(|(_, code)| {
                let words: Vec<&str> = code.split_whitespace().collect();
                (line, words.join(" "))
            }));
        }
        codes
    }

    /// The targets of its links, with the line of the paragraph.
    pub fn links(&self) -> Vec<(usize, String)> {
        let mut links = Vec::new();
        for (line, paragraph) in self.paragraphs() {
            let parts = paragraph.split('`').enumerate();
            let outside = parts.map(|(index, part)| if index % 2 == 0 { part } else { "code" });
            let text: String = outside.collect();
            for (_, rest) in text
                .match_indices("](")
                .map(|(at, _)| text.split_at(at + 2))
            {
                if let Some((target, _)) = rest.split_once(')') {
                    links.push((line, target.trim().to_owned()));
                }
            }
        }
        links
    }
}

/// The anchor of a heading.
fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter_map(|c| match c {
        c if c.is_alphanumeric() || c == '_' || c == '-' => Some(c.to_lowercase().to_string()),
        c if c.is_whitespace() => Some("-".to_owned()),
        _ => None,
    });
    kept.collect()
}

#[test]
fn blocks_headings_links_and_codes_are_found() {
    let text = "# A `b` c\n\nSee [x](y.md#z) and `jot\nplan`.\n\n```toml,fragment\na = 1\n\
        # no heading\n```\n\n- one\n\n  ```sh\n  jot check\n  ```\n\n    jot plan\n\n## A b c\n";
    let document = Document {
        path: PathBuf::from("x.md"),
        text: text.to_owned(),
    };
    let blocks = document.blocks();
    let shown: Vec<(usize, &str, &str)> = blocks
        .iter()
        .map(|block| (block.line, block.language(), block.text.trim_end()))
        .collect();
    assert_eq!(
        shown,
        [
            (6, "toml", "a = 1\n# no heading"),
            (13, "sh", "jot check"),
            (17, "sh", "jot plan"),
        ]
    );
    assert_eq!(blocks[0].words, ["toml", "fragment"]);
    assert_eq!(document.anchors(), ["a-b-c", "a-b-c-1"]);
    assert_eq!(document.links(), [(3, "y.md#z".to_owned())]);
    let codes = [(1, "b".to_owned()), (3, "jot plan".to_owned())];
    assert_eq!(document.codes(), codes);
}
