//! The Lambda function: code, configuration, versions, alias and tags. `RevisionId` guards every change but tags: the plan's own
//! for the first, and after each wait the one that Lambda then reports.
//! <https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionCode.html>

use std::collections::BTreeMap;

use super::{Error, Shared};
use crate::{
    model::{
        Config, Digest, Function, StepId,
        desired::owned,
        observed::{FunctionState, Settings},
        value::Value,
    },
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
        let image_uri = self.image_uri(function, digest).await?;
        let wanted = NewFunction {
            name: &function.name,
            image_uri: &image_uri,
            role,
            architecture: &function.architecture,
            config: &function.config,
            tags: &function.ownership,
        };
        let taken = match self.aws()?.create_function(&wanted).await {
            Ok(_) => false,
            Err(remote::Error::Conflict { .. }) => true,
            Err(error) => return Err(error.into()),
        };
        if taken {
            self.is_ours(function).await?;
        }
        let state = self.settle(key, function, "create").await?;
        if taken && !(runs(&state, function, digest) && function.config.is_met_by(&state.config)) {
            return Err(changed(function, "it was made with other code or settings"));
        }
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
        let revision = self.revision(key, planned);
        let image_uri = self.image_uri(self.function(key)?, digest).await?;
        self.deploy(key, &image_uri, &revision, "update the code of")
            .await
            .map(|()| String::new())
    }

    /// Gives the function this image. Whether the request came through is seen by what Lambda then runs: the answer to it may
    /// have been lost, and the revision that it named be the one before.
    async fn deploy(
        &self,
        key: &str,
        image_uri: &str,
        revision: &str,
        what: &str,
    ) -> Result<(), Error> {
        let function = self.function(key)?;
        let (name, architecture) = (&function.name, &function.architecture);
        let updated = self
            .aws()?
            .update_code(name, image_uri, architecture, revision)
            .await;
        unless_changed(updated)?;
        let state = self.settle(key, function, what).await?;
        match image_uri.rsplit_once('@') {
            Some((_, digest)) if !runs(&state, function, digest) => {
                Err(changed(function, "another image was deployed"))
            }
            _ => Ok(()),
        }
    }

    pub(super) async fn update_config(
        &self,
        key: &str,
        (role, reset): (&str, &Config),
        planned: &str,
    ) -> Result<String, Error> {
        let function = self.function(key)?;
        let revision = self.revision(key, planned);
        let lifecycle = &function.lifecycle;
        let there = match lifecycle.ignores_variables() {
            true => self.latest(key).await?.config.environment,
            false => BTreeMap::new(),
        };
        // What was changed since it was read is refused with the revision.
        let config = function.config.with(reset).heeding(lifecycle, &there);
        let updated = self
            .aws()?
            .update_config(&function.name, &config, role, &revision)
            .await;
        unless_changed(updated)?;
        let state = self.settle(key, function, "update").await?;
        if state.role != role || !config.is_met_by(&state.config) {
            return Err(changed(function, "it was given other settings"));
        }
        Ok(String::new())
    }

    pub(super) async fn set_concurrency(
        &self,
        key: &str,
        reserved: Option<u32>,
    ) -> Result<(), Error> {
        let name = &self.function(key)?.name;
        Ok(self.aws()?.set_concurrency(name, reserved).await?)
    }

    pub(super) async fn publish_version(&self, step: &StepId, key: &str) -> Result<String, Error> {
        let function = self.function(key)?;
        let name = &function.name;
        let latest = self.latest(key).await?;
        let aws = self.aws()?;
        let description = function.version_description();
        let published = aws
            .publish_version(name, &description, &latest.revision)
            .await;
        let version = match unless_changed(published)? {
            Some(version) => version,
            None => {
                let revision = self.unchanged(key, function, &latest).await?;
                aws.publish_version(name, &description, &revision).await?
            }
        };
        let state = aws.settled(name, Some(&version)).await?;
        fail_if_failed(&state, name, "publish a version of")?;
        if !same_but_description(&state, &latest) {
            return Err(changed(
                function,
                "the published version has other code or settings",
            ));
        }
        self.give(step, version.as_str());
        Ok(format!("version {version}"))
    }

    /// The revision of a function that is still as it was, though its revision is another: publishing may give it one.
    async fn unchanged(
        &self,
        key: &str,
        function: &Function,
        before: &FunctionState,
    ) -> Result<String, Error> {
        let now = self.settle(key, function, "publish").await?;
        if now.role == before.role && same_but_description(&now, before) {
            return Ok(now.revision);
        }
        Err(changed(function, "it has other code or settings now"))
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
        let set = match revision {
            Some(revision) => aws.update_alias(name, alias, version, revision).await,
            None => aws.create_alias(name, alias, version).await,
        };
        match set {
            Ok(_) => {}
            Err(remote::Error::Changed { .. } | remote::Error::Conflict { .. }) => {
                self.points_at(function, alias, version).await?;
            }
            Err(error) => return Err(error.into()),
        }
        Ok(format!("{alias} -> version {version}"))
    }

    /// Makes sure of an alias that was not set because it had been changed or made since it was last seen: by a request of
    /// this apply whose answer was lost, or by another apply of the same manifest, it points where it should.
    async fn points_at(
        &self,
        function: &Function,
        alias: &str,
        version: &str,
    ) -> Result<(), Error> {
        let found = self.aws()?.alias(&function.name, alias).await?;
        let found = found.ok_or_else(|| Error::Gone {
            resource: format!("alias {alias} of {}", function.name),
        })?;
        if found.version == version && found.weights.is_empty() {
            return Ok(());
        }
        let what = format!("its alias {alias} points at version {} now", found.version);
        Err(changed(function, &what))
    }

    pub(super) async fn retire_versions(&self, key: &str, keep: u32) -> Result<String, Error> {
        let function = self.function(key)?;
        let aws = self.aws()?;
        let (versions, named) = tokio::try_join!(
            aws.versions(&function.name),
            aws.aliased_versions(&function.name)
        )?;
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
        let latest = self.latest(key).await?;
        self.deploy(key, previous, &latest.revision, "put back the code of")
            .await
    }

    /// Where Lambda finds the image: in the project's repository, or where somebody else put it.
    async fn image_uri(&self, function: &Function, digest: &str) -> Result<String, Error> {
        match &function.image_uri {
            Some(uri) => Ok(uri.clone()),
            None => Ok(format!("{}@{digest}", self.repository().await?)),
        }
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

/// What was answered, or none where the resource has another revision than the request named.
fn unless_changed<T>(answer: Result<T, remote::Error>) -> Result<Option<T>, Error> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(remote::Error::Changed { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Whether the function runs that image. A digest that Lambda does not report is taken as the right one.
fn runs(state: &FunctionState, function: &Function, digest: &str) -> bool {
    let same = |found: &Digest| found.as_str() == digest;
    state.digest.as_ref().is_none_or(same) && state.architecture == function.architecture
}

/// Whether both have the same code and settings; a version has a description of its own.
fn same_but_description(one: &FunctionState, other: &FunctionState) -> bool {
    let description = other.config.description.clone();
    let config = Settings {
        description,
        ..one.config.clone()
    };
    one.digest == other.digest && one.architecture == other.architecture && config == other.config
}

fn changed(function: &Function, what: &str) -> Error {
    Error::Changed {
        name: function.name.clone(),
        what: what.to_owned(),
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
