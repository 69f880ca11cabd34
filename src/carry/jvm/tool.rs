//! What builds a project, by its files.

use std::path::Path;

use crate::carry::paths::Base;

/// What builds a project.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    Leiningen,
    /// Clojure's own tool, tools.deps.
    Deps,
    Maven,
    Gradle,
    Sbt,
}

/// Files that show what builds a project, in the order in which they count.
pub const PROJECT_FILES: [(&str, Tool); 8] = [
    ("project.clj", Tool::Leiningen),
    ("deps.edn", Tool::Deps),
    ("pom.xml", Tool::Maven),
    ("build.gradle.kts", Tool::Gradle),
    ("build.gradle", Tool::Gradle),
    ("settings.gradle.kts", Tool::Gradle),
    ("settings.gradle", Tool::Gradle),
    ("build.sbt", Tool::Sbt),
];

/// Whether a file's name is that of a project file, or of `build.clj`.
pub fn is_project_file(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default();
    name == "build.clj" || PROJECT_FILES.iter().any(|(file, _)| name == *file)
}

/// Returns the name of a folder's project file.
pub fn project_file(folder: &Path) -> Option<&'static str> {
    tool(folder).map(|(file, _)| file)
}

/// Returns the folder of the project that builds a jar, relative like the jar's path: the nearest
/// above `target` or `build`. `None` if no project below the base builds it.
pub fn builds(jar: &str, base: &Base) -> Option<String> {
    let parts: Vec<&str> = jar.split('/').collect();
    let output = parts
        .iter()
        .rposition(|part| ["target", "build"].contains(part))?;
    let folder = parts[..output].join("/");
    project_file(&base.folder.join(&folder)).map(|_| folder)
}

/// Returns the project file of a folder, and what builds it.
pub fn tool(folder: &Path) -> Option<(&'static str, Tool)> {
    let mut files = PROJECT_FILES.into_iter();
    files.find(|(file, _)| folder.join(file).is_file())
}
