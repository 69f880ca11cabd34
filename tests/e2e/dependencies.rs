//! Dependencies of responders: installed from registries on this machine, once, and not again.

use crate::{
    story::expect,
    support::{Project, Registry, Stack, docker},
};

/// A script's dependencies, a package's, and one that a Manifest.toml holds back.
#[test]
fn scripts_and_packages_get_what_they_depend_on() {
    let (stack, registry) = (Stack::start(), Registry::start());
    let project = Project::new(&stack, "dependencies");
    project.write(
        "price.jl",
        "using Rates, Shapes\n\
         price(v) = (Rates.price(v[1], v[2]), Shapes.release(), Shapes.names())\n",
    );
    project.write(
        "pinned.jl",
        "import Shapes\n\
         pinned(n) = Shapes.release() * \
         read(joinpath(@__DIR__, \"data\", \"mark.txt\"), String)\n",
    );
    project.write("data/mark.txt", "!");
    let (public, private) = (registry.url("Public"), registry.url("Private"));
    let body = "import Shapes, Volumes\nsize(v) = (Volumes.volume(v...), Shapes.release())\n\
        held(n) = (Shapes.release(), \
        readline(joinpath(@__DIR__, \"..\", \"data\", \"label.txt\")))\n";
    for (name, uuid) in [
        ("Boxes", "0b0c9e3a-6f0e-4f8e-8a35-3a0d5a2a9e11"),
        ("Crates", "0b0c9e3a-6f0e-4f8e-8a35-3a0d5a2a9e12"),
    ] {
        project.write(
            format!("{name}/Project.toml"),
            &format!(
                "name = \"{name}\"\nuuid = \"{uuid}\"\nversion = \"0.1.0\"\n\n[deps]\n\
                 Shapes = \"3d3ea6b5-6d6c-4f6f-9d0e-0d9a6b1c8a01\"\n\
                 Volumes = \"7f0c2b1e-58a4-4c0e-8f39-53a1f1c6be02\"\n\n\
                 [extras]\nTest = \"8dfed614-e22c-5e08-85e1-65c5234f0b40\"\n\n[compat]\n\
                 julia = \"1.5\"\nTest = \"1\"\n"
            ),
        );
        project.write(
            format!("{name}/src/{name}.jl"),
            &format!("module {name}\n{body}end\n"),
        );
        project.write(format!("{name}/data/label.txt"), "fragile\n");
    }
    project.write("Crates/Manifest.toml", &manifest_of_crates(&registry));
    project.manifest(&format!(
        "
[defaults]
build = {{ network = \"host\" }}
julia = {{ version = \"1.5\", registries = [\"{public}\", \"{private}\"] }}

[functions.price]
julia = {{ source = \"price.jl\", argument_type = \"Vector{{Int}}\", \
    dependencies = [\"Shapes\", \"Rates\"] }}
tests = [{{ argument = [2, 3], expected = [18, \"2.0.0\", [\"circle\", \"square\"]] }}]

[functions.pinned]
julia = {{ source = \"pinned.jl\", argument_type = \"Int\", dependencies = [\"Shapes@1.0\"] }}
tests = [{{ argument = 1, expected = \"1.0.0!\" }}]

[functions.size]
julia = {{ source = \"Boxes\", argument_type = \"Vector{{Int}}\" }}
tests = [{{ argument = [2, 3, 4], expected = [24, \"1.1.0\"] }}]

[functions.held]
julia = {{ source = \"Crates\", argument_type = \"Int\", compile = \"none\" }}
tests = [{{ argument = 1, expected = [\"1.0.0\", \"fragile\"] }}]
"
    ));
    let tested = expect(project.run(&["test"]), 0);
    assert!(tested.stdout.contains("4 passed"), "{}", tested.stdout);
    // A base of its own for each, since their dependencies differ.
    assert_eq!(
        tested.stderr.matches(": done").count(),
        4 + 4 + 4,
        "{}",
        tested.stderr
    );
}

/// The versions that a package's author had: Shapes 1.0.0, although a newer one would satisfy it.
fn manifest_of_crates(registry: &Registry) -> String {
    let tree = |name: &str, tag: &str| {
        let tree = format!("{tag}^{{tree}}");
        crate::support::registry::git(&registry.repository(name), &["rev-parse", &tree])
    };
    format!(
        "[[Libdl]]\nuuid = \"8f399da3-3557-5675-b5ff-fb832c97cbdb\"\n\n\
         [[LinearAlgebra]]\ndeps = [\"Libdl\"]\nuuid = \"37e2e46d-f89d-539d-b4ee-838fcccc9c8e\"\n\n\
         [[Shapes]]\ngit-tree-sha1 = \"{}\"\nuuid = \"3d3ea6b5-6d6c-4f6f-9d0e-0d9a6b1c8a01\"\n\
         version = \"1.0.0\"\n\n\
         [[Volumes]]\ndeps = [\"LinearAlgebra\", \"Shapes\"]\ngit-tree-sha1 = \"{}\"\n\
         uuid = \"7f0c2b1e-58a4-4c0e-8f39-53a1f1c6be02\"\nversion = \"1.0.0\"\n",
        tree("Shapes", "v1.0.0"),
        tree("Volumes", "v1.0.0")
    )
}

/// Another machine has no base and reaches no registry, and a newer release is out: it takes the
/// base from ECR.
#[test]
fn a_base_is_found_in_ecr_and_does_not_move() {
    let (stack, registry) = (Stack::start(), Registry::start());
    let project = Project::new(&stack, "base");
    let url = registry.url("Public");
    let manifest = |expected: &str| {
        project.manifest(&format!(
            "[functions.release]\nbuild.network = \"host\"\n\
             julia = {{ source = \"release.jl\", argument_type = \"Int\", version = \"1.5\", \
             dependencies = [\"Shapes\"], registries = [\"{url}\"] }}\n\
             tests = [{{ argument = 1, expected = \"{expected}\" }}]\n"
        ));
    };
    project.write(
        "release.jl",
        "import Shapes\nrelease(n) = Shapes.release()\n",
    );
    manifest("2.0.0");
    let applied = expect(project.run(&["apply", "--yes"]), 0);
    assert!(
        applied
            .stderr
            .contains("build image base (julia:1.5, Shapes)"),
        "{}",
        applied.stderr
    );

    drop(registry);
    docker::remove("image", &format!("label=dev.jot.project={}", project.name));
    project.write(
        "release.jl",
        "import Shapes\nrelease(n) = Shapes.release() * \"!\"\n",
    );
    manifest("2.0.0!");
    let planned = expect(project.run(&["plan"]), 0);
    assert!(planned.stdout.contains("pull"), "{}", planned.stdout);
    assert!(
        planned.stdout.contains("Plan: 1 to build, 1 to push"),
        "{}",
        planned.stdout
    );
    let applied = expect(project.run(&["apply", "--yes"]), 0);
    assert!(
        !applied.stderr.contains("build image base"),
        "{}",
        applied.stderr
    );
    assert!(applied.stderr.contains("1 new layer"), "{}", applied.stderr);
    expect(project.run(&["plan", "--detailed-exitcode"]), 0);
}

/// Each fault says what is wrong and what to do.
#[test]
fn what_cannot_be_installed_stops_the_build_with_its_name() {
    let (stack, registry) = (Stack::start(), Registry::start());
    let project = Project::new(&stack, "uninstallable");
    project.write("f.jl", "f(n) = n\n");
    let url = registry.url("Public");
    for (dependency, registry, words) in [
        (
            "Nowhere",
            url.as_str(),
            &["Nowhere", "julia.registries"][..],
        ),
        ("Shapes@9", &url, &["Shapes", "julia.dependencies"]),
        (
            "Shapes",
            "git://127.0.0.1:1/none.git",
            &["127.0.0.1", "build.network"],
        ),
    ] {
        project.manifest(&format!(
            "[functions.f]\nbuild.network = \"host\"\n\
             julia = {{ source = \"f.jl\", argument_type = \"Int\", version = \"1.5\", \
             dependencies = [\"{dependency}\"], registries = [\"{registry}\"] }}\n"
        ));
        let built = expect(project.run(&["build"]), 1);
        for word in words {
            assert!(
                built.stderr.contains(word),
                "`{word}` is missing:\n{}",
                built.stderr
            );
        }
    }
}
