//! Runs of jot on this machine that may have containers. Each holds a lock on a file of its own, which the system lets go when
//! the process ends, however it ends: so a later run knows whose containers nobody will remove any more, and never touches those of
//! a jot that runs at the same time, here or on another machine that uses the same Docker.

use std::{
    fs::{self, File, TryLockError},
    io::Write,
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

use super::{Error, environment};
use crate::remote::Docker;

/// This process as a user of containers.
pub struct Run {
    id: String,
    /// None where there is no cache folder: then what a kill leaves stays.
    claim: Option<Claim>,
}

/// The file that is locked while the run goes on; it says which Docker has the run's containers.
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

    /// Removes the run's containers; one that stays is removed by a later run of jot.
    ///
    /// # Errors
    /// What Docker said.
    pub async fn end(self, docker: Option<&Docker>) -> Result<(), Error> {
        if let Some(docker) = docker {
            docker.remove_run(&self.id).await?;
        }
        if let Some(claim) = self.claim {
            // It is empty of meaning from here on; the next run would remove it too.
            let _ = fs::remove_file(claim.path);
        }
        Ok(())
    }
}

/// Removes the containers of runs that ended without removing them, as after `kill -9`. That is tidying up: where it
/// fails, the next run tries again.
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
            Err(error) => tracing::warn!(%error, id, "containers of an earlier run are left"),
        }
    }
}

fn folder() -> Option<PathBuf> {
    Some(environment::cache_folder()?.join("runs"))
}

/// Makes the file and locks it before it has its name, so that no sweep finds it unlocked.
fn claim(folder: &Path, id: &str, host: &str) -> std::io::Result<Claim> {
    fs::create_dir_all(folder)?;
    let (part, path) = (folder.join(format!(".{id}")), folder.join(id));
    let mut file = File::create(&part)?;
    file.lock()?;
    file.write_all(host.as_bytes())?;
    fs::rename(&part, &path)?;
    Ok(Claim { path, _lock: file })
}

/// The id of the run behind the file, and the lock on it, where the run has ended and its containers are at `host`.
fn ended(path: &Path, host: &str) -> Option<(String, File)> {
    let id = path.file_name()?.to_str()?.trim_start_matches('.');
    let file = File::open(path).ok()?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock | TryLockError::Error(_)) => return None,
    }
    // Read after the lock: a run writes the host before it gives the file its name.
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
        assert!(ended(&path, "unix:///x").is_none(), "it goes on");
        drop(claimed);
        assert!(ended(&path, "unix:///y").is_none(), "another Docker's");
        let (id, lock) = ended(&path, "unix:///x").unwrap();
        assert_eq!(id, "p-1-a");
        assert!(ended(&path, "unix:///x").is_none(), "another sweep has it");
        drop(lock);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
