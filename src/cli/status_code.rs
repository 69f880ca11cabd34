//! Exit statuses.

/// Exit status: any error, usage too.
pub const FAILED: u8 = 1;
/// Exit status: `plan --detailed-exitcode` with changes pending.
pub const CHANGES: u8 = 2;
/// Exit status: tests failed.
pub const TESTS_FAILED: u8 = 3;
