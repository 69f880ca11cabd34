//! The source of the deployments: the increment function as a jot project, and as the build context
//! that jot makes of it for the other tools. Every image thus has the same content.

use std::{
    fs,
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

use super::{
    contender::succeed,
    support::{Project, Stack, docker},
};

const LABEL: &str = "dev.jot.bench";

/// The sources; removes the images that were built from them when dropped.
pub struct Source {
    /// The jot project.
    pub project: Project,
    /// Unique on this Docker daemon, so that no cache of an earlier run is used.
    run: u64,
    folder: tempfile::TempDir,
}

impl Source {
    /// Writes the project, takes jot's build context of it, and builds the base image for the other
    /// tools: its Dockerfile needs BuildKit, which Docker's client has only with a plugin.
    pub fn new(stack: &Stack) -> Source {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        let source = Source {
            project: Project::new(stack, "peers"),
            run: since.expect("the clock is set").as_secs(),
            folder: tempfile::tempdir().expect("a folder for the contenders"),
        };
        source.write_project(source.addend(0, 0));
        let contexts = source.folder.path().join("contexts");
        let jot = || source.project.jot();
        succeed(jot().args(["build", "--context"]).arg(&contexts));
        succeed(jot().arg("build"));
        let base = entry(&contexts, |name| name.starts_with("base-"));
        let name = base.file_name().unwrap_or_default().to_string_lossy();
        let tag = name.trim_start_matches("base-");
        let built = format!("jot/{}:{tag}", source.project.name);
        docker::docker(&["tag", &built, &source.base()]);
        source
    }

    /// The number that a contender's responder adds in a round; unique, so that every image is.
    pub fn addend(&self, contender: u64, round: u64) -> u64 {
        (self.run * 10 + contender) * 1000 + round
    }

    /// The name of the function in Lambda, and of its repository.
    pub fn name(&self, tool: &str) -> String {
        format!("peers-{tool}-{}", self.run)
    }

    /// A folder for the contender, with the build context in `app`.
    pub fn folder(&self, tool: &str) -> PathBuf {
        let folder = self.folder.path().join(tool);
        let contexts = self.folder.path().join("contexts");
        copy(
            &entry(&contexts, |name| !name.starts_with("base-")),
            &folder.join("app"),
        );
        let path = folder.join("app/Dockerfile");
        let text = fs::read_to_string(&path).expect("jot writes a Dockerfile");
        fs::write(path, self.dockerfile(&text)).expect("the Dockerfile can be written");
        folder
    }

    /// jot's Dockerfile with the name of the base image, and with labels by which the images are
    /// found again.
    fn dockerfile(&self, text: &str) -> String {
        let base = format!("ARG JOT_BASE_IMAGE={}", self.base());
        let lines = text.lines().map(|line| match line {
            "ARG JOT_BASE_IMAGE" => base.clone(),
            from if from.starts_with("FROM ") => format!("{from}\nLABEL {LABEL}={}", self.run),
            other => other.to_owned(),
        });
        lines.collect::<Vec<_>>().join("\n") + "\n"
    }

    fn base(&self) -> String {
        format!("jot-bench-base:{}", self.run)
    }

    /// Writes the jot project, including its test.
    pub fn write_project(&self, addend: u64) {
        self.project
            .write("increment_vector.jl", &responder(addend));
        self.project.manifest(&format!(
            "[functions.{}]\n\
             handler = \"increment_vector\"\n\
             julia = {{ source = \"increment_vector.jl\", argument_type = \"Vector{{Int}}\", \
             version = \"1.5\" }}\n\
             tests = [{{ argument = [1, 2, 3], expected = {:?} }}]\n",
            self.name("jot"),
            answer(addend),
        ));
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        docker::remove("image", &format!("label={LABEL}={}", self.run));
        docker::remove("image", &format!("reference={}", self.base()));
    }
}

/// Writes the responder into a contender's build context.
pub fn write_context(folder: &Path, addend: u64) {
    let package = entry(&folder.join("app/env"), |name| {
        name.starts_with("JotResponder_")
    });
    let path = package.join("src/increment_vector.jl");
    fs::write(path, responder(addend)).expect("the responder can be written");
}

/// The answer of the function to `[1, 2, 3]`.
pub fn answer(addend: u64) -> [u64; 3] {
    [1, 2, 3].map(|element| element + addend)
}

fn responder(addend: u64) -> String {
    format!("increment_vector(v) = v .+ {addend}\n")
}

/// The first entry of a folder with this name.
fn entry(folder: &Path, wanted: impl Fn(&str) -> bool) -> PathBuf {
    let entries = fs::read_dir(folder).expect("jot writes its contexts");
    let mut paths = entries.map(|entry| entry.expect("a folder's entry").path());
    paths
        .find(|path| {
            path.file_name()
                .is_some_and(|name| wanted(&name.to_string_lossy()))
        })
        .expect("jot writes both contexts")
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder to copy") {
        let from = entry.expect("a folder's entry").path();
        let to = to.join(from.file_name().expect("an entry has a name"));
        match from.is_dir() {
            true => copy(&from, &to),
            false => _ = fs::copy(&from, &to).expect("a file can be copied"),
        }
    }
}
