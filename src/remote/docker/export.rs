//! Copies files out of an image: what a build made, for an archive.

use std::{
    collections::{BTreeMap, HashMap},
    fs::File,
    io,
    path::{Path, PathBuf},
};

use bollard::{models::ContainerCreateBody, query_parameters::DownloadFromContainerOptionsBuilder};
use futures_util::StreamExt;
use tar::{Archive, EntryType};
use tokio::io::AsyncWriteExt;

use super::{
    Docker,
    connect::{is_missing, said},
};
use crate::{model::recipe::LABEL_RUN, remote::Error};

/// The longest chain of links: Linux's limit.
const LINKS: usize = 40;

/// A file that an image holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    /// Relative to the requested folder, with `/` between its parts.
    pub path: String,
    /// Whether its owner may execute it.
    pub executable: bool,
    /// Its content on this machine; links to one file share one.
    pub file: PathBuf,
}

impl Docker {
    /// Copies every file below `path`, an absolute path in the image, into `folder`; returns them
    /// sorted by path.
    ///
    /// The folder must exist and be empty; the copies have generated names, so that no path leads
    /// out of it. Links are followed within `path`; folders without files are omitted. `run` is the
    /// value of the label `dev.jot.run` of the container, which is never started.
    ///
    /// # Errors
    ///
    /// [`Error::Failed`] for a path that the image lacks, for links that lead out of it, and for
    /// anything other than files, folders and links.
    pub async fn export(
        &self,
        image: &str,
        (path, run): (&str, &str),
        folder: &Path,
    ) -> Result<Vec<Exported>, Error> {
        let id = self.create_idle(image, run).await?;
        let archive = folder.join("export.tar");
        let fetched = self.fetch(&id, path, &archive).await;
        self.remove(&id).await?;
        fetched?;
        let (into, of) = (folder.to_owned(), path.to_owned());
        let unpacked = tokio::task::spawn_blocking(move || {
            let unpacked = File::open(&archive)
                .map_err(Broken::Disk)
                .and_then(|file| unpack(file, &into));
            let removed = std::fs::remove_file(&archive).map_err(Broken::Disk);
            removed.and(unpacked).map_err(|broken| broken.error(&of))
        });
        unpacked.await.map_err(|cause| said(&cause.to_string()))?
    }

    /// Creates a container that is never started; returns its id.
    async fn create_idle(&self, image: &str, run: &str) -> Result<String, Error> {
        let body = ContainerCreateBody {
            image: Some(image.to_owned()),
            // An image with data alone has no command, and Docker requires one.
            cmd: Some(vec!["none".to_owned()]),
            labels: Some(HashMap::from([(LABEL_RUN.to_owned(), run.to_owned())])),
            ..ContainerCreateBody::default()
        };
        self.create(body).await
    }

    async fn fetch(&self, id: &str, path: &str, to: &Path) -> Result<(), Error> {
        let unwritten = |cause: io::Error| Broken::Disk(cause).error(path);
        let mut file = tokio::fs::File::create(to).await.map_err(unwritten)?;
        let options = DownloadFromContainerOptionsBuilder::default()
            .path(path)
            .build();
        let client = self.patient();
        let mut parts = client.download_from_container(id, Some(options));
        while let Some(part) = parts.next().await {
            let part = part.map_err(|error| match is_missing(&error) {
                true => Broken::Content("it does not exist in the image".to_owned()).error(path),
                false => self.refused(error),
            })?;
            file.write_all(&part).await.map_err(unwritten)?;
        }
        file.flush().await.map_err(unwritten)
    }
}

enum Broken {
    Disk(io::Error),
    Content(String),
}

impl Broken {
    fn error(self, path: &str) -> Error {
        let (reason, help) = match self {
            Self::Disk(cause) => (
                format!("cannot be copied: {cause}"),
                "check the free space of the folder for temporary files",
            ),
            Self::Content(why) => (why, "write regular files there in the build"),
        };
        Error::Failed {
            resource: format!("{path} of the image"),
            reason,
            help: Some(help.to_owned()),
        }
    }
}

/// A regular file, or a link with the path of its target.
enum Found {
    File { executable: bool, file: PathBuf },
    Link(String),
}

