//! The projects of the examples as archives for AWS's own Java runtime.

use std::{fs, path::Path, process::Command};

use serde_json::{Value, json};

use crate::{
    examples,
    jvm::{applied, example, nothing_to_do, refused, replace},
    story::{changes, expect, json as answered, of},
    support::{Project, Ran, Stack, ran, seen},
};

/// Requests of a plan of one function that runs an archive.
const REQUESTS: u64 = 13;
/// Bytes that a changed line of the Java example may push, and of the Clojure example.
const PUSHED: [u64; 2] = [20_000, 3_200_000];
/// An empty archive, in base 64.
const EMPTY: &str = "UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA==";

/// Runs jot without a reachable Docker.
fn without_docker(project: &Project, arguments: &[&str]) -> Ran {
    let mut jot = project.jot();
    jot.args(arguments);
    ran(jot.env("DOCKER_HOST", "unix:///nowhere"))
}

fn called(project: &Project, argument: &str) -> Value {
    answered(&expect(project.run(&["invoke", "increment", argument]), 0))
}

fn planned(project: &Project, words: &[&str]) {
    let plan = expect(project.run(&["plan"]), 0);
    let said: Vec<&str> = plan.stdout.split_whitespace().collect();
    let said = said.join(" ");
    for words in words {
        assert!(said.contains(words), "{words}: {}", plan.stdout);
    }
}

/// One archive is pushed, and sent to Lambda once.
fn sent_once(stack: &Stack, most: u64) {
    let uploads = stack.proxy.uploads();
    assert_eq!(uploads.manifests, 1, "{uploads:?}");
    assert!(uploads.bytes <= most, "{uploads:?}");
    let changed = changes(&stack.proxy.counts());
    assert_eq!(changed["lambda:UpdateFunctionCode"], 1, "{changed:?}");
}

#[test]
fn a_maven_project_runs_on_awss_runtime() {
    const SOURCE: &str = "src/main/java/numerics/Increment.java";
    let stack = Stack::start();
    let project = example(&stack, "java");
    let zip = "jvm = { source = \".\", package = \"zip\", flags = [\"-Dzip=yes\"] }";
    replace(&project, "jot.toml", "jvm = { source = \".\" }", zip);
    planned(
        &project,
        &["dependencies (java25, Maven)", "2 to build, 2 to push"],
    );
    expect(project.run(&["apply", "--yes"]), 0);
    assert_eq!(called(&project, "[41]"), json!([42]));
    let configuration = seen::function(&stack, "increment");
    let options = &configuration["Environment"]["Variables"]["JAVA_TOOL_OPTIONS"];
    assert_eq!(
        (&configuration["Runtime"], options),
        (&json!("java25"), &json!("-Dzip=yes"))
    );
    nothing_to_do(&stack, &project, REQUESTS);

    // Another constant, in a jar of the same size.
    replace(&project, SOURCE, "STEP = 1", "STEP = 2");
    planned(
        &project,
        &[
            "Plan: 1 to build, 1 to push, 0 to create, 1 to update, 0 to destroy.",
            "source changed: src/",
        ],
    );
    refused(&stack, &project, 3, &["expected", "nothing was pushed"]);
    let wanted = ("expected = [2, 3, 4]", "expected = [3, 4, 5]");
    replace(&project, "jot.toml", wanted.0, wanted.1);
    planned(
        &project,
        &["Plan: 0 to build, 1 to push, 0 to create, 1 to update"],
    );
    stack.proxy.reset();
    applied(&project);
    sent_once(&stack, PUSHED[0]);
    assert_eq!(called(&project, "[41]"), json!([43]));

    // Settings of the runtime build nothing, and neither do its options.
    replace(&project, "jot.toml", "memory_mb = 512", "memory_mb = 640");
    replace(&project, "jot.toml", "-Dzip=yes", "-Dzip=too");
    let words = "Plan: 0 to build, 0 to push, 0 to create, 1 to update, 0 to destroy.";
    planned(&project, &[words]);
    expect(without_docker(&project, &["apply", "--yes"]), 0);
    nothing_to_do(&stack, &project, REQUESTS);

    drift(&stack, &project);
    fresh_runner(&stack, &project);
    put_back(&stack, &project, SOURCE);
    expect(project.run(&["destroy", "--yes"]), 0);
    stack.proxy.reset();
    expect(project.run(&["destroy", "--yes"]), 0);
    assert!(changes(&stack.proxy.counts()).is_empty());
}

