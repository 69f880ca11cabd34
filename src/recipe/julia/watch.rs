//! What `jot run --watch` does with a script: its changed files are loaded by the Julia that runs.

use sha2::{Digest, Sha256};

use super::{Responder, embedded, responder::made};
use crate::{
    model::{ContextFile, hints::Reload},
    recipe::draft::Draft,
};

/// The folder of the context that holds the generated package and the script.
const FOLDER: &str = "env/";
/// The variable that `watch/start.jl` reads.
const VARIABLE: &str = "JOT_RELOAD";
/// The start script of a container whose sources are watched.
const START: &str = include_str!("watch/start.jl");

/// Returns how changed files get into the container of a watched script; `None` for a package,
/// which Julia loads once in a process. `name` is the generated package's.
pub fn reload(responder: &Responder, name: &str, code: &Draft) -> Option<Reload> {
    if !responder.julia.watched || responder.script.is_none() {
        return None;
    }
    let mut rest = Sha256::new();
    rest.update(&code.dockerfile);
    for (_, file) in &code.files {
        if !file.path.starts_with(FOLDER) {
            rest.update(&file.path);
            rest.update(&file.sha256);
        }
    }
    Some(Reload {
        variable: VARIABLE.to_owned(),
        folder: FOLDER.to_owned(),
        main: format!("{FOLDER}{name}/src/{name}.jl"),
        rest: hex::encode(rest.finalize()),
    })
}

/// Returns the files that know what errors of loaded code mean, as those of a build do.
pub fn files() -> impl Iterator<Item = ContextFile> {
    let wanted = [
        "explain.jl",
        "fault.jl",
        "responder.jl",
        "syntax.jl",
        "words.jl",
    ];
    let files = embedded::BUILD.iter();
    let files = files.filter(move |(name, _)| wanted.contains(name));
    files.map(|(name, text)| made(format!("{FOLDER}{name}"), text))
}

/// Returns the start script of the package of this name.
pub fn start(name: &str) -> String {
    START.replace("RESPONDER", name)
}
