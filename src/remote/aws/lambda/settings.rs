//! Managed settings in Lambda's types; a setting that the manifest does not have is not sent.

use aws_sdk_lambda::types::{
    ApplicationLogLevel, DeadLetterConfig, Environment, EphemeralStorage, FileSystemConfig,
    ImageConfig, LogFormat, LoggingConfig, SnapStart, SnapStartApplyOn, SystemLogLevel,
    TracingConfig, TracingMode, VpcConfig, builders::LoggingConfigBuilder,
};

use crate::{
    model::{Config, FileSystem, ImageOverrides, Origin, Vpc, value::EnvValue},
    remote::{Error, aws::unbuildable},
};

/// The whole environment, every variable.
///
/// # Errors
///
/// [`Error::Failed`] where a value is unknown on this machine: leaving the variable out would
/// remove it from the function.
pub(super) fn environment(config: &Config) -> Result<Option<Environment>, Error> {
    let Some(variables) = &config.environment else {
        return Ok(None);
    };
    // Always a map: an absent one would keep the present variables.
    let mut all = Environment::builder().set_variables(Some(Default::default()));
    for (name, value) in variables {
        let known = value.reveal().ok_or_else(|| unknown(name, value))?;
        all = all.variables(name, known);
    }
    Ok(Some(all.build()))
}

fn unknown(name: &str, value: &EnvValue) -> Error {
    let (reason, help) = match value.unknown() {
        Some(Origin::Env(from)) => (
            format!("the variable {from} is not set on this machine"),
            format!("set {from} and run the command again"),
        ),
        Some(origin) => (
            format!("the {origin} was not read"),
            "`jot plan` says why".to_owned(),
        ),
        None => (
            "the value is not known".to_owned(),
            "`jot plan` says why".to_owned(),
        ),
    };
    Error::Failed {
        resource: format!("environment.{name}"),
        reason,
        help: Some(help),
    }
}

/// SnapStart of published versions, or of none.
///
/// <https://docs.aws.amazon.com/lambda/latest/api/API_SnapStart.html>
pub(super) fn snapstart(config: &Config) -> Option<SnapStart> {
    let apply_on = match config.snapstart? {
        true => SnapStartApplyOn::PublishedVersions,
        false => SnapStartApplyOn::None,
    };
    Some(SnapStart::builder().apply_on(apply_on).build())
}

/// Subnets and security groups; empty lists remove the function from its network.
///
/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html>
pub(super) fn vpc(config: &Config) -> Option<VpcConfig> {
    let Vpc {
        subnets,
        security_groups,
        ipv6,
    } = config.vpc.clone()?;
    // IPv6 is only sent with a network.
    let ipv6 = (!subnets.is_empty()).then_some(ipv6);
    let vpc = VpcConfig::builder()
        .set_subnet_ids(Some(subnets))
        .set_security_group_ids(Some(security_groups))
        .set_ipv6_allowed_for_dual_stack(ipv6);
    Some(vpc.build())
}

/// The target of failed events; an empty ARN removes it.
///
/// <https://docs.aws.amazon.com/lambda/latest/api/API_DeadLetterConfig.html>
pub(super) fn dead_letter(config: &Config) -> Option<DeadLetterConfig> {
    let arn = config.dead_letter.as_ref()?;
    Some(DeadLetterConfig::builder().target_arn(arn).build())
}

/// The function's file systems; an empty list removes them.
pub(super) fn file_systems(config: &Config) -> Result<Option<Vec<FileSystemConfig>>, Error> {
    let mounted = |FileSystem { arn, mount }: &FileSystem| {
        let mounted = FileSystemConfig::builder().arn(arn).local_mount_path(mount);
        mounted.build()
    };
    let all = config.file_systems.as_ref();
    all.map(|all| all.iter().map(mounted).collect::<Result<_, _>>())
        .transpose()
        .map_err(|cause| unbuildable("file_systems", &cause))
}

/// The function's overrides of the image; Lambda replaces all earlier ones, so empty fields follow
/// the image.
///
/// <https://docs.aws.amazon.com/lambda/latest/api/API_ImageConfig.html>
pub(super) fn image(config: &Config) -> Option<ImageConfig> {
    let ImageOverrides {
        entry_point,
        command,
        working_directory,
    } = config.image.clone()?;
    let filled = |list: Vec<String>| (!list.is_empty()).then_some(list);
    let image = ImageConfig::builder()
        .set_entry_point(filled(entry_point))
        .set_command(filled(command))
        .set_working_directory((!working_directory.is_empty()).then_some(working_directory));
    Some(image.build())
}

