//! The properties of one function.

use super::{
    Reading, code, events, policies,
    values::{Resolved, ssm_parameter},
};
use crate::carry::{
    carried::Function,
    names,
    settings::{self, Environment, LAYERS, MEMORY_MB, STORAGE_MB, TIMEOUT_S},
    yaml::{Node, Value},
};

/// Returns the function; `None` with a note if jot does not support its language.
pub fn read(
    properties: &Node,
    metadata: Option<&Node>,
    reading: &mut Reading<'_>,
) -> Option<Function> {
    let mut function = Function {
        key: names::key(&reading.resource),
        ..Function::default()
    };
    function.code = code::read(properties, metadata, &mut function, reading)?;
    let named = properties.get("FunctionName");
    if let Some(name) = named.and_then(|node| reading.text("FunctionName", node)) {
        function.key = names::key(&name);
        function.deployed = true;
    }
    for (property, node) in properties.entries() {
        property_of(&mut function, property, node, reading);
    }
    Some(function)
}

fn property_of(function: &mut Function, property: &str, node: &Node, reading: &mut Reading<'_>) {
    if node.value == Value::Null && node.tag.is_none() {
        return;
    }
    match property {
        // Read with the code.
        "FunctionName" | "PackageType" | "Runtime" | "Handler" | "CodeUri" | "Code"
        | "InlineCode" | "ImageUri" => {}
        "Description" => function.description = reading.text(property, node),
        "Role" => function.role = role(node, reading),
        "Architectures" => {
            function.architecture = reading.texts(property, node).pop();
        }
        "MemorySize" => function.memory_mb = number(property, node, MEMORY_MB, reading),
        "Timeout" => function.timeout_s = number(property, node, TIMEOUT_S, reading),
        "EphemeralStorage" => {
            let size = node.get("Size").cloned();
            function.ephemeral_storage_mb =
                size.and_then(|size| number("EphemeralStorage.Size", &size, STORAGE_MB, reading));
        }
        "ReservedConcurrentExecutions" => {
            function.reserved_concurrency = reading.number(property, node);
        }
        "KmsKeyArn" => function.kms_key = reading.text(property, node),
        "PermissionsBoundary" => function.permissions_boundary = reading.text(property, node),
        "AutoPublishAlias" => function.alias = reading.text(property, node),
        "Environment" => environment(function, node, reading),
        "Tags" => tags(function, node, reading),
        "ImageConfig" => image(function, node, reading),
        "LoggingConfig" => logging(function, node, reading),
        "VpcConfig" => vpc(function, node, reading),
        "FileSystemConfigs" => file_systems(function, node, reading),
        "Policies" => policies::read(function, node, reading),
        "Events" => events::read(function, node, reading),
        _ => mode_of(function, property, node, reading),
    }
}

/// Properties with only one word that counts.
fn mode_of(function: &mut Function, property: &str, node: &Node, reading: &mut Reading<'_>) {
    match property {
        "Tracing" => function.tracing = tracing(property, node, reading),
        "TracingConfig" => {
            let mode = node.get("Mode").cloned();
            function.tracing = mode.and_then(|mode| tracing("TracingConfig.Mode", &mode, reading));
        }
        "DeadLetterQueue" | "DeadLetterConfig" => {
            let target = node.get("TargetArn").cloned();
            let property = format!("{property}.TargetArn");
            function.dead_letter = target.and_then(|target| reading.text(&property, &target));
        }
        "SnapStart" => {
            let apply = node.get("ApplyOn").cloned();
            let apply = apply.and_then(|node| reading.text("SnapStart.ApplyOn", &node));
            function.snapstart = apply.as_deref() == Some("PublishedVersions");
        }
        "ProvisionedConcurrencyConfig" => provisioned(function, node, reading),
        "FunctionUrlConfig" => events::url(function, node, reading),
        "EventInvokeConfig" => events::asynchronous(function, node, reading),
        "AutoPublishCodeSha256" | "AutoPublishAliasAllProperties" | "VersionDescription" => {}
        "AssumeRolePolicyDocument" | "RolePath" => reading.note(
            property,
            "no equivalent: jot's role trusts only Lambda. Set `role` to your own role.",
        ),
        "DeploymentPreference" => reading.note(
            property,
            "no equivalent: jot moves the alias once the new version passes its tests.",
        ),
        "Layers" if settings::takes_layers(function) => {
            function.layers = reading.texts(property, node);
        }
        "Layers" => reading.note(property, LAYERS),
        "RecursiveLoop" => {
            let mode = reading.text(property, node);
            function.recursive_loop = mode.map(|mode| mode.to_ascii_lowercase());
        }
        _ => reading.no_equivalent(property),
    }
}

/// Executions that are kept ready.
fn provisioned(function: &mut Function, node: &Node, reading: &mut Reading<'_>) {
    let property = "ProvisionedConcurrencyConfig";
    let count = node.get("ProvisionedConcurrentExecutions").cloned();
    function.provisioned_concurrency = count.and_then(|count| reading.number(property, &count));
}

