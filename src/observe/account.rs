//! The account that the manifest means.

use super::Error;
use crate::model::Desired;

/// Nothing is believed of an account that the manifest does not mean.
pub(super) fn guard(desired: &Desired, account: &str) -> Result<(), Error> {
    match &desired.aws.account_id {
        Some(meant) if meant != account => Err(Error::WrongAccount {
            meant: meant.clone(),
            account: account.to_owned(),
        }),
        _ => Ok(()),
    }
}
