//! A jot at a terminal: its output, and typed input.

use std::{
    fs::{File, OpenOptions},
    io::{Read, Write},
    os::{fd::OwnedFd, unix::fs::OpenOptionsExt},
    process::{Child, Command, Stdio},
};

use nix::{
    fcntl::OFlag,
    pty::{grantpt, posix_openpt, ptsname_r, unlockpt},
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use super::Ran;

/// A jot at a terminal that the test controls. It is killed if a test fails before its end.
pub struct Terminal {
    child: Child,
    /// The other side of the terminal; `None` once it was closed.
    hand: Option<File>,
    shown: String,
}

impl Terminal {
    /// Starts the command in a session of its own, with a new controlling terminal.
    pub fn start(command: &Command) -> Terminal {
        let (hand, terminal) = open().expect("a terminal can be made");
        let end = || Stdio::from(terminal.try_clone().expect("a second handle"));
        let mut session = Command::new("setsid");
        session
            .arg("--ctty")
            .arg(command.get_program())
            .args(command.get_args())
            .env_clear()
            .stdin(end())
            .stdout(end())
            .stderr(end());
        for (name, value) in command.get_envs() {
            session.env(name, value.unwrap_or_default());
        }
        session.current_dir(command.get_current_dir().expect("a folder"));
        Terminal {
            child: session.spawn().expect("setsid starts"),
            hand: Some(hand),
            shown: String::new(),
        }
    }

    /// As [`Terminal::start`], with a terminal of 80 columns and 24 lines instead of an unknown
    /// size: bars are drawn only on a terminal with a size.
    pub fn sized(command: &Command) -> Terminal {
        let mut shell = Command::new("/bin/sh");
        let script = "stty columns 80 rows 24 && exec \"$0\" \"$@\"";
        shell.args(["-c", script]).arg(command.get_program());
        shell.args(command.get_args()).envs(
            command
                .get_envs()
                .map(|(name, value)| (name, value.unwrap_or_default())),
        );
        shell.current_dir(command.get_current_dir().expect("a folder"));
        Self::start(&shell)
    }

    /// Reads up to these words.
    pub fn until(&mut self, words: &str) {
        while !self.shown.contains(words) {
            let more = self.more();
            assert!(more, "never shown: {words}\n{}", self.shown);
        }
    }

    /// Reads the available output; false at the end.
    fn more(&mut self) -> bool {
        let mut bytes = [0; 4096];
        let read = self.hand.as_mut().map(|hand| hand.read(&mut bytes));
        // Once no process has the terminal open, reading it is an error.
        let Some(Ok(length @ 1..)) = read else {
            return false;
        };
        self.shown += &String::from_utf8_lossy(&bytes[..length]);
        true
    }

    /// Types this.
    pub fn types(&mut self, text: &str) {
        let hand = self.hand.as_mut().expect("the terminal is open");
        hand.write_all(text.as_bytes())
            .expect("the terminal takes it");
    }

    /// Closes the terminal.
    pub fn close(&mut self) {
        self.hand = None;
    }

    /// Sends a signal.
    pub fn signal(&self, signal: Signal) {
        let id = i32::try_from(self.child.id()).expect("an id of a process");
        kill(Pid::from_raw(id), signal).expect("jot is running");
    }

    /// Waits for the end; `stdout` contains all output.
    pub fn end(mut self) -> Ran {
        while self.more() {}
        let status = self.child.wait().expect("jot ends").code();
        let shown = std::mem::take(&mut self.shown);
        Ran {
            status,
            stdout: shown.replace("\r\n", "\n"),
            stderr: String::new(),
        }
    }
}

/// A new terminal: the test's side, and the command's.
///
/// No command inherits the first: a terminal closes with the last handle of the test's side.
fn open() -> std::io::Result<(File, File)> {
    let hand = posix_openpt(OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_CLOEXEC)?;
    grantpt(&hand)?;
    unlockpt(&hand)?;
    let terminal = OpenOptions::new()
        .read(true)
        .write(true)
        .custom_flags(OFlag::O_NOCTTY.bits())
        .open(ptsname_r(&hand)?)?;
    Ok((File::from(OwnedFd::from(hand)), terminal))
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // Both fail if it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
