//! What was built for one target goes to another unchanged: no build, no Docker.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::{Value, json};

use crate::{
    policies,
    proxy::Fault,
    story::{FUNCTION, changes, expect},
    support::{Project, Ran, Stack, http, ran, seen},
};

/// A project with two targets, each with an AWS of its own.
fn promoted(staging: &Stack, prod: &Stack, label: &str, more: &str) -> Project {
    let project = Project::new(staging, label);
    project.write("increment_vector.jl", "increment_vector(v) = v .+ 1\n");
    let other = (prod.proxy.url(), prod.proxy.address());
    project.manifest(&format!(
        "[targets.staging]\n\n[targets.prod.aws]\nendpoint_url = \"{}\"\nregistry = \"{}\"\n\n\
         {FUNCTION}{more}",
        other.0, other.1
    ));
    project
}

/// jot without Docker, with the target prod.
fn to_prod(project: &Project, arguments: &[&str]) -> Ran {
    let mut jot = project.jot();
    jot.args(arguments)
        .args(["--target", "prod"])
        .env("DOCKER_HOST", "unix:///nowhere/docker.sock");
    ran(&mut jot)
}

/// jot's output, in one line.
fn said(ran: &Ran) -> String {
    let words = ran.stderr.split_whitespace().filter(|word| *word != "|");
    words.collect::<Vec<_>>().join(" ")
}

fn count(counts: &BTreeMap<String, u64>, operation: &str) -> u64 {
    counts.get(operation).copied().unwrap_or_default()
}

#[test]
fn a_promotion_copies_what_the_other_repository_has() {
    let (staging, prod) = (Stack::start(), Stack::start());
    let project = promoted(&staging, &prod, "promoted", "");
    let nothing = expect(to_prod(&project, &["plan", "--no-build"]), 1);
    for words in ["ECR lacks", "increment-vector (image ", "--images-from"] {
        assert!(said(&nothing).contains(words), "{words}: {nothing:#?}");
    }
    let promote = ["--images-from", "staging"];
    let early = expect(to_prod(&project, &[&["plan"], &promote[..]].concat()), 1);
    assert!(said(&early).contains("target staging lacks"), "{early:#?}");
    assert_eq!(changes(&prod.proxy.counts()), BTreeMap::new());

    expect(project.run(&["apply", "--target", "staging", "--yes"]), 0);
    staging.proxy.reset();
    prod.proxy.reset();
    let plan = expect(to_prod(&project, &[&["plan"], &promote[..]].concat()), 0);
    for words in [
        "> copy image increment-vector",
        "0 to build, 0 to push, 2 to copy",
    ] {
        assert!(plan.stdout.contains(words), "{words}: {plan:#?}");
    }
    let apply = [&["apply", "--yes"], &promote[..]].concat();
    expect(to_prod(&project, &apply), 0);
    let (from, to) = (staging.proxy.counts(), prod.proxy.counts());
    assert_eq!(changes(&from), BTreeMap::new());
    assert_eq!(count(&to, "registry:PutManifest"), 2, "{to:#?}");
    let blobs = count(&to, "registry:PutBlob");
    assert!(blobs > 2, "{to:#?}");
    assert_eq!(count(&from, "registry:GetBlob"), blobs, "{from:#?}");
    let policy = ["iam-policy", "--target", "prod", "--images-from", "staging"];
    let allowed = policies::actions(&expect(project.run(&policy), 0).stdout);
    policies::assert_within(&from, &allowed);
    policies::assert_within(&to, &allowed);

    prod.proxy.reset();
    let again = expect(to_prod(&project, &apply), 0);
    assert!(again.stdout.contains("No changes."), "{again:#?}");
    assert_eq!(changes(&prod.proxy.counts()), BTreeMap::new());
    let unbuilt = expect(to_prod(&project, &["apply", "--no-build"]), 0);
    assert!(unbuilt.stdout.contains("No changes."), "{unbuilt:#?}");
    let answer = expect(
        to_prod(&project, &["invoke", "increment-vector", "[1, 2]"]),
        0,
    );
    assert!(answer.stdout.contains('3'), "{answer:#?}");
}

#[test]
fn other_content_is_not_promoted() {
    let (staging, prod) = (Stack::start(), Stack::start());
    let other =
        "\n[targets.prod.functions.increment-vector.build]\nargs = { FLAVOUR = \"prod\" }\n";
    let project = promoted(&staging, &prod, "different", other);
    let apply = ["apply", "--yes", "--images-from", "staging"];
    let refused = expect(to_prod(&project, &apply), 1);
    for words in [
        "target staging builds",
        "increment-vector has ",
        "build arguments",
    ] {
        assert!(said(&refused).contains(words), "{words}: {refused:#?}");
    }
    assert_eq!(changes(&prod.proxy.counts()), BTreeMap::new());
}

/// The account of staging, which no emulator has.
const OTHER: &str = "111122223333";
/// The account of the emulators' credentials.
const OWN: &str = "000000000000";

