//! Memory that builds need.
//!
//! A build with too little memory dies half-way without an explanation.

use super::{Error, Shared};
use crate::model::{Fingerprint, Function, hints::BuildMemory};

const MB: u64 = 1_000_000;

impl Shared {
    /// Checks that the daemon's machine has the memory that the build of a recipe needs.
    ///
    /// # Errors
    ///
    /// [`Error::Memory`], or Docker failed.
    pub(super) async fn require_memory(&self, fingerprint: &Fingerprint) -> Result<(), Error> {
        let running = |one: &&Function| one.code.recipe() == Some(fingerprint);
        let function = self.desired.functions.values().find(running);
        match function.and_then(|one| one.hints.build_memory.as_ref()) {
            Some(need) => enough(need, self.docker()?.memory().await?),
            None => Ok(()),
        }
    }
}

/// Returns an error if `found` is less than `need`; an unknown size counts as enough.
fn enough(need: &BuildMemory, found: Option<u64>) -> Result<(), Error> {
    match found {
        Some(bytes) if bytes < need.mb * MB => Err(Error::Memory {
            what: need.what.clone(),
            needed: need.mb,
            found: bytes / MB,
            help: need.help.clone(),
        }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_little_memory_is_an_error_before_the_build() {
        let need = BuildMemory {
            mb: 1930,
            what: "`linker`".to_owned(),
            help: "give Docker's machine more memory".to_owned(),
        };
        for found in [None, Some(1_930_000_000), Some(25_000_000_000)] {
            assert!(enough(&need, found).is_ok(), "{found:?}");
        }
        let error = enough(&need, Some(1_024_000_000)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "`linker` needs at least 1930 MB of memory, and Docker's machine has 1024 MB"
        );
    }
}