/// Code and memory that were changed outside jot are corrected with the archive in ECR.
fn drift(stack: &Stack, project: &Project) {
    let path = "/2015-03-31/functions/increment";
    let code = json!({ "ZipFile": EMPTY });
    seen::lambda(stack, "PUT", &format!("{path}/code"), &code);
    seen::settle(stack, "increment");
    let memory = json!({ "MemorySize": 1024 });
    seen::lambda(stack, "PUT", &format!("{path}/configuration"), &memory);
    seen::settle(stack, "increment");
    let plan = expect(without_docker(project, &["plan"]), 0);
    for words in [
        "memory_mb: 1024 -> 640",
        "0 to build, 0 to push, 0 to create",
    ] {
        assert!(plan.stdout.contains(words), "{words}: {}", plan.stdout);
    }
    expect(without_docker(project, &["apply", "--yes"]), 0);
    nothing_to_do(stack, project, REQUESTS);
    assert_eq!(called(project, "[41]"), json!([43]));
}

/// Another machine, without Docker and with an empty cache, recreates a deleted function from the
/// archive in ECR.
fn fresh_runner(stack: &Stack, project: &Project) {
    let path = "/2015-03-31/functions/increment";
    seen::lambda(stack, "DELETE", path, &Value::Null);
    let twin = project.twin();
    fs::create_dir_all(twin.path()).expect("a folder");
    let mut copy = Command::new("cp");
    copy.arg("-R")
        .arg(project.path())
        .arg(twin.path().join(".."));
    assert!(copy.status().expect("cp runs").success());
    stack.proxy.reset();
    expect(without_docker(&twin, &["apply", "--yes"]), 0);
    let counts = stack.proxy.counts();
    let made = of(&counts, &["registry:GetBlob", "lambda:CreateFunction"]);
    assert_eq!(made["lambda:CreateFunction"], 1, "{counts:?}");
    assert!(made["registry:GetBlob"] > 0, "{counts:?}");
    assert_eq!(called(&twin, "[41]"), json!([43]));
}

/// Without an alias new code takes traffic at once: if its tests fail in Lambda, the previous
/// archive is restored.
fn put_back(stack: &Stack, project: &Project, source: &str) {
    let memory = "memory_mb = 640";
    let without = format!("{memory}\ndeploy = {{ alias = false }}");
    replace(project, "jot.toml", memory, &without);
    applied(project);
    let elsewhere =
        "STEP = \"local\".equals(System.getenv(\"AWS_LAMBDA_LOG_STREAM_NAME\")) ? 2 : 3";
    replace(project, source, "STEP = 2", elsewhere);
    stack.proxy.reset();
    expect(project.run(&["apply", "--yes"]), 3);
    let changed = changes(&stack.proxy.counts());
    assert_eq!(changed["lambda:UpdateFunctionCode"], 2, "{changed:?}");
    assert_eq!(called(project, "[41]"), json!([43]));
}

/// A function with another package type is replaced only on request.
#[test]
fn a_clojure_archive_replaces_an_image() {
    const SOURCE: &str = "../clojure-s3/src/loader/core.clj";
    let stack = Stack::start();
    let project = Project::new(&stack, "jvm-zip");
    project.write(
        "image/Dockerfile",
        "FROM julia:1.5\nENTRYPOINT [\"perl\"]\n",
    );
    project.manifest("[functions.load-partition]\ndockerfile = { source = \"image\" }\n");
    expect(project.run(&["apply", "--yes"]), 0);

    let (from, beside) = (examples::folder(), Path::new("../clojure-s3"));
    examples::copy(&project, &from.join("clojure-s3"), beside);
    examples::copy(&project, &from.join("clojure-s3-zip"), Path::new(""));
    let said = expect(project.run(&["apply", "--yes"]), 1).stderr;
    assert!(said.contains("--allow-replace"), "{said}");
    expect(project.run(&["apply", "--yes", "--allow-replace"]), 0);
    let event = project.text("../clojure-s3/events/put.json");
    let answer = expect(project.run(&["invoke", "load-partition", &event]), 0);
    assert_eq!(answered(&answer)[0]["table"], json!("orders"));
    nothing_to_do(&stack, &project, REQUESTS);

    replace(&project, SOURCE, "key #\"/\") 2 nil", "key #\"/\") 2 \"\"");
    planned(
        &project,
        &["Plan: 1 to build, 1 to push, 0 to create, 1 to update"],
    );
    stack.proxy.reset();
    applied(&project);
    sent_once(&stack, PUSHED[1]);

    snapshot(&stack, &project, &event);
    let (class, wrong) = ("loader.core.Handler", "loader.core.Handlr");
    replace(&project, "jot.toml", class, wrong);
    let words = [
        "no class loader.core.Handlr is in the jars",
        "these handlers exist: loader.core.Handler",
    ];
    refused(&stack, &project, 1, &words);
    expect(project.run(&["destroy", "--yes"]), 0);
}

/// Before a snapshot Lambda starts a class of jot's, which extends the handler's.
fn snapshot(stack: &Stack, project: &Project, event: &str) {
    let memory = "memory_mb = 512";
    let snapstart = format!("{memory}\nsnapstart = true");
    replace(project, "jot.toml", memory, &snapstart);
    applied(project);
    let configuration = seen::function(stack, "load-partition");
    let handler = &configuration["Handler"];
    assert_eq!(handler, &json!("jot.primed.loader.core.Handler"));
    let answer = expect(project.run(&["invoke", "load-partition", event]), 0);
    assert_eq!(answered(&answer)[0]["table"], json!("orders"));
}

