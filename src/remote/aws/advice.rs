//! Advice for AWS's errors, by error code and a part of the message, as AWS writes them.

/// A piece of advice.
struct Advice {
    /// Error codes; none: any.
    codes: &'static [&'static str],
    /// A part of AWS's message.
    part: &'static str,
    help: &'static str,
}

const LARGE_ARCHIVE: &str = "Lambda accepts an archive of more than 50 MB only from S3: set \
                             `aws.bucket` in jot.toml to a bucket in the function's region";
const INVALID: &[&str] = &["InvalidParameterValueException"];

/// The first matching row applies.
const ADVICE: &[Advice] = &[
    Advice {
        codes: INVALID,
        part: "cannot be assumed by Lambda",
        help: "the role's trust policy must name `lambda.amazonaws.com`; where it does, run the \
               command again: IAM may take minutes",
    },
    Advice {
        codes: INVALID,
        part: "execution role does not have permissions to call",
        help: "permit it to the role, by `policy_file` or `policies` where it is jot's; where it \
               has the permission, run the command again: IAM may take minutes",
    },
    Advice {
        codes: INVALID,
        part: "media type for the source image",
        help: "Lambda runs one image for one platform: build it without an index and attestations \
               (`docker buildx build --provenance=false --sbom=false --platform ...`), or give \
               `image_uri` the digest of the image in the index",
    },
    Advice {
        codes: INVALID,
        part: "does not exist. Provide a valid source image",
        help: "`image_uri` must name an image that ECR holds in this region; where jot pushed it a \
               moment ago, run the command again",
    },
    Advice {
        codes: &[],
        part: "does not have permission to access the ECR image",
        help: "let the repository's policy permit lambda.amazonaws.com `ecr:BatchGetImage` and \
               `ecr:GetDownloadUrlForLayer`; `jot apply` writes that for the project's own \
               repository",
    },
    Advice {
        codes: &[],
        part: "'MemorySize' value failed to satisfy constraint",
        help: "the quota of this account is below Lambda's 10240 MB, as it is for new accounts: \
               lower `memory_mb` to the number in the message, or ask AWS Support for more",
    },
    Advice {
        codes: INVALID,
        part: "UnreservedConcurrentExecution below its minimum",
        help: "lower or remove `reserved_concurrency`, or ask AWS for a higher quota of concurrent \
               executions (Service Quotas, L-B99A9384): new accounts have 10 or less to spare",
    },
    Advice {
        codes: &["CodeStorageExceededException"],
        part: "",
        help: "delete functions and versions that are no longer needed (`deploy.keep_versions` \
               keeps fewer), or ask AWS for a higher quota of function and layer storage (Service \
               Quotas, L-2ACBD22F)",
    },
    Advice {
        codes: INVALID,
        part: "exceeded the 4KB limit",
        help: "names and values of `environment` must be at most 4 KB together: put large values \
               into a file of the image, or let the function read them from Parameter Store",
    },
    Advice {
        codes: &["RequestEntityTooLargeException", "RequestTooLargeException"],
        part: "UpdateFunctionConfiguration",
        help: "names and values of `environment` must be at most 4 KB together: put large values \
               into a file of the image, or let the function read them from Parameter Store",
    },
    Advice {
        codes: &["RequestEntityTooLargeException", "RequestTooLargeException"],
        part: "for the CreateFunction operation",
        help: LARGE_ARCHIVE,
    },
    Advice {
        codes: &["RequestEntityTooLargeException", "RequestTooLargeException"],
        part: "for the UpdateFunctionCode operation",
        help: LARGE_ARCHIVE,
    },
    Advice {
        codes: INVALID,
        part: "Unzipped size must be smaller than",
        help: "the archive and the layers must unpack to less than 250 MB together: leave files \
               out, or use an image",
    },
    Advice {
        codes: &[],
        part: "is no longer supported for creating or updating",
        help: "name a newer runtime: \
               https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html lists those that \
               AWS hosts",
    },
    Advice {
        codes: &[],
        part: "at 'runtime' failed to satisfy constraint",
        help: "name a runtime that AWS hosts in this region: \
               https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html lists them",
    },
    Advice {
        codes: &["NoSuchBucket"],
        part: "",
        help: "`aws.bucket` must name an existing bucket: jot does not create it",
    },
    Advice {
        codes: &["PermanentRedirect", "AuthorizationHeaderMalformed"],
        part: "",
        help: "`aws.bucket` must be in the functions' region: Lambda reads from no other",
    },
    Advice {
        codes: INVALID,
        part: "S3 Error Code: PermanentRedirect",
        help: "`aws.bucket` must be in the functions' region: Lambda reads from no other",
    },
    Advice {
        codes: &["RequestEntityTooLargeException", "RequestTooLargeException"],
        part: "",
        help: "an argument must be at most 6 MB, or 1 MB for an asynchronous call: pass the name \
               of an object in S3 instead",
    },
    Advice {
        codes: INVALID,
        part: "KMS key is invalid for CreateGrant",
        help: "`kms_key` must be the ARN of an enabled key with a policy that lets these \
               credentials create grants (`kms:CreateGrant`); where it is, run the command again: \
               IAM may take minutes to know a new role",
    },
    Advice {
        codes: INVALID,
        part: "not refer to a valid principal",
        help: "run the command again: IAM may take minutes to know a new role",
    },
    Advice {
        codes: &["KMSAccessDeniedException"],
        part: "",
        help: "let the function's role decrypt with `kms_key` (`kms:Decrypt`, in the key's policy \
               or by `policy_file`); where the role was deleted and created again under its old \
               name, change a setting of the function, so that Lambda renews its grant",
    },
    Advice {
        codes: &["KMSDisabledException", "KMSInvalidStateException"],
        part: "",
        help: "enable the key that `kms_key` names, or cancel its deletion",
    },
    Advice {
        codes: &["KMSNotFoundException"],
        part: "",
        help: "`kms_key` must be the ARN of a key of this region that exists",
    },
    Advice {
        codes: INVALID,
        part: "InvalidSubnetID",
        help: "`vpc.subnets` must name subnets of this account and region",
    },
    Advice {
        codes: INVALID,
        part: "InvalidSecurityGroup",
        help: "`vpc.security_groups` must name security groups of the subnets' VPC",
    },
    Advice {
        codes: INVALID,
        part: "InvalidGroup",
        help: "`vpc.security_groups` must name security groups of the subnets' VPC",
    },
    Advice {
        codes: &["SubnetIPAddressLimitReachedException"],
        part: "",
        help: "a subnet of `vpc.subnets` has no free address: free some, or name a larger one",
    },
    Advice {
        codes: &["ENILimitReachedException"],
        part: "",
        help: "the VPC has as many network interfaces as its quota permits: delete some, or ask \
               AWS for a higher quota",
    },
    Advice {
        codes: &[
            "EFSMountConnectivityException",
            "EFSMountFailureException",
            "EFSMountTimeoutException",
            "EFSIOException",
        ],
        part: "",
        help: "check the file system in `file_systems`: a mount target in the function's subnets, \
               port 2049 open between the security groups, and the role's permissions",
    },
    Advice {
        codes: &["CodeArtifactUserDeletedException"],
        part: "",
        help: "the function's image is no longer in ECR: run `jot apply`, which builds and pushes \
               it again",
    },
    Advice {
        codes: &["CodeArtifactUserFailedException"],
        part: "",
        help: "Lambda could not prepare the function's image: run `jot plan`, which says why",
    },
    Advice {
        codes: &[
            "CodeArtifactUserPendingException",
            "ResourceNotReadyException",
            "SnapStartNotReadyException",
            "ENINotReadyException",
        ],
        part: "",
        help: "Lambda is still preparing the function: run the command again in a minute",
    },
    Advice {
        codes: &[
            "SnapStartException",
            "SnapStartTimeoutException",
            "SnapStartRegenerationFailureException",
        ],
        part: "",
        help: "the function could not start from its snapshot: `jot logs` shows why, and \
               `snapstart = false` does without",
    },
    Advice {
        codes: &["OptInRequired", "InvalidRegion"],
        part: "",
        help: "check `aws.region`: an account must enable newer regions before their first use \
               (AWS console, Account, AWS Regions)",
    },
    Advice {
        codes: &[
            "LimitExceededException",
            "LimitExceeded",
            "ServiceQuotaExceededException",
            "PolicyLengthExceededException",
        ],
        part: "",
        help: "delete what is no longer needed, or ask AWS for a higher quota",
    },
];

