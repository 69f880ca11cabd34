//! Responders from git repositories, fetched by the user's own git.

use std::fs;

use crate::{
    story::expect,
    support::{Project, Registry, Stack, docker, registry::git},
};

const PROJECT: &str = "name = \"Greetings\"\nuuid = \"5a3d2f0e-4c3b-4d8e-9f6a-1b2c3d4e5f61\"\n\
    version = \"0.1.0\"\n\n\
    [deps]\nShapes = \"3d3ea6b5-6d6c-4f6f-9d0e-0d9a6b1c8a01\"\n";

fn package(greeting: &str) -> String {
    format!(
        "module Greetings\nimport Shapes\nstruct Guest\n    name::String\nend\n\
         greet(guest::Guest) = \"{greeting}, $(guest.name), $(Shapes.release())\"\nend\n"
    )
}

/// Adds a commit to the repository of the package; returns it.
fn commit(registry: &Registry, greeting: &str) -> String {
    registry.commit(
        "Greetings",
        &[
            ("Project.toml", PROJECT),
            ("src/Greetings.jl", &package(greeting)),
        ],
    )
}

/// The manifest that takes the package from `url`, at `rev`.
fn manifest(project: &Project, registry: &Registry, (url, rev): (&str, &str), expected: &str) {
    let public = registry.url("Public");
    project.manifest(&format!(
        "[functions.greet]\nbuild.network = \"host\"\nmemory_mb = 512\n\
         julia = {{ source = \"{url}\", rev = \"{rev}\", argument_type = \"Guest\", \
         version = \"1.5\", registries = [\"{public}\"] }}\n\
         tests = [{{ argument = {{ name = \"Ada\" }}, expected = \"{expected}, Ada, 2.0.0\" }}]\n"
    ));
}

#[test]
fn a_branch_moves_and_a_commit_stays_and_needs_no_network() {
    let (stack, registry) = (Stack::start(), Registry::start());
    let project = Project::new(&stack, "git");
    let url = registry.url("Greetings");
    let first = commit(&registry, "Hello");
    git(&registry.repository("Greetings"), &["tag", "v1.0.0"]);

    manifest(&project, &registry, (&url, "main"), "Hello");
    // A branch is unknown until git reads it.
    let checked = expect(project.run(&["check"]), 0);
    assert!(
        checked.stderr.contains("Not checked: greet"),
        "{}",
        checked.stderr
    );
    let tested = expect(project.run(&["test"]), 0);
    assert!(tested.stdout.contains("1 passed"), "{}", tested.stdout);
    assert_eq!(
        labelled(&project, "dev.jot.commit"),
        std::slice::from_ref(&first)
    );
    assert_eq!(
        labelled(&project, "dev.jot.source"),
        std::slice::from_ref(&url)
    );

    // An annotated tag is the commit that it names: the image exists.
    git(
        &registry.repository("Greetings"),
        &["tag", "--annotate", "--message", "x", "v1.0.1"],
    );
    for rev in ["v1.0.0", "v1.0.1", &first] {
        manifest(&project, &registry, (&url, rev), "Hello");
        let built = expect(project.run(&["build"]), 0);
        assert!(
            built.stderr.contains("Nothing to build"),
            "{rev}: {}",
            built.stderr
        );
    }

    let second = commit(&registry, "Good day");
    manifest(&project, &registry, (&url, "main"), "Good day");
    let tested = expect(project.run(&["test"]), 0);
    assert!(
        !tested.stderr.contains("build image base"),
        "{}",
        tested.stderr
    );
    assert_eq!(labelled(&project, "dev.jot.commit").len(), 2);

    drop(registry);
    let offline = expect(project.run(&["build"]), 1);
    assert!(
        offline.stderr.contains("`rev` needs no network"),
        "{}",
        offline.stderr
    );
    let text = fs::read_to_string(project.path().join("jot.toml")).expect("the manifest");
    project.write(
        "jot.toml",
        &text.replace("\"main\"", &format!("\"{second}\"")),
    );
    expect(project.run(&["check"]), 0);
    expect(project.run(&["build"]), 0);
}

#[test]
fn a_private_repository_is_reached_by_the_configuration_of_the_users_git() {
    let (stack, registry) = (Stack::start(), Registry::start());
    let project = Project::new(&stack, "private");
    commit(&registry, "Psst");
    let url = "https://git.example.invalid/team/Greetings.git";
    manifest(&project, &registry, (url, "main"), "Psst");
    let configure = |instead: &str| {
        let text =
            format!("[url \"{instead}\"]\n\tinsteadOf = https://git.example.invalid/team/\n");
        fs::write(project.home().join(".gitconfig"), text).expect("a configuration for git");
    };
    let base = registry.url("Greetings").replace("Greetings.git", "");
    configure(&base);
    expect(project.run(&["test"]), 0);
    assert_eq!(labelled(&project, "dev.jot.source"), [url]);

    // git's message names the address that it used.
    configure("http://me:hunter2@127.0.0.1:1/");
    let refused = expect(project.run(&["build"]), 1);
    assert!(refused.stderr.contains("127.0.0.1"), "{}", refused.stderr);
    assert!(!refused.stderr.contains("hunter2"), "{}", refused.stderr);
}