fn number(
    property: &str,
    node: &Node,
    range: (i64, i64),
    reading: &mut Reading<'_>,
) -> Option<i64> {
    let number = reading.number(property, node)?;
    let place = format!("{}.{property}", reading.resource);
    settings::within(&place, number, range, reading.notes)
}

fn role(node: &Node, reading: &mut Reading<'_>) -> Option<String> {
    match reading.template.resolve(node) {
        Resolved::Text(role) => Some(role),
        Resolved::Nothing => None,
        Resolved::Open(written) => {
            reading.note(
                "Role",
                &format!(
                    "only CloudFormation knows {written}. Without `role` jot creates and \
                    manages one, with `policies` and `policy_file`; or set `role` to the ARN."
                ),
            );
            None
        }
    }
}

fn tracing(property: &str, node: &Node, reading: &mut Reading<'_>) -> Option<String> {
    match reading.text(property, node)?.as_str() {
        "Active" => Some("active".to_owned()),
        "PassThrough" => Some("pass-through".to_owned()),
        _ => {
            reading.no_equivalent(property);
            None
        }
    }
}

fn environment(function: &mut Function, node: &Node, reading: &mut Reading<'_>) {
    let Some(variables) = node.get("Variables") else {
        return reading.no_equivalent("Environment");
    };
    if variables.entries().is_empty() || super::values::intrinsic(variables).is_some() {
        return reading.note(
            "Environment.Variables",
            "set the variables by hand in `environment`.",
        );
    }
    let place = format!("{}.Environment", reading.resource);
    let mut environment = Environment::new(place, function);
    for (name, node) in variables.entries() {
        match reading.template.resolve(node) {
            Resolved::Text(text) => environment.plain(name, &text),
            Resolved::Nothing => {}
            Resolved::Open(written) => match ssm_parameter(&written) {
                Some(parameter) => environment.parameter(name, parameter),
                None => environment.local(name, &format!("`{written}`")),
            },
        }
    }
    environment.finish(reading.notes);
}

/// A map in SAM, a list of keys and values in CloudFormation.
fn tags(function: &mut Function, node: &Node, reading: &mut Reading<'_>) {
    let mut given = Vec::new();
    for (key, value) in node.entries() {
        given.extend(
            reading
                .text(&format!("Tags.{key}"), value)
                .map(|value| (key.clone(), value)),
        );
    }
    for item in node.items() {
        if let (Some(key), Some(value)) = (item.get("Key"), item.get("Value")) {
            let key = reading.text("Tags", key);
            let value = reading.text("Tags", value);
            given.extend(key.zip(value));
        }
    }
    let place = format!("{}.Tags", reading.resource);
    function.tags = settings::tags(&place, given, reading.notes);
}

fn image(function: &mut Function, node: &Node, reading: &mut Reading<'_>) {
    for (key, node) in node.entries() {
        match key.as_str() {
            "Command" => function.image.command = reading.texts("ImageConfig.Command", node),
            "EntryPoint" => {
                function.image.entry_point = reading.texts("ImageConfig.EntryPoint", node);
            }
            "WorkingDirectory" => {
                let property = "ImageConfig.WorkingDirectory";
                function.image.working_directory = reading.text(property, node);
            }
            _ => reading.no_equivalent(&format!("ImageConfig.{key}")),
        }
    }
}

fn logging(function: &mut Function, node: &Node, reading: &mut Reading<'_>) {
    for (key, node) in node.entries() {
        let property = format!("LoggingConfig.{key}");
        let word = |reading: &mut Reading<'_>| {
            let text = reading.text(&property, node);
            text.map(|text| text.to_ascii_lowercase())
        };
        match key.as_str() {
            "LogFormat" => function.logging.format = word(reading),
            "ApplicationLogLevel" => function.logging.level = word(reading),
            "SystemLogLevel" => function.logging.system_level = word(reading),
            "LogGroup" => function.logging.group = reading.text(&property, node),
            _ => reading.no_equivalent(&property),
        }
    }
}

fn vpc(function: &mut Function, node: &Node, reading: &mut Reading<'_>) {
    for (key, node) in node.entries() {
        let property = format!("VpcConfig.{key}");
        match key.as_str() {
            "SubnetIds" => function.subnets = reading.texts(&property, node),
            "Ipv6AllowedForDualStack" => {
                let flag = reading.text(&property, node);
                function.ipv6 = flag.as_deref() == Some("true");
            }
            "SecurityGroupIds" => function.security_groups = reading.texts(&property, node),
            _ => reading.no_equivalent(&property),
        }
    }
}

fn file_systems(function: &mut Function, node: &Node, reading: &mut Reading<'_>) {
    for item in node.items() {
        let text = |key: &str, reading: &mut Reading<'_>| {
            let node = item.get(key)?;
            reading.text(&format!("FileSystemConfigs.{key}"), node)
        };
        let (arn, mount) = (text("Arn", reading), text("LocalMountPath", reading));
        function.file_systems.extend(arn.zip(mount));
    }
}
