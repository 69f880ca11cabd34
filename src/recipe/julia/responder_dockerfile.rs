//! The text of a responder image's Dockerfile.

use super::responder::git_mount;
use crate::model::recipe::{BASE_ARGUMENT, LABEL_COMMIT};

/// What a responder's image is made of.
pub struct Parts<'a> {
    /// Name of the generated package, `JotResponder_...`.
    pub package: &'a str,
    /// The manifest's `compile`, as the build script takes it.
    pub mode: &'a str,
    /// Whether arguments are replayed.
    pub exemplars: bool,
    /// Whether the image holds them, to be replayed before a snapshot.
    pub rehearsed: bool,
    /// Whether Lambda may take snapshots of it, which an image that is not based on AWS's must
    /// declare.
    pub snapstart: bool,
    /// The package with tests to run.
    pub tested: Option<&'a str>,
    /// The image with a complete Julia and a package manager, if the build needs more than the base
    /// has.
    pub tools: Option<Tools<'a>>,
    /// The commit that the source is of: in a label, and so in the fingerprint.
    pub commit: Option<&'a str>,
}

/// A build stage with a compiler.
pub struct Tools<'a> {
    /// The image that Julia is taken from; `None` where the base has all of it.
    pub from: Option<&'a str>,
    /// What it is for.
    pub purpose: Purpose,
    /// Whether installing needs a configuration of git's, which is a secret.
    pub git_configuration: bool,
    /// Lines that declare the manifest's build arguments.
    pub arguments: String,
}

/// What a build needs more for than the base has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A system image is made by PackageCompiler.
    SystemImage,
    /// The package's own tests are run.
    Tests,
    /// A program is compiled and linked.
    Program,
}

/// The Dockerfile. Without tools, the package is compiled in the base image itself, so that path,
/// flags and system image are those of the start; with them, in the image that Julia was copied
/// from, which has the same files. The source's own files come last, so that a change of them keeps
/// the layers of all others. The results are copied in one layer.
pub fn responder(parts: &Parts) -> String {
    let Parts { package, mode, .. } = parts;
    let (tools, stage) = match &parts.tools {
        Some(tools) => (self::tools(tools), "tools"),
        None => (String::new(), "base"),
    };
    let jot = match &parts.tools {
        Some(Tools { from: Some(_), .. }) => "COPY --from=base /opt/jot/ /opt/jot/\n",
        _ => "",
    };
    let exemplars = match parts.exemplars {
        true => "COPY exemplar/ /jot/exemplar/\n",
        false => "",
    };
    let label = parts.commit.map_or_else(String::new, |commit| {
        format!("LABEL {LABEL_COMMIT}=\"{commit}\"\n")
    });
    let rehearsal = match parts.rehearsed {
        true => "COPY exemplar/ /opt/jot/exemplar/\n",
        false => "",
    };
    let snapstart = match parts.snapstart {
        true => "LABEL com.amazonaws.lambda.feature.snapstart=\"Allow\"\n",
        false => "",
    };
    let (tests, traces) = match parts.tested {
        Some(package) => (
            tested(package, jot, parts.tools.as_ref()),
            "COPY --from=tested /jot/tested/ /jot/tested/\n",
        ),
        None => (String::new(), ""),
    };
    format!(
        "# Made by jot.\nARG {BASE_ARGUMENT}\nFROM ${{{BASE_ARGUMENT}}} AS base\n\n{tools}{tests}\
         FROM {stage} AS build\nUSER 0\n{jot}COPY build/ /jot/build/\n\
         {exemplars}COPY env/ /opt/jot/env/\n\
         {traces}RUN [\"/opt/jot/bin/julia\", \"--compile=min\", \"/jot/build/build.jl\", \
         \"{package}\", \"{mode}\"]\n\n\
         FROM base\n{rehearsal}COPY --from=build /jot/out/ /\n{label}{snapstart}"
    )
}

/// The stage that compiles everything. It depends on nothing of the source, so Docker caches it.
fn tools(tools: &Tools) -> String {
    let from = tools.from.unwrap_or("base");
    let lines = match tools.purpose {
        Purpose::SystemImage => package_compiler(tools.git_configuration, &tools.arguments),
        Purpose::Tests => "COPY compiler/ /jot/compiler/\n".to_owned(),
        Purpose::Program => linker(),
    };
    format!("FROM {from} AS tools\nUSER 0\n{lines}\n")
}

/// The lines that bring PackageCompiler and what it links with.
pub fn package_compiler(git_configuration: bool, arguments: &str) -> String {
    let (linker, installed) = (linker(), installed(git_configuration, arguments));
    format!("{linker}COPY compiler/ /jot/compiler/\n{installed}")
}

/// What links a system image or a program: gcc, which includes `strip`, and the C library to link
/// with.
fn linker() -> String {
    "RUN [\"/bin/sh\", \"-c\", \"command -v gcc >/dev/null && command -v strip >/dev/null || \
     { apt-get update && apt-get install --yes --no-install-recommends gcc libc6-dev && \
     rm -rf /var/lib/apt/lists; }\"]\n"
        .to_owned()
}

fn installed(git_configuration: bool, arguments: &str) -> String {
    let secret = git_mount(git_configuration);
    format!(
        "{arguments}RUN {secret}[\"julia\", \"--startup-file=no\", \"--color=no\", \
         \"/jot/compiler/install.jl\"]\n"
    )
}

/// The package's own tests, in a separate stage: what they install and write is in no image.
fn tested(package: &str, jot: &str, tools: Option<&Tools>) -> String {
    let secret = git_mount(tools.is_some_and(|tools| tools.git_configuration));
    let arguments = tools.map_or("", |tools| &tools.arguments);
    format!(
        "FROM tools AS tested\n{jot}COPY env/ /opt/jot/env/\n{arguments}\
         RUN {secret}[\"/opt/jot/bin/julia\", \"/jot/compiler/tests.jl\", \"{package}\"]\n\n"
    )
}
