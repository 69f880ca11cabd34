//! A project in a folder of its own, and jot run in it without this machine's configuration.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use super::{
    Stack, docker, documents,
    foretold::{self, Foretold},
    setting, unique,
};

/// A project. Its local images are removed with it.
pub struct Project {
    /// Unique among all projects on this Docker daemon.
    pub name: String,
    folder: tempfile::TempDir,
    endpoint: String,
    registry: String,
    /// The same AWS, without the proxy.
    behind: String,
    /// Another engine than the one that all tests share.
    engine: Option<String>,
}

/// How jot ended, and what it printed.
#[derive(Debug)]
pub struct Ran {
    pub status: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Project {
    /// An empty project with `stack` as its AWS.
    pub fn new(stack: &Stack, label: &str) -> Project {
        let folder = tempfile::tempdir().expect("a folder for the project");
        fs::create_dir(folder.path().join("home")).expect("a home for jot");
        Project {
            name: unique(label),
            folder,
            endpoint: stack.proxy.url(),
            registry: stack.proxy.address(),
            behind: stack.behind(),
            engine: None,
        }
    }

    /// The same project, built and tested on the engine at that address, which is not the one that
    /// all tests share.
    pub fn on(self, engine: &str) -> Project {
        let mut project = self;
        project.engine = Some(engine.to_owned());
        project
    }

    /// The same project in another folder, as on another machine.
    pub fn twin(&self) -> Project {
        let folder = tempfile::tempdir().expect("a folder for the project");
        fs::create_dir(folder.path().join("home")).expect("a home for jot");
        Project {
            name: self.name.clone(),
            folder,
            endpoint: self.endpoint.clone(),
            registry: self.registry.clone(),
            behind: self.behind.clone(),
            engine: self.engine.clone(),
        }
    }

    /// The project's folder.
    pub fn path(&self) -> PathBuf {
        self.folder.path().join("project")
    }

    /// The folder that is jot's HOME.
    pub fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// Writes a file of the project.
    pub fn write(&self, path: impl AsRef<Path>, text: &str) {
        let path = self.path().join(path);
        let parent = path.parent().expect("a file is in a folder");
        fs::create_dir_all(parent).expect("the folder can be made");
        fs::write(path, text).expect("the file can be written");
    }

    /// A file of the project.
    pub fn text(&self, path: &str) -> String {
        fs::read_to_string(self.path().join(path)).unwrap_or_default()
    }

    /// Writes `jot.toml`: `[project]` and `[aws]` for the stack, then `functions`.
    pub fn manifest(&self, functions: &str) {
        let Project {
            name,
            endpoint,
            registry,
            ..
        } = self;
        self.write(
            "jot.toml",
            &format!(
                "[project]\nname = \"{name}\"\n\n[aws]\nregion = \"eu-west-1\"\n\
                 endpoint_url = \"{endpoint}\"\nregistry = \"{registry}\"\n\n{functions}"
            ),
        );
    }

    /// The address of AWS.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// jot in the project's folder, without arguments yet.
    pub fn jot(&self) -> Command {
        let mut jot = Command::new(env!("CARGO_BIN_EXE_jot"));
        jot.current_dir(self.path()).env_clear();
        for name in ["PATH", "DOCKER_HOST", "JOT_BUILD_NETWORK"] {
            if let Some(value) = std::env::var_os(name) {
                jot.env(name, value);
            }
        }
        jot.envs([
            ("JOT_RIE", setting("JOT_RIE").as_str()),
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
            ("NO_COLOR", "1"),
        ])
        .env("HOME", self.folder.path().join("home"));
        if let Some(engine) = &self.engine {
            // Its bridge has no route out.
            jot.env("DOCKER_HOST", engine)
                .env("JOT_BUILD_NETWORK", "host");
        }
        jot
    }

    /// Runs jot with these arguments. An apply or destroy that succeeds must leave what the
    /// modelled world predicts.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        let foretold = Foretold::of(
            &self.path(),
            &self.behind,
            self.engine.as_deref(),
            arguments,
        );
        let ran = ran(self.jot().args(arguments));
        match (foretold, ran.status) {
            (Some(foretold), Some(0)) => foretold.assert(),
            // jot alone fetches the content of a git repository.
            (None, Some(0)) if self.text("jot.toml").contains("rev = ") => {}
            (None, Some(0)) => assert!(!foretold::changes(arguments), "nothing was foretold"),
            _ => {}
        }
        ran
    }
}

/// Runs a command to its end.
pub fn ran(command: &mut Command) -> Ran {
    let output = command.output().expect("jot runs");
    let ran = Ran {
        status: output.status.code(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    };
    let words = command.get_args().map(|word| word.to_string_lossy());
    ran.valid(&words.collect::<Vec<_>>())
}

impl Ran {
    /// The same, once JSON output is valid against the schema. A jot that was ended early may have
    /// printed an incomplete stream.
    pub fn valid(self, words: &[impl AsRef<str>]) -> Ran {
        let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
        let json = words
            .windows(2)
            .position(|pair| pair == ["--format", "json"]);
        let cut = matches!(self.status, None | Some(129 | 130 | 143))
            && !self.stdout.contains("\"summary\"");
        if let (Some(at), false) = (json, cut) {
            documents::assert_valid(&[&words[..at], &words[at + 2..]].concat(), &self.stdout);
        }
        self
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        let ours = format!("label=dev.jot.project={}", self.name);
        docker::remove("image", &ours);
        if let Some(engine) = self.engine.as_deref() {
            docker::remove_at(Some(engine), "image", &ours);
        }
    }
}
