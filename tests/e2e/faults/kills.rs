//! `kill -9` before and after a call, and what comes of it.

use std::sync::{Arc, Mutex, PoisonError};

use nix::sys::signal::Signal;

use super::arena::{Arena, Change, Judge};
use crate::proxy::Fault;

/// A call of an apply: its operation, and the how many-th of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    pub operation: String,
    pub nth: u64,
}

/// On which side of the call jot is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Before the request is carried out.
    Before,
    /// Once it was carried out, before the answer is there.
    After,
}

impl Point {
    pub fn first(operation: &str) -> Point {
        Point {
            operation: operation.to_owned(),
            nth: 1,
        }
    }
}

/// The calls of an apply in their order, found by carrying one out.
pub fn points(arena: &Arena, change: Change) -> Vec<Point> {
    arena.change(change);
    let seen: Arc<Mutex<Vec<Point>>> = Arc::default();
    let log = seen.clone();
    let judge: Judge = Arc::new(move |operation, nth| {
        let operation = operation.to_owned();
        log.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(Point { operation, nth });
        None
    });
    let ran = arena.apply_under(&judge);
    assert_eq!(ran.status, Some(0), "{ran:#?}");
    let seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
    seen.clone()
}

/// Kills an apply at that call. Gives whether it came to it, or what did not turn out well: the function did not serve
/// right after, or an apply after that did not make everything good.
pub fn kill(arena: &Arena, change: Change, point: &Point, side: Side) -> Result<bool, String> {
    arena.change(change);
    let hook = arena.signal(Signal::SIGKILL);
    let Point { operation, nth } = point.clone();
    let judge: Judge = Arc::new(move |asked, count| {
        let hook = hook.clone();
        (asked == operation && count == nth).then(|| match side {
            Side::Before => Fault::Instead(hook),
            Side::After => Fault::After(hook),
        })
    });
    let ran = arena.apply_under(&judge);
    let killed = ran.status.is_none();
    if !killed && ran.status != Some(0) {
        return Err(format!("it was to be killed: {ran:#?}"));
    }
    if change != Change::Creation {
        arena.serves()?;
    }
    arena.converges()?;
    Ok(killed)
}
