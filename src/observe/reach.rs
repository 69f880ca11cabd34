//! Who may call a function, and where the results of its asynchronous calls go.
//!
//! One request each, concurrently, and only for what the manifest or the function's tags mention.

use std::collections::BTreeMap;

use futures_util::future::try_join_all;

use super::{
    managed::manages,
    pushes::{self, Answers},
};
use crate::{
    model::{
        MappingState, Push, PushState, RoleChoice,
        desired::{Function, owned},
        pairs::is_applied_alias,
        reach::{
            FormerAlias, Found, MANAGED_ASYNC, MANAGED_PERMISSIONS, MANAGED_PROVISIONED,
            MANAGED_TRIGGERS, MANAGED_URL, ROLE_POLICY,
        },
    },
    remote::{Aws, Error},
};

/// Which settings to request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Asked {
    url: bool,
    permissions: bool,
    asynchronous: bool,
    provisioned: bool,
    triggers: bool,
}

impl Asked {
    /// Settings that the manifest has.
    pub fn declared(wanted: &Function) -> Self {
        let reach = &wanted.reach;
        Self {
            url: reach.url.is_some(),
            permissions: reach.permissions.is_some(),
            asynchronous: reach.asynchronous.is_some(),
            provisioned: reach.provisioned_concurrency.is_some(),
            triggers: reach.triggers.is_some(),
        }
    }

    /// Settings that jot once set, by the function's tags.
    pub fn recorded(tags: &BTreeMap<String, String>) -> Self {
        Self {
            url: manages(tags, MANAGED_URL),
            permissions: manages(tags, MANAGED_PERMISSIONS),
            asynchronous: manages(tags, MANAGED_ASYNC),
            provisioned: manages(tags, MANAGED_PROVISIONED),
            triggers: manages(tags, MANAGED_TRIGGERS),
        }
    }

    /// Settings in this and not in the other.
    pub fn beyond(self, other: &Self) -> Self {
        Self {
            url: self.url && !other.url,
            permissions: self.permissions && !other.permissions,
            asynchronous: self.asynchronous && !other.asynchronous,
            provisioned: self.provisioned && !other.provisioned,
            triggers: self.triggers && !other.triggers,
        }
    }
}

/// Observes what was asked for; finds nothing if the function or the alias does not exist.
pub(super) async fn observe(
    wanted: &Function,
    asked: &Asked,
    (aws, answers): (&Aws, &Answers),
) -> Result<Found, Error> {
    let (name, alias) = (wanted.name.as_str(), wanted.deploy.alias.as_deref());
    let url = async {
        match asked.url {
            true => aws.url(name, alias).await,
            false => Ok(None),
        }
    };
    let statements = async {
        match asked.permissions || asked.triggers {
            true => aws.policy(name, alias).await,
            false => Ok(BTreeMap::new()),
        }
    };
    let asynchronous = async {
        match asked.asynchronous {
            true => aws.asynchronous(name, alias).await,
            false => Ok(None),
        }
    };
    let role_policy = async {
        match (&wanted.role, asked.asynchronous || asked.triggers) {
            (RoleChoice::Own(role), true) => aws.inline_policy(&role.name, ROLE_POLICY).await,
            _ => Ok(None),
        }
    };
    let provisioned = async {
        match (alias, asked.provisioned) {
            (Some(alias), true) => aws.provisioned(name, alias).await,
            _ => Ok(None),
        }
    };
    let mappings = async {
        match asked.triggers {
            true => mappings(wanted, aws).await,
            false => Ok(BTreeMap::new()),
        }
    };
    let pushes = async {
        match asked.triggers {
            true => Box::pin(pushes::declared(wanted, (aws, answers))).await,
            false => Ok(pushes::Pushes::default()),
        }
    };
    let found = tokio::try_join!(
        url,
        statements,
        asynchronous,
        role_policy,
        provisioned,
        mappings,
        pushes,
    )?;
    let (url, statements, asynchronous, role_policy, provisioned, mappings, pushes) = found;
    let pushes = match asked.triggers {
        true => Box::pin(pushes::indexed(wanted, &statements, pushes, (aws, answers))).await?,
        false => pushes,
    };
    Ok(Found {
        url,
        statements,
        asynchronous,
        provisioned,
        mappings,
        pushes: pushes.found,
        buckets: pushes.buckets,
        role_policy,
        former: None,
    })
}

