//! `jot bench`: what it starts and calls, and that it leaves nothing behind and changes nothing.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use nix::sys::signal::Signal;
use serde_json::{Value, json};

use crate::{
    signals::containers,
    story::{expect, increment_vector, json as document, of},
    support::{Project, Ran, Running, Stack, docker, http, registry::git},
};

/// Answers four times, and then fails.
const FOUR: &str = "const calls = Ref(0)\nfunction four(n)\n    calls[] += 1\n\
    \x20   calls[] <= 4 || error(\"called too often\")\n    return n\nend\n";

/// Number of containers that jot has started for the project since then.
fn started(project: &Project, since: SystemTime) -> usize {
    let seconds = |time: SystemTime| {
        let since = time.duration_since(UNIX_EPOCH).expect("after 1970");
        format!("{}.{:09}", since.as_secs(), since.subsec_nanos())
    };
    let (since, until) = (seconds(since), seconds(SystemTime::now()));
    let label = "{{index .Actor.Attributes \"dev.jot.run\"}}";
    let mut words = vec!["events", "--since", &since, "--until", &until];
    words.extend(["--filter", "type=container", "--filter", "event=create"]);
    words.extend(["--filter", "label=dev.jot.run", "--format", label]);
    let runs = docker::docker(&words);
    let mine = |run: &&str| run.starts_with(&project.name);
    runs.lines().filter(mine).count()
}

/// The samples of a quantity of that contender.
fn samples(bench: &Value, contender: usize, quantity: &str) -> Option<usize> {
    let measures = bench["contenders"][contender]["measures"].as_array()?;
    let found = measures.iter().find(|one| one["quantity"] == quantity)?;
    assert_eq!(found["spread"]["n"], found["samples"].as_array()?.len());
    found["samples"].as_array().map(Vec::len)
}

fn contenders(bench: &Value) -> Vec<(Value, Value)> {
    let all = bench["contenders"].as_array().expect("contenders");
    all.iter()
        .map(|one| (one["variant"].clone(), one["memory_mb"].clone()))
        .collect()
}

fn bench(project: &Project, more: &[&str]) -> Ran {
    project.run(&[&["bench", "--format", "json"], more].concat())
}

#[test]
fn every_round_has_a_fresh_container_that_is_called_as_often_as_asked() {
    let stack = Stack::start();
    let project = Project::new(&stack, "bench-local");
    project.write("four.jl", FOUR);
    project.manifest(
        "[functions.four]\nmemory_mb = 512\n\
         julia = { source = \"four.jl\", argument_type = \"Int\", version = \"1.5\", \
         compile = \"none\" }\n\
         tests = [{ argument = 7, expected = 7, exemplar = false }]\n",
    );
    expect(project.run(&["build"]), 0);

    let begin = SystemTime::now();
    let four = ["--runs", "3", "--warmup", "1", "--calls", "2"];
    let ran = expect(
        bench(&project, &[&four[..], &["--html", "page.html"]].concat()),
        0,
    );
    let measured = document(&ran);
    assert_eq!(samples(&measured, 0, "first_answer"), Some(3));
    assert_eq!(samples(&measured, 0, "init"), Some(3));
    assert_eq!(samples(&measured, 0, "first_execution"), Some(3));
    assert_eq!(samples(&measured, 0, "warm"), Some(6));
    let spread = &measured["contenders"][0]["measures"][0]["spread"];
    assert_eq!(
        (&spread["p90"], &spread["p99"]),
        (&Value::Null, &Value::Null)
    );
    assert!(
        measured["contenders"][0]["usd_per_million"].as_f64() > Some(0.2),
        "{measured}"
    );
    assert_eq!(started(&project, begin), 3);
    assert_eq!(containers(&project), Vec::<String>::new());
    let page = project.text("page.html");
    assert!(
        page.starts_with("<!DOCTYPE html>") && page.matches("<circle").count() == 9,
        "{page}"
    );

    // A fifth call of the same container fails: exactly four came before. A contender that failed
    // is not called again.
    let begin = SystemTime::now();
    let five = ["--runs", "3", "--warmup", "1", "--calls", "3"];
    let ran = expect(bench(&project, &five), 3);
    let failed = document(&ran)["contenders"][0]["failed"].to_string();
    assert!(failed.contains("called too often"), "{ran:#?}");
    assert_eq!(started(&project, begin), 1);
    assert_eq!(containers(&project), Vec::<String>::new());
    let told = expect(project.run(&[&["bench"], &five[..]].concat()), 3);
    assert!(told.stdout.contains("called too often"), "{told:#?}");
    // No request went to AWS.
    assert_eq!(stack.proxy.counts(), Default::default());
}