/// The size of /tmp in MB.
pub(super) fn storage(config: &Config) -> Result<Option<EphemeralStorage>, Error> {
    let Some(size) = number(config.ephemeral_storage_mb) else {
        return Ok(None);
    };
    let storage = EphemeralStorage::builder().size(size).build();
    storage
        .map(Some)
        .map_err(|cause| unbuildable("ephemeral_storage_mb", &cause))
}

/// The mode of X-Ray tracing.
pub(super) fn tracing(config: &Config) -> Option<TracingConfig> {
    let mode = config.tracing.as_deref()?;
    let mode = TracingMode::from(mode);
    Some(TracingConfig::builder().mode(mode).build())
}

/// Format and levels of log lines, and the log group of a function: `kept` where `config` has none.
///
/// Levels require JSON.
pub(super) fn logging(name: &str, config: &Config, kept: Option<&str>) -> Option<LoggingConfig> {
    let lines = config.log_format.is_some()
        || config.log_level.is_some()
        || config.system_log_level.is_some();
    if !lines && config.log_group.is_none() {
        return None;
    }
    let own = format!("/aws/lambda/{name}");
    let group = match config.log_group.as_deref() {
        Some("") => Some(own.as_str()),
        Some(group) => Some(group),
        None => kept,
    };
    Some(
        log_lines(config)
            .set_log_group(group.map(str::to_owned))
            .build(),
    )
}

/// The same, with the log group for the lines.
///
/// <https://docs.aws.amazon.com/lambda/latest/api/API_LoggingConfig.html>
pub(super) fn logging_to(config: &Config, log_group: &str) -> LoggingConfig {
    log_lines(config).log_group(log_group).build()
}

fn log_lines(config: &Config) -> LoggingConfigBuilder {
    let format = config.log_format.as_deref().map(LogFormat::from);
    let level = config.log_level.as_deref().map(ApplicationLogLevel::from);
    let system = config.system_log_level.as_deref();
    LoggingConfig::builder()
        .set_log_format(format)
        .set_application_log_level(level)
        .set_system_log_level(system.map(SystemLogLevel::from))
}

/// A number in the SDK's type; the manifest's limits are far below it.
pub(super) fn number(value: Option<u32>) -> Option<i32> {
    value.map(|value| value.try_into().unwrap_or(i32::MAX))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn an_empty_environment_is_sent_and_an_absent_one_is_not() {
        assert_eq!(environment(&Config::default()).unwrap(), None);
        let config = Config {
            environment: Some(BTreeMap::new()),
            ..Config::default()
        };
        let sent = environment(&config).unwrap().unwrap();
        assert!(sent.variables.unwrap().is_empty());
    }

    #[test]
    fn the_log_group_is_named_where_it_is_wanted_or_kept() {
        let group = |config: &Config, kept| {
            let sent = logging("double", config, kept)?;
            Some(sent.log_group.unwrap_or_default())
        };
        let wanted = |log_group: &str| Config {
            log_group: Some(log_group.to_owned()),
            ..Config::default()
        };
        let format = Config {
            log_format: Some("JSON".to_owned()),
            ..Config::default()
        };
        assert_eq!(group(&Config::default(), Some("shared")), None);
        assert_eq!(group(&format, None).as_deref(), Some(""));
        assert_eq!(group(&format, Some("shared")).as_deref(), Some("shared"));
        assert_eq!(group(&wanted("mine"), None).as_deref(), Some("mine"));
        assert_eq!(
            group(&wanted(""), None).as_deref(),
            Some("/aws/lambda/double")
        );
    }

    #[test]
    fn an_unknown_value_is_never_left_out() {
        let from = EnvValue::from_env("SHELL_URL", None);
        let config = Config {
            environment: Some(BTreeMap::from([("DB_URL".to_owned(), from)])),
            ..Config::default()
        };
        let error = environment(&config).unwrap_err().to_string();
        assert_eq!(
            error,
            "environment.DB_URL: the variable SHELL_URL is not set on this machine"
        );
    }
}
