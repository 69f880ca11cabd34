//! What `jot prune` deletes from ECR, and what it keeps, with images that Docker built and pushed.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use serde_json::{Value, json};

use crate::{
    proxy::Fault,
    story::{expect, increment_vector},
    support::{Project, Stack, http, seen},
};

/// The functions of the region with all their versions, as AWS lists them: the emulator lists
/// `$LATEST` alone, and has another hash in place of an image's digest.
fn versions_of_all(address: &str) -> Vec<Value> {
    let get = |path: &str| -> Value {
        let answer =
            http::aws_rest(address, "lambda", ("GET", path), "").expect("ministack answers");
        serde_json::from_slice(&answer.body).expect("JSON")
    };
    let names = get("/2015-03-31/functions/")["Functions"].clone();
    let names = names.as_array().cloned().expect("functions");
    let each = names.iter().flat_map(|one| {
        let name = one["FunctionName"].as_str().expect("a name");
        let versions = get(&format!("/2015-03-31/functions/{name}/versions"));
        versions["Versions"].as_array().cloned().expect("versions")
    });
    let each = each.map(|mut one| {
        let (name, version) = (one["FunctionName"].as_str(), one["Version"].as_str());
        let (name, version) = (name.expect("a name"), version.expect("a version"));
        let found = get(&format!("/2015-03-31/functions/{name}?Qualifier={version}"));
        let image = found["Code"]["ImageUri"].as_str().expect("an image");
        let (_, digest) = image.split_once("@sha256:").expect("a digest");
        one["CodeSha256"] = json!(digest);
        one
    });
    each.collect()
}

/// Lists all versions in Lambda's place; from the call `after` on, one more, which runs `digest`.
fn list_versions(stack: &Stack, more: Option<(usize, String)>) {
    let (address, calls) = (stack.behind(), AtomicUsize::new(0));
    let forge = move |_: &str, path: &str, _: &str| {
        assert!(path.contains("FunctionVersion=ALL"), "{path}");
        let mut all = versions_of_all(&address);
        let call = calls.fetch_add(1, Ordering::SeqCst) + 1;
        if let Some((after, digest)) = &more
            && call >= *after
        {
            let code = digest.trim_start_matches("sha256:");
            all.push(json!({
                "FunctionName": "late", "Version": "7", "PackageType": "Image", "CodeSha256": code,
            }));
        }
        (200, json!({ "Functions": all }).to_string())
    };
    let fault = Fault::Forged(Arc::new(forge));
    stack.proxy.fault("lambda:ListFunctions", fault, u32::MAX);
}

/// The tags of the images in ECR; an empty text for those without one.
fn tags(stack: &Stack, project: &Project) -> BTreeSet<String> {
    let body = json!({ "repositoryName": project.name });
    let target = "AmazonEC2ContainerRegistry_V20150921.DescribeImages";
    let found = seen::call(stack, target, &body);
    let details = found["imageDetails"].as_array().expect("images");
    let tags = details
        .iter()
        .flat_map(|one| one["imageTags"].as_array().expect("tags"));
    tags.map(|tag| tag.as_str().expect("a text").to_owned())
        .collect()
}

/// The images of a document of `jot prune`, by tag.
fn of<'a>(document: &'a Value, tag: &str) -> &'a Value {
    let images = document["images"].as_array().expect("images");
    let has = |one: &&Value| one["tags"].as_array().expect("tags").contains(&json!(tag));
    images
        .iter()
        .find(has)
        .unwrap_or_else(|| panic!("no {tag}: {document:#}"))
}

fn json_of(project: &Project, stack: &Stack, arguments: &[&str]) -> Value {
    // The result does not depend on what ran before.
    list_versions(stack, None);
    let all = [&["prune", "--format", "json", "--yes"], arguments].concat();
    let ran = expect(project.run(&all), 0);
    serde_json::from_str(&ran.stdout).expect("a document")
}

