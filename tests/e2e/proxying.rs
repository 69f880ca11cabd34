//! The proxy itself: the numbers in other tests depend on its counts.

use std::{collections::BTreeMap, thread};

use crate::{
    proxy::{Proxy, Uploads},
    support::{
        Project, Stack,
        docker::{docker, docker_with},
        http, unique,
    },
};

/// More than one buffer of every part on the way.
const LARGE: usize = 24 << 20;

fn create_repository(address: &str, name: &str) {
    let answer = http::aws_json(
        address,
        "AmazonEC2ContainerRegistry_V20150921.CreateRepository",
        &format!(r#"{{"repositoryName":"{name}"}}"#),
    )
    .expect("ministack answers");
    assert_eq!(answer.status, 200, "{}", answer.text());
}

fn caller(proxy: &Proxy) -> std::io::Result<http::Answer> {
    http::aws_form(
        &proxy.address(),
        "sts",
        "Action=GetCallerIdentity&Version=2011-06-15",
    )
}

/// A tar archive of one file that does not compress.
fn archive() -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let noise: Vec<u8> = std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    })
    .take(LARGE / 8)
    .flatten()
    .collect();
    let mut header = tar::Header::new_gnu();
    header.set_size(noise.len() as u64);
    header.set_mode(0o644);
    let mut archive = tar::Builder::new(Vec::new());
    archive
        .append_data(&mut header, "noise", noise.as_slice())
        .expect("memory takes everything");
    archive.into_inner().expect("memory takes everything")
}

/// An image in the local Docker, removed when this value is dropped.
struct LocalImage(String);

impl Drop for LocalImage {
    fn drop(&mut self) {
        let _ = std::process::Command::new("docker")
            .args(["image", "rm", "--force", &self.0])
            .output();
    }
}

#[test]
fn a_push_and_a_pull_are_passed_on_and_counted() {
    let stack = Stack::start();
    let name = unique("push");
    create_repository(&stack.proxy.address(), &name);
    let image = LocalImage(format!("{}/{name}:first", stack.proxy.address()));
    docker_with(&["import", "-", &image.0], &archive());

    docker(&["push", &image.0]);
    let counts = stack.proxy.counts();
    let count = |operation: &str| counts.get(operation).copied().unwrap_or_default();
    assert_eq!(count("ecr:CreateRepository"), 1);
    assert_eq!(
        count("registry:PutBlob"),
        2,
        "a layer and a configuration: {counts:?}"
    );
    assert_eq!(count("registry:PutManifest"), 1, "{counts:?}");
    let Uploads {
        blobs,
        bytes,
        manifests,
    } = stack.proxy.uploads();
    assert_eq!((blobs, manifests), (2, 1));
    assert!(bytes > LARGE as u64, "{bytes}");

    stack.proxy.reset();
    docker(&["push", &image.0]);
    assert_eq!(
        stack.proxy.uploads().blobs,
        0,
        "everything is there already"
    );

    let id = docker(&["image", "inspect", "--format", "{{.Id}}", &image.0]);
    docker(&["image", "rm", &image.0]);
    docker(&["pull", "--quiet", &image.0]);
    assert_eq!(
        docker(&["image", "inspect", "--format", "{{.Id}}", &image.0]),
        id
    );
    assert!(stack.proxy.counts().contains_key("registry:GetBlob"));
}

#[test]
fn operations_of_every_protocol_are_told_apart() {
    let stack = Stack::start();
    let address = stack.proxy.address();
    assert_eq!(caller(&stack.proxy).expect("an answer").status, 200);
    for (method, path, status) in [
        ("GET", "/2015-03-31/functions/absent", 404),
        ("GET", "/2015-03-31/functions/absent/aliases/live?x=1", 404),
        ("HEAD", "/v2/absent/manifests/latest", 404),
    ] {
        let answer = http::request(&address, method, path, &[], b"").expect("an answer");
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.text());
        let direct = http::request(&stack.behind(), method, path, &[], b"").expect("an answer");
        assert_eq!(answer.body, direct.body, "{method} {path}");
    }
    let expected = [
        ("lambda:GetAlias", 1),
        ("lambda:GetFunction", 1),
        ("registry:HeadManifest", 1),
        ("sts:GetCallerIdentity", 1),
    ];
    let expected: BTreeMap<String, u64> = expected.map(|(name, n)| (name.into(), n)).into();
    assert_eq!(stack.proxy.counts(), expected);
}

#[test]
fn a_head_answer_keeps_the_length_of_the_body_that_it_leaves_out() {
    let stack = Stack::start();
    let name = unique("head");
    create_repository(&stack.behind(), &name);
    let digest = "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
    let upload = format!("/v2/{name}/blobs/uploads/?digest={digest}");
    let address = stack.proxy.address();
    let uploaded = http::request(&address, "POST", &upload, &[], b"hello").expect("an answer");
    assert_eq!(uploaded.status, 201, "{}", uploaded.text());

    let blob = format!("/v2/{name}/blobs/{digest}");
    let answer = http::request(&address, "HEAD", &blob, &[], b"").expect("an answer");
    assert_eq!(answer.header("content-length"), Some("5"));
    assert!(answer.body.is_empty());
    assert_eq!(stack.proxy.uploads().bytes, 5);
}

#[test]
fn faults_strike_as_often_as_asked_for() {
    let stack = Stack::start();
    stack.proxy.fail("sts:GetCallerIdentity", 503, 2);
    let statuses: Vec<u16> = (0..3)
        .map(|_| caller(&stack.proxy).expect("an answer").status)
        .collect();
    assert_eq!(statuses, [503, 503, 200]);

    stack.proxy.cut("sts:GetCallerIdentity");
    caller(&stack.proxy).expect_err("the connection is cut");
    assert_eq!(caller(&stack.proxy).expect("an answer").status, 200);
}

#[test]
fn requests_one_after_the_other_are_waves_and_requests_together_are_one() {
    let stack = Stack::start();
    for _ in 0..3 {
        assert_eq!(caller(&stack.proxy).expect("an answer").status, 200);
    }
    assert_eq!((stack.proxy.waves(), stack.proxy.most_in_flight()), (3, 1));

    stack.proxy.reset();
    stack.proxy.gather(3);
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| caller(&stack.proxy).expect("an answer"));
        }
    });
    assert_eq!((stack.proxy.waves(), stack.proxy.most_in_flight()), (1, 3));
}

#[test]
fn a_project_keeps_this_machine_out() {
    let stack = Stack::start();
    let project = Project::new(&stack, "hermetic");
    project.manifest("");
    let ran = project.run(&["--version"]);
    assert_eq!(
        (ran.status, ran.stderr.as_str()),
        (Some(0), ""),
        "{}",
        ran.stdout
    );
    let jot = project.jot();
    let home = jot.get_envs().find(|(name, _)| *name == "HOME");
    let home = home.and_then(|(_, value)| value).expect("HOME is set");
    assert_ne!(Some(home), std::env::var_os("HOME").as_deref());
    assert!(std::path::Path::new(home).is_dir());
}
