//! The size of environments, with values that are not in the manifest: Lambda's refusal would quote all of them.

use crate::model::{Desired, Observed, config::ENVIRONMENT_BYTES};

use super::{Error, found::found};

/// Nothing, if every environment has room in Lambda. Variables that are left to others count as they are there.
///
/// # Errors
/// [`Error::EnvironmentTooLarge`]
pub(super) fn check(desired: &Desired, observed: &Observed) -> Result<(), Error> {
    for (key, wanted) in &desired.functions {
        let latest = found(observed, key).latest.as_ref();
        let config = match latest {
            Some(latest) => &wanted
                .config
                .heeding(&wanted.lifecycle, &latest.config.environment),
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
