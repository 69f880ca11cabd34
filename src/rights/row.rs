//! What a row of the table says.

/// One operation that jot asks of AWS, or one action that AWS checks with it, and its permission.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The operation: `lambda:GetFunction`, or `registry:PutManifest` for a request of the
    /// registry's protocol; `None` for an action that AWS also checks for another operation.
    pub operation: Option<&'static str>,
    /// The action of IAM that permits it; `None` where none has to.
    pub action: Option<&'static str>,
    /// Which policies have it.
    pub stage: Stage,
    /// What of the manifest needs it.
    pub key: Key,
    /// The resources on which the action is allowed.
    pub on: On,
    /// The condition under which it is allowed.
    pub only: Only,
}

/// Which policies have an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Those of all commands.
    Plan,
    /// That of commands which change or call something.
    Apply,
    /// That of `jot prune`, which observes all functions of the region, and of all other commands.
    Prune,
    /// None: it is asked where it happens to be allowed.
    Aside,
}

/// The part of the manifest that needs a row: the functions that have it. For a key of the project,
/// all functions count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// Every manifest, also one without functions.
    Always,
    /// Every function; a manifest without functions does not need it.
    Each,
    /// More than [`MANY`] functions.
    Many,
    /// A source: jot builds what the function runs.
    Source,
    /// `--images-from`: images are copied from another target.
    ImagesFrom,
    /// `image_uri`: an image that jot does not build.
    ImageUri,
    /// `aws.bucket`, which Lambda takes large archives from.
    Bucket,
    /// No `role`: it is jot's.
    OwnRole,
    /// `role` by its name, or taken from elsewhere.
    NamedRole,
    /// `role`: it is not jot's.
    GivenRole,
    /// A role of jot's, of a function or of schedules.
    Roles,
    /// `policy_file`, `async` or `triggers` of a function with a role of jot's.
    RolePolicy,
    /// `permissions_boundary` of a role of jot's.
    Boundary,
    /// No `permissions_boundary` of a role of jot's.
    Unbounded,
    /// No `logging.group`: jot makes the log group.
    LogGroup,
    /// `reserved_concurrency`, with any number.
    Reserved,
    /// `runtime_update`, with any value.
    RuntimeUpdate,
    /// `recursive_loop`, with either value.
    RecursiveLoop,
    /// `kms_key`, of the function or of a trigger.
    KmsKey,
    /// `vpc` with subnets, or with values from elsewhere.
    Network,
    /// `layers` with entries, or from elsewhere.
    Layers,
    /// `file_systems` with entries, or from elsewhere.
    FileSystems,
    /// `deploy.alias`: jot publishes versions.
    Alias,
    /// `deploy.provisioned_concurrency`, with any number.
    Provisioned,
    /// `deploy.traffic`: new versions take traffic in steps.
    Traffic,
    /// `deploy.traffic.alarms` that names at least one.
    Alarms,
    /// `url`, with any authentication.
    Url,
    /// `async`, with or without destinations.
    Async,
    /// `permissions`, or `triggers` of any kind.
    Policy,
    /// `permissions`, an open `url`, or `triggers` that need a statement of the function's policy.
    Callers,
    /// `triggers` of any kind.
    Triggers,
    /// `triggers` that Lambda reads.
    Mappings,
    /// `triggers` by notifications of S3.
    Notifications,
    /// `triggers` by rules of EventBridge.
    Rules,
    /// `triggers` by topics of SNS.
    Topics,
    /// `triggers` by schedules of EventBridge Scheduler.
    Schedules,
}

/// Beyond so many functions jot asks for lists of the account, where it may.
pub const MANY: usize = 50;

