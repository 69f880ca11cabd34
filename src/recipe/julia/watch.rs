//! `jot run --watch`: the running Julia loads changed files.

use sha2::{Digest, Sha256};

use super::{Responder, embedded};
use crate::{
    model::{ContextFile, hints::Reload},
    recipe::{context, draft::Draft},
};

/// The folder of the context with the generated package and the user's own files.
const FOLDER: &str = "env/";
/// The variable that `watch/start.jl` reads.
const VARIABLE: &str = "JOT_RELOAD";
/// The start script of a container with watched sources.
const START: &str = include_str!("watch/start.jl");

/// The files of a watched function in the context.
pub struct Watched {
    /// The generated package's name.
    pub name: String,
    /// The folder of the user's own files, `/` at its end.
    pub own: String,
    /// The name of a package directory's package.
    pub package: Option<String>,
}

impl Watched {
    /// The main file of a package directory, if it is one, and that of the generated module.
    fn mains(&self) -> Vec<String> {
        let names = self.package.iter().chain([&self.name]);
        names
            .map(|name| format!("{FOLDER}{name}/src/{name}.jl"))
            .collect()
    }
}

/// Returns how changed files get into the container of a watched function. In a package, only files
/// below `src/` can be loaded again: a change to its Project.toml, its artifacts or its data needs
/// a build.
pub fn reload(responder: &Responder, watched: &Watched, code: &Draft) -> Option<Reload> {
    if !responder.julia.watched {
        return None;
    }
    let Watched { name, own, .. } = watched;
    let sources = match responder.script {
        Some(_) => vec![FOLDER.to_owned()],
        None => vec![format!("{FOLDER}{name}/"), format!("{own}src/")],
    };
    let mut rest = Sha256::new();
    rest.update(&code.dockerfile);
    for (_, file) in &code.files {
        if !sources.iter().any(|folder| file.path.starts_with(folder)) {
            rest.update(&file.path);
            rest.update(&file.sha256);
        }
    }
    Some(Reload {
        variable: VARIABLE.to_owned(),
        folder: FOLDER.to_owned(),
        main: watched.mains(),
        decides: responder.script.is_some(),
        rest: hex::encode(rest.finalize()),
    })
}

/// Returns the files that explain errors of loaded code, as in a build.
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
    files.map(|(name, text)| context::embedded(format!("{FOLDER}{name}"), text))
}

/// Returns the start script of a watched function.
pub fn start(watched: &Watched) -> String {
    let mains: Vec<String> = watched
        .mains()
        .iter()
        .map(|main| format!("\"{main}\""))
        .collect();
    START
        .replace("RESPONDER", &watched.name)
        .replace("MAINS", &format!("[{}]", mains.join(", ")))
}

/// Returns the statement that loads a package directory's package: the last loaded one into the
/// surrounding module, if any.
pub fn import(package: &str) -> String {
    format!(
        "@eval $(isdefined(parentmodule(@__MODULE__), :{package}) ? :(import ..{package}) : \
         :(import {package}))\n"
    )
}
