//! What builds a project, by what its folder holds.

/// How one build tool makes jars of a project. Commands are for `sh`, in the project's folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BuildTool {
    /// The tool's name, as the plan shows it.
    pub name: &'static str,
    /// A project has one of these files.
    pub files: &'static [&'static str],
    /// The image that the project is built in; `{java}` stands for the release.
    pub builder_image: &'static str,
    /// The command that builds.
    pub build: &'static str,
    /// The command that writes the class path of the dependencies to `$JOT_CLASS_PATH`.
    pub resolve: &'static str,
    /// Where the project's own jar is then: patterns with tabs between, of which one must match.
    pub classpath: &'static str,
}

/// The tools, in the order in which a folder is looked at: a Clojure project may have a `pom.xml`
/// too.
pub const BUILD_TOOLS: [BuildTool; 5] = [
    BuildTool {
        name: "Leiningen",
        files: &["project.clj"],
        builder_image: "clojure:temurin-{java}-lein",
        build: "lein uberjar",
        resolve: "lein with-profile uberjar classpath >\"$JOT_CLASS_PATH\"",
        classpath: "target/*-standalone.jar\ttarget/uberjar/*-standalone.jar",
    },
    BuildTool {
        name: "tools.build",
        files: &["build.clj"],
        builder_image: "clojure:temurin-{java}-tools-deps",
        build: "clojure -T:build uber",
        resolve: "clojure -Spath >\"$JOT_CLASS_PATH\"",
        classpath: "target/*-standalone.jar",
    },
    BuildTool {
        name: "Maven",
        files: &["pom.xml"],
        builder_image: "maven:3-eclipse-temurin-{java}",
        build: "if [ -e mvnw ]; then sh ./mvnw -B -q package; else mvn -B -q package; fi",
        resolve: "if [ -e mvnw ]; then mvn='sh ./mvnw'; else mvn=mvn; fi\n\
                  $mvn -B -q dependency:build-classpath -DincludeScope=runtime \
                  -Dmdep.outputFile=\"$JOT_CLASS_PATH\"",
        classpath: "target/*.jar",
    },
    BuildTool {
        name: "Gradle",
        files: &["build.gradle", "build.gradle.kts"],
        builder_image: "gradle:9-jdk{java}",
        build: "if [ -e gradlew ]; then sh ./gradlew --no-daemon -q assemble; \
                else gradle --no-daemon -q assemble; fi",
        resolve: "if [ -e gradlew ]; then gradle='sh ./gradlew'; else gradle=gradle; fi\n\
                  $gradle --no-daemon -q -I /jot/build/class-path.gradle jotClassPath",
        classpath: "build/libs/*.jar",
    },
    BuildTool {
        name: "sbt",
        files: &["build.sbt"],
        builder_image: "sbtscala/scala-sbt:eclipse-temurin-{java}",
        build: "sbt -batch package",
        resolve: "sbt -batch -error 'export Runtime/dependencyClasspath' | tail -n 1 \
        >\"$JOT_CLASS_PATH\"",
        classpath: "target/scala-*/*.jar",
    },
];

/// The tool of a folder that holds these files; none where a `build` command must be given.
pub fn build_tool(files: &[&str]) -> Option<&'static BuildTool> {
    BUILD_TOOLS
        .iter()
        .find(|tool| tool.files.iter().any(|file| files.contains(file)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clojure_project_with_a_pom_is_built_by_its_own_tool() {
        let name = |files: &[&str]| build_tool(files).map(|tool| tool.name);
        assert_eq!(name(&["pom.xml", "project.clj", "src"]), Some("Leiningen"));
        assert_eq!(
            name(&["build.clj", "deps.edn", "pom.xml"]),
            Some("tools.build")
        );
        assert_eq!(name(&["pom.xml"]), Some("Maven"));
        assert_eq!(name(&["build.gradle.kts"]), Some("Gradle"));
        assert_eq!(name(&["deps.edn"]), None);
    }
}
