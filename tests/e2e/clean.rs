//! What `jot clean` removes from a Docker Engine, and what it leaves.

use crate::{
    story::{expect, increment_vector},
    support::{Project, Stack, docker},
};

/// The project's local images, by jot's names for them.
fn images(project: &Project) -> Vec<String> {
    let filter = format!("label=dev.jot.project={}", project.name);
    let format = "{{.Repository}}:{{.Tag}}";
    let all = docker::docker(&["images", "--filter", &filter, "--format", format]);
    all.lines().map(str::to_owned).collect()
}

#[test]
fn images_that_nothing_needs_go_and_nothing_else() {
    let stack = Stack::start();
    let (project, other) = (
        increment_vector(&stack, "clean"),
        increment_vector(&stack, "clean-other"),
    );
    for project in [&project, &other] {
        expect(project.run(&["build"]), 0);
        project.write("increment_vector.jl", "increment_vector(v) = v .+ 2 .- 1\n");
        expect(project.run(&["build"]), 0);
    }
    let (before, others) = (images(&project), images(&other));
    assert_eq!(
        before.len(),
        3,
        "two of the function and its base: {before:#?}"
    );
    // Without a terminal, nothing is removed without `--yes`.
    let ran = expect(project.run(&["clean"]), 1);
    assert!(ran.stdout.contains("image of increment-vector"), "{ran:#?}");
    assert_eq!(images(&project), before);
    let ran = expect(project.run(&["clean", "--yes"]), 0);
    assert!(ran.stderr.contains("Removed 1 image, at most "), "{ran:#?}");
    let left = images(&project);
    assert_eq!(left.len(), 2, "{left:#?}");
    assert!(left.iter().all(|name| before.contains(name)), "{left:#?}");
    assert_eq!(images(&other), others);
    // All that remains is needed.
    let ran = expect(project.run(&["clean", "--yes"]), 0);
    assert_eq!(ran.stdout, "Nothing to clean.\n");
    // The image of a container stays too.
    project.write("increment_vector.jl", "increment_vector(v) = v .+ 3 .- 2\n");
    expect(project.run(&["build"]), 0);
    for name in &left {
        docker::docker(&["create", "--name", &container(&project, name), name, "none"]);
    }
    let ran = expect(project.run(&["clean", "--yes"]), 0);
    assert_eq!(ran.stdout, "Nothing to clean.\n");
    for name in &left {
        docker::docker(&["rm", &container(&project, name)]);
    }
    let ran = expect(project.run(&["clean", "--yes"]), 0);
    assert!(ran.stderr.contains("Removed 1 image, at most "), "{ran:#?}");
}

fn container(project: &Project, image: &str) -> String {
    let tag = image.rsplit(':').next().unwrap_or_default();
    format!("{}-{tag}", project.name)
}
