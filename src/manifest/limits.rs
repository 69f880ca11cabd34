//! The limits of Lambda, ECR, IAM, CloudWatch Logs and Docker that can be checked offline, each
//! with its source. Types name them in their schema attributes; rules across fields use the rest.

pub mod pattern;

pub use super::ignorable::{IGNORABLE, IGNORABLE_ENTRIES};

/// The most tags that a function can have.
/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-tags.html>
pub const TAGS: usize = 50;

/// The tags that jot itself puts on a function, which count towards [`TAGS`]. An adopted function
/// also has `jot:adopted`, which AWS counts when it is adopted.
pub const OWN_TAGS: [&str; 11] = [
    "jot:project",
    "jot:function",
    "jot:target",
    "jot:fingerprint",
    "jot:digest",
    "jot:inputs",
    "jot:config",
    "jot:managed",
    "jot:entries",
    "jot:files",
    "jot:release",
];

/// Characters of a Lambda function's name.
/// <https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html>
pub const FUNCTION_NAME: usize = 64;

/// Characters of an image tag, here `<function>.<tag>`.
/// <https://docs.docker.com/reference/cli/docker/image/tag/>
pub const IMAGE_TAG: usize = 128;

/// Bytes of a function's environment.
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
pub const ENVIRONMENT_BYTES: usize = 4096;

/// Managed policies of one role: the highest value of the quota, which is 10 by default.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
pub const ROLE_POLICIES: usize = 25;

/// The variables that Lambda sets and that a function's configuration may not.
/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html>
pub const RESERVED_VARIABLES: [&str; 18] = [
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
    "AWS_DEFAULT_REGION",
    "AWS_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_LAMBDA_RUNTIME_API",
    "LAMBDA_TASK_ROOT",
    "LAMBDA_RUNTIME_DIR",
];

/// Bytes of an argument: the limit of a synchronous call, which a test is.
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
pub const ARGUMENT_BYTES: usize = 6 * 1024 * 1024;

/// The retention periods that CloudWatch Logs offers, in days.
/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html>
pub const RETENTION_DAYS: [u32; 22] = [
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922,
    3288, 3653,
];

/// The networks that a build by BuildKit can use.
/// <https://docs.docker.com/reference/cli/docker/buildx/build/#network>
pub const NETWORKS: [&str; 3] = ["default", "host", "none"];

/// Returns the size of a function's environment in bytes, as Lambda measures it: the JSON object,
/// with names and punctuation (its error quotes it as `String measured`). Compare with
/// [`ENVIRONMENT_BYTES`].
pub fn environment_bytes<'a>(variables: impl IntoIterator<Item = (&'a str, &'a str)>) -> usize {
    let object: serde_json::Map<String, serde_json::Value> = variables
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.into()))
        .collect();
    serde_json::Value::Object(object).to_string().len()
}

/// Characters of all inline policies of a role, without white space.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
pub const INLINE_POLICY: usize = 10_240;

/// Returns how many managed policies jot itself attaches to its role: basic execution, X-Ray with
/// active tracing, and network interfaces in a VPC.
pub fn own_policies(traced: bool, vpc: bool) -> usize {
    1 + usize::from(traced) + usize::from(vpc)
}

/// Schemas of the keys of tables that the user names.
pub(super) mod keys {
    use schemars::Schema;
    use serde_json::{Value, json};

    use super::{RESERVED_VARIABLES, pattern};

    fn named(schema: &mut Schema, names: Value) {
        schema.insert("propertyNames".to_owned(), names);
    }

    pub fn functions(schema: &mut Schema) {
        named(schema, json!({ "pattern": pattern::FUNCTION }));
    }

    pub fn triggers(schema: &mut Schema) {
        named(schema, json!({ "pattern": pattern::TRIGGER }));
    }

    #[cfg(test)]
    pub fn targets(schema: &mut Schema) {
        named(schema, json!({ "pattern": pattern::TARGET }));
    }

    pub fn environment(schema: &mut Schema) {
        named(
            schema,
            json!({ "pattern": pattern::VARIABLE, "not": { "enum": RESERVED_VARIABLES } }),
        );
    }

    pub fn build_arguments(schema: &mut Schema) {
        named(schema, json!({ "pattern": pattern::BUILD_ARGUMENT }));
    }

    pub fn secrets(schema: &mut Schema) {
        named(schema, json!({ "pattern": pattern::SECRET }));
    }

    pub fn labels(schema: &mut Schema) {
        named(
            schema,
            json!({ "pattern": pattern::LABEL, "not": { "pattern": pattern::OWN_LABEL } }),
        );
    }

    pub fn tags(schema: &mut Schema) {
        let own = json!({ "pattern": pattern::OWN_TAG });
        named(
            schema,
            json!({
                "minLength": 1, "maxLength": 128, "pattern": pattern::TAG_CHARACTERS, "not": own,
            }),
        );
        let value =
            json!({ "type": "string", "maxLength": 256, "pattern": pattern::TAG_CHARACTERS });
        schema.insert("additionalProperties".to_owned(), value);
    }
}
