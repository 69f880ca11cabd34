//! The one table of what jot asks of AWS. `tests/policies.rs` compares it with the operations in
//! the source, and `scripts/test` with those that the end-to-end tests asked, in both directions.
//!
//! To add an operation, add a row: what jot asks, in which policies, on what, `of` which key of the
//! manifest, permitted `by` an action of another name, `only` under a condition. The resources and
//! conditions that AWS supports are in its [service authorization
//! reference](https://docs.aws.amazon.com/service-authorization/latest/reference/).

use super::row::{
    Key, On, Only, Row,
    Stage::{Apply, Aside, Plan, Prune},
    asks, implied,
};

/// Every operation that jot asks of AWS. One on several kinds of resources has a row for each.
pub const ROWS: &[&[Row]] = &[
    ACCOUNT, LAMBDA, REACH, MAPPINGS, IMAGES, ROLES, LOGS, ARCHIVES, PUSHES, SCHEDULES, ELSEWHERE,
];

const ACCOUNT: &[Row] = &[
    asks("sts:GetCallerIdentity", Plan, On::Account).free(),
    asks("tag:GetResources", Plan, On::Account).of(Key::Always),
    asks("lambda:ListFunctions", Plan, On::Account).of(Key::Many),
    asks("iam:GetAccountAuthorizationDetails", Plan, On::Account).of(Key::Many),
    asks("lambda:ListFunctions", Prune, On::Account).of(Key::Always),
    // `jot doctor`, on the caller's own role or user.
    asks("iam:SimulatePrincipalPolicy", Aside, On::Account),
];

const LAMBDA: &[Row] = &[
    asks("lambda:GetFunction", Plan, On::Functions),
    // https://docs.aws.amazon.com/lambda/latest/api/API_GetFunction.html: its tags.
    implied("lambda:ListTags", Plan, On::Functions),
    asks("lambda:ListVersionsByFunction", Plan, On::Functions),
    asks("lambda:ListAliases", Plan, On::Functions),
    asks("lambda:GetAlias", Plan, On::Functions).of(Key::Alias),
    asks("lambda:GetRuntimeManagementConfig", Plan, On::Functions).of(Key::RuntimeUpdate),
    asks("lambda:GetFunctionRecursionConfig", Plan, On::Functions).of(Key::RecursiveLoop),
    asks("lambda:CreateFunction", Apply, On::Functions),
    asks("lambda:UpdateFunctionCode", Apply, On::Functions),
    asks("lambda:UpdateFunctionConfiguration", Apply, On::Functions),
    asks("lambda:DeleteFunction", Apply, On::Functions),
    asks("lambda:TagResource", Apply, On::Functions),
    asks("lambda:UntagResource", Apply, On::Functions),
    asks("lambda:Invoke", Apply, On::Functions).by("lambda:InvokeFunction"),
    asks("lambda:PublishVersion", Apply, On::Functions).of(Key::Alias),
    asks("lambda:CreateAlias", Apply, On::Functions).of(Key::Alias),
    asks("lambda:UpdateAlias", Apply, On::Functions).of(Key::Alias),
    asks("lambda:DeleteAlias", Apply, On::Functions).of(Key::Alias),
    asks("cloudwatch:GetMetricData", Apply, On::Account).of(Key::Traffic),
    asks("cloudwatch:DescribeAlarms", Apply, On::Alarms).of(Key::Alarms),
    asks("lambda:PutFunctionConcurrency", Apply, On::Functions).of(Key::Reserved),
    asks("lambda:DeleteFunctionConcurrency", Apply, On::Functions).of(Key::Reserved),
    asks("lambda:PutRuntimeManagementConfig", Apply, On::Functions).of(Key::RuntimeUpdate),
    asks("lambda:PutFunctionRecursionConfig", Apply, On::Functions).of(Key::RecursiveLoop),
    // https://docs.aws.amazon.com/lambda/latest/dg/chapter-layers.html
    implied("lambda:GetLayerVersion", Apply, On::Layers).of(Key::Layers),
    // Functions that left the manifest: their names are unknown, their tags are known.
    asks("lambda:GetFunction", Plan, On::Undeclared).of(Key::Always).only(Only::Tagged),
    implied("lambda:ListTags", Plan, On::Undeclared).of(Key::Always).only(Only::Tagged),
    asks("lambda:GetPolicy", Plan, On::Undeclared).of(Key::Always).only(Only::Tagged),
    asks("lambda:RemovePermission", Apply, On::Undeclared).of(Key::Always).only(Only::Tagged),
    asks("lambda:DeleteFunction", Apply, On::Undeclared).of(Key::Always).only(Only::Tagged),
    // https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html
    implied("kms:Decrypt", Plan, On::Keys).of(Key::KmsKey).only(Only::ByLambda),
    implied("kms:CreateGrant", Apply, On::Keys).of(Key::KmsKey).only(Only::ByLambda),
    implied("kms:DescribeKey", Apply, On::Keys).of(Key::KmsKey).only(Only::ByLambda),
    implied("kms:Encrypt", Apply, On::Keys).of(Key::KmsKey).only(Only::ByLambda),
    implied("kms:GenerateDataKey", Apply, On::Keys).of(Key::KmsKey).only(Only::ByLambda),
    // https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
    implied("ec2:DescribeSecurityGroups", Apply, On::Account).of(Key::Network),
    implied("ec2:DescribeSubnets", Apply, On::Account).of(Key::Network),
    implied("ec2:DescribeVpcs", Apply, On::Account).of(Key::Network),
    // https://docs.aws.amazon.com/lambda/latest/dg/configuration-filesystem.html
    implied("elasticfilesystem:DescribeMountTargets", Apply, On::FileSystems).of(Key::FileSystems),
];

