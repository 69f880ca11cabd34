//! The Lambda function: code, configuration, versions, alias and tags.
//!
//! `RevisionId` guards every change except tags: the plan's own for the first, and after each wait
//! the one that Lambda then reports.
//! <https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionCode.html>

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Error, Shared,
    settling::{Update, changed, difference, fail_if_failed, runs, unless_changed},
};
use crate::{
    model::{
        Action, Config, Form, Function, RecursiveLoop, RuntimeUpdate, StepId,
        desired::{TAG_RELEASE, owned},
        observed::{Alias, FunctionState},
        release::Releases,
        value::Value,
    },
    remote::{
        self,
        aws::{Change, NewFunction, NewZip, Pointed, Waited, is_settled},
    },
};

/// The outcome of a creation, or why it was not requested.
type Created = Result<Result<FunctionState, remote::Error>, Error>;

impl Shared {
    pub(super) async fn create_function(
        &self,
        key: &str,
        role: &str,
        digest: &str,
    ) -> Result<String, Error> {
        let function = self.function(key)?;
        let created = match function.form() {
            Form::Image => self.create_of_image(function, role, digest).await?,
            Form::Zip => self.create_of_archive(function, role, digest).await?,
        };
        let (taken, answer) = match created {
            Ok(answer) => (false, Some(answer)),
            Err(remote::Error::Conflict { .. }) => (true, None),
            Err(error) => return Err(error.into()),
        };
        if taken {
            self.is_ours(function).await?;
        }
        let state = match answer {
            Some(answer) if is_settled(&answer) => answer,
            _ => {
                let waited = Waited {
                    name: &function.name,
                    qualifier: None,
                    change: Change::Create,
                    before: None,
                    begun: !taken,
                };
                self.wait(&waited).await?
            }
        };
        let state = self.took(key, function, state, "create")?;
        if taken && !(runs(&state, function, digest) && function.config.is_met_by(&state.config)) {
            return Err(changed(function, "it was made with other code or settings"));
        }
        Ok(String::new())
    }

    async fn create_of_image(&self, function: &Function, role: &str, digest: &str) -> Created {
        let image_uri = self.image_uri(function, digest).await?;
        let wanted = NewFunction {
            name: &function.name,
            image_uri: &image_uri,
            role,
            architecture: function.architecture.as_str(),
            config: &function.config,
            tags: &function.ownership,
        };
        Ok(self.aws()?.create_function(&wanted).await)
    }

    async fn create_of_archive(&self, function: &Function, role: &str, digest: &str) -> Created {
        let code = self.archive(function, digest).await?;
        let wanted = NewZip {
            name: &function.name,
            code: &code,
            role,
            architecture: function.architecture.as_str(),
            config: &function.config,
            tags: &function.ownership,
        };
        Ok(self.aws()?.create_zip_function(&wanted).await)
    }

    /// Whether a function that appeared since planning belongs to this project: then an interrupted
    /// or concurrent apply created it.
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

    pub(super) async fn update_code(&self, key: &str, digest: &str) -> Result<String, Error> {
        const WHAT: &str = "update the code of";
        let function = self.function(key)?;
        if function.form() == Form::Image {
            let image_uri = self.image_uri(function, digest).await?;
            self.update(key, &Update::Code(&image_uri), WHAT).await?;
            return Ok(String::new());
        }
        if let Some(previous) = self.previous(key) {
            self.keep_archive(function, previous).await?;
        }
        let code = self.archive(function, digest).await?;
        self.update(key, &Update::Archive(&code, digest), WHAT)
            .await?;
        Ok(String::new())
    }

    pub(super) async fn update_config(
        &self,
        key: &str,
        (role, reset, log_group): (&str, &Config, Option<&str>),
    ) -> Result<String, Error> {
        let function = self.function(key)?;
        let lifecycle = &function.lifecycle;
        let environment = match lifecycle.ignores_variables() {
            true => self.current(key).await?.config.environment,
            false => BTreeMap::new(),
        };
        // Lambda refuses the update by its revision if the function changed after it was read.
        let config = function
            .config
            .with(reset)
            .respecting(lifecycle, &environment);
        self.update(key, &Update::Config(&config, role, log_group), "update")
            .await
            .map(|()| String::new())
    }

