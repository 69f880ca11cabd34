//! What keeps a function at the release that it has.

use crate::model::{
    Desired, Function, Observed, observed,
    release::{Held, Shift},
};

/// What keeps the function as it is wanted from being released: a rollback, or traffic steps that refused it.
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

/// How a shift of traffic that an earlier apply began stands.
pub(super) enum Shifting {
    /// That apply may go on with it.
    UnderWay(Shift),
    /// It ended without returning the traffic.
    Left(Shift),
}

/// The shift of traffic that the alias records, if there is one. Where the time is not known it counts as one under way.
pub(super) fn shifting(observed: &Observed, found: &observed::Function) -> Option<Shifting> {
    let shift = found.alias.as_ref()?.releases()?.shift?;
    Some(
        match observed.now.as_ref().is_some_and(|now| *now >= shift.until) {
            true => Shifting::Left(shift),
            false => Shifting::UnderWay(shift),
        },
    )
}
