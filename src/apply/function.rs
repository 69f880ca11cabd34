//! The Lambda function: code, configuration, versions, alias and tags. `RevisionId` guards every change but tags: the plan's own
//! for the first, and after each wait the one that Lambda then reports.
//! <https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionCode.html>

use std::collections::{BTreeMap, BTreeSet};

use super::{Error, Shared};
use crate::{
    model::{Config, Function, StepId, desired::owned, observed::FunctionState, value::Value},
    remote::{self, aws::NewFunction},
};

impl Shared {
    pub(super) async fn create_function(
        &self,
        key: &str,
        role: &str,
        digest: &str,
    ) -> Result<String, Error> {
        let function = self.function(key)?;
        let image_uri = self.image_uri(digest);
        let wanted = NewFunction {
            name: &function.name,
            image_uri: &image_uri,
            role,
            architecture: &function.architecture,
            config: &function.config,
            tags: &function.ownership,
        };
        match self.aws()?.create_function(&wanted).await {
            Ok(_) => {}
            Err(remote::Error::Conflict { .. }) => self.is_ours(function).await?,
            Err(error) => return Err(error.into()),
        }
        self.settle(key, function, "create").await?;
        Ok(String::new())
    }

    /// Whether a function that appeared meanwhile is this project's: then an interrupted or concurrent apply made it.
    async fn is_ours(&self, function: &Function) -> Result<(), Error> {
        let resource = format!("function {}", function.name);
        let Some(found) = self.aws()?.function(&function.name, None).await? else {
            return Err(Error::Gone { resource });
        };
        if owned(&found.tags, &function.ownership) {
            Ok(())
        } else {
            Err(Error::Foreign { resource })
        }
    }

    pub(super) async fn update_code(
        &self,
        key: &str,
        digest: &str,
        planned: &str,
    ) -> Result<String, Error> {
        let function = self.function(key)?;
        let revision = self.revision(key, planned);
        let image_uri = self.image_uri(digest);
        self.aws()?
            .update_code(
                &function.name,
                &image_uri,
                &function.architecture,
                &revision,
            )
            .await?;
        let state = self.settle(key, function, "update the code of").await?;
        if state
            .digest
            .as_ref()
            .is_some_and(|found| found.as_str() != digest)
        {
            let what = "another image was deployed".to_owned();
            return Err(Error::Changed {
                name: function.name.clone(),
                what,
            });
        }
        Ok(String::new())
    }

    pub(super) async fn update_config(
        &self,
        key: &str,
        (role, reset): (&str, &Config),
        planned: &str,
    ) -> Result<String, Error> {
        let function = self.function(key)?;
        let revision = self.revision(key, planned);
        let config = function.config.clone().with(reset);
        self.aws()?
            .update_config(&function.name, &config, role, &revision)
            .await?;
        self.settle(key, function, "update").await?;
        Ok(String::new())
    }

    pub(super) async fn publish_version(&self, step: &StepId, key: &str) -> Result<String, Error> {
        let function = self.function(key)?;
        let name = &function.name;
        let latest = self.latest(key).await?;
        let aws = self.aws()?;
        let version = aws
            .publish_version(name, &function.version_description(), &latest.revision)
            .await?;
        let state = aws.settled(name, Some(&version)).await?;
        fail_if_failed(&state, name, "publish a version of")?;
        if state.digest != latest.digest {
            let what = "the published version has other code".to_owned();
            return Err(Error::Changed {
                name: name.clone(),
                what,
            });
        }
        self.give(step, version.as_str());
        Ok(format!("version {version}"))
    }

    pub(super) async fn set_alias(
        &self,
        key: &str,
        version: &str,
        revision: Option<&str>,
    ) -> Result<String, Error> {
        let function = self.function(key)?;
        let (aws, name) = (self.aws()?, &function.name);
        let Some(alias) = &function.deploy.alias else {
            return Err(Error::Stale {
                what: format!("an alias of `{key}`"),
            });
        };
        match revision {
            Some(revision) => aws
                .update_alias(name, alias, version, revision)
                .await
                .map(drop)?,
            None => match aws.create_alias(name, alias, version).await {
                Ok(_) => {}
                Err(remote::Error::Conflict { .. }) => {
                    self.move_appeared_alias(name, alias, version).await?
                }
                Err(error) => return Err(error.into()),
            },
        }
        Ok(format!("{alias} -> version {version}"))
    }

