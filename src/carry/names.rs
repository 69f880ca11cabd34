//! Names that the manifest accepts, made of names that other tools accept.

use std::path::Path;

/// Characters of a function's key.
const KEY: usize = 64;

/// Returns the nearest valid name of a project: lower-case letters and digits in groups separated
/// by `-`; `project` if nothing remains.
pub fn project(text: &str) -> String {
    let name = kebab(text);
    if name.len() < 2 {
        return "project".to_owned();
    }
    name.chars().take(256).collect()
}

/// Returns the nearest valid key of a function; a valid key is returned unchanged.
pub fn key(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let mapped = text.chars().map(|c| if plain(c) { c } else { '-' });
    let key: String = mapped.take(KEY).collect();
    match key.trim_matches('-') {
        "" => "function".to_owned(),
        _ => key,
    }
}

/// Returns a name in lower case with `-` between its words: `OrderHandler` is `order-handler`.
pub fn kebab(text: &str) -> String {
    let mut words = String::new();
    let mut before = ' ';
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let next_is_lower = letters.peek().is_some_and(char::is_ascii_lowercase);
        let begins = letter.is_ascii_uppercase()
            && (before.is_ascii_lowercase()
                || before.is_ascii_digit()
                || (before.is_ascii_uppercase() && next_is_lower));
        if begins || !letter.is_ascii_alphanumeric() {
            words.push('-');
        }
        if letter.is_ascii_alphanumeric() {
            words.push(letter.to_ascii_lowercase());
        }
        before = letter;
    }
    let parts = words.split('-').filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join("-")
}

/// Returns `name`, or `name-2` and so on where `taken` has it already.
pub fn unused(name: &str, taken: impl Fn(&str) -> bool) -> String {
    let stem: String = name.chars().take(KEY - 4).collect();
    let first = std::iter::once(name.to_owned());
    let more = (2_u32..).map(|number| format!("{stem}-{number}"));
    first
        .chain(more)
        .find(|name| !taken(name))
        .unwrap_or_else(|| name.to_owned())
}

/// Whether [`project`] drops letters of a text, so that its name would not be recognized.
pub fn loses_letters(text: &str) -> bool {
    text.chars().any(|c| c.is_alphanumeric() && !c.is_ascii()) || kebab(text).len() < 2
}

/// Returns the project name of a folder, also for `.`.
pub fn folder_name(folder: &Path) -> String {
    let real = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    project(&real.file_name().unwrap_or_default().to_string_lossy())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_names_are_separated() {
        for (given, wanted) in [
            ("OrderHandler", "order-handler"),
            ("S3EventHandler", "s3-event-handler"),
            ("HTTPProxy", "http-proxy"),
            ("native_lambda", "native-lambda"),
            ("__a--b.", "a-b"),
            ("ÄÖ", ""),
        ] {
            assert_eq!(kebab(given), wanted);
        }
        assert_eq!(project("ÄÖ"), "project");
        assert!(loses_letters("Größe") && loses_letters("x") && !loses_letters("Julia_Lambda"));
        assert_eq!(project("Julia_Lambda"), "julia-lambda");
    }

    #[test]
    fn a_valid_key_stays_and_another_becomes_one() {
        assert_eq!(key("Hello_World-1"), "Hello_World-1");
        assert_eq!(key("a.b c"), "a-b-c");
        assert_eq!(key("..."), "function");
        assert_eq!(key(&"x".repeat(90)).len(), 64);
        assert_eq!(unused("a", |name| name == "a" || name == "a-2"), "a-3");
    }
}
