//! Regular expressions, in the dialect that JSON Schema shares with ECMAScript.

/// `FunctionName` without region, account and qualifier, and at most 64 characters.
/// <https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html>
pub const FUNCTION: &str = "^[a-zA-Z0-9_-]{1,64}$";

/// A suffix to a function's name.
pub const SUFFIX: &str = "^[a-zA-Z0-9_-]{1,63}$";

/// A target's name: it becomes the value of a tag.
pub const TARGET: &str = "^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,63}$";

/// `repositoryName`.
/// <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html>
pub const REPOSITORY: &str =
    "^[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*)*$";

/// A role's name or ARN.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html>
pub const ROLE: &str =
    "^(?:arn:aws[a-zA-Z-]*:iam::[0-9]{12}:role/(?:[!-~]+/)?)?[a-zA-Z0-9_+=,.@-]{1,64}$";

/// A managed policy's ARN: AWS's own, or an account's.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicy.html>
pub const POLICY: &str = "^arn:aws[a-zA-Z-]*:iam::(?:aws|[0-9]{12}):policy/\
    (?:[a-zA-Z0-9.,+@=_-]+/)*[a-zA-Z0-9_+=,.@-]{1,128}$";

/// `SubnetId`.
/// <https://docs.aws.amazon.com/lambda/latest/api/API_VpcConfig.html>
pub const SUBNET: &str = "^subnet-[0-9a-z]+$";

/// `SecurityGroupId`.
/// <https://docs.aws.amazon.com/lambda/latest/api/API_VpcConfig.html>
pub const SECURITY_GROUP: &str = "^sg-[0-9a-zA-Z]+$";

/// A KMS key's ARN. Lambda takes no alias: it cannot grant its use to the role.
/// <https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#key-id-key-ARN>
pub const KMS_KEY: &str = "^arn:aws[a-zA-Z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[a-zA-Z0-9_-]+$";

/// The ARN of an SQS queue or an SNS topic.
/// <https://docs.aws.amazon.com/lambda/latest/api/API_DeadLetterConfig.html>
pub const DEAD_LETTER: &str =
    "^arn:aws[a-zA-Z-]*:(?:sqs|sns):[a-z0-9-]+:[0-9]{12}:[a-zA-Z0-9_-]+(?:\\.fifo)?$";

/// The ARN of a destination: a queue, a topic, an event bus, a bucket, a function with or
/// without version or alias.
/// <https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html>
pub const DESTINATION: &str = "^arn:aws[a-zA-Z-]*:\
    (?:(?:sqs|sns):[a-z0-9-]+:[0-9]{12}:[a-zA-Z0-9_-]+\
    |events:[a-z0-9-]+:[0-9]{12}:event-bus/[a-zA-Z0-9._/-]+\
    |s3:::[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\
    |lambda:[a-z0-9-]+:[0-9]{12}:function:[a-zA-Z0-9_-]+\
    (?::[a-zA-Z0-9$_-]+)?)$";

/// The ARN of an SQS queue.
/// <https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html>
pub const QUEUE: &str = "^arn:aws[a-zA-Z-]*:sqs:[a-z0-9-]+:[0-9]{12}:[a-zA-Z0-9_-]+(?:\\.fifo)?$";

/// A trigger's name: with the 20 characters that jot adds, it names rules and schedules, which
/// have 64.
/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html>
pub const TRIGGER: &str = "^[a-zA-Z0-9_-]{1,44}$";

/// An event of S3, without `s3:`.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html>
pub const S3_EVENT: &str = "^(?:ObjectCreated:(?:\\*|Put|Post|Copy|CompleteMultipartUpload)\
    |ObjectRemoved:(?:\\*|Delete|DeleteMarkerCreated)\
    |ObjectRestore:(?:\\*|Post|Completed|Delete)\
    |ReducedRedundancyLostObject|Replication:(?:\\*|OperationFailedReplication\
    |OperationMissedThreshold|OperationReplicatedAfterThreshold|OperationNotTracked)\
    |LifecycleExpiration:(?:\\*|Delete|DeleteMarkerCreated)|LifecycleTransition\
    |IntelligentTiering|ObjectTagging:(?:\\*|Put|Delete)|ObjectAcl:Put)$";

