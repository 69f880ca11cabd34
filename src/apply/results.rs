//! Results of finished steps, for the steps that depend on them.

use std::{collections::BTreeMap, sync::Arc};

use tokio::sync::OnceCell;

use super::{login::Login, packed::Cells};
use crate::model::{StepId, observed::FunctionState};

/// Results by step, and the newest state of every function that this apply changed.
#[derive(Debug, Default)]
pub struct Results {
    pub given: BTreeMap<StepId, String>,
    pub states: BTreeMap<String, FunctionState>,
    /// The login to the registry, requested once for all pushes and pulls.
    pub login: Arc<OnceCell<Login>>,
    /// Revisions of the aliases that this apply set, by function.
    pub aliases: BTreeMap<String, String>,
    pub archives: Cells,
}

/// A value that is text in a request.
pub trait AsText {
    fn as_text(&self) -> &str;
}

impl AsText for String {
    fn as_text(&self) -> &str {
        self
    }
}

impl AsText for crate::model::Digest {
    fn as_text(&self) -> &str {
        self.as_str()
    }
}
