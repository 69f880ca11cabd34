//! Recipes of functions for the JVM.

use super::set_compile;
use crate::{
    manifest::languages::JvmCompile,
    model::{Form, Recipe, RecipeRole, value::EnvValue},
    recipe::tests::project::Project,
};

const MANIFEST: &str = r#"
[project]
name = "loaders"

[functions.load]
handler = "loader.Load"
jvm = { source = "loader" }
tests = [{ argument = [1], expected = [2] }]
"#;

fn project(manifest: &str) -> Project {
    let project = Project::empty(manifest);
    project.write("loader/pom.xml", "<project/>");
    project.write("loader/src/Load.java", "class Load {}");
    project.write("loader/target/old.jar", "built here before");
    project
}

/// The base and the code of a function.
fn recipes(project: &Project, key: &str) -> (Recipe, Recipe) {
    let desired = project.desired().unwrap();
    let code = &desired.recipes[desired.functions[key].code.recipe().unwrap()];
    let base = &desired.recipes[code.base.as_ref().unwrap()];
    assert_eq!((base.role, code.role), (RecipeRole::Base, RecipeRole::Code));
    (base.clone(), code.clone())
}

fn text(recipe: &Recipe, path: &str) -> String {
    let file = recipe.context.iter().find(|file| file.path == path);
    match &file.unwrap_or_else(|| panic!("no {path}")).content {
        crate::model::Content::Bytes(bytes) => String::from_utf8(bytes.to_vec()).unwrap(),
        other => panic!("{other:?}"),
    }
}

fn has(recipe: &Recipe, path: &str) -> bool {
    recipe.context.iter().any(|file| file.path == path)
}

#[test]
fn a_changed_line_keeps_the_base() {
    let project = project(MANIFEST);
    let before = recipes(&project, "load");
    project.write("loader/src/Load.java", "class Load { int a; }");
    let after = recipes(&project, "load");
    assert_eq!(before.0.fingerprint, after.0.fingerprint);
    assert_ne!(before.1.fingerprint, after.1.fingerprint);
    // The base's first build needs the source all the same.
    assert!(has(&after.0, "source/src/Load.java"));
    assert!(has(&after.0, "exemplar/0001.json"));
    project.write(
        "loader/pom.xml",
        "<project><!-- another dependency --></project>",
    );
    assert_ne!(recipes(&project, "load").0.fingerprint, after.0.fingerprint);
}

#[test]
fn what_was_built_here_before_is_no_source() {
    let project = project(MANIFEST);
    project.write("loader/app/pom.xml", "<project/>");
    project.write("loader/app/target/old.jar", "jar");
    project.write("loader/core/src/main/java/Core.java", "class Core {}");
    project.write("loader/core/target/old.jar", "jar");
    project.write("loader/src/target/Kept.java", "package target;");
    let (_, code) = recipes(&project, "load");
    assert!(!has(&code, "source/target/old.jar"));
    assert!(!has(&code, "source/app/target/old.jar"));
    assert!(!has(&code, "source/core/target/old.jar"));
    assert!(has(&code, "source/core/src/main/java/Core.java"));
    assert!(has(&code, "source/src/target/Kept.java"));
}

#[test]
fn the_manifest_in_its_folder_is_no_source() {
    let project = project(MANIFEST);
    let before = recipes(&project, "load");
    project.write("loader/jot.toml", "a comment changed");
    let after = recipes(&project, "load");
    assert_eq!(before, after);
}

