//! What is asked of a manifest.

use std::{collections::BTreeMap, path::Path};

use super::names::Place;
use crate::{
    manifest,
    model::{Checkouts, Secret},
};

/// What is asked for, and what this machine adds to it.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The manifest, with the overlay of the target merged.
    pub loaded: &'a manifest::Loaded,
    /// Keys or globs of functions; empty means all.
    pub select: &'a [String],
    /// The environment of this machine; only the variables that `from_env` names, JOT_BUILD_NETWORK
    /// and JOT_RIE are read.
    pub environment: &'a BTreeMap<String, Secret>,
    /// jot's cache folder; `None`: nothing is read from it.
    pub cache: Option<&'a Path>,
    /// The sources that [`sources`](super::sources) names, fetched.
    pub checkouts: &'a Checkouts,
    /// The region that the AWS SDK found; the manifest's has precedence. It is part of the names of
    /// roles, so a comparison with AWS needs one.
    pub region: Option<&'a str>,
}

impl<'a> Request<'a> {
    /// Where what is made belongs.
    pub(super) fn place(&self) -> Place<'a> {
        let loaded = self.loaded;
        Place {
            project: &loaded.manifest.project.name,
            target: loaded.target.as_deref(),
            region: self.region(),
        }
    }

    /// The manifest's region, else the one that the AWS SDK found.
    pub(super) fn region(&self) -> Option<&'a str> {
        self.loaded.manifest.aws.region.as_deref().or(self.region)
    }
}
