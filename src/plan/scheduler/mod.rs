//! What the schedules of a target share: their group, and the role that they use to call.
//!
//! Both exist before the first schedule and are deleted after the last one; the role may call what
//! is scheduled and nothing else. A schedule in the group is deleted with its function; one that
//! jot did not make keeps the group.

mod begin;
mod end;
mod shared;

pub(super) use begin::begin;
pub(super) use end::{Goal, end};