#[test]
fn functions_with_equal_tables_share_a_build_that_replays_the_tests_of_all() {
    let other = "[functions.another]\nhandler = \"loader.Another\"\nmemory_mb = 2048\n\
                 jvm = { source = \"loader\" }\n\
                 tests = [{ argument = [3] }, { argument = [4], exemplar = false }]\n";
    let mut project = project(&format!("{MANIFEST}{other}"));
    let (_, code) = recipes(&project, "load");
    assert_eq!(recipes(&project, "another").1, code);
    assert_eq!(
        text(&code, "exemplar/handlers"),
        "loader.Another\nloader.Load\n"
    );
    assert_eq!(text(&code, "exemplar/0001.json"), "[3]");
    assert_eq!(text(&code, "exemplar/0001.handler"), "loader.Another");
    assert_eq!(text(&code, "exemplar/0002.handler"), "loader.Load");
    assert!(!has(&code, "exemplar/0003.json"));
    // Whichever function is chosen.
    project.select = vec!["load".to_owned()];
    assert_eq!(recipes(&project, "load").1.fingerprint, code.fingerprint);
    project.select.clear();
    let another = project.manifest.functions.get_mut("another").unwrap();
    another.jvm.as_mut().unwrap().flags = vec!["-Da=b".to_owned()];
    let apart = recipes(&project, "load").1;
    assert_eq!(text(&apart, "exemplar/handlers"), "loader.Load\n");
    assert!(!has(&apart, "exemplar/0001.handler"));
}

#[test]
fn the_handler_is_the_images_command() {
    let mut project = project(MANIFEST);
    let image = |project: &Project| {
        let desired = project.desired().unwrap();
        desired.functions["load"].config.image.clone().unwrap()
    };
    assert_eq!(image(&project).command, ["loader.Load"]);
    assert!(image(&project).entry_point.is_empty());
    let before = recipes(&project, "load").1;
    let load = project.manifest.functions.get_mut("load").unwrap();
    load.snapstart = Some(true);
    let started = image(&project);
    assert_eq!(started.entry_point.last().unwrap(), "jot.runtime.Primed");
    assert_eq!(started.command, ["loader.Load"]);
    assert_ne!(recipes(&project, "load").1.fingerprint, before.fingerprint);
}

#[test]
fn the_image_of_a_builder_follows_the_release() {
    let mut project = project(MANIFEST);
    let (base, code) = recipes(&project, "load");
    for text in [&base.dockerfile, &code.dockerfile] {
        assert!(
            text.contains("maven:3-eclipse-temurin-25 AS project"),
            "{text}"
        );
    }
    assert_eq!(base.title, "base (eclipse-temurin:25-jdk, Maven)");
    let load = project.manifest.functions.get_mut("load").unwrap();
    load.jvm.as_mut().unwrap().java = Some("21".to_owned());
    let (older, _) = recipes(&project, "load");
    assert!(
        older
            .dockerfile
            .contains("maven:3-eclipse-temurin-21 AS project")
    );
    assert_eq!(older.inputs["from"], "eclipse-temurin:21-jdk");
    assert!(!text(&older, "flags").contains("enable-native-access"));
}

#[test]
fn jars_are_taken_as_they_are() {
    let manifest = MANIFEST.replace("\"loader\"", "\"app.jar\"");
    let project = project(&manifest);
    project.write("app.jar", "jar");
    let (base, code) = recipes(&project, "load");
    assert_eq!(text(&code, "build/classpath"), "app.jar\n");
    assert_eq!(text(&code, "build/command"), "");
    assert!(
        code.dockerfile
            .contains("eclipse-temurin:25-jdk AS project")
    );
    project.write("app.jar", "another jar");
    assert_eq!(recipes(&project, "load").0.fingerprint, base.fingerprint);

    let paths = "\"loader\", classpath = [\"target/app.jar\", \"lib/*.jar\"]";
    let project = project_of_jars(&MANIFEST.replace("\"loader\"", paths));
    let (base, code) = recipes(&project, "load");
    assert_eq!(
        text(&code, "build/classpath"),
        "target/app.jar\nlib/*.jar\n"
    );
    project.write("loader/target/app.jar", "own code");
    assert_eq!(recipes(&project, "load").0.fingerprint, base.fingerprint);
    project.write("loader/lib/a.jar", "a newer dependency");
    assert_ne!(recipes(&project, "load").0.fingerprint, base.fingerprint);
}

