//! Functions: look up, create, update, tag, delete.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aws_sdk_lambda::{
    operation::{
        create_function::builders::CreateFunctionFluentBuilder,
        update_function_configuration::builders::UpdateFunctionConfigurationFluentBuilder,
    },
    types::{
        Architecture, FunctionCode, FunctionConfiguration, LoggingConfig, PackageType, Runtime,
    },
};

use super::{call, settings, state};
use crate::{
    model::{
        Config,
        desired::{CREATED_MEMORY_MB, CREATED_TIMEOUT_S},
        observed::FunctionState,
    },
    remote::{
        Aws, Error,
        aws::{
            NewFunction,
            call::{absent, gone},
        },
    },
};

/// Page size of ListFunctions.
const PAGE: i32 = 50;

/// The fields that are the same in four answers, for which the SDK has a type each.
macro_rules! configuration {
    ($answer:expr) => {{
        let answer = $answer;
        FunctionConfiguration::builder()
            .set_function_arn(answer.function_arn)
            .set_version(answer.version)
            .set_package_type(answer.package_type)
            .set_code_sha256(answer.code_sha256)
            .set_code_size(Some(answer.code_size))
            .set_runtime(answer.runtime)
            .set_handler(answer.handler)
            .set_layers(answer.layers)
            .set_runtime_version_config(answer.runtime_version_config)
            .set_architectures(answer.architectures)
            .set_role(answer.role)
            .set_description(answer.description)
            .set_memory_size(answer.memory_size)
            .set_timeout(answer.timeout)
            .set_ephemeral_storage(answer.ephemeral_storage)
            .set_environment(answer.environment)
            .set_tracing_config(answer.tracing_config)
            .set_logging_config(answer.logging_config)
            .set_kms_key_arn(answer.kms_key_arn)
            .set_dead_letter_config(answer.dead_letter_config)
            .set_vpc_config(answer.vpc_config)
            .set_file_system_configs(answer.file_system_configs)
            .set_image_config_response(answer.image_config_response)
            .set_snap_start(answer.snap_start)
            .set_state(answer.state)
            .set_state_reason(answer.state_reason)
            .set_state_reason_code(answer.state_reason_code)
            .set_last_update_status(answer.last_update_status)
            .set_last_update_status_reason(answer.last_update_status_reason)
            .set_last_update_status_reason_code(answer.last_update_status_reason_code)
            .set_revision_id(answer.revision_id)
            .set_last_modified(answer.last_modified)
            .build()
    }};
}
pub(super) use configuration;

/// What both package types have.
pub(super) struct Common<'a> {
    pub name: &'a str,
    pub role: &'a str,
    pub architecture: &'a str,
    pub config: &'a Config,
    pub tags: &'a BTreeMap<String, String>,
}

impl Aws {
    /// The function; `qualifier` is a version or alias, `None` means `$LATEST`.
    pub async fn function(
        &self,
        name: &str,
        qualifier: Option<&str>,
    ) -> Result<Option<FunctionState>, Error> {
        let what = format!("function {name}");
        let client = self.shared.lambda();
        let request = client
            .get_function()
            .function_name(name)
            .set_qualifier(qualifier.map(str::to_owned));
        let answer = self.call(call("GetFunction", &what), || request.clone().send());
        absent(answer.await)?
            .map(|answer| state::of_get(answer, &what))
            .transpose()
    }

    /// The functions of these names, by name, in pages of 50.
    ///
    /// Settings and hash of the code, but no tags, and on AWS no state: `Active` is assumed. Lambda
    /// lists all functions of the region; paging ends once the last of `names` was found.
    /// <https://docs.aws.amazon.com/lambda/latest/api/API_ListFunctions.html>
    pub async fn functions(
        &self,
        names: &BTreeSet<&str>,
    ) -> Result<BTreeMap<String, FunctionState>, Error> {
        let client = self.shared.lambda();
        let mut request = client.list_functions().max_items(PAGE);
        let mut found = BTreeMap::new();
        loop {
            let page = self.call(call("ListFunctions", "functions"), || {
                request.clone().send()
            });
            let page = page.await?;
            for one in page.functions.unwrap_or_default() {
                let Some(name) = one.function_name.clone() else {
                    continue;
                };
                if names.contains(name.as_str()) {
                    let state = state::of_configuration(one, &format!("function {name}"))?;
                    found.insert(name, state);
                }
            }
            match page.next_marker.filter(|marker| !marker.is_empty()) {
                Some(marker) if found.len() < names.len() => request = request.marker(marker),
                _ => return Ok(found),
            }
        }
    }