/// When a schedule calls.
/// <https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html>
pub const SCHEDULE: &str = "^(?:rate\\([1-9][0-9]* (?:minute|hour|day)s?\\)\
    |cron\\((?:[^() ]+ ){5}[^() ]+\\)\
    |at\\([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\))$";

/// A name in the IANA's database of time zones.
pub const TIME_ZONE: &str = "^[A-Za-z][A-Za-z0-9_+/-]*$";

/// The ARN of a topic of SNS that is not FIFO.
/// <https://docs.aws.amazon.com/sns/latest/dg/sns-lambda-as-subscriber.html>
pub const TOPIC: &str = "^arn:aws[a-zA-Z-]*:sns:[a-z0-9-]+:[0-9]{12}:[a-zA-Z0-9_-]+$";

/// The name of an event bus.
/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_CreateEventBus.html>
pub const EVENT_BUS: &str = "^[/.A-Za-z0-9_-]+$";

/// The ARN of a Kinesis stream, or of a consumer of one.
/// <https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html>
pub const STREAM: &str = "^arn:aws[a-zA-Z-]*:kinesis:[a-z0-9-]+:[0-9]{12}:stream/[a-zA-Z0-9_.-]+\
    (?:/consumer/[a-zA-Z0-9_.:-]+)?$";

/// The ARN of the stream of a DynamoDB table.
/// <https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html>
pub const TABLE_STREAM: &str = "^arn:aws[a-zA-Z-]*:dynamodb:[a-z0-9-]+:[0-9]{12}:\
    table/[a-zA-Z0-9_.-]+/stream/[0-9A-Za-z:.-]+$";

/// The ARN of a cluster of Amazon MSK.
/// <https://docs.aws.amazon.com/lambda/latest/dg/with-msk.html>
pub const KAFKA_CLUSTER: &str =
    "^arn:aws[a-zA-Z-]*:kafka:[a-z0-9-]+:[0-9]{12}:cluster/[a-zA-Z0-9_-]+/[a-zA-Z0-9-]+$";

/// The name of a topic of Kafka.
/// <https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html>
pub const KAFKA_TOPIC: &str = "^[^.][a-zA-Z0-9_.-]+$";

/// The id of a consumer group of Kafka.
/// <https://docs.aws.amazon.com/lambda/latest/api/API_AmazonManagedKafkaEventSourceConfig.html>
pub const CONSUMER_GROUP: &str = "^[a-zA-Z0-9_/.+*:-]+$";

/// The ARN of the destination for batches that could not be processed.
/// <https://docs.aws.amazon.com/lambda/latest/api/API_OnFailure.html>
pub const FAILED_BATCHES: &str = "^arn:aws[a-zA-Z-]*:\
    (?:(?:sqs|sns):[a-z0-9-]+:[0-9]{12}:[a-zA-Z0-9_-]+\
    |s3:::[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])$";

/// Who may call a function: an account, a user or role, or a service.
/// <https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html>
pub const PRINCIPAL: &str = "^(?:[0-9]{12}\
    |arn:aws[a-zA-Z-]*:(?:iam|sts)::[0-9]{12}:[!-~]+\
    |[a-z0-9.-]+\\.amazonaws\\.com(?:\\.cn)?)$";

/// An organization's id.
/// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_Organization.html>
pub const ORGANIZATION: &str = "^o-[a-z0-9]{10,32}$";

/// An ARN of any service; its partition, region and account may be `*`.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>
pub const ANY_ARN: &str =
    "^arn:(?:aws[a-zA-Z-]*|\\*):[a-z0-9*-]+:[a-z0-9*-]*:(?:[0-9]{12}|\\*)?:[!-~]+$";