fn project_of_jars(manifest: &str) -> Project {
    let project = Project::empty(manifest);
    project.write("loader/target/app.jar", "own");
    project.write("loader/lib/a.jar", "a dependency");
    project
}

#[test]
fn a_module_of_a_build_is_named_where_the_tool_knows_modules() {
    let manifest = MANIFEST.replace("\"loader\"", "\"loader\", module = \":app\"");
    let project = project(&manifest);
    let (_, code) = recipes(&project, "load");
    assert!(text(&code, "build/command").contains("-pl 'app' -am package"));
    assert_eq!(text(&code, "build/classpath"), "app/target/*.jar\n");
    project.write("loader/project.clj", "(defproject loader \"1\")");
    let error = project.desired().unwrap_err().to_string();
    assert_eq!(
        error,
        "function `load`: Leiningen cannot build a single module"
    );
}

fn native(package: &str, rest: &str) -> Project {
    let table = format!("\"loader\", compile = \"native\", package = \"{package}\"{rest}");
    project(&MANIFEST.replace("\"loader\"", &table))
}

/// The one recipe of a function that becomes a binary.
fn binary(project: &Project) -> Recipe {
    let desired = project.desired().unwrap();
    let code = &desired.recipes[desired.functions["load"].code.recipe().unwrap()];
    assert_eq!((code.role, &code.base), (RecipeRole::Code, &None));
    assert!(code.native);
    code.clone()
}

#[test]
fn a_binary_needs_no_base() {
    let project = native("image", "");
    let code = binary(&project);
    assert_eq!(code.form, Form::Image);
    let graal = "FROM ghcr.io/graalvm/native-image-community:25-ol9 AS native\n";
    assert!(code.dockerfile.contains(graal), "{}", code.dockerfile);
    assert!(
        code.dockerfile
            .ends_with("ENTRYPOINT [\"/opt/jot/bootstrap\"]\n")
    );
    assert_eq!(text(&code, "exemplar/0001.json"), "[1]");
    assert_eq!(text(&code, "flags"), "--enable-native-access=ALL-UNNAMED\n");
    assert_eq!(text(&code, "build/native-image"), "");
    assert!(!has(&code, "runtime/Primed.java"));
    project.write("loader/src/Load.java", "class Load { int a; }");
    assert_ne!(binary(&project).fingerprint, code.fingerprint);
}

#[test]
fn a_binary_in_a_zip_runs_on_the_runtime_for_binaries() {
    let given = ", native = { builder_image = \"graal:26\", args = [\"-Os\"] }";
    let project = native("zip", given);
    let code = binary(&project);
    assert_eq!(code.form, Form::Zip);
    assert!(code.dockerfile.contains("FROM graal:26 AS native\n"));
    assert!(
        code.dockerfile
            .contains("COPY --from=native /jot/out/ /var/task/\n")
    );
    assert!(
        code.dockerfile
            .contains("\"/jot/out/bootstrap\", \"2.34\"]")
    );
    assert_eq!(text(&code, "build/native-image"), "-Os\n");
    let desired = project.desired().unwrap();
    let load = &desired.functions["load"];
    assert_eq!(load.config.runtime.as_deref(), Some("provided.al2023"));
    assert_eq!(load.config.handler.as_deref(), Some("loader.Load"));
    assert_eq!(load.config.image, None);
    let harness = &desired.recipes[load.code.harness().unwrap()];
    assert!(
        harness
            .dockerfile
            .contains("FROM public.ecr.aws/lambda/provided:al2023\n")
    );
}

#[test]
fn the_metadata_of_the_client_is_json() {
    let (_, text) = super::embedded::NATIVE[5];
    let all: serde_json::Value = serde_json::from_str(text).unwrap();
    let types = all["reflection"].as_array().unwrap();
    assert!(types.iter().all(|one| one["type"].is_string()), "{types:?}");
}

const ZIP: &str = "jvm = { source = \"loader\", package = \"zip\"";

