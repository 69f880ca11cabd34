//! A table of answers that AWS gives and no emulator does, in AWS's own words: operation, status,
//! code and message, and what jot does and says. The words are from AWS's documents and from public
//! reports.

use jot::{
    model::{Config, push::Schedule},
    remote::{
        Aws, Error,
        aws::{NewFunction, state_help},
    },
};

use crate::{
    faults::{FUNCTION, help, scripted, whys},
    script::{Answer, error, json, xml},
    tags,
};

/// An operation, sent with arguments that fit.
#[derive(Clone, Copy, Debug)]
enum Operation {
    CreateFunction,
    UpdateFunctionCode,
    UpdateFunctionConfiguration,
    PutFunctionConcurrency,
    Invoke,
    GetAlias,
    GetCallerIdentity,
    CreateSchedule,
}

/// What jot does.
#[derive(Clone, Copy, Debug)]
enum Wanted {
    /// It waits, says this, and repeats the request: two requests in all, since the second answer
    /// is a success.
    Again(&'static str),
    /// It sends one request, and its error and help contain these words.
    Stops(&'static str, &'static str),
}

use Operation::{
    CreateFunction, CreateSchedule, GetAlias, GetCallerIdentity, Invoke, PutFunctionConcurrency,
    UpdateFunctionCode, UpdateFunctionConfiguration,
};
use Wanted::{Again, Stops};

const INVALID: &str = "InvalidParameterValueException";
const DENIED: &str = "AccessDeniedException";
const ECR: &str = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/numerics";

type Row = (Operation, u16, &'static str, &'static str, Wanted);

#[rustfmt::skip]
const ROWS: &[Row] = &[
    // Faults that pass without a change.
    (CreateFunction, 400, INVALID, "The role defined for the function cannot be assumed by Lambda.",
        Again("the role cannot be assumed by Lambda yet")),
    (CreateSchedule, 400, "ValidationException",
        "The execution role you provide must allow AWS EventBridge Scheduler to assume the role.",
        Again("the role cannot be assumed by the EventBridge Scheduler yet")),
    (CreateFunction, 400, INVALID,
        "The provided execution role does not have permissions to call CreateNetworkInterface on \
         EC2",
        Again("the role's policies are not known to Lambda yet")),
    (CreateFunction, 400, INVALID,
        "Lambda was unable to configure access to your environment variables because the KMS key \
         is invalid for CreateGrant. Please check your KMS key settings. KMS Exception: \
         InvalidArnException KMS Message: ARN does not refer to a valid principal: \
         arn:aws:iam::123456789012:role/r",
        Again("the role is not known to KMS yet")),
    (UpdateFunctionConfiguration, 400, INVALID,
        "KMS Exception: InvalidArnException KMS Message: ARN does not refer to a valid principal",
        Again("the role is not known to KMS yet")),
    (CreateFunction, 400, INVALID,
        "Source image 123456789012.dkr.ecr.eu-west-1.amazonaws.com/numerics@sha256:aa does not \
         exist. Provide a valid source image.",
        Again("Lambda does not find the image in ECR yet")),
    (CreateFunction, 403, DENIED,
        "Lambda does not have permission to access the ECR image. Check the ECR permissions.",
        Again("Lambda may not read the image in ECR yet")),
    (UpdateFunctionCode, 409, "ResourceConflictException",
        "The operation cannot be performed at this time. The function is currently in the \
         following state: Pending",
        Again("another change is still in progress")),
    (UpdateFunctionCode, 429, "TooManyRequestsException", "Rate exceeded",
        Again("too many requests at once")),
    (GetAlias, 503, "ServiceUnavailableException", "Service is unavailable",
        Again("no answer, or an internal error")),
    // A function that cannot be called yet: nothing ran.
    (Invoke, 409, "CodeArtifactUserPendingException",
        "Lambda is initializing your function. It will be ready to invoke shortly.",
        Again("Lambda is preparing the function's image")),
    (Invoke, 500, "CodeArtifactUserPendingException",
        "Lambda is initializing your function. It will be ready to invoke shortly.",
        Again("Lambda is preparing the function's image")),
    (Invoke, 502, "ResourceNotReadyException",
        "The function is inactive and its VPC connection is no longer available. Wait for the VPC \
         connection to reestablish and try again.",
        Again("the function is inactive, and Lambda is preparing it")),
    (Invoke, 409, "SnapStartNotReadyException",
        "Lambda is initializing your function. You can invoke the function when the function state \
         becomes Active.",
        Again("Lambda is creating the snapshot")),
    (Invoke, 502, "ENINotReadyException", "The elastic network interface is not ready.",
        Again("Lambda is creating the network interface")),
    (Invoke, 409, "ResourceConflictException",
        "The operation cannot be performed at this time. The function is currently in the \
         following state: Pending",
        Again("another change is still in progress")),
    // A user's call that may have begun is not repeated.
    (Invoke, 500, "ServiceException", "Internal failure",
        Stops("ServiceException", "the fault is Lambda's")),
    // Images.
    (CreateFunction, 400, INVALID,
        "The image manifest, config or layer media type for the source image \
         123456789012.dkr.ecr.eu-west-1.amazonaws.com/numerics@sha256:aa is not supported.",
        Stops("is not supported", "--provenance=false")),
    (UpdateFunctionCode, 400, INVALID,
        "The image manifest or layer media type for the source image \
         123456789012.dkr.ecr.eu-west-1.amazonaws.com/numerics@sha256:aa is not supported.",
        Stops("is not supported", "--provenance=false")),
    (CreateFunction, 400, "CodeStorageExceededException", "Code storage limit exceeded.",
        Stops("Code storage limit exceeded", "`deploy.keep_versions`")),
    (Invoke, 409, "CodeArtifactUserFailedException",
        "Lambda is unable to initialize your function.",
        Stops("unable to initialize", "`jot plan`")),
    // Quotas of new accounts.
    (CreateFunction, 400, INVALID,
        "'MemorySize' value failed to satisfy constraint: Member must have value less than or \
         equal to 3008",
        Stops("3008", "lower `memory_mb`")),
    (UpdateFunctionConfiguration, 400, INVALID,
        "'MemorySize' value failed to satisfy constraint: Member must have value less than or \
         equal to 3008",
        Stops("3008", "lower `memory_mb`")),
    (PutFunctionConcurrency, 400, INVALID,
        "Specified ReservedConcurrentExecutions for function decreases account's \
         UnreservedConcurrentExecution below its minimum value of [10].",
        Stops("[10]", "`reserved_concurrency`")),
    // Settings.
    (UpdateFunctionConfiguration, 400, INVALID,
        "Lambda was unable to configure your environment variables because the environment \
         variables you have provided exceeded the 4KB limit. Measured size: 4545 bytes",
        Stops("4545 bytes", "at most 4 KB")),
    (UpdateFunctionConfiguration, 413, "RequestEntityTooLargeException",
        "Request must be smaller than 5120 bytes for the UpdateFunctionConfiguration operation",
        Stops("5120 bytes", "at most 4 KB")),
    (UpdateFunctionConfiguration, 400, INVALID,
        "Error occurred while DescribeSubnets. EC2 Error Code: InvalidSubnetID.NotFound. EC2 Error \
         Message: The subnet ID 'subnet-1' does not exist",
        Stops("subnet-1", "`vpc.subnets`")),
    (Invoke, 413, "RequestTooLargeException",
        "Request must be smaller than 6291456 bytes for the InvokeFunction operation",
        Stops("6291456", "6 MB")),
    (UpdateFunctionConfiguration, 400, INVALID, "Something that is not in any table",
        Stops("not in any table", "`jot check`")),
    // Keys.
    (Invoke, 502, "KMSAccessDeniedException",
        "Lambda was unable to decrypt the environment variables because KMS access was denied. \
         Please check the function's KMS key settings. KMS Exception: AccessDeniedException",
        Stops("KMS access was denied", "`kms:Decrypt`")),
    (Invoke, 502, "KMSDisabledException",
        "Lambda was unable to decrypt the environment variables because the KMS key used is \
         disabled. Check the Lambda function's KMS key settings.",
        Stops("disabled", "enable the key")),
    (Invoke, 502, "KMSNotFoundException",
        "Lambda was unable to decrypt the environment variables because the KMS key was not found. \
         Check the function's KMS key settings.",
        Stops("not found", "`kms_key`")),
    // Permissions.
    (CreateFunction, 403, DENIED,
        "User: arn:aws:iam::123456789012:user/ci is not authorized to perform: \
         lambda:CreateFunction on resource: arn:aws:lambda:eu-west-1:123456789012:function:double \
         because no identity-based policy allows the lambda:CreateFunction action",
        Stops("denies CreateFunction", "need the IAM action `lambda:CreateFunction`")),
    (CreateFunction, 403, DENIED,
        "User: arn:aws:iam::123456789012:user/ci is not authorized to perform: \
         lambda:CreateFunction on resource: arn:aws:lambda:eu-west-1:123456789012:function:double \
         with an explicit deny in a service control policy: \
         arn:aws:organizations::123456789012:policy/o-1/service_control_policy/p-1",
        Stops("explicit deny", "who manages the organization")),
    (CreateFunction, 403, DENIED,
        "User: arn:aws:iam::123456789012:user/ci is not authorized to perform: \
         lambda:CreateFunction on resource: arn:aws:lambda:eu-west-1:123456789012:function:double \
         because no permissions boundary allows the lambda:CreateFunction action",
        Stops("permissions boundary", "who set the boundary")),
    (CreateFunction, 403, DENIED,
        "User: arn:aws:iam::123456789012:user/ci is not authorized to perform: iam:PassRole on \
         resource: arn:aws:iam::123456789012:role/r with an explicit deny in an identity-based \
         policy",
        Stops("explicit deny", "`iam:PassRole`: a policy of these credentials denies it")),
    // Credentials, clock and region.
    (GetAlias, 403, "ExpiredTokenException",
        "The security token included in the request is expired",
        Stops("have expired", "sign in again")),
    (GetAlias, 403, "UnrecognizedClientException",
        "The security token included in the request is invalid.",
        Stops("are not valid", "enable `aws.region`")),
    (GetCallerIdentity, 403, "InvalidClientTokenId",
        "The security token included in the request is invalid.",
        Stops("are not valid", "enable `aws.region`")),
    (GetCallerIdentity, 403, "OptInRequired", "You are not subscribed to this service.",
        Stops("not subscribed", "`aws.region`")),
    (GetAlias, 403, "InvalidSignatureException",
        "Signature expired: 20260709T101500Z is now earlier than 20260709T102000Z \
         (20260709T102500Z - 5 min.)",
        Stops("clock", "set the clock")),
    (GetAlias, 403, "InvalidSignatureException",
        "Signature not yet current: 20260709T104500Z is still later than 20260709T102000Z \
         (20260709T101500Z + 5 min.)",
        Stops("clock", "set the clock")),
    (GetCallerIdentity, 403, "SignatureDoesNotMatch",
        "Signature expired: 20260709T101500Z is now earlier than 20260709T102000Z \
         (20260709T103500Z - 15 min.)",
        Stops("clock", "set the clock")),
    (GetCallerIdentity, 400, "RequestExpired", "Request has expired.",
        Stops("clock", "set the clock")),
    (GetCallerIdentity, 403, "SignatureDoesNotMatch",
        "The request signature we calculated does not match the signature you provided. Check your \
         AWS Secret Access Key and signing method. Consult the service documentation for details.",
        Stops("are not valid", "sign in again")),
];

async fn send(aws: &Aws, operation: Operation) -> Result<(), Error> {
    let config = Config::default();
    let image_uri = format!("{ECR}@sha256:{}", "a".repeat(64));
    let (role, revision) = ("arn:aws:iam::123456789012:role/r", "r0");
    match operation {
        CreateFunction => {
            let wanted = NewFunction {
                name: "double",
                image_uri: &image_uri,
                role,
                architecture: "x86_64",
                config: &config,
                tags: &tags([("jot:project", "numerics")]),
            };
            aws.create_function(&wanted).await.map(drop)
        }
        UpdateFunctionCode => {
            let updated = aws.update_code("double", &image_uri, "x86_64", revision);
            updated.await.map(drop)
        }
        UpdateFunctionConfiguration => {
            let updated = aws.update_config("double", &config, role, revision);
            updated.await.map(drop)
        }
        PutFunctionConcurrency => aws.set_concurrency("double", Some(5)).await,
        Invoke => aws
            .invoke("double", Some("live"), b"1", true)
            .await
            .map(drop),
        GetAlias => aws.alias("double", "live").await.map(drop),
        GetCallerIdentity => aws.account().await.map(drop),
        CreateSchedule => {
            let schedule = Schedule {
                group: "jot-0a1b2c3d-numerics".to_owned(),
                expression: "rate(1 hour)".to_owned(),
                timezone: "UTC".to_owned(),
                input: None,
                enabled: true,
                retries: 185,
                max_age_s: 86_400,
                role: "r".to_owned(),
                foreign: false,
            };
            let to = (
                "arn:aws:lambda:eu-west-1:123456789012:function:double:live",
                role,
            );
            aws.create_schedule("nightly", &schedule, to).await
        }
    }
}

fn refusal(&(operation, status, code, message, _): &Row) -> Answer {
    match operation {
        GetCallerIdentity => xml(status, code, message),
        _ => error(status, code, message),
    }
}

#[tokio::test]
async fn each_answer_of_aws_is_met_as_the_table_says() {
    for row in ROWS {
        let (operation, _, code, message, wanted) = row;
        let (aws, _script, heard) = scripted(vec![refusal(row), json(FUNCTION)]).await;
        let sent = send(&aws, *operation).await;
        let row = format!("{operation:?} {code}: {message}");
        match wanted {
            Again(why) => {
                assert!(sent.is_ok(), "{row}: {sent:?}");
                assert_eq!(whys(&heard), [(1, (*why).to_owned())], "{row}");
                assert_eq!(aws.requests(), 2, "{row}");
            }
            Stops(words, advice) => {
                let stopped = sent.expect_err(&row);
                let said = stopped.to_string();
                assert!(said.contains(words), "{row}: {said}");
                let help = help(&stopped);
                assert!(help.contains(advice), "{row}: {help}");
                assert_eq!(aws.requests(), 1, "{row}");
                assert!(whys(&heard).is_empty(), "{row}");
            }
        }
    }
}

/// Reason codes with the text that Lambda gives, and a word of the advice.
const REASONS: &[(&str, &str)] = &[
    (
        "ImageAccessDenied: Lambda does not have permission to access the ECR image. Check the ECR \
         permissions.",
        "`ecr:BatchGetImage`",
    ),
    ("ImageDeleted: The image is gone", "run `jot apply`"),
    ("InvalidImage: The image is not supported", "attestations"),
    (
        "FunctionError.InitTimeout: Initialization timed out",
        "`memory_mb`",
    ),
    (
        "FunctionError.InvalidEntryPoint: exec format error",
        "`image.entry_point`",
    ),
    (
        "FunctionError.InvalidWorkingDirectory: /nowhere",
        "`image.working_directory`",
    ),
    ("FunctionError.PermissionDenied: denied", "every user"),
    ("InvalidSubnet: no such subnet", "`vpc.subnets`"),
    ("SubnetOutOfIPAddresses: no address", "no free address"),
    ("EniLimitExceeded: too many", "network interfaces"),
    ("EFSMountFailure: no mount", "port 2049"),
    ("DisabledKMSKey: disabled", "enable the key"),
    ("KMSKeyAccessDenied: denied", "the key's policy"),
    ("InsufficientRolePermissions: no", "`policy_file`"),
    ("InternalError: An internal error occurred", "later"),
    ("FreshlyInvented: nobody knows", "fix the cause above"),
];

#[test]
fn each_reason_of_a_failed_state_has_advice_of_its_own() {
    for (reason, word) in REASONS {
        let help = state_help(reason);
        assert!(help.contains(word), "{reason}: {help}");
    }
}

#[tokio::test]
async fn a_revision_from_before_the_change_is_not_taken_for_the_end_of_it() {
    use jot::remote::aws::{Change, Waited};
    let state = |revision: &str, last_update: &str| {
        json(&format!(
            "{{\"Configuration\": {{\"FunctionName\": \"double\", \
             \"FunctionArn\": \"arn:aws:lambda:eu-west-1:1:function:double\", \
             \"State\": \"Active\", \"LastUpdateStatus\": \"{last_update}\", \
             \"RevisionId\": \"{revision}\"}}, \"Tags\": {{}}}}"
        ))
    };
    // GetFunction lags behind, then reports the update, then its end.
    let answers = vec![
        state("r0", "Successful"),
        state("r1", "InProgress"),
        state("r2", "Successful"),
    ];
    let (aws, _script, _) = scripted(answers).await;
    let waited = Waited {
        name: "double",
        qualifier: None,
        change: Change::Update,
        before: Some("r0"),
        begun: true,
    };
    let settled = aws.settled_after(&waited, &mut |_, _| ()).await.unwrap();
    assert_eq!(settled.revision, "r2");
    assert_eq!(aws.requests(), 3);
}

#[tokio::test]
async fn a_test_s_call_is_repeated_where_no_answer_came() {
    let cut = || Answer::Cut;
    let answers = vec![
        error(500, "ServiceException", "Internal failure"),
        cut(),
        json("[1]"),
    ];
    let (aws, _script, heard) = scripted(answers).await;
    let answered = aws.invoke_again("double", Some("3"), b"[1]").await;
    assert_eq!(answered.unwrap().payload, b"[1]");
    let passing = |attempt| (attempt, "no answer, or an internal error".to_owned());
    assert_eq!(whys(&heard), [passing(1), passing(2)]);
}
