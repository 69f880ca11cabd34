//! The size of environments, including values outside the manifest.
//!
//! Lambda's own error would quote all of them.

use crate::model::{Desired, Observed, config::ENVIRONMENT_BYTES};

use super::{Error, found::found};

/// Checks that every environment fits into Lambda; ignored variables count with their present
/// values.
///
/// # Errors
///
/// [`Error::EnvironmentTooLarge`]
pub(super) fn check(desired: &Desired, observed: &Observed) -> Result<(), Error> {
    for (key, wanted) in &desired.functions {
        let latest = found(observed, key).latest.as_ref();
        let config = match latest {
            Some(latest) => &wanted
                .config
                .respecting(&wanted.lifecycle, &latest.config.environment),
            None => &wanted.config,
        };
        let bytes = config.environment_bytes();
        if bytes > ENVIRONMENT_BYTES {
            return Err(Error::EnvironmentTooLarge {
                key: key.clone(),
                bytes,
            });
        }
    }
    Ok(())
}
