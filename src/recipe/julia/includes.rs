//! Which files a script includes, and which it reads.

/// Returns the paths that a script names literally by `include("path")`, in their order, each once. Comments and other
/// strings are skipped, and so are paths with an interpolation or escape and those that begin with `/`.
pub fn includes(script_text: &str) -> Vec<String> {
    calls(script_text, "include", argument)
}

/// Returns the paths that a script names literally by `joinpath(@__DIR__, "folder", "name")`, in their order, each once: so a
/// script finds files of its own wherever it is run.
pub fn reads(script_text: &str) -> Vec<String> {
    calls(script_text, "joinpath", joined)
}

/// What `read` makes of the text behind every call of the function `name`, outside of comments and strings.
fn calls(text: &str, name: &str, read: fn(&str) -> Option<String>) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = text;
    let mut previous = ' ';
    while let Some(next) = rest.chars().next() {
        let taken = match next {
            '#' => comment(rest),
            '"' => string(rest),
            '\'' if !ends_value(previous) => character(rest),
            _ if !ends_value(previous) && previous != '.' && rest.starts_with(name) => {
                found.extend(read(&rest[name.len()..]));
                name.len()
            }
            _ => next.len_utf8(),
        };
        previous = rest[..taken].chars().next_back().unwrap_or(' ');
        rest = &rest[taken..];
    }
    let mut seen = std::collections::BTreeSet::new();
    found.retain(|path| seen.insert(path.clone()));
    found
}

/// Whether a quote after this character is a transpose, and a word after it goes on.
fn ends_value(previous: char) -> bool {
    previous.is_alphanumeric() || matches!(previous, '_' | '!' | ')' | ']' | '}' | '\'')
}

/// Bytes of the comment that the text begins with; `#=` and `=#` nest.
fn comment(text: &str) -> usize {
    if !text.starts_with("#=") {
        return text.find('\n').unwrap_or(text.len());
    }
    let (mut depth, mut at) = (0, 0);
    while at < text.len() {
        let rest = &text.as_bytes()[at..];
        match rest {
            [b'#', b'=', ..] => (depth, at) = (depth + 1, at + 2),
            [b'=', b'#', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    text.len()
}

/// Bytes of the string, with one quote or three, that the text begins with.
fn string(text: &str) -> usize {
    let quotes = if text.starts_with("\"\"\"") {
        "\"\"\""
    } else {
        "\""
    };
    let mut at = quotes.len();
    while at < text.len() {
        if text.as_bytes()[at] == b'\\' {
            at += 2;
        } else if text.as_bytes()[at..].starts_with(quotes.as_bytes()) {
            return at + quotes.len();
        } else {
            at += 1;
        }
    }
    text.len()
}

/// Bytes of the character literal that the text begins with.
fn character(text: &str) -> usize {
    let mut characters = text.char_indices().skip(1);
    let escaped = matches!(characters.next(), Some((_, '\\')));
    let end = characters
        .skip(usize::from(escaped))
        .take_while(|(_, c)| *c != '\n')
        .find(|(_, c)| *c == '\'');
    end.map_or(1, |(at, _)| at + 1)
}

/// The literal path of the call whose name the text follows.
fn argument(text: &str) -> Option<String> {
    let inside = text.strip_prefix('(')?.trim_start().strip_prefix('"')?;
    let (path, after) = inside.split_once('"')?;
    let literal = !path.is_empty() && !path.starts_with('/') && !path.contains(['\\', '$', '\n']);
    (literal && after.trim_start().starts_with([')', ','])).then(|| path.to_owned())
}

/// The path below `@__DIR__` of the call of `joinpath` whose name the text follows.
fn joined(text: &str) -> Option<String> {
    let mut rest = text
        .strip_prefix('(')?
        .trim_start()
        .strip_prefix("@__DIR__")?;
    let mut parts = Vec::new();
    loop {
        rest = rest.trim_start();
        if rest.starts_with(')') && !parts.is_empty() {
            return Some(parts.join("/"));
        }
        let inside = rest.strip_prefix(',')?.trim_start().strip_prefix('"')?;
        let (part, after) = inside.split_once('"')?;
        if part.is_empty() || part.starts_with('/') || part.contains(['\\', '$', '\n']) {
            return None;
        }
        parts.push(part);
        rest = after;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literal_includes_are_found() {
        for (script, expected) in [
            ("include(\"a.jl\")", &["a.jl"][..]),
            (
                "include( \"lib/a.jl\" )\ninclude(\"b.jl\")",
                &["lib/a.jl", "b.jl"],
            ),
            ("include(\"a.jl\"); include(\"a.jl\")", &["a.jl"]),
            ("# include(\"a.jl\")\ninclude(\"b.jl\")", &["b.jl"]),
            ("#= #= include(\"a.jl\") =# =# include(\"b.jl\")", &["b.jl"]),
            ("x = \"include(\\\"a.jl\\\")\"", &[]),
            (
                "\"\"\"\n\"quoted\" include(\"a.jl\")\n\"\"\"\ninclude(\"b.jl\")",
                &["b.jl"],
            ),
            ("include(\"$name.jl\")", &[]),
            ("include(name)", &[]),
            ("include(\"/etc/a.jl\")", &[]),
            (
                "my_include(\"a.jl\"); reinclude(\"b.jl\"); M.include(\"c.jl\")",
                &[],
            ),
            ("includes(\"a.jl\")", &[]),
            ("include(\"a.jl\" * \"b\")", &[]),
            ("a' * b'; c = '\"'; include(\"a.jl\")", &["a.jl"]),
            ("c = '\\''; d = '#'; include(\"a.jl\")", &["a.jl"]),
            ("é = 'é'; include(\"größe.jl\")", &["größe.jl"]),
            ("include(\"a.jl", &[]),
            ("#= open include(\"a.jl\")", &[]),
            ("\"open include(\"", &[]),
        ] {
            assert_eq!(includes(script), expected, "{script}");
        }
    }

    #[test]
    fn literal_paths_beside_the_script_are_found() {
        for (script, expected) in [
            ("read(joinpath(@__DIR__, \"a.csv\"))", &["a.csv"][..]),
            (
                "joinpath( @__DIR__ , \"data\", \"b.csv\" ); joinpath(@__DIR__, \"data\")",
                &["data/b.csv", "data"],
            ),
            ("# joinpath(@__DIR__, \"a.csv\")", &[]),
            ("\"joinpath(@__DIR__, a)\"", &[]),
            ("joinpath(@__DIR__)", &[]),
            ("joinpath(@__DIR__, name)", &[]),
            ("joinpath(@__DIR__, \"$name.csv\")", &[]),
            ("joinpath(@__DIR__, \"/etc\")", &[]),
            ("joinpath(dir, \"a.csv\")", &[]),
            ("joinpath(@__DIR__, \"a.csv", &[]),
            ("myjoinpath(@__DIR__, \"a.csv\")", &[]),
        ] {
            assert_eq!(reads(script), expected, "{script}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_has_includes(text in "(include|joinpath|@__DIR__|,|\\(|\"|'|#=|=#|#|\\\\|é|\n|a){0,40}") {
            includes(&text);
            reads(&text);
        }
    }
}
