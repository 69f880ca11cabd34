//! A release in a folder, and the installer on machines of every kind.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;

use crate::{TARGETS, VERSION, archive, printed, root, run};

/// A release in a folder, with the paths that GitHub has. Each binary prints its target.
pub struct Release {
    folder: TempDir,
}

impl Release {
    pub fn new() -> Self {
        let release = Self {
            folder: TempDir::new().unwrap(),
        };
        fs::create_dir_all(release.archives()).unwrap();
        for (target, _, _) in TARGETS {
            let binary = release.path("binary");
            write_program(&binary, &format!("#!/bin/sh\necho {target}\n"));
            let path = printed(
                Command::new(root().join("scripts/archive"))
                    .arg(target)
                    .args([binary, release.archives()]),
            );
            assert_eq!(
                Path::new(path.trim_end()),
                release.archives().join(archive(target))
            );
        }
        let sums = printed(
            Command::new("sha256sum")
                .args(TARGETS.map(|(target, _, _)| archive(target)))
                .current_dir(release.archives()),
        );
        release.write_sums(&sums);
        release
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn archives(&self) -> PathBuf {
        self.path(&format!("download/v{VERSION}"))
    }

    pub fn sums(&self) -> String {
        fs::read_to_string(self.archives().join("SHA256SUMS")).unwrap()
    }

    pub fn write_sums(&self, sums: &str) {
        let latest = self.path("latest/download");
        fs::create_dir_all(&latest).unwrap();
        for folder in [self.archives(), latest] {
            fs::write(folder.join("SHA256SUMS"), sums).unwrap();
        }
    }

    /// The checksum of a target's archive.
    pub fn sum(&self, target: &str) -> String {
        let sums = self.sums();
        let line = sums.lines().find(|line| line.ends_with(&archive(target)));
        line.expect("a line for each archive")[..64].to_owned()
    }

    /// The installer on a machine of this system and processor.
    pub fn installer(&self, system: &str, machine: &str) -> Command {
        let programs = self.path("programs");
        fs::create_dir_all(&programs).unwrap();
        let uname =
            format!("#!/bin/sh\ncase $1 in -s) echo {system} ;; -m) echo {machine} ;; esac\n");
        write_program(&programs.join("uname"), &uname);
        let path = std::env::var("PATH").expect("a path");
        let mut install = Command::new("sh");
        install
            .arg(root().join("scripts/install"))
            .env("PATH", format!("{}:{path}", programs.display()))
            .env(
                "JOT_RELEASES",
                format!("file://{}", self.folder.path().display()),
            )
            .env("JOT_INSTALL_DIR", self.path("bin"))
            .env_remove("JOT_VERSION");
        install
    }

    pub fn installed(&self) -> PathBuf {
        self.path("bin/jot")
    }

    /// Fails unless the installer refuses with these words, and leaves nothing behind.
    pub fn assert_refused(&self, install: &mut Command, reason: &str) {
        let output = run(install);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success(), "{output:?}");
        assert!(said.contains(reason), "{said}");
        assert!(!self.installed().exists());
    }
}

fn write_program(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}
