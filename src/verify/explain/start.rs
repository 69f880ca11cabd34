//! Functions that never came to listen: for another processor, or with an initialisation that fails.

use super::broken;
use crate::model::TestOutcome;

/// The kernel's words for a program that is for another processor.
const NO_PROGRAM: &str = "exec format error";
/// What Julia says of an error that nobody could catch: one in an `__init__` that its system image runs, before jot's runtime is there
/// to report it (`jl_no_exc_handler` in <https://github.com/JuliaLang/julia/blob/v1.5.3/src/task.c>).
const UNCAUGHT: &str = "fatal: error thrown and no exception handler available.";

/// How the line begins in which jot's runtime tells such an error all the same (`runtime/early.jl`).
const TOLD: &str = "jot: before the start: ";

/// The outcome for an image that is for another platform than the function.
pub(in super::super) fn other_platform(image: &str, function: &str) -> TestOutcome {
    let other = match image {
        "linux/arm64" => "arm64",
        _ => "x86_64",
    };
    broken(
        format!("the image is for {image}, and `architecture` asks for {function}"),
        Some(format!(
            "Lambda starts only programs for the function's own processor: take a `build.base_image` for {function}, or set `architecture = \"{other}\"`"
        )),
    )
}

/// The outcome where the kernel would not run the program; none where it did.
pub(super) fn other_processor(how: &str, log: &[String]) -> Option<TestOutcome> {
    let lines = std::iter::once(how).chain(log.iter().map(String::as_str));
    let line = lines.into_iter().find(|line| line.contains(NO_PROGRAM))?;
    let program = line
        .split("exec ")
        .nth(1)
        .and_then(|rest| rest.split(':').next())
        .unwrap_or("its program");
    Some(broken(
        format!("{program} is for another processor, or is no program ({NO_PROGRAM})"),
        Some(
            "Lambda would not start it either: have it built for the `architecture` of the function, on a Docker of that kind (`DOCKER_HOST`), or set the other `architecture`"
                .to_owned(),
        ),
    ))
}

/// The outcome where an `__init__` failed in the system image; none where the log does not say so.
pub(super) fn failed_init(how: &str, log: &[String]) -> Option<TestOutcome> {
    log.iter().find(|line| *line == UNCAUGHT)?;
    let cause = log.iter().find_map(|line| line.strip_prefix(TOLD));
    let cause = cause.unwrap_or("Julia does not say why");
    Some(broken(
        format!("it ended while Julia started ({how}): {cause}"),
        Some(
            "an `__init__` in the system image fails, in Lambda too: mend it, give it in `environment` what it asks for, or see more of it with `compile = \"none\"`"
                .to_owned(),
        ),
    ))
}
