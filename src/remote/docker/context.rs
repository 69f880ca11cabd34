//! The build context as a tar stream: the same bytes for the same recipe, at any place and time.

use std::{
    collections::BTreeSet,
    fs::File,
    io::{self, BufWriter, Read, Write},
};

use futures_util::{Stream, stream};
use hyper::body::Bytes;
use sha2::{Digest, Sha256};
use tokio::{sync::mpsc, task::JoinHandle};

use crate::model::{Content, Recipe};

/// The Dockerfile's name in the context, unless it is one of the context's files.
pub(super) const DOCKERFILE: &str = ".jot.Dockerfile";

/// The modification time of every file: COPY keeps it, so a layer's bytes depend on it.
///
/// 1980-01-02, because zip archives hold nothing before 1980 in any time zone, and because some
/// programs take 0 for a file that does not exist.
const MODIFIED: u64 = 315_619_200;

const CHUNK: usize = 64 * 1024;

/// The tar stream, and the task that writes it; the task reports why a file could not be read.
pub(super) fn stream(
    image: &Recipe,
) -> (
    impl Stream<Item = io::Result<Bytes>> + use<>,
    JoinHandle<io::Result<()>>,
) {
    let (sender, receiver) = mpsc::channel(4);
    let image = image.clone();
    let writing = tokio::task::spawn_blocking(move || write(&image, Chunks(sender)));
    let chunks = stream::unfold(receiver, |mut receiver| async {
        receiver.recv().await.map(|chunk| (chunk, receiver))
    });
    (chunks, writing)
}

fn write(image: &Recipe, chunks: Chunks) -> io::Result<()> {
    let failed = chunks.0.clone();
    let written = archive(image, BufWriter::with_capacity(CHUNK, chunks));
    if let Err(error) = &written {
        // Otherwise the daemon would take the start of the context for all of it.
        let _ = failed.blocking_send(Err(io::Error::new(error.kind(), error.to_string())));
    }
    written
}

fn archive(image: &Recipe, out: impl Write) -> io::Result<()> {
    let mut tar = tar::Builder::new(out);
    if image.dockerfile_path.is_none() {
        let text = image.dockerfile.as_bytes();
        add(&mut tar, DOCKERFILE, 0o644, text.len() as u64, text)?;
    }
    for folder in folders(image) {
        let mut header = header(0o755, 0);
        header.set_entry_type(tar::EntryType::Directory);
        tar.append_data(&mut header, folder, io::empty())?;
    }
    for file in &image.context {
        let mode = if file.executable { 0o755 } else { 0o644 };
        let (size, source): (u64, Box<dyn Read>) = match &file.content {
            Content::Bytes(bytes) => (bytes.len() as u64, Box::new(bytes.as_ref())),
            Content::Disk(path) => {
                let opened = File::open(path).map_err(|e| explain(&file.path, &e))?;
                (opened.metadata()?.len(), Box::new(opened))
            }
        };
        let mut checked = Checked {
            source: source.take(size),
            left: size,
            hash: Sha256::new(),
        };
        add(&mut tar, &file.path, mode, size, &mut checked)?;
        if hex::encode(checked.hash.finalize()) != file.sha256 {
            return Err(changed(&file.path));
        }
    }
    tar.into_inner()?.flush()
}

/// Every folder that contains a file, parents first.
fn folders(image: &Recipe) -> BTreeSet<String> {
    let ends = |path: &str| {
        path.match_indices('/')
            .map(|(at, _)| at)
            .collect::<Vec<_>>()
    };
    let paths = image.context.iter().map(|file| file.path.as_str());
    paths
        .flat_map(|path| ends(path).into_iter().map(|at| format!("{}/", &path[..at])))
        .collect()
}

fn add(
    tar: &mut tar::Builder<impl Write>,
    path: &str,
    mode: u32,
    size: u64,
    data: impl Read,
) -> io::Result<()> {
    tar.append_data(&mut header(mode, size), path, data)
}

fn header(mode: u32, size: u64) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_mode(mode);
    header.set_size(size);
    header.set_mtime(MODIFIED);
    header.set_uid(0);
    header.set_gid(0);
    header
}

fn explain(path: &str, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("`{path}` cannot be read: {error}"))
}

fn changed(path: &str) -> io::Error {
    io::Error::other(format!(
        "`{path}` changed while it was read; run the command again"
    ))
}

