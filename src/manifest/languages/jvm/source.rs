//! The key `source` of the table `jvm`: the directory of a project, or a jar.

use std::path::Path;

use crate::manifest::{at::At, error::Problems};

/// Files that identify the build tool of a directory, in the order in which they are looked for.
pub const PROJECTS: [&str; 8] = [
    "project.clj",
    "build.clj",
    "pom.xml",
    "build.gradle",
    "build.gradle.kts",
    "settings.gradle",
    "settings.gradle.kts",
    "build.sbt",
];

/// Adds what is wrong with `source`: it must be a project's directory or a jar.
pub(super) fn check(table: &At, root: &Path, problems: &mut Problems) {
    let Some((at, source)) = table.text("source").filter(|(_, text)| !text.is_empty()) else {
        return;
    };
    let path = root.join(source);
    let has = |key: &str| table.get(key).is_some();
    let fault = if Path::new(source).is_absolute() {
        Some((
            "is an absolute path, which differs between machines",
            "absolute",
            "name a directory or a jar relative to the manifest",
        ))
    } else if path.is_dir() {
        let known = PROJECTS.iter().any(|file| path.join(file).is_file());
        directory_fault(known, path.join("deps.edn").is_file(), has("classpath"))
    } else if path.is_file() {
        let is_jar = path.extension().is_some_and(|ending| ending == "jar");
        if is_jar {
            of_a_jar(table, problems);
        }
        (!is_jar).then_some((
            "is neither a directory nor a jar",
            "not a `.jar` file",
            "name a `.jar` file, or the directory of a project",
        ))
    } else {
        Some((
            "does not exist",
            "not found",
            "name a directory or a jar relative to the manifest",
        ))
    };
    if let Some((what, label, help)) = fault {
        let message = format!("`{}` {what}", at.name());
        problems.add(at.wrong(message, label).help(help));
    }
}

/// Adds the keys that say how jars are made, although `source` is a jar that exists already.
fn of_a_jar(table: &At, problems: &mut Problems) {
    for key in ["build", "builder_image", "classpath", "module"] {
        if let Some(at) = table.get(key) {
            let message = format!("`{}` is for a directory", at.name());
            let help = "remove it, or set `source` to the directory of the jars";
            problems.add(at.wrong_key(message, "beside a jar").help(help));
        }
    }
}

/// What is wrong, the label below the value, and what to do.
type Fault = (&'static str, &'static str, &'static str);

fn directory_fault(known: bool, deps: bool, classpath: bool) -> Option<Fault> {
    match (known || classpath, deps) {
        (true, _) => None,
        (false, true) => Some((
            "has a deps.edn and no build.clj beside it",
            "no build.clj",
            "add a build.clj that makes an uberjar with tools.build, or set `build` and \
                `classpath`",
        )),
        (false, false) => Some((
            "contains no project",
            "no project",
            "name a directory with project.clj, build.clj, pom.xml, build.gradle, build.gradle.kts \
                or build.sbt, or set `classpath`",
        )),
    }
}
