//! The operation of a request, from its head alone, and the form of its service's errors.

use hyper::{HeaderMap, Method, Uri};

/// The operation in IAM's spelling, `lambda:GetFunction`; `registry:` for the Docker registry's
/// protocol; `docker:` for a daemon's; `other:` with method and path for any other request.
pub fn name(method: &Method, uri: &Uri, headers: &HeaderMap, form: &str) -> String {
    let target = headers
        .get("x-amz-target")
        .and_then(|target| target.to_str().ok());
    let path = uri.path();
    target
        .and_then(by_target)
        .or_else(|| by_form(form))
        .or_else(|| by_path(path))
        .or_else(|| path.starts_with("/v2/").then(|| registry(method, path)))
        .or_else(|| bucket(method, uri))
        .or_else(|| object(method, uri, headers))
        .or_else(|| lambda(method, path))
        .or_else(|| scheduler(method, path))
        .or_else(|| docker(method, path))
        .unwrap_or_else(|| format!("other:{method} {path}"))
}

/// The access key in a signature.
pub fn signer(headers: &HeaderMap) -> Option<String> {
    Some(scope(headers)?.split('/').next()?.to_owned())
}

/// What a signature is for: `<access key>/<day>/<region>/<service>/aws4_request`.
fn scope(headers: &HeaderMap) -> Option<&str> {
    let signature = headers.get(hyper::header::AUTHORIZATION)?.to_str().ok()?;
    let (_, scope) = signature.split_once("Credential=")?;
    scope.split(',').next()
}

/// Whether a request contains (a part of) a blob.
pub fn is_blob(uri: &Uri) -> bool {
    uri.path().starts_with("/v2/") && uri.path().contains("/blobs/uploads/")
}

/// The error code that the operation's service uses with this status.
pub fn kind(operation: &str, status: u16) -> &'static str {
    let service = operation.split(':').next().unwrap_or_default();
    match (service, status) {
        ("lambda", 429) => "TooManyRequestsException",
        ("lambda", 409) => "ResourceConflictException",
        ("lambda", 412) => "PreconditionFailedException",
        ("tag", 400 | 429) => "ThrottledException",
        ("iam" | "sts" | "sns", 400 | 429) => "Throttling",
        ("s3", 503) => "SlowDown",
        (_, 400 | 429) => "ThrottlingException",
        (_, 403) => "AccessDeniedException",
        ("iam", _) => "ServiceFailure",
        ("ecr", _) => "ServerException",
        ("logs", _) => "ServiceUnavailableException",
        _ => "ServiceException",
    }
}

