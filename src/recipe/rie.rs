//! AWS's Lambda Runtime Interface Emulator: the file in an image with which it answers under
//! `docker run`.

use std::path::{Path, PathBuf};

use super::{
    environment::{self, Environment},
    error::{Error, unreadable},
    hash,
    hash_cache::HashCache,
};
use crate::{
    manifest::types::Architecture,
    model::{Content, ContextFile, Recipe},
};

/// The release of <https://github.com/aws/aws-lambda-runtime-interface-emulator> that jot uses.
pub const VERSION: &str = "1.37";
/// Names a file to put in instead.
pub const VARIABLE: &str = "JOT_RIE";
/// Its path in a [`ContextFile`].
const PATH: &str = "aws-lambda-rie";

/// A file of the release.
struct Asset {
    name: &'static str,
    sha256: &'static str,
}

const X86_64: Asset = Asset {
    name: "aws-lambda-rie-x86_64",
    sha256: "6b1e686e62ab2baf5759c412c4864276ef2a88b094fca53ec070637ccba9b9a5",
};
const ARM64: Asset = Asset {
    name: "aws-lambda-rie-arm64",
    sha256: "ec2e5d09633d853834c008b1ef264bf834b258a94d551d2b2074966494b39a21",
};

/// A file to fetch before an image can be built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Download {
    /// Address of the file in AWS's release on GitHub.
    pub url: String,
    /// Lower-case hex SHA-256 that its bytes must have.
    pub sha256: String,
    /// Where it is to be; its folder may not exist yet.
    pub path: PathBuf,
}

/// Returns the emulator for an architecture: the file that `JOT_RIE` names, or AWS's release at its
/// path in jot's cache, fetched or not: its SHA-256 is known, so that a plan needs no download.
pub fn file(
    architecture: Architecture,
    environment: &Environment,
    cache: Option<&Path>,
    known: &mut HashCache,
) -> Result<ContextFile, Error> {
    let (sha256, path) = match environment::setting(VARIABLE, environment) {
        Some(given) => given_file(Path::new(given), known)?,
        None => released(asset(architecture), cache.ok_or(Error::NoCache)?),
    };
    Ok(ContextFile {
        path: PATH.to_owned(),
        executable: true,
        sha256,
        content: Content::Disk(path),
    })
}

fn given_file(given: &Path, known: &mut HashCache) -> Result<(String, PathBuf), Error> {
    let path = given.canonicalize().map_err(unreadable(given))?;
    Ok((hash::of_file(&path, known)?, path))
}

fn released(asset: &Asset, cache: &Path) -> (String, PathBuf) {
    (
        asset.sha256.to_owned(),
        cache.join("rie").join(asset.sha256).join(asset.name),
    )
}

fn asset(architecture: Architecture) -> &'static Asset {
    match architecture {
        Architecture::X86_64 => &X86_64,
        Architecture::Arm64 => &ARM64,
    }
}

/// Returns what must be fetched before an image can be built: nothing or the emulator.
pub fn missing(image: &Recipe) -> Vec<Download> {
    let downloads = image.context.iter().filter_map(|file| {
        let Content::Disk(path) = &file.content else {
            return None;
        };
        let asset = [&X86_64, &ARM64]
            .into_iter()
            .find(|asset| asset.sha256 == file.sha256)?;
        (!path.exists()).then(|| Download {
            url: url(asset),
            sha256: file.sha256.clone(),
            path: path.clone(),
        })
    });
    downloads.collect()
}

fn url(asset: &Asset) -> String {
    let releases = "https://github.com/aws/aws-lambda-runtime-interface-emulator/releases/download";
    format!("{releases}/v{VERSION}/{}", asset.name)
}