fn unpack(archive: impl io::Read, into: &Path) -> Result<Vec<Exported>, Broken> {
    let mut found = BTreeMap::new();
    let mut archive = Archive::new(archive);
    for (number, entry) in archive.entries().map_err(Broken::Disk)?.enumerate() {
        let mut entry = entry.map_err(Broken::Disk)?;
        let name = text(&entry.path_bytes())?;
        let Some(path) = below(&name) else {
            continue;
        };
        let target = entry.link_name_bytes().map(|bytes| text(&bytes));
        let target = target.transpose()?.unwrap_or_default();
        let one = match entry.header().entry_type() {
            EntryType::Directory => continue,
            EntryType::Link => Found::Link(below(&target).unwrap_or_default()),
            EntryType::Symlink => Found::Link(followed(&path, &target)),
            EntryType::Regular | EntryType::Continuous => {
                let file = into.join(number.to_string());
                let mut to = File::create(&file).map_err(Broken::Disk)?;
                io::copy(&mut entry, &mut to).map_err(Broken::Disk)?;
                let mode = entry.header().mode().map_err(Broken::Disk)?;
                let executable = mode & 0o100 != 0;
                Found::File { executable, file }
            }
            _ => {
                let why = format!("`{path}` is neither a file nor a folder");
                return Err(Broken::Content(why));
            }
        };
        found.insert(path, one);
    }
    found.keys().map(|path| resolve(&found, path)).collect()
}

/// The file at a path, with links followed.
fn resolve(found: &BTreeMap<String, Found>, path: &str) -> Result<Exported, Broken> {
    let mut at = path;
    for _ in 0..LINKS {
        match found.get(at) {
            Some(Found::File { executable, file }) => {
                return Ok(Exported {
                    path: path.to_owned(),
                    executable: *executable,
                    file: file.clone(),
                });
            }
            Some(Found::Link(next)) => at = next,
            None => break,
        }
    }
    let why = format!("`{path}` is a link that leads to no file in it");
    Err(Broken::Content(why))
}

fn text(bytes: &[u8]) -> Result<String, Broken> {
    let text = std::str::from_utf8(bytes).map(str::to_owned);
    text.map_err(|_| {
        let shown = String::from_utf8_lossy(bytes);
        Broken::Content(format!("the name `{shown}` is not UTF-8"))
    })
}

/// A path in Docker's archive without its first part, the folder itself.
fn below(name: &str) -> Option<String> {
    let (_, below) = name.split_once('/')?;
    (!below.is_empty()).then(|| below.trim_end_matches('/').to_owned())
}

/// The target of a symbolic link at `path`, relative to the folder; empty if it is outside.
fn followed(path: &str, target: &str) -> String {
    if target.starts_with('/') {
        return String::new();
    }
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                if parts.pop().is_none() {
                    return String::new();
                }
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An archive of one entry, as Docker makes of a folder `out`.
    fn archive(kind: EntryType, path: &str, target: &str) -> Vec<u8> {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(kind);
        header.set_mode(0o644);
        header.set_size(0);
        let mut archive = tar::Builder::new(Vec::new());
        let path = format!("out/{path}");
        match target {
            "" => archive.append_data(&mut header, path, io::empty()).unwrap(),
            target => archive.append_link(&mut header, path, target).unwrap(),
        }
        archive.into_inner().unwrap()
    }

    fn refused(kind: EntryType, path: &str, target: &str) -> String {
        let folder = tempfile::tempdir().unwrap();
        let unpacked = unpack(archive(kind, path, target).as_slice(), folder.path());
        let Err(broken) = unpacked else {
            panic!("{path} is taken");
        };
        broken.error("/out").to_string()
    }

    #[test]
    fn what_is_no_file_is_named() {
        assert_eq!(
            refused(EntryType::Fifo, "pipe", ""),
            "/out of the image: `pipe` is neither a file nor a folder"
        );
        for (kind, target) in [
            (EntryType::Symlink, "round"),
            (EntryType::Symlink, "../other"),
            (EntryType::Link, "out/gone"),
        ] {
            assert_eq!(
                refused(kind, "round", target),
                "/out of the image: `round` is a link that leads to no file in it"
            );
        }
    }

    #[test]
    fn links_are_followed_within_the_folder_alone() {
        assert_eq!(followed("lib/a.so", "a.so.1"), "lib/a.so.1");
        assert_eq!(followed("lib/x/a", "../../b/./c"), "b/c");
        assert_eq!(followed("a", "../etc/passwd"), "");
        assert_eq!(followed("a", "/etc/passwd"), "");
    }

    #[test]
    fn the_folder_itself_is_not_part_of_a_path() {
        assert_eq!(below("task/lib/a.jar").as_deref(), Some("lib/a.jar"));
        assert_eq!(below("task/lib/").as_deref(), Some("lib"));
        assert_eq!((below("task/"), below("task")), (None, None));
    }
}