    /// An alias that appeared since the plan: ours goes on, since the function's tags made it ours.
    async fn move_appeared_alias(
        &self,
        name: &str,
        alias: &str,
        version: &str,
    ) -> Result<(), Error> {
        let aws = self.aws()?;
        let found = aws.alias(name, alias).await?;
        let found = found.ok_or_else(|| Error::Gone {
            resource: format!("alias {alias} of {name}"),
        })?;
        Ok(aws
            .update_alias(name, alias, version, &found.revision)
            .await
            .map(drop)?)
    }

    pub(super) async fn retire_versions(&self, key: &str, keep: u32) -> Result<String, Error> {
        let function = self.function(key)?;
        let aws = self.aws()?;
        let (versions, named) = tokio::try_join!(
            aws.versions(&function.name),
            aws.aliased_versions(&function.name)
        )?;
        let named: BTreeSet<String> = named.into_iter().collect();
        let surplus = versions.len().saturating_sub(keep as usize);
        let retired: Vec<&String> = versions
            .iter()
            .take(surplus)
            .filter(|one| !named.contains(*one))
            .collect();
        for version in &retired {
            aws.delete_version(&function.name, version).await?;
        }
        Ok(match retired.len() {
            0 => "none to retire".to_owned(),
            1 => format!("retired version {}", retired[0]),
            many => format!("retired {many} versions"),
        })
    }

    pub(super) async fn tag_function(
        &self,
        key: &str,
        set: &BTreeMap<String, Value<String>>,
        remove: &[String],
    ) -> Result<String, Error> {
        let arn = self.latest(key).await?.arn;
        let resolve =
            |(key, value): (&String, &Value<String>)| Ok((key.clone(), self.resolve(value)?));
        let tags = set
            .iter()
            .map(resolve)
            .collect::<Result<BTreeMap<_, _>, Error>>()?;
        if !tags.is_empty() {
            self.aws()?.tag_function(&arn, &tags).await?;
        }
        if !remove.is_empty() {
            self.aws()?.untag_function(&arn, remove).await?;
        }
        Ok(String::new())
    }

    /// Gives `$LATEST` its old image again, after tests on it failed.
    pub(super) async fn put_back(&self, key: &str, previous: &str) -> Result<(), Error> {
        let function = self.function(key)?;
        let latest = self.latest(key).await?;
        let (name, architecture) = (&function.name, &function.architecture);
        self.aws()?
            .update_code(name, previous, architecture, &latest.revision)
            .await?;
        self.settle(key, function, "put back the code of")
            .await
            .map(drop)
    }

    fn image_uri(&self, digest: &str) -> String {
        format!("{}@{digest}", self.repository())
    }

    /// The revision that this apply last saw of the function, else the plan's.
    fn revision(&self, key: &str, planned: &str) -> String {
        self.remembered(key)
            .map_or_else(|| planned.to_owned(), |state| state.revision)
    }

    /// The function as this apply last saw it, or as Lambda reports it now.
    async fn latest(&self, key: &str) -> Result<FunctionState, Error> {
        if let Some(state) = self.remembered(key) {
            return Ok(state);
        }
        let name = &self.function(key)?.name;
        let found = self.aws()?.function(name, None).await?;
        found.ok_or_else(|| Error::Gone {
            resource: format!("function {name}"),
        })
    }

    /// Waits until Lambda has carried the change out, and keeps what it then reports.
    async fn settle(
        &self,
        key: &str,
        function: &Function,
        what: &str,
    ) -> Result<FunctionState, Error> {
        let state = self.aws()?.settled(&function.name, None).await?;
        fail_if_failed(&state, &function.name, what)?;
        self.remember(key, state.clone());
        Ok(state)
    }
}

fn fail_if_failed(state: &FunctionState, name: &str, what: &str) -> Result<(), Error> {
    if state.state != "Failed" && state.last_update != "Failed" {
        return Ok(());
    }
    let reason = state
        .reason
        .clone()
        .unwrap_or_else(|| "Lambda gave no reason".to_owned());
    Err(Error::Failed {
        what: what.to_owned(),
        name: name.to_owned(),
        reason,
    })
}
