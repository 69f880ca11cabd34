//! SIGINT and SIGTERM: before there is work to end in order the first ends the process; then the first asks to stop, and the
//! second ends the process at once.

use std::{
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU8, Ordering},
    },
};

use tokio::{
    signal::unix::{SignalKind, signal},
    sync::watch,
};

use crate::report;

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

impl Signals {
    /// Starts to listen; a signal that nobody minds yet ends the process with `words`. A platform without these signals is left
    /// to its defaults.
    pub fn listen(words: &'static str) -> Self {
        let (sender, stop) = watch::channel(false);
        let status = Arc::new(AtomicU8::new(0));
        let signals = Self {
            stop,
            status: status.clone(),
            minded: Arc::default(),
        };
        let minded = signals.minded.clone();
        tokio::spawn(async move {
            let (Ok(mut interrupt), Ok(mut terminate)) = (
                signal(SignalKind::interrupt()),
                signal(SignalKind::terminate()),
            ) else {
                return std::future::pending().await;
            };
            loop {
                let code = tokio::select! {
                    _ = interrupt.recv() => INTERRUPTED,
                    _ = terminate.recv() => TERMINATED,
                };
                if !minded.load(Ordering::SeqCst) {
                    report::output::err(&format!("\n{words}\n"));
                    std::process::exit(code.into());
                }
                if status.swap(code, Ordering::SeqCst) != 0 {
                    std::process::exit(code.into());
                }
                sender.send_replace(true);
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
