//! A tolerant reader of Clojure's notation, for `project.clj`, `deps.edn` and namespaces.
//!
//! It reads the content of such files, including reader macros, regular expressions and metadata,
//! and keeps the shape; effects of macros are lost. It exists because crates for EDN refuse reader
//! macros, which EDN does not have and `project.clj` does.

use super::error::Fault;

/// How deep forms may nest.
const DEPTH: usize = 200;

/// One form of Clojure's notation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// `name`, `group/name`; also numbers, characters, `nil`, `true`.
    Symbol(String),
    /// `:key`, without the colon.
    Keyword(String),
    /// A string, without its quotes.
    Text(String),
    /// `(...)`, also behind a reader macro.
    List(Vec<Form>),
    /// `[...]`
    Vector(Vec<Form>),
    /// `{...}`: keys and values in turn.
    Map(Vec<Form>),
    /// `#{...}`
    Set(Vec<Form>),
    /// A regular expression; its text is not kept.
    Regex,
}

impl Form {
    /// The text of a symbol.
    pub fn symbol(&self) -> Option<&str> {
        match self {
            Self::Symbol(name) => Some(name),
            _ => None,
        }
    }

    /// The forms of a list, vector, map or set; none of anything else.
    pub fn items(&self) -> &[Self] {
        match self {
            Self::List(items) | Self::Vector(items) | Self::Map(items) | Self::Set(items) => items,
            _ => &[],
        }
    }

    /// The forms after the first of a list that begins with this symbol, qualified or not.
    pub fn call(&self, name: &str) -> Option<&[Self]> {
        let Self::List(items) = self else {
            return None;
        };
        let called = items.first()?.symbol()?.rsplit('/').next()?;
        (called == name).then_some(&items[1..])
    }
}

/// Returns the form that follows a keyword among `forms`: an option, or a value of a map.
pub fn option<'a>(forms: &'a [Form], key: &str) -> Option<&'a Form> {
    let at = forms
        .iter()
        .position(|form| matches!(form, Form::Keyword(name) if name == key))?;
    forms.get(at + 1)
}

/// Reads every form of a text.
///
/// # Errors
/// The position of a bracket or string that is not closed, or of a bracket that closes nothing.
pub fn read(text: &str) -> Result<Vec<Form>, Fault> {
    let mut reader = Reader {
        letters: text.chars().collect(),
        at: 0,
    };
    let mut forms = Vec::new();
    while let Some(form) = reader.form(0)? {
        forms.push(form);
    }
    match reader.peek() {
        None => Ok(forms),
        Some(closing) => Err(reader.fault(reader.at, format!("`{closing}` closes nothing"))),
    }
}

struct Reader {
    letters: Vec<char>,
    at: usize,
}

impl Reader {
    fn peek(&self) -> Option<char> {
        self.letters.get(self.at).copied()
    }

    fn next(&mut self) -> Option<char> {
        let letter = self.peek()?;
        self.at += 1;
        Some(letter)
    }

    fn fault(&self, at: usize, message: String) -> Fault {
        let before = &self.letters[..at.min(self.letters.len())];
        let line_start = before.iter().rposition(|c| *c == '\n').map_or(0, |n| n + 1);
        Fault {
            line: 1 + before.iter().filter(|c| **c == '\n').count(),
            column: 1 + before.len() - line_start,
            message,
        }
    }

    /// Skips white space, commas and comments.
    fn skip_space(&mut self) {
        while let Some(letter) = self.peek() {
            let shebang = letter == '#' && self.letters.get(self.at + 1) == Some(&'!');
            if letter == ';' || shebang {
                while self.peek().is_some_and(|c| c != '\n') {
                    self.at += 1;
                }
            } else if letter.is_whitespace() || letter == ',' {
                self.at += 1;
            } else {
                break;
            }
        }
    }

    /// Reads the next form; `None` before a closing bracket and at the end.
    fn form(&mut self, depth: usize) -> Result<Option<Form>, Fault> {
        if depth > DEPTH {
            return Err(self.fault(self.at, format!("forms nest deeper than {DEPTH}")));
        }
        loop {
            self.skip_space();
            let start = self.at;
            let Some(letter) = self.peek() else {
                return Ok(None);
            };
            if matches!(letter, ')' | ']' | '}') {
                return Ok(None);
            }
            self.at += 1;
            let form = match letter {
                '(' => Form::List(self.items(start, ')', depth)?),
                '[' => Form::Vector(self.items(start, ']', depth)?),
                '{' => Form::Map(self.items(start, '}', depth)?),
                '"' => Form::Text(self.string(start)?),
                '\\' => self.character(),
                '\'' | '`' | '@' | '~' => return self.form(depth + 1),
                // Metadata is dropped, its form kept.
                '^' => {
                    self.form(depth + 1)?;
                    continue;
                }
                '#' => match self.dispatch(start, depth)? {
                    Some(form) => form,
                    None => continue,
                },
                ':' => Form::Keyword(self.token().trim_start_matches(':').to_owned()),
                _ => {
                    self.at = start;
                    Form::Symbol(self.token())
                }
            };
            return Ok(Some(form));
        }
    }