    pub(super) async fn set_concurrency(
        &self,
        key: &str,
        reserved: Option<u32>,
    ) -> Result<(), Error> {
        let name = &self.function(key)?.name;
        Ok(self.aws()?.set_concurrency(name, reserved).await?)
    }

    pub(super) async fn set_recursive_loop(
        &self,
        key: &str,
        wanted: &RecursiveLoop,
    ) -> Result<(), Error> {
        let name = &self.function(key)?.name;
        Ok(self.aws()?.set_recursive_loop(name, wanted).await?)
    }

    pub(super) async fn set_runtime_update(
        &self,
        key: &str,
        version: Option<&str>,
        update: &RuntimeUpdate,
    ) -> Result<(), Error> {
        let name = &self.function(key)?.name;
        Ok(self
            .aws()?
            .set_runtime_update(name, version, update)
            .await?)
    }

    pub(super) async fn publish_version(&self, step: &StepId, key: &str) -> Result<String, Error> {
        let function = self.function(key)?;
        let name = &function.name;
        let latest = self.current(key).await?;
        let aws = self.aws()?;
        let description = function.version_description();
        let published = aws
            .publish_version(name, &description, &latest.revision)
            .await;
        let answer = match unless_changed(published)? {
            Some(answer) => answer,
            None => {
                let revision = self.unchanged(key, &latest).await?.revision;
                aws.publish_version(name, &description, &revision).await?
            }
        };
        let version = answer.version.clone();
        let state = if is_settled(&answer) {
            answer
        } else {
            let waited = Waited {
                name,
                qualifier: Some(&version),
                change: Change::Publish,
                before: None,
                begun: true,
            };
            self.wait(&waited).await?
        };
        fail_if_failed(&state, name, "publish a version of")
            .map_err(|error| again_the_same(error, name, &version))?;
        if difference(&latest, &state).is_some() {
            return Err(changed(
                function,
                "the published version has other code or settings",
            ));
        }
        self.give(step, version.as_str());
        Ok(format!("version {version}"))
    }

    /// Points the alias at the first of these releases and records them.
    pub(super) async fn set_alias(
        &self,
        key: &str,
        record: &Releases,
        revision: Option<&str>,
    ) -> Result<String, Error> {
        let function = self.function(key)?;
        let (aws, name) = (self.aws()?, &function.name);
        let Some(alias) = &function.deploy.alias else {
            return Err(Error::Stale {
                what: format!("an alias of `{key}`"),
            });
        };
        let version = record.versions.first().map_or("", String::as_str);
        let description = record.to_string();
        let to = Pointed::at(version, &description);
        let seen = self.seen_alias(key);
        let set = match seen.as_deref().or(revision) {
            Some(revision) => aws.update_alias(name, alias, to, revision).await,
            None => aws.create_alias(name, alias, to).await,
        };
        match set {
            Ok(set) => self.remember_alias(key, set.revision),
            Err(remote::Error::Changed { .. } | remote::Error::Conflict { .. }) => {
                self.points_at(function, alias, to).await?;
            }
            Err(error) => return Err(error.into()),
        }
        Ok(format!("{alias} -> version {version}"))
    }

    /// Checks an alias that could not be set because it had changed or appeared since it was last
    /// read.
    ///
    /// It may point where it should by a request of this apply that lost its answer, or by another
    /// apply of the same manifest.
    pub(super) async fn points_at(
        &self,
        function: &Function,
        alias: &str,
        to: Pointed<'_>,
    ) -> Result<(), Error> {
        let found = self.aws()?.alias(&function.name, alias).await?;
        let found = found.ok_or_else(|| Error::Gone {
            resource: format!("alias {alias} of {}", function.name),
        })?;
        if found.version == to.version && found.weights == *to.weights {
            self.remember_alias(&function.key, found.revision);
            return Ok(());
        }
        let what = format!("its alias {alias} points at version {} now", found.version);
        Err(changed(function, &what))
    }

