//! Contexts and Dockerfiles.

use miette::Diagnostic;

use crate::{
    model::{Form, Recipe},
    recipe::tests::project::Project,
};

const MANIFEST: &str = r#"
[project]
name = "pictures"

[functions.increment-vector]
dockerfile = { source = "app" }
"#;

fn project(manifest: &str) -> Project {
    let project = Project::empty(manifest);
    project.write(
        "app/Dockerfile",
        "FROM scratch AS one\nCOPY . /\nFROM one AS two\n",
    );
    project.write("app/main", "program");
    project.write("app/notes.md", "notes");
    project
}

fn recipe(project: &Project) -> Recipe {
    let desired = project.desired().unwrap();
    let function = &desired.functions["increment-vector"];
    desired.recipes[function.code.recipe().unwrap()].clone()
}

fn paths(recipe: &Recipe) -> Vec<&str> {
    recipe
        .context
        .iter()
        .map(|file| file.path.as_str())
        .collect()
}

#[test]
fn the_context_is_the_folder_with_its_dockerfile() {
    let recipe = recipe(&project(MANIFEST));
    assert_eq!(paths(&recipe), ["Dockerfile", "main", "notes.md"]);
    assert_eq!(recipe.dockerfile_path.as_deref(), Some("Dockerfile"));
    assert_eq!(
        (recipe.form, recipe.base, recipe.stage),
        (Form::Image, None, None)
    );
}

#[test]
fn ignore_files_are_dockers() {
    let project = project(MANIFEST);
    project.write("app/.dockerignore", "*.md\nDockerfile\n");
    let ignored = recipe(&project);
    assert_eq!(paths(&ignored), [".dockerignore", "main"]);
    assert_eq!(ignored.dockerfile_path, None);
    assert!(ignored.dockerfile.starts_with("FROM scratch AS one"));
    // Docker reads the Dockerfile's own ignore file instead.
    project.write("app/Dockerfile.dockerignore", "main\n");
    let own = recipe(&project);
    assert!(!paths(&own).contains(&"main") && paths(&own).contains(&"notes.md"));
}

#[test]
fn a_stage_is_another_image() {
    let mut project = project(MANIFEST);
    let whole = recipe(&project).fingerprint;
    project.function().dockerfile.as_mut().unwrap().stage = Some("one".to_owned());
    let stage = recipe(&project);
    assert_ne!(stage.fingerprint, whole);
    assert_eq!(stage.stage.as_deref(), Some("one"));
    project.function().dockerfile.as_mut().unwrap().stage = Some("three".to_owned());
    let error = project.desired().unwrap_err();
    assert!(
        error.to_string().ends_with("has no stage `three`"),
        "{error}"
    );
    assert_eq!(error.help().unwrap().to_string(), "its stages are one, two");
}

#[test]
fn a_dockerfile_that_does_not_exist_is_named() {
    let mut project = project(MANIFEST);
    project.function().dockerfile.as_mut().unwrap().file = Some("Lambda.Dockerfile".to_owned());
    let error = project.desired().unwrap_err();
    let said = error.to_string();
    assert!(
        said.ends_with("app/Lambda.Dockerfile does not exist"),
        "{said}"
    );
}

#[test]
fn functions_that_differ_in_their_command_share_an_image() {
    let twice = MANIFEST.to_owned()
        + "image = { command = [\"a\"] }\n[functions.other]\ndockerfile = { source = \"app\" }\n\
           image = { command = [\"b\"] }\n";
    let desired = project(&twice).desired().unwrap();
    let recipes: Vec<_> = desired
        .functions
        .values()
        .map(|one| one.code.recipe())
        .collect();
    assert_eq!(recipes[0], recipes[1]);
    // The image and its harness.
    assert_eq!(desired.recipes.len(), 2);
}
