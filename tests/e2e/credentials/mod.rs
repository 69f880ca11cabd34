//! Credentials as the AWS CLI takes them: by files in a home of their own, stand-in programs and
//! ministack's STS.

mod refused;
mod waiting;

use std::{fs, path::Path, process::Command};

use sha2::{Digest, Sha256};

use crate::{
    story::expect,
    support::{Project, Stack, http, ran},
};

/// A function that can be planned without Docker.
const FUNCTION: &str = r#"
[functions.double]
julia = { source = "double.jl", argument_type = "Int", version = "1.5" }
tests = [{ argument = 1, expected = 2 }]
"#;

/// Part of every secret that a test makes up.
const CANARY: &str = "canary-51c0ffee";

/// The placeholder for a secret key or a token in a file; itself a valid one.
fn secret(name: &str) -> String {
    format!("{CANARY}/{name}")
}

/// A project with a manifest that names no region, and a profile if one is given.
fn project(stack: &Stack, profile: Option<&str>) -> Project {
    let project = Project::new(stack, "credentials");
    project.write("double.jl", "double(n) = 2n\n");
    let profile = profile.map_or_else(String::new, |name| format!("profile = \"{name}\"\n"));
    let (name, endpoint, registry) = (&project.name, stack.proxy.url(), stack.proxy.address());
    project.write(
        "jot.toml",
        &format!(
            "[project]\nname = \"{name}\"\n\n[aws]\nendpoint_url = \"{endpoint}\"\n\
             registry = \"{registry}\"\n{profile}{FUNCTION}"
        ),
    );
    project
}

/// Writes a file below jot's HOME.
fn home(project: &Project, path: &str, text: &str) {
    let path = project.home().join(path);
    fs::create_dir_all(path.parent().expect("a folder")).expect("the folder can be made");
    fs::write(path, text).expect("the file can be written");
}

/// A stand-in program below jot's HOME.
fn program(project: &Project, name: &str, script: &str) -> String {
    use std::os::unix::fs::PermissionsExt;
    home(project, name, &format!("#!/bin/sh\n{script}\n"));
    let path = project.home().join(name);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("it can be executable");
    path.display().to_string()
}

/// jot without any credentials but those of files, with the stack's STS.
fn jot(stack: &Stack, project: &Project, arguments: &[&str]) -> Command {
    let mut jot = project.jot();
    jot.args(arguments)
        .env_remove("AWS_ACCESS_KEY_ID")
        .env_remove("AWS_SECRET_ACCESS_KEY")
        .env("AWS_ENDPOINT_URL_STS", stack.proxy.url());
    jot
}

fn keys(id: &str) -> String {
    format!(
        "aws_access_key_id = {id}\naws_secret_access_key = {}\n",
        secret(id)
    )
}

/// The output of a credential process.
fn printed(id: &str) -> String {
    format!(
        "{{\"Version\": 1, \"AccessKeyId\": \"{id}\", \"SecretAccessKey\": \"{}\", \
         \"SessionToken\": \"{}\", \"Expiration\": \"2099-01-01T00:00:00Z\"}}",
        secret(id),
        secret("token")
    )
}

/// Plans with these files; returns who signed each operation.
fn signed(
    stack: &Stack,
    project: &Project,
    config: &str,
    environment: &[(&str, &str)],
) -> std::collections::BTreeMap<String, String> {
    home(project, ".aws/config", config);
    stack.proxy.reset();
    let mut jot = jot(stack, project, &["plan", "-vv"]);
    let planned = expect(ran(jot.envs(environment.iter().copied())), 0);
    let said = planned.stdout + &planned.stderr;
    assert!(!said.contains(CANARY), "{said}");
    stack.proxy.signers()
}

const ROLE: &str = "role_arn = arn:aws:iam::000000000000:role/deployer\n";

