//! What jot compares, and so can leave to others.

/// The keys that `lifecycle.ignore` may name: those that jot compares with Lambda, IAM and
/// CloudWatch Logs.
pub const IGNORABLE: [&str; 31] = [
    "description",
    "memory_mb",
    "timeout_s",
    "ephemeral_storage_mb",
    "environment",
    "tracing",
    "logging.format",
    "logging.level",
    "logging.system_level",
    "logging.group",
    "kms_key",
    "dead_letter",
    "vpc",
    "file_systems",
    "image",
    "snapstart",
    "runtime",
    "handler",
    "layers",
    "runtime_update",
    "recursive_loop",
    "reserved_concurrency",
    "logging.retention_days",
    "policy_file",
    "permissions_boundary",
    "url",
    "permissions",
    "async",
    "deploy.provisioned_concurrency",
    "triggers",
    "tags",
];

/// The tables among [`IGNORABLE`] with entries that `lifecycle.ignore` may name:
/// `tags.cost-center`.
pub const IGNORABLE_ENTRIES: [&str; 2] = ["environment", "tags"];
