//! The Julia files that jot carries.

macro_rules! files {
    ($($name:literal from $folder:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!($folder, "/", $name)))),*]
    };
}

/// Name and text of a file.
type Files = &'static [(&'static str, &'static str)];

/// The loop and typed JSON: in every image, part of the generated package.
pub const RUNTIME: Files = files![
    "JotRuntime.jl" from "runtime",
    "ambiguity.jl" from "runtime",
    "base64.jl" from "runtime",
    "composite.jl" from "runtime",
    "context.jl" from "runtime",
    "early.jl" from "runtime",
    "envelope.jl" from "runtime",
    "errors.jl" from "runtime",
    "http.jl" from "runtime",
    "http_answer.jl" from "runtime",
    "invocation.jl" from "runtime",
    "logging.jl" from "runtime",
    "loop.jl" from "runtime",
    "number.jl" from "runtime",
    "package.jl" from "runtime",
    "place.jl" from "runtime",
    "read.jl" from "runtime",
    "records.jl" from "runtime",
    "scan.jl" from "runtime",
    "seeds.jl" from "runtime",
    "snapstart.jl" from "runtime",
    "stream.jl" from "runtime",
    "text.jl" from "runtime",
    "union.jl" from "runtime",
    "versions.jl" from "runtime",
    "write.jl" from "runtime",
];

/// What the build of a base image runs.
pub const BASE: Files = files![
    "caches.jl" from "base",
    "compile.jl" from "base",
    "dependencies.jl" from "base",
    "elf.jl" from "base",
    "entry.jl" from "base",
    "files.jl" from "base",
    "full.jl" from "base",
    "image.jl" from "base",
    "lean.jl" from "base",
    "project.jl" from "base",
    "proof.jl" from "base",
    "resolve.jl" from "base",
    "session.jl" from "base",
    "stand_in.jl" from "build",
    "sysimage.jl" from "base",
];

/// What the build of a responder's image runs.
pub const BUILD: Files = files![
    "build.jl" from "build",
    "dependencies.jl" from "base",
    "exemplar.jl" from "build",
    "explain.jl" from "build",
    "fault.jl" from "build",
    "files.jl" from "base",
    "image.jl" from "base",
    "load.jl" from "build",
    "project.jl" from "base",
    "responder.jl" from "build",
    "script.jl" from "build",
    "session.jl" from "build",
    "stand_in.jl" from "build",
    "syntax.jl" from "build",
    "sysimage.jl" from "build",
    "uncached.jl" from "build",
    "waiting.jl" from "build",
    "words.jl" from "build",
];

/// Additional files for the build of a program, and those that replace the runtime's methods in it.
pub const TRIM: Files = files![
    "build.jl" from "trim",
    "code.jl" from "trim",
    "errors.jl" from "trim",
    "loop.jl" from "trim",
    "program.jl" from "trim",
    "read.jl" from "trim",
    "types.jl" from "trim",
    "verifier.jl" from "trim",
    "write.jl" from "trim",
];

/// The scripts of the stage with a compiler, if used.
pub const COMPILER: Files = files![
    "fault.jl" from "build",
    "install.jl" from "compiler",
    "registries.jl" from "compiler",
    "tests.jl" from "compiler",
    "versions.jl" from "runtime",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_embedded_file_is_listed() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/recipe/julia");
        for (name, files) in [
            ("runtime", RUNTIME),
            ("base", BASE),
            ("build", BUILD),
            ("compiler", COMPILER),
            ("trim", TRIM),
        ] {
            let listed: Vec<_> = files.iter().map(|(name, _)| *name).collect();
            assert!(listed.is_sorted_by(|a, b| a < b), "{name}: {listed:?}");
            for entry in std::fs::read_dir(folder.join(name)).unwrap() {
                let file = entry.unwrap().file_name().into_string().unwrap();
                assert!(listed.contains(&file.as_str()), "{name}/{file}");
            }
        }
    }
}