#[test]
fn revisions_modes_and_sizes_compete_and_the_files_stay_as_they_are() {
    let stack = Stack::start();
    let project = increment_vector(&stack, "bench-compare");
    git(&project.path(), &["init", "--quiet"]);
    committed(&project, 1);
    git(&project.path(), &["tag", "v1"]);
    committed(&project, 2);
    // The change that is not committed does not even compile.
    project.write("increment_vector.jl", "increment_vector(v) = v .+\n");
    let look = || {
        (
            git(&project.path(), &["status", "--porcelain"]),
            git(&project.path(), &["worktree", "list"]),
        )
    };
    let before = look();

    let begin = SystemTime::now();
    let few = [
        "--runs", "2", "--warmup", "0", "--calls", "2", "--memory", "512,1024",
    ];
    let ran = expect(
        bench(&project, &[&["--compare", "v1..HEAD"], &few[..]].concat()),
        0,
    );
    let measured = document(&ran);
    let expected = [("v1", 512), ("v1", 1024), ("HEAD", 512), ("HEAD", 1024)];
    let expected = expected.map(|(name, size)| (json!(name), json!(size)));
    assert_eq!(contenders(&measured), expected);
    assert_eq!(measured["knees"].as_array().map(Vec::len), Some(2));
    assert_eq!(
        (0..4)
            .map(|one| samples(&measured, one, "warm"))
            .collect::<Vec<_>>(),
        [Some(4); 4]
    );
    assert_eq!(started(&project, begin), 8);
    assert_eq!(look(), before);

    project.write("increment_vector.jl", "increment_vector(v) = v .+ 2\n");
    let few = ["--runs", "1", "--warmup", "0", "--calls", "1"];
    let ran = expect(
        bench(
            &project,
            &[&["--compare", "none,precompile,."], &few[..]].concat(),
        ),
        0,
    );
    let expected = ["none", "precompile", "."].map(|name| (json!(name), json!(512)));
    assert_eq!(contenders(&document(&ran)), expected);
    assert_eq!(containers(&project), Vec::<String>::new());
}

/// Commits a function that adds this number, and a test for it.
fn committed(project: &Project, add: u32) {
    project.write(
        "increment_vector.jl",
        &format!("increment_vector(v) = v .+ {add}\n"),
    );
    let manifest = project.text("jot.toml");
    let (head, _) = manifest.split_once("expected = ").expect("a test");
    let answer = format!("[{}, {}, {}]", 1 + add, 2 + add, 3 + add);
    project.write("jot.toml", &format!("{head}expected = {answer} }}]\n"));
    git(&project.path(), &["add", "--all"]);
    git(
        &project.path(),
        &["commit", "--quiet", "--message", "change"],
    );
}

#[test]
fn an_interrupted_benchmark_leaves_no_container() {
    let stack = Stack::start();
    let project = sleeper(&stack, "bench-stop-here");
    expect(project.run(&["build"]), 0);
    let running = Running::start(project.jot().args(["bench", "--test", "300"]));
    let end = Instant::now() + Duration::from_secs(120);
    while containers(&project).is_empty() {
        assert!(Instant::now() < end, "no container was started");
    }
    running.signal(Signal::SIGINT);
    let ran = expect(running.end(), 130);
    assert_eq!(ran.stdout, "");
    assert_eq!(containers(&project), Vec::<String>::new());
}

