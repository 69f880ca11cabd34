//! What builds a project, by what its folder holds.

/// How one build tool builds the jars of a project. Commands are for `sh`, in the project's folder;
/// in those of a module, `{folder}` is its folder, `{path}` the same with `:` instead of `/`, and
/// `{name}` its last part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BuildTool {
    /// The tool's name, as the plan shows it.
    pub name: &'static str,
    /// A project has one of these files.
    pub files: &'static [&'static str],
    /// Further files that determine the dependencies: names of files in any folder, `*.ending`, and
    /// `folder/` of the project's root.
    pub decisive: &'static [&'static str],
    /// Folders next to the project's files that the tool writes.
    pub outputs: &'static [&'static str],
    /// The image that the project is built in; `{java}` is the release.
    pub builder_image: &'static str,
    /// How the whole is built.
    pub whole: Commands,
    /// How one of several modules is built; none if the tool has no modules.
    pub module: Option<Commands>,
}

/// Commands that build, and where the result is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Commands {
    /// The command that builds the jars.
    pub build: &'static str,
    /// What writes the class path of the dependencies to `$JOT_CLASS_PATH`.
    pub resolve: &'static str,
    /// The place of the project's own jar after the build: patterns separated by tabs; one of them
    /// must match.
    pub classpath: &'static str,
}

/// The tools, in the order in which they are tried: a Clojure project may also have a `pom.xml`.
pub const BUILD_TOOLS: [BuildTool; 5] = [
    BuildTool {
        name: "Leiningen",
        files: &["project.clj"],
        decisive: &["profiles.clj"],
        outputs: &["target"],
        builder_image: "clojure:temurin-{java}-lein",
        whole: Commands {
            build: "lein uberjar",
            resolve: "lein with-profile uberjar classpath >\"$JOT_CLASS_PATH\"",
            classpath: "target/*-standalone.jar\ttarget/uberjar/*-standalone.jar",
        },
        module: None,
    },
    BuildTool {
        name: "tools.build",
        files: &["build.clj"],
        decisive: &["deps.edn"],
        outputs: &["target", ".cpcache"],
        builder_image: "clojure:temurin-{java}-tools-deps",
        whole: Commands {
            build: "clojure -T:build uber",
            resolve: "clojure -Spath >\"$JOT_CLASS_PATH\"",
            classpath: "target/*-standalone.jar",
        },
        module: None,
    },
    BuildTool {
        name: "Maven",
        files: &["pom.xml"],
        decisive: &["mvnw", ".mvn/"],
        outputs: &["target"],
        builder_image: "maven:3-eclipse-temurin-{java}",
        whole: Commands {
            build: "if [ -e mvnw ]; then sh ./mvnw -B -q package; else mvn -B -q package; fi",
            resolve: "if [ -e mvnw ]; then mvn='sh ./mvnw'; else mvn=mvn; fi\n\
                      $mvn -B -q dependency:build-classpath -DincludeScope=runtime \
                      -Dmdep.outputFile=\"$JOT_CLASS_PATH\"",
            classpath: "target/*.jar",
        },
        // Modules that it depends on are resolved to their jars only in a run that packages them.
        module: Some(Commands {
            build: "if [ -e mvnw ]; then mvn='sh ./mvnw'; else mvn=mvn; fi\n\
                    $mvn -B -q -pl '{folder}' -am package",
            resolve: "if [ -e mvnw ]; then mvn='sh ./mvnw'; else mvn=mvn; fi\n\
                      $mvn -B -q -pl '{folder}' -am -DskipTests package \
                      dependency:build-classpath -DincludeScope=runtime \
                      -Dmdep.outputFile=\"$JOT_CLASS_PATH\"",
            classpath: "{folder}/target/*.jar",
        }),
    },
    BuildTool {
        name: "Gradle",
        // The root of a build of several modules may have only a settings file.
        files: &[
            "build.gradle",
            "build.gradle.kts",
            "settings.gradle",
            "settings.gradle.kts",
        ],
        decisive: &[
            "*.gradle",
            "*.gradle.kts",
            "gradle.lockfile",
            "gradle.properties",
            "gradlew",
            "gradle/",
            "buildSrc/",
        ],
        outputs: &["build", ".gradle"],
        builder_image: "gradle:9-jdk{java}",
        whole: Commands {
            build: "if [ -e gradlew ]; then sh ./gradlew --no-daemon -q assemble; \
                    else gradle --no-daemon -q assemble; fi",
            resolve: "if [ -e gradlew ]; then gradle='sh ./gradlew'; else gradle=gradle; fi\n\
                      $gradle --no-daemon -q -I /jot/build/class-path.gradle jotClassPath",
            classpath: "build/libs/*.jar",
        },
        module: Some(Commands {
            build: "if [ -e gradlew ]; then gradle='sh ./gradlew'; else gradle=gradle; fi\n\
                    $gradle --no-daemon -q ':{path}:assemble'",
            resolve: "if [ -e gradlew ]; then gradle='sh ./gradlew'; else gradle=gradle; fi\n\
                      $gradle --no-daemon -q -I /jot/build/class-path.gradle \
                      ':{path}:jotClassPath'",
            classpath: "{folder}/build/libs/*.jar",
        }),
    },
    BuildTool {
        name: "sbt",
        files: &["build.sbt"],
        decisive: &["*.sbt", "project/"],
        outputs: &["target", "project/target", "project/project"],
        // The launcher takes the sbt that project/build.properties names.
        builder_image: "sbtscala/scala-sbt:eclipse-temurin-{java}_1.x",
        whole: Commands {
            build: "sbt -batch package",
            resolve: "sbt -batch -error 'export Runtime/dependencyClasspathAsJars' \
                      >/jot/project/exported || { cat /jot/project/exported >&2; exit 1; }\n\
                      tail -n 1 /jot/project/exported >\"$JOT_CLASS_PATH\"",
            classpath: "target/scala-*/*.jar\ttarget/*.jar",
        },
        module: Some(Commands {
            build: "sbt -batch '{name}/package'",
            resolve: "sbt -batch -error 'export {name}/Runtime/dependencyClasspathAsJars' \
                      >/jot/project/exported || { cat /jot/project/exported >&2; exit 1; }\n\
                      tail -n 1 /jot/project/exported >\"$JOT_CLASS_PATH\"",
            classpath: "{folder}/target/scala-*/*.jar\t{folder}/target/*.jar",
        }),
    },
];

