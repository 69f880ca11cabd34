//! Everything that belongs to one function.

use std::collections::BTreeMap;

use futures_util::future::try_join_all;
use serde_json::Value as Json;

use crate::{
    model::{
        Desired, State,
        desired::{
            Function, INLINE_POLICY, MANAGED_INLINE_POLICY, MANAGED_RECURSIVE_LOOP,
            MANAGED_RUNTIME_UPDATE, RoleChoice,
        },
        observed::{self, Alias, FunctionState, LATEST, Role},
    },
    remote::{Aws, Error},
};

use super::{managed::manages, pushes::Answers, reach};

/// The function, its alias with that alias's version, its role and log group.
///
/// Six concurrent requests for a function that has all of them, and one for the role's inline
/// policy if one may exist. A function that Lambda is still changing is returned as it is now.
pub(super) async fn observe(
    wanted: &Function,
    (aws, answers): (&Aws, &Answers),
) -> Result<observed::Function, Error> {
    let (lambda, mut role, log_group) = tokio::try_join!(
        in_lambda(wanted, (aws, answers)),
        role(&wanted.role, aws),
        aws.log_group(&wanted.log_group.name),
    )?;
    if let (RoleChoice::Own(own), Some(found)) = (&wanted.role, &mut role)
        && own.inline.is_none()
        && may_have_inline_policy(lambda.latest.as_ref())
    {
        found.inline = aws.inline_policy(&own.name, INLINE_POLICY).await?;
    }
    Ok(observed::Function {
        role,
        log_group,
        ..lambda
    })
}

/// Only what Lambda holds of a function.
///
/// Three concurrent requests, together with those of [`reach::observe`] and one about recursive
/// calls if the manifest sets their handling (after these, if the function's tags do). Two
/// more follow for a function in state `Failed`; if jot manages runtime updates, one about them
/// and one about the alias's version.
pub(super) async fn in_lambda(
    wanted: &Function,
    (aws, answers): (&Aws, &Answers),
) -> Result<observed::Function, Error> {
    let declared = reach::Asked::declared(wanted);
    let looped = async {
        match wanted.recursive_loop {
            Some(_) => aws.recursive_loop(&wanted.name).await,
            None => Ok(None),
        }
    };
    let (latest, (alias, live), mut reach, mut recursive_loop) = tokio::try_join!(
        aws.function(&wanted.name, None),
        alias(wanted, aws),
        // The future is large, as the SDK's are: many at once would overflow a thread's stack.
        Box::pin(reach::observe(wanted, &declared, (aws, answers))),
        looped,
    )?;
    if let Some(latest) = &latest {
        let recorded = reach::Asked::recorded(&latest.tags).beyond(&declared);
        let more = Box::pin(reach::observe(wanted, &recorded, (aws, answers)));
        reach.add(more.await?);
        let former = Box::pin(reach::former(wanted, &latest.tags, (aws, answers)));
        if let Some(mut former) = former.await? {
            for (id, one) in former.shared() {
                reach.pushes.entry(id).or_insert(one);
            }
            reach.former = Some(Box::new(former));
        }
        if wanted.recursive_loop.is_none() && manages(&latest.tags, MANAGED_RECURSIVE_LOOP) {
            recursive_loop = aws.recursive_loop(&wanted.name).await?;
        }
    }
    let versions = match &latest {
        Some(latest) if latest.state == State::Failed => versions(&wanted.name, aws).await?,
        _ => Vec::new(),
    };
    let mut found = observed::Function {
        latest,
        alias,
        live,
        versions,
        recursive_loop,
        reach,
        ..observed::Function::default()
    };
    runtime_updates(wanted, &mut found, aws).await?;
    Ok(found)
}