/// The answers to URLs and batches, and what a destination gets: AWS's client changes none of it.
const CALLS: &str = r#"package numerics;

import java.util.List;
import java.util.Map;

public final class Calls {
    public Map<String, Object> page(Map<String, Object> request) {
        return Map.of(
                "statusCode", 200,
                "headers", Map.of("content-type", "text/plain"),
                "body", "you asked for " + request.get("rawPath"));
    }

    @SuppressWarnings("unchecked")
    public Map<String, Object> batch(Map<String, Object> event) {
        List<Map<String, Object>> records = (List<Map<String, Object>>) event.get("Records");
        List<Map<String, Object>> failures =
                records.stream()
                        .filter(record -> !((String) record.get("body")).startsWith("{"))
                        .map(record -> Map.of("itemIdentifier", record.get("messageId")))
                        .toList();
        return Map.of("batchItemFailures", failures);
    }

    public Object answer(Map<String, Object> envelope) {
        return envelope.get("responsePayload");
    }
}
"#;

/// Three functions of this class.
const CALLED: &str = concat!(
    r#"
[functions.page]
handler = "numerics.Calls::page"
memory_mb = 512
TABLE
tests = [{ argument_file = "../events/url.json", expected = { statusCode = 200, "#,
    r#"headers = { content-type = "text/plain" }, body = "you asked for /orders" } }]

[functions.batch]
handler = "numerics.Calls::batch"
memory_mb = 512
TABLE
tests = [
  { argument_file = "../events/sqs.json", expected = { batchItemFailures = [] } },
  { argument = { Records = [{ messageId = "1", body = "{}" }, { messageId = "2", body = "x" }] },"#,
    r#" expected = { batchItemFailures = [{ itemIdentifier = "2" }] } },
]

[functions.answer]
handler = "numerics.Calls::answer"
memory_mb = 512
TABLE
tests = [{ argument_file = "../events/destination.json", expected = { order = 42, lines = 3 } }]
"#,
);

/// Functions with equal tables share one archive, which names no handler.
#[test]
fn five_handlers_of_one_archive_run_on_java_21() {
    let stack = Stack::start();
    let project = example(&stack, "java");
    project.write(
        "src/main/java/numerics/Release.java",
        "package numerics;\n\nimport com.amazonaws.services.lambda.runtime.Context;\n\n\
         public final class Release {\n    public String handle(String said, Context context) {\n\
         \x20       return said + Runtime.version().feature();\n    }\n}\n",
    );
    let table = "jvm = { source = \".\", package = \"zip\", java = \"21\" }";
    replace(&project, "jot.toml", "jvm = { source = \".\" }", table);
    let manifest = project.text("jot.toml");
    let second = "[functions.release]\nhandler = \"numerics.Release::handle\"\nmemory_mb = 512";
    let tests = "tests = [{ argument = \"Java \", expected = \"Java 21\" }]";
    let called_otherwise = CALLED.replace("TABLE", table);
    project.write(
        "jot.toml",
        &format!("{manifest}\n{second}\n{table}\n{tests}\n{called_otherwise}"),
    );
    project.write("src/main/java/numerics/Calls.java", CALLS);
    let events = (examples::folder().join("events"), Path::new("../events"));
    examples::copy(&project, &events.0, events.1);
    expect(project.run(&["check"]), 0);
    planned(&project, &["2 to build, 2 to push"]);
    stack.proxy.reset();
    applied(&project);
    let changed = changes(&stack.proxy.counts());
    let made = of(&changed, &["lambda:CreateFunction", "registry:PutManifest"]);
    // Five functions; the dependencies, and the archive of all.
    assert_eq!(
        made.values().copied().collect::<Vec<_>>(),
        [5, 2],
        "{changed:?}"
    );
    for (function, handler) in [
        ("increment", "numerics.Increment"),
        ("release", "numerics.Release::handle"),
    ] {
        let configuration = seen::function(&stack, function);
        let found = (&configuration["Runtime"], &configuration["Handler"]);
        assert_eq!(found, (&json!("java21"), &json!(handler)));
    }
    assert_eq!(called(&project, "[41]"), json!([42]));
    let answer = expect(project.run(&["invoke", "release", "\"Java \""]), 0);
    assert_eq!(answered(&answer), json!("Java 21"));
    // With several functions, each has requests of its own.
    let plan = expect(
        without_docker(&project, &["plan", "--detailed-exitcode"]),
        0,
    );
    assert!(plan.stdout.contains("No changes."), "{}", plan.stdout);
    expect(project.run(&["destroy", "--yes"]), 0);
}