#[test]
fn what_nothing_reaches_goes_and_its_reason_is_said() {
    let stack = Stack::start();
    let project = increment_vector(&stack, "prune");
    let mut manifest = project.text("jot.toml");
    manifest.push_str("[functions.increment-vector.deploy]\nkeep_versions = 2\n");
    project.write("jot.toml", &manifest);
    let mut pushed = Vec::new();
    for number in 1..=4 {
        let before = match number {
            1 => BTreeSet::new(),
            _ => tags(&stack, &project),
        };
        let source = format!("increment_vector(v) = v .+ {number} .- {}\n", number - 1);
        project.write("increment_vector.jl", &source);
        expect(project.run(&["apply", "--yes"]), 0);
        pushed.push(&tags(&stack, &project) - &before);
    }
    assert_eq!(pushed[0].len(), 2, "an image and its base: {pushed:#?}");
    let [second, third, fourth] = [1, 2, 3].map(|at: usize| pushed[at].first().expect("one"));
    let all = tags(&stack, &project);

    // All images are too new.
    list_versions(&stack, None);
    let ran = expect(project.run(&["prune"]), 0);
    assert!(
        ran.stdout.contains("Nothing to prune: 5 images in"),
        "{ran:#?}"
    );
    assert!(
        ran.stdout.contains("it was pushed less than a day ago"),
        "{ran:#?}"
    );

    // Without a terminal nothing is deleted without `--yes`, but it is shown.
    let ran = expect(project.run(&["prune", "--older-than", "0d"]), 1);
    assert!(
        ran.stdout
            .contains("nothing runs it, pushed less than a day ago"),
        "{ran:#?}"
    );
    assert!(ran.stderr.contains("--yes"), "{ran:#?}");
    assert_eq!(tags(&stack, &project), all);

    // A list that is denied: what cannot be seen counts as used.
    let denied = Fault::Refused(
        403,
        "AccessDeniedException",
        "not authorized to perform: lambda:ListFunctions",
    );
    stack.proxy.fault("lambda:ListFunctions", denied, u32::MAX);
    let ran = expect(project.run(&["prune", "--older-than", "0d", "--yes"]), 0);
    assert!(
        ran.stdout
            .contains("not everything could be read: functions of this region"),
        "{ran:#?}"
    );
    assert!(ran.stdout.contains("Nothing to prune"), "{ran:#?}");
    assert_eq!(tags(&stack, &project), all);

    // Another account may pull.
    let ecr = "AmazonEC2ContainerRegistry_V20150921";
    let policy = |principal: Value| {
        let policy = json!({
            "Version": "2012-10-17",
            "Statement": [{ "Effect": "Allow", "Principal": principal,
                "Action": ["ecr:BatchGetImage"] }],
        });
        let body = json!({ "repositoryName": project.name, "policyText": policy.to_string() });
        seen::call(&stack, &format!("{ecr}.SetRepositoryPolicy"), &body);
    };
    policy(json!({ "AWS": "arn:aws:iam::444455556666:root" }));
    let kept = json_of(&project, &stack, &["--older-than", "0d"]);
    assert_eq!(of(&kept, second)["cause"], "other_accounts", "{kept:#}");
    assert_eq!(of(&kept, second)["why"], "account 444455556666 may run it");
    assert_eq!(tags(&stack, &project), all);
    // A copy may pull too.
    policy(json!({ "Service": "lambda.amazonaws.com" }));
    let copied = |_: &str, _: &str, _: &str| {
        let answer = json!({
            "registryId": "000000000000",
            "replicationConfiguration": { "rules": [
                { "destinations": [{ "region": "eu-central-1", "registryId": "000000000000" }] },
                { "destinations": [{ "region": "eu-west-3", "registryId": "000000000000" }],
                  "repositoryFilters": [{ "filter": "elsewhere", "filterType": "PREFIX_MATCH" }] },
            ] },
        });
        (200, answer.to_string())
    };
    stack
        .proxy
        .fault("ecr:DescribeRegistry", Fault::Forged(Arc::new(copied)), 1);
    let kept = json_of(&project, &stack, &["--older-than", "0d"]);
    assert_eq!(
        of(&kept, second)["why"],
        "what is copied to eu-central-1 may run it"
    );
    assert_eq!(tags(&stack, &project), all);

    // A user's tag on an image that would go; a function that begins to run another one during the
    // prune.
    let body = json!({ "repositoryName": project.name, "imageIds": [{ "imageTag": second }] });
    let got = seen::call(&stack, &format!("{ecr}.BatchGetImage"), &body);
    let image = &got["images"][0];
    let body = json!({
        "repositoryName": project.name, "imageTag": "keep-me",
        "imageManifest": image["imageManifest"],
        "imageManifestMediaType": image["imageManifestMediaType"],
    });
    seen::call(&stack, &format!("{ecr}.PutImage"), &body);
    let first = pushed[0].iter().find(|tag| {
        let document = json_of_dry(&project, &stack);
        of(&document, tag)["why"]
            .as_str()
            .is_some_and(|why| why.starts_with("nothing runs it"))
    });
    let first = first.expect("the first image, which no version runs any more");
    let base = pushed[0]
        .iter()
        .find(|tag| *tag != first)
        .expect("the base");
    let body = json!({ "repositoryName": project.name, "imageIds": [{ "imageTag": first }] });
    let got = seen::call(&stack, &format!("{ecr}.BatchGetImage"), &body);
    let digest = got["images"][0]["imageId"]["imageDigest"]
        .as_str()
        .expect("a digest")
        .to_owned();
    list_versions(&stack, Some((2, digest)));
    // The first look sees no function that runs it, the second does.
    let ran = expect(project.run(&["prune", "--older-than", "0d", "--yes"]), 0);
    assert!(ran.stdout.contains("nothing runs it"), "{ran:#?}");
    assert!(ran.stderr.contains("Deleted 0 images"), "{ran:#?}");
    let mut with_mine = all.clone();
    with_mine.insert("keep-me".to_owned());
    assert_eq!(tags(&stack, &project), with_mine);

    // Now the first image goes, in one request, and by its digest.
    stack.proxy.reset();
    let gone = json_of(&project, &stack, &["--older-than", "0d"]);
    assert_eq!(stack.proxy.counts()["ecr:BatchDeleteImage"], 1);
    let causes = |tag: &str| of(&gone, tag)["cause"].as_str().expect("a text").to_owned();
    let found = [first, base, second, third, fourth].map(|tag| causes(tag));
    assert_eq!(found, ["unreached", "wanted", "tagged", "runs", "runs"]);
    assert_eq!(of(&gone, first)["goes"], true);
    with_mine.remove(first.as_str());
    assert_eq!(tags(&stack, &project), with_mine);

    // The base stays with what is built on it, also once jot.toml does not need it: Docker pushed
    // the very same layers.
    let manifest = project.text("jot.toml");
    project.manifest(&format!(
        "[functions.other]\n\
         image_uri = \"000000000000.dkr.ecr.eu-west-1.amazonaws.com/elsewhere@sha256:{}\"\n",
        "a".repeat(64)
    ));
    let without = json_of(&project, &stack, &["--older-than", "0d"]);
    let why = of(&without, base)["why"].as_str().expect("a text");
    assert!(why.starts_with("it is the base of "), "{without:#}");
    assert_eq!(tags(&stack, &project), with_mine);
    project.write("jot.toml", &manifest);

    // Nothing more is deleted, and the function runs.
    let again = json_of(&project, &stack, &["--older-than", "0d"]);
    let images = again["images"].as_array().expect("images");
    assert!(images.iter().all(|one| one["goes"] == false), "{again:#}");
    // The policy was changed outside jot.
    expect(project.run(&["apply", "--yes"]), 0);
    expect(project.run(&["plan", "--detailed-exitcode"]), 0);
    expect(project.run(&["invoke", "increment-vector", "[1, 2]"]), 0);
}

/// What would be deleted now: the request to delete is sent, but not executed.
fn json_of_dry(project: &Project, stack: &Stack) -> Value {
    let asked = Arc::new(AtomicBool::new(false));
    let told = asked.clone();
    let forge = move |_: &str, _: &str, _: &str| {
        told.store(true, Ordering::SeqCst);
        (200, json!({ "imageIds": [], "failures": [] }).to_string())
    };
    stack
        .proxy
        .fault("ecr:BatchDeleteImage", Fault::Forged(Arc::new(forge)), 1);
    let document = json_of(project, stack, &["--older-than", "0d"]);
    assert!(asked.load(Ordering::SeqCst), "{document:#}");
    document
}
