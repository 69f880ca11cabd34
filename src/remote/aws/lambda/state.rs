//! A function or version as Lambda reports it, with Lambda's defaults for missing fields,
//! <https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html>.

use std::collections::BTreeMap;

use aws_sdk_lambda::{
    operation::get_function::GetFunctionOutput,
    types::{
        EnvironmentResponse, FunctionConfiguration, SnapStartApplyOn, SnapStartOptimizationStatus,
    },
};

use super::{call, zip};
use crate::{
    model::{
        Architecture, Digest, FileSystem, ImageOverrides, LastUpdate, PackageType, Secret, State,
        Vpc,
        observed::{FunctionState, Settings},
        redacted,
    },
    remote::{
        Error,
        aws::{advice::denial, incomplete},
    },
};

const DEFAULT_MEMORY_MB: u32 = 128;
const DEFAULT_TIMEOUT_S: u32 = 3;
const DEFAULT_STORAGE_MB: u32 = 512;

/// The state in an answer to GetFunction.
///
/// # Errors
/// [`Error::AccessDenied`] where tags or environment are withheld: without them a function of jot's
/// would look like another owner's.
pub(super) fn of_get(answer: GetFunctionOutput, what: &str) -> Result<FunctionState, Error> {
    if let Some(error) = answer.tags_error {
        return Err(held_back(what, "lambda:ListTags", error.message));
    }
    let configuration = answer
        .configuration
        .ok_or_else(|| incomplete(what, "Configuration"))?;
    let mut state = of_configuration(configuration, what)?;
    if let Some(code) = answer.code {
        let resolved = code.resolved_image_uri.as_deref().and_then(digest_in);
        state.digest = resolved.or(state.digest);
        state.image_uri = code.image_uri;
    }
    let concurrency = answer.concurrency.as_ref();
    state.reserved_concurrency = concurrency
        .and_then(|concurrency| concurrency.reserved_concurrent_executions)
        .and_then(|number| number.try_into().ok());
    state.tags = answer.tags.unwrap_or_default().into_iter().collect();
    Ok(state)
}

/// The state in an answer with a configuration alone: no tags, and the digest by `CodeSha256`.
pub(super) fn of_configuration(
    configuration: FunctionConfiguration,
    what: &str,
) -> Result<FunctionState, Error> {
    let config = settings(&configuration, what)?;
    let snapshot = configuration.snap_start.as_ref();
    let status = snapshot.and_then(|snapshot| snapshot.optimization_status.as_ref());
    let optimised = status == Some(&SnapStartOptimizationStatus::On);
    let reason = reason(&configuration);
    let zip = zip::state(&configuration);
    let arn = configuration
        .function_arn
        .ok_or_else(|| incomplete(what, "FunctionArn"))?;
    let architecture = configuration.architectures.unwrap_or_default();
    Ok(FunctionState {
        arn: unqualified(&arn).to_owned(),
        version: configuration
            .version
            .unwrap_or_else(|| "$LATEST".to_owned()),
        package_type: configuration
            .package_type
            .map_or(PackageType::Zip, |one| one.as_str().into()),
        digest: configuration.code_sha256.as_deref().and_then(digest_of_hex),
        zip,
        image_uri: None,
        architecture: architecture
            .first()
            .map_or(Architecture::X86, |one| one.as_str().into()),
        role: configuration.role.unwrap_or_default(),
        config,
        tags: BTreeMap::new(),
        state: configuration
            .state
            .map_or(State::Active, |one| one.as_str().into()),
        last_update: configuration
            .last_update_status
            .map_or(LastUpdate::Successful, |one| one.as_str().into()),
        reason,
        revision: configuration.revision_id.unwrap_or_default(),
        modified: configuration.last_modified.unwrap_or_default(),
        reserved_concurrency: None,
        optimised,
    })
}

fn settings(configuration: &FunctionConfiguration, what: &str) -> Result<Settings, Error> {
    let number = |value: Option<i32>, default| {
        value
            .and_then(|value| value.try_into().ok())
            .unwrap_or(default)
    };
    let storage = configuration.ephemeral_storage.as_ref();
    let tracing = configuration.tracing_config.as_ref();
    let logging = configuration.logging_config.as_ref();
    let log_format = logging.and_then(|logging| logging.log_format.as_ref());
    let log_level = logging.and_then(|logging| logging.application_log_level.as_ref());
    let snapshot = configuration.snap_start.as_ref();
    let apply_on = snapshot.and_then(|snapshot| snapshot.apply_on.as_ref());
    Ok(Settings {
        description: configuration.description.clone().unwrap_or_default(),
        memory_mb: number(configuration.memory_size, DEFAULT_MEMORY_MB),
        timeout_s: number(configuration.timeout, DEFAULT_TIMEOUT_S),
        ephemeral_storage_mb: number(storage.map(|storage| storage.size), DEFAULT_STORAGE_MB),
        environment: environment(configuration.environment.as_ref(), what)?,
        tracing: tracing
            .and_then(|tracing| tracing.mode.as_ref())
            .map_or("PassThrough", |mode| mode.as_str())
            .to_owned(),
        log_format: log_format
            .map_or("Text", |format| format.as_str())
            .to_owned(),
        log_level: log_level.map(|level| level.as_str().to_owned()),
        system_log_level: logging
            .and_then(|logging| logging.system_log_level.as_ref())
            .map(|level| level.as_str().to_owned()),
        log_group: log_group(configuration).unwrap_or_default(),
        kms_key: configuration.kms_key_arn.clone().unwrap_or_default(),
        dead_letter: configuration
            .dead_letter_config
            .as_ref()
            .and_then(|config| config.target_arn.clone())
            .unwrap_or_default(),
        vpc: vpc(configuration),
        file_systems: file_systems(configuration),
        image: image(configuration, what)?,
        snapstart: apply_on == Some(&SnapStartApplyOn::PublishedVersions),
        runtime: configuration
            .runtime
            .as_ref()
            .map_or("", |runtime| runtime.as_str())
            .to_owned(),
        handler: configuration.handler.clone().unwrap_or_default(),
        layers: configuration
            .layers()
            .iter()
            .filter_map(|layer| layer.arn.clone())
            .collect(),
    })
}