/// Advice for a denial, by the end of AWS's message; without a row the action is missing.
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html>
const DENIALS: &[(&str, &str)] = &[
    (
        "explicit deny in a service control policy",
        "a service control policy of the organization denies it, which no policy of the account \
         can permit: ask who manages the organization",
    ),
    (
        "no service control policy allows",
        "no service control policy of the organization permits it: ask who manages the \
         organization",
    ),
    (
        "explicit deny in a resource control policy",
        "a resource control policy of the organization denies it: ask who manages the organization",
    ),
    (
        "explicit deny in a permissions boundary",
        "the permissions boundary of these credentials denies it: ask who set the boundary",
    ),
    (
        "no permissions boundary allows",
        "the permissions boundary of these credentials must permit it too: ask who set the \
         boundary",
    ),
    (
        "explicit deny in a session policy",
        "the policy of this session denies it: sign in without, or ask who started the session",
    ),
    (
        "no session policy allows",
        "the policy of this session must permit it too: sign in without, or ask who started the \
         session",
    ),
    (
        "explicit deny in a VPC endpoint policy",
        "the policy of the VPC endpoint denies it: ask who manages the network",
    ),
    (
        "no VPC endpoint policy allows",
        "the policy of the VPC endpoint must permit it too: ask who manages the network",
    ),
    (
        "explicit deny in a resource-based policy",
        "the policy of the resource itself denies it: change that policy",
    ),
    (
        "explicit deny in an identity-based policy",
        "a policy of these credentials denies it, which wins over every policy that permits it: \
         change that policy",
    ),
];

/// Codes and parts of messages that report a wrong clock on this machine.
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html>
const CLOCK: &[(&str, &str)] = &[
    ("RequestTimeTooSkewed", ""),
    ("RequestExpired", ""),
    ("RequestInTheFuture", ""),
    ("", "Signature expired"),
    ("", "Signature not yet current"),
];

/// Advice for an error of this code and message; `None` where the table has none.
pub(super) fn advice(code: &str, message: &str) -> Option<&'static str> {
    let fits = |row: &&Advice| {
        let named = row.codes.is_empty() || row.codes.contains(&code);
        named && message.contains(row.part)
    };
    ADVICE.iter().find(fits).map(|row| row.help)
}

/// Advice for a denied action.
pub(super) fn denial(action: &str, message: &str) -> Box<str> {
    let row = DENIALS.iter().find(|(part, _)| message.contains(part));
    let help = match row {
        Some((_, help)) => format!("`{action}`: {help}"),
        None => format!("these credentials need the IAM action `{action}`"),
    };
    help.into()
}

/// Whether AWS refused the request because this machine's clock is wrong.
pub(super) fn is_clock(code: &str, message: &str) -> bool {
    let fits = |(known, part): &(&str, &str)| {
        (known.is_empty() || *known == code) && message.contains(part)
    };
    CLOCK.iter().any(fits)
}