#[test]
fn a_role_is_assumed_with_the_credentials_of_its_source() {
    let stack = Stack::start();
    let named = project(&stack, Some("deployer"));
    // The region is that of the profile at the beginning of the chain: STS needs one too.
    let source = format!("[profile base]\nregion = eu-west-1\n{}", keys("AKIABASE"));
    let role = format!("{source}\n[profile deployer]\n{ROLE}source_profile = base\n");
    let signers = signed(&stack, &named, &role, &[]);
    assert_eq!(signers["sts:AssumeRole"], "AKIABASE", "{signers:?}");
    assert_ne!(signers["lambda:GetFunction"], "AKIABASE", "{signers:?}");

    let chain = format!(
        "{source}\n[profile middle]\n{ROLE}source_profile = base\n\
         [profile deployer]\n{ROLE}source_profile = middle\n"
    );
    signed(&stack, &named, &chain, &[]);
    assert_eq!(stack.proxy.counts()["sts:AssumeRole"], 2);

    let environment = [
        ("AWS_ACCESS_KEY_ID", "AKIAENVIRONMENT"),
        ("AWS_SECRET_ACCESS_KEY", CANARY),
        ("AWS_REGION", "eu-west-1"),
    ];
    let by_source = format!("[profile deployer]\n{ROLE}credential_source = Environment\n");
    let signers = signed(&stack, &named, &by_source, &environment);
    assert_eq!(signers["sts:AssumeRole"], "AKIAENVIRONMENT");

    // As in the AWS CLI: keys in the environment have priority over AWS_PROFILE, but not over a
    // profile that was named explicitly.
    let unnamed = project(&stack, None);
    let with_profile = [&environment[..], &[("AWS_PROFILE", "deployer")]].concat();
    let signers = signed(&stack, &unnamed, &role, &with_profile);
    assert_eq!(signers["lambda:GetFunction"], "AKIAENVIRONMENT");
    assert!(!signers.contains_key("sts:AssumeRole"), "{signers:?}");
    let signers = signed(&stack, &unnamed, &role, &[("AWS_PROFILE", "deployer")]);
    assert_eq!(signers["sts:AssumeRole"], "AKIABASE");
}

#[test]
fn a_web_identity_is_taken_from_the_environment_or_a_profile() {
    let stack = Stack::start();
    let unnamed = project(&stack, None);
    home(&unnamed, "token", &secret("identity"));
    let token = unnamed.home().join("token").display().to_string();
    let environment = [
        ("AWS_REGION", "eu-west-1"),
        ("AWS_WEB_IDENTITY_TOKEN_FILE", token.as_str()),
        ("AWS_ROLE_ARN", "arn:aws:iam::000000000000:role/ci"),
    ];
    // It has priority over keys of the profile.
    let config = format!("[default]\n{}", keys("AKIADEFAULT"));
    let signers = signed(&stack, &unnamed, &config, &environment);
    let counts = stack.proxy.counts();
    assert_eq!(counts["sts:AssumeRoleWithWebIdentity"], 1, "{counts:?}");
    assert_ne!(signers["lambda:GetFunction"], "AKIADEFAULT");

    let named = project(&stack, Some("ci"));
    let config =
        format!("[profile ci]\nregion = eu-west-1\n{ROLE}web_identity_token_file = {token}\n");
    signed(&stack, &named, &config, &[]);
    let counts = stack.proxy.counts();
    assert_eq!(counts["sts:AssumeRoleWithWebIdentity"], 1, "{counts:?}");
}

#[test]
fn a_program_is_asked_once() {
    let stack = Stack::start();
    let project = project(&stack, Some("tool"));
    let count = project.home().join("count");
    let script = format!(
        "echo asked >> {}\necho '{}'",
        count.display(),
        printed("AKIATOOL")
    );
    let tool = program(&project, "tool", &script);
    let config = format!("[profile tool]\nregion = eu-west-1\ncredential_process = {tool}\n");
    let signers = signed(&stack, &project, &config, &[]);
    assert_eq!(signers["lambda:GetFunction"], "AKIATOOL");
    assert_eq!(signers["ecr:DescribeRepositories"], "AKIATOOL");
    assert_eq!(fs::read_to_string(count).expect("it ran"), "asked\n");
}

