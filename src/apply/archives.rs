//! Zip archives: packed from an image that a build made, cached by hash, pushed to ECR by jot
//! itself, and sent to Lambda.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

use super::{
    CURRENT, Error, Shared,
    images::{labels, local_reference},
    packed::Packed,
};
use crate::{
    model::{
        Content, Digest, Fingerprint, Function, Recipe, StepId, ZipArtifact,
        artifact::ANNOTATION_UNPACKED, recipe::ARCHIVE_FOLDER,
    },
    recipe::archive::{self, Entry, FIXED_TIME},
    remote::{
        self, Docker, Registry,
        aws::{CodeObject, ZipCode},
        docker::Exported,
        registry::NewArtifact,
    },
};

/// File name ending of compiled code next to its source.
///
/// The compiled file is used only if it is newer than the source, and zip archives record even
/// seconds.
const COMPILED: &str = ".class";
/// How many archives the cache folder keeps.
const KEPT: usize = 20;

/// A temporary folder of this process, removed on drop.
pub(super) struct Workshop(PathBuf);

impl Workshop {
    pub fn below(folder: &Path) -> Result<Self, archive::Error> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let own = folder.join(format!("{}-{count}", std::process::id()));
        std::fs::create_dir_all(own.join("files")).map_err(|cause| archive::Error::Write {
            path: own.clone(),
            cause,
        })?;
        Ok(Self(own))
    }

    /// The folder; it contains an empty folder `files`.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Workshop {
    fn drop(&mut self) {
        // What cannot be removed stays in a cache folder.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Where an archive is in the cache folder.
fn place(folder: &Path, code: &Digest) -> PathBuf {
    folder.join(format!("{}.zip", code.hex()))
}

/// Packs what the local image of this recipe holds in [`ARCHIVE_FOLDER`].
pub(super) async fn pack(
    docker: &Docker,
    (project, run): (&str, &str),
    recipe: &Recipe,
    folder: &Path,
) -> Result<Packed, Error> {
    let workshop = Workshop::below(folder)?;
    let image = local_reference(docker, project, &recipe.fingerprint).await?;
    let files = workshop.0.join("files");
    let exported = docker.export(&image, (ARCHIVE_FOLDER, run), &files).await?;
    let folder = folder.to_owned();
    let packed = tokio::task::spawn_blocking(move || {
        let file = workshop.0.join("archive.zip");
        let archive = archive::write(exported.into_iter().map(entry).collect(), &file)?;
        let kept = place(&folder, &archive.digest);
        let moved = std::fs::rename(&file, &kept);
        moved.map_err(|cause| archive::Error::Write {
            path: kept.clone(),
            cause,
        })?;
        sweep(&folder);
        Ok::<_, archive::Error>(Packed {
            file: kept,
            archive,
        })
    });
    Ok(packed.await.map_err(|_| Error::Interrupted)??)
}

fn entry(exported: Exported) -> Entry {
    let Exported {
        path,
        executable,
        file,
    } = exported;
    let newer = if path.ends_with(COMPILED) { 2 } else { 0 };
    Entry {
        modified: FIXED_TIME + newer,
        content: Content::Disk(file),
        path,
        executable,
    }
}

/// Removes all archives except the newest; one that cannot be removed stays.
fn sweep(folder: &Path) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    let archives = entries.filter_map(|entry| {
        let path = entry.ok()?.path();
        let modified = path.metadata().ok()?.modified().ok()?;
        (path.extension()? == "zip").then_some((modified, path))
    });
    let mut archives: Vec<_> = archives.collect();
    archives.sort();
    let surplus = archives.len().saturating_sub(KEPT);
    for (_, path) in archives.into_iter().take(surplus) {
        let _ = std::fs::remove_file(path);
    }
}

impl Shared {
    /// The folder of archives; it may not exist yet.
    fn archives(&self) -> PathBuf {
        self.clients.cache.join("archives")
    }

    /// The archive of a built recipe, packed once per apply.
    pub(super) async fn packed(&self, image: &Fingerprint) -> Result<Packed, Error> {
        let recipe = self.image(image)?;
        let cell = self.archive_cell(image);
        let made = cell.get_or_try_init(async || {
            let owner = (self.desired.project.as_str(), self.clients.run.as_str());
            let packed = pack(self.docker()?, owner, recipe, &self.archives()).await?;
            packed.archive.check(&self.desired.aws)?;
            Ok::<_, Error>(packed)
        });
        Ok(made.await?.clone())
    }

    /// Pushes the archive of a recipe under its tag; returns the digest of its bytes.
    pub(super) async fn push_archive(
        &self,
        step: &StepId,
        image: &Fingerprint,
        extra: &[String],
    ) -> Result<String, Error> {
        let recipe = self.image(image)?;
        let packed = self.droppable(self.packed(image)).await?;
        let mut annotations = labels(&self.desired.project, recipe);
        let unpacked = packed.archive.unpacked.to_string();
        annotations.insert(ANNOTATION_UNPACKED.to_owned(), unpacked);
        let artifact = NewArtifact {
            file: &packed.file,
            code: &packed.archive.digest,
            size: packed.archive.size,
            tag: image.tag(),
            title: &recipe.title,
            annotations: &annotations,
        };
        let repository = self.repository().await?;
        let mut login = self.login().await?;
        let mut attempt = 1;
        let pushed = loop {
            let registry = Registry::new(self.aws()?, &repository, login.login());
            let mut progress = self.progress(step);
            let work = async { Ok(registry.push(&artifact, &mut progress).await?) };
            match self.droppable(work).await {
                Ok(pushed) => break pushed,
                Err(error) => {
                    self.wait_to_repeat(step, error, attempt, &mut login)
                        .await?
                }
            }
            attempt += 1;
        };
        if pushed.artifact.code != packed.archive.digest {
            return Err(Error::Pushed {
                tag: image.tag().to_owned(),
            });
        }
        if !extra.is_empty() {
            self.tag_image(image, extra).await?;
        }
        self.give(step, packed.archive.digest.as_str());
        let digest = packed.archive.digest.short();
        Ok(match pushed.bytes {
            0 => digest.to_owned(),
            bytes => format!("{} KB, {digest}", bytes.div_ceil(1024)),
        })
    }

