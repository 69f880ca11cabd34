//! What the schedules of a target share: the group that holds them, and the role by which they call. Both exist before the first
//! schedule, the role may call what is scheduled and nothing else, and both go after the last one. A schedule in the group whose
//! function is gone goes too; one that jot did not make keeps the group.

mod begin;
mod end;
mod shared;

pub(super) use begin::begin;
pub(super) use end::{Goal, end};
