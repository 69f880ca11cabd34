//! What was built for one target goes to another as it is: no build, no Docker.

use std::collections::BTreeMap;

use crate::{
    policies,
    story::{FUNCTION, changes, expect},
    support::{Project, Ran, Stack, ran},
};

/// A project with two targets, each of which has an AWS of its own.
fn promoted(staging: &Stack, prod: &Stack, label: &str, more: &str) -> Project {
    let project = Project::new(staging, label);
    project.write("increment_vector.jl", "increment_vector(v) = v .+ 1\n");
    let other = (prod.proxy.url(), prod.proxy.address());
    project.manifest(&format!(
        "[targets.staging]\n\n[targets.prod.aws]\nendpoint_url = \"{}\"\nregistry = \"{}\"\n\n{FUNCTION}{more}",
        other.0, other.1
    ));
    project
}

/// jot where no Docker is, towards prod.
fn to_prod(project: &Project, arguments: &[&str]) -> Ran {
    let mut jot = project.jot();
    jot.args(arguments)
        .args(["--target", "prod"])
        .env("DOCKER_HOST", "unix:///nowhere/docker.sock");
    ran(&mut jot)
}

/// What jot said, in one line.
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
