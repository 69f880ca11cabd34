//! Checks the account against the manifest.

use super::Error;
use crate::model::Desired;

/// Fails if the credentials belong to an account that the manifest does not allow.
pub(super) fn guard(desired: &Desired, account: &str) -> Result<(), Error> {
    match &desired.aws.account_id {
        Some(meant) if meant != account => Err(Error::WrongAccount {
            meant: meant.clone(),
            account: account.to_owned(),
        }),
        _ => Ok(()),
    }
}