/// ECR as seen from another account: it answers what the repository's policy permits, and finds
/// nothing without the number of the repository's account.
fn of_another_account(staging: &Stack, repository: &str) {
    let (behind, repository) = (staging.behind(), repository.to_owned());
    staging.proxy.judge(move |operation, _| {
        let name = operation.strip_prefix("ecr:")?;
        if name == "GetAuthorizationToken" {
            return None;
        }
        let (behind, repository) = (behind.clone(), repository.clone());
        let operation = operation.to_owned();
        Some(Fault::Forged(Arc::new(move |_, _, body| {
            let mut asked: Value = serde_json::from_str(body).expect("JSON");
            let registry = asked.as_object_mut().expect("fields").remove("registryId");
            if registry != Some(json!(OTHER)) {
                let missing = "RepositoryNotFoundException";
                return (400, json!({ "__type": missing }).to_string());
            }
            if !permits(&policy(&behind, &repository), &operation) {
                return (
                    400,
                    json!({ "__type": "AccessDeniedException" }).to_string(),
                );
            }
            let target = operation.replace("ecr:", ECR);
            let answer = http::aws_json(&behind, &target, &asked.to_string()).expect("an answer");
            (answer.status, answer.text())
        })))
    });
}

const ECR: &str = "AmazonEC2ContainerRegistry_V20150921.";

/// The statements of a repository's policy.
fn policy(behind: &str, repository: &str) -> Vec<Value> {
    let target = format!("{ECR}GetRepositoryPolicy");
    let asked = json!({ "repositoryName": repository });
    let answer = http::aws_json(behind, &target, &asked.to_string()).expect("an answer");
    let answer: Value = serde_json::from_slice(&answer.body).expect("JSON");
    let text = answer["policyText"].as_str().expect("a policy");
    let policy: Value = serde_json::from_str(text).expect("JSON");
    policy["Statement"].as_array().expect("statements").clone()
}

fn permits(statements: &[Value], operation: &str) -> bool {
    let holds =
        |list: &Value, one: &str| list.as_array().is_some_and(|all| all.contains(&json!(one)));
    let mut statements = statements.iter();
    statements.any(|one| holds(&one["Principal"]["AWS"], OWN) && holds(&one["Action"], operation))
}

#[test]
fn the_credentials_of_one_account_suffice_where_the_other_lets_it_pull() {
    let (staging, prod) = (Stack::start(), Stack::start());
    let project = promoted(&staging, &prod, "pulling", "");
    let manifest = project.text("jot.toml");
    let in_staging = |keys: &str| {
        let table = format!("[targets.staging.aws]\n{keys}\n");
        project.write("jot.toml", &manifest.replace("[targets.staging]\n", &table));
    };
    let seen_from_prod = |keys: &str| {
        in_staging(&format!("account_id = \"{OTHER}\"\n{keys}"));
        staging.proxy.reset();
        of_another_account(&staging, &project.name);
    };
    let apply = ["apply", "--target", "staging", "--yes"];
    let promote = ["apply", "--yes", "--images-from", "staging"];
    expect(project.run(&apply), 0);

    seen_from_prod("");
    let refused = expect(to_prod(&project, &promote), 1);
    for words in [
        "cannot read the repository of target staging",
        "pull_accounts",
    ] {
        assert!(said(&refused).contains(words), "{words}: {refused:#?}");
    }
    assert_eq!(changes(&prod.proxy.counts()), BTreeMap::new());

    // Others' statements stay in the policy, and are no difference.
    let audit = json!({
        "Sid": "Audit", "Effect": "Allow", "Principal": { "AWS": "444455556666" },
        "Action": ["ecr:DescribeImages"],
    });
    let mut statements = policy(&staging.behind(), &project.name);
    statements.push(audit.clone());
    let text = json!({ "Version": "2012-10-17", "Statement": statements }).to_string();
    let put = json!({ "repositoryName": project.name, "policyText": text });
    seen::call(&staging, &format!("{ECR}SetRepositoryPolicy"), &put);
    staging.proxy.reset();
    in_staging("");
    let plan = ["plan", "--target", "staging", "--detailed-exitcode"];
    expect(project.run(&plan), 0);
    let pull = format!("pull_accounts = [\"{OWN}\"]");
    in_staging(&pull);
    expect(project.run(&apply), 0);
    assert!(
        !staging
            .proxy
            .counts()
            .contains_key("lambda:UpdateFunctionCode")
    );
    let statements = policy(&staging.behind(), &project.name);
    assert_eq!(statements.len(), 3, "{statements:#?}");
    assert!(statements.contains(&audit), "{statements:#?}");
    expect(project.run(&plan), 0);

    seen_from_prod(&pull);
    prod.proxy.reset();
    expect(to_prod(&project, &promote), 0);
    let (from, to) = (staging.proxy.counts(), prod.proxy.counts());
    assert_eq!(changes(&from), BTreeMap::new());
    assert_eq!(count(&to, "registry:PutManifest"), 2, "{to:#?}");
    let policy = ["iam-policy", "--target", "prod", "--images-from", "staging"];
    let printed = expect(project.run(&policy), 0).stdout;
    policies::assert_within(&from, &policies::actions(&printed));
    let source = format!("arn:aws:ecr:eu-west-1:{OTHER}:repository/{}", project.name);
    assert!(printed.contains(&source), "{printed}");

    // Without the key jot's statement goes, and those of others stay.
    staging.proxy.reset();
    in_staging("");
    expect(project.run(&apply), 0);
    let statements = self::policy(&staging.behind(), &project.name);
    assert_eq!(statements.len(), 2, "{statements:#?}");
    assert!(statements.contains(&audit), "{statements:#?}");
}
