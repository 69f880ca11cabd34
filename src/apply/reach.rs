//! Who may call a function, and where the results of its asynchronous calls go.

use std::{collections::BTreeMap, time::Duration};

use super::{Error, Shared, infrastructure::own_role};
use crate::{
    model::reach::{Asynchronous, ROLE_POLICY, Statement, Url},
    remote,
};

/// How often to ask Lambda whether provisioned executions are ready.
const POLL: Duration = Duration::from_secs(2);
/// How many times at most: 15 minutes.
const POLLS: u32 = 450;

impl Shared {
    pub(super) async fn add_permissions(
        &self,
        key: &str,
        statements: &BTreeMap<String, Statement>,
        replace: &[String],
    ) -> Result<(), Error> {
        let function = self.function(key)?;
        let place = (function.name.as_str(), function.deploy.alias.as_deref());
        let aws = self.aws()?;
        for id in replace {
            aws.remove_permission(place, id).await?;
        }
        for (id, statement) in statements {
            match aws.add_permission(place, id, statement).await {
                Err(remote::Error::Conflict { .. }) => {
                    // An earlier request of this apply that got no answer, or another apply of this
                    // project.
                    if aws.policy(place.0, place.1).await?.get(id) != Some(statement) {
                        return Err(Error::Changed {
                            name: function.name.clone(),
                            what: format!("its policy has another statement {id}"),
                        });
                    }
                }
                other => other?,
            }
        }
        Ok(())
    }

    pub(super) async fn remove_permissions(&self, key: &str, ids: &[String]) -> Result<(), Error> {
        let function = self.function(key)?;
        let place = (function.name.as_str(), function.deploy.alias.as_deref());
        for id in ids {
            self.aws()?.remove_permission(place, id).await?;
        }
        Ok(())
    }

    pub(super) async fn create_url(&self, key: &str) -> Result<String, Error> {
        let function = self.function(key)?;
        let alias = function.deploy.alias.as_deref();
        let (aws, url) = (self.aws()?, self.url(key)?);
        match aws.create_url(&function.name, alias, url).await {
            // It appeared after planning and belongs to this function.
            Err(remote::Error::Conflict { .. }) => self.update_url(key).await,
            other => Ok(other?),
        }
    }

    pub(super) async fn update_url(&self, key: &str) -> Result<String, Error> {
        let function = self.function(key)?;
        let alias = function.deploy.alias.as_deref();
        let url = self.url(key)?;
        Ok(self.aws()?.update_url(&function.name, alias, url).await?)
    }

    pub(super) async fn delete_url(&self, key: &str) -> Result<(), Error> {
        let function = self.function(key)?;
        let alias = function.deploy.alias.as_deref();
        Ok(self.aws()?.delete_url(&function.name, alias).await?)
    }

    fn url(&self, key: &str) -> Result<&Url, Error> {
        let wanted = self.function(key)?.reach.url.as_ref();
        wanted.ok_or_else(|| Error::Stale {
            what: format!("a URL of `{key}`"),
        })
    }

    pub(super) async fn set_asynchronous(
        &self,
        key: &str,
        config: &Asynchronous<String>,
    ) -> Result<(), Error> {
        let function = self.function(key)?;
        let alias = function.deploy.alias.as_deref();
        Ok(self
            .aws()?
            .set_asynchronous(&function.name, alias, config)
            .await?)
    }

    pub(super) async fn reset_asynchronous(&self, key: &str) -> Result<(), Error> {
        let function = self.function(key)?;
        let alias = function.deploy.alias.as_deref();
        Ok(self
            .aws()?
            .reset_asynchronous(&function.name, alias)
            .await?)
    }

    /// Deletes an alias: first everything that is bound to it, so that nothing calls it while it is
    /// deleted.
    pub(super) async fn delete_alias(&self, key: &str, alias: &str) -> Result<(), Error> {
        let name = &self.function(key)?.name;
        let aws = self.aws()?;
        aws.delete_url(name, Some(alias)).await?;
        aws.set_provisioned(name, alias, None).await?;
        aws.reset_asynchronous(name, Some(alias)).await?;
        Ok(aws.delete_alias(name, alias).await?)
    }

    pub(super) async fn set_role_policy(
        &self,
        key: &str,
        policy: Option<&serde_json::Value>,
    ) -> Result<(), Error> {
        let name = &own_role(&self.desired, key)?.name;
        let aws = self.aws()?;
        match policy {
            Some(policy) => aws.put_inline_policy(name, ROLE_POLICY, policy).await?,
            None => aws.delete_inline_policy(name, ROLE_POLICY).await?,
        }
        Ok(())
    }

    pub(super) async fn set_provisioned(
        &self,
        key: &str,
        number: Option<u32>,
    ) -> Result<String, Error> {
        let function = self.function(key)?;
        let Some(alias) = &function.deploy.alias else {
            return Err(Error::Stale {
                what: format!("an alias of `{key}`"),
            });
        };
        let name = &function.name;
        let aws = self.aws()?;
        aws.set_provisioned(name, alias, number).await?;
        if number.is_none() {
            return Ok(String::new());
        }
        self.droppable(async {
            for _ in 0..POLLS {
                match aws.provisioned(name, alias).await? {
                    Some(found) if found.is_in_progress() => tokio::time::sleep(POLL).await,
                    Some(found) if found.has_failed() => {
                        return Err(Error::Failed {
                            what: "provide provisioned concurrency for".to_owned(),
                            name: name.clone(),
                            reason: found.reason.unwrap_or_else(|| "FAILED".to_owned()),
                            help: "fix the cause and run `jot apply` again; the account's quota \
                                   may be too small"
                                .to_owned(),
                        });
                    }
                    _ => return Ok("ready".to_owned()),
                }
            }
            Ok("Lambda is still preparing them".to_owned())
        })
        .await
    }
}