    /// The function's archive, ready to send: from the cache folder, or from ECR if another run
    /// pushed it.
    pub(super) async fn archive(
        &self,
        function: &Function,
        digest: &str,
    ) -> Result<ZipCode, Error> {
        let gone = || Error::Gone {
            resource: format!("archive {digest} of `{}`", function.key),
        };
        let code = Digest::parse(digest).ok_or_else(gone)?;
        let file = match self.kept(&code) {
            Some(file) => file,
            None => {
                let recipe = function.code.recipe().ok_or_else(gone)?;
                let tags = BTreeSet::from([recipe.tag()]);
                let repository = &self.desired.repository.name;
                let mut held = self.aws()?.zip_artifacts(repository, &tags).await?;
                let held = held.remove(recipe.tag()).filter(|held| held.code == code);
                self.pull_archive(&held.ok_or_else(gone)?).await?
            }
        };
        self.sent(&code, &file).await
    }

    /// The archive with this hash in the cache folder, if it exists and is intact.
    pub(super) fn kept(&self, code: &Digest) -> Option<PathBuf> {
        let file = place(&self.archives(), code);
        let (found, _) = archive::digest(&file).ok()?;
        (found == *code).then_some(file)
    }

    async fn pull_archive(&self, held: &ZipArtifact) -> Result<PathBuf, Error> {
        let step = CURRENT.try_with(StepId::clone);
        let step = &step.unwrap_or_else(|_| StepId(String::new()));
        let folder = self.archives();
        std::fs::create_dir_all(&folder).map_err(|cause| archive::Error::Write {
            path: folder.clone(),
            cause,
        })?;
        let file = place(&folder, &held.code);
        let repository = self.repository().await?;
        let mut login = self.login().await?;
        let mut attempt = 1;
        loop {
            let registry = Registry::new(self.aws()?, &repository, login.login());
            let mut progress = self.progress(step);
            let work = async { Ok(registry.pull(held, &file, &mut progress).await?) };
            match self.droppable(work).await {
                Ok(()) => return Ok(file),
                Err(error) => {
                    self.wait_to_repeat(step, error, attempt, &mut login)
                        .await?
                }
            }
            attempt += 1;
        }
    }

    /// The code in a request: the archive's bytes, or its place in the bucket.
    async fn sent(&self, code: &Digest, file: &Path) -> Result<ZipCode, Error> {
        let unread = |cause| archive::Error::Read {
            path: file.to_owned(),
            cause,
        };
        let size = file.metadata().map_err(unread)?.len();
        if size <= archive::LARGEST_SENT {
            return Ok(ZipCode::Bytes(std::fs::read(file).map_err(unread)?));
        }
        let bucket = archive::bucket(&self.desired.aws, size)?;
        let object = CodeObject {
            bucket,
            owner: &self.plan.account,
            project: &self.desired.project,
            code,
        };
        self.aws()?.put_code(&object, (file, size)).await?;
        Ok(ZipCode::Bucket {
            bucket: bucket.to_owned(),
            key: object.key(),
        })
    }

    /// Saves the archive that the function runs now, so that it can be put back.
    pub(super) async fn keep_archive(&self, function: &Function, code: &str) -> Result<(), Error> {
        let Some(code) = Digest::parse(code) else {
            return Ok(());
        };
        if self.kept(&code).is_some() {
            return Ok(());
        }
        let file = place(&self.archives(), &code);
        let aws = self.aws()?;
        let profile = self.desired.aws.profile.as_deref();
        let unkept = |why: &str| remote::Error::Failed {
            resource: format!("the archive that function {} runs now", function.name),
            reason: why.to_owned(),
            help: Some("it is kept so that it can be restored if the tests fail".to_owned()),
        };
        let location = aws.code_location(&function.name).await?;
        let location = location.ok_or_else(|| unkept("Lambda does not say where it is"))?;
        // The address is a credential, so an error that names it is not passed on.
        let kept = remote::download(location.reveal(), code.hex(), &file, profile);
        let kept = async {
            kept.await
                .map_err(|_| unkept("it cannot be downloaded").into())
        };
        self.droppable(kept).await
    }

    /// The code that [`Shared::keep_archive`] saved, ready to send.
    pub(super) async fn kept_code(&self, code: &str) -> Result<ZipCode, Error> {
        let gone = || Error::Gone {
            resource: format!("archive {code} in jot's cache folder"),
        };
        let code = Digest::parse(code).ok_or_else(gone)?;
        let file = self.kept(&code).ok_or_else(gone)?;
        self.sent(&code, &file).await
    }
}
