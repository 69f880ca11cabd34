//! Archives for AWS's own Java runtimes: their content, and the settings of the runtime.
//!
//! Two builds of one Clojure source differ in the classes that Clojure generates from dependencies.
//! These classes are therefore in a base image, as for images, but without a JRE: once ECR has its
//! base, the fingerprint determines an archive.

use super::dockerfile::{PROJECT, Parts, SETTLED, TOOL, secret_mounts, stages};
use crate::{
    manifest::{languages::OPTIONS, types::Function},
    model::recipe::{ARCHIVE_FOLDER, BASE_ARGUMENT},
    recipe::draft::Runtime,
};

/// The dependencies of an archive, with AWS's client, for checking the handlers.
pub fn base(parts: &Parts) -> String {
    let (stages, secrets, tool) = (stages(parts), secret_mounts(parts), TOOL);
    format!(
        "# Made by jot.\n{stages}\
         FROM tools AS client\nARG JOT_MAVEN_REPOSITORY\nCOPY client.list /jot/client.list\n\
         RUN {secrets}[{tool}\"client\", \"/jot/client.list\", \"/jot/out/client\"]\n\n\
         FROM tools AS split\nCOPY packages /jot/build/\nCOPY --from=client /jot/out/ /jot/out/\n\
         RUN {PROJECT} [{tool}\"split\", \"base\", \"/jot/project\", \"/jot/build/packages\", \
         \"/jot/out\"]\n\n\
         FROM scratch\nCOPY --from=split /jot/out/ /opt/jot/\n"
    )
}

/// The content of an archive: the jars of the dependencies, and the project's own. If Lambda takes
/// snapshots, also a class of jot for each handler, which has the exemplars answered before.
pub fn code(parts: &Parts, snapstart: bool) -> String {
    let (stages, tool) = (stages(parts), TOOL);
    let (primers, compiled, exemplars) = match snapstart {
        true => (
            primers(),
            ", \"/jot/compiled\"",
            format!("COPY exemplar/ {ARCHIVE_FOLDER}/jot/exemplar/\n"),
        ),
        false => (String::new(), "", String::new()),
    };
    format!(
        "# Made by jot.\nARG {BASE_ARGUMENT}\n{stages}\
         FROM ${{{BASE_ARGUMENT}}} AS base\n\n\
         FROM tools AS split\nCOPY packages exemplar/handlers /jot/build/\n\
         RUN {PROJECT} {SETTLED} [{tool}\"split\", \"code\", \"/jot/project\", \
         \"/jot/build/packages\", \"/jot/out\", \"/jot/base\"]\n\
         RUN {SETTLED} [{tool}\"handlers\", \"/jot/build/handlers\", \"/jot/out/own/own.jar\", \
         \"/jot/base/lib\", \"/jot/base/client\"]\n{primers}\
         RUN {SETTLED} [{tool}\"task\", \"/jot/base\", \"/jot/out\", \"/jot/task\"{compiled}]\n\n\
         FROM scratch\nCOPY --from=split /jot/task/ {ARCHIVE_FOLDER}/\n{exemplars}"
    )
}

/// Writes and compiles the classes that announce a rehearsal.
fn primers() -> String {
    let tool = TOOL;
    format!(
        "COPY runtime/ /jot/primers/jot/runtime/\n\
         RUN {SETTLED} [{tool}\"primers\", \"/jot/build/handlers\", \"/jot/primers\", \
         \"/jot/out/own/own.jar\", \"/jot/base/lib\", \"/jot/base/client\"]\n\
         RUN {SETTLED} [\"sh\", \"-c\", \"javac -proc:none -nowarn -d /jot/compiled \
         -cp '/jot/out/own/own.jar:/jot/base/lib/*:/jot/base/client/*' \
         $(find /jot/primers -name '*.java')\"]\n"
    )
}

/// AWS's runtime of a release of Java, for a function.
/// <https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html>,
/// <https://gallery.ecr.aws/lambda/java>
pub fn runtime(java: &str, function: &Function, flags: &[String]) -> Runtime {
    let options = (!flags.is_empty()).then(|| (OPTIONS.to_owned(), options(flags)));
    let handler = function.handler.clone().unwrap_or_default();
    Runtime {
        name: format!("java{java}"),
        handler: match function.snapstart {
            Some(true) => primer(&handler),
            _ => handler,
        },
        image: format!("public.ecr.aws/lambda/java:{java}"),
        environment: options.into_iter().collect(),
        ..Runtime::default()
    }
}

/// The handler that `tools/Primers.java` makes for one of the project's.
fn primer(handler: &str) -> String {
    match handler.split_once("::") {
        Some((class, method)) => format!("jot.primed.{class}${method}::{method}"),
        None => format!("jot.primed.{handler}"),
    }
}

/// The options as one text. The JVM splits it at white space outside of quotes:
/// <https://docs.oracle.com/en/java/javase/25/docs/specs/jvmti.html#tooloptions>
fn options(flags: &[String]) -> String {
    let quoted = |flag: &String| match (flag.contains(char::is_whitespace), flag.contains('"')) {
        (false, _) => flag.clone(),
        (true, false) => format!("\"{flag}\""),
        (true, true) => format!("'{flag}'"),
    };
    flags.iter().map(quoted).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_with_white_space_are_quoted() {
        let flags = ["-Xss2m", "-Dname=two words", "-Dsaid=\"a b\""].map(str::to_owned);
        assert_eq!(
            options(&flags),
            "-Xss2m \"-Dname=two words\" '-Dsaid=\"a b\"'"
        );
        let none = runtime("25", &Function::default(), &[]);
        assert!(none.environment.is_empty());
    }

    #[test]
    fn before_a_snapshot_a_class_of_jots_is_started() {
        let mut function = Function {
            handler: Some("a.B::c".to_owned()),
            ..Function::default()
        };
        assert_eq!(runtime("25", &function, &[]).handler, "a.B::c");
        function.snapstart = Some(true);
        assert_eq!(runtime("25", &function, &[]).handler, "jot.primed.a.B$c::c");
        function.handler = Some("B".to_owned());
        assert_eq!(runtime("25", &function, &[]).handler, "jot.primed.B");
    }
}