/// A project with a function that sleeps while it is called.
fn sleeper(stack: &Stack, label: &str) -> Project {
    let project = Project::new(stack, label);
    project.write("sleeper.jl", "sleeper(n) = (sleep(n); n)\n");
    tested(&project, &[0, 300]);
    project
}

/// Gives the sleeper these tests, each named after its duration in seconds.
fn tested(project: &Project, seconds: &[u32]) {
    let test =
        |n: &u32| format!("{{ name = \"{n}\", argument = {n}, expected = {n}, exemplar = false }}");
    let tests: Vec<String> = seconds.iter().map(test).collect();
    project.manifest(&format!(
        "[functions.sleeper]\ntimeout_s = 400\nmemory_mb = 512\n\
         julia = {{ source = \"sleeper.jl\", argument_type = \"Int\", version = \"1.5\", \
         compile = \"none\" }}\n\
         tests = [{}]\n",
        tests.join(", ")
    ));
}

/// All that Lambda has: functions, and the settings, versions and aliases of each.
fn lambda(stack: &Stack) -> Vec<Value> {
    let get = |path: &str| -> Value {
        let answer = http::aws_lambda(&stack.behind(), "GET", path, "").expect("ministack answers");
        serde_json::from_str(&answer.text()).expect("JSON")
    };
    let all = get("");
    let all = all["Functions"].as_array().expect("functions");
    let mut names: Vec<&str> = all
        .iter()
        .map(|one| one["FunctionName"].as_str().expect("a name"))
        .collect();
    names.sort_unstable();
    let look = |name: &&str| {
        json!([
            get(name),
            get(&format!("{name}/versions")),
            get(&format!("{name}/aliases"))
        ])
    };
    names.iter().map(look).collect()
}

fn log_groups(stack: &Stack) -> Vec<String> {
    let answer = http::aws_json(&stack.behind(), "Logs_20140328.DescribeLogGroups", "{}")
        .expect("ministack answers");
    let all: Value = serde_json::from_str(&answer.text()).expect("JSON");
    let all = all["logGroups"].as_array().expect("log groups");
    all.iter()
        .map(|one| one["logGroupName"].to_string())
        .collect()
}

/// Makes a function with the tags of a benchmark's copy, and waits until it is ready.
fn left_behind(stack: &Stack, project: &Project, name: &str, began: u64) {
    let ask = |method: &str, path: &str, body: &str| {
        http::aws_lambda(&stack.behind(), method, path, body).expect("ministack answers")
    };
    let body = json!({
        "FunctionName": name,
        "PackageType": "Image",
        "Code": { "ImageUri": "127.0.0.1:1/x@sha256:00" },
        "Role": "arn:aws:iam::000000000000:role/r",
        "Tags": { "jot:bench": project.name, "jot:bench-began": began.to_string() },
    });
    assert_eq!(ask("POST", "", &body.to_string()).status, 201);
    let end = Instant::now() + Duration::from_secs(60);
    while ask("GET", name, "").text().contains("Pending") {
        assert!(Instant::now() < end, "{name} stays pending");
    }
}