fn vpc(configuration: &FunctionConfiguration) -> Vpc {
    let vpc = configuration.vpc_config.as_ref();
    let ids = |ids: Option<&[String]>| ids.unwrap_or_default().to_vec();
    Vpc::new(
        ids(vpc.map(|vpc| vpc.subnet_ids())),
        ids(vpc.map(|vpc| vpc.security_group_ids())),
    )
    .with_ipv6(vpc.and_then(|vpc| vpc.ipv6_allowed_for_dual_stack) == Some(true))
}

/// The log group, where it is not the default one.
fn log_group(configuration: &FunctionConfiguration) -> Option<String> {
    let group = configuration.logging_config.as_ref()?.log_group.clone()?;
    let own = own_log_group(configuration.function_arn.as_deref()?);
    (!group.is_empty() && group != own).then_some(group)
}

fn file_systems(configuration: &FunctionConfiguration) -> Vec<FileSystem> {
    let mounted = configuration.file_system_configs().iter();
    mounted
        .map(|one| FileSystem {
            arn: one.arn.clone(),
            mount: one.local_mount_path.clone(),
        })
        .collect()
}

fn image(configuration: &FunctionConfiguration, what: &str) -> Result<ImageOverrides, Error> {
    let Some(answer) = &configuration.image_config_response else {
        return Ok(ImageOverrides::default());
    };
    if let Some(error) = &answer.error {
        let message = error.message.clone().unwrap_or_default();
        return Err(held_back(what, "kms:Decrypt", message));
    }
    let Some(image) = &answer.image_config else {
        return Ok(ImageOverrides::default());
    };
    Ok(ImageOverrides {
        entry_point: image.entry_point().to_vec(),
        command: image.command().to_vec(),
        working_directory: image.working_directory().unwrap_or_default().to_owned(),
    })
}

fn environment(
    answer: Option<&EnvironmentResponse>,
    what: &str,
) -> Result<BTreeMap<String, Secret>, Error> {
    let Some(answer) = answer else {
        return Ok(BTreeMap::new());
    };
    if let Some(error) = &answer.error {
        let message = error.message.clone().unwrap_or_default();
        return Err(held_back(what, "kms:Decrypt", message));
    }
    let variables = answer.variables.iter().flatten();
    Ok(variables
        .map(|(name, value)| (name.clone(), Secret::new(value)))
        .collect())
}

/// The reason code and text of an abnormal state or update; of the failed one, if one has failed.
fn reason(configuration: &FunctionConfiguration) -> Option<String> {
    let code = configuration.state_reason_code.as_ref();
    let state = described(
        code.map(|code| code.as_str()),
        configuration.state_reason.as_deref(),
    );
    let code = configuration.last_update_status_reason_code.as_ref();
    let update = described(
        code.map(|code| code.as_str()),
        configuration.last_update_status_reason.as_deref(),
    );
    let failed = |status: Option<&str>| status == Some("Failed");
    let of_update = failed(
        configuration
            .last_update_status
            .as_ref()
            .map(|one| one.as_str()),
    ) && !failed(configuration.state.as_ref().map(|one| one.as_str()));
    if of_update {
        update.or(state)
    } else {
        state.or(update)
    }
}

/// Code and text in one; empty ones count as missing.
fn described(code: Option<&str>, text: Option<&str>) -> Option<String> {
    let said = |word: &&str| !word.is_empty();
    let text = text.map(redacted);
    match (code.filter(said), text.as_deref().filter(said)) {
        (Some(code), Some(text)) => Some(format!("{code}: {text}")),
        (Some(one), None) | (None, Some(one)) => Some(one.to_owned()),
        (None, None) => None,
    }
}

fn held_back(what: &str, action: &str, message: String) -> Error {
    let call = call("GetFunction", what);
    Error::AccessDenied {
        service: call.service.name(),
        operation: call.operation,
        resource: what.into(),
        action: action.into(),
        help: denial(action, &message),
        message,
    }
}

