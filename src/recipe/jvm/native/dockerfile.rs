//! The text of the Dockerfile of a native binary.

use super::super::dockerfile::{PROJECT, Parts, TOOL, client, stages};
use crate::model::{Form, recipe::ARCHIVE_FOLDER};

/// What the Dockerfile needs in addition to [`Parts`].
#[derive(Clone, Copy, Debug)]
pub struct Binary<'a> {
    /// The image that has `native-image`, for the function's processor.
    pub builder_image: &'a str,
    /// What the binary is for.
    pub form: Form,
}

/// The glibc of AWS's runtime `provided.al2023`.
/// <https://docs.aws.amazon.com/linux/al2023/ug/compare-with-al2.html>
const GLIBC: &str = "2.34";
const STEP: &str = "\"java\", \"-cp\", \"/jot/classes\", \"jot.Native\", ";

/// The stages: the project, AWS's client, the class path, the exemplar session, the binary, and the
/// result for Lambda.
pub fn text(parts: &Parts, binary: &Binary) -> String {
    let (stages, client) = (stages(parts), client(parts));
    let tool = TOOL;
    let builder = binary.builder_image;
    let root = format!("RUN [{tool}\"root\", \"/jot/out/bootstrap\", \"/jot/root\"]\n");
    let (glibc, root, last) = match binary.form {
        Form::Image => (String::new(), root, image()),
        Form::Zip => (format!(", \"{GLIBC}\""), String::new(), archive()),
    };
    format!(
        "# Made by jot.\n{stages}{client}\
         FROM tools AS split\nCOPY packages flags exemplar/handlers /jot/build/\n\
         COPY --from=client /jot/out/ /jot/out/\n\
         RUN {PROJECT} [{tool}\"split\", \"base\", \"/jot/project\", \"/jot/build/packages\", \
         \"/jot/out\"]\n\
         RUN {PROJECT} [{tool}\"split\", \"code\", \"/jot/project\", \"/jot/build/packages\", \
         \"/jot/out\", \"/jot/out\"]\n\
         RUN [{tool}\"handlers\", \"/jot/build/handlers\", \"/jot/out/own/own.jar\", \
         \"/jot/out/lib\", \"/jot/out/client\"]\n\
         RUN [{tool}\"arguments\", \"/jot/build/flags\", \"/jot/out\", \"/jot/out\", \"code\", \
         \"\"]\n\n\
         FROM {builder} AS native\nUSER 0\nCOPY --from=tools /jot/classes/ /jot/classes/\n\
         COPY --from=split /jot/out/ /opt/jot/\nCOPY exemplar/ /jot/exemplar/\n\
         COPY metadata/ /jot/metadata/META-INF/native-image/\nWORKDIR /var/task\n\
         RUN [{STEP}\"trace\", \"/jot/exemplar\", \"/jot/metadata\"]\n\
         COPY build/native-image /jot/build/\n\
         RUN [{STEP}\"link\", \"/jot/build/native-image\", \"/jot/metadata\", \
         \"/jot/out/bootstrap\"{glibc}]\n\
         {root}\n{last}"
    )
}

/// What the agent collected is in both, for `jot build --metadata`.
const COLLECTED: &str = "COPY --from=native /jot/metadata/META-INF/native-image/dev.jot/collected/ \
                         /opt/jot/metadata/\n";

/// The binary, and what it needs of the system that it was linked on.
fn image() -> String {
    format!(
        "FROM scratch\nCOPY --from=native /jot/root/ /\nCOPY --from=native /jot/out/ /opt/jot/\n\
         {COLLECTED}ENV LANG=C.UTF-8 LAMBDA_TASK_ROOT=/var/task\nWORKDIR /var/task\n\
         ENTRYPOINT [\"/opt/jot/bootstrap\"]\n"
    )
}

/// Lambda unpacks and starts `bootstrap`:
/// <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html#runtimes-custom-build>.
fn archive() -> String {
    format!("FROM scratch\nCOPY --from=native /jot/out/ {ARCHIVE_FOLDER}/\n{COLLECTED}")
}
