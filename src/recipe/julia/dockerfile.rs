//! The text of the Dockerfiles.

use crate::model::image::BASE_ARGUMENT;

/// The base image's. `extra` are the user's lines, for which the image keeps all that the image beneath it has.
pub fn base(from: &str, extra: Option<&str>, emulator: bool) -> String {
    match extra {
        Some(extra) => full(from, extra, emulator),
        None => lean(from, emulator),
    }
}

const HEAD: &str = "# Made by jot.\n";
const ENTRY: &str = "ENTRYPOINT [\"/opt/jot/bin/start\"]\n";

fn lean(from: &str, emulator: bool) -> String {
    let emulator = copied_emulator(emulator, "/jot/root/opt/jot/bin/");
    format!(
        "{HEAD}FROM {from} AS build\nUSER 0\nCOPY runtime/ /jot/root/opt/jot/runtime/\n{emulator}COPY base/ /jot/base/\n\
         RUN [\"julia\", \"--startup-file=no\", \"/jot/base/lean.jl\", \"/jot/root\"]\n\n\
         FROM scratch\nCOPY --from=build /jot/root/ /\n{ENTRY}"
    )
}

fn full(from: &str, extra: &str, emulator: bool) -> String {
    let emulator = copied_emulator(emulator, "/opt/jot/bin/");
    format!(
        "{HEAD}FROM {from}\nUSER 0\nCOPY runtime/ /opt/jot/runtime/\n{emulator}\
         RUN --mount=type=bind,source=base,target=/jot/base [\"julia\", \"--startup-file=no\", \"/jot/base/full.jl\", \"/\"]\n\
         {}\n{ENTRY}",
        extra.trim_end()
    )
}

fn copied_emulator(present: bool, to: &str) -> String {
    if present {
        format!("COPY bin/ {to}\n")
    } else {
        String::new()
    }
}

/// The responder image's. The package is compiled in the base image itself, so that path, flags and system image are
/// those of the start, and goes over in one small layer.
pub fn responder(package: &str, exemplars: bool) -> String {
    let exemplars = if exemplars {
        "COPY exemplar/ /jot/exemplar/\n"
    } else {
        ""
    };
    format!(
        "{HEAD}ARG {BASE_ARGUMENT}\nFROM ${{{BASE_ARGUMENT}}} AS build\nUSER 0\nCOPY env/ /opt/jot/env/\nCOPY build/ /jot/build/\n\
         {exemplars}RUN [\"/opt/jot/bin/julia\", \"/jot/build/build.jl\", \"{package}\"]\n\n\
         FROM ${{{BASE_ARGUMENT}}}\nCOPY --from=build /jot/out/ /\n"
    )
}
