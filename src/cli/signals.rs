//! SIGINT and SIGTERM: the first asks to stop, the second ends the process at once.

use std::{
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
};

use tokio::{
    signal::unix::{SignalKind, signal},
    sync::watch,
};

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
}

impl Signals {
    /// Starts to listen. A platform without these signals is left to its defaults.
    pub fn listen() -> Self {
        let (sender, stop) = watch::channel(false);
        let status = Arc::new(AtomicU8::new(0));
        let signals = Self {
            stop,
            status: status.clone(),
        };
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
                if status.swap(code, Ordering::SeqCst) != 0 {
                    std::process::exit(code.into());
                }
                sender.send_replace(true);
            }
        });
        signals
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