    /// What follows `#`; `None` for what is dropped.
    fn dispatch(&mut self, start: usize, depth: usize) -> Result<Option<Form>, Fault> {
        let Some(letter) = self.next() else {
            return Ok(None);
        };
        Ok(match letter {
            '{' => Some(Form::Set(self.items(start, '}', depth)?)),
            '(' => Some(Form::List(self.items(start, ')', depth)?)),
            '"' => {
                self.string(start)?;
                Some(Form::Regex)
            }
            '_' | '^' => {
                self.form(depth + 1)?;
                None
            }
            // A reader conditional, `#?(` or `#?@(`: its list follows.
            '?' => {
                if self.peek() == Some('@') {
                    self.at += 1;
                }
                None
            }
            '\'' | '=' => None,
            '#' => Some(Form::Symbol(self.token())),
            // A tag or a namespaced map: the form follows.
            _ => {
                self.token();
                None
            }
        })
    }

    fn items(&mut self, start: usize, closing: char, depth: usize) -> Result<Vec<Form>, Fault> {
        let mut items = Vec::new();
        while let Some(form) = self.form(depth + 1)? {
            items.push(form);
        }
        let at = self.at;
        match self.next() {
            Some(letter) if letter == closing => Ok(items),
            Some(letter) => Err(self.fault(at, format!("expected `{closing}`, got `{letter}`"))),
            None => {
                let opening = match self.letters[start] {
                    '#' if closing == '}' => "#{".to_owned(),
                    '#' => "#(".to_owned(),
                    other => other.to_string(),
                };
                Err(self.fault(start, format!("`{opening}` is not closed")))
            }
        }
    }

    fn string(&mut self, start: usize) -> Result<String, Fault> {
        let mut text = String::new();
        while let Some(letter) = self.next() {
            match letter {
                '"' => return Ok(text),
                '\\' => match self.next() {
                    Some('n') => text.push('\n'),
                    Some('t') => text.push('\t'),
                    Some('r') => text.push('\r'),
                    Some(other) => text.push(other),
                    None => break,
                },
                other => text.push(other),
            }
        }
        Err(self.fault(start, "the string is not closed".to_owned()))
    }

    /// A character such as `\a`, `\(` or `\newline`: the first letter may be anything.
    fn character(&mut self) -> Form {
        let first = self.next().map(String::from).unwrap_or_default();
        Form::Symbol(format!("\\{first}{}", self.token()))
    }

    fn token(&mut self) -> String {
        let mut token = String::new();
        while let Some(letter) = self.peek() {
            let ends = letter.is_whitespace() || "()[]{}\",;^`~@".contains(letter);
            if ends {
                break;
            }
            token.push(letter);
            self.at += 1;
        }
        token
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The forms as a text of one shape, however they were written.
    fn shape(form: &Form) -> String {
        let inside = |forms: &[Form]| forms.iter().map(shape).collect::<Vec<_>>().join(" ");
        match form {
            Form::Symbol(name) => name.clone(),
            Form::Keyword(name) => format!(":{name}"),
            Form::Text(text) => format!("{text:?}"),
            Form::List(items) => format!("({})", inside(items)),
            Form::Vector(items) => format!("[{}]", inside(items)),
            Form::Map(items) => format!("{{{}}}", inside(items)),
            Form::Set(items) => format!("#{{{}}}", inside(items)),
            Form::Regex => "regex".to_owned(),
        }
    }

    fn read_all(text: &str) -> String {
        let forms = read(text).unwrap();
        forms.iter().map(shape).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn reader_macros_and_metadata_keep_the_forms_that_they_are_for() {
        for (text, wanted) in [
            ("'a `b ~c ~@d @e #'f", "a b c d e f"),
            ("#(inc %) #\"(\\\"\" #{1 2}", "(inc %) regex #{1 2}"),
            ("^:skip-aot main ^{:a [1]} x ^String y #^z w", "main x y w"),
            ("#_ (gone #_ too) here #_ #_ a b c", "here c"),
            (
                "#?(:clj 1 :cljs 2) #?@(:clj [1])",
                "(:clj 1 :cljs 2) (:clj [1])",
            ),
            (
                "#inst \"2020\" #:a{:b 1} ##Inf #=(f)",
                "\"2020\" {:b 1} Inf (f)",
            ),
            ("\\( \\newline \\\" \\;", "\\( \\newline \\\" \\;"),
            ("#!/usr/bin/env bb\n; ( [\n::a/b, :c", ":a/b :c"),
            ("\"a\\n\\\"\\u0041\"", "\"a\\n\\\"u0041\""),
            ("[a#b c' d/e -1.5e3]", "[a#b c' d/e -1.5e3]"),
            ("", ""),
        ] {
            assert_eq!(read_all(text), wanted, "{text}");
        }
    }

    #[test]
    fn what_does_not_match_is_named_by_its_place() {
        for (text, wanted) in [
            ("(a\n [b)", (2, 4, "expected `]`, got `)`")),
            ("(a\n  [b]", (1, 1, "`(` is not closed")),
            ("a\n]", (2, 1, "`]` closes nothing")),
            ("a \"b\n c", (1, 3, "the string is not closed")),
            ("#\"b", (1, 1, "the string is not closed")),
            ("#{a", (1, 1, "`#{` is not closed")),
        ] {
            let fault = read(text).unwrap_err();
            assert_eq!(
                (fault.line, fault.column, &*fault.message),
                wanted,
                "{text}"
            );
        }
        assert!(
            read(&"(".repeat(10_000))
                .unwrap_err()
                .message
                .contains("deeper")
        );
    }
}