    pub(super) async fn retire_versions(&self, key: &str, keep: u32) -> Result<String, Error> {
        const NONE: &str = "none to retire";
        // Lambda numbers versions upwards and uses no number twice.
        if self.published(key).is_some_and(|newest| newest <= keep) {
            return Ok(NONE.to_owned());
        }
        let function = self.function(key)?;
        let aws = self.aws()?;
        let versions = aws.versions(&function.name).await?;
        if versions.len() <= keep as usize {
            return Ok(NONE.to_owned());
        }
        let aliases = aws.aliases(&function.name).await?;
        let own = function.deploy.alias.as_ref();
        let own = own.and_then(|alias| aliases.get(alias)?.releases());
        let named: BTreeSet<&String> = aliases.values().flat_map(Alias::versions).collect();
        let surplus = own.unwrap_or_default().surplus(&versions, keep);
        let retired: Vec<&String> = surplus
            .into_iter()
            .filter(|one| !named.contains(*one))
            .collect();
        for version in &retired {
            aws.delete_version(&function.name, version).await?;
        }
        Ok(match retired.len() {
            0 => NONE.to_owned(),
            1 => format!("retired version {}", retired[0]),
            many => format!("retired {many} versions"),
        })
    }

    /// The version of the function that this apply published.
    fn published(&self, key: &str) -> Option<u32> {
        let step = self.plan.steps.iter().find(
            |step| matches!(&step.action, Action::PublishVersion { function } if function == key),
        )?;
        self.resolve(&Value::<String>::From(step.id.clone()))
            .ok()?
            .parse()
            .ok()
    }

    pub(super) async fn tag_function(
        &self,
        key: &str,
        set: &BTreeMap<String, Value<String>>,
        remove: &[String],
    ) -> Result<String, Error> {
        let arn = self.arn(key).await?;
        let resolve =
            |(key, value): (&String, &Value<String>)| Ok((key.clone(), self.resolve(value)?));
        let mut tags = set
            .iter()
            .map(resolve)
            .collect::<Result<BTreeMap<_, _>, Error>>()?;
        // As with the labels of images, it belongs to the run, not to the plan.
        let revision = self.function(key).ok().and_then(|one| one.revision.clone());
        if let (Some(release), Some(revision)) = (tags.get_mut(TAG_RELEASE), revision) {
            *release = format!("{release} {revision}");
        }
        if !tags.is_empty() {
            self.aws()?.tag_function(&arn, &tags).await?;
        }
        if !remove.is_empty() {
            self.aws()?.untag_function(&arn, remove).await?;
        }
        Ok(String::new())
    }

    /// Restores the previous image of `$LATEST` after tests on it failed.
    pub(super) async fn put_back(&self, key: &str, previous: &str) -> Result<(), Error> {
        const WHAT: &str = "put back the code of";
        match self.function(key)?.form() {
            Form::Image => self.update(key, &Update::Code(previous), WHAT).await,
            Form::Zip => {
                let code = self.kept_code(previous).await?;
                self.update(key, &Update::Archive(&code, previous), WHAT)
                    .await
            }
        }
    }

    /// The function's ARN, which stays the same for all updates.
    async fn arn(&self, key: &str) -> Result<String, Error> {
        match self.plan.seen.get(key) {
            Some(seen) => Ok(seen.arn.clone()),
            None => Ok(self.current(key).await?.arn),
        }
    }

    /// The image for Lambda: in the project's repository, or at `image_uri`.
    async fn image_uri(&self, function: &Function, digest: &str) -> Result<String, Error> {
        match function.code.image_uri() {
            Some(uri) => Ok(uri.to_owned()),
            None => Ok(format!("{}@{digest}", self.repository().await?)),
        }
    }
}

/// Adds advice to the error of a version that failed.
///
/// Lambda publishes no other version while code and settings are the same, but returns its number
/// again. <https://docs.aws.amazon.com/lambda/latest/api/API_PublishVersion.html>
fn again_the_same(error: Error, function: &str, version: &str) -> Error {
    match error {
        Error::Failed {
            what,
            name,
            reason,
            help,
        } => Error::Failed {
            what,
            name,
            reason,
            help: format!(
                "{help}; Lambda gives version {version} again until code or settings change, or \
                 the version is deleted: `aws lambda delete-function --function-name {function} \
                 --qualifier {version}`"
            ),
        },
        error => error,
    }
}