/// Reads when Lambda updates the runtime of `$LATEST` and of the alias's version, if the
/// manifest sets that or once did.
async fn runtime_updates(
    wanted: &Function,
    found: &mut observed::Function,
    aws: &Aws,
) -> Result<(), Error> {
    let tags = found.latest.as_ref().map(|latest| &latest.tags);
    if wanted.runtime_update.is_none()
        && !tags.is_some_and(|tags| manages(tags, MANAGED_RUNTIME_UPDATE))
    {
        return Ok(());
    }
    let states = [found.latest.as_mut(), found.live.as_mut()];
    let zips = states.into_iter().flatten().filter_map(|state| {
        let numbered = (state.version != LATEST).then_some(state.version.as_str());
        Some((numbered, state.zip.as_mut()?))
    });
    let asked = zips.map(async |(version, zip)| {
        zip.update = aws.runtime_update(&wanted.name, version).await?;
        Ok::<_, Error>(())
    });
    try_join_all(asked).await.map(drop)
}

/// The published versions, and those that an alias names, including `$LATEST`.
async fn versions(name: &str, aws: &Aws) -> Result<Vec<String>, Error> {
    let (mut versions, named) = tokio::try_join!(aws.versions(name), aws.aliased_versions(name))?;
    versions.extend(named);
    versions.sort();
    versions.dedup();
    Ok(versions)
}

/// Adds the tags of log groups that have lost their function: only the tags show the owner.
pub(super) async fn with_left_logs(
    desired: &Desired,
    mut found: BTreeMap<String, observed::Function>,
    aws: &Aws,
) -> Result<BTreeMap<String, observed::Function>, Error> {
    let left = found.iter_mut().filter(|(_, one)| one.latest.is_none());
    let groups = left.filter_map(|(key, one)| {
        let name = &desired.functions.get(key)?.log_group.name;
        Some((name, one.log_group.as_mut()?))
    });
    let asked = groups.map(async |(name, group)| {
        group.tags = aws.log_group_tags(name).await?;
        Ok::<_, Error>(())
    });
    try_join_all(asked).await?;
    Ok(found)
}

/// Whether jot may have given a role an inline policy that the manifest no longer has.
///
/// Either the function's tags say so, or the function that would say so does not exist.
fn may_have_inline_policy(latest: Option<&FunctionState>) -> bool {
    let Some(latest) = latest else { return true };
    manages(&latest.tags, MANAGED_INLINE_POLICY)
}

/// The alias and its version: two concurrent requests.
pub(super) async fn alias(
    wanted: &Function,
    aws: &Aws,
) -> Result<(Option<Alias>, Option<FunctionState>), Error> {
    match &wanted.deploy.alias {
        Some(alias) => tokio::try_join!(
            aws.alias(&wanted.name, alias),
            aws.function(&wanted.name, Some(alias)),
        ),
        None => Ok((None, None)),
    }
}

/// The wanted role; `None` if its name is a reference that is not resolved.
pub(super) async fn role(wanted: &RoleChoice, aws: &Aws) -> Result<Option<Role>, Error> {
    match wanted {
        RoleChoice::Given(arn) if arn.starts_with("arn:") => Ok(Some(given(arn))),
        RoleChoice::Given(name) => aws.role(name).await,
        RoleChoice::From(_) => Ok(None),
        RoleChoice::Own(own) => {
            let inline = async {
                match &own.inline {
                    Some(_) => aws.inline_policy(&own.name, INLINE_POLICY).await,
                    None => Ok(None),
                }
            };
            let (role, policies, inline) = tokio::try_join!(
                aws.role(&own.name),
                aws.attached_policies(&own.name),
                inline
            )?;
            Ok(role.map(|found| Role {
                policies: policies.unwrap_or_default(),
                inline,
                ..found
            }))
        }
    }
}

/// A role that the manifest names by its ARN; jot needs nothing else about it.
pub(super) fn given(arn: &str) -> Role {
    Role {
        arn: arn.to_owned(),
        trust: Json::Null,
        policies: Vec::new(),
        inline: None,
        boundary: None,
        tags: Default::default(),
    }
}