/// The tool of a folder with these files; none if a `build` command is required.
pub fn build_tool(files: &[&str]) -> Option<&'static BuildTool> {
    BUILD_TOOLS
        .iter()
        .find(|tool| tool.files.iter().any(|file| files.contains(file)))
}

impl BuildTool {
    /// Whether a file of the project decides what it depends on.
    pub fn decides(&self, path: &str) -> bool {
        let name = path.rsplit('/').next().unwrap_or(path);
        self.files.contains(&name)
            || self.decisive.iter().any(|one| match one.strip_prefix('*') {
                Some(ending) => name.ends_with(ending),
                None if one.ends_with('/') => path.starts_with(one),
                None => name == *one,
            })
    }
}

impl Commands {
    /// The text of a command for the module in a folder.
    pub fn of(text: &str, module: Option<&str>) -> String {
        let folder = module.unwrap_or_default();
        let folder = folder.trim_start_matches(':').replace(':', "/");
        text.replace("{folder}", &folder)
            .replace("{path}", &folder.replace('/', ":"))
            .replace("{name}", folder.rsplit('/').next().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::languages::PROJECTS;

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
        assert_eq!(name(&["app", "settings.gradle"]), Some("Gradle"));
        assert_eq!(name(&["deps.edn"]), None);
    }

    #[test]
    fn the_check_knows_the_same_projects() {
        let files = BUILD_TOOLS.iter().flat_map(|tool| tool.files);
        assert_eq!(files.copied().collect::<Vec<_>>(), PROJECTS);
    }

    #[test]
    fn what_decides_the_dependencies_is_separated_from_the_source() {
        let gradle = build_tool(&["build.gradle"]).unwrap();
        for path in [
            "build.gradle",
            "app/build.gradle.kts",
            "gradle/libs.versions.toml",
        ] {
            assert!(gradle.decides(path), "{path}");
        }
        for path in [
            "src/main/java/gradle/A.java",
            "README.md",
            "app/src/gradle.java",
        ] {
            assert!(!gradle.decides(path), "{path}");
        }
    }

    #[test]
    fn a_module_is_named_as_each_tool_names_it() {
        let of = |text: &str| Commands::of(text, Some(":apps:loader"));
        assert_eq!(of("{folder}/target"), "apps/loader/target");
        assert_eq!(of(":{path}:assemble"), ":apps:loader:assemble");
        assert_eq!(of("{name}/package"), "loader/package");
    }
}
