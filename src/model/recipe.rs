//! A recipe, ready to be built: everything that decides an artifact's content.

use std::{collections::BTreeMap, path::PathBuf};

use serde::{Deserialize, Serialize};

use super::{Fingerprint, PackageType, Secret, value::EnvValue};

/// What a recipe makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecipeRole {
    /// An image with runtime and dependencies, shared by functions.
    Base,
    /// The artifact that Lambda runs.
    Code,
    /// An image for this machine only: the artifact with AWS's emulator in front of it.
    Harness,
}

/// The form in which Lambda takes an artifact: its `PackageType`.
/// <https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html>
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// A container image, by its digest.
    #[default]
    Image,
    /// A zip archive, by the SHA-256 of its bytes.
    Zip,
}

impl Form {
    /// Lambda's name for it.
    pub fn package_type(self) -> PackageType {
        match self {
            Self::Image => PackageType::Image,
            Self::Zip => PackageType::Zip,
        }
    }

    /// What plans call it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Zip => "archive",
        }
    }

    /// The word for it in a sentence, with its article.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Image => "an image",
            Self::Zip => "a zip archive",
        }
    }

    /// The other of the two.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Image => Self::Zip,
            Self::Zip => Self::Image,
        }
    }
}

/// Where a context file's bytes are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// Made by jot.
    Bytes(Vec<u8>),
    /// On this machine's disk, at an absolute path.
    Disk(PathBuf),
}

/// One regular file of a build context.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContextFile {
    /// Relative path with `/` between its parts.
    pub path: String,
    /// Whether its owner may execute it.
    pub executable: bool,
    /// Lower-case hex SHA-256 of its bytes.
    pub sha256: String,
    /// The bytes, or where they are.
    pub content: Content,
}

/// Everything that decides one build. Equal fingerprints mean equal recipes: functions may share
/// one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipe {
    /// What it makes.
    pub role: RecipeRole,
    /// The form of what it makes; a base and a harness are images.
    pub form: Form,
    /// SHA-256 over Dockerfile, context, arguments, base reference and platform.
    pub fingerprint: Fingerprint,
    /// The image of jot that this one builds `FROM`, or none. Its reference is passed at build time
    /// in the build argument [`BASE_ARGUMENT`], which is not part of the fingerprint; the base's
    /// own fingerprint is.
    pub base: Option<Fingerprint>,
    /// The text of the Dockerfile.
    pub dockerfile: String,
    /// The path of the Dockerfile among the context's files; `None`: it is not one of them.
    #[serde(default)]
    pub dockerfile_path: Option<String>,
    /// The stage of the Dockerfile to build; `None`: the last.
    #[serde(default)]
    pub stage: Option<String>,
    /// What steps of a generated Dockerfile do, in words; the first match counts.
    #[serde(default)]
    pub titles: Vec<StepTitle>,
    /// The context's files, sorted by path.
    pub context: Vec<ContextFile>,
    /// Docker build arguments, in the fingerprint.
    pub args: BTreeMap<String, String>,
    /// `linux/amd64` or `linux/arm64`.
    pub platform: String,
    /// Docker's network mode for `RUN`; `None` is Docker's default.
    pub network: Option<String>,
    /// BuildKit secrets by id: never in a layer, never in the fingerprint.
    pub secrets: BTreeMap<String, EnvValue>,
    /// Sockets of SSH agents by id, `None` if this machine has none: never in the fingerprint.
    #[serde(default)]
    pub ssh: BTreeMap<String, Option<PathBuf>>,
    /// Labels in addition to those of `dev.jot.*`, not in the fingerprint.
    pub labels: BTreeMap<String, String>,
    /// Short digests of the parts, for the tag `jot:inputs` and for reasons: part -> first 8 hex
    /// digits. Parts are `source`, `dependencies`, `runtime`, `base`, `exemplar`, `args`,
    /// `dockerfile`. Those of a base of jot are included, so that a reason can name what changed in
    /// it. [`INPUT_VERSION`] and [`INPUT_REFERENCE`] are not digests.
    pub inputs: BTreeMap<String, String>,
    /// What to call the image in plans: a function's key, or what kind of base it is.
    pub title: String,
    /// Whether compiled code depends on the platform, so that an emulated build is refused.
    pub native: bool,
}

/// What a step of a generated Dockerfile does, in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepTitle {
    /// The instruction, such as `RUN`.
    pub instruction: String,
    /// What else is in it: all of these.
    pub words: Vec<String>,
    /// The words for it, such as `compiling packages`.
    pub title: String,
}

impl StepTitle {
    /// Whether this is the title of a step, given as in the Dockerfile.
    pub fn is_of(&self, step: &str) -> bool {
        let rest = step.strip_prefix(self.instruction.as_str());
        rest.is_some_and(|rest| self.words.iter().all(|word| rest.contains(word.as_str())))
    }
}

/// Among the inputs, the version of jot that provides the runtime.
pub const INPUT_VERSION: &str = "jot";
/// Among the inputs, the lowest image, which is not jot's, such as `debian:trixie-slim`.
pub const INPUT_REFERENCE: &str = "from";
/// The build argument that names the base image in a generated Dockerfile.
pub const BASE_ARGUMENT: &str = "JOT_BASE_IMAGE";
/// What the title of a harness ends in, after that of what it runs.
pub const HARNESS_TITLE: &str = " with AWS's emulator";
/// Where a harness holds AWS's emulator.
pub const HARNESS_EMULATOR: &str = "/.jot/aws-lambda-rie";
/// Where Lambda unpacks an archive, and where a build leaves what goes into one.
/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime>
pub const ARCHIVE_FOLDER: &str = "/var/task";
/// Where the context of an archive's harness has its files.
pub const ARCHIVE_CONTEXT: &str = "task";
/// The label that holds an image's whole fingerprint.
pub const LABEL_FINGERPRINT: &str = "dev.jot.fingerprint";
/// The label that holds the project's name.
pub const LABEL_PROJECT: &str = "dev.jot.project";
/// The label with the image's title in plans: a function's key, or the kind of base.
pub const LABEL_TITLE: &str = "dev.jot.title";
/// The label that holds the version of jot that built the image.
pub const LABEL_VERSION: &str = "dev.jot.version";
/// The label with the commit of a source from a git repository.
pub const LABEL_COMMIT: &str = "dev.jot.commit";
/// The label that holds the address of that repository.
pub const LABEL_SOURCE: &str = "dev.jot.source";
/// The label with Docker's id of the base image that an image was built on.
pub const LABEL_BASE: &str = "dev.jot.base";
/// The label of containers that jot runs, to remove them after an interruption.
pub const LABEL_RUN: &str = "dev.jot.run";

/// A registry's user name and password, as GetAuthorizationToken returns them; kept in memory only.
#[derive(Clone, Debug)]
pub struct RegistryLogin {
    /// Host and port that docker pushes to.
    pub host: String,
    /// `AWS` on ECR.
    pub user: String,
    /// The token.
    pub password: Secret,
}

/// The name under which jot tags images of a project locally: `jot/<project>`.
pub fn local_name(project: &str) -> String {
    format!("jot/{project}")
}

/// What all names begin with that images have for a build alone.
pub const BUILD_NAMES: &str = "127.0.0.1:1/jot/";

/// The repository in which a run names base images, each for one build: `127.0.0.1:1/jot/<run>`.
/// Nothing listens on this port, so no registry can answer to the name, and a build that contacts
/// it fails immediately.
pub fn build_name(run: &str) -> String {
    format!("{BUILD_NAMES}{run}")
}