const REACH: &[Row] = &[
    asks("lambda:GetPolicy", Plan, On::Functions).of(Key::Policy),
    asks("lambda:AddPermission", Apply, On::Functions).of(Key::Callers).only(Only::Principals),
    asks("lambda:RemovePermission", Apply, On::Functions).of(Key::Callers),
    asks("lambda:GetFunctionUrlConfig", Plan, On::Functions).of(Key::Url),
    asks("lambda:CreateFunctionUrlConfig", Apply, On::Functions).of(Key::Url).only(Only::UrlAuth),
    asks("lambda:UpdateFunctionUrlConfig", Apply, On::Functions).of(Key::Url).only(Only::UrlAuth),
    asks("lambda:DeleteFunctionUrlConfig", Apply, On::Functions).of(Key::Url),
    asks("lambda:GetFunctionEventInvokeConfig", Plan, On::Functions).of(Key::Async),
    asks("lambda:PutFunctionEventInvokeConfig", Apply, On::Functions).of(Key::Async),
    asks("lambda:DeleteFunctionEventInvokeConfig", Apply, On::Functions).of(Key::Async),
    asks("lambda:GetProvisionedConcurrencyConfig", Plan, On::Aliases).of(Key::Provisioned),
    asks("lambda:PutProvisionedConcurrencyConfig", Apply, On::Aliases).of(Key::Provisioned),
    asks("lambda:DeleteProvisionedConcurrencyConfig", Apply, On::Aliases).of(Key::Provisioned),
];

const MAPPINGS: &[Row] = &[
    // Asked if the manifest has any trigger: this finds those that left the manifest.
    asks("lambda:ListEventSourceMappings", Plan, On::Account).of(Key::Triggers),
    asks("lambda:GetEventSourceMapping", Plan, On::Mappings).of(Key::Mappings),
    asks("lambda:ListTags", Plan, On::Mappings).of(Key::Triggers),
    asks("lambda:CreateEventSourceMapping", Apply, On::Account)
        .of(Key::Mappings).only(Only::ToFunctions),
    asks("lambda:UpdateEventSourceMapping", Apply, On::Mappings)
        .of(Key::Mappings).only(Only::ToFunctions),
    asks("lambda:DeleteEventSourceMapping", Apply, On::Mappings)
        .of(Key::Mappings).only(Only::ToFunctions),
    // Its tags, when it is created and when its function gets another key.
    asks("lambda:TagResource", Apply, On::Mappings).of(Key::Mappings).only(Only::Tagging),
];

