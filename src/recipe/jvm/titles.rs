//! What the steps of the JVM's Dockerfiles do, in words.

use super::super::titles::Titles;

/// Those of all of them.
pub const ALL: &Titles = &[
    (&["/jot/build/project.sh"], "building the project"),
    (&["jot.Main\", \"client\""], "fetching AWS's runtime client"),
    (&["jot.Main\", \"pack\""], "packing the runtime"),
    (&["\"jlink\""], "creating the Java runtime"),
    (
        &["jot.Main\", \"root\""],
        "collecting the libraries that it needs",
    ),
    (&["jot.Main\", \"split\""], "sorting classes and jars"),
    (
        &["jot.Main\", \"arguments\""],
        "writing the start's options",
    ),
    (&["jot.Main\", \"handlers\""], "looking for the handlers"),
    (&["jot.Main\", \"primers\""], "preparing the snapshot"),
    (&["jot.Main\", \"task\""], "packing the archive"),
    (
        &["jot.Main\", \"train\""],
        "running the tests' arguments, archiving classes",
    ),
    (&["jot.Native\", \"trace\""], "running the tests' arguments"),
    (&["jot.Native\", \"link\""], "compiling the native binary"),
    (&["javac"], "compiling jot's tools"),
];

#[cfg(test)]
mod tests {
    use super::{super::super::titles, *};

    /// The words of each tool that a generated Dockerfile starts, as the Dockerfiles name them.
    #[test]
    fn every_step_of_a_generated_dockerfile_has_a_title() {
        let known = titles::all(ALL);
        let sources = [
            include_str!("dockerfile.rs"),
            include_str!("zip.rs"),
            include_str!("native/dockerfile.rs"),
        ];
        let tools = sources
            .iter()
            .flat_map(|text| text.split("{tool}\\\"").skip(1));
        let mut steps = 0;
        for tool in tools.filter_map(|rest| rest.split('\\').next()) {
            let step =
                format!("RUN [\"java\", \"-cp\", \"/jot/classes\", \"jot.Main\", \"{tool}\"]");
            assert!(known.iter().any(|title| title.is_of(&step)), "{step}");
            steps += 1;
        }
        assert!(steps >= 15, "{steps} steps");
    }
}
