//! Credentials that cannot be loaded: jot's message and requests, and that it shows no secret.

use super::{
    CANARY, Portal, ROLE, below, home, is_up, jot, keys, login, program, project, says, sso,
};
use crate::{
    story::expect,
    support::{Project, Stack, ran},
};

/// The output of a plan with these files; it sends nothing to AWS but what `asked` counts.
fn refused(
    stack: &Stack,
    project: &Project,
    config: &str,
    environment: &[(&str, &str)],
    asked: &[&str],
) -> String {
    home(project, ".aws/config", config);
    stack.proxy.reset();
    let mut jot = jot(stack, project, &["plan", "-vv"]);
    let jot = jot
        .env("AWS_REGION", "eu-west-1")
        .envs(environment.iter().copied());
    let refused = expect(ran(jot), 1);
    let said = refused.stdout + &refused.stderr;
    assert!(!said.contains(CANARY), "{said}");
    let counts = stack.proxy.counts();
    let sent: Vec<&str> = counts.keys().map(String::as_str).collect();
    assert_eq!(sent, asked, "{said}");
    assert!(is_up(stack));
    said
}

fn has(said: &str, words: &[&str]) {
    for words in words {
        assert!(says(said, words), "{words:?} is not in {said}");
    }
}

#[test]
fn a_profile_that_does_not_exist_is_named_with_those_that_do() {
    let stack = Stack::start();
    let named = project(&stack, Some("prdo"));
    let config = format!("[profile prod]\n{}\n[profile staging]\n", keys("AKIAPROD"));
    let said = refused(&stack, &named, &config, &[], &[]);
    has(
        &said,
        &[
            "the profile `prdo`, which `aws.profile` in jot.toml names, does not exist",
            &below(&named, ".aws/config"),
            &below(&named, ".aws/credentials"),
            "did you mean `prod`? the profiles are `prod`, `staging`",
        ],
    );
    let unnamed = project(&stack, None);
    let elsewhere = below(&unnamed, "elsewhere");
    let environment = [("AWS_PROFILE", "nope"), ("AWS_CONFIG_FILE", &elsewhere)];
    let said = refused(&stack, &unnamed, &config, &environment, &[]);
    has(
        &said,
        &[
            "the profile `nope`, which AWS_PROFILE names",
            &elsewhere,
            "the files have no profile",
        ],
    );
}

#[test]
fn a_role_that_wants_a_one_time_password_is_refused_with_the_way_out() {
    let stack = Stack::start();
    let named = project(&stack, Some("admin"));
    let config = format!(
        "[profile base]\n{}\n[profile admin]\n{ROLE}source_profile = base\n\
         mfa_serial = arn:aws:iam::000000000000:mfa/me\n",
        keys("AKIABASE")
    );
    let said = refused(&stack, &named, &config, &[], &[]);
    has(
        &said,
        &[
            "the profile `admin` requires a one-time password of arn:aws:iam::000000000000:mfa/me",
            "aws configure export-credentials --profile admin --format env",
            "remove `aws.profile` from jot.toml",
        ],
    );
    let unnamed = project(&stack, None);
    let said = refused(&stack, &unnamed, &config, &[("AWS_PROFILE", "admin")], &[]);
    has(&said, &["unset AWS_PROFILE"]);
}

#[test]
fn what_a_program_writes_is_never_shown() {
    let stack = Stack::start();
    let project = project(&stack, Some("tool"));
    let cases = [
        ("exit 3", "its program ended with exit status: 3"),
        (
            "echo '{\"Version\": 1, \"SecretAccessKey\": \"'$SECRET",
            "is not the JSON that AWS requires",
        ),
        ("echo $SECRET", "is not the JSON that AWS requires"),
        (
            "echo '{\"Version\": 1, \"AccessKeyId\": \"AKIA\", \"SecretAccess\": \"'$SECRET'\"}'",
            "lacks `SecretAccessKey`",
        ),
        ("echo '{\"Version\": \"'$SECRET'\"}'", "lacks `Version`"),
        (
            "echo '{\"Version\": 1, \"AccessKeyId\": \"AKIA\", \"SecretAccessKey\": \"x\", \
             \"Expiration\": \"'$SECRET'\"}'",
            "is not the JSON that AWS requires",
        ),
    ];
    for (script, words) in cases {
        let script = format!("SECRET={CANARY}\necho $SECRET >&2\n{script}");
        let tool = program(&project, "tool", &script);
        let config = format!("[profile tool]\ncredential_process = {tool} --password {CANARY}\n");
        let said = refused(&stack, &project, &config, &[], &[]);
        has(
            &said,
            &[
                words,
                "the profile `tool` (credential_process)",
                "aws configure export-credentials",
            ],
        );
    }
}

#[test]
fn a_session_that_has_ended_is_to_be_begun_again() {
    let stack = Stack::start();
    let corp = project(&stack, Some("corp"));
    let ended = sso(&corp, "2020-01-01T00:00:00Z");
    let said = refused(&stack, &corp, &ended, &[], &[]);
    has(
        &said,
        &["(SSO)", "expired", "run `aws sso login --profile corp`"],
    );

    let good = sso(&corp, "2099-01-01T00:00:00Z");
    let body = r#"{"message": "Session token not found or invalid"}"#;
    let portal = Portal::answering(401, body);
    let environment = [("AWS_ENDPOINT_URL_SSO", portal.url.as_str())];
    let said = refused(&stack, &corp, &good, &environment, &[]);
    has(&said, &["run `aws sso login --profile corp`"]);

    home(
        &corp,
        ".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json",
        &format!("{{\"accessToken\": {CANARY}"),
    );
    let said = refused(&stack, &corp, &good, &[], &[]);
    has(&said, &["failed to load the cached SSO token"]);

    let console = project(&stack, Some("console"));
    let ended = login(&console, "2020-01-01T00:00:00Z");
    let said = refused(&stack, &console, &ended, &[], &[]);
    has(&said, &["(aws login)", "run `aws login --profile console`"]);
}

#[test]
fn no_credentials_and_a_refused_role_are_told_apart() {
    let stack = Stack::start();
    let unnamed = project(&stack, None);
    let said = refused(&stack, &unnamed, "", &[], &[]);
    has(&said, &["no AWS credentials were found", "sign in again"]);

    let empty = project(&stack, Some("empty"));
    let said = refused(&stack, &empty, "[profile empty]\noutput = json\n", &[], &[]);
    has(
        &said,
        &["no AWS credentials were found in the profile `empty`"],
    );

    let named = project(&stack, Some("deployer"));
    let config = format!(
        "[profile base]\n{}\n[profile deployer]\n{ROLE}source_profile = base\n",
        keys("AKIABASE")
    );
    home(&named, ".aws/config", &config);
    let message = "User: arn:aws:iam::000000000000:user/base is not authorized to perform: \
        sts:AssumeRole on resource: arn:aws:iam::000000000000:role/deployer";
    stack.proxy.reset();
    stack.proxy.fault(
        "sts:AssumeRole",
        crate::proxy::Fault::Refused(403, "AccessDenied", message),
        1,
    );
    let mut jot = jot(&stack, &named, &["plan"]);
    let refused = expect(ran(jot.env("AWS_REGION", "eu-west-1")), 1);
    has(&refused.stderr, &["STS refused AssumeRole: AccessDenied:"]);
    let counts = stack.proxy.counts();
    assert_eq!(counts.len(), 1, "{counts:?}");
    assert_eq!(counts["sts:AssumeRole"], 1, "{counts:?}");
}