fn zip_project(more: &str) -> Project {
    let table = format!("{ZIP}{more} }}");
    project(&MANIFEST.replace("jvm = { source = \"loader\" }", &table))
}

#[test]
fn an_archive_runs_on_awss_own_runtime() {
    let project = zip_project(", java = \"21\", flags = [\"-Xss2m\", \"-Da=b\"]");
    let (base, code) = recipes(&project, "load");
    assert_eq!((base.form, code.form), (Form::Image, Form::Zip));
    assert_eq!(base.title, "dependencies (java21, Maven)");
    assert!(!base.dockerfile.contains("jlink"), "{}", base.dockerfile);
    let desired = project.desired().unwrap();
    let config = &desired.functions["load"].config;
    assert_eq!(config.runtime.as_deref(), Some("java21"));
    assert_eq!(config.handler.as_deref(), Some("loader.Load"));
    assert_eq!(config.image, None);
    let variables = config.environment.as_ref().unwrap();
    let options = EnvValue::Plain("-Xss2m -Da=b".to_owned());
    assert_eq!(
        variables.iter().collect::<Vec<_>>(),
        [(&"JAVA_TOOL_OPTIONS".to_owned(), &options)]
    );
    let harness = desired.functions["load"].code.harness().unwrap();
    let harness = &desired.recipes[harness].dockerfile;
    assert!(harness.contains("FROM public.ecr.aws/lambda/java:21\nCOPY task/ /var/task/\n"));
    assert!(!harness.contains("ENTRYPOINT"), "{harness}");
}

#[test]
fn what_only_configures_the_runtime_is_in_no_archive() {
    let archive = |more: &str| {
        let project = zip_project(more);
        assert_eq!(
            project.desired().unwrap().functions["load"].config.image,
            None
        );
        recipes(&project, "load").1.fingerprint
    };
    let plain = archive("");
    assert_eq!(plain, archive(", flags = [\"-Xss2m\"]"));
    assert_eq!(plain, archive(", compile = \"none\", java = \"25\""));
    assert_ne!(plain, archive(", java = \"21\""));
    // Its tests are not replayed while it is built.
    let tested = MANIFEST.replace("expected = [2]", "expected = [3]");
    let tested = tested.replace("jvm = { source = \"loader\" }", &format!("{ZIP} }}"));
    assert_eq!(plain, recipes(&project(&tested), "load").1.fingerprint);
}

#[test]
fn an_archive_has_no_class_data_archives_to_compare_with() {
    let mut table = zip_project("").manifest.functions["load"]
        .jvm
        .clone()
        .unwrap();
    assert_eq!(table.mode(), JvmCompile::None);
    assert!(!set_compile(&mut table, "archive"));
    assert!(set_compile(&mut table, "none"));
    let mut table = project(MANIFEST).manifest.functions["load"]
        .jvm
        .clone()
        .unwrap();
    assert_eq!(table.mode(), JvmCompile::Archive);
    assert!(set_compile(&mut table, "archive"));
}

#[test]
fn an_archive_has_exemplars_and_a_rehearsal_before_a_snapshot_alone() {
    let mut project = zip_project("");
    let before = recipes(&project, "load").1;
    assert!(!has(&before, "exemplar/0001.json"));
    assert!(
        !before.dockerfile.contains("primers"),
        "{}",
        before.dockerfile
    );
    let load = project.manifest.functions.get_mut("load").unwrap();
    load.snapstart = Some(true);
    let code = recipes(&project, "load").1;
    assert!(has(&code, "exemplar/0001.json") && has(&code, "runtime/Rehearsal.java"));
    let line = "COPY exemplar/ /var/task/jot/exemplar/\n";
    assert!(code.dockerfile.ends_with(line), "{}", code.dockerfile);
    let config = &project.desired().unwrap().functions["load"].config;
    assert_eq!(config.handler.as_deref(), Some("jot.primed.loader.Load"));
}