/// Permissions for requests of the registry's protocol:
/// <https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html>
const IMAGES: &[Row] = &[
    asks("ecr:DescribeRepositories", Plan, On::Repository).of(Key::Always),
    asks("ecr:DescribeImages", Plan, On::Repository).of(Key::Always),
    asks("ecr:BatchGetImage", Plan, On::Repository).of(Key::Always),
    asks("ecr:GetRepositoryPolicy", Plan, On::Repository).of(Key::Always),
    asks("ecr:GetLifecyclePolicy", Plan, On::Repository).of(Key::Always),
    asks("ecr:ListTagsForResource", Plan, On::Repository).of(Key::Always),
    asks("ecr:BatchDeleteImage", Prune, On::Repository).of(Key::Always),
    asks("ecr:DescribeRegistry", Prune, On::Account).of(Key::Always),
    asks("lambda:ListAliases", Prune, On::Undeclared).of(Key::Always),
    asks("ecr:CreateRepository", Apply, On::Repository).of(Key::Source),
    asks("ecr:SetRepositoryPolicy", Apply, On::Repository).of(Key::Source),
    asks("ecr:PutLifecyclePolicy", Apply, On::Repository).of(Key::Source),
    asks("ecr:PutImageTagMutability", Apply, On::Repository).of(Key::Source),
    asks("ecr:TagResource", Apply, On::Repository).of(Key::Source),
    asks("ecr:PutImage", Apply, On::Repository).of(Key::Source),
    asks("ecr:DeleteRepository", Apply, On::Repository).of(Key::Source),
    asks("ecr:GetAuthorizationToken", Apply, On::Account).of(Key::Source),
    asks("registry:GetVersion", Apply, On::Account).of(Key::Source).by("ecr:GetAuthorizationToken"),
    asks("registry:HeadBlob", Apply, On::Repository)
        .of(Key::Source).by("ecr:BatchCheckLayerAvailability"),
    asks("registry:GetBlob", Apply, On::Repository)
        .of(Key::Source).by("ecr:GetDownloadUrlForLayer"),
    asks("registry:StartBlob", Apply, On::Repository).of(Key::Source).by("ecr:InitiateLayerUpload"),
    asks("registry:PatchBlob", Apply, On::Repository).of(Key::Source).by("ecr:UploadLayerPart"),
    asks("registry:PutBlob", Apply, On::Repository).of(Key::Source).by("ecr:CompleteLayerUpload"),
    asks("registry:PutManifest", Apply, On::Repository).of(Key::Source).by("ecr:PutImage"),
    asks("registry:GetManifest", Apply, On::Repository).of(Key::Source).by("ecr:BatchGetImage"),
    asks("registry:HeadManifest", Apply, On::Repository).of(Key::Source).by("ecr:BatchGetImage"),
    asks("ecr:DescribeRepositories", Plan, On::SourceRepository).of(Key::ImagesFrom),
    asks("ecr:DescribeImages", Plan, On::SourceRepository).of(Key::ImagesFrom),
    asks("ecr:BatchGetImage", Plan, On::SourceRepository).of(Key::ImagesFrom),
    asks("registry:GetManifest", Apply, On::SourceRepository)
        .of(Key::ImagesFrom).by("ecr:BatchGetImage"),
    asks("registry:GetBlob", Apply, On::SourceRepository)
        .of(Key::ImagesFrom).by("ecr:GetDownloadUrlForLayer"),
    // https://docs.aws.amazon.com/lambda/latest/dg/images-create.html#gettingstarted-images-permissions
    implied("ecr:BatchGetImage", Apply, On::GivenRepositories).of(Key::ImageUri),
    implied("ecr:GetDownloadUrlForLayer", Apply, On::GivenRepositories).of(Key::ImageUri),
];

