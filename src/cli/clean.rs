//! `jot clean`.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Args;

use super::{
    Error, Global,
    apply::agreed,
    environment::cache_folder,
    output::{self, Print},
    patience::patient,
    sources, wanted,
};
use crate::{
    manifest::{self, Loaded},
    model::{
        Fingerprint,
        clean::{Kept, Removal, RemovalKind},
    },
    plan, recipe,
    remote::Docker,
    report::{self, json},
};

/// Removes local files that the project no longer needs: images, sources of other commits, hashes.
///
/// Keeps what the manifest or one of its targets needs, and images that a container uses. jot
/// recreates what it needs later.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Clean {
    /// Do not ask for confirmation
    #[arg(short, long)]
    yes: bool,
}

const EXAMPLES: &str = "\
Examples:
  jot clean
  jot clean --yes --format json";

/// Shows what will be removed and its size, asks, and removes it.
pub async fn clean(global: &Global, arguments: &Clean) -> Result<ExitCode, Error> {
    let print = Print::new(global);
    let loaded = wanted::load(global)?;
    let (kept, docker) = patient(
        &print,
        "Looking for files to remove.",
        look(&loaded, &print),
    )
    .await?;
    let removals = plan::clean(&kept);
    if !print.json() {
        output::print(&report::human::removals(&removals, &print.out))?;
    }
    if !removals.is_empty() {
        let changes = report::human::removed(&removals);
        agreed("clean", changes, arguments.yes, &print)?;
    }
    for removal in &removals {
        remove(removal, docker.as_ref()).await?;
    }
    match print.json() {
        true => output::print(&json::cleaned(&removals))?,
        false if removals.is_empty() => {}
        false => print.note(&format!("Removed {}.", report::human::removed(&removals))),
    }
    Ok(ExitCode::SUCCESS)
}

/// Lists what this machine keeps; also returns the Docker client if the daemon answers.
async fn look(loaded: &Loaded, print: &Print) -> Result<(Kept, Option<Docker>), Error> {
    let cache = cache_folder();
    let (needed, sources) = needed(loaded, cache.as_deref(), print)?;
    let mut kept = Kept {
        project: loaded.manifest.project.name.clone(),
        needed,
        sources,
        ..Kept::default()
    };
    if let Some(cache) = &cache {
        let forgotten = recipe::forgotten(cache).into_iter();
        kept.hashes = forgotten.map(|path| (path.clone(), size(&path))).collect();
    }
    match Docker::connect().await {
        Ok(docker) => {
            (kept.images, kept.in_containers) = docker.kept(&kept.project).await?;
            Ok((kept, Some(docker)))
        }
        Err(error) => {
            print.note(&format!("Docker's images are kept: {error}."));
            Ok((kept, None))
        }
    }
}

type Sources = BTreeMap<PathBuf, (u64, bool)>;

/// The recipes that the manifest and all its targets need, and the fetched sources of known
/// commits.
///
/// The recipes are `None` if one of them cannot be computed offline.
fn needed(
    loaded: &Loaded,
    cache: Option<&Path>,
    print: &Print,
) -> Result<(Option<BTreeSet<Fingerprint>>, Sources), Error> {
    let mut recipes = Some(BTreeSet::new());
    let (mut places, mut folders) = (BTreeSet::new(), BTreeSet::new());
    let targets = std::iter::once(None).chain(loaded.targets.iter().map(Some));
    for target in targets {
        let read = manifest::load(&loaded.path, target.map(String::as_str));
        let read = read.map_err(Box::new)?;
        let found = sources::at_hand(&read, &[], cache)?;
        for checkout in found.checkouts.values() {
            places.extend(checkout.folder.parent().map(Path::to_owned));
            folders.insert(checkout.folder.clone());
        }
        match wanted::desired_at_hand(&read, &[]) {
            Ok((Some(desired), absent)) if absent.is_empty() => {
                if let Some(recipes) = &mut recipes {
                    recipes.extend(desired.recipes.keys().cloned());
                }
            }
            Ok((_, absent)) => {
                let why = format!("the source of {} is not on this machine", absent.join(", "));
                print.note(&format!("Docker's images are kept: {why}."));
                recipes = None;
            }
            Err(error) => {
                print.note(&format!("Docker's images are kept: {error}."));
                recipes = None;
            }
        }
    }
    let all = places.iter().flat_map(|place| entries(place));
    let sources = all.map(|folder| {
        let needed = folders.contains(&folder);
        let bytes = if needed { 0 } else { size(&folder) };
        (folder, (bytes, needed))
    });
    Ok((recipes, sources.collect()))
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).collect()
}

/// The size of a file, or of all files in a folder, in bytes; does not follow links.
fn size(path: &Path) -> u64 {
    match fs::symlink_metadata(path) {
        Ok(about) if about.is_dir() => entries(path).iter().map(|path| size(path)).sum(),
        Ok(about) => about.len(),
        Err(_) => 0,
    }
}

async fn remove(removal: &Removal, docker: Option<&Docker>) -> Result<(), Error> {
    for name in &removal.names {
        let removed = match (removal.kind, docker) {
            (RemovalKind::Image, Some(docker)) => {
                docker.remove_image(name).await?;
                continue;
            }
            (RemovalKind::Image, None) => continue,
            (RemovalKind::Source, _) => fs::remove_dir_all(name),
            (RemovalKind::Hashes, _) => fs::remove_file(name),
        };
        match removed {
            Err(cause) if cause.kind() != ErrorKind::NotFound => {
                return Err(Error::File {
                    what: "remove",
                    path: PathBuf::from(name),
                    cause,
                });
            }
            _ => {}
        }
    }
    Ok(())
}
