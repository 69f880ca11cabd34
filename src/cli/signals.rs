//! SIGINT, SIGTERM and SIGHUP: before there is work to end in order the first ends the process;
//! then the first asks to stop, and the second ends the process at once.

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

/// What sends a signal may send it to the process and to its group, as `timeout` does: within this time it is one.
const TWICE: Duration = Duration::from_millis(50);
/// Exit status after SIGHUP, as shells give it: 128 and the signal's number.
const HUNG_UP: u8 = 129;
/// Exit status after SIGINT.
const INTERRUPTED: u8 = 130;
/// Exit status after SIGTERM.
const TERMINATED: u8 = 143;

/// Whether the user asked to stop, and how.
#[derive(Clone, Debug)]
pub struct Signals {
    /// Holds true from the first signal on.
    pub stop: watch::Receiver<bool>,
    status: Arc<AtomicU8>,
    minded: Arc<AtomicBool>,
}

/// What is said where a signal ends the process before its work.
#[derive(Clone, Debug)]
pub struct LastWords {
    /// For people, on stderr.
    pub text: &'static str,
    /// How to end the stream of events that a program waits for; none where none does.
    pub stream: Option<Style>,
}

impl Signals {
    /// Starts to listen; a signal that nothing minds yet ends the process with `words`.
    ///
    /// It listens on a thread of its own: the runtime's may be busy with a question, a context that
    /// is hashed, or a terminal that takes no more. A platform without these signals is left to its
    /// defaults.
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
        // Without the thread the system's defaults hold: each signal ends the process.
        let _ = thread::Builder::new()
            .name("signals".to_owned())
            .spawn(move || {
                if let Ok(runtime) = Builder::new_current_thread().enable_io().build() {
                    runtime.block_on(ears.listen());
                }
            });
        signals
    }

    /// From now on a first signal only asks to stop.
    pub fn mind(&self) {
        self.minded.store(true, Ordering::SeqCst);
    }

    /// The exit status to end with, or none where no signal came.
    pub fn exit_code(&self) -> Option<ExitCode> {
        match self.status.load(Ordering::SeqCst) {
            0 => None,
            code => Some(ExitCode::from(code)),
        }
    }

    /// Returns once the user asked to stop.
    pub async fn stopped(&self) {
        let mut stop = self.stop.clone();
        // The sender lives as long as the process: an error would mean that nobody can ask any more.
        if stop.wait_for(|stop| *stop).await.is_err() {
            std::future::pending().await
        }
    }
}

/// What the listening thread holds.
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
            // The sender must live on.
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
            // A shell and the kernel each send SIGHUP when a terminal goes, so a further one says
            // nothing more.
            std::process::exit(code.into());
        }
    }
}

impl LastWords {
    fn say(&self) {
        // The terminal shows `^C` where the cursor is, maybe behind a question.
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

/// Whether this process was started with the signal ignored, as `nohup` does with SIGHUP. Only
/// Linux tells it in a file; elsewhere the signal is heard.
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
