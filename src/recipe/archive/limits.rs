//! What Lambda takes of an archive.

/// Lambda takes a larger archive from S3 only,
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>.
pub const LARGEST_SENT: u64 = 50 * 1024 * 1024;
/// What an archive and the function's layers hold together, unpacked, must be smaller than this,
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>.
pub const UNPACKED: u64 = 250 * 1024 * 1024;
