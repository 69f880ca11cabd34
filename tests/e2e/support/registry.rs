//! Registries of Julia packages for one test, served by git.

use std::{
    fs,
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, killpg},
    unistd::Pid,
};

/// A git daemon with the registries of `tests/julia/registries` and their packages. It ends with
/// the test.
pub struct Registry {
    process: Child,
    port: u16,
    folder: tempfile::TempDir,
}

impl Registry {
    /// A daemon that answers. Another process may take the port before it is used: then the next
    /// port is tried.
    pub fn start() -> Registry {
        for _ in 0..5 {
            let mut registry = Registry::spawn();
            if registry.answers() {
                return registry;
            }
        }
        panic!("the git daemon does not start");
    }

    fn spawn() -> Registry {
        use std::os::unix::process::CommandExt;
        let folder = tempfile::tempdir().expect("a folder for repositories");
        let port = super::stack::free_address().port();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/julia/registries/serve");
        let process = Command::new(script)
            .arg(folder.path().join("git"))
            .arg(port.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // git's daemon is two processes.
            .process_group(0)
            .spawn()
            .expect("the script of the registries starts");
        Registry {
            process,
            port,
            folder,
        }
    }

    fn answers(&mut self) -> bool {
        let end = Instant::now() + Duration::from_secs(60);
        while Instant::now() < end && matches!(self.process.try_wait(), Ok(None)) {
            if TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
                return true;
            }
            sleep(Duration::from_millis(20));
        }
        false
    }

    /// The address of a registry or a package.
    pub fn url(&self, name: &str) -> String {
        format!("git://127.0.0.1:{}/{name}.git", self.port)
    }

    /// The place of the repository with that name on the disk, with its work tree.
    pub fn repository(&self, name: &str) -> PathBuf {
        self.folder.path().join("git").join(format!("{name}.git"))
    }

    /// Adds a repository with these files, or a commit to it that has only these; returns the
    /// commit.
    pub fn commit(&self, name: &str, files: &[(&str, &str)]) -> String {
        let repository = self.repository(name);
        if !repository.exists() {
            fs::create_dir_all(&repository).expect("a folder for the repository");
            git(
                &repository,
                &["init", "--quiet", "--initial-branch", "main"],
            );
        }
        for (path, text) in files {
            let path = repository.join(path);
            fs::create_dir_all(path.parent().expect("a file is in a folder"))
                .expect("the folder can be made");
            fs::write(path, text).expect("the file can be written");
        }
        git(&repository, &["add", "--all"]);
        git(&repository, &["commit", "--quiet", "--message", "change"]);
        git(&repository, &["rev-parse", "HEAD"])
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        let id = i32::try_from(self.process.id()).expect("an id of a process");
        let _ = killpg(Pid::from_raw(id), Signal::SIGKILL);
        let _ = self.process.wait();
    }
}

/// Runs git in a folder, without this machine's configuration, and returns its output.
pub fn git(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(arguments)
        .envs([
            ("GIT_CONFIG_GLOBAL", "/dev/null"),
            ("GIT_CONFIG_SYSTEM", "/dev/null"),
            ("GIT_AUTHOR_NAME", "jot"),
            ("GIT_AUTHOR_EMAIL", "jot@example.org"),
            ("GIT_COMMITTER_NAME", "jot"),
            ("GIT_COMMITTER_EMAIL", "jot@example.org"),
        ])
        .output()
        .expect("there is no git");
    assert!(
        output.status.success(),
        "git {arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}
