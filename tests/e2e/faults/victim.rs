//! The subject of the faults: a change that jot makes, and the process that makes it.

use std::{
    process::{Command, Stdio},
    sync::{Arc, Mutex, PoisonError},
    thread::sleep,
    time::Duration,
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use crate::{
    proxy::{Fault, Hook},
    support::Ran,
};

/// A fault for a request, by its operation and its number among the requests of that operation.
pub type Judge = Arc<dyn Fn(&str, u64) -> Option<Fault> + Send + Sync>;

/// The subject of the faults: a change that jot makes repeatedly.
pub trait Subject {
    /// Its name in a table.
    fn words(&self) -> String;

    /// The process that makes it.
    fn victim(&self) -> &Victim;

    /// Gives the next run this work.
    fn prepare(&self);

    /// Runs jot while `judge` decides on every request.
    fn run_under(&self, judge: &Judge) -> Ran;

    /// The exit status of a run without faults.
    fn ends(&self) -> i32 {
        0
    }

    /// Whether the state is right after the run, and whether jot completes what the run left,
    /// without faults.
    fn recovers(&self) -> Result<(), String>;

    /// Text that differs in every run, and its replacement in the output.
    fn names(&self) -> Vec<(String, &'static str)>;
}

/// The process that gets signals.
#[derive(Clone, Default)]
pub struct Victim(Arc<Mutex<Option<Pid>>>);

impl Victim {
    /// Runs jot to its end.
    pub fn run(&self, jot: &mut Command) -> Ran {
        let child = jot
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let child = child.expect("jot starts");
        let id = i32::try_from(child.id()).expect("an id of a process");
        self.set(Some(Pid::from_raw(id)));
        let output = child.wait_with_output().expect("jot ends");
        self.set(None);
        Ran {
            status: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) -> Hook {
        let victim = self.clone();
        Arc::new(move || {
            // A request may arrive before the test knows the process's id.
            for _ in 0..1000 {
                if let Some(id) = victim.get() {
                    // It may have ended a moment ago.
                    let _ = kill(id, signal);
                    return;
                }
                sleep(Duration::from_millis(1));
            }
        })
    }

    fn get(&self) -> Option<Pid> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, id: Option<Pid>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = id;
    }
}
