//! Functions with a Dockerfile of their own.

use std::collections::BTreeMap;

use serde_json::json;

use crate::{
    story::{changes, control_plane, expect, json, of},
    support::{Project, Ran, Stack},
};

/// A runtime in Perl, which the base image contains. Its first argument says what it does.
pub const RUNTIME: &str = r#"use strict;
use IO::Socket::INET;
my $api = $ENV{AWS_LAMBDA_RUNTIME_API};
sub ask {
    my ($method, $path, $body) = @_;
    my $to = IO::Socket::INET->new(PeerAddr => $api) or die "no Runtime API: $!";
    print $to "$method /2018-06-01/runtime/invocation/$path HTTP/1.1\r\n"
        . "Host: $api\r\nConnection: close\r\n"
        . 'Content-Length: ' . length($body) . "\r\n\r\n$body";
    local $/;
    return split /\r\n\r\n/, <$to>, 2;
}
open(my $word, '<', '/app/word') or die "no word: $!";
chomp(my $said = <$word>);
while (1) {
    my ($head, $event) = ask('GET', 'next', '');
    my ($id) = $head =~ /Lambda-Runtime-Aws-Request-Id: (\S+)/i;
    ask('POST', "$id/response", $ARGV[0] eq 'shout' ? uc("\"$said\"") : length($event));
}
"#;

/// The last stage is not the target.
pub const DOCKERFILE: &str = r#"ARG BASE=nothing
FROM ${BASE} AS release
COPY . /app/
RUN test ! -e /app/secret && test ! -e /app/Dockerfile.dockerignore
ENTRYPOINT ["perl", "/app/runtime.pl"]
CMD ["count"]
FROM release AS debug
RUN false
"#;

const FUNCTIONS: &str = r#"
[defaults]
memory_mb = 256
dockerfile = { source = "app", stage = "release" }
build = { args = { BASE = "julia:1.5" } }

[functions.count]
tests = [{ argument = 12, expected = 2 }]

[functions.shout]
image = { command = ["shout"] }
tests = [{ argument = 1, expected = "HELLO" }]
"#;

pub fn project(stack: &Stack, label: &str) -> Project {
    let project = Project::new(stack, label);
    project.write("app/Dockerfile", DOCKERFILE);
    project.write(
        "app/Dockerfile.dockerignore",
        "secret\n*.dockerignore\nDockerfile\n",
    );
    project.write("app/.dockerignore", "runtime.pl\n");
    project.write("app/runtime.pl", RUNTIME);
    project.write("app/word", "hello\n");
    project.write("app/secret", "hunter2");
    project.manifest(FUNCTIONS);
    project
}

fn counted(ran: &Ran, words: &str) {
    assert!(ran.stdout.contains(words), "{words}: {}", ran.stdout);
}

#[test]
fn two_functions_share_an_image_that_their_dockerfile_builds() {
    let stack = Stack::start();
    let project = project(&stack, "dockerfile");
    expect(project.run(&["check"]), 0);
    let plan = expect(project.run(&["plan"]), 0);
    counted(
        &plan,
        "Plan: 1 to build, 1 to push, 7 to create, 0 to update",
    );
    stack.proxy.reset();
    expect(project.run(&["apply", "--yes"]), 0);
    let counts = stack.proxy.counts();
    let pushed = of(&counts, &["registry:PutManifest", "lambda:CreateFunction"]);
    let expected = [("lambda:CreateFunction", 2), ("registry:PutManifest", 1)];
    let expected = expected.map(|(name, count)| (name.to_owned(), count));
    assert_eq!(pushed, BTreeMap::from(expected), "{counts:#?}");
    let answer = |function: &str| json(&expect(project.run(&["invoke", function, "[1]"]), 0));
    assert_eq!(
        (answer("count"), answer("shout")),
        (json!(3), json!("HELLO"))
    );

    // Nothing to do, without Docker.
    stack.proxy.reset();
    let mut plan = project.jot();
    plan.args(["plan", "--detailed-exitcode", "count"]);
    plan.env("DOCKER_HOST", "unix:///nowhere");
    let plan = crate::support::ran(&mut plan);
    expect(plan, 0);
    assert_eq!(control_plane(&stack.proxy.counts()), 12);

    // A file of the context: one build and one push for both functions.
    project.write("app/word", "salut\n");
    let plan = expect(project.run(&["plan"]), 0);
    counted(
        &plan,
        "Plan: 1 to build, 1 to push, 0 to create, 2 to update",
    );
    counted(&plan, "source changed: app/word");
    let (said, tested) = ("expected = \"HELLO\"", "expected = \"SALUT\"");
    project.manifest(&FUNCTIONS.replace(said, tested));
    stack.proxy.reset();
    expect(project.run(&["apply", "--yes"]), 0);
    let counts = changes(&stack.proxy.counts());
    let touched = of(
        &counts,
        &["lambda:UpdateFunctionCode", "registry:PutManifest"],
    );
    let expected = [
        ("lambda:UpdateFunctionCode", 2),
        ("registry:PutManifest", 1),
    ];
    let expected = expected.map(|(name, count)| (name.to_owned(), count));
    assert_eq!(touched, BTreeMap::from(expected), "{counts:#?}");
    let uploads = stack.proxy.uploads();
    assert!(uploads.bytes < 10_000, "{uploads:?}");
    assert_eq!(answer("shout"), json!("SALUT"));

    // Settings of Lambda alone build nothing.
    let memory = FUNCTIONS.replace("256", "320");
    project.manifest(&memory.replace(said, tested));
    stack.proxy.reset();
    expect(project.run(&["apply", "--yes"]), 0);
    let counts = stack.proxy.counts();
    assert_eq!(of(&counts, &["docker:Build"]), BTreeMap::new());
    assert_eq!(stack.proxy.uploads().blobs, 0);

    expect(project.run(&["destroy", "--yes"]), 0);
    stack.proxy.reset();
    expect(project.run(&["destroy", "--yes"]), 0);
    assert_eq!(changes(&stack.proxy.counts()), BTreeMap::new());
}

#[test]
fn what_a_dockerfile_lacks_is_said_before_anything_is_pushed() {
    let stack = Stack::start();
    let project = project(&stack, "dockerfile-faults");
    project.manifest(&FUNCTIONS.replace("release", "relaese"));
    let plan = expect(project.run(&["plan"]), 1);
    assert!(plan.stderr.contains("has no stage `relaese`"), "{plan:#?}");
    assert!(
        plan.stderr.contains("its stages are release, debug"),
        "{plan:#?}"
    );

    // A program that never requests an invocation from the Runtime API.
    project.manifest(&format!("{FUNCTIONS}timeout_s = 2\n").replace(
        "[functions.shout]\nimage = { command = [\"shout\"] }",
        "[functions.shout]\nimage = { entry_point = [\"sleep\"], command = [\"600\"] }",
    ));
    stack.proxy.reset();
    let applied = expect(project.run(&["apply", "--yes", "shout"]), 3);
    let counts = stack.proxy.counts();
    assert_eq!(of(&counts, &["registry:PutManifest"]), BTreeMap::new());
    let said = "it never asked Lambda's Runtime API for an invocation";
    assert!(applied.stderr.contains(said), "{applied:#?}");
}
