//! What schedules share: their group and the role that they call with.
//!
//! Requested if the manifest declares a schedule, if the tags of a function say that it had
//! one, and if the search by tags finds the group.

use std::collections::BTreeMap;

use futures_util::future::try_join_all;

use super::managed::manages;
use crate::{
    model::{
        Desired, Push, PushState,
        desired::INLINE_POLICY,
        observed::{self, Other, Role, Scheduler},
        push::push_prefix,
        reach::MANAGED_SCHEDULES,
    },
    remote::{
        Aws, Error,
        aws::{Tagged, push::GroupState},
    },
};

/// Functions as observed, by key.
type Functions = BTreeMap<String, observed::Function>;

/// The group with the names of its schedules, and the role with its policy: four concurrent
/// requests.
pub(super) async fn observe(desired: &Desired, aws: &Aws) -> Result<Scheduler, Error> {
    let wanted = &desired.scheduler;
    let (group, schedules, role, policy) = tokio::try_join!(
        aws.schedule_group(&wanted.group),
        aws.schedules(&wanted.group, None),
        aws.role(&wanted.role),
        aws.inline_policy(&wanted.role, INLINE_POLICY),
    )?;
    let group = group == Some(GroupState::Active);
    Ok(Scheduler {
        group,
        schedules: match group {
            true => schedules.into_iter().collect(),
            false => Default::default(),
        },
        role: role.map(|role| Role {
            inline: policy,
            ..role
        }),
    })
}

/// As [`observe`], if the manifest declares a schedule.
pub(super) async fn declared(desired: &Desired, aws: &Aws) -> Result<Option<Scheduler>, Error> {
    let mut pushes = desired
        .functions
        .values()
        .flat_map(|one| one.reach.pushes.values());
    match pushes.any(|one| matches!(one.push, Push::Schedule(_))) {
        true => observe(desired, aws).await.map(Some),
        false => Ok(None),
    }
}

/// Whether tags mention schedules: those of the functions, or without a selection those of the
/// group.
pub(super) fn is_recorded(
    desired: &Desired,
    functions: &Functions,
    others: &[Other],
    tagged: &[Tagged],
) -> bool {
    let declared = functions.values().filter_map(|one| one.latest.as_ref());
    let declared = declared.map(|one| &one.tags);
    let others = others.iter().filter_map(|one| one.belongings.as_ref());
    let others = others.filter_map(|belongings| belongings.tags.as_ref());
    let mut tags = declared.chain(others);
    tags.any(|tags| manages(tags, MANAGED_SCHEDULES))
        || desired.whole && tagged.iter().any(|one| is_group(desired, &one.arn))
}

/// Whether this is the ARN of the group.
pub(super) fn is_group(desired: &Desired, arn: &str) -> bool {
    let end = format!(":schedule-group/{}", desired.scheduler.group);
    arn.ends_with(&end)
}

/// Adds to functions the schedules that the manifest does not have, including those made under
/// another key: one request each.
pub(super) async fn with_schedules(
    desired: &Desired,
    (mut functions, mut others): (Functions, Vec<Other>),
    scheduler: Option<&Scheduler>,
    aws: &Aws,
) -> Result<(Functions, Vec<Other>), Error> {
    let Some(scheduler) = scheduler else {
        return Ok((functions, others));
    };
    let Desired {
        project, target, ..
    } = desired;
    let prefix = |key: &str| push_prefix(project, target.as_deref(), key);
    let declared = functions.iter_mut().filter_map(|(key, one)| {
        let wanted = desired.functions.get(key).filter(|_| !one.from_tags)?;
        let alias = wanted.deploy.alias.as_deref();
        let former = wanted.lifecycle.moved_from.as_deref().map(prefix);
        Some((
            (prefix(key), former),
            (wanted.name.as_str(), alias),
            &mut one.reach.pushes,
        ))
    });
    let undeclared = others.iter_mut().filter_map(|one| {
        let belongings = one.belongings.as_mut()?;
        Some((
            (prefix(&one.function), None),
            (one.name.as_str(), None),
            &mut belongings.pushes,
        ))
    });
    let asked = declared
        .chain(undeclared)
        .map(async |((prefix, former), function, pushes)| {
            let of = |prefix: &String| {
                let names = scheduler.schedules.iter();
                let names = names.filter(|name| name.starts_with(prefix));
                names.filter(|name| !pushes.contains_key(*name)).collect()
            };
            let before: Vec<&String> = former.as_ref().map(of).unwrap_or_default();
            let mut found = each(before, function, (desired, aws)).await?;
            // Schedules that call another function belong to that one.
            found.retain(|_, one| one.calls);
            found.extend(each(of(&prefix), function, (desired, aws)).await?);
            pushes.extend(found);
            Ok::<_, Error>(())
        });
    try_join_all(asked).await?;
    Ok((functions, others))
}

async fn each(
    names: Vec<&String>,
    (function, alias): (&str, Option<&str>),
    (desired, aws): (&Desired, &Aws),
) -> Result<BTreeMap<String, PushState>, Error> {
    let group = &desired.scheduler.group;
    let calls = |arn: &str| {
        let called = arn.split(":function:").nth(1).unwrap_or_default();
        match alias {
            Some(alias) => called == format!("{function}:{alias}"),
            None => called.split(':').next() == Some(function),
        }
    };
    let asked = names.into_iter().map(async |name| {
        let found = aws.schedule(group, name).await?;
        Ok::<_, Error>(found.map(|found| {
            let calls = calls(&found.target);
            let push = Push::Schedule(found.schedule);
            (name.clone(), PushState { push, calls })
        }))
    });
    let found = try_join_all(asked).await?;
    Ok(found.into_iter().flatten().collect())
}