/// The resources that a row is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum On {
    /// All: AWS has no narrower resource for the action.
    Account,
    /// The functions, with versions and aliases.
    Functions,
    /// The functions' versions and aliases alone.
    Aliases,
    /// Functions with the project's and target's tags that the manifest does not name.
    Undeclared,
    /// Event source mappings, with names that AWS generates.
    Mappings,
    /// The project's repository in ECR.
    Repository,
    /// The repository of the target that images are copied from.
    SourceRepository,
    /// The repositories of `image_uri`.
    GivenRepositories,
    /// All roles below jot's path for the project.
    ProjectRoles,
    /// The functions' roles that jot manages; their path if all of them are meant.
    OwnRoles,
    /// The functions' roles that are not jot's.
    GivenRoles,
    /// The role by which schedules call.
    SchedulerRole,
    /// The functions' log groups.
    LogGroups,
    /// Log groups with the project's and target's tags.
    UndeclaredLogs,
    /// The log groups that the functions write to.
    WrittenLogs,
    /// jot's archives in `aws.bucket`.
    Archives,
    /// The bucket that `aws.bucket` names, to list the archives in it.
    CodeBucket,
    /// Buckets that notify functions.
    NotifyingBuckets,
    /// Buckets that send their events to EventBridge rules.
    SendingBuckets,
    /// Topics of SNS that call the functions.
    Topics,
    /// Rules of EventBridge with jot's names for the functions.
    Rules,
    /// All schedules in the target's group.
    Schedules,
    /// The group of the target's schedules.
    ScheduleGroup,
    /// Keys of KMS that the functions and their triggers name.
    Keys,
    /// Keys of KMS that encrypt values from elsewhere: they are unknown.
    KeysElsewhere,
    /// Versions of layers that the functions use.
    Layers,
    /// The alarms of traffic steps.
    Alarms,
    /// Access points of file systems, and the file systems, with unknown names.
    FileSystems,
    /// Parameters that the manifest takes values from.
    Parameters,
    /// Secrets that the manifest takes values from.
    Secrets,
    /// Stacks of CloudFormation that the manifest takes values from.
    Stacks,
    /// All, where the manifest takes a value from an export.
    Exports,
    /// States of Terraform in S3.
    States,
}

/// Under which condition a row permits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Only {
    /// The row has no condition.
    Always,
    /// Only this service may get the role.
    PassedTo(&'static str),
    /// Only while the role has the manifest's permissions boundary, if set.
    Bounded,
    /// The same, and only the managed policies that the manifest gives the role.
    Policies,
    /// Only the managed policies of the manifest.
    AnyPolicy,
    /// Only for the callers of the manifest.
    Principals,
    /// Only with the authentication of the manifest.
    UrlAuth,
    /// Only mappings to the functions.
    ToFunctions,
    /// Only below jot's path in the bucket.
    Below,
    /// Only resources with the project's and target's tags.
    Tagged,
    /// Only where the project's tag is written.
    Tagging,
    /// Only for what Lambda encrypts.
    ByLambda,
    /// Only for what the services encrypt that the manifest takes values from.
    ByHolders,
}

/// An operation with an action of the same name.
pub(super) const fn asks(operation: &'static str, stage: Stage, on: On) -> Row {
    Row {
        operation: Some(operation),
        action: Some(operation),
        stage,
        key: Key::Each,
        on,
        only: Only::Always,
    }
}

/// An action that AWS checks when another operation is asked.
pub(super) const fn implied(action: &'static str, stage: Stage, on: On) -> Row {
    Row {
        operation: None,
        ..asks(action, stage, on)
    }
}

impl Row {
    /// The same, for what of the manifest needs it.
    pub(super) const fn of(self, key: Key) -> Self {
        Self { key, ..self }
    }

    /// The same, under a condition.
    pub(super) const fn only(self, only: Only) -> Self {
        Self { only, ..self }
    }

    /// The same, permitted by an action of another name.
    pub(super) const fn by(self, action: &'static str) -> Self {
        Self {
            action: Some(action),
            ..self
        }
    }

    /// The same, which nothing has to permit.
    pub(super) const fn free(self) -> Self {
        Self {
            action: None,
            ..self
        }
    }
}
