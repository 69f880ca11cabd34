//! The text of the two Dockerfiles of a JVM function.
//!
//! Both begin with the same stages, so that BuildKit builds the project once for both.

/// What both Dockerfiles need to know.
#[derive(Clone, Copy, Debug)]
pub struct Parts<'a> {
    /// The image that builds the project.
    pub builder_image: &'a str,
    /// The image with the JDK of the function's release: the source of the JRE, in which jot's
    /// tools run.
    pub jdk_image: &'a str,
    /// The platform of the daemon, if the function has another one: only training needs the
    /// function's.
    pub build_platform: Option<&'a str>,
    /// Secrets of the build: identifier, and the path where the build finds it.
    pub secrets: &'a [(&'a str, &'a str)],
    /// Build arguments that the user declares, for the commands that build.
    pub arguments: &'a [&'a str],
    /// Whether class-data archives are made.
    pub archive: bool,
}

/// What the base's Dockerfile needs in addition to [`Parts`].
#[derive(Clone, Copy, Debug)]
pub struct Base<'a> {
    /// The modules of the JRE, with commas between.
    pub modules: &'a str,
    /// The base image, and the user's lines for it; without them, the base contains only what a JRE
    /// needs.
    pub beneath: Option<(&'a str, &'a str)>,
}

/// What the code's Dockerfile needs in addition to [`Parts`].
#[derive(Clone, Copy, Debug)]
pub struct Code<'a> {
    /// The build argument that names the base image.
    pub base_argument: &'a str,
    /// Whether Lambda may take snapshots of it; [`PRIMED`] then answers the exemplars before each.
    pub snapstart: bool,
}

/// The modules of the default JRE: `jdeps` does not see what is looked up at run time.
pub const MODULES: &str = "java.se,jdk.unsupported,jdk.crypto.ec,jdk.zipfs";
/// The main class of AWS's client.
pub const CLIENT: &str = "com.amazonaws.services.lambda.runtime.api.client.AWSLambda";
/// The main class that has exemplars answered before a snapshot, and then starts the client.
pub const PRIMED: &str = "jot.runtime.Primed";
/// The folders that build tools keep downloads in, each a cache of its own.
const CACHES: [&str; 8] = [
    "/root/.m2/repository",
    "/root/.m2/wrapper",
    "/root/.gradle/caches",
    "/root/.gradle/wrapper",
    "/root/.gitlibs",
    "/root/.ivy2",
    "/root/.cache/coursier",
    "/root/.sbt/boot",
];

/// The base image: JRE, AWS's client, dependencies, and their class-data archive.
pub fn base(parts: &Parts, base: &Base) -> String {
    let (stages, client) = (stages(parts), client(parts));
    let (options, archived) = match parts.archive {
        true => ("", "/opt/jot/base.jsa"),
        false => ("\"--generate-cds-archive\", ", ""),
    };
    let modules = base.modules;
    let tool = TOOL;
    let own = match parts.archive {
        true => format!(
            "RUN {PROJECT} [{tool}\"split\", \"code\", \"/jot/project\", \"/jot/build/packages\", \
             \"/jot/own\", \"/jot/out\"]\n"
        ),
        false => String::new(),
    };
    let (from, root) = match base.beneath {
        Some((image, lines)) => (format!("{image} AS lean\nUSER 0\n{}", lines.trim_end()), ""),
        None => (
            "scratch AS lean".to_owned(),
            "COPY --from=jre /jot/root/ /\n",
        ),
    };
    let (last, archive) = last(parts.archive);
    format!(
        "# Made by jot.\n{stages}{client}\
         FROM {jdk} AS jre\nUSER 0\nCOPY --from=tools /jot/classes/ /jot/classes/\n\
         RUN [\"jlink\", \"--add-modules\", \"{modules}\", {options}\"--no-header-files\", \
         \"--no-man-pages\", \"--exclude-files\", \"{SYMBOLS}\", \"--output\", \"/opt/jot/jre\"]\n\
         RUN [{tool}\"root\", \"/opt/jot/jre\", \"/jot/root\"]\n\n\
         FROM tools AS split\nCOPY packages flags /jot/build/\nCOPY --from=client /jot/out/ \
         /jot/out/\n\
         RUN {PROJECT} [{tool}\"split\", \"base\", \"/jot/project\", \"/jot/build/packages\", \
         \"/jot/out\"]\n\
         RUN [{tool}\"arguments\", \"/jot/build/flags\", \"/jot/out\", \"/jot/out\", \"base\", \
         \"{archived}\"]\n\
         {own}\n\
         FROM {from}\n{root}COPY --from=jre /opt/jot/jre/ /opt/jot/jre/\nCOPY --from=split \
         /jot/out/ /opt/jot/\n\
         {last}{archive}ENV LANG=C.UTF-8 LAMBDA_TASK_ROOT=/var/task\nWORKDIR /var/task\n\
         ENTRYPOINT [\"/opt/jot/jre/bin/java\", \"@/opt/jot/jvm.args\", \"{CLIENT}\"]\n",
        jdk = parts.jdk_image,
    )
}