const ROLES: &[Row] = &[
    asks("iam:GetRole", Plan, On::ProjectRoles).of(Key::Roles),
    asks("iam:GetRole", Plan, On::GivenRoles).of(Key::NamedRole),
    asks("iam:GetRolePolicy", Plan, On::ProjectRoles).of(Key::Roles),
    asks("iam:ListAttachedRolePolicies", Plan, On::ProjectRoles).of(Key::Roles),
    // What is left of a function that is gone is found by its role.
    asks("iam:ListRoles", Plan, On::Account).of(Key::Roles),
    asks("iam:CreateRole", Apply, On::OwnRoles).of(Key::OwnRole).only(Only::Bounded),
    asks("iam:UpdateAssumeRolePolicy", Apply, On::OwnRoles).of(Key::OwnRole).only(Only::Bounded),
    asks("iam:TagRole", Apply, On::OwnRoles).of(Key::OwnRole),
    asks("iam:AttachRolePolicy", Apply, On::OwnRoles).of(Key::OwnRole).only(Only::Policies),
    asks("iam:DetachRolePolicy", Apply, On::ProjectRoles).of(Key::OwnRole).only(Only::AnyPolicy),
    asks("iam:PutRolePolicy", Apply, On::OwnRoles).of(Key::RolePolicy).only(Only::Bounded),
    asks("iam:PutRolePermissionsBoundary", Apply, On::OwnRoles)
        .of(Key::Boundary).only(Only::Bounded),
    // Where the manifest has a boundary, it may not be taken away.
    asks("iam:DeleteRolePermissionsBoundary", Apply, On::OwnRoles).of(Key::Unbounded),
    asks("iam:ListRolePolicies", Apply, On::ProjectRoles).of(Key::Roles),
    asks("iam:DeleteRolePolicy", Apply, On::ProjectRoles).of(Key::Roles),
    asks("iam:DeleteRole", Apply, On::ProjectRoles).of(Key::Roles),
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
    implied("iam:PassRole", Apply, On::OwnRoles)
        .of(Key::OwnRole).only(Only::PassedTo("lambda.amazonaws.com")),
    implied("iam:PassRole", Apply, On::GivenRoles)
        .of(Key::GivenRole).only(Only::PassedTo("lambda.amazonaws.com")),
];

const LOGS: &[Row] = &[
    asks("logs:DescribeLogGroups", Plan, On::Account).of(Key::Always),
    asks("logs:ListTagsForResource", Plan, On::LogGroups),
    asks("logs:CreateLogGroup", Apply, On::LogGroups).of(Key::LogGroup),
    asks("logs:TagResource", Apply, On::LogGroups).of(Key::LogGroup),
    asks("logs:PutRetentionPolicy", Apply, On::LogGroups).of(Key::LogGroup),
    asks("logs:DeleteRetentionPolicy", Apply, On::LogGroups).of(Key::LogGroup),
    asks("logs:DeleteLogGroup", Apply, On::LogGroups).of(Key::LogGroup),
    asks("logs:FilterLogEvents", Apply, On::WrittenLogs),
    // Of functions that left the manifest.
    asks("logs:ListTagsForResource", Plan, On::UndeclaredLogs).of(Key::Always).only(Only::Tagged),
    asks("logs:DeleteLogGroup", Apply, On::UndeclaredLogs).of(Key::Always).only(Only::Tagged),
];

