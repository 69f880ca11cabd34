//! The repository of the target that images are copied from.

use super::{Error, account::guard, repository};
use crate::{
    model::{Desired, observed::Source},
    remote::Aws,
};

/// What it holds under the tags of `desired`; nothing where no image is copied.
///
/// Uses that target's own credentials, region and endpoint.
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
    if source.aws.account_id.is_some() {
        guard(source, &aws.account().await?)?;
    }
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