/// The stage that has AWS's client and jot's own class.
pub fn client(parts: &Parts) -> String {
    let (secrets, tool) = (secret_mounts(parts), TOOL);
    format!(
        "FROM tools AS client\nARG JOT_MAVEN_REPOSITORY\nCOPY client.list /jot/client.list\n\
         RUN {secrets}[{tool}\"client\", \"/jot/client.list\", \"/jot/out/client\"]\n\
         COPY runtime/ /jot/runtime/\n\
         RUN [\"sh\", \"-c\", \
         \"javac -cp '/jot/out/client/*' -d /jot/compiled /jot/runtime/*.java\"]\n\
         RUN [{tool}\"pack\", \"/jot/compiled\", \"/jot/out\"]\n\n"
    )
}

/// The stage that makes the base's archive and the line that takes it over.
fn last(archive: bool) -> (String, &'static str) {
    if !archive {
        return (String::new(), "");
    }
    let stage = format!(
        "\nFROM lean AS trained\nUSER 0\nCOPY exemplar/ /jot/exemplar/\n\
         COPY --from=split /jot/own/ /jot/own/\nRUN {CLASSES} [{TRAIN}\"base\", \"/jot/exemplar\", \
         \"/jot/own/own/own.jar\"]\n\nFROM lean\n"
    );
    (
        stage,
        "COPY --from=trained /opt/jot/base.jsa /opt/jot/base.jsa\n",
    )
}

/// The code's image: the project's own jar, and its class-data archive.
pub fn code(parts: &Parts, code: &Code) -> String {
    let base_argument = code.base_argument;
    let stages = stages(parts);
    let tool = TOOL;
    let archives = match parts.archive {
        true => "/opt/jot/base.jsa:/opt/jot/code.jsa",
        false => "",
    };
    let (trained, from) = match parts.archive {
        true => (trained(), "trained"),
        false => (String::new(), "split"),
    };
    // An image that is not made of AWS's must say so.
    let snapstart = match code.snapstart {
        true => {
            "COPY exemplar/ /opt/jot/exemplar/\n\
                 LABEL com.amazonaws.lambda.feature.snapstart=\"Allow\"\n"
        }
        false => "",
    };
    format!(
        "# Made by jot.\nARG {base_argument}\n{stages}\
         FROM ${{{base_argument}}} AS base\n\n\
         FROM tools AS split\nCOPY packages flags exemplar/handlers /jot/build/\n\
         RUN {PROJECT} {SETTLED} [{tool}\"split\", \"code\", \"/jot/project\", \
         \"/jot/build/packages\", \
         \"/jot/out\", \"/jot/base\"]\n\
         RUN {SETTLED} [{tool}\"handlers\", \"/jot/build/handlers\", \"/jot/out/own/own.jar\", \
         \"/jot/base/lib\", \"/jot/base/client\"]\n\
         RUN {SETTLED} [{tool}\"arguments\", \"/jot/build/flags\", \"/jot/base\", \"/jot/out\", \
         \"code\", \
         \"{archives}\"]\n\n\
         {trained}FROM base\nCOPY --from={from} /jot/out/ /opt/jot/\n{snapstart}"
    )
}

/// Training in the file system of the function: an archive identifies jars by path, size and time.
fn trained() -> String {
    format!(
        "FROM base AS trained\nUSER 0\nCOPY exemplar/ /jot/exemplar/\n\
         COPY --from=split /jot/out/ /opt/jot/\nCOPY --from=split /jot/out/ /jot/out/\n\
         RUN {CLASSES} [{TRAIN}\"code\", \"/jot/exemplar\", \"/jot/out\"]\n\n"
    )
}

/// Debugger symbols, which some distributions ship with the JDK: 700 MB in Debian's.
const SYMBOLS: &str = "glob:**.debuginfo,glob:**.diz";
/// How a step of jot's own tools begins.
pub const TOOL: &str = "\"java\", \"-cp\", \"/jot/classes\", \"jot.Main\", ";
const TRAIN: &str =
    "\"/opt/jot/jre/bin/java\", \"-cp\", \"/jot/classes\", \"jot.Main\", \"train\", ";
/// The mount of the built project.
pub const PROJECT: &str = "--mount=type=bind,from=project,source=/jot/project,target=/jot/project";
/// The mount of what the base has settled.
pub const SETTLED: &str = "--mount=type=bind,from=base,source=/opt/jot,target=/jot/base";
const CLASSES: &str = "--mount=type=bind,from=tools,source=/jot/classes,target=/jot/classes";

