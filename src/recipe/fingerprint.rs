//! From a draft to an image: the fingerprint of the whole recipe, and short digests of its parts.
//!
//! The fingerprint is the SHA-256 of this sequence in the encoding of [`Canonical`]:
//! `dev.jot.recipe.v1`, or `dev.jot.recipe.zip.v1` for a zip archive; platform; reference of the
//! base image; fingerprint of jot's own base image; text of the Dockerfile; build arguments,
//! counted, each name and value, sorted by name; files, counted, each path, `x` or `-`, and SHA-256
//! in hex, sorted by path; and for a named stage, `stage` and its name. It does not include titles
//! of steps, modification times, owners, local paths, files that the first build of a base settles,
//! labels, secrets, SSH agents, the network, arguments for proxies, and Lambda's settings.

use std::{collections::BTreeMap, path::PathBuf};

use super::{draft::Draft, error::Error, hash::Canonical, version::version as jot_version};
use crate::model::{
    ContextFile, Form, Recipe, RecipeRole,
    recipe::{INPUT_REFERENCE, INPUT_VERSION},
    value::EnvValue,
};

/// What an image is made under, in addition to the draft of its content.
#[derive(Clone, Debug)]
pub struct Setting {
    /// What it is for.
    pub role: RecipeRole,
    pub form: Form,
    /// Docker's name of the platform: `linux/amd64` or `linux/arm64`.
    pub platform: String,
    /// The image in its `FROM` that jot does not build, such as `debian:trixie-slim`.
    pub reference: Option<String>,
    /// Build arguments of the user's.
    pub args: BTreeMap<String, String>,
    /// Network of the build; not in the fingerprint.
    pub network: Option<String>,
    /// BuildKit secrets by id; not in the fingerprint.
    pub secrets: BTreeMap<String, EnvValue>,
    /// Sockets of SSH agents by id; not in the fingerprint.
    pub ssh: BTreeMap<String, Option<PathBuf>>,
    /// Labels; not in the fingerprint.
    pub labels: BTreeMap<String, String>,
    /// What plans call it.
    pub title: String,
    /// Whether what it compiles is tied to the platform.
    pub native: bool,
}

/// Returns the image of a draft, on top of `base` if that is one of jot's own. Two files with the
/// same path are an error.
pub fn seal(draft: Draft, base: Option<&Recipe>, setting: Setting) -> Result<Recipe, Error> {
    let own = inputs(&draft, &setting);
    let mut inputs = match base {
        Some(base) => joined(&base.inputs, own),
        None => own,
    };
    let reference = setting.reference.iter();
    inputs.extend(reference.map(|name| (INPUT_REFERENCE.to_owned(), name.clone())));
    inputs.insert(INPUT_VERSION.to_owned(), jot_version().to_owned());
    let mut args = draft.args;
    args.extend(setting.args);
    let has_dockerfile = draft.dockerfile_path.is_some();
    let settled = sorted(draft.settled, has_dockerfile)?;
    let files = draft.files.into_iter().map(|(_, file)| file);
    let deciding = sorted(files.collect(), has_dockerfile)?;
    let under = base.map(|base| base.fingerprint.as_str());
    let head = Canonical::new(version(setting.form))
        .text(&setting.platform)
        .maybe(setting.reference.as_deref());
    let head = head.maybe(under).text(&draft.dockerfile);
    Ok(Recipe {
        role: setting.role,
        form: setting.form,
        fingerprint: with_stage(
            with_files(with_args(head, &args), deciding.iter()),
            draft.stage.as_deref(),
        )
        .finish(),
        base: base.map(|base| base.fingerprint.clone()),
        dockerfile: draft.dockerfile,
        dockerfile_path: draft.dockerfile_path,
        stage: draft.stage,
        titles: draft.titles,
        context: sorted([deciding, settled].concat(), has_dockerfile)?,
        args,
        platform: setting.platform,
        network: setting.network,
        secrets: setting.secrets,
        ssh: setting.ssh,
        labels: setting.labels,
        inputs,
        title: setting.title,
        native: setting.native,
    })
}