    /// Creates the function and returns its state, which is `Pending` at first.
    ///
    /// Waits where IAM has not propagated its role yet.
    ///
    /// # Errors
    ///
    /// [`Error::Conflict`] where it exists.
    pub async fn create_function(&self, wanted: &NewFunction<'_>) -> Result<FunctionState, Error> {
        self.create(wanted, settings::logging(wanted.name, wanted.config, None))
            .await
    }

    /// As [`Aws::create_function`], for a function that writes to the log group of another one.
    pub async fn create_copy(
        &self,
        wanted: &NewFunction<'_>,
        log_group: &str,
    ) -> Result<FunctionState, Error> {
        let logging = settings::logging_to(wanted.config, log_group);
        self.create(wanted, Some(logging)).await
    }

    async fn create(
        &self,
        wanted: &NewFunction<'_>,
        logging: Option<LoggingConfig>,
    ) -> Result<FunctionState, Error> {
        let what = format!("function {}", wanted.name);
        let common = Common {
            name: wanted.name,
            role: wanted.role,
            architecture: wanted.architecture,
            config: wanted.config,
            tags: wanted.tags,
        };
        let code = FunctionCode::builder().image_uri(wanted.image_uri).build();
        let request = self
            .creation(&common, logging)?
            .package_type(PackageType::Image)
            .code(code)
            .set_image_config(settings::image(wanted.config));
        let answer = self
            .call(call("CreateFunction", &what), || request.clone().send())
            .await?;
        let mut state = state::of_configuration(configuration!(answer), &what)?;
        state.digest = state.digest.or_else(|| state::digest_in(wanted.image_uri));
        state.image_uri = Some(wanted.image_uri.to_owned());
        state.tags = wanted.tags.clone();
        Ok(state)
    }

    /// The request that creates a function, without its code.
    pub(super) fn creation(
        &self,
        wanted: &Common<'_>,
        logging: Option<LoggingConfig>,
    ) -> Result<CreateFunctionFluentBuilder, Error> {
        let config = wanted.config;
        let tags: HashMap<_, _> = wanted.tags.clone().into_iter().collect();
        let client = self.shared.lambda();
        Ok(client
            .create_function()
            .function_name(wanted.name)
            .role(wanted.role)
            .architectures(Architecture::from(wanted.architecture))
            .set_tags(Some(tags))
            .set_description(config.description.clone())
            .set_memory_size(settings::number(
                config.memory_mb.or(Some(CREATED_MEMORY_MB)),
            ))
            .set_timeout(settings::number(
                config.timeout_s.or(Some(CREATED_TIMEOUT_S)),
            ))
            .set_ephemeral_storage(settings::storage(config)?)
            .set_environment(settings::environment(config)?)
            .set_tracing_config(settings::tracing(config))
            .set_logging_config(logging)
            .set_kms_key_arn(config.kms_key.clone())
            .set_dead_letter_config(settings::dead_letter(config))
            .set_vpc_config(settings::vpc(config))
            .set_file_system_configs(settings::file_systems(config)?)
            .set_snap_start(settings::snapstart(config))
            .set_runtime(config.runtime.as_deref().map(Runtime::from))
            .set_handler(config.handler.clone())
            .set_layers(config.layers.clone()))
    }

    /// Updates the function's image; returns its state, without tags.
    ///
    /// # Errors
    ///
    /// [`Error::Changed`] where its revision is no longer `revision`.
    pub async fn update_code(
        &self,
        name: &str,
        image_uri: &str,
        architecture: &str,
        revision: &str,
    ) -> Result<FunctionState, Error> {
        let what = format!("function {name}");
        let client = self.shared.lambda();
        let request = client
            .update_function_code()
            .function_name(name)
            .image_uri(image_uri)
            .architectures(Architecture::from(architecture))
            .revision_id(revision);
        let answer = self
            .call(call("UpdateFunctionCode", &what), || request.clone().send())
            .await?;
        let mut state = state::of_configuration(configuration!(answer), &what)?;
        state.digest = state.digest.or_else(|| state::digest_in(image_uri));
        state.image_uri = Some(image_uri.to_owned());
        Ok(state)
    }