/// The stages that both begin with: the built project, and jot's tools.
pub fn stages(parts: &Parts) -> String {
    let platform = parts
        .build_platform
        .map_or_else(String::new, |platform| format!("--platform={platform} "));
    let arguments: String = parts
        .arguments
        .iter()
        .map(|name| format!("ARG {name}\n"))
        .collect();
    let mounts = cache_mounts() + &secret_mounts(parts);
    format!(
        "FROM {platform}{builder} AS project\nUSER 0\n\
         ENV HOME=/root GRADLE_USER_HOME=/root/.gradle LEIN_ROOT=1\n\
         {arguments}COPY source/ /jot/source/\nCOPY build/ /jot/build/\n\
         RUN {mounts}[\"sh\", \"/jot/build/project.sh\"]\n\n\
         FROM {platform}{jdk} AS tools\nUSER 0\nCOPY tools/ /jot/tools/\n\
         RUN [\"sh\", \"-c\", \"javac -d /jot/classes /jot/tools/*.java\"]\n\n",
        builder = parts.builder_image,
        jdk = parts.jdk_image,
    )
}

/// Only one build at a time may write a cache: the locks of build tools do not work across
/// containers.
fn cache_mounts() -> String {
    CACHES
        .iter()
        .map(|path| format!("--mount=type=cache,id=jot{path},target={path},sharing=locked "))
        .collect()
}

pub(super) fn secret_mounts(parts: &Parts) -> String {
    parts
        .secrets
        .iter()
        .map(|(id, path)| format!("--mount=type=secret,id={id},target={path} "))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARTS: Parts = Parts {
        builder_image: "clojure:temurin-25-lein",
        jdk_image: "eclipse-temurin:25-jdk",
        build_platform: None,
        arguments: &["PROFILE"],
        secrets: &[("settings.xml", "/root/.m2/settings.xml")],
        archive: true,
    };
    const CODE: Code = Code {
        base_argument: "JOT_BASE_IMAGE",
        snapstart: false,
    };
    const BASE: Base = Base {
        modules: MODULES,
        beneath: None,
    };

    /// BuildKit identifies a stage by its instructions, so equal ones run once for both.
    #[test]
    fn both_build_the_project_in_the_same_stages() {
        let stages = stages(&PARTS);
        assert!(base(&PARTS, &BASE).contains(&stages));
        assert!(code(&PARTS, &CODE).contains(&stages));
    }

    #[test]
    fn nothing_is_trained_without_archives() {
        let parts = Parts {
            archive: false,
            ..PARTS
        };
        for text in [base(&parts, &BASE), code(&parts, &CODE)] {
            assert!(!text.contains("trained"), "{text}");
            assert!(!text.contains("jsa"), "{text}");
        }
        assert!(base(&parts, &BASE).contains("--generate-cds-archive"));
        assert!(!base(&PARTS, &BASE).contains("--generate-cds-archive"));
    }

    #[test]
    fn secrets_reach_the_project_and_the_download_alone() {
        let mount = "--mount=type=secret,id=settings.xml,target=/root/.m2/settings.xml ";
        assert_eq!(base(&PARTS, &BASE).matches(mount).count(), 2);
        assert_eq!(code(&PARTS, &CODE).matches(mount).count(), 1);
    }

    #[test]
    fn lines_of_the_users_own_keep_the_image_beneath() {
        let beneath = Some(("debian:trixie-slim", "RUN apt-get update\n"));
        let text = base(&PARTS, &Base { beneath, ..BASE });
        assert!(text.contains("FROM debian:trixie-slim AS lean\nUSER 0\nRUN apt-get update\n"));
        assert!(!text.contains("/jot/root/ /\n"), "{text}");
    }

    #[test]
    fn arguments_are_declared_before_the_project_is_built() {
        let text = code(&PARTS, &CODE);
        assert!(text.find("ARG PROFILE\n") < text.find("/jot/build/project.sh"));
        assert_eq!(text.matches("ARG PROFILE\n").count(), 1);
    }

    #[test]
    fn exemplars_are_in_the_image_where_a_snapshot_is_taken() {
        let line = "COPY exemplar/ /opt/jot/exemplar/\n";
        assert!(!code(&PARTS, &CODE).contains(line));
        let snapstart = Code {
            snapstart: true,
            ..CODE
        };
        assert!(code(&PARTS, &snapstart).contains(line));
    }

    #[test]
    fn jars_are_built_on_the_daemons_processor() {
        let build_platform = Some("$BUILDPLATFORM");
        let text = code(
            &Parts {
                build_platform,
                ..PARTS
            },
            &CODE,
        );
        assert!(text.contains("FROM --platform=$BUILDPLATFORM clojure:temurin-25-lein AS project"));
        assert!(text.contains("FROM --platform=$BUILDPLATFORM eclipse-temurin:25-jdk AS tools"));
        assert!(text.contains("\nFROM base AS trained\n"));
    }
}
