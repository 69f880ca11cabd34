//! Waiting for a change of the sources or of jot.toml.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use super::{Error, output::Print};
use crate::{
    model::{Desired, Function},
    report,
};

/// Shortest interval between two checks of the sources.
const EVERY: Duration = Duration::from_millis(200);
/// How long after a change to look again.
const SETTLED: Duration = Duration::from_millis(30);
/// Looking takes at most one part in this many of the time.
const SHARE: u32 = 10;

/// Waits until a function differs, and returns the new desired state. Reports an unreadable
/// manifest once, and waits on.
pub async fn changed(
    look: &dyn Fn() -> Result<Arc<Desired>, Error>,
    wanted: &Desired,
    differs: fn(&Function, &Function) -> bool,
    print: &Print,
) -> Arc<Desired> {
    let (mut reported, mut pause) = (String::new(), EVERY);
    let mut before: Option<Arc<Desired>> = None;
    loop {
        tokio::time::sleep(pause).await;
        let begin = Instant::now();
        match look() {
            Ok(now) if !any(&now, wanted, differs) => before = None,
            // A save may be incomplete: accept it once it stays the same.
            Ok(now) if before.as_ref().is_some_and(|it| !any(it, &now, differs)) => return now,
            Ok(now) => {
                before = Some(now);
                pause = SETTLED;
                continue;
            }
            Err(error) => {
                let said = format!("{error:?}");
                if said != reported {
                    report::problem::show(&error, &print.err);
                    reported = said;
                }
            }
        }
        pause = EVERY.max(begin.elapsed() * SHARE);
    }
}

/// Whether any function differs.
fn any(one: &Desired, other: &Desired, differs: fn(&Function, &Function) -> bool) -> bool {
    let mut pairs = one.functions.values().zip(other.functions.values());
    one.functions.len() != other.functions.len()
        || pairs.any(|(one, other)| one.key != other.key || differs(one, other))
}
