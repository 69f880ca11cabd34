//! The table `jvm` of a function: its keys, their patterns, and the rules for the JVM alone.

mod native;
mod source;

use std::path::Path;

pub use native::Native;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
pub use source::PROJECTS;

use super::streaming;
use crate::manifest::{at::At, error::Problems, limits::pattern};

/// A release of Java, as the tags of the image `eclipse-temurin` write it.
/// <https://hub.docker.com/_/eclipse-temurin>
const RELEASE: &str = "^(?:1[7-9]|[2-9][0-9])$";
/// A Java package.
/// <https://docs.oracle.com/javase/specs/jls/se25/html/jls-6.html#jls-6.5>
const PACKAGE: &str = "^[\\p{L}_$][\\p{L}\\p{N}_$]*(?:\\.[\\p{L}_$][\\p{L}\\p{N}_$]*)*$";
/// A module of the JDK.
/// <https://docs.oracle.com/en/java/javase/25/docs/api/index.html>
const MODULE: &str = "^[a-z][a-zA-Z0-9]*(?:\\.[a-zA-Z0-9]+)*$";
/// The folder of a module of a build, relative to `source`.
const BUILD_MODULE: &str = "^:?[a-zA-Z0-9_.-]+(?:[:/][a-zA-Z0-9_.-]+)*$";

/// A source for the JVM: a project of Java, Clojure, Kotlin or Scala, or jars. Functions with equal
/// tables share one image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Jvm {
    /// A directory with `project.clj`, `build.clj` (tools.build), `pom.xml`, `build.gradle`,
    /// `build.gradle.kts` or `build.sbt`, or a `.jar`, relative to the manifest. Another directory
    /// needs `classpath`.
    #[schemars(length(min = 1))]
    pub source: String,
    /// Release of Java, 17 or later, such as `21`. Default: the newest supported long-term release.
    #[schemars(regex(pattern = RELEASE))]
    pub java: Option<String>,
    /// What Lambda runs. Default `image`.
    #[serde(default)]
    pub package: Package,
    /// What is prepared during the build. Default: `archive` for an image, `none` for a zip.
    pub compile: Option<JvmCompile>,
    /// Shell command that builds the jars in `source`, such as `lein uberjar`. Default: by the
    /// tool.
    #[schemars(length(min = 1))]
    pub build: Option<String>,
    /// The image that the project is built in. Default: by the build tool of the directory.
    #[schemars(regex(pattern = pattern::IMAGE))]
    pub builder_image: Option<String>,
    /// The jars after the build, globs relative to `source`: first the project's own, then its
    /// dependencies, in the order of the class path, such as `["target/app.jar",
    /// "target/lib/*.jar"]`. Default: by the build tool.
    #[schemars(length(min = 1), inner(length(min = 1)))]
    pub classpath: Option<Vec<String>>,
    /// Packages of an uberjar that are the project's own. Default: those that no dependency has.
    #[serde(default)]
    #[schemars(inner(regex(pattern = PACKAGE)), extend("uniqueItems" = true))]
    pub own_packages: Vec<String>,
    /// Options of the JVM, added to jot's. The runtime of a zip reads them from the variable
    /// `JAVA_TOOL_OPTIONS`, which jot sets.
    #[serde(default)]
    #[schemars(inner(regex(pattern = pattern::EXPRESSION)))]
    pub flags: Vec<String>,
    /// Whether to use jot's options: serial collector, C1, 70% of the memory as heap. Default true.
    pub default_flags: Option<bool>,
    /// Modules of the JDK in the image's JRE. Default: `java.se` and the modules that it needs.
    #[schemars(length(min = 1))]
    #[schemars(inner(regex(pattern = MODULE)), extend("uniqueItems" = true))]
    pub modules: Option<Vec<String>>,
    /// The module to deploy from a build of several, by its directory: `app`. `source` is the root.
    #[schemars(regex(pattern = BUILD_MODULE))]
    pub module: Option<String>,
    /// How many classes all tests may load from outside the archives. Absent: not checked.
    pub jit_budget: Option<u32>,
    /// How the binary is made, with `compile = "native"`.
    pub native: Option<Native>,
}

/// What Lambda runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Package {
    /// A container image with a JRE of its own.
    #[default]
    Image,
    /// A zip archive for AWS's own runtime `java<java>`.
    Zip,
}

