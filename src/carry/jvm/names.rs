//! The name of a project, as its project file has it.

use std::path::Path;

use super::Tool;
use crate::carry::{
    edn::{self, Form},
    error::{Error, Fault},
    file,
};

/// Returns the project's name; `None` if the file has none.
///
/// # Errors
/// If the file cannot be read or is malformed.
pub fn project(folder: &Path, file: &str, tool: Tool) -> Result<Option<String>, Error> {
    let path = folder.join(file);
    let read = |name: &str| match folder.join(name) {
        file if file.is_file() => file::text(&file).map(Some),
        _ => Ok(None),
    };
    match tool {
        Tool::Leiningen => {
            let forms = clojure(&file::text(&path)?, &path)?;
            let project = forms.iter().find_map(|form| form.call("defproject"));
            Ok(project.and_then(|items| symbol_name(items.first()?)))
        }
        Tool::Deps => {
            clojure(&file::text(&path)?, &path)?;
            let Some(text) = read("build.clj")? else {
                return Ok(None);
            };
            let forms = clojure(&text, &folder.join("build.clj"))?;
            Ok(forms.iter().find_map(library))
        }
        Tool::Maven => artifact(&file::text(&path)?).map_err(|fault| {
            fault.of(
                &path,
                "correct the file, then run `jot init` again; `mvn validate` shows more",
            )
        }),
        Tool::Gradle => {
            let kotlin = read("settings.gradle.kts")?;
            let settings = kotlin.map_or_else(|| read("settings.gradle"), |text| Ok(Some(text)))?;
            file::text(&path)?;
            Ok(settings.and_then(|text| assigned(&text, "rootProject.name", &["="])))
        }
        Tool::Sbt => Ok(assigned(&file::text(&path)?, "name", &[":="])),
    }
}

fn clojure(text: &str, path: &Path) -> Result<Vec<Form>, Error> {
    let help = "correct the file, then run `jot init` again";
    edn::read(text).map_err(|fault| fault.of(path, help))
}

/// The name of `group/name`.
fn symbol_name(form: &Form) -> Option<String> {
    let name = form.symbol()?.rsplit('/').next()?;
    Some(name.to_owned())
}

/// The name in `(def lib 'group/name)` of a build.clj.
fn library(form: &Form) -> Option<String> {
    match form.call("def")? {
        [Form::Symbol(name), value] if name == "lib" => symbol_name(value),
        _ => None,
    }
}

/// `artifactId` of a pom.xml, its own and not its parent's.
fn artifact(text: &str) -> Result<Option<String>, Fault> {
    let document = roxmltree::Document::parse(text).map_err(|error| {
        let place = error.pos();
        let message = error.to_string();
        let end = message.rfind(" at ").unwrap_or(message.len());
        Fault {
            line: place.row.max(1) as usize,
            column: place.col.max(1) as usize,
            message: format!("invalid XML: {}", &message[..end]),
        }
    })?;
    let mut children = document.root_element().children();
    let id = children.find(|child| child.tag_name().name() == "artifactId");
    let name = id.and_then(|id| id.text()).map(str::trim);
    Ok(name.filter(|name| !name.is_empty()).map(str::to_owned))
}

/// The string that a line of a build script assigns to a name: `rootProject.name = "x"`.
fn assigned(text: &str, name: &str, signs: &[&str]) -> Option<String> {
    let value = |line: &str| {
        let line = line.trim().trim_start_matches("ThisBuild / ");
        let rest = line.strip_prefix(name)?.trim_start();
        let rest = signs
            .iter()
            .find_map(|sign| rest.strip_prefix(sign))?
            .trim_start();
        let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let value = rest[1..].split(quote).next()?;
        (!value.is_empty() && !value.contains('$')).then(|| value.to_owned())
    };
    // sbt's settings can also be in `.settings(name := "x", ...)`.
    text.lines()
        .flat_map(|line| line.split(['(', ',']))
        .find_map(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(file: &str, text: &str, tool: Tool) -> Option<String> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(file), text).unwrap();
        project(folder.path(), file, tool).unwrap()
    }

    #[test]
    fn project_files_name_their_project() {
        let clj = "; a comment\n(def v \"1\")\n\
            (defproject org.x/data-loader ~v :uberjar-exclusions [#\"a[(\"] \
            :profiles {:uberjar {:aot :all :jvm-opts ^:replace [\"-X\"]}})";
        assert_eq!(
            name("project.clj", clj, Tool::Leiningen).as_deref(),
            Some("data-loader")
        );
        let pom = "<?xml version='1.0'?>\
            <project xmlns='http://maven.apache.org/POM/4.0.0'>\
            <parent><artifactId>up</artifactId></parent>\
            <artifactId> shop </artifactId></project>";
        assert_eq!(name("pom.xml", pom, Tool::Maven).as_deref(), Some("shop"));
        let sbt = "ThisBuild / version := \"1\"\n\
            lazy val root = (project in file(\".\"))\
            .settings(name := \"orders\", scalaVersion := \"3\")\n";
        assert_eq!(name("build.sbt", sbt, Tool::Sbt).as_deref(), Some("orders"));
        let settings = "pluginManagement { }\nrootProject.name = 'thumbs'\n";
        assert_eq!(
            name("settings.gradle", settings, Tool::Gradle).as_deref(),
            Some("thumbs")
        );
        assert_eq!(name("build.gradle", "plugins {}", Tool::Gradle), None);
        assert_eq!(name("deps.edn", "{:deps {}}", Tool::Deps), None);
    }

    #[test]
    fn a_malformed_project_file_is_an_error_with_its_place() {
        let folder = tempfile::tempdir().unwrap();
        for (file, text, tool, place) in [
            (
                "project.clj",
                "(defproject a \"1\"\n  :x [1 2)",
                Tool::Leiningen,
                "project.clj:2:10: expected `]`, got `)`",
            ),
            (
                "deps.edn",
                "{:deps\n {",
                Tool::Deps,
                "deps.edn:2:2: `{` is not closed",
            ),
            (
                "pom.xml",
                "<project>\n<artifactId>a</b>",
                Tool::Maven,
                "pom.xml:2:",
            ),
        ] {
            std::fs::write(folder.path().join(file), text).unwrap();
            let said = project(folder.path(), file, tool).unwrap_err().to_string();
            assert!(said.contains(place), "{said}");
        }
    }
}