const ARCHIVES: &[Row] = &[
    asks("s3:HeadObject", Apply, On::Archives).of(Key::Bucket).by("s3:GetObject"),
    asks("s3:PutObject", Apply, On::Archives).of(Key::Bucket),
    asks("s3:DeleteObject", Apply, On::Archives).of(Key::Bucket),
    asks("s3:ListObjectsV2", Apply, On::CodeBucket)
        .of(Key::Bucket).by("s3:ListBucket").only(Only::Below),
];

const PUSHES: &[Row] = &[
    asks("s3:GetBucketNotificationConfiguration", Plan, On::NotifyingBuckets)
        .of(Key::Notifications).by("s3:GetBucketNotification"),
    asks("s3:GetBucketNotificationConfiguration", Plan, On::SendingBuckets)
        .of(Key::Rules).by("s3:GetBucketNotification"),
    asks("s3:PutBucketNotificationConfiguration", Apply, On::NotifyingBuckets)
        .of(Key::Notifications).by("s3:PutBucketNotification"),
    asks("sns:ListSubscriptionsByTopic", Plan, On::Topics).of(Key::Topics),
    asks("sns:GetSubscriptionAttributes", Plan, On::Topics).of(Key::Topics),
    asks("sns:Subscribe", Apply, On::Topics).of(Key::Topics),
    asks("sns:SetSubscriptionAttributes", Apply, On::Topics).of(Key::Topics),
    asks("sns:Unsubscribe", Apply, On::Topics).of(Key::Topics),
    asks("events:DescribeRule", Plan, On::Rules).of(Key::Rules),
    asks("events:ListTargetsByRule", Plan, On::Rules).of(Key::Rules),
    asks("events:PutRule", Apply, On::Rules).of(Key::Rules),
    asks("events:PutTargets", Apply, On::Rules).of(Key::Rules),
    asks("events:RemoveTargets", Apply, On::Rules).of(Key::Rules),
    asks("events:DeleteRule", Apply, On::Rules).of(Key::Rules),
];

const SCHEDULES: &[Row] = &[
    asks("scheduler:ListSchedules", Plan, On::Account).of(Key::Schedules),
    asks("scheduler:GetSchedule", Plan, On::Schedules).of(Key::Schedules),
    asks("scheduler:GetScheduleGroup", Plan, On::ScheduleGroup).of(Key::Schedules),
    asks("scheduler:CreateSchedule", Apply, On::Schedules).of(Key::Schedules),
    asks("scheduler:UpdateSchedule", Apply, On::Schedules).of(Key::Schedules),
    asks("scheduler:DeleteSchedule", Apply, On::Schedules).of(Key::Schedules),
    asks("scheduler:CreateScheduleGroup", Apply, On::ScheduleGroup).of(Key::Schedules),
    asks("scheduler:DeleteScheduleGroup", Apply, On::ScheduleGroup).of(Key::Schedules),
    // The group's tags, when it is created.
    implied("scheduler:TagResource", Apply, On::ScheduleGroup).of(Key::Schedules),
    asks("iam:CreateRole", Apply, On::SchedulerRole).of(Key::Schedules),
    asks("iam:TagRole", Apply, On::SchedulerRole).of(Key::Schedules),
    asks("iam:UpdateAssumeRolePolicy", Apply, On::SchedulerRole).of(Key::Schedules),
    asks("iam:PutRolePolicy", Apply, On::SchedulerRole).of(Key::Schedules),
    implied("iam:PassRole", Apply, On::SchedulerRole)
        .of(Key::Schedules).only(Only::PassedTo("scheduler.amazonaws.com")),
];

/// What the manifest takes values from.
const ELSEWHERE: &[Row] = &[
    asks("ssm:GetParameters", Plan, On::Parameters),
    asks("secretsmanager:GetSecretValue", Plan, On::Secrets),
    asks("cloudformation:DescribeStacks", Plan, On::Stacks),
    asks("cloudformation:ListExports", Plan, On::Exports),
    asks("s3:GetObject", Plan, On::States),
    implied("kms:Decrypt", Plan, On::KeysElsewhere).only(Only::ByHolders),
];
