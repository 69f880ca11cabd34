//! Advice on failed functions, versions and updates, by Lambda's reason code.
//!
//! The codes are those of `StateReasonCode` and `LastUpdateStatusReasonCode`,
//! <https://docs.aws.amazon.com/lambda/latest/api/API_FunctionConfiguration.html>.

const FILES: &str = "check the file system in `file_systems`: a mount target in the function's \
                     subnets, port 2049 open between the security groups, and the role's \
                     permissions";
const QUOTA: &str = "delete what is no longer needed, or ask AWS for a higher quota";
const LATER: &str = "the fault is AWS's: run `jot apply` again later";
const IMAGE: &str = "Lambda cannot use the image: it must be one image for the function's \
                     architecture, without an index or attestations, and at most 10 GB unpacked";

/// Reason codes, in Lambda's spelling, and advice.
const REASONS: &[(&str, &str)] = &[
    ("CapacityProviderScalingLimitExceeded", QUOTA),
    ("DependencyError", LATER),
    (
        "DisabledKMSKey",
        "enable the key that `kms_key` names, then run `jot apply` again",
    ),
    (
        "DisallowedByVpcEncryptionControl",
        "the VPC enforces encryption in transit, which this function's network does not meet: ask \
         who manages the VPC",
    ),
    (
        "EC2RequestLimitExceeded",
        "Lambda was throttled by EC2: run `jot apply` again later",
    ),
    ("EFSIOError", FILES),
    ("EFSMountConnectivityError", FILES),
    ("EFSMountFailure", FILES),
    ("EFSMountTimeout", FILES),
    (
        "EniLimitExceeded",
        "the VPC has as many network interfaces as its quota permits: delete some, or ask AWS for \
         a higher quota",
    ),
    (
        "FunctionError",
        "the function failed while it started: `jot logs` shows its output, `jot test` runs it \
         here",
    ),
    (
        "FunctionError.ExtensionInitError",
        "an extension in the image failed while it started: `jot logs` shows its output",
    ),
    (
        "FunctionError.InitResourceExhausted",
        "the start needed more memory, /tmp or processes than available: raise `memory_mb` or \
         `ephemeral_storage_mb`",
    ),
    (
        "FunctionError.InitTimeout",
        "the start took too long: do less in it, or raise `memory_mb`, which also raises the CPU \
         share",
    ),
    (
        "FunctionError.InvalidEntryPoint",
        "what `image.entry_point` and `image.command` name, or else the Dockerfile, must exist in \
         the image and be executable for its architecture",
    ),
    (
        "FunctionError.InvalidWorkingDirectory",
        "`image.working_directory` must exist in the image",
    ),
    (
        "FunctionError.PermissionDenied",
        "files that the function starts must be readable and executable by every user: Lambda runs \
         it as a user of its own",
    ),
    (
        "FunctionError.RuntimeInitError",
        "the function ended while it started: `jot logs` shows its output, `jot test` runs it here",
    ),
    (
        "FunctionError.TooManyExtensions",
        "remove extensions from the image: Lambda runs at most 10",
    ),
    (
        "Idle",
        "Lambda reclaimed the function after weeks without a call: call it once with `jot invoke`",
    ),
    (
        "ImageAccessDenied",
        "let the repository's policy permit lambda.amazonaws.com `ecr:BatchGetImage` and \
         `ecr:GetDownloadUrlForLayer`; `jot apply` writes that for the project's own repository",
    ),
    (
        "ImageDeleted",
        "the image is no longer in ECR: run `jot apply`, which builds and pushes it again; a \
         lifecycle policy of the repository may delete images in use",
    ),
    (
        "InsufficientCapacity",
        "AWS has no capacity in the function's zones: name subnets of more zones, or run \
         `jot apply` again later",
    ),
    (
        "InsufficientRolePermissions",
        "permit it to the function's role, by `policy_file` or `policies` where it is jot's, then \
         run `jot apply` again",
    ),
    ("InternalError", LATER),
    (
        "InvalidConfiguration",
        "change the setting named above, then run `jot apply` again",
    ),
    ("InvalidImage", IMAGE),
    ("InvalidRuntime", IMAGE),
    (
        "InvalidSecurityGroup",
        "`vpc.security_groups` must name security groups of the subnets' VPC",
    ),
    (
        "InvalidStateKMSKey",
        "enable the key that `kms_key` names, or cancel its deletion, then run `jot apply` again",
    ),
    (
        "InvalidSubnet",
        "`vpc.subnets` must name subnets of this account and region",
    ),
    ("InvalidZipFileException", IMAGE),
    (
        "KMSKeyAccessDenied",
        "let the function's role use the key that `kms_key` names, in the key's policy or by \
         `policy_file`",
    ),
    (
        "KMSKeyNotFound",
        "`kms_key` must be the ARN of a key of this region that exists",
    ),
    ("ServiceQuotaExceededException", QUOTA),
    (
        "SubnetOutOfIPAddresses",
        "a subnet of `vpc.subnets` has no free address: free some, or name a larger one",
    ),
    ("VcpuLimitExceeded", QUOTA),
];

/// Advice on a state that has the reason `code: text`, see
/// [`crate::model::observed::FunctionState::reason`].
pub fn state_help(reason: &str) -> &'static str {
    let code = reason.split(':').next().unwrap_or_default();
    let known = REASONS.iter().find(|(known, _)| *known == code);
    known.map_or(
        "fix the cause above, then run `jot apply` again",
        |(_, help)| help,
    )
}

#[cfg(test)]
mod tests {
    use aws_sdk_lambda::types::{LastUpdateStatusReasonCode, StateReasonCode};

    use super::*;

    /// Codes that are no failures need no advice.
    const NO_FAILURE: [&str; 3] = ["Creating", "DrainingDurableExecutions", "Restoring"];

    #[test]
    fn every_code_of_the_sdk_has_advice() {
        let all = StateReasonCode::values().iter();
        let all = all.chain(LastUpdateStatusReasonCode::values());
        let without: Vec<_> = all
            .filter(|code| !NO_FAILURE.contains(code))
            .filter(|code| REASONS.iter().all(|(known, _)| known != *code))
            .collect();
        assert_eq!(without, Vec::<&&str>::new());
    }

    #[test]
    fn the_code_stands_before_the_colon() {
        let help = state_help("ImageDeleted: the image is gone: really");
        assert!(help.contains("no longer in ECR"));
        assert_eq!(state_help("ImageDeleted"), help, "the text may be missing");
        assert!(state_help("Brand new: x").starts_with("fix the cause above"));
    }
}