/// The alias that the last apply set, if the function's tags show that its name differs from the
/// manifest's.
///
/// It is the alias in the list that the tags belong to.
pub(super) async fn former(
    wanted: &Function,
    tags: &BTreeMap<String, String>,
    (aws, answers): (&Aws, &Answers),
) -> Result<Option<FormerAlias>, Error> {
    let Some(alias) = &wanted.deploy.alias else {
        return Ok(None);
    };
    let ours = owned(tags, &wanted.ownership);
    if !ours || is_applied_alias(tags, alias) != Some(false) {
        return Ok(None);
    }
    let all = aws.aliases(&wanted.name).await?.into_keys();
    let applied = |name: &String| is_applied_alias(tags, name) == Some(true);
    let mut applied = all.filter(applied);
    let (Some(name), None) = (applied.next(), applied.next()) else {
        return Ok(None);
    };
    let mut before = wanted.clone();
    before.deploy.alias = Some(name.clone());
    // All of it: others' settings prevent deletion of the alias.
    let asked = Asked {
        url: true,
        permissions: true,
        asynchronous: true,
        provisioned: true,
        triggers: true,
    };
    let reach = observe(&before, &asked, (aws, answers)).await?;
    Ok(Some(FormerAlias { name, reach }))
}

impl FormerAlias {
    /// Takes what has the same names under every alias: it calls something other than the
    /// manifest's alias.
    pub(super) fn shared(&mut self) -> BTreeMap<String, PushState> {
        let all = std::mem::take(&mut self.reach.pushes).into_iter();
        let is_subscribed = |one: &PushState| matches!(one.push, Push::Subscription(_));
        let (own, mut shared): (BTreeMap<_, _>, BTreeMap<_, _>) =
            all.partition(|(_, one)| is_subscribed(one));
        self.reach.pushes = own;
        shared.values_mut().for_each(|one| one.calls = false);
        shared
    }
}

/// The mappings of the function's alias.
///
/// The tags of mappings with undeclared sources are requested: they say whether jot made them.
async fn mappings(wanted: &Function, aws: &Aws) -> Result<BTreeMap<String, MappingState>, Error> {
    let alias = wanted.deploy.alias.as_deref();
    let mut found = aws.mappings(&wanted.name, alias).await?;
    let declared = |one: &MappingState| {
        let mut all = wanted.reach.triggers.iter().flat_map(BTreeMap::values);
        all.any(|mapping| mapping.is_of(&one.mapping))
    };
    with_tags(found.iter_mut().filter(|(_, one)| !declared(one)), aws).await?;
    Ok(found)
}

/// The mappings of a function and of all of its aliases, with their tags, and event sources with
/// names of this prefix.
pub(super) async fn all_triggers(
    (name, prefix): (&str, &str),
    aws: &Aws,
) -> Result<(BTreeMap<String, MappingState>, BTreeMap<String, PushState>), Error> {
    let aliases = aws.aliases(name).await?;
    let names = aliases
        .keys()
        .map(|alias| Some(alias.as_str()))
        .chain([None]);
    let each = names.map(async |alias| {
        let mappings = aws.mappings(name, alias);
        let pushes = pushes::all((name, alias), prefix, aws);
        tokio::try_join!(mappings, pushes)
    });
    let each = try_join_all(each).await?;
    let (mappings, pushes): (Vec<_>, Vec<_>) = each.into_iter().unzip();
    let mut found: BTreeMap<String, MappingState> = mappings.into_iter().flatten().collect();
    with_tags(found.iter_mut(), aws).await?;
    Ok((found, pushes.into_iter().flatten().collect()))
}

async fn with_tags<'a>(
    mappings: impl Iterator<Item = (&'a String, &'a mut MappingState)>,
    aws: &Aws,
) -> Result<(), Error> {
    let asked = mappings.map(async |(uuid, one)| {
        one.tags = aws.mapping_tags(uuid).await?;
        Ok::<_, Error>(())
    });
    try_join_all(asked).await.map(drop)
}