/// What is prepared while building.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum JvmCompile {
    /// Class-data archives of the classes that the tests load, which halve the time to the first
    /// response. For images only.
    Archive,
    /// Nothing.
    None,
    /// A native binary, by GraalVM's `native-image`.
    Native,
}

impl Jvm {
    /// What is prepared during the build: class-data archives by default, but nothing for AWS's
    /// runtime, which invalidates archives when it is patched.
    pub fn mode(&self) -> JvmCompile {
        self.compile.unwrap_or(match self.package {
            Package::Image => JvmCompile::Archive,
            Package::Zip => JvmCompile::None,
        })
    }
}

/// The releases of Java for which AWS has a runtime.
/// <https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html>
const RUNTIMES: [&str; 3] = ["17", "21", "25"];

/// Keys of a function that do nothing with `jvm`, and what to do instead.
const FOREIGN: [(&str, &str); 3] = [
    ("image.command", "it is the handler: set `handler`"),
    (
        "image.entry_point",
        "put options of the JVM into `jvm.flags`",
    ),
    (
        "build.rie",
        "`jot run` needs no emulator in the image that is pushed",
    ),
];

/// The same for a zip, as paths below the function.
const OF_IMAGES: [(&str, &str); 4] = [
    ("jvm.modules", "AWS's runtime has all modules of the JDK"),
    (
        "jvm.default_flags",
        "AWS's runtime has its own options: add yours in `jvm.flags`",
    ),
    (
        "image.working_directory",
        "AWS's runtime starts in /var/task",
    ),
    (
        "build.dockerfile_extra",
        "the function runs with AWS's runtime and the jars only: use layers, or \
            `package = \"image\"`",
    ),
];

/// Variables from which the JVM reads options.
/// <https://docs.oracle.com/en/java/javase/25/docs/specs/man/java.html#using-the-jdk_java_options-launcher-environment-variable>
const OPTION_VARIABLES: [&str; 2] = [OPTIONS, "JDK_JAVA_OPTIONS"];

/// The variable from which AWS's runtimes read options.
/// <https://docs.aws.amazon.com/lambda/latest/dg/java-customization.html>
pub const OPTIONS: &str = "JAVA_TOOL_OPTIONS";

/// Options that jot sets itself.
const OWN_OPTIONS: [&str; 8] = [
    "-cp",
    "-classpath",
    "--class-path",
    "-jar",
    "-Xshare",
    "-XX:SharedArchiveFile",
    "-XX:ArchiveClassesAtExit",
    "@",
];

/// Why a URL cannot take an answer in pieces, and what to do.
const STREAMING: (&str, &str) = (
    "AWS's client for Java does not stream responses",
    "remove it: such a URL would send an unstreamed response as the body, headers included",
);

/// Whether the table makes a zip archive.
pub(super) fn is_archive(table: &At) -> bool {
    table.text("package").is_some_and(|(_, text)| text == "zip")
}

/// Adds what is wrong with the table of one function, and with the keys next to it.
pub(super) fn check(function: &At, table: &At, root: &Path, problems: &mut Problems) {
    handler(function, problems);
    foreign(function, problems);
    source::check(table, root, problems);
    native::check(function, table, problems);
    streaming::refuse(function, STREAMING, problems);
    flags(table, problems);
    let native = table
        .text("compile")
        .is_some_and(|(_, mode)| mode == "native");
    if is_archive(table) && !native {
        zip(function, table, problems);
    } else {
        variables(function, table, problems);
    }
}

/// The class that answers; without `::method`, it implements an interface of AWS.
/// <https://docs.aws.amazon.com/lambda/latest/dg/java-handler.html>
fn handler(function: &At, problems: &mut Problems) {
    const HELP: &str = "name the class that answers, with its package: \"loader.core.Handler\", or \
        \"loader.Main::answer\" for a method of it";
    let Some((at, handler)) = function.text("handler") else {
        let message = format!("`{}` has no `handler`", function.name());
        problems.add(function.wrong_key(message, "no handler").help(HELP));
        return;
    };
    if !handler.is_empty() && !is_handler(handler) && !handler.contains(char::is_whitespace) {
        let message = format!("`{}` is not the name of a class", at.name());
        problems.add(at.wrong(message, "not a class").help(HELP));
    }
}

fn is_handler(text: &str) -> bool {
    let (class, method) = text.split_once("::").unwrap_or((text, "method"));
    class.split('.').chain([method]).all(is_identifier)
}

