//! Writing to stdout without a panic after the reader has gone.

use std::io::{self, ErrorKind, Write};

/// Whether stdout still has a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// It has a reader.
    Here,
    /// The pipe is closed, as with `| head`; further output may be skipped, without an error.
    Gone,
}

/// Writes the text to stdout unchanged; returns whether it still has a reader. A closed pipe is not
/// an error.
///
/// # Errors
/// Any other error of the stream, such as a full disk.
pub fn out(text: &str) -> io::Result<Audience> {
    write(&mut io::stdout().lock(), text)
}

/// Writes the text to stdout with a newline at its end; returns whether it still has a reader.
///
/// # Errors
/// As [`out`].
pub fn line(text: &str) -> io::Result<Audience> {
    if text.ends_with('\n') {
        return out(text);
    }
    out(&format!("{text}\n"))
}

/// Writes the text to stderr; ignores errors, because no other place is left to report them.
pub fn err(text: &str) {
    let _ = write(&mut io::stderr().lock(), text);
}

/// Writes all of the text and flushes; a closed pipe returns [`Audience::Gone`].
pub(super) fn write(stream: &mut dyn Write, text: &str) -> io::Result<Audience> {
    match stream
        .write_all(text.as_bytes())
        .and_then(|()| stream.flush())
    {
        Ok(()) => Ok(Audience::Here),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(Audience::Gone),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Failing(ErrorKind);

    impl Write for Failing {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_closed_pipe_is_a_quiet_end() {
        let gone = write(&mut Failing(ErrorKind::BrokenPipe), "text").unwrap();
        assert_eq!(gone, Audience::Gone);
    }

    #[test]
    fn a_full_disk_is_an_error() {
        let error = write(&mut Failing(ErrorKind::StorageFull), "text").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::StorageFull);
    }

    #[test]
    fn text_arrives_whole() {
        let mut stream = Vec::new();
        assert_eq!(write(&mut stream, "text\n").unwrap(), Audience::Here);
        assert_eq!(stream, b"text\n");
    }
}
