//! Handling of SIGINT, SIGTERM and SIGHUP.
//!
//! Before jot has work to finish, the first signal ends the process; then the first one asks it to
//! stop, and the second ends it at once.

use std::{
    fs,
    io::IsTerminal,
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU8, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use tokio::{
    runtime::Builder,
    signal::unix::{Signal, SignalKind, signal},
    sync::watch,
};

use crate::report::{self, Style};

/// Signals within this time count as one: a sender such as `timeout` may signal both the process
/// and its group.
const TWICE: Duration = Duration::from_millis(50);
/// Exit status after SIGHUP, as in shells: 128 plus the signal's number.
const HUNG_UP: u8 = 129;
/// Exit status after SIGINT.
const INTERRUPTED: u8 = 130;
/// Exit status after SIGTERM.
const TERMINATED: u8 = 143;

/// Whether and how the user asked to stop.
#[derive(Clone, Debug)]
pub struct Signals {
    /// True from the first signal on.
    pub stop: watch::Receiver<bool>,
    status: Arc<AtomicU8>,
    minded: Arc<AtomicBool>,
}

/// The last output if a signal ends the process before its work.
#[derive(Clone, Debug)]
pub struct LastWords {
    /// The text for stderr.
    pub text: &'static str,
    /// How to end the stream of events; `None` if the command does not stream.
    pub stream: Option<Style>,
}

impl Signals {
    /// Starts to listen; until [`Signals::mind`] is called, a signal ends the process with `words`.
    ///
    /// Listens on a thread of its own: those of the runtime may be busy with a question, the hash
    /// of a context, or a blocked terminal. On platforms without these signals the defaults apply.
    pub fn listen(words: LastWords) -> Self {
        let (sender, stop) = watch::channel(false);
        let signals = Self {
            stop,
            status: Arc::default(),
            minded: Arc::default(),
        };
        let ears = Ears {
            sender,
            status: signals.status.clone(),
            minded: signals.minded.clone(),
            words,
        };
        // Without the thread the system's defaults apply: each signal ends the process.
        let _ = thread::Builder::new()
            .name("signals".to_owned())
            .spawn(move || {
                if let Ok(runtime) = Builder::new_current_thread().enable_io().build() {
                    runtime.block_on(ears.listen());
                }
            });
        signals
    }

    /// From now on the first signal only asks to stop.
    pub fn mind(&self) {
        self.minded.store(true, Ordering::SeqCst);
    }

    /// The exit status after a signal; `None` if none came.
    pub fn exit_code(&self) -> Option<ExitCode> {
        match self.status.load(Ordering::SeqCst) {
            0 => None,
            code => Some(ExitCode::from(code)),
        }
    }

    /// Waits until the user asks to stop.
    pub async fn stopped(&self) {
        let mut stop = self.stop.clone();
        // The sender lives as long as the process; an error means that nothing can ask any more.
        if stop.wait_for(|stop| *stop).await.is_err() {
            std::future::pending().await
        }
    }
}

/// The state of the listening thread.
struct Ears {
    sender: watch::Sender<bool>,
    status: Arc<AtomicU8>,
    minded: Arc<AtomicBool>,
    words: LastWords,
}

impl Ears {
    async fn listen(self) {
        let (Ok(mut interrupt), Ok(mut terminate)) = (
            signal(SignalKind::interrupt()),
            signal(SignalKind::terminate()),
        ) else {
            // Keep the sender alive.
            return std::future::pending().await;
        };
        let mut hangup = match is_ignored(SignalKind::hangup()) {
            true => None,
            false => signal(SignalKind::hangup()).ok(),
        };
        let mut heard: Option<Instant> = None;
        loop {
            let code = tokio::select! {
                _ = interrupt.recv() => INTERRUPTED,
                _ = terminate.recv() => TERMINATED,
                () = next(hangup.as_mut()) => HUNG_UP,
            };
            if heard.is_some_and(|heard| heard.elapsed() < TWICE) {
                continue;
            }
            heard = Some(Instant::now());
            self.hear(code);
        }
    }

    fn hear(&self, code: u8) {
        if !self.minded.load(Ordering::SeqCst) {
            self.words.say();
            std::process::exit(code.into());
        }
        let first = self
            .status
            .compare_exchange(0, code, Ordering::SeqCst, Ordering::SeqCst)
            .is_ok();
        if first {
            self.sender.send_replace(true);
        } else if code != HUNG_UP {
            // A shell and the kernel each send SIGHUP when a terminal closes, so a second one means
            // nothing new.
            std::process::exit(code.into());
        }
    }
}

impl LastWords {
    fn say(&self) {
        // The terminal shows `^C` at the cursor, which may be behind a question.
        let fresh = match std::io::stderr().is_terminal() {
            true => "\n",
            false => "",
        };
        report::output::err(&format!("{fresh}{}\n", self.text));
        if let Some(style) = &self.stream {
            report::progress::interrupted(style);
        }
    }
}

async fn next(signal: Option<&mut Signal>) {
    let heard = match signal {
        Some(signal) => signal.recv().await,
        None => None,
    };
    if heard.is_none() {
        std::future::pending().await
    }
}

/// Whether this process was started with the signal ignored, as `nohup` does with SIGHUP.
///
/// Only Linux shows this in a file; elsewhere the signal counts.
/// <https://man7.org/linux/man-pages/man5/proc_pid_status.5.html>
fn is_ignored(signal: SignalKind) -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    ignores(&status, signal.as_raw_value())
}

fn ignores(status: &str, signal: i32) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mask_of_ignored_signals_is_read_by_number() {
        let status = "Name:\tjot\nSigBlk:\t0000000000000000\nSigIgn:\t0000000000001001\n";
        assert!(ignores(status, 1));
        assert!(ignores(status, 13));
        assert!(!ignores(status, 2));
        assert!(!ignores("", 1));
    }
}
