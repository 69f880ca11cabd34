//! The head of a definition.

/// What a method takes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Method {
    /// Its positional arguments, each with whether it may be left out.
    arguments: Vec<(String, bool)>,
    /// Whether it has keywords that a call must give.
    needs_keywords: bool,
    /// The type of its only argument, where it names one.
    pub argument_type: Option<String>,
}

impl Method {
    /// Whether it can be called with one argument, or with one and the context.
    pub fn takes_one(&self) -> bool {
        let required = self.arguments.iter().filter(|(_, optional)| !optional);
        let is_context = |(name, _): &(String, bool)| {
            matches!(name.trim_start_matches('_'), "" | "context" | "ctx")
        };
        !self.needs_keywords
            && match required.count() {
                0 | 1 => !self.arguments.is_empty(),
                2 => self.arguments.len() == 2 && is_context(&self.arguments[1]),
                _ => false,
            }
    }
}

/// Returns the name and the method of the definition at the beginning of a text without comments
/// and strings; in the long form, the text begins after the word `function`. A function without
/// methods, `function f end`, has no method.
pub(super) fn read(text: &str, long: bool) -> Option<(String, Option<Method>)> {
    let name = word(text);
    let rest = &text[name.len()..];
    if name.is_empty() {
        return None;
    }
    if long && word(rest.trim_start()) == "end" {
        return Some((name.to_owned(), None));
    }
    let rest = rest.strip_prefix('(')?;
    let end = closing(rest)?;
    if !long && !is_assignment(&rest[end + 1..]) {
        return None;
    }
    Some((name.to_owned(), Some(method(&rest[..end]))))
}

/// The identifier that a text begins with.
pub(super) fn word(text: &str) -> &str {
    let begins = |c: char| c.is_alphabetic() || c == '_';
    if !text.starts_with(begins) {
        return "";
    }
    let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '!'));
    let word = &text[..end.unwrap_or(text.len())];
    // `a!=b` compares.
    match text[word.len()..].starts_with('=') && !text[word.len()..].starts_with("==") {
        true => word.strip_suffix('!').unwrap_or(word),
        false => word,
    }
}

fn method(arguments: &str) -> Method {
    let mut halves = split(arguments, ';').into_iter();
    let positional = halves.next().unwrap_or_default();
    let keywords = halves.flat_map(|half| split(half, ','));
    let needs_keywords = keywords
        .map(str::trim)
        .any(|one| !one.is_empty() && !one.ends_with("...") && default(one).is_none());
    let each: Vec<&str> = split(positional, ',')
        .into_iter()
        .map(str::trim)
        .filter(|one| !one.is_empty())
        .collect();
    let argument_type = match each.as_slice() {
        [one] if !one.ends_with("...") => annotation(one),
        _ => None,
    };
    let arguments = each.into_iter().map(|one| {
        let optional = one.ends_with("...") || default(one).is_some();
        (word(one).to_owned(), optional)
    });
    Method {
        arguments: arguments.collect(),
        needs_keywords,
        argument_type,
    }
}

/// Where the default of an argument begins.
fn default(argument: &str) -> Option<usize> {
    let compares = |at: usize| {
        let before = argument[..at].chars().next_back().unwrap_or(' ');
        "=<>!:".contains(before) || argument[at + 1..].starts_with('=')
    };
    top_level(argument, '=').find(|at| !compares(*at))
}

/// The type that an argument names.
fn annotation(argument: &str) -> Option<String> {
    let named = &argument[..default(argument).unwrap_or(argument.len())];
    let (_, of) = named.split_once("::")?;
    let of = of.split_whitespace().collect::<Vec<_>>().join(" ");
    Some(of).filter(|of| !of.is_empty())
}

/// Whether the text after the arguments makes it a definition: `=`, possibly after a type and
/// `where`.
fn is_assignment(rest: &str) -> bool {
    let line = rest.lines().next().unwrap_or_default().trim_start();
    let annotated = line.starts_with("::") || line.starts_with("where ");
    let after = match annotated {
        true => line
            .split_once(" = ")
            .map(|(_, after)| after)
            .or_else(|| line.strip_suffix(" =")),
        false => line.strip_prefix('='),
    };
    after.is_some_and(|after| !after.starts_with(['=', '>']))
}

/// Where the parenthesis that was opened before is closed.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, letter) in text.char_indices() {
        match letter {
            '(' | '{' | '[' => depth += 1,
            ')' if depth == 0 => return Some(at),
            ')' | '}' | ']' => depth = depth.checked_sub(1)?,
            _ => {}
        }
    }
    None
}

/// The position of a character outside of parentheses, braces and brackets.
fn top_level(text: &str, wanted: char) -> impl Iterator<Item = usize> {
    let mut depth = 0_i32;
    text.char_indices().filter_map(move |(at, letter)| {
        match letter {
            '(' | '{' | '[' => depth += 1,
            ')' | '}' | ']' => depth -= 1,
            _ => return (letter == wanted && depth == 0).then_some(at),
        }
        None
    })
}

/// The parts of a text between such characters.
fn split(text: &str, at: char) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut from = 0;
    for end in top_level(text, at) {
        parts.push(&text[from..end]);
        from = end + at.len_utf8();
    }
    parts.push(&text[from..]);
    parts
}
