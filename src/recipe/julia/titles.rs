//! What the steps of Julia's Dockerfiles do, in words.

use super::super::titles::Titles;

/// Steps in the Dockerfile of a base image.
pub const BASE: &Titles = &[
    (&["/jot/base/lean.jl"], "collecting what Julia needs to run"),
    (&["/jot/base/full.jl"], "preparing Julia"),
    (&["/jot/base/resolve.jl"], "installing packages"),
    (&["/jot/base/compile.jl"], "compiling packages"),
    (&["/jot/base/sysimage.jl"], "compiling a system image"),
    INSTALL,
    LINKER,
];

/// The function's own image's, where no tests' arguments are run.
pub const CODE: &Titles = &[
    (&["/jot/build/build.jl", "\"none\"]"], "loading the code"),
    TRIM,
    (&["/jot/build/build.jl"], "compiling the code"),
    TESTS,
    INSTALL,
    LINKER,
];

/// The function's own image's, where the tests' arguments are run.
pub const TRAINED: &Titles = &[
    TRIM,
    (
        &["/jot/build/build.jl"],
        "compiling the code, running the tests' arguments",
    ),
    TESTS,
    INSTALL,
    LINKER,
];

const TRIM: (&[&str], &str) = (&["/jot/build/build.jl", "\"trim\"]"], "compiling a program");
const TESTS: (&[&str], &str) = (&["/jot/compiler/tests.jl"], "running the package's tests");
const INSTALL: (&[&str], &str) = (&["/jot/compiler/install.jl"], "installing the compiler");
const LINKER: (&[&str], &str) = (&["apt-get install", "gcc"], "installing the linker");

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::{super::super::titles, *};

    #[test]
    fn every_step_of_a_generated_dockerfile_has_a_title() {
        let known = titles::all(&[BASE, CODE].concat());
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/recipe/julia/snapshots");
        let mut steps = 0;
        for entry in fs::read_dir(folder).unwrap() {
            let text = fs::read_to_string(entry.unwrap().path()).unwrap();
            let users = |line: &str| line.contains("apt-get install -y");
            for line in text.lines().filter(|line| !users(line)) {
                let step = ["RUN ", "COPY ", "FROM "];
                if step.iter().any(|word| line.starts_with(word)) {
                    steps += 1;
                    assert!(known.iter().any(|title| title.is_of(line)), "{line}");
                }
            }
        }
        assert!(steps >= 40, "{steps} steps");
    }
}
