//! The text of the Dockerfiles.

use super::{responder::git_mount, responder_dockerfile::package_compiler};

/// What a base image is made of.
pub struct Parts<'a> {
    /// The image that Julia is taken from.
    pub from: &'a str,
    /// The user's lines; with them, the image keeps everything from its base image.
    pub extra: Option<&'a str>,
    /// Whether the image contains AWS's emulator.
    pub emulator: bool,
    /// Whether packages are installed.
    pub dependencies: bool,
    /// Whether that needs a configuration of git's, which is a secret.
    pub git_configuration: bool,
    /// Lines that declare the manifest's build arguments.
    pub arguments: String,
    /// Which system image a lean one has.
    pub image: SystemImage,
}

/// The origin of the system image that the start uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SystemImage {
    /// Julia's own, in the base.
    Own,
    /// The source's image contains it: before Julia 1.9 no other cache has native code.
    Responder,
    /// One of the runtime and the dependencies, in the base.
    Base,
    /// None: the source's image contains a program, and the base has the libraries that such
    /// programs link to.
    Program,
}

/// The Dockerfile of a base image; lines of the user need a full one.
pub fn base(parts: &Parts) -> String {
    match parts.extra {
        Some(extra) => full(parts, extra),
        None => lean(parts),
    }
}

const HEAD: &str = "# Made by jot.\n";
const ENTRY: &str = "ENTRYPOINT [\"/opt/jot/bin/start\"]\n";

/// Dependencies come first, so that Docker need not resolve them again if only the runtime changed.
fn lean(parts: &Parts) -> String {
    let from = parts.from;
    let option = match parts.image {
        SystemImage::Own => "",
        SystemImage::Responder => ", \"without-image\"",
        SystemImage::Base => ", \"other-image\"",
        SystemImage::Program => ", \"program\"",
    };
    let emulator = copied_emulator(parts, "/jot/root/opt/jot/bin/");
    let (listed, installed) = (
        listed(parts),
        installed(
            parts,
            "COPY base/resolve.jl base/dependencies.jl /jot/base/\n",
        ),
    );
    let (tools, image) = system_image(parts, "/jot/root", "");
    let made = format!(
        "{HEAD}FROM {from} AS build\nUSER 0\n\
         {listed}{installed}{tools}COPY runtime/ /jot/root/opt/jot/runtime/\n\
         {emulator}COPY base/ /jot/base/\n\
         RUN [\"julia\", \"--startup-file=no\", \"/jot/base/lean.jl\", \"/jot/root\"{option}]\n\
         {image}\n"
    );
    // Without its own system image, Julia does not run here, and caches of packages would have no
    // effect.
    if matches!(parts.image, SystemImage::Responder | SystemImage::Program) {
        return format!("{made}FROM scratch\nCOPY --from=build /jot/root/ /\n{ENTRY}");
    }
    format!(
        "{made}FROM scratch AS lean\nCOPY --from=build /jot/root/ /\n\nFROM lean AS compiled\n\
         RUN --mount=type=bind,from=build,source=/jot/base,target=/jot/base {COMPILE}\n\
         FROM lean\nCOPY --from=compiled /opt/jot/depot/compiled/ /opt/jot/depot/compiled/\n{ENTRY}"
    )
}

/// The user's lines come before the dependencies, which may need what the lines install.
fn full(parts: &Parts, extra: &str) -> String {
    let (from, extra) = (parts.from, extra.trim_end());
    let emulator = copied_emulator(parts, "/opt/jot/bin/");
    let (listed, installed) = (listed(parts), installed(parts, ""));
    let (tools, image) = system_image(parts, "/", BASE_FILES);
    format!(
        "{HEAD}FROM {from}\nUSER 0\n{listed}COPY runtime/ /opt/jot/runtime/\n{emulator}\
         RUN {BASE_FILES} [\"julia\", \"--startup-file=no\", \"/jot/base/full.jl\", \"/\"]\n\
         {extra}\n{installed}{tools}{image}RUN {BASE_FILES} {COMPILE}{ENTRY}"
    )
}

/// The lines that install a compiler, and the step that makes the base's own system image below a
/// root.
fn system_image(parts: &Parts, root: &str, bound: &str) -> (String, String) {
    if parts.image != SystemImage::Base {
        return (String::new(), String::new());
    }
    let script = "/jot/base/sysimage.jl";
    let bound = if bound.is_empty() {
        String::new()
    } else {
        format!("{bound} ")
    };
    (
        package_compiler(parts.git_configuration, &parts.arguments),
        format!("RUN {bound}[\"julia\", \"--startup-file=no\", \"{script}\", \"{root}\"]\n"),
    )
}

const BASE_FILES: &str = "--mount=type=bind,source=base,target=/jot/base";
const COMPILE: &str = "[\"/opt/jot/bin/julia\", \"/jot/base/compile.jl\"]\n";

fn listed(parts: &Parts) -> &'static str {
    match parts.dependencies {
        true => "COPY dependencies/ /opt/jot/dependencies/\n",
        false => "",
    }
}

/// The step that installs the dependencies, with its scripts copied by `copy` or bind-mounted.
fn installed(parts: &Parts, copy: &str) -> String {
    if !parts.dependencies {
        return String::new();
    }
    let bound = if copy.is_empty() {
        format!("{BASE_FILES} ")
    } else {
        String::new()
    };
    let secret = git_mount(parts.git_configuration);
    let arguments = &parts.arguments;
    format!(
        "{arguments}{copy}\
         RUN {bound}{secret}[\"julia\", \"--startup-file=no\", \"--color=no\", \
         \"/jot/base/resolve.jl\"]\n"
    )
}

/// The first of the user's lines that copies from the context, which has none of the user's files.
pub fn copies(extra: &str) -> Option<&str> {
    extra.lines().map(str::trim).find(|line| {
        let mut words = line.split_whitespace();
        let word = words.next().unwrap_or_default().to_ascii_uppercase();
        let outside = |word: &str| {
            word.starts_with("--from=") || word.starts_with("<<") || word.contains("://")
        };
        matches!(word.as_str(), "COPY" | "ADD") && !words.any(outside)
    })
}

fn copied_emulator(parts: &Parts, to: &str) -> String {
    if parts.emulator {
        format!("COPY bin/ {to}\n")
    } else {
        String::new()
    }
}
