//! What a rollback needs, without Docker: which version serves, and whether the target version can
//! run.

use std::collections::BTreeMap;

use futures_util::future::try_join_all;

use super::{Error, account::guard, function};
use crate::{
    model::{
        Desired, Digest, Observed,
        desired::Function,
        observed::{self, Docker},
        release::Shift,
        version::{Target, Version},
    },
    remote::{self, Aws},
};

/// The functions with their aliases, and nothing else: three concurrent requests for each, and one
/// for the account.
///
/// # Errors
///
/// [`Error::WrongAccount`], else AWS's first error.
pub async fn serving(desired: &Desired, aws: &Aws) -> Result<Observed, Error> {
    let each = desired.functions.iter().map(async |(key, wanted)| {
        let ((alias, live), latest) = tokio::try_join!(
            function::alias(wanted, aws),
            aws.function(&wanted.name, None),
        )?;
        let found = observed::Function {
            latest,
            alias,
            live,
            ..observed::Function::default()
        };
        Ok::<_, remote::Error>((key.clone(), found))
    });
    let (account, functions) = tokio::join!(aws.account(), try_join_all(each));
    let account = account?;
    guard(desired, &account)?;
    Ok(Observed {
        account,
        region: aws.region().to_owned(),
        docker: Docker::Absent("not asked".to_owned()),
        repository: None,
        images: BTreeMap::new(),
        archives: BTreeMap::new(),
        source: None,
        functions: functions?.into_iter().collect(),
        references: BTreeMap::new(),
        others: Vec::new(),
        now: None,
        scheduler: None,
        leftovers: observed::Leftovers::default(),
    })
}

/// The version, whether its image still exists, and the other version of a traffic shift in
/// progress: one request each.
///
/// # Errors
///
/// What AWS answered.
pub async fn target(
    (desired, wanted): (&Desired, &Function),
    (version, shift): (&str, Option<&Shift>),
    aws: &Aws,
) -> Result<Target, Error> {
    let Some(state) = aws.function(&wanted.name, Some(version)).await? else {
        return Ok(Target::Gone(version.to_owned()));
    };
    let shifted = match shift {
        Some(shift) => aws.function(&wanted.name, Some(&shift.to)).await?,
        None => None,
    };
    let image = match in_repository(state.image_uri.as_deref(), &desired.repository.name) {
        Some(digest) => Some(aws.holds_image(&desired.repository.name, &digest).await?),
        None => None,
    };
    Ok(Target::Found {
        state: Box::new(state),
        image,
        shifted: shifted.map(Box::new),
    })
}

/// Every published version of each function, by key, newest first.
///
/// One request for each more than [`serving`].
///
/// # Errors
///
/// As [`serving`].
pub async fn published(
    desired: &Desired,
    aws: &Aws,
) -> Result<(Observed, BTreeMap<String, Vec<Version>>), Error> {
    let each = desired.functions.iter().map(async |(key, wanted)| {
        let versions = aws.published(&wanted.name).await?;
        Ok::<_, remote::Error>((key.clone(), versions))
    });
    let (observed, versions) = tokio::join!(serving(desired, aws), try_join_all(each));
    Ok((observed?, versions?.into_iter().collect()))
}

/// The digest of an image in this repository.
fn in_repository(uri: Option<&str>, repository: &str) -> Option<Digest> {
    let (place, digest) = uri?.split_once('@')?;
    let (_, name) = place.split_once('/')?;
    (name == repository)
        .then(|| Digest::parse(digest))
        .flatten()
}
