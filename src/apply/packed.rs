//! Archives that this apply packed.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use crate::{model::Fingerprint, recipe::archive::Archive};

/// An archive in the cache folder.
#[derive(Clone, Debug)]
pub(super) struct Packed {
    pub file: PathBuf,
    pub archive: Archive,
}

/// Archives that this apply packed, by recipe.
pub(super) type Cells = BTreeMap<Fingerprint, Arc<tokio::sync::OnceCell<Packed>>>;