#[test]
fn what_is_not_in_the_repository_is_said() {
    let (stack, registry) = (Stack::start(), Registry::start());
    let project = Project::new(&stack, "nowhere");
    commit(&registry, "Hello");
    registry.commit("Empty", &[("README.md", "no package")]);
    let unknown = "0".repeat(40);
    for (name, rev, words) in [
        ("Greetings", "v9", "no branch and no tag `v9`"),
        ("Greetings", unknown.as_str(), unknown.as_str()),
        ("Empty", "main", "no usable Project.toml"),
    ] {
        manifest(&project, &registry, (&registry.url(name), rev), "Hello");
        let built = expect(project.run(&["build"]), 1);
        assert!(built.stderr.contains(words), "{rev}: {}", built.stderr);
    }
}

/// A package in a folder of its repository, with a submodule that has a relative address, and one
/// with a file in Git LFS.
#[test]
fn a_package_may_be_in_a_folder_and_have_submodules() {
    let (stack, registry) = (Stack::start(), Registry::start());
    let project = Project::new(&stack, "nested");
    registry.commit("Parts", &[("part.jl", "const PART = 1\n")]);
    let main = "module Greetings\ninclude(\"parts/part.jl\")\nend\n";
    let project_file = PROJECT.split("[deps]").next().unwrap_or(PROJECT);
    registry.commit(
        "Nested",
        &[
            ("README.md", "several packages"),
            ("lib/Greetings/Project.toml", project_file),
            ("lib/Greetings/src/Greetings.jl", main),
        ],
    );
    let repository = registry.repository("Nested");
    let parts = registry.url("Parts");
    let place = "lib/Greetings/src/parts";
    git(&repository, &["submodule", "--quiet", "add", &parts, place]);
    let url = format!("submodule.{place}.url");
    git(
        &repository,
        &["config", "--file", ".gitmodules", &url, "../Parts.git"],
    );
    registry.commit("Nested", &[]);
    let manifest = |subdir: &str| {
        project.manifest(&format!(
            "[functions.greet]\njulia = {{ source = \"{}\", rev = \"main\", subdir = \"{subdir}\", \
             argument_type = \"Int\", version = \"1.5\" }}\n",
            registry.url("Nested")
        ));
    };
    manifest("lib/Greetings");
    expect(project.run(&["build", "--context", "out"]), 0);
    let names = files_below(&project.path().join("out"));
    let has = |end: &str| names.iter().any(|name| name.ends_with(end));
    assert!(has("env/Greetings/src/parts/part.jl"), "{names:?}");
    assert!(!has("README.md") && !has(".git"), "{names:?}");
    manifest("lib/Absent");
    let absent = expect(project.run(&["build", "--context", "out2"]), 1);
    assert!(
        absent.stderr.contains("no usable Project.toml"),
        "{}",
        absent.stderr
    );
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n";
    registry.commit("Nested", &[("lib/Greetings/data.bin", pointer)]);
    manifest("lib/Greetings");
    let pointed = expect(project.run(&["build", "--context", "out3"]), 1);
    assert!(
        pointed.stderr.contains("lib/Greetings/data.bin") && pointed.stderr.contains("git-lfs"),
        "{}",
        pointed.stderr
    );
}

fn files_below(folder: &std::path::Path) -> Vec<String> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        match path.is_dir() {
            true => names.extend(files_below(&path)),
            false => names.push(path.display().to_string()),
        }
    }
    names
}

/// The values of a label among the project's images.
fn labelled(project: &Project, label: &str) -> Vec<String> {
    let format = format!("{{{{index .Config.Labels \"{label}\"}}}}");
    let filter = format!("label=dev.jot.project={}", project.name);
    let ids = docker::docker(&["images", "--quiet", "--filter", &filter]);
    let mut arguments = vec!["image", "inspect", "--format", &format];
    arguments.extend(ids.split_whitespace());
    let found = docker::docker(&arguments);
    let mut values: Vec<String> = found
        .lines()
        .filter(|line| !line.is_empty() && *line != "<no value>")
        .map(str::to_owned)
        .collect();
    values.sort();
    values.dedup();
    values
}
