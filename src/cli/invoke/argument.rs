//! The argument of a call: from the command line, a file, or stdin.

use std::{
    fs::{self, File},
    io::{self, Read},
    os::{fd::AsFd, unix::fs::FileTypeExt},
    path::Path,
    sync::mpsc,
    thread,
};

use super::super::{Error, output::Print, patience::PATIENCE};

/// The origin of an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Argument<'a> {
    /// The text on the command line.
    Text(&'a str),
    /// A file, given as `@FILE` or by `--file`.
    File(&'a Path),
    /// stdin, given as `-`.
    Stdin,
    /// Not given: stdin, if something is piped into it.
    Unnamed,
}

impl<'a> Argument<'a> {
    /// The origin that the words of the command line name.
    pub fn of(text: Option<&'a str>, file: Option<&'a Path>) -> Self {
        match (text, file) {
            (_, Some(path)) => Self::File(path),
            (Some("-"), _) => Self::Stdin,
            (Some(text), _) => match text.strip_prefix('@') {
                Some(path) => Self::File(Path::new(path)),
                None => Self::Text(text),
            },
            (None, None) => Self::Unnamed,
        }
    }

    /// Reads the argument; `None` if nothing was given.
    ///
    /// # Errors
    /// The argument is not JSON or cannot be read, or stdin is piped and empty.
    pub fn read(self, print: &Print) -> Result<Option<Vec<u8>>, Error> {
        match self {
            Self::Text(text) => valid(text.into(), "the argument").map(Some),
            Self::File(path) => {
                let read = fs::read(path).map_err(|cause| unreadable(path, cause))?;
                valid(read, &format!("the content of {}", path.display())).map(Some)
            }
            Self::Unnamed if !is_piped() => Ok(None),
            Self::Stdin | Self::Unnamed => {
                let text = stdin(print)?;
                if text.iter().all(u8::is_ascii_whitespace) {
                    return Err(empty());
                }
                valid(text, "the text from stdin").map(Some)
            }
        }
    }

    /// The origin as part of a sentence: ` from stdin`; empty for the command line.
    pub fn origin(self) -> String {
        match self {
            Self::Text(_) => String::new(),
            Self::File(path) => format!(" from {}", path.display()),
            Self::Stdin | Self::Unnamed => " from stdin".to_owned(),
        }
    }
}

/// Whether a word of the command line can only be an argument.
pub fn is_one(word: &str) -> bool {
    let json = || serde_json::from_str::<serde::de::IgnoredAny>(word).is_ok();
    word == "-" || word.starts_with('@') || json()
}

/// Whether stdin is a pipe, a socket or a file, not a terminal or /dev/null.
fn is_piped() -> bool {
    let Ok(stdin) = io::stdin().as_fd().try_clone_to_owned() else {
        return false;
    };
    let kind = File::from(stdin).metadata().map(|known| known.file_type());
    kind.is_ok_and(|kind| kind.is_fifo() || kind.is_socket() || kind.is_file())
}

/// Reads all of stdin, with a note while it waits.
fn stdin(print: &Print) -> Result<Vec<u8>, Error> {
    let (done, waiting) = mpsc::channel::<()>();
    let print = print.clone();
    thread::spawn(move || {
        if waiting.recv_timeout(PATIENCE) == Err(mpsc::RecvTimeoutError::Timeout) {
            print.note("Reading the argument from stdin.");
        }
    });
    let mut text = Vec::new();
    let read = io::stdin().read_to_end(&mut text);
    drop(done);
    read.map_err(|cause| unreadable(Path::new("stdin"), cause))?;
    Ok(text)
}

/// Checks that the text is JSON.
///
/// Lambda accepts any bytes and answers `Could not parse request body into json`; an early check
/// saves the call.
fn valid(text: Vec<u8>, what: &str) -> Result<Vec<u8>, Error> {
    match serde_json::from_slice::<serde::de::IgnoredAny>(&text) {
        Ok(_) => Ok(text),
        Err(cause) => Err(Error::Usage {
            message: format!("{what} is not JSON: {cause}"),
            help: "quote it for the shell: jot invoke NAME '[1, 2, 3]'".to_owned(),
        }),
    }
}

fn unreadable(path: &Path, cause: io::Error) -> Error {
    Error::File {
        what: "read",
        path: path.to_owned(),
        cause,
    }
}

/// The error for a missing argument.
pub fn none() -> Error {
    Error::Usage {
        message: "no argument given".to_owned(),
        help: "give one: jot invoke NAME '[1, 2, 3]'; or declare a test to use its argument"
            .to_owned(),
    }
}

fn empty() -> Error {
    Error::Usage {
        message: "stdin is empty: no argument given".to_owned(),
        help: "pipe a JSON text into jot, or give one: jot invoke NAME '[1, 2, 3]'; `</dev/null` \
            sends the argument of the first test"
            .to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_name_a_text_a_file_or_stdin() {
        assert_eq!(Argument::of(Some("[1]"), None), Argument::Text("[1]"));
        assert_eq!(Argument::of(Some("-1"), None), Argument::Text("-1"));
        assert_eq!(Argument::of(Some("-"), None), Argument::Stdin);
        let file = Argument::File(Path::new("a.json"));
        assert_eq!(Argument::of(Some("@a.json"), None), file);
        assert_eq!(Argument::of(None, Some(Path::new("a.json"))), file);
        assert_eq!(Argument::of(None, None), Argument::Unnamed);
    }

    #[test]
    fn a_word_is_an_argument_where_it_is_json_or_says_where_that_is() {
        for argument in [
            "[1, 2]", "1", "-1.5e3", "null", "{}", "\"a\"", "-", "@a.json",
        ] {
            assert!(is_one(argument), "{argument}");
        }
        for name in ["sum", "sum-*", "--foo", "[1"] {
            assert!(!is_one(name), "{name}");
        }
    }
}
