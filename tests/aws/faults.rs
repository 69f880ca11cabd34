//! AWS's answers to faults, and how jot handles them.

use std::sync::{Arc, Mutex};

use jot::{
    model::Config,
    remote::{
        Aws, Error,
        aws::{NewFunction, Retry},
    },
};
use miette::Diagnostic;

use crate::{
    connect,
    script::{Answer, Script, error, json},
    settings, tags,
};

const ALIAS: &str = r#"{"Name": "live", "FunctionVersion": "3", "RevisionId": "r1"}"#;
pub const FUNCTION: &str = concat!(
    r#"{"FunctionName": "double", "FunctionArn": "arn:aws:lambda:eu-west-1:1:function:double", "#,
    r#""State": "Pending", "RevisionId": "r1"}"#,
);

pub type Heard = Arc<Mutex<Vec<Retry>>>;

/// Clients of a server that gives these answers, and the events that their listener gets.
pub async fn scripted(answers: Vec<Answer>) -> (Aws, Script, Heard) {
    let script = Script::of(answers).await;
    let heard = Heard::default();
    let sink = heard.clone();
    let aws = connect(&settings(&script.endpoint())).await;
    let aws = aws.with_retry_listener(Arc::new(move |retry| sink.lock().unwrap().push(retry)));
    (aws, script, heard)
}

pub fn help(error: &Error) -> String {
    error
        .help()
        .map(|help| help.to_string())
        .unwrap_or_default()
}

pub fn whys(heard: &Heard) -> Vec<(u32, String)> {
    let heard = heard.lock().unwrap();
    heard
        .iter()
        .map(|retry| (retry.attempt, retry.why.clone()))
        .collect()
}

async fn create(aws: &Aws) -> Result<jot::model::observed::FunctionState, Error> {
    let wanted = NewFunction {
        name: "double",
        image_uri: "host/numerics@sha256:\
            aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        role: "arn:aws:iam::1:role/r",
        architecture: "x86_64",
        config: &Config::default(),
        tags: &tags([("jot:project", "numerics")]),
    };
    aws.create_function(&wanted).await
}

#[tokio::test]
async fn throttling_faults_and_cut_connections_pass_and_are_heard_of() {
    let throttled = Answer::Http(
        429,
        "x-amz-retry-after: 1",
        r#"{"__type": "TooManyRequestsException"}"#.to_owned(),
    );
    let fault = error(500, "ServiceException", "boom");
    let gateway = Answer::Http(502, "x-script: 1", "<html>".to_owned());
    let mut answers = vec![throttled, fault, gateway];
    answers.extend((0..6).map(|_| Answer::Cut));
    answers.push(json(ALIAS));
    let (aws, _script, heard) = scripted(answers).await;
    let failed = aws.alias("double", "live").await;
    let passing = |attempt| (attempt, "no answer, or an internal error".to_owned());
    // A passing fault gets eight attempts; the throttled one does not count.
    assert!(
        matches!(failed, Err(Error::Unreachable { .. })),
        "{failed:?}"
    );
    let mut expected = vec![(1, "too many requests at once".to_owned())];
    expected.extend((2..=8).map(passing));
    assert_eq!(whys(&heard), expected);
    assert_eq!(heard.lock().unwrap()[0].wait_ms, 1);
    assert_eq!(aws.requests(), 9);
    let alias = aws.alias("double", "live").await.unwrap().unwrap();
    assert_eq!(alias.version, "3");
}

