//! What may call a function, and where the outcome of its asynchronous calls goes: one question each, asked at once,
//! and only of what the manifest or the function's tags speak of.

use std::collections::BTreeMap;

use super::managed::manages;
use crate::{
    model::{
        RoleChoice,
        desired::Function,
        reach::{
            Found, MANAGED_ASYNC, MANAGED_PERMISSIONS, MANAGED_PROVISIONED, MANAGED_URL,
            ROLE_POLICY,
        },
    },
    remote::{Aws, Error},
};

/// What is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Asked {
    url: bool,
    permissions: bool,
    asynchronous: bool,
    provisioned: bool,
}

impl Asked {
    /// What the manifest has.
    pub fn declared(wanted: &Function) -> Self {
        let reach = &wanted.reach;
        Self {
            url: reach.url.is_some(),
            permissions: reach.permissions.is_some(),
            asynchronous: reach.asynchronous.is_some(),
            provisioned: reach.provisioned_concurrency.is_some(),
        }
    }

    /// What jot set once, by the function's tags.
    pub fn recorded(tags: &BTreeMap<String, String>) -> Self {
        Self {
            url: manages(tags, MANAGED_URL),
            permissions: manages(tags, MANAGED_PERMISSIONS),
            asynchronous: manages(tags, MANAGED_ASYNC),
            provisioned: manages(tags, MANAGED_PROVISIONED),
        }
    }

    /// What is in this and not in the other.
    pub fn beyond(self, other: &Self) -> Self {
        Self {
            url: self.url && !other.url,
            permissions: self.permissions && !other.permissions,
            asynchronous: self.asynchronous && !other.asynchronous,
            provisioned: self.provisioned && !other.provisioned,
        }
    }
}

/// What was asked for. Where there is no function or no alias, nothing is found.
pub(super) async fn observe(wanted: &Function, asked: &Asked, aws: &Aws) -> Result<Found, Error> {
    let (name, alias) = (wanted.name.as_str(), wanted.deploy.alias.as_deref());
    let url = async {
        match asked.url {
            true => aws.url(name, alias).await,
            false => Ok(None),
        }
    };
    let statements = async {
        match asked.permissions {
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
        match (&wanted.role, asked.asynchronous) {
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
    let (url, statements, asynchronous, role_policy, provisioned) =
        tokio::try_join!(url, statements, asynchronous, role_policy, provisioned)?;
    Ok(Found {
        url,
        statements,
        asynchronous,
        provisioned,
        role_policy,
    })
}
