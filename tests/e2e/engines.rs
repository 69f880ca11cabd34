//! The main job on engines other than the one that all tests share: a Docker with the containerd
//! image store, and Podman. `scripts/engines` starts them.

use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, TcpListener},
};

use nix::sys::signal::Signal;
use serde_json::json;

use crate::{
    run,
    story::{changes, expect, json},
    support::{Mirror, Project, Running, Stack, docker, setting},
};

const FUNCTION: &str = "
[functions.increment-vector]
memory_mb = 512
julia = { source = \"increment_vector.jl\", argument_type = \"Vector{Int}\", version = \"1.5\", \
    compile = \"none\" }
tests = [{ argument = [1, 2, 3], expected = [2, 3, 4] }]
";

/// The address of the engine with that name.
fn engine(name: &str) -> String {
    let engines = setting("JOT_TEST_ENGINES");
    let mut pairs = engines.split(';').filter_map(|pair| pair.split_once('='));
    let found = pairs.find(|(known, _)| *known == name);
    let (_, address) = found.unwrap_or_else(|| panic!("JOT_TEST_ENGINES names no {name}"));
    address.to_owned()
}

/// A project of one function on that engine, with these lines in the function's table.
fn increment_vector(stack: &Stack, label: &str, engine: &str, lines: &str) -> Project {
    let version = ["version", "--format", "{{.Server.Version}}"];
    let version = docker::docker_at(engine, &version);
    assert_ne!(version, "", "no engine answers: run scripts/engines");
    let project = Project::new(stack, label).on(engine);
    project.write("increment_vector.jl", "increment_vector(v) = v .+ 1\n");
    project.manifest(&format!("{FUNCTION}{lines}"));
    project
}

/// From a first apply to a function with one line changed.
fn main_job(stack: &Stack, project: &Project) {
    expect(project.run(&["apply", "--yes"]), 0);
    assert_eq!(stack.proxy.uploads().manifests, 2);
    assert_eq!(invoked(project, "[41, 1]"), json!([42, 2]));
    stack.proxy.reset();
    expect(project.run(&["plan", "--detailed-exitcode"]), 0);
    assert_eq!(changes(&stack.proxy.counts()), BTreeMap::new());

    project.write("increment_vector.jl", "increment_vector(v) = v .+ 2 .- 1\n");
    let plan = expect(project.run(&["plan"]), 0);
    let one = "Plan: 1 to build, 1 to push, 0 to create, 1 to update, 0 to destroy.";
    assert!(plan.stdout.contains(one), "{}", plan.stdout);
    stack.proxy.reset();
    expect(project.run(&["apply", "--yes"]), 0);
    assert_eq!(stack.proxy.uploads().manifests, 1);
    assert_eq!(invoked(project, "[1]"), json!([2]));
    expect(project.run(&["plan", "--detailed-exitcode"]), 0);
}

fn invoked(project: &Project, argument: &str) -> serde_json::Value {
    let answer = project.run(&["invoke", "increment-vector", argument]);
    json(&expect(answer, 0))
}

/// What needs no AWS.
fn local(project: &Project) {
    expect(project.run(&["test"]), 0);
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|free| free.local_addr());
    let address = port.expect("a port is free");
    let port = address.port().to_string();
    let arguments = [
        "run",
        "increment-vector",
        "--port",
        &port,
        "--format",
        "json",
    ];
    let mut running = Running::start(project.jot().args(arguments));
    running.until(&["\"url\"", &port]);
    assert_eq!(run::answer(&address.to_string()), "[2,3]");
    running.signal(Signal::SIGINT);
    expect(running.end(), 130);
}

/// Nothing remains in AWS, and no container on the engine.
fn end(stack: &Stack, project: &Project, engine: &str) {
    expect(project.run(&["destroy", "--yes"]), 0);
    stack.proxy.reset();
    expect(project.run(&["destroy", "--yes"]), 0);
    assert_eq!(changes(&stack.proxy.counts()), BTreeMap::new());
    let run = "{{.Label \"dev.jot.run\"}}";
    let left = docker::docker_at(engine, &["ps", "--all", "--format", run]);
    let left: Vec<&str> = left
        .lines()
        .filter(|run| run.starts_with(&project.name))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

/// With the containerd image store, BuildKit asks the registry of a name before it looks for a
/// local image. Here a mirror replaces Docker Hub and has another image under every name. Only what
/// the manifest names may be looked up, as in any Dockerfile, and here the manifest names an image
/// of a host that refuses: so the mirror gets no request at all.
#[test]
fn the_containerd_image_store_does_the_main_job_and_a_mirror_of_docker_hub_is_never_asked() {
    let mirror = Mirror::start(&setting("JOT_TEST_MIRROR"));
    let stack = Stack::start();
    let engine = engine("containerd");
    let driver = docker::docker_at(&engine, &["info", "--format", "{{.DriverStatus}}"]);
    assert!(driver.contains("io.containerd.snapshotter.v1"), "{driver}");
    let base = Tag::give("julia:1.5", "127.0.0.1:1/julia:1.5", &engine);
    let line = format!("build = {{ base_image = \"{}\" }}\n", base.name);
    let project = increment_vector(&stack, "containerd", &engine, &line);
    main_job(&stack, &project);
    local(&project);
    upon_its_own_base(&project, &engine);
    end(&stack, &project, &engine);
    assert_eq!(mirror.asked(), BTreeMap::new());
}

/// A name of an image, removed at the end of the test.
struct Tag<'a> {
    name: &'a str,
    engine: &'a str,
}

impl<'a> Tag<'a> {
    fn give(image: &str, name: &'a str, engine: &'a str) -> Tag<'a> {
        docker::docker_at(engine, &["tag", image, name]);
        Tag { name, engine }
    }
}

impl Drop for Tag<'_> {
    fn drop(&mut self) {
        docker::untag_at(self.engine, self.name);
    }
}

/// The layers of the responders' images begin with those of the base.
fn upon_its_own_base(project: &Project, engine: &str) {
    let name = format!("jot/{}", project.name);
    let format = "{{.Repository}}:{{.Tag}}";
    let images = docker::docker_at(engine, &["images", "--format", format, &name]);
    let layers = |image: &str| {
        let format = "{{range .RootFS.Layers}}{{.}} {{end}}";
        docker::docker_at(engine, &["image", "inspect", "--format", format, image])
    };
    let mut layers: Vec<String> = images.lines().map(layers).collect();
    layers.sort_by_key(String::len);
    // The base and the responders' images.
    assert!(layers.len() > 1, "{images}");
    for image in &layers[1..] {
        assert!(image.starts_with(&layers[0]), "{layers:#?}");
    }
}

#[test]
fn podman_does_the_main_job() {
    let stack = Stack::start();
    let engine = engine("podman");
    let project = increment_vector(&stack, "podman", &engine, "");
    main_job(&stack, &project);
    local(&project);
    end(&stack, &project, &engine);
}
