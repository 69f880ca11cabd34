//! Runs of jot on this machine that may have containers.
//!
//! Each run locks a file of its own; the system releases the lock however the process ends. A later
//! run can thus find the containers of dead runs, and never touches those of a jot that still runs,
//! here or on another machine with the same Docker.

use std::{
    fs::{self, File, TryLockError},
    io::Write,
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

use super::{Error, environment};
use crate::remote::Docker;

/// A process of jot that uses containers.
pub struct Run {
    id: String,
    /// The claim; `None` without a cache folder: then containers of a killed process remain.
    claim: Option<Claim>,
}

/// The file that is locked during the run; it records which Docker has the containers.
struct Claim {
    path: PathBuf,
    _lock: File,
}

impl Run {
    /// Begins a run of the project, before its first container.
    pub fn begin(project: &str, docker: Option<&Docker>) -> Self {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let id = format!("{project}-{}-{:x}", std::process::id(), now.as_nanos());
        let claim = docker
            .zip(folder())
            .and_then(|(docker, folder)| claim(&folder, &id, docker.host()).ok());
        Self { id, claim }
    }

    /// Value of the label `dev.jot.run` on its containers.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Removes the run's containers; a later run removes any that remain.
    ///
    /// # Errors
    /// Docker failed.
    pub async fn end(self, docker: Option<&Docker>) -> Result<(), Error> {
        if let Some(docker) = docker {
            docker.remove_run(&self.id).await?;
        }
        if let Some(claim) = self.claim {
            // The file is no longer needed; if it remains, the next run removes it.
            let _ = fs::remove_file(claim.path);
        }
        Ok(())
    }
}

/// Removes the containers of runs that were killed; after a failure the next run tries again.
pub async fn sweep(docker: &Docker) {
    let Some(entries) = folder().and_then(|folder| fs::read_dir(folder).ok()) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        let Some((id, _lock)) = ended(&path, docker.host()) else {
            continue;
        };
        match docker.remove_run(&id).await {
            Ok(()) => drop(fs::remove_file(&path)),
            Err(error) => tracing::warn!(%error, id, "containers of an earlier run remain"),
        }
    }
}

fn folder() -> Option<PathBuf> {
    Some(environment::cache_folder()?.join("runs"))
}

/// Locks the file before it gets its name, so that no sweep finds it unlocked.
fn claim(folder: &Path, id: &str, host: &str) -> std::io::Result<Claim> {
    fs::create_dir_all(folder)?;
    let (part, path) = (folder.join(format!(".{id}")), folder.join(id));
    let mut file = File::create(&part)?;
    file.lock()?;
    file.write_all(host.as_bytes())?;
    fs::rename(&part, &path)?;
    Ok(Claim { path, _lock: file })
}

/// The id of the run and the lock on its file, if the run has ended and its containers are at
/// `host`.
fn ended(path: &Path, host: &str) -> Option<(String, File)> {
    let id = path.file_name()?.to_str()?.trim_start_matches('.');
    let file = File::open(path).ok()?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock | TryLockError::Error(_)) => return None,
    }
    // Read after the lock: a run writes the host before it names the file.
    (fs::read_to_string(path).ok()? == host).then(|| (id.to_owned(), file))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_run_that_ended_at_the_same_docker_is_swept() {
        let folder = tempfile::tempdir().unwrap();
        let claimed = claim(folder.path(), "p-1-a", "unix:///x").unwrap();
        let path = claimed.path.clone();
        assert!(ended(&path, "unix:///x").is_none(), "it still runs");
        drop(claimed);
        assert!(ended(&path, "unix:///y").is_none(), "another Docker's");
        let (id, lock) = ended(&path, "unix:///x").unwrap();
        assert_eq!(id, "p-1-a");
        assert!(ended(&path, "unix:///x").is_none(), "another sweep has it");
        drop(lock);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
