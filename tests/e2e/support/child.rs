//! A jot that is still running: its lines as they come, and signals to it.

use std::{
    io::{BufRead, BufReader, Read},
    process::{Child, ChildStderr, ChildStdout, Command, Stdio},
    thread::JoinHandle,
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use super::Ran;

/// A running jot. It is killed if a test fails before its end.
pub struct Running {
    child: Child,
    words: Vec<String>,
    stdout: BufReader<ChildStdout>,
    read: String,
    stderr: Option<JoinHandle<String>>,
}

impl Running {
    /// Starts the command.
    pub fn start(command: &mut Command) -> Running {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("jot starts");
        let stdout = child.stdout.take().expect("stdout is piped");
        let stderr = child.stderr.take().expect("stderr is piped");
        let words = command
            .get_args()
            .map(|word| word.to_string_lossy().into_owned());
        Running {
            child,
            words: words.collect(),
            stdout: BufReader::new(stdout),
            read: String::new(),
            stderr: Some(std::thread::spawn(|| whole(stderr))),
        }
    }

    /// Reads stdout up to a line that contains all of these words, and returns that line.
    pub fn until(&mut self, words: &[&str]) -> String {
        loop {
            let mut line = String::new();
            let length = self.stdout.read_line(&mut line).expect("stdout is text");
            assert!(length > 0, "no line has {words:?}:\n{}", self.read);
            self.read += &line;
            if words.iter().all(|word| line.contains(word)) {
                return line;
            }
        }
    }

    /// Sends a signal.
    pub fn signal(&self, signal: Signal) {
        let id = i32::try_from(self.child.id()).expect("an id of a process");
        kill(Pid::from_raw(id), signal).expect("jot is running");
    }

    /// Waits for the end.
    pub fn end(mut self) -> Ran {
        let mut stdout = std::mem::take(&mut self.read);
        let read = self.stdout.read_to_string(&mut stdout);
        read.expect("stdout is text");
        let status = self.child.wait().expect("jot ends").code();
        let stderr = self.stderr.take().and_then(|reader| reader.join().ok());
        let ran = Ran {
            status,
            stdout,
            stderr: stderr.unwrap_or_default(),
        };
        ran.valid(&self.words)
    }
}

fn whole(mut stream: ChildStderr) -> String {
    let mut bytes = Vec::new();
    // The output until it failed is worth more than the failure.
    let _ = stream.read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail if it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