/// The ARN of an access point of Amazon EFS or Amazon S3 Files.
/// <https://docs.aws.amazon.com/lambda/latest/api/API_FileSystemConfig.html>
pub const ACCESS_POINT: &str = "^arn:aws[a-zA-Z-]*:\
    (?:elasticfilesystem:[a-z0-9-]+:[0-9]{12}:access-point/fsap-[a-f0-9]{17}\
    |s3files:[0-9a-z:-]+:file-system/fs-[0-9a-f]{17,40}\
    /access-point/fsap-[0-9a-f]{17,40})$";

/// When a runtime is updated: a word, or the ARN of a version of the runtime,
/// `RuntimeVersionArn`.
/// <https://docs.aws.amazon.com/lambda/latest/api/API_PutRuntimeManagementConfig.html>
pub const RUNTIME_UPDATE: &str =
    "^(?:auto|function-update|arn:aws[a-zA-Z-]*:lambda:[a-z0-9-]+::runtime:[!-~]+)$";

/// `LocalMountPath`.
/// <https://docs.aws.amazon.com/lambda/latest/api/API_FileSystemConfig.html>
pub const MOUNT: &str = "^/mnt/[a-zA-Z0-9_.-]+$";

/// `WorkingDirectory`, which is an absolute path.
/// <https://docs.aws.amazon.com/lambda/latest/api/API_ImageConfig.html>
pub const WORKING_DIRECTORY: &str = "^/";

/// A parameter's name, also with a version or label.
/// <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html>
pub const PARAMETER: &str = "^(?:/[a-zA-Z0-9_.-]+)*/?[a-zA-Z0-9_.-]+(?::[a-zA-Z0-9_.-]+)?$";

/// A secret's name or ARN.
/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html>
pub const SECRET_NAME: &str = "^[a-zA-Z0-9/_+=.@:-]+$";

/// `<stack>.<output key>`, or the name of an export.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html>,
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/outputs-section-structure.html>
pub const STACK_OUTPUT: &str = "^(?:[a-zA-Z][a-zA-Z0-9-]*\\.[a-zA-Z0-9]+|[a-zA-Z0-9:-]+)$";

/// An output of a Terraform state.
/// <https://developer.hashicorp.com/terraform/language/syntax/configuration#identifiers>
pub const TERRAFORM_OUTPUT: &str = "^output\\.[\\p{L}_][\\p{L}\\p{N}_-]*$";

/// A Terraform state: a path, or an object in S3.
pub const TERRAFORM_STATE: &str = "^(?:s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/.+|[^:]+)$";

/// `EnvironmentVariableName`.
/// <https://docs.aws.amazon.com/lambda/latest/api/API_Environment.html>
pub const VARIABLE: &str = "^[a-zA-Z][a-zA-Z0-9_]+$";

/// An environment variable of the machine that runs jot.
/// <https://pubs.opengroup.org/onlinepubs/9799919799/basedefs/V1_chap08.html>
pub const LOCAL_VARIABLE: &str = "^[a-zA-Z_][a-zA-Z0-9_]*$";

/// The characters of a tag's key and value in Lambda, IAM and CloudWatch Logs alike.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_Tag.html>
pub const TAG_CHARACTERS: &str = "^[\\p{L}\\p{Z}\\p{N}_.:/=+@-]*$";

/// Prefixes of tag keys that AWS and jot reserve.
/// <https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html>
pub const OWN_TAG: &str = "^(?:[aA][wW][sS]|[jJ][oO][tT]):";

/// `Alias`: not digits alone, which would be a version.
/// <https://docs.aws.amazon.com/lambda/latest/api/API_CreateAlias.html>
pub const ALIAS: &str = "^[a-zA-Z0-9_-]*[a-zA-Z_-][a-zA-Z0-9_-]*$";