    /// Sets the role and every setting in `config`; returns the function's state, without tags and
    /// image.
    ///
    /// # Errors
    ///
    /// [`Error::Changed`] where its revision is no longer `revision`.
    pub async fn update_config(
        &self,
        name: &str,
        config: &Config,
        role: &str,
        revision: &str,
    ) -> Result<FunctionState, Error> {
        self.update_config_logging_to(name, (config, None), role, revision)
            .await
    }

    /// As [`Aws::update_config`], for a function that writes to a log group that `config` does not
    /// have.
    ///
    /// Lambda may reset the group where a logging configuration names none, so the request names
    /// it.
    ///
    /// # Errors
    ///
    /// [`Error::Changed`] where its revision is no longer `revision`.
    pub async fn update_config_logging_to(
        &self,
        name: &str,
        (config, log_group): (&Config, Option<&str>),
        role: &str,
        revision: &str,
    ) -> Result<FunctionState, Error> {
        let what = format!("function {name}");
        let request = self.configuring(name, (config, log_group), (role, revision))?;
        let answer = self
            .call(call("UpdateFunctionConfiguration", &what), || {
                request.clone().send()
            })
            .await?;
        state::of_configuration(configuration!(answer), &what)
    }

    /// The request that sets role and settings.
    fn configuring(
        &self,
        name: &str,
        (config, log_group): (&Config, Option<&str>),
        (role, revision): (&str, &str),
    ) -> Result<UpdateFunctionConfigurationFluentBuilder, Error> {
        let client = self.shared.lambda();
        Ok(client
            .update_function_configuration()
            .function_name(name)
            .role(role)
            .revision_id(revision)
            .set_description(config.description.clone())
            .set_memory_size(settings::number(config.memory_mb))
            .set_timeout(settings::number(config.timeout_s))
            .set_ephemeral_storage(settings::storage(config)?)
            .set_environment(settings::environment(config)?)
            .set_tracing_config(settings::tracing(config))
            .set_logging_config(settings::logging(name, config, log_group))
            .set_kms_key_arn(config.kms_key.clone())
            .set_dead_letter_config(settings::dead_letter(config))
            .set_vpc_config(settings::vpc(config))
            .set_file_system_configs(settings::file_systems(config)?)
            .set_snap_start(settings::snapstart(config))
            .set_runtime(config.runtime.as_deref().map(Runtime::from))
            .set_handler(config.handler.clone())
            .set_layers(config.layers.clone())
            .set_image_config(settings::image(config)))
    }

    /// Sets or removes the function's reserved concurrency.
    ///
    /// <https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionConcurrency.html>
    pub async fn set_concurrency(&self, name: &str, reserved: Option<u32>) -> Result<(), Error> {
        let what = format!("function {name}");
        let client = self.shared.lambda();
        let Some(reserved) = settings::number(reserved) else {
            let request = client.delete_function_concurrency().function_name(name);
            let sent = || request.clone().send();
            self.call(call("DeleteFunctionConcurrency", &what), sent)
                .await?;
            return Ok(());
        };
        let request = client
            .put_function_concurrency()
            .function_name(name)
            .reserved_concurrent_executions(reserved);
        self.call(call("PutFunctionConcurrency", &what), || {
            request.clone().send()
        })
        .await?;
        Ok(())
    }

    /// Sets these tags; others stay.
    pub async fn tag_function(
        &self,
        arn: &str,
        tags: &BTreeMap<String, String>,
    ) -> Result<(), Error> {
        let tags: HashMap<_, _> = tags.clone().into_iter().collect();
        let client = self.shared.lambda();
        let request = client.tag_resource().resource(arn).set_tags(Some(tags));
        self.call(call("TagResource", arn), || request.clone().send())
            .await?;
        Ok(())
    }

    /// Removes tags by key.
    pub async fn untag_function(&self, arn: &str, keys: &[String]) -> Result<(), Error> {
        let client = self.shared.lambda();
        let request = client
            .untag_resource()
            .resource(arn)
            .set_tag_keys(Some(keys.to_vec()));
        self.call(call("UntagResource", arn), || request.clone().send())
            .await?;
        Ok(())
    }

    /// Deletes the function with all its versions and aliases.
    pub async fn delete_function(&self, name: &str) -> Result<(), Error> {
        let what = format!("function {name}");
        let request = self.shared.lambda().delete_function().function_name(name);
        gone(
            self.call(call("DeleteFunction", &what), || request.clone().send())
                .await,
        )
    }
}
