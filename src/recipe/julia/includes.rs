//! The files that a script names, as far as its text shows without running it.

#[cfg(test)]
mod tests;

/// What the text of one file names. Comments and other strings are skipped.
#[derive(Debug, Default, PartialEq)]
pub struct Named {
    /// Paths that it includes, relative to its folder, in their order, each once.
    pub includes: Vec<String>,
    /// Paths that it names by `@__DIR__`, which work wherever it is run. If only Julia can resolve
    /// the whole path, the certain part is the folder.
    pub reads: Vec<String>,
    /// Calls of `include` with a path that only Julia can resolve: line, and text.
    pub unknown: Vec<(usize, String)>,
    /// Whether it names files in a way that only Julia can resolve: then any text in it may be one.
    pub open: bool,
    /// Texts that may be paths of files, where `open`.
    pub texts: Vec<String>,
}

/// Returns what the text of a file names.
pub fn named(text: &str) -> Named {
    let mut found = Named::default();
    let mut rest = text;
    let mut previous = ' ';
    while let Some(next) = rest.chars().next() {
        let word = !ends_value(previous) && previous != '.';
        let taken = match next {
            '#' => comment(rest),
            '"' => quoted(rest, &mut found),
            '\'' if !ends_value(previous) => character(rest),
            _ if word && starts_word(rest, "include") => {
                let line = text[..text.len() - rest.len()].matches('\n').count() + 1;
                include(rest, line, &mut found)
            }
            _ if word && starts_word(rest, "joinpath") => joinpath(rest, &mut found),
            _ if word && directory(rest).is_some() => script_folder(rest, &mut found),
            _ => next.len_utf8(),
        };
        previous = rest[..taken].chars().next_back().unwrap_or(' ');
        rest = &rest[taken..];
    }
    for paths in [&mut found.includes, &mut found.reads, &mut found.texts] {
        let mut seen = std::collections::BTreeSet::new();
        paths.retain(|path| seen.insert(path.clone()));
    }
    found
}

/// Reads a call of `include`, or its mention as a function; its arguments are searched as well.
fn include(rest: &str, line: usize, found: &mut Named) -> usize {
    let name = "include".len();
    let Some(inside) = rest[name..].strip_prefix('(') else {
        // `map(include, ["a.jl", "b.jl"])`, but not `f(; include = true)`.
        found.open |= rest[name..].trim_start().starts_with([',', '.', ')']);
        return name;
    };
    match path(inside) {
        Some(path) if path.whole && path.after.trim_start().starts_with([')', ',']) => {
            let literal = rest.len() - path.after.len();
            found.includes.push(path.parts.join("/"));
            literal
        }
        _ => {
            found.open = true;
            let end = inside.find(['\n', ')']).unwrap_or(inside.len());
            let excerpt = inside[..end].trim_end();
            found.unknown.push((line, format!("include({excerpt})")));
            name
        }
    }
}

/// Takes in a call of `joinpath`.
fn joinpath(rest: &str, found: &mut Named) -> usize {
    match path(rest) {
        Some(path) if path.in_script_folder => {
            found.open |= !path.whole && path.parts.is_empty();
            if !path.parts.is_empty() {
                found.reads.push(path.parts.join("/"));
            }
            rest.len() - path.after.len()
        }
        _ => "joinpath".len(),
    }
}

/// Reads the script's folder alone, or followed by a text.
fn script_folder(rest: &str, found: &mut Named) -> usize {
    match path(rest) {
        Some(path) if path.whole && !path.parts.is_empty() => {
            found.reads.push(path.parts.join("/"));
            rest.len() - path.after.len()
        }
        _ => {
            found.open = true;
            directory(rest).unwrap_or(1)
        }
    }
}

/// Takes in a string, which may be a path itself.
fn quoted(rest: &str, found: &mut Named) -> usize {
    let end = string(rest);
    let inside = rest[..end].trim_matches('"');
    if let Some(path) = path(rest).filter(|path| path.in_script_folder && path.whole) {
        found.reads.push(path.parts.join("/"));
    } else if inside.contains("@__DIR__") {
        found.open = true;
    } else if is_plain(inside) {
        found.texts.push(inside.to_owned());
    }
    end
}

