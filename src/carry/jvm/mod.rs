//! A project for the JVM: Leiningen, tools.deps, Maven, Gradle or sbt.

mod clojure;
mod handler;
mod keys;
mod lexer;
mod names;
mod scan;
mod tool;
mod types;

use std::path::Path;

pub use tool::{builds, is_project_file, project_file};

use super::{
    carried::{Carried, Code, Function},
    error::Error,
    paths::Base,
};
use handler::Handler;
use tool::{PROJECT_FILES, Tool, tool};

/// Memory that a function on the JVM is given: less makes its start slow.
const MEMORY_MB: i64 = 512;
/// Seconds that a function on the JVM is given.
const TIMEOUT_S: i64 = 30;

/// Returns a function for each handler of the project.
///
/// # Errors
/// If the project file cannot be read or is malformed.
pub fn read(base: &Base) -> Result<Carried, Error> {
    let Some((file, tool)) = tool(&base.folder) else {
        return Err(Error::Unrecognized {
            path: base.folder.clone(),
            message: "no project file in this directory".to_owned(),
            help: "`jot init --from DIR` needs project.clj, deps.edn, pom.xml, build.gradle(.kts) \
                or build.sbt there"
                .to_owned(),
        });
    };
    let mut notes = Vec::new();
    let project = names::project(&base.folder, file, tool)?;
    others(&base.folder, file, &mut notes);
    if tool == Tool::Deps && !base.folder.join("build.clj").is_file() {
        notes.push(
            "deps.edn has no build.clj beside it: write one with tools.build, or set `build` in \
                the jvm table to the command that makes the jar."
                .to_owned(),
        );
    }
    let handlers = scan::handlers(&base.folder, &mut notes);
    let functions = functions(base, tool, project.as_deref(), handlers, &mut notes);
    Ok(Carried {
        project,
        functions,
        notes,
        ..Carried::default()
    })
}

/// Reports which project files were not used.
fn others(folder: &Path, used: &str, notes: &mut Vec<String>) {
    let stem = |file: &str| file.split(".gradle").next().unwrap_or(file).to_owned();
    let one_of_gradle = |file: &str| file.contains(".gradle") && used.contains(".gradle");
    let unused = PROJECT_FILES
        .iter()
        .map(|(file, _)| *file)
        .filter(|file| *file != used && !one_of_gradle(file) && stem(file) != stem(used));
    for file in unused.filter(|file| folder.join(file).is_file()) {
        notes.push(format!(
            "The project has {used} and {file}: {used} is used. Set `build` in the jvm table for \
                another."
        ));
    }
    if folder.join("template.yaml").is_file() {
        notes.push(
            "template.yaml was not read: `jot init --from template.yaml` uses it instead."
                .to_owned(),
        );
    }
}

fn functions(
    base: &Base,
    tool: Tool,
    project: Option<&str>,
    handlers: Vec<Handler>,
    notes: &mut Vec<String>,
) -> Vec<Function> {
    let folder = super::names::folder_name(&base.folder);
    let project = super::names::project(project.unwrap_or(&folder));
    let function = |key: String, handler: Option<&Handler>| Function {
        key,
        handler: handler.map(|handler| handler.name.clone()),
        code: Code::Jvm {
            source: base.path(""),
            module: handler.and_then(|handler| module(&base.folder, tool, &handler.file)),
            java: None,
            zip: false,
        },
        memory_mb: Some(MEMORY_MB),
        timeout_s: Some(TIMEOUT_S),
        ..Function::default()
    };
    if handlers.is_empty() {
        notes.push(
            "No class of the sources implements RequestHandler or RequestStreamHandler: name the \
                class in `handler`, as package.Class or package.Class::method."
                .to_owned(),
        );
        return vec![function(super::names::key(&project), None)];
    }
    keys::keys(&project, &handlers)
        .into_iter()
        .zip(&handlers)
        .map(|(key, handler)| function(key, Some(handler)))
        .collect()
}

/// The module of a file: the nearest folder above it, below the root, with a project file of the
/// same tool. It is named as in Maven's `-pl` and Gradle's paths.
fn module(root: &Path, tool: Tool, file: &Path) -> Option<String> {
    let markers = PROJECT_FILES.iter().filter(|(_, one)| *one == tool);
    let files: Vec<&str> = markers.map(|(file, _)| *file).collect();
    let mut above = file
        .ancestors()
        .skip(1)
        .take_while(|folder| *folder != root);
    let folder = above.find(|folder| files.iter().any(|file| folder.join(file).is_file()))?;
    let below = folder.strip_prefix(root).ok()?;
    let parts: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
    match tool {
        Tool::Maven => {
            let named = names::project(folder, "pom.xml", tool).ok().flatten();
            Some(format!(":{}", named.as_deref().unwrap_or(parts.last()?)))
        }
        Tool::Gradle => Some(format!(":{}", parts.join(":"))),
        Tool::Leiningen | Tool::Deps | Tool::Sbt => Some(parts.join("/")),
    }
}
