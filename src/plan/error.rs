//! Errors of planning.

use miette::Diagnostic;
use thiserror::Error;

use crate::model::config::ENVIRONMENT_BYTES;

/// Why no plan can be made.
#[derive(Clone, Debug, PartialEq, Eq, Error, Diagnostic)]
#[allow(missing_docs)] // The messages name the fields.
pub enum Error {
    #[error("function {name} exists, but is not {key} of this project and target: {why}")]
    #[diagnostic(help(
        "`jot adopt {name} --key {key}` takes it over, unless another manifest manages it; set \
         `functions.{key}.name` to use another name"
    ))]
    ForeignFunction {
        /// Name of the function in Lambda.
        name: String,
        /// Key of the function in the manifest.
        key: String,
        /// The tag that shows it.
        why: String,
    },
    #[error("function {name} cannot be rolled back: {why}")]
    #[diagnostic(help("{help}"))]
    NoRelease {
        /// Name of the function in Lambda.
        name: String,
        /// The reason, in words.
        why: String,
        /// Advice for the user.
        help: String,
    },
    #[error("repository {name} exists, but is not this project's: {why}")]
    #[diagnostic(help("change `project.name`, or take this one over by its tag `jot:project`"))]
    ForeignRepository {
        /// Name of the repository in ECR.
        name: String,
        /// The tag that shows it.
        why: String,
    },
    #[error("role {name} exists, but is not jot's for {key} of this project and target: {why}")]
    #[diagnostic(help(
        "`jot adopt` takes it over with its function, unless another manifest manages it; set \
         `functions.{key}.role` to use a role of your own"
    ))]
    ForeignRole {
        /// Name of the role in IAM.
        name: String,
        /// Key of the function in the manifest.
        key: String,
        /// The tag that shows it.
        why: String,
    },
    /// A bucket has another notification that S3 does not accept together with the wanted one.
    #[error(
        "bucket {bucket} has a notification `{other}` of the same events and objects as trigger \
         {trigger} of {key}, and is not managed here"
    )]
    #[diagnostic(help(
        "S3 does not accept two notifications for the same event: give \
         `functions.{key}.triggers.{trigger}` another prefix or suffix, set `via = \
         \"eventbridge\"` in it, or remove `{other}` from the bucket"
    ))]
    Overlap {
        /// The manifest's key of the function.
        key: String,
        /// The manifest's name of the trigger.
        trigger: String,
        /// Name of the bucket.
        bucket: String,
        /// The id of the other notification.
        other: String,
    },
    #[error("function {name} is {found}, and Lambda cannot turn it into {wanted} in place")]
    #[diagnostic(help(
        "to keep it, declare {found} for `functions.{key}`; `jot apply --allow-replace` deletes it \
         and creates it again: versions, alias and URL are lost, and calls fail in between; set \
         `functions.{key}.name` to use another name"
    ))]
    PackageType {
        /// Name of the function in Lambda.
        name: String,
        /// Key of the function in the manifest.
        key: String,
        /// The present type, such as `a zip archive`.
        found: &'static str,
        /// The wanted type, such as `an image`.
        wanted: &'static str,
    },
    #[error("function {name} is already managed by another manifest: {why}")]
    #[diagnostic(help(
        "to manage it with this manifest, remove its tags `jot:project`, `jot:function` and \
         `jot:target` first"
    ))]
    Managed {
        /// Name of the function in Lambda.
        name: String,
        /// The manifest that manages it.
        why: String,
    },
    /// The manifest differs from the existing function.
    #[error("function {name} cannot be adopted as it is: jot would {steps}")]
    #[diagnostic(help("{help}"))]
    NotAsItIs {
        /// Name of the function in Lambda.
        name: String,
        /// What an apply would do.
        steps: String,
        /// Advice for the user.
        help: String,
    },
    #[error("this plan would delete function {name}, and {key} is protected")]
    #[diagnostic(help(
        "`functions.{key}.lifecycle.prevent_destroy` protects it: remove that first"
    ))]
    Protected {
        /// Name of the function in Lambda.
        name: String,
        /// Key of the function in the manifest.
        key: String,
    },
    #[error("function {name} must be deleted and created again, and {key} is protected: {why}")]
    #[diagnostic(help(
        "it never took traffic; remove `functions.{key}.lifecycle.prevent_destroy` for this apply, \
         or delete the function yourself"
    ))]
    FailedAndProtected {
        /// Name of the function in Lambda.
        name: String,
        /// Key of the function in the manifest.
        key: String,
        /// Lambda's state of the function.
        why: String,
    },
    /// The environment is too large for Lambda, including values outside the manifest.
    #[error(
        "the environment of function {key} must be at most {ENVIRONMENT_BYTES} bytes, got {bytes} \
         with the values from elsewhere"
    )]
    #[diagnostic(help(
        "Lambda counts names and values as one JSON object; shorten what \
         `functions.{key}.environment` takes from elsewhere, or read large values from S3 or \
         Parameter Store while the function runs"
    ))]
    EnvironmentTooLarge {
        /// Key of the function in the manifest.
        key: String,
        /// The bytes of names and values, as Lambda counts them.
        bytes: usize,
    },
    #[error("role {role} of function {key} does not exist")]
    #[diagnostic(help("create it, or remove `functions.{key}.role`: jot then creates a role"))]
    RoleMissing {
        /// The name in the manifest.
        role: String,
        /// Key of the function in the manifest.
        key: String,
    },
    #[error(
        "role {name} exists, but is not jot's for the schedules of this project and target: {why}"
    )]
    #[diagnostic(help("delete it, or restore its tags"))]
    ForeignScheduler {
        name: String,
        /// The tag that shows it.
        why: String,
    },
    /// The policy names more functions than IAM accepts.
    #[error(
        "the policy of the role that calls {functions} scheduled functions must be at most {most} \
         characters, got {bytes}"
    )]
    #[diagnostic(help(
        "it has space for about 100 functions: split the manifest into targets or projects, each \
         of which has a role of its own"
    ))]
    TooManySchedules {
        /// How many functions it names.
        functions: usize,
        bytes: usize,
        most: usize,
    },
    #[error("docker is needed to {need}, and does not answer: {why}")]
    #[diagnostic(help("start docker, or name the daemon to use in DOCKER_HOST"))]
    DockerAbsent {
        /// What for, such as `build and push increment-vector (not in ECR)`.
        need: String,
        /// The result of asking it.
        why: String,
    },
    #[error("builds are not allowed, and ECR lacks what these functions run: {missing}")]
    #[diagnostic(help(
        "run `jot apply` on a machine with Docker, which builds, tests and pushes it, or copy it \
         from another target with `--images-from TARGET`"
    ))]
    NotInRegistry {
        /// Functions, each with its image or archive.
        missing: String,
    },
    #[error("the repository of target {target} lacks what these functions run: {missing}")]
    #[diagnostic(help(
        "run `jot apply --target {target}` with these sources first; `jot plan --target {target}` \
         shows what it lacks"
    ))]
    NotInSource {
        /// The target that images are copied from.
        target: String,
        /// Functions, each with its image or archive.
        missing: String,
    },
    #[error("target {target} builds these functions differently: {different}")]
    #[diagnostic(help(
        "what determines an image (source, build, base image, architecture) must be the same in \
         both: see what `targets.{target}` and the chosen target change in jot.toml, or build with \
         `jot apply` without `--images-from`"
    ))]
    OtherContent {
        /// The target that images are copied from.
        target: String,
        /// Functions, each with both tags and the parts that differ.
        different: String,
    },
    #[error(
        "image {title} contains code compiled for {platform}, which docker on {daemon} can neither \
         build nor test"
    )]
    #[diagnostic(help(
        "{}name a daemon on {platform} in DOCKER_HOST{}",
        of_daemon(daemon),
        portable.as_ref().map(|way| format!(", or {way}")).unwrap_or_default()
    ))]
    Platform {
        /// Title of the image.
        title: String,
        platform: String,
        daemon: String,
        /// What to set so that nothing is compiled for one platform.
        portable: Option<String>,
    },
    /// The planner has no recipe for a function's image, or for its base.
    #[error("function {key} has no recipe to build its image from")]
    #[diagnostic(help("`jot check` says what is wrong with `functions.{key}`"))]
    NoRecipe {
        /// Key of the function in the manifest.
        key: String,
    },
}

/// Advice to use the daemon's own architecture, if Lambda has that.
fn of_daemon(daemon: &str) -> &'static str {
    match daemon {
        "linux/arm64" => "set `architecture = \"arm64\"`, ",
        "linux/amd64" => "set `architecture = \"x86_64\"`, ",
        _ => "",
    }
}
