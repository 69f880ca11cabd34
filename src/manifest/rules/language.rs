//! The responder: exactly one language, and its source.

use std::path::{Path, PathBuf};

use super::{At, Problems};
use crate::manifest::{nearest, node::Layer};

/// Adds a missing language and a source that is not there.
pub(super) fn check(key: &str, function: &At, root: &Path, problems: &mut Problems) {
    let Some(julia) = function.get("julia") else {
        missing(key, function, problems);
        return;
    };
    let Some((at, source)) = julia.text("source") else {
        return;
    };
    if source.is_empty() {
        return;
    }
    let remote = ["https://", "http://", "ssh://", "git://", "git@"]
        .iter()
        .any(|scheme| source.starts_with(scheme));
    let (what, label, help) = if remote {
        (
            "is a URL, which this release of jot does not fetch",
            "a URL",
            "clone it, and name the folder relative to the manifest",
        )
    } else {
        match fault(root, source) {
            Some(fault) => fault,
            None => return,
        }
    };
    problems.add(
        at.wrong(format!("`{}` {what}", at.name()), label)
            .help(help),
    );
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
        "add `julia = { source = \"...\", argument_type = \"...\" }`".to_owned()
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