/// Hashes what is read, and pads a file that became shorter, so that the archive stays well-formed
/// until the difference is reported.
struct Checked<R> {
    source: R,
    left: u64,
    hash: Sha256,
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut count = self.source.read(buffer)?;
        if count == 0 && self.left > 0 {
            count = buffer
                .len()
                .min(usize::try_from(self.left).unwrap_or(usize::MAX));
            buffer[..count].fill(0);
        }
        self.left = self.left.saturating_sub(count as u64);
        self.hash.update(&buffer[..count]);
        Ok(count)
    }
}

struct Chunks(mpsc::Sender<io::Result<Bytes>>);

impl Write for Chunks {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        let sent = self.0.blocking_send(Ok(Bytes::copy_from_slice(data)));
        sent.map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))?;
        Ok(data.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use futures_util::TryStreamExt;

    use super::*;
    use crate::model::{ContextFile, Fingerprint, Form, RecipeRole};

    fn file(path: &str, content: Content, bytes: &[u8]) -> ContextFile {
        ContextFile {
            path: path.to_owned(),
            executable: path.ends_with(".sh"),
            sha256: hex::encode(Sha256::digest(bytes)),
            content,
        }
    }

    fn image(context: Vec<ContextFile>) -> Recipe {
        Recipe {
            role: RecipeRole::Base,
            form: Form::Image,
            fingerprint: Fingerprint::parse(&"0".repeat(64)).unwrap(),
            base: None,
            dockerfile: "FROM scratch\n".to_owned(),
            dockerfile_path: None,
            stage: None,
            titles: Vec::new(),
            context,
            args: BTreeMap::new(),
            platform: "linux/amd64".to_owned(),
            network: None,
            secrets: BTreeMap::new(),
            ssh: BTreeMap::new(),
            labels: BTreeMap::new(),
            inputs: BTreeMap::new(),
            title: "t".to_owned(),
            native: false,
        }
    }

    async fn collect(image: &Recipe) -> io::Result<Vec<u8>> {
        let (chunks, writing) = stream(image);
        let chunks: io::Result<Vec<Bytes>> = chunks.try_collect().await;
        writing.await.unwrap()?;
        Ok(chunks?.concat())
    }

    #[tokio::test]
    async fn the_archive_holds_every_file_and_folder_at_one_time() {
        let disk = tempfile::NamedTempFile::new().unwrap();
        let big = vec![7; 3 * CHUNK + 1];
        std::fs::write(disk.path(), &big).unwrap();
        let long = format!("a/{}/run.sh", "x".repeat(150));
        let image = image(vec![
            file(&long, Content::Bytes(b"hi".into()), b"hi"),
            file("b/big", Content::Disk(disk.path().to_owned()), &big),
        ]);
        let bytes = collect(&image).await.unwrap();
        assert_eq!(bytes, collect(&image).await.unwrap());
        let mut archive = tar::Archive::new(bytes.as_slice());
        let mut seen = Vec::new();
        for entry in archive.entries().unwrap() {
            let entry = entry.unwrap();
            let header = entry.header();
            assert_eq!(header.mtime().unwrap(), MODIFIED);
            let path = String::from_utf8(entry.path_bytes().into_owned()).unwrap();
            seen.push((path, header.mode().unwrap(), header.size().unwrap()));
        }
        let folder = format!("a/{}/", "x".repeat(150));
        assert_eq!(
            seen,
            [
                (DOCKERFILE.to_owned(), 0o644, 13),
                ("a/".to_owned(), 0o755, 0),
                (folder, 0o755, 0),
                ("b/".to_owned(), 0o755, 0),
                (long, 0o755, 2),
                ("b/big".to_owned(), 0o644, big.len() as u64),
            ]
        );
    }

    #[tokio::test]
    async fn a_file_that_is_not_what_was_fingerprinted_ends_the_stream_with_its_name() {
        let disk = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(disk.path(), "new").unwrap();
        let image = image(vec![file(
            "f.jl",
            Content::Disk(disk.path().to_owned()),
            b"old",
        )]);
        let error = collect(&image).await.unwrap_err();
        assert!(
            error.to_string().starts_with("`f.jl` changed while"),
            "{error}"
        );
    }

    #[tokio::test]
    async fn a_file_that_is_gone_is_named() {
        let gone = Content::Disk("/nonexistent/f.jl".into());
        let error = collect(&image(vec![file("f.jl", gone, b"")]))
            .await
            .unwrap_err();
        assert!(
            error.to_string().starts_with("`f.jl` cannot be read"),
            "{error}"
        );
    }
}
