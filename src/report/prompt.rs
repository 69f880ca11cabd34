//! The question for confirmation.

use std::{
    io::{self, BufRead, IsTerminal, Write},
    thread,
    time::Duration,
};

use super::{Style, style::Ink};

/// How long a closed terminal's SIGHUP may take.
const HANG_UP: Duration = Duration::from_millis(250);

/// Asks on stderr, reads a line from stdin, and returns whether it was `yes`; anything else,
/// including the end of the input, counts as no.
///
/// Does not lock stderr while it reads: a signal ends the process with a message on it.
///
/// # Errors
/// stderr cannot be written or stdin cannot be read.
pub fn confirm(question: &str, style: &Style) -> io::Result<bool> {
    let at_terminal = io::stdin().is_terminal();
    let answer = ask(question, style, &mut io::stderr(), &mut io::stdin().lock());
    // A terminal that closes ends the input and sends SIGHUP, in any order; the signal ends jot.
    if at_terminal && !matches!(answer, Ok(Some(_))) {
        thread::sleep(HANG_UP);
    }
    Ok(answer?.unwrap_or(false))
}

/// Returns whether `yes` was typed; `None` if the input ended.
fn ask(
    question: &str,
    style: &Style,
    write: &mut dyn Write,
    read: &mut dyn BufRead,
) -> io::Result<Option<bool>> {
    let question = style.paint(Ink::Bold, question);
    let hint = style.paint(Ink::Dim, "Only `yes` is accepted:");
    write!(write, "\n{question}\n{hint} ")?;
    write.flush()?;
    let mut answer = String::new();
    if read.read_line(&mut answer)? == 0 {
        writeln!(write)?;
        return Ok(None);
    }
    Ok(Some(answer.trim() == "yes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(typed: &str) -> (Option<bool>, String) {
        let mut written = Vec::new();
        let yes = ask(
            "Apply?",
            &Style::plain(),
            &mut written,
            &mut typed.as_bytes(),
        )
        .unwrap();
        (yes, String::from_utf8(written).unwrap())
    }

    #[test]
    fn only_yes_is_a_yes() {
        assert_eq!(answer("yes\n").0, Some(true));
        assert_eq!(answer("  yes \r\n").0, Some(true));
        for other in ["y\n", "YES\n", "no\n", "\n", "yes please\n"] {
            assert_eq!(answer(other).0, Some(false), "{other:?}");
        }
    }

    #[test]
    fn the_end_of_the_input_is_a_no_and_ends_the_line() {
        let (yes, written) = answer("");
        assert_eq!(yes, None);
        assert_eq!(written, "\nApply?\nOnly `yes` is accepted: \n");
    }
}