#[test]
fn in_lambda_copies_are_measured_and_the_function_stays_as_it_was() {
    let stack = Stack::start();
    let project = increment_vector(&stack, "bench-lambda");
    let early = expect(bench(&project, &["--remote"]), 1);
    assert!(
        document(&early)["error"]
            .to_string()
            .contains("is not in Lambda"),
        "{early:#?}"
    );
    expect(project.run(&["apply", "--yes"]), 0);
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("after 1970")
        .as_secs();
    left_behind(&stack, &project, "of-somebody-at-work", now - 3600);
    let before = (lambda(&stack), log_groups(&stack));
    left_behind(&stack, &project, "of-the-day-before", now - 100_000);
    stack.proxy.reset();

    let options = [
        "--remote", "--runs", "2", "--warmup", "1", "--calls", "2", "--memory", "512,1024",
    ];
    let ran = expect(bench(&project, &options), 0);
    let measured = document(&ran);
    assert_eq!(
        contenders(&measured),
        [512, 1024].map(|size| (Value::Null, json!(size)))
    );
    for contender in [0, 1] {
        // The emulator waits a second for the report of a call, then answers without it.
        let most = [
            ("first_answer", 2),
            ("init", 2),
            ("first_execution", 2),
            ("billed_first", 2),
            ("warm", 4),
            ("billed_warm", 4),
            ("max_memory", 8),
        ];
        for (quantity, most) in most {
            let count = samples(&measured, contender, quantity).unwrap_or(0);
            assert!((1..=most).contains(&count), "{quantity}: {count} of {most}");
        }
    }
    assert_eq!(measured["knees"].as_array().map(Vec::len), Some(1));
    let counts = stack.proxy.counts();
    let changed = [
        ("lambda:CreateFunction", 2),
        ("lambda:DeleteFunction", 3),
        ("lambda:Invoke", 16),
        ("lambda:PublishVersion", 4),
        ("lambda:UpdateFunctionConfiguration", 2),
    ];
    let operations = changed.map(|(name, _)| name);
    let changed = changed.map(|(name, count)| (name.to_owned(), count)).into();
    assert_eq!(of(&counts, &operations), changed);
    let aliases = [
        "lambda:UpdateAlias",
        "lambda:CreateAlias",
        "lambda:TagResource",
        "lambda:UpdateFunctionCode",
    ];
    assert_eq!(of(&counts, &aliases), Default::default());
    assert_eq!((lambda(&stack), log_groups(&stack)), before);
    expect(project.run(&["plan", "--detailed-exitcode"]), 0);
}

#[test]
fn revisions_compete_in_lambda_by_the_images_that_ecr_holds() {
    let stack = Stack::start();
    let project = increment_vector(&stack, "bench-revisions");
    git(&project.path(), &["init", "--quiet"]);
    for (add, tag) in [(1, "v1"), (2, "v2")] {
        committed(&project, add);
        git(&project.path(), &["tag", tag]);
        expect(project.run(&["apply", "--yes"]), 0);
    }
    let before = lambda(&stack);
    let few = ["--remote", "--runs", "1", "--warmup", "0", "--calls", "3"];
    let compare = |variants| bench(&project, &[&["--compare", variants], &few[..]].concat());
    let measured = document(&expect(compare("v1..v2"), 0));
    let expected = ["v1", "v2"].map(|name| (json!(name), json!(512)));
    assert_eq!(contenders(&measured), expected);
    // A benchmark of what runs in Lambda builds and pushes nothing.
    let refused = expect(compare("none,v1"), 1);
    assert!(
        document(&refused)["error"]
            .to_string()
            .contains("ECR has no image"),
        "{refused:#?}"
    );
    assert_eq!(lambda(&stack), before);
}

#[test]
fn an_interrupted_benchmark_leaves_no_copy_in_lambda() {
    let stack = Stack::start();
    let project = sleeper(&stack, "bench-stop-there");
    // An apply would run the long test.
    tested(&project, &[0]);
    expect(project.run(&["apply", "--yes"]), 0);
    tested(&project, &[0, 300]);
    let before = lambda(&stack);
    stack.proxy.reset();
    let running = Running::start(
        project
            .jot()
            .args(["bench", "--remote", "--test", "300", "--memory", "512,1024"]),
    );
    let end = Instant::now() + Duration::from_secs(120);
    while !stack.proxy.counts().contains_key("lambda:Invoke") {
        assert!(
            Instant::now() < end,
            "nothing was called: {:?}",
            stack.proxy.counts()
        );
    }
    running.signal(Signal::SIGTERM);
    let ran = expect(running.end(), 143);
    assert_eq!(ran.stdout, "");
    let counts = stack.proxy.counts();
    assert_eq!(counts.get("lambda:CreateFunction"), Some(&1), "{counts:?}");
    assert_eq!(lambda(&stack), before);
}