/// What the encoding begins with.
fn version(form: Form) -> &'static str {
    match form {
        Form::Image => "dev.jot.recipe.v1",
        Form::Zip => "dev.jot.recipe.zip.v1",
    }
}

/// Build arguments for proxies that BuildKit predefines, in upper and in lower case: no stage has
/// to declare them, and they are in no image and no cache key.
/// <https://docs.docker.com/reference/dockerfile/#predefined-args>
const PROXIES: [&str; 5] = [
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "FTP_PROXY",
    "NO_PROXY",
    "ALL_PROXY",
];

fn is_proxy(name: &str) -> bool {
    let mut proxies = PROXIES.iter();
    proxies.any(|proxy| *proxy == name || proxy.to_lowercase() == name)
}

/// Adds the build arguments that can change an image.
fn with_args(digest: Canonical, args: &BTreeMap<String, String>) -> Canonical {
    let relevant = || args.iter().filter(|(name, _)| !is_proxy(name));
    let counted = digest.count(relevant().count());
    relevant().fold(counted, |digest, (name, value)| {
        digest.text(name).text(value)
    })
}

/// Adds files that are sorted by path.
fn with_files<'a>(
    digest: Canonical,
    files: impl ExactSizeIterator<Item = &'a ContextFile>,
) -> Canonical {
    let counted = digest.count(files.len());
    files.fold(counted, |digest, file| {
        let mode = if file.executable { "x" } else { "-" };
        digest.text(&file.path).text(mode).text(&file.sha256)
    })
}

/// Adds the stage, where one is named.
fn with_stage(digest: Canonical, stage: Option<&str>) -> Canonical {
    match stage {
        Some(stage) => digest.text("stage").text(stage),
        None => digest,
    }
}

/// Files by their path. A separate Dockerfile occupies the path `Dockerfile` in a written context.
fn sorted(mut context: Vec<ContextFile>, has_dockerfile: bool) -> Result<Vec<ContextFile>, Error> {
    context.sort_by(|a, b| a.path.cmp(&b.path));
    let taken = context
        .iter()
        .find(|file| file.path == "Dockerfile" && !has_dockerfile);
    let mut pairs = context.windows(2);
    let twice = pairs.find(|pair| pair[0].path == pair[1].path);
    match taken.or(twice.map(|pair| &pair[0])) {
        Some(file) => Err(Error::Twice {
            path: file.path.clone(),
        }),
        None => Ok(context),
    }
}

/// The parts of one image alone: files by the part in the draft, and `base`, `dockerfile` and
/// `args`.
fn inputs(draft: &Draft, setting: &Setting) -> BTreeMap<String, String> {
    let mut parts: BTreeMap<&str, Vec<&ContextFile>> = BTreeMap::new();
    for (part, file) in &draft.files {
        parts.entry(part).or_default().push(file);
    }
    let digests = parts.into_iter().map(|(name, mut files)| {
        files.sort_by(|a, b| a.path.cmp(&b.path));
        (
            name.to_owned(),
            short(with_files(part(), files.into_iter())),
        )
    });
    let mut inputs: BTreeMap<_, _> = digests.collect();
    let base = part()
        .text(&setting.platform)
        .maybe(setting.reference.as_deref());
    inputs.insert("base".to_owned(), short(base));
    inputs.insert(
        "dockerfile".to_owned(),
        short(with_stage(
            part().text(&draft.dockerfile),
            draft.stage.as_deref(),
        )),
    );
    let args = with_args(with_args(part(), &draft.args), &setting.args);
    inputs.insert("args".to_owned(), short(args));
    inputs
}

fn part() -> Canonical {
    Canonical::new("dev.jot.part.v1")
}

fn short(digest: Canonical) -> String {
    digest.finish().as_str()[..8].to_owned()
}

/// The parts of an image together with those of its base, so that a reason can name what changed in
/// the base (`runtime`, not merely `base`).
fn joined(
    base: &BTreeMap<String, String>,
    own: BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let mut all = base.clone();
    for (part, digest) in own {
        let both = match all.get(&part) {
            Some(below) => short(Canonical::new("dev.jot.parts.v1").text(below).text(&digest)),
            None => digest,
        };
        all.insert(part, both);
    }
    all
}
