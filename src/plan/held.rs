//! What keeps a function at its present release.

use crate::model::{
    Desired, Function, Observed, observed,
    release::{Held, Shift},
};

/// What prevents the release of the wanted function: a rollback, or a refused traffic shift.
pub(super) fn held(
    desired: &Desired,
    wanted: &Function,
    found: &observed::Function,
) -> Option<Held> {
    if desired.retry {
        return None;
    }
    let record = found.alias.as_ref()?.releases()?;
    let held = record.holds(wanted.code.tag(), &wanted.config_digest);
    held.cloned()
}

/// State of a traffic shift that an earlier apply began.
pub(super) enum Shifting {
    /// That apply may still continue it.
    UnderWay(Shift),
    /// That apply ended without returning the traffic.
    Left(Shift),
}

/// The traffic shift that the alias records, if any; without a known time it counts as in progress.
pub(super) fn shifting(observed: &Observed, found: &observed::Function) -> Option<Shifting> {
    let shift = found.alias.as_ref()?.releases()?.shift?;
    Some(
        match observed.now.as_ref().is_some_and(|now| *now >= shift.until) {
            true => Shifting::Left(shift),
            false => Shifting::UnderWay(shift),
        },
    )
}
