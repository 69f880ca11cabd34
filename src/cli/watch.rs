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

/// How long to wait at least before the sources are looked at again.
const EVERY: Duration = Duration::from_millis(200);
/// How long after a change was seen it is looked at once more.
const SETTLED: Duration = Duration::from_millis(30);
/// Looking takes at most this part of the time.
const SHARE: u32 = 10;

/// Returns what is wanted once a function of it differs. What cannot be read is told once, and waited for.
pub async fn changed(
    look: &dyn Fn() -> Result<Arc<Desired>, Error>,
    wanted: &Desired,
    differs: fn(&Function, &Function) -> bool,
    print: &Print,
) -> Arc<Desired> {
    let (mut told, mut pause) = (String::new(), EVERY);
    let mut before: Option<Arc<Desired>> = None;
    loop {
        tokio::time::sleep(pause).await;
        let begin = Instant::now();
        match look() {
            Ok(now) if !any(&now, wanted, differs) => before = None,
            // A save may be half done: it is one once it stays.
            Ok(now) if before.as_ref().is_some_and(|it| !any(it, &now, differs)) => return now,
            Ok(now) => {
                before = Some(now);
                pause = SETTLED;
                continue;
            }
            Err(error) => {
                let said = format!("{error:?}");
                if said != told {
                    report::problem::show(&error, &print.err);
                    told = said;
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