#[tokio::test]
async fn a_role_that_is_not_assumable_yet_is_waited_for() {
    let not_yet = || {
        error(
            400,
            "InvalidParameterValueException",
            "The role defined for the function cannot be assumed by Lambda.",
        )
    };
    let (aws, script, heard) = scripted(vec![not_yet(), json(FUNCTION)]).await;
    let state = create(&aws).await.unwrap();
    assert_eq!(state.state.as_str(), "Pending");
    assert_eq!(state.digest.unwrap().hex(), "a".repeat(64));
    let why = "the role cannot be assumed by Lambda yet";
    assert_eq!(whys(&heard), [(1, why.to_owned())]);
    let body = &script.seen()[1];
    assert!(body.contains(r#""MemorySize":1024"#), "{body}");
    assert!(body.contains(r#""Timeout":30"#), "{body}");
    assert!(body.contains(r#""PackageType":"Image""#), "{body}");
}

#[tokio::test]
async fn an_update_in_progress_is_waited_for_and_one_that_exists_is_not() {
    let busy = error(
        409,
        "ResourceConflictException",
        "The operation cannot be performed at this time. An update is in progress for resource: x",
    );
    let exists = error(
        409,
        "ResourceConflictException",
        "Function already exist: double",
    );
    let (aws, _script, heard) = scripted(vec![busy, json(FUNCTION), exists]).await;
    let updated = aws
        .update_config("double", &Config::default(), "arn:aws:iam::1:role/r", "r0")
        .await;
    assert_eq!(updated.unwrap().revision, "r1");
    let why = "another change is still in progress".to_owned();
    assert_eq!(whys(&heard), [(1, why)]);
    let conflict = create(&aws).await;
    assert!(
        matches!(conflict, Err(Error::Conflict { .. })),
        "{conflict:?}"
    );
    assert_eq!(heard.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn an_invocation_is_sent_once_and_its_log_decoded() {
    let answer = Answer::Http(
        200,
        "X-Amz-Log-Result: U1RBUlQKRU5ECg==\r\nX-Amz-Function-Error: Unhandled\r\n\
         X-Amz-Executed-Version: 3",
        r#"{"errorType": "DomainError"}"#.to_owned(),
    );
    let (aws, script, heard) = scripted(vec![Answer::Cut, answer]).await;
    let cut = aws.invoke("double", Some("live"), b"[1]", true).await;
    assert!(matches!(cut, Err(Error::Unreachable { .. })), "{cut:?}");
    assert!(heard.lock().unwrap().is_empty());
    let answered = aws.invoke("double", Some("live"), b"[1]", true).await;
    let answered = answered.unwrap();
    assert_eq!(answered.log, "START\nEND\n");
    assert_eq!(answered.function_error.as_deref(), Some("Unhandled"));
    assert_eq!(answered.version.as_deref(), Some("3"));
    assert_eq!(answered.payload, br#"{"errorType": "DomainError"}"#);
    let request = script.seen()[1].to_lowercase();
    assert!(request.contains("invocations?qualifier=live"), "{request}");
    assert!(request.contains("x-amz-log-type: tail"), "{request}");
}

#[tokio::test]
async fn what_is_changed_outside_is_told_so() {
    let changed = error(
        412,
        "PreconditionFailedException",
        "The RevisionId provided does not match",
    );
    let (aws, _script, heard) = scripted(vec![changed]).await;
    let stopped = aws
        .update_alias(
            "double",
            "live",
            jot::remote::aws::Pointed::at("4", ""),
            "r0",
        )
        .await;
    let stopped = stopped.unwrap_err();
    assert_eq!(
        stopped.to_string(),
        "alias double:live was changed outside jot since it was planned"
    );
    assert!(help(&stopped).contains("`jot plan`"));
    assert!(heard.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_denial_names_the_action() {
    let denied = error(
        403,
        "AccessDeniedException",
        "User: arn:aws:iam::1:user/ci is not authorized to perform: lambda:GetAlias on resource: x",
    );
    let (aws, _script, _) = scripted(vec![denied]).await;
    let denied = aws.alias("double", "live").await.unwrap_err();
    assert!(matches!(denied, Error::AccessDenied { .. }), "{denied:?}");
    assert!(help(&denied).contains("`lambda:GetAlias`"));
}

#[tokio::test]
async fn expired_credentials_are_called_expired() {
    let expired = error(
        400,
        "ExpiredTokenException",
        "The security token included in the request is expired",
    );
    let (aws, _script, _) = scripted(vec![expired]).await;
    let expired = aws.alias("double", "live").await.unwrap_err();
    assert_eq!(expired.to_string(), "the AWS credentials have expired");
    assert!(help(&expired).contains("AWS_PROFILE"));
}

#[tokio::test]
async fn a_profile_that_is_not_there_is_a_matter_of_credentials() {
    let profile = "jot-test-no-such-profile".to_owned();
    let mut settings = settings("http://127.0.0.1:1");
    settings.profile = Some(profile.clone());
    let failed = Aws::connect(&settings).await.unwrap_err();
    assert!(matches!(failed, Error::Credentials { .. }), "{failed:?}");
    assert!(failed.to_string().contains(&profile), "{failed}");
    assert!(failed.to_string().contains("`aws.profile`"), "{failed}");
}

#[tokio::test]
async fn nobody_at_the_endpoint_is_said_at_once() {
    // A port that was free a moment ago.
    let script = Script::of(Vec::new()).await;
    let endpoint = script.endpoint();
    drop(script);
    let aws = connect(&settings(&endpoint)).await;
    let failed = aws.account().await.unwrap_err();
    assert!(matches!(failed, Error::Unreachable { .. }), "{failed:?}");
    assert!(failed.to_string().contains(&endpoint), "{failed}");
    assert!(help(&failed).contains("`aws.endpoint_url`"));
}
