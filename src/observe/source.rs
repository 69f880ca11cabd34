//! The repository of the target that images are copied from.

use super::{Error, account::guard, repository};
use crate::{
    model::{Desired, observed::Source},
    remote::Aws,
};

/// What it holds under the tags of `desired`; nothing if no image is copied.
///
/// Uses that target's own profile, region, endpoint and account.
///
/// # Errors
///
/// [`Error::Source`]
pub(super) async fn observe(desired: &Desired, aws: &Aws) -> Result<Option<Source>, Error> {
    let Some(source) = desired.supply.target() else {
        return Ok(None);
    };
    let found = look(desired, source, aws).await;
    found.map(Some).map_err(|cause| Error::Source {
        target: source.target.clone().unwrap_or_default(),
        cause: Box::new(cause),
    })
}

async fn look(desired: &Desired, source: &Desired, aws: &Aws) -> Result<Source, Error> {
    let aws = aws.elsewhere(&desired.aws, &source.aws).await?;
    let aws = of_owner(aws, desired, source).await?;
    let name = &source.repository.name;
    let (found, stored) = tokio::try_join!(
        aws.repository(name),
        repository::stored_in(name, desired, &aws)
    )?;
    Ok(Source {
        repository: found.map(|found| source.aws.pushed_to(&found.uri)),
        images: stored.images,
        archives: stored.archives,
    })
}

/// The clients for the account that owns the repository. Where both targets have the same profile,
/// one account's credentials read it for both.
///
/// # Errors
/// [`Error::WrongAccount`] if the source has a profile of its own.
async fn of_owner(aws: Aws, desired: &Desired, source: &Desired) -> Result<Aws, Error> {
    let Some(owner) = source.aws.owner() else {
        return Ok(aws);
    };
    let account = aws.account().await?;
    if account == owner {
        return Ok(aws);
    }
    if desired.aws.profile != source.aws.profile {
        guard(source, &account)?;
    }
    Ok(aws.of_registry(owner))
}
