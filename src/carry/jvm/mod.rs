//! A project for the JVM: Leiningen, tools.deps, Maven, Gradle or sbt.

mod clojure;
mod keys;
mod lexer;
mod names;
mod scan;
mod types;

use std::path::{Path, PathBuf};

use super::{
    carried::{Carried, Code, Function},
    error::Error,
    paths::Base,
};

/// Memory that a function on the JVM is given: less makes its start slow.
const MEMORY_MB: i64 = 512;
/// Seconds that a function on the JVM is given.
const TIMEOUT_S: i64 = 30;

/// What builds a project.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tool {
    Leiningen,
    Deps,
    Maven,
    Gradle,
    Sbt,
}

/// Files that show what builds a project, in the order in which they count.
const PROJECT_FILES: [(&str, Tool); 8] = [
    ("project.clj", Tool::Leiningen),
    ("deps.edn", Tool::Deps),
    ("pom.xml", Tool::Maven),
    ("build.gradle.kts", Tool::Gradle),
    ("build.gradle", Tool::Gradle),
    ("settings.gradle.kts", Tool::Gradle),
    ("settings.gradle", Tool::Gradle),
    ("build.sbt", Tool::Sbt),
];

/// A class that answers invocations.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Handler {
    /// The class, or `class::method`.
    pub name: String,
    /// Its source file.
    pub file: PathBuf,
}

/// Whether a file's name is that of a project file, or of `build.clj`.
pub fn is_project_file(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default();
    name == "build.clj" || PROJECT_FILES.iter().any(|(file, _)| name == *file)
}

/// Returns the name of a folder's project file.
pub fn project_file(folder: &Path) -> Option<&'static str> {
    tool(folder).map(|(file, _)| file)
}

/// Returns the folder of the project that builds a jar, relative as the jar's path is: the nearest
/// above `target` or `build`. `None` for a jar that no project below the base builds.
pub fn builds(jar: &str, base: &Base) -> Option<String> {
    let parts: Vec<&str> = jar.split('/').collect();
    let output = parts
        .iter()
        .rposition(|part| ["target", "build"].contains(part))?;
    let folder = parts[..output].join("/");
    project_file(&base.folder.join(&folder)).map(|_| folder)
}

fn tool(folder: &Path) -> Option<(&'static str, Tool)> {
    let mut files = PROJECT_FILES.into_iter();
    files.find(|(file, _)| folder.join(file).is_file())
}

/// Returns a function for each handler of the project.
///
/// # Errors
/// Where the project file cannot be read or is malformed.
pub fn read(base: &Base) -> Result<Carried, Error> {
    let Some((file, tool)) = tool(&base.folder) else {
        return Err(Error::Unrecognized {
            path: base.folder.clone(),
            message: "no project file in this directory".to_owned(),
            help: "`jot init --from DIR` needs project.clj, deps.edn, pom.xml, build.gradle(.kts) or build.sbt there".to_owned(),
        });
    };
    let mut notes = Vec::new();
    let project = names::project(&base.folder, file, tool)?;
    others(&base.folder, file, &mut notes);
    if tool == Tool::Deps && !base.folder.join("build.clj").is_file() {
        notes.push(
            "deps.edn has no build.clj beside it: write one with tools.build, or set `build` in the jvm table to the command that makes the jar.".to_owned(),
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

/// Says which project files were not used.
fn others(folder: &Path, used: &str, notes: &mut Vec<String>) {
    let stem = |file: &str| file.split(".gradle").next().unwrap_or(file).to_owned();
    let one_of_gradle = |file: &str| file.contains(".gradle") && used.contains(".gradle");
    let unused = PROJECT_FILES
        .iter()
        .map(|(file, _)| *file)
        .filter(|file| *file != used && !one_of_gradle(file) && stem(file) != stem(used));
    for file in unused.filter(|file| folder.join(file).is_file()) {
        notes.push(format!(
            "The project has {used} and {file}: {used} is used. Set `build` in the jvm table for another."
        ));
    }
    if folder.join("template.yaml").is_file() {
        notes.push(
            "template.yaml was not read: `jot init --from template.yaml` makes the manifest of it instead.".to_owned(),
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
    let folder = super::folder_name(&base.folder);
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
            "No class of the sources implements RequestHandler or RequestStreamHandler: name the class in `handler`, as package.Class or package.Class::method.".to_owned(),
        );
        return vec![function(super::names::key(&project), None)];
    }
    keys::keys(&project, &handlers)
        .into_iter()
        .zip(&handlers)
        .map(|(key, handler)| function(key, Some(handler)))
        .collect()
}

/// The module that a file belongs to: the nearest folder above it, below the root, that has a
/// project file of the same tool. It is named as Maven's `-pl` and Gradle's paths name it.
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
