//! The responder: exactly one language, its source, and what it depends on; or an image that is there already.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use super::{At, Problems};
use crate::manifest::{
    address::{has_credentials, is_git_url},
    nearest,
    node::Layer,
};

/// Adds a missing language, one beside an image, and a source that is not there.
pub(super) fn check(key: &str, function: &At, root: &Path, problems: &mut Problems) {
    let julia =
        match (function.get("julia"), function.get("image_uri")) {
            (Some(julia), None) => julia,
            (None, None) => return missing(key, function, problems),
            (None, Some(_)) => return,
            (Some(julia), Some(image)) => {
                let message = format!("`{}` has a responder and an `image_uri`", function.name());
                let finding = image.wrong(message, "the image is there already");
                problems.add(finding.other(julia.node.key_span(), "jot would build one").help(
                "remove one of them; `unset = [\"julia\"]` removes what [defaults] sets",
            ));
                return;
            }
        };
    let Some((at, source)) = julia.text("source") else {
        return;
    };
    if source.is_empty() {
        return;
    }
    let remote = is_git_url(source);
    let fault = if remote {
        remote_fault(&julia, source)
    } else {
        fault(root, source)
    };
    if let Some((what, label, help)) = fault {
        let message = format!("`{}` {what}", at.name());
        problems.add(at.wrong(message, label).help(help));
    }
    if let Some(rev) = julia.get("rev").filter(|_| !remote) {
        let message = format!("`{}` is for a git URL", rev.name());
        let help = "remove it, or name a git repository in `source`";
        problems.add(rev.wrong(message, "no git URL").help(help));
    }
    dependencies(&julia, remote || root.join(source).is_dir(), problems);
    registries(&julia, problems);
}

/// A package says itself what it depends on, and nothing is asked for twice.
fn dependencies(julia: &At, is_package: bool, problems: &mut Problems) {
    let Some(dependencies) = julia.get("dependencies") else {
        return;
    };
    let items = dependencies.items();
    if is_package && !items.is_empty() {
        let message = format!("`{}` is for a script", dependencies.name());
        let help = "a package's own Project.toml says what it depends on, and its Manifest.toml in which versions";
        problems.add(dependencies.wrong(message, "of a package").help(help));
        return;
    }
    let mut seen = BTreeMap::new();
    for (_, item) in items {
        let text = item.node.text().unwrap_or_default();
        let name = text.split('@').next().unwrap_or_default();
        // The schema itself refuses the same text twice.
        let before = seen.insert(name, text);
        if !name.is_empty() && before.is_some_and(|before| before != text) {
            let message = format!("`{}` names {name} again", item.name());
            let help = "name each package once, with the version that it needs: \"Name@1.2\"";
            problems.add(item.wrong(message, "named before").help(help));
        }
    }
}

fn registries(julia: &At, problems: &mut Problems) {
    let items = julia.get("registries").map(|at| at.items());
    for (_, item) in items.unwrap_or_default() {
        if has_credentials(item.node.text().unwrap_or_default()) {
            let message = format!("`{}` {SECRET}", item.name());
            let help = "remove them, and give the build git's configuration: `build.secrets = { gitconfig = { from_env = \"...\" } }`";
            problems.add(item.wrong(message, "a secret").help(help));
        }
    }
}

const SECRET: &str = "has credentials in it, and the manifest is for everybody to read";

fn remote_fault(julia: &At, source: &str) -> Option<Fault> {
    if has_credentials(source) {
        return Some((
            SECRET,
            "a secret",
            "remove them: jot fetches with your own git, which knows its credential helpers and ssh keys",
        ));
    }
    julia.get("rev").is_none().then_some((
        "is a git URL, and `rev` does not say what of it",
        "without `rev`",
        "add `rev = \"...\"`: a branch, a tag or a commit",
    ))
}

fn missing(key: &str, function: &At, problems: &mut Problems) {
    let later = ["jvm", "dockerfile"]
        .iter()
        .any(|language| function.node.get(language).is_some());
    if later {
        return;
    }
    let declared = &function.merged.declared;
    let help = if function.node.layer == Layer::Target && !declared.iter().any(|name| name == key) {
        match nearest::name(key, declared.iter().map(String::as_str)) {
            Some(near) => format!("`[functions]` has no `{key}`; did you mean `{near}`?"),
            None => format!(
                "`[functions]` has no `{key}` that this could be laid over; it has {}",
                nearest::list(declared)
            ),
        }
    } else {
        "add `julia = { source = \"...\", argument_type = \"...\" }`, or `image_uri` for an image that is there already".to_owned()
    };
    let message = format!(
        "`{}` has no responder: the key `julia` is missing",
        function.name()
    );
    problems.add(function.wrong_key(message, "no responder").help(help));
}

type Fault = (&'static str, &'static str, &'static str);

fn fault(root: &Path, source: &str) -> Option<Fault> {
    const RELATIVE: &str = "name a file or folder relative to the manifest";
    if Path::new(source).is_absolute() {
        return Some((
            "is an absolute path, which is another one on every machine",
            "absolute",
            RELATIVE,
        ));
    }
    let path: PathBuf = root.join(source);
    if path.is_dir() {
        let package = path.join("Project.toml").is_file();
        return (!package).then_some((
            "is a folder without a Project.toml",
            "not a package",
            "name a script, or a folder that holds a Julia package",
        ));
    }
    if !path.is_file() {
        return Some(("does not exist", "not found", RELATIVE));
    }
    let script = path.extension().is_some_and(|extension| extension == "jl");
    (!script).then_some((
        "is not a Julia script",
        "not a `.jl` file",
        "name a `.jl` file, or a folder that holds a Julia package",
    ))
}
