//! `kill -9` before and after a call, and the result.

use std::sync::{Arc, Mutex, PoisonError};

use nix::sys::signal::Signal;

use super::victim::{Judge, Subject};
use crate::{proxy::Fault, story};

/// A call of a run: its operation, and its number among the calls of that operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    pub operation: String,
    pub nth: u64,
}

/// On which side of the call jot is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Before the request is executed.
    Before,
    /// After it was executed, before the answer arrives.
    After,
}

impl Point {
    pub fn first(operation: &str) -> Point {
        Point {
            operation: operation.to_owned(),
            nth: 1,
        }
    }

    /// Whether the call changes something in AWS or in a registry.
    pub fn changes(&self) -> bool {
        let elsewhere = ["docker:", "other:"];
        let here = |service: &&str| self.operation.starts_with(service);
        !elsewhere.iter().any(here) && story::is_change(&self.operation)
    }
}

/// The calls of a run in their order, found by a run without faults.
pub fn points(subject: &dyn Subject) -> Vec<Point> {
    subject.prepare();
    let seen: Arc<Mutex<Vec<Point>>> = Arc::default();
    let log = seen.clone();
    let judge: Judge = Arc::new(move |operation, nth| {
        let operation = operation.to_owned();
        log.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(Point { operation, nth });
        None
    });
    let ran = subject.run_under(&judge);
    assert_eq!(ran.status, Some(subject.ends()), "{ran:#?}");
    let seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
    seen.clone()
}

/// Kills a run at that call. Returns whether the run reached it, or what failed.
pub fn kill(subject: &dyn Subject, point: &Point, side: Side) -> Result<bool, String> {
    subject.prepare();
    let hook = subject.victim().signal(Signal::SIGKILL);
    let Point { operation, nth } = point.clone();
    let judge: Judge = Arc::new(move |asked, count| {
        let hook = hook.clone();
        (asked == operation && count == nth).then(|| match side {
            Side::Before => Fault::Instead(hook),
            Side::After => Fault::After(hook),
        })
    });
    let ran = subject.run_under(&judge);
    let killed = ran.status.is_none();
    if !killed && ran.status != Some(subject.ends()) {
        return Err(format!("it was to be killed: {ran:#?}"));
    }
    subject.recovers()?;
    Ok(killed)
}

/// Kills a run at that call, which it has to reach, and asserts that jot recovers.
pub fn assert_recovers(subject: &dyn Subject, operation: &str, side: Side) {
    let reached = kill(subject, &Point::first(operation), side);
    assert_eq!(
        reached,
        Ok(true),
        "{}, {operation}, {side:?}",
        subject.words()
    );
}
