//! `jot doctor` and `jot clean`, without Docker and AWS.

use std::{fs, path::Path, thread::sleep, time::Duration};

use crate::{
    MANIFEST, command, documents,
    endpoint::{Answer, Endpoint, Request},
    jot, project, shown,
};

const CALLER: &str = "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
     <GetCallerIdentityResult><Account>000000000000</Account></GetCallerIdentityResult>\
     </GetCallerIdentityResponse>";
const NO_ROLE: &str = "<ErrorResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\">\
    <Error><Code>NoSuchEntity</Code><Message>none</Message></Error></ErrorResponse>";

/// An empty account, with a clock that is years behind.
fn account(request: &Request) -> Answer {
    let (head, body) = (request.head.to_lowercase(), &request.body);
    match () {
        () if body.contains("GetCallerIdentity") => Answer {
            headers: &[("date", "Thu, 01 Jan 2015 00:00:00 GMT")],
            ..Answer::of(200, CALLER)
        },
        () if body.contains("Action=GetRole") => Answer::of(404, NO_ROLE),
        () if head.contains("describeloggroups") => Answer::of(200, r#"{"logGroups":[]}"#),
        () if head.contains("describerepositories") => Answer::of(
            400,
            concat!(
                r#"{"__type":"AccessDeniedException","#,
                r#""message":"User: me is not authorized to perform: ecr:DescribeRepositories"}"#,
            ),
        ),
        () => Answer {
            headers: &[("x-amzn-errortype", "ResourceNotFoundException")],
            ..Answer::of(404, r#"{"Type":"User","Message":"Function not found"}"#)
        },
    }
}

#[test]
fn a_doctor_says_what_is_broken_and_what_to_do() {
    let endpoint = Endpoint::start(account);
    let folder = project();
    let manifest = MANIFEST.replace("http://127.0.0.1:1", &endpoint.url);
    fs::write(folder.path().join("jot.toml"), manifest).unwrap();
    let said = jot(folder.path(), &["doctor"]);
    assert!(said.starts_with("status: 1\n"), "{said}");
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    for words in [
        "✗ docker ",
        "✓ region ",
        "✓ credentials account 000000000000",
        "✗ clock ",
        "set the clock: AWS rejects requests more than 5 minutes off",
        "✗ rights ECR denies DescribeRepositories",
        "✓ proxies none is set",
        "3 problems found.",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    let output = command(folder.path(), &["doctor", "--json"])
        .output()
        .unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    documents::assert_valid(&["doctor"], &stdout);
    assert!(stdout.contains("\"broken\": 3"), "{stdout}");
}

/// An account with a repository; its registry is the endpoint too.
fn with_repository(request: &Request) -> Answer {
    match request.head.to_lowercase() {
        head if head.contains("describerepositories") => Answer::of(
            200,
            concat!(
                r#"{"repositories":[{"repositoryName":"numerics","#,
                r#""repositoryArn":"arn:aws:ecr:eu-west-1:000000000000:repository/numerics","#,
                r#""registryId":"000000000000","#,
                r#""repositoryUri":"000000000000.dkr.ecr.eu-west-1.example.invalid/numerics"}]}"#,
            ),
        ),
        head if head.contains("getauthorizationtoken") => Answer::of(
            200,
            r#"{"authorizationData":[{"authorizationToken":"QVdTOng="}]}"#,
        ),
        head if head.starts_with("get /v2/ ") && head.contains("basic qvdtong=") => {
            Answer::of(200, "{}")
        }
        head if head.starts_with("get /v2/ ") => Answer::of(401, "{}"),
        _ => account(request),
    }
}

#[test]
fn a_doctor_asks_the_registry_that_the_manifest_names() {
    let endpoint = Endpoint::start(with_repository);
    let folder = project();
    let said = |registry: &str| {
        let named = format!("{}\"\nregistry = \"{registry}", endpoint.url);
        let manifest = MANIFEST.replace("http://127.0.0.1:1", &named);
        fs::write(folder.path().join("jot.toml"), manifest).unwrap();
        let said = jot(folder.path(), &["doctor"]);
        said.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let host = endpoint.url.strip_prefix("http://").unwrap().to_owned();
    let good = said(&host);
    let words = format!("✓ registry {host} accepts the login, from aws.registry");
    assert!(good.contains(&words), "{good}");
    let broken = said("127.0.0.1:1");
    for words in [
        "✗ registry ",
        "127.0.0.1:1",
        "that aws.registry has its host and port",
    ] {
        assert!(broken.contains(words), "{words}: {broken}");
    }
}

/// IAM's answers for a role with a path that a session does not show: `iam:PassRole` and
/// `lambda:GetFunction` are not allowed, all else is.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html>
fn simulating(request: &Request) -> Answer {
    const CALLER: &str = "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
         <GetCallerIdentityResult><Account>000000000000</Account>\
         <Arn>arn:aws:sts::000000000000:assumed-role/deployer/session</Arn>\
         </GetCallerIdentityResult></GetCallerIdentityResponse>";
    const ROLE: &str = "<GetRoleResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\">\
        <GetRoleResult><Role>\
        <Path>/ci/</Path><RoleName>deployer</RoleName><RoleId>AROA</RoleId>\
        <CreateDate>2026-01-01T00:00:00Z</CreateDate>\
        <Arn>arn:aws:iam::000000000000:role/ci/deployer</Arn></Role></GetRoleResult>\
        </GetRoleResponse>";
    let body = &request.body;
    let values = |field: &str| {
        let start = format!("{field}.member.");
        let pairs = body.split('&').filter_map(|pair| pair.split_once('='));
        let values = pairs.filter(|(name, _)| name.starts_with(&start));
        let values: Vec<String> = values.map(|(_, value)| value.replace("%3A", ":")).collect();
        values
    };
    match () {
        () if body.contains("GetCallerIdentity") => Answer::of(200, CALLER),
        () if body.contains("RoleName=deployer") => Answer::of(200, ROLE),
        () if body.contains("SimulatePrincipalPolicy") => {
            assert!(
                body.contains(
                    "PolicySourceArn=arn%3Aaws%3Aiam%3A%3A000000000000%3Arole%2Fci%2Fdeployer"
                ),
                "{body}"
            );
            let results = values("ActionNames").into_iter().map(|action| {
                let decision = match action.as_str() {
                    "iam:PassRole" | "lambda:GetFunction" => "implicitDeny",
                    _ => "allowed",
                };
                format!(
                    "<member><EvalActionName>{action}</EvalActionName>\
                     <EvalResourceName>*</EvalResourceName>\
                     <EvalDecision>{decision}</EvalDecision></member>"
                )
            });
            let results: String = results.collect();
            Answer::of(
                200,
                format!(
                    "<SimulatePrincipalPolicyResponse \
                     xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\">\
                     <SimulatePrincipalPolicyResult><IsTruncated>false</IsTruncated>\
                     <EvaluationResults>{results}</EvaluationResults>\
                     </SimulatePrincipalPolicyResult>\
                     </SimulatePrincipalPolicyResponse>"
                ),
            )
        }
        () => account(request),
    }
}

/// The same, if the simulation is denied, in IAM's words.
fn denying(request: &Request) -> Answer {
    match request.body.contains("SimulatePrincipalPolicy") {
        true => Answer::of(
            403,
            "<ErrorResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><Error>\
             <Type>Sender</Type><Code>AccessDenied</Code>\
             <Message>User: arn:aws:sts::000000000000:assumed-role/deployer/session is not \
             authorized to perform: iam:SimulatePrincipalPolicy on resource: \
             arn:aws:iam::000000000000:role/ci/deployer because no identity-based policy allows \
             the iam:SimulatePrincipalPolicy action</Message></Error></ErrorResponse>",
        ),
        false => simulating(request),
    }
}

#[test]
fn a_doctor_names_what_the_caller_s_policies_lack() {
    let said = |answers: fn(&Request) -> Answer| {
        let endpoint = Endpoint::start(answers);
        let folder = project();
        let manifest = MANIFEST.replace("http://127.0.0.1:1", &endpoint.url);
        fs::write(folder.path().join("jot.toml"), manifest).unwrap();
        let said = jot(folder.path(), &["doctor"]);
        said.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let lacking = said(simulating);
    for words in [
        "! permissions the caller's policies lack permissions for plan: lambda:GetFunction; \
         for apply: iam:PassRole",
        "`jot iam-policy` prints the policy for all commands",
    ] {
        assert!(lacking.contains(words), "{words}: {lacking}");
    }
    let unknown = said(denying);
    let words = "- permissions the caller lacks the permissions to check itself: \
        iam:SimulatePrincipalPolicy, iam:GetRole";
    assert!(unknown.contains(words), "{unknown}");
    let nobody = said(account);
    let words = "- permissions IAM cannot simulate the caller's policies";
    assert!(nobody.contains(words), "{nobody}");
}

#[test]
fn a_doctor_needs_no_manifest() {
    let folder = tempfile::tempdir().unwrap();
    let said = jot(folder.path(), &["doctor"]);
    assert!(said.starts_with("status: 1\n"), "{said}");
    assert!(said.contains("-  jot.toml "), "{said}");
    assert!(said.contains("no AWS region is set"), "{said}");
}

/// Runs jot in a folder with another folder as its home.
fn at_home(home: &Path, folder: &Path, arguments: &[&str]) -> String {
    let mut command = command(folder, arguments);
    shown(folder, &command.env("HOME", home).output().unwrap())
}

#[test]
fn hashes_of_folders_that_do_not_exist_go_and_those_of_others_stay() {
    let home = tempfile::tempdir().unwrap();
    let (gone, here) = (project(), project());
    // Hashes of files that changed a moment ago are not kept.
    sleep(Duration::from_millis(2_100));
    for folder in [&gone, &here] {
        at_home(home.path(), folder.path(), &["check"]);
    }
    let hashes = || {
        fs::read_dir(home.path().join(".cache/jot/hashes"))
            .unwrap()
            .count()
    };
    assert_eq!(hashes(), 2);
    drop(gone);
    let said = at_home(home.path(), here.path(), &["clean"]);
    assert!(said.starts_with("status: 1\n"), "{said}");
    assert!(
        said.contains("hashes of a folder that does not exist"),
        "{said}"
    );
    assert!(said.contains("Docker's images are kept: "), "{said}");
    assert!(said.contains("--yes"), "{said}");
    assert_eq!(hashes(), 2);
    let said = at_home(home.path(), here.path(), &["clean", "--yes"]);
    assert!(said.starts_with("status: 0\n"), "{said}");
    assert!(said.contains("Removed 1 file of hashes"), "{said}");
    assert_eq!(hashes(), 1);
    let mut again = command(here.path(), &["clean", "--yes", "--json"]);
    let output = again.env("HOME", home.path()).output().unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    documents::assert_valid(&["clean"], &stdout);
    assert!(stdout.contains("\"removals\": []"), "{stdout}");
}