/// A path that an expression is.
struct Path<'a> {
    parts: Vec<&'a str>,
    /// Whether it begins with `@__DIR__`.
    in_script_folder: bool,
    /// Whether the whole path is known.
    whole: bool,
    /// The text after the expression.
    after: &'a str,
}

/// The path of the expression at the beginning of a text, as far as it is known.
fn path(text: &str) -> Option<Path<'_>> {
    let mut path = term(text.trim_start())?;
    while let Some(more) = path.after.trim_start().strip_prefix('*') {
        let (part, after) = literal(more.trim_start(), true)?;
        // Without a separator it would be a part of a name.
        let part = part.strip_prefix('/').filter(|_| path.whole)?;
        path.parts.push(part);
        path.after = after;
    }
    Some(path)
}

fn term(text: &str) -> Option<Path<'_>> {
    for wrapper in ["normpath", "abspath", "realpath"] {
        if starts_word(text, wrapper) {
            let mut path = path(text[wrapper.len()..].strip_prefix('(')?)?;
            path.after = path.after.trim_start().strip_prefix(')')?;
            return Some(path);
        }
    }
    if starts_word(text, "joinpath") {
        return joined(text["joinpath".len()..].strip_prefix('(')?);
    }
    let path = |parts, in_script_folder, after| Path {
        parts,
        in_script_folder,
        whole: true,
        after,
    };
    if let Some(taken) = directory(text) {
        return Some(path(Vec::new(), true, &text[taken..]));
    }
    if let Some(rest) = text.strip_prefix("\"$(@__DIR__)/") {
        let (part, after) = rest.split_once('"')?;
        return is_plain(part).then(|| path(vec![part], true, after));
    }
    let (part, after) = literal(text, false)?;
    Some(path(vec![part], false, after))
}

/// The arguments of `joinpath`, from the text after its bracket.
fn joined(text: &str) -> Option<Path<'_>> {
    let mut path = path(text)?;
    loop {
        path.after = path.after.trim_start();
        if let Some(after) = path.after.strip_prefix(')') {
            path.after = after;
            return Some(path);
        }
        let next = path.after.strip_prefix(',')?.trim_start();
        match literal(next, false) {
            Some((part, after)) if after.trim_start().starts_with([',', ')']) => {
                path.parts.push(part);
                path.after = after;
            }
            _ if next.starts_with(')') => path.after = next,
            _ => {
                path.whole = false;
                path.after = next;
                return Some(path);
            }
        }
    }
}

/// Bytes of an expression for the script's folder that the text begins with.
fn directory(text: &str) -> Option<usize> {
    let forms = [
        "@__DIR__()",
        "@__DIR__",
        "dirname(@__FILE__())",
        "dirname(@__FILE__)",
    ];
    forms
        .iter()
        .find(|form| text.starts_with(**form))
        .map(|form| form.len())
}

/// A plain string that the text begins with, and what follows.
fn literal(text: &str, rooted: bool) -> Option<(&str, &str)> {
    let (part, after) = text.strip_prefix('"')?.split_once('"')?;
    let plain = is_plain(part.strip_prefix('/').filter(|_| rooted).unwrap_or(part));
    plain.then_some((part, after))
}

/// Whether a text may be a relative path, without interpolation or escape.
fn is_plain(text: &str) -> bool {
    !text.is_empty() && !text.starts_with('/') && !text.contains(['\\', '$', '\n', '"'])
}

/// Whether the text begins with this name, and not with a longer one.
fn starts_word(text: &str, name: &str) -> bool {
    let rest = text.strip_prefix(name);
    rest.is_some_and(|rest| {
        !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_' || c == '!')
    })
}

/// Whether a quote after this character is a transpose, and a word after it continues.
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
