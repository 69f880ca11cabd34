//! What Lambda takes of an archive.

/// The largest archive that can be sent directly; Lambda takes larger ones from S3 only,
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
pub const LARGEST_SENT: u64 = 50 * 1024 * 1024;
/// The limit of the unpacked size of an archive together with the function's layers,
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
pub const UNPACKED: u64 = 250 * 1024 * 1024;