/// The digest at the end of `repository@sha256:...`.
pub(super) fn digest_in(uri: &str) -> Option<Digest> {
    Digest::parse(uri.rsplit_once('@')?.1)
}

/// `CodeSha256` of an image is the hex of its digest; of a zip it is base64, and no digest.
pub(super) fn digest_of_hex(code: &str) -> Option<Digest> {
    Digest::parse(&format!("sha256:{code}"))
}

/// The default log group of a function.
/// <https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-loggroups.html>
fn own_log_group(arn: &str) -> String {
    let name = unqualified(arn).rsplit(':').next().unwrap_or_default();
    format!("/aws/lambda/{name}")
}

/// `arn:aws:lambda:<region>:<account>:function:<name>`, without a version or alias.
fn unqualified(arn: &str) -> &str {
    match arn.match_indices(':').nth(6) {
        Some((end, _)) => &arn[..end],
        None => arn,
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_lambda::types::{EnvironmentError, FunctionCodeLocation, TagsError};

    use super::*;

    const HEX: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

    fn minimal() -> aws_sdk_lambda::types::builders::FunctionConfigurationBuilder {
        FunctionConfiguration::builder()
            .function_arn("arn:aws:lambda:eu-west-1:123456789012:function:double:live")
    }

    #[test]
    fn what_lambda_leaves_out_is_its_default() {
        let state = of_configuration(minimal().build(), "function double").unwrap();
        let arn = "arn:aws:lambda:eu-west-1:123456789012:function:double";
        assert_eq!(state.arn, arn);
        assert_eq!(state.config.memory_mb, 128);
        assert_eq!(state.config.timeout_s, 3);
        assert_eq!(state.config.ephemeral_storage_mb, 512);
        assert_eq!(state.config.tracing, "PassThrough");
        assert_eq!(state.config.log_format, "Text");
        assert_eq!((state.state, state.reason), (State::Active, None));
    }

    #[test]
    fn a_log_group_is_reported_if_it_is_not_the_default() {
        let group = |name: &str| {
            let logging = aws_sdk_lambda::types::LoggingConfig::builder().log_group(name);
            let answer = minimal().logging_config(logging.build()).build();
            of_configuration(answer, "function double")
                .unwrap()
                .config
                .log_group
        };
        assert_eq!(group("/aws/lambda/double"), "");
        assert_eq!(group("shared"), "shared");
    }

    #[test]
    fn the_reason_is_of_what_failed() {
        let both = || {
            minimal()
                .state_reason("The function is idle")
                .last_update_status_reason_code("ImageAccessDenied".into())
                .last_update_status_reason("no permission")
        };
        let reason = |answer| of_configuration(answer, "function double").unwrap().reason;
        let update = both()
            .state("Inactive".into())
            .last_update_status("Failed".into());
        let expected = Some("ImageAccessDenied: no permission".to_owned());
        assert_eq!(reason(update.build()), expected);
        let state = both()
            .state("Failed".into())
            .last_update_status("Failed".into());
        assert_eq!(
            reason(state.build()).as_deref(),
            Some("The function is idle")
        );
        let empty = both().state_reason("").state_reason_code("".into());
        assert_eq!(reason(empty.build()), expected);
    }

    #[test]
    fn the_digest_is_the_resolved_one_before_the_hash() {
        let other = "b".repeat(64);
        let code = FunctionCodeLocation::builder()
            .image_uri("host/r@sha256:x")
            .resolved_image_uri(format!("host/r@sha256:{other}"))
            .build();
        let answer = GetFunctionOutput::builder()
            .configuration(minimal().code_sha256(HEX).build())
            .code(code)
            .build();
        let state = of_get(answer, "function double").unwrap();
        assert_eq!(state.digest.unwrap().hex(), other);
        let hash = of_configuration(minimal().code_sha256(HEX).build(), "f").unwrap();
        assert_eq!(hash.digest.unwrap().hex(), HEX);
        let zip = minimal().code_sha256("RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o=");
        assert_eq!(of_configuration(zip.build(), "f").unwrap().digest, None);
    }

    #[test]
    fn what_is_held_back_is_a_matter_of_permission() {
        let error = TagsError::builder()
            .error_code("AccessDeniedException")
            .message("no")
            .build()
            .unwrap();
        let answer = GetFunctionOutput::builder()
            .configuration(minimal().build())
            .tags_error(error)
            .build();
        let denied = of_get(answer, "function double").unwrap_err();
        assert!(
            matches!(denied, Error::AccessDenied { action, .. } if &*action == "lambda:ListTags")
        );
        let error = EnvironmentError::builder().message("no key").build();
        let environment = EnvironmentResponse::builder().error(error).build();
        let answer = minimal().environment(environment).build();
        let denied = of_configuration(answer, "function double").unwrap_err();
        assert!(matches!(denied, Error::AccessDenied { action, .. } if &*action == "kms:Decrypt"));
    }
}