#[test]
fn a_session_of_identity_center_is_taken_from_its_cache() {
    let stack = Stack::start();
    let project = project(&stack, Some("corp"));
    let expires = 4_070_908_800_000_u64;
    let portal = Portal::answering(
        200,
        &format!(
            "{{\"roleCredentials\": {{\"accessKeyId\": \"ASIASSO\", \
             \"secretAccessKey\": \"{}\", \"sessionToken\": \"{}\", \"expiration\": {expires}}}}}",
            secret("sso"),
            secret("token")
        ),
    );
    let signers = signed(
        &stack,
        &project,
        &sso(&project, "2099-01-01T00:00:00Z"),
        &[("AWS_ENDPOINT_URL_SSO", &portal.url)],
    );
    assert_eq!(signers["lambda:GetFunction"], "ASIASSO");
}

/// A profile `corp` of IAM Identity Center, with a session that ends then.
fn sso(project: &Project, until: &str) -> String {
    // The name of the file is the SHA-1 of the session's name.
    let cache = ".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json";
    let token = format!(
        "{{\"startUrl\": \"https://corp.example/start\", \"region\": \"eu-west-1\", \
         \"accessToken\": \"{}\", \"expiresAt\": \"{until}\"}}",
        secret("access")
    );
    home(project, cache, &token);
    "[profile corp]\nregion = eu-west-1\nsso_session = corp\nsso_account_id = 000000000000\n\
     sso_role_name = Deployer\n[sso-session corp]\nsso_region = eu-west-1\n\
     sso_start_url = https://corp.example/start\n"
        .to_owned()
}

#[test]
fn a_session_of_aws_login_is_taken_from_its_cache() {
    let stack = Stack::start();
    let project = project(&stack, Some("console"));
    let signers = signed(
        &stack,
        &project,
        &login(&project, "2099-01-01T00:00:00Z"),
        &[],
    );
    assert_eq!(signers["lambda:GetFunction"], "ASIALOGIN");
}

/// A profile `console` of `aws login`, with a session that ends then.
fn login(project: &Project, until: &str) -> String {
    let session = "arn:aws:iam::000000000000:user/admin";
    let name = hex::encode(Sha256::digest(session));
    let token = format!(
        "{{\"accessToken\": {{\"accessKeyId\": \"ASIALOGIN\", \"secretAccessKey\": \"{}\", \
         \"sessionToken\": \"{}\", \"accountId\": \"000000000000\", \"expiresAt\": \"{until}\"}}, \
         \"tokenType\": \"aws_sigv4\", \"refreshToken\": \"{}\", \"idToken\": \"x\", \
         \"clientId\": \"arn:aws:signin:::devtools/same-device\", \"dpopKey\": \"{}\"}}",
        secret("login"),
        secret("token"),
        secret("refresh"),
        secret("dpop")
    );
    home(project, &format!(".aws/login/cache/{name}.json"), &token);
    format!("[profile console]\nregion = eu-west-1\nlogin_session = {session}\n")
}

/// A server that gives every request the same answer.
struct Portal {
    url: String,
}

impl Portal {
    fn answering(status: u16, body: &str) -> Portal {
        use std::io::{Read, Write};
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("its address"));
        let answer = format!(
            "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\nconnection: close\r\n\
             content-length: {}\r\n\r\n{body}",
            body.len()
        );
        // It ends with the process: no thread joins it.
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let mut request = [0; 4096];
                let _ = stream.read(&mut request);
                let _ = stream.write_all(answer.as_bytes());
            }
        });
        Portal { url }
    }
}

/// Whether an error contains these words, with any line breaks.
pub fn says(said: &str, words: &str) -> bool {
    let joined = |text: &str| text.replace(|one: char| one.is_whitespace() || one == '|', "");
    joined(said).contains(&joined(words))
}

/// Whether ministack itself still answers, so that it is not the cause of a refusal.
fn is_up(stack: &Stack) -> bool {
    http::aws_form(
        &stack.behind(),
        "sts",
        "Action=GetCallerIdentity&Version=2011-06-15",
    )
    .is_ok_and(|answer| answer.status == 200)
}

/// Whether a path is below jot's HOME, so that a message about it names this test's own file.
fn below(project: &Project, path: &str) -> String {
    Path::new(&project.home()).join(path).display().to_string()
}