/// A region's code.
/// <https://docs.aws.amazon.com/lambda/latest/api/API_GetFunction.html>
pub const REGION: &str = "^(?:eusc-)?[a-z]{2}(?:-gov|-iso[a-z]?)?-[a-z]+-[0-9]{1,2}$";

/// An account's id.
/// <https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-identifiers.html>
pub const ACCOUNT: &str = "^[0-9]{12}$";

/// An endpoint: `http://` or `https://`, a host, and optionally a port and a path.
pub const URL: &str =
    "^https?://(?:[a-zA-Z0-9._-]+|\\[[0-9a-fA-F:]+\\])(?::[0-9]{1,5})?(?:/[!-~]*)?$";

/// The name of a bucket.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>
pub const BUCKET: &str = "^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$";
/// A registry: host, port and path, as they begin an image reference.
/// <https://github.com/distribution/reference/blob/main/reference.go>
pub const REGISTRY: &str = "^(?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?|\\[[0-9a-fA-F:]+\\])\
    (?::[0-9]{1,5})?(?:/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*$";

/// An image reference: registry, path, tag and digest.
/// <https://github.com/distribution/reference/blob/main/reference.go>
pub const IMAGE: &str = "^[a-zA-Z0-9][a-zA-Z0-9.:_/-]*(?:@sha256:[0-9a-f]{64})?$";

/// An image in ECR by its digest, as Lambda takes it. A tag may move.
/// <https://docs.aws.amazon.com/lambda/latest/api/API_FunctionCode.html>
pub const IMAGE_URI: &str = "^[a-z0-9][a-z0-9.:-]*/[a-z0-9][a-z0-9._/-]*@sha256:[0-9a-f]{64}$";

/// An SSH agent: its id, and where it is not that of `SSH_AUTH_SOCK`, its socket.
/// <https://docs.docker.com/reference/cli/docker/buildx/build/#ssh>
pub const SSH: &str = "^[a-zA-Z0-9_.-]+(?:=/[^=]+)?$";

/// The part of an image tag after `<function>.`.
/// <https://docs.docker.com/reference/cli/docker/image/tag/>
pub const TAG: &str = "^[a-zA-Z0-9_.-]+$";

/// A handler, as Lambda takes it.
/// <https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html>
pub const HANDLER: &str = "^[^\\s]+$";

/// Something on one line.
pub const EXPRESSION: &str = "^[^\\r\\n]*[^\\s][^\\r\\n]*$";

/// A stage of a Dockerfile, by its name or number.
/// <https://docs.docker.com/reference/dockerfile/#from>
pub const STAGE: &str = "^(?:[a-zA-Z][a-zA-Z0-9_.-]*|[0-9]+)$";

/// A branch, tag or commit.
/// <https://git-scm.com/docs/git-check-ref-format>
pub const REVISION: &str = "^[a-zA-Z0-9_][a-zA-Z0-9_./+@#-]*$";

/// A build argument's name, which is a variable of the build's shell.
/// <https://docs.docker.com/reference/dockerfile/#arg>
pub const BUILD_ARGUMENT: &str = LOCAL_VARIABLE;

/// A build secret's id.
/// <https://docs.docker.com/build/building/secrets/>
pub const SECRET: &str = "^[a-zA-Z0-9_][a-zA-Z0-9_.-]*$";

/// An image label's key.
/// <https://docs.docker.com/engine/manage-resources/labels/>
pub const LABEL: &str = "^[a-zA-Z0-9](?:[a-zA-Z0-9._/-]*[a-zA-Z0-9])?$";

/// Prefixes of label keys that jot and Docker reserve.
/// <https://docs.docker.com/engine/manage-resources/labels/>
pub const OWN_LABEL: &str = "^(?:dev\\.jot|com\\.docker|io\\.docker|org\\.dockerproject)\\.";
