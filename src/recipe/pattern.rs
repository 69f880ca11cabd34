//! One pattern of a `.dockerignore`, matched as Docker does: Go's `filepath.Match` with `**` added.
//!
//! `globset` treats braces, `!` in a class and `**` inside a name differently from Docker, so it
//! would select different files for the same `.dockerignore`.

use std::iter::Peekable;
use std::str::Chars;

/// A pattern that was found well-formed.
#[derive(Clone, Debug)]
pub struct Pattern(Vec<Token>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    /// This character, also after a backslash.
    Literal(char),
    /// `?`: any character but `/`.
    One,
    /// `*`: any run of characters without `/`.
    Star,
    /// Any run of characters, `/` among them.
    Everything,
    /// Matches nothing; the two tokens after it may be left out.
    Optional,
    /// `[a-z]`, or `[^a-z]` where the flag is set.
    Class(bool, Vec<(char, char)>),
}

/// Returns the pattern, or why Docker would refuse it, in lower case without a full stop.
pub fn parse(text: &str) -> Result<Pattern, &'static str> {
    let mut rest = text.chars().peekable();
    let mut tokens = Vec::new();
    while let Some(next) = rest.next() {
        let token = match next {
            '*' if rest.next_if_eq(&'*').is_some() => {
                tokens.extend(deep(&mut rest));
                continue;
            }
            '*' => Token::Star,
            '?' => Token::One,
            '[' => class(&mut rest)?,
            '\\' => Token::Literal(rest.next().ok_or("it ends in a backslash")?),
            other => Token::Literal(other),
        };
        tokens.push(token);
    }
    Ok(Pattern(plain_suffix(text, tokens)))
}

/// The tokens of a `**` that has been read, and of the `/` after it: anything at the end, otherwise
/// nothing or any folders.
fn deep(rest: &mut Peekable<Chars>) -> Vec<Token> {
    rest.next_if_eq(&'/');
    match rest.peek() {
        None => vec![Token::Everything],
        Some(_) => vec![Token::Optional, Token::Everything, Token::Literal('/')],
    }
}

/// Docker compares `**text` without further wildcards as a suffix: `**.o` matches every file with a
/// name that ends in `.o`.
fn plain_suffix(text: &str, mut tokens: Vec<Token>) -> Vec<Token> {
    let suffix = text.strip_prefix("**").unwrap_or_default();
    if !suffix.is_empty()
        && !suffix.starts_with('/')
        && !suffix.contains(['*', '?', '[', ']', '\\'])
    {
        tokens.splice(..3, [Token::Everything]);
    }
    tokens
}

/// The token of a class after its `[`.
fn class(rest: &mut Peekable<Chars>) -> Result<Token, &'static str> {
    let negated = rest.next_if_eq(&'^').is_some();
    let mut ranges = Vec::new();
    loop {
        if rest.next_if_eq(&']').is_some() {
            break;
        }
        let low = member(rest)?;
        let high = match rest.next_if_eq(&'-') {
            Some(_) => member(rest)?,
            None => low,
        };
        ranges.push((low, high));
    }
    match ranges.is_empty() {
        true => Err("it has an empty `[]`"),
        false => Ok(Token::Class(negated, ranges)),
    }
}

/// One end of a range in a class.
fn member(rest: &mut Peekable<Chars>) -> Result<char, &'static str> {
    const UNCLOSED: &str = "its `[` is never closed";
    match rest.next().ok_or(UNCLOSED)? {
        '\\' => rest.next().ok_or(UNCLOSED),
        '-' | ']' => Err("`-` and `]` need a backslash inside `[]`"),
        other => Ok(other),
    }
}

impl Pattern {
    /// Whether the whole path matches. Linear in path times pattern: all possible matches are
    /// followed in parallel.
    pub fn matches(&self, path: &str) -> bool {
        let mut states = vec![false; self.0.len() + 1];
        states[0] = true;
        self.step_over(&mut states);
        for character in path.chars() {
            states = self.advance(&states, character);
        }
        states[self.0.len()]
    }

    /// The states after one more character. State `n`: the first `n` tokens have matched.
    fn advance(&self, states: &[bool], character: char) -> Vec<bool> {
        let mut after = vec![false; states.len()];
        for (index, token) in self
            .0
            .iter()
            .enumerate()
            .filter(|(index, _)| states[*index])
        {
            match token {
                Token::Literal(literal) => after[index + 1] |= *literal == character,
                Token::One => after[index + 1] |= character != '/',
                Token::Class(negated, ranges) => {
                    let inside = ranges
                        .iter()
                        .any(|(low, high)| (*low..=*high).contains(&character));
                    after[index + 1] |= inside != *negated;
                }
                Token::Star => after[index] |= character != '/',
                Token::Everything => after[index] = true,
                Token::Optional => {}
            }
        }
        self.step_over(&mut after);
        after
    }

    /// Adds the states that are reached without a character.
    fn step_over(&self, states: &mut [bool]) {
        for (index, token) in self.0.iter().enumerate() {
            if !states[index] {
                continue;
            }
            match token {
                Token::Star | Token::Everything => states[index + 1] = true,
                Token::Optional => (states[index + 1], states[index + 3]) = (true, true),
                Token::Literal(_) | Token::One | Token::Class(..) => {}
            }
        }
    }
}
