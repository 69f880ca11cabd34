//! Functions that never listened because they are for another processor.

use super::broken;
use crate::model::TestOutcome;

/// The kernel's error for a program for another processor.
const NO_PROGRAM: &str = "exec format error";
/// The outcome for an image with another platform than the function.
pub(in super::super) fn other_platform(image: &str, function: &str) -> TestOutcome {
    let other = match image {
        "linux/arm64" => "arm64",
        _ => "x86_64",
    };
    broken(
        format!("the image is for {image}, and `architecture` asks for {function}"),
        Some(format!(
            "Lambda starts only programs for the function's own processor: use a \
             `build.base_image` for {function}, or set `architecture = \"{other}\"`"
        )),
    )
}

/// The outcome where the kernel refused to run the program; `None` where it did run.
pub(super) fn other_processor(how: &str, log: &[String]) -> Option<TestOutcome> {
    let lines = std::iter::once(how).chain(log.iter().map(String::as_str));
    let line = lines.into_iter().find(|line| line.contains(NO_PROGRAM))?;
    let program = line
        .split("exec ")
        .nth(1)
        .and_then(|rest| rest.split(':').next())
        .unwrap_or("its program");
    Some(broken(
        format!("{program} is for another processor, or is not a program ({NO_PROGRAM})"),
        Some(
            "Lambda would not start it either: build it for the `architecture` of the function, on \
             a Docker of that kind (`DOCKER_HOST`), or set the other `architecture`"
                .to_owned(),
        ),
    ))
}