/// The body of an error as the operation's service writes it.
pub fn error(operation: &str, kind: &str, message: &str) -> String {
    let service = operation.split(':').next().unwrap_or_default();
    let message = match service {
        "iam" | "sts" | "sns" | "s3" => message.replace('&', "&amp;").replace('<', "&lt;"),
        _ => serde_json::Value::from(message).to_string(),
    };
    match service {
        "s3" => format!("<Error><Code>{kind}</Code><Message>{message}</Message></Error>"),
        "iam" | "sts" | "sns" => format!(
            "<ErrorResponse><Error><Type>Sender</Type><Code>{kind}</Code>\
             <Message>{message}</Message></Error>\
             <RequestId>injected</RequestId></ErrorResponse>"
        ),
        "registry" => format!(r#"{{"errors":[{{"code":"{kind}","message":{message}}}]}}"#),
        "docker" => format!(r#"{{"message":{message}}}"#),
        _ => format!(r#"{{"__type":"{kind}","message":{message}}}"#),
    }
}

fn by_target(target: &str) -> Option<String> {
    let (service, operation) = target.split_once('.')?;
    let service = match service {
        "AmazonEC2ContainerRegistry_V20150921" => "ecr",
        "Logs_20140328" => "logs",
        "ResourceGroupsTaggingAPI_20170126" => "tag",
        "AmazonSSM" => "ssm",
        "AWSEvents" => "events",
        other => other,
    };
    Some(format!("{service}:{operation}"))
}

/// Smithy's protocol with bodies in CBOR,
/// <https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html>.
fn by_path(path: &str) -> Option<String> {
    let (service, operation) = path.strip_prefix("/service/")?.split_once("/operation/")?;
    let service = match service {
        "GraniteServiceVersion20100801" => "cloudwatch",
        other => other,
    };
    Some(format!("{service}:{operation}"))
}

fn by_form(form: &str) -> Option<String> {
    let field = |name: &str| {
        form.split('&')
            .filter_map(|pair| pair.split_once('='))
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value)
    };
    let service = match field("Version")? {
        "2010-03-31" => "sns",
        "2010-05-08" => "iam",
        "2010-05-15" => "cloudformation",
        "2011-06-15" => "sts",
        other => other,
    };
    Some(format!("{service}:{}", field("Action")?))
}

fn registry(method: &Method, path: &str) -> String {
    let verb = match *method {
        Method::GET => "Get",
        Method::HEAD => "Head",
        Method::POST => "Start",
        Method::PATCH => "Patch",
        Method::PUT => "Put",
        _ => "Delete",
    };
    let what = match path {
        "/v2/" => "Version",
        path if path.contains("/blobs/") => "Blob",
        path if path.contains("/manifests/") => "Manifest",
        _ => "Tags",
    };
    format!("registry:{verb}{what}")
}

/// The notifications of a bucket; the path is the bucket's name.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketNotificationConfiguration.html>
fn bucket(method: &Method, uri: &Uri) -> Option<String> {
    let query = uri.query()?;
    let is = query
        .split('&')
        .any(|part| part.trim_end_matches('=') == "notification");
    let verb = match *method {
        Method::GET => "Get",
        _ => "Put",
    };
    is.then(|| format!("s3:{verb}BucketNotificationConfiguration"))
}

/// An object of S3: only the signature distinguishes it from other requests.
fn object(method: &Method, uri: &Uri, headers: &HeaderMap) -> Option<String> {
    (scope(headers)?.split('/').nth(3)? == "s3").then_some(())?;
    let listed = uri.query().is_some_and(|one| one.contains("list-type=2"));
    let operation = match (method.as_str(), listed) {
        ("GET", true) => "ListObjectsV2",
        ("GET", false) => "GetObject",
        ("HEAD", _) => "HeadObject",
        ("PUT", _) => "PutObject",
        ("DELETE", _) => "DeleteObject",
        _ => return None,
    };
    Some(format!("s3:{operation}"))
}

/// <https://docs.aws.amazon.com/lambda/latest/api/API_Operations.html>: the path begins with the
/// date of the API.
fn lambda(method: &Method, path: &str) -> Option<String> {
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let (date, parts) = parts.split_first()?;
    if date.len() != 10 || !date.starts_with("20") {
        return None;
    }
    let operation = match (method.as_str(), parts) {
        ("POST", ["functions"]) => "CreateFunction",
        ("GET", ["functions"]) => "ListFunctions",
        ("GET", ["functions", _]) => "GetFunction",
        ("DELETE", ["functions", _]) => "DeleteFunction",
        ("GET", ["functions", _, "configuration"]) => "GetFunctionConfiguration",
        ("PUT", ["functions", _, "configuration"]) => "UpdateFunctionConfiguration",
        ("PUT", ["functions", _, "code"]) => "UpdateFunctionCode",
        ("GET", ["functions", _, "versions"]) => "ListVersionsByFunction",
        ("POST", ["functions", _, "versions"]) => "PublishVersion",
        ("GET", ["functions", _, "aliases"]) => "ListAliases",
        ("POST", ["functions", _, "aliases"]) => "CreateAlias",
        ("GET", ["functions", _, "aliases", _]) => "GetAlias",
        ("PUT", ["functions", _, "aliases", _]) => "UpdateAlias",
        ("DELETE", ["functions", _, "aliases", _]) => "DeleteAlias",
        ("POST", ["functions", _, "invocations"]) => "Invoke",
        ("GET", ["functions", _, "concurrency"]) => "GetFunctionConcurrency",
        ("PUT", ["functions", _, "concurrency"]) => "PutFunctionConcurrency",
        ("DELETE", ["functions", _, "concurrency"]) => "DeleteFunctionConcurrency",
        ("GET", ["functions", _, "runtime-management-config"]) => "GetRuntimeManagementConfig",
        ("PUT", ["functions", _, "runtime-management-config"]) => "PutRuntimeManagementConfig",
        ("GET", ["functions", _, "recursion-config"]) => "GetFunctionRecursionConfig",
        ("PUT", ["functions", _, "recursion-config"]) => "PutFunctionRecursionConfig",
        ("GET", ["functions", _, "policy"]) => "GetPolicy",
        ("POST", ["functions", _, "policy"]) => "AddPermission",
        ("DELETE", ["functions", _, "policy", _]) => "RemovePermission",
        ("GET", ["functions", _, "url"]) => "GetFunctionUrlConfig",
        ("POST", ["functions", _, "url"]) => "CreateFunctionUrlConfig",
        ("PUT", ["functions", _, "url"]) => "UpdateFunctionUrlConfig",
        ("DELETE", ["functions", _, "url"]) => "DeleteFunctionUrlConfig",
        ("GET", ["functions", _, "event-invoke-config"]) => "GetFunctionEventInvokeConfig",
        ("PUT", ["functions", _, "event-invoke-config"]) => "PutFunctionEventInvokeConfig",
        ("DELETE", ["functions", _, "event-invoke-config"]) => "DeleteFunctionEventInvokeConfig",
        ("GET", ["functions", _, "provisioned-concurrency"]) => "GetProvisionedConcurrencyConfig",
        ("PUT", ["functions", _, "provisioned-concurrency"]) => "PutProvisionedConcurrencyConfig",
        ("DELETE", ["functions", _, "provisioned-concurrency"]) => {
            "DeleteProvisionedConcurrencyConfig"
        }
        ("GET", ["event-source-mappings"]) => "ListEventSourceMappings",
        ("POST", ["event-source-mappings"]) => "CreateEventSourceMapping",
        ("GET", ["event-source-mappings", _]) => "GetEventSourceMapping",
        ("PUT", ["event-source-mappings", _]) => "UpdateEventSourceMapping",
        ("DELETE", ["event-source-mappings", _]) => "DeleteEventSourceMapping",
        ("GET", ["tags", ..]) => "ListTags",
        ("POST", ["tags", ..]) => "TagResource",
        ("DELETE", ["tags", ..]) => "UntagResource",
        (method, parts) => return Some(format!("lambda:{method} {}", parts.last()?)),
    };
    Some(format!("lambda:{operation}"))
}

/// <https://docs.aws.amazon.com/scheduler/latest/APIReference/API_Operations.html>
fn scheduler(method: &Method, path: &str) -> Option<String> {
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let operation = match (method.as_str(), parts.as_slice()) {
        ("GET", ["schedules"]) => "ListSchedules",
        ("GET", ["schedules", _]) => "GetSchedule",
        ("POST", ["schedules", _]) => "CreateSchedule",
        ("PUT", ["schedules", _]) => "UpdateSchedule",
        ("DELETE", ["schedules", _]) => "DeleteSchedule",
        ("GET", ["schedule-groups", _]) => "GetScheduleGroup",
        ("POST", ["schedule-groups", _]) => "CreateScheduleGroup",
        ("DELETE", ["schedule-groups", _]) => "DeleteScheduleGroup",
        _ => return None,
    };
    Some(format!("scheduler:{operation}"))
}

/// <https://docs.docker.com/reference/api/engine/>: the path may begin with a version.
fn docker(method: &Method, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    if parts.first().is_some_and(|first| first.starts_with("v1.")) {
        parts.remove(0);
    }
    let operation = match (method.as_str(), parts.as_slice()) {
        ("GET", ["info"]) => "Info",
        ("POST", ["build"]) => "Build",
        ("GET", ["images", "json"]) => "ListImages",
        ("POST", ["images", "create"]) => "Pull",
        ("GET", ["images", .., "json"]) => "InspectImage",
        ("POST", ["images", .., "push"]) => "Push",
        ("POST", ["images", .., "tag"]) => "TagImage",
        ("GET", ["containers", "json"]) => "ListContainers",
        ("POST", ["containers", "create"]) => "CreateContainer",
        ("POST", ["containers", _, "start"]) => "StartContainer",
        ("GET", ["containers", _, "json"]) => "InspectContainer",
        ("GET", ["containers", _, "logs"]) => "ReadLogs",
        ("POST", ["containers", _, "wait"]) => "WaitContainer",
        ("DELETE", ["containers", _]) => "RemoveContainer",
        ("POST", ["containers", _, "exec"]) => "CreateExec",
        ("POST", ["exec", _, "start"]) => "StartExec",
        ("GET", ["exec", _, "json"]) => "InspectExec",
        ("POST", ["session"]) => "Session",
        _ => return None,
    };
    Some(format!("docker:{operation}"))
}