/// <https://docs.oracle.com/javase/specs/jls/se25/html/jls-3.html#jls-3.8>
fn is_identifier(text: &str) -> bool {
    let letter = |c: char| c.is_alphabetic() || matches!(c, '_' | '$');
    let mut rest = text.chars();
    rest.next().is_some_and(letter) && rest.all(|c| letter(c) || c.is_numeric())
}

fn foreign(function: &At, problems: &mut Problems) {
    unused(function, "`jvm`", &FOREIGN, problems);
}

/// Adds those of these keys that are set and do nothing.
fn unused(function: &At, setting: &str, keys: &[(&str, &str)], problems: &mut Problems) {
    for (path, help) in keys {
        let mut at = Some(function.clone());
        for key in path.split('.') {
            at = at.and_then(|at| at.get(key));
        }
        // An empty list leaves it to the image.
        let Some(at) = at.filter(|at| at.node.items().is_none_or(|items| !items.is_empty())) else {
            continue;
        };
        let message = format!("`{}` has no effect with {setting}", at.name());
        problems.add(at.wrong(message, "not used").help(*help));
    }
}

/// What an archive for AWS's own runtime cannot have.
fn zip(function: &At, table: &At, problems: &mut Problems) {
    unused(function, "`package = \"zip\"`", &OF_IMAGES, problems);
    if let Some((at, _)) = table.text("compile").filter(|(_, mode)| *mode == "archive") {
        let message = format!("`{}` is \"archive\", and `package` is \"zip\"", at.name());
        let help = "AWS patches the JVM of its runtimes, which would invalidate the archive: \
            remove `compile`, or set `package = \"image\"`";
        problems.add(at.wrong(message, "not in a zip").help(help));
    }
    let unknown = |(_, java): &(At, &str)| !RUNTIMES.contains(java) && is_release(java);
    if let Some((at, java)) = table.text("java").filter(unknown) {
        let message = format!("AWS has no runtime for Java {java}");
        let help = format!(
            "set one of {}, or `package = \"image\"`, which supports any release",
            RUNTIMES.join(", ")
        );
        problems.add(at.wrong(message, "no such runtime").help(help));
    }
    let options = function
        .get("environment")
        .and_then(|variables| variables.get(OPTIONS));
    let flags = table.get("flags").filter(|flags| !flags.items().is_empty());
    if let (Some(at), Some(flags)) = (options, flags) {
        let message = format!(
            "`{}` and `{}` set the same variable",
            flags.name(),
            at.name()
        );
        let finding = at.wrong_key(message, "the options of the JVM");
        let help = "move all options to `jvm.flags`: jot sets the variable to them";
        problems.add(finding.other(flags.span(), "and here").help(help));
    }
}

/// Whether it looks like a release; the schema reports a value that does not.
fn is_release(java: &str) -> bool {
    java.len() == 2 && java.chars().all(|c| c.is_ascii_digit())
}

fn flags(table: &At, problems: &mut Problems) {
    let items = table.get("flags").map(|at| at.items()).unwrap_or_default();
    for (_, item) in items {
        let text = item.node.text().unwrap_or_default();
        let own = OWN_OPTIONS.iter().find(|own| text.starts_with(**own));
        if let Some(own) = own {
            let message = format!("`{}` sets `{own}`, which jot sets itself", item.name());
            let help = "remove it: the class path comes from `classpath`, the class-data archives \
                from `compile`";
            problems.add(item.wrong(message, "set by jot").help(help));
        } else if !text.starts_with('-') && !text.is_empty() {
            let message = format!("`{}` is not an option of the JVM", item.name());
            let help =
                "write each option as one string that begins with `-`, such as \"-Dname=value\"";
            problems.add(item.wrong(message, "not an option").help(help));
        }
    }
}

/// An archive works only with the options that it was made with: the JVM silently ignores it when
/// some of them differ at start.
fn variables(function: &At, table: &At, problems: &mut Problems) {
    let archived = table
        .text("compile")
        .is_none_or(|(_, mode)| mode == "archive");
    let Some(environment) = function.get("environment").filter(|_| archived) else {
        return;
    };
    for name in OPTION_VARIABLES {
        if let Some(at) = environment.get(name) {
            let message = format!(
                "`{}` passes options to the JVM that the class-data archives were not made with",
                at.name()
            );
            let help = "move the options to `jvm.flags`, or set `jvm.compile = \"none\"`";
            problems.add(at.wrong_key(message, "options at start").help(help));
        }
    }
}
