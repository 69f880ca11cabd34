//! `jot run`: a function on a port, until a signal.

use std::{
    net::{Ipv4Addr, TcpListener},
    time::{Duration, Instant},
};

use nix::sys::signal::Signal;
use sha2::{Digest, Sha256};

use crate::{
    elsewhere::Elsewhere,
    signals::containers,
    story::{expect, increment_vector},
    support::{Project, Running, Stack, http, ran},
};

const PATH: &str = "/2015-03-31/functions/function/invocations";

/// The function's answer, once it listens: Docker opens the port before.
pub fn answer(address: &str) -> String {
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        match http::request(address, "POST", PATH, &[], b"[1, 2]") {
            Ok(answer) => return answer.text(),
            Err(error) => assert!(Instant::now() < end, "no answer: {error}"),
        }
        std::thread::yield_now();
    }
}

#[test]
fn a_function_answers_until_a_signal_and_follows_its_source() {
    let stack = Stack::start();
    let project = increment_vector(&stack, "run");
    // A manual call need not return what the test expects.
    let manifest = project.text("jot.toml");
    project.write(
        "jot.toml",
        &manifest.replace("expected =", "exemplar = false, expected ="),
    );
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
    let address = taken.local_addr().expect("an address").to_string();
    let port = address.rsplit(':').next().expect("a port").to_owned();
    let arguments = ["run", "increment-vector", "--watch", "--port", &port];
    let refused = expect(project.run(&arguments), 1);
    assert!(
        refused.stderr.contains(&port) && refused.stderr.contains("--port"),
        "{refused:#?}"
    );
    assert_eq!(containers(&project), Vec::<String>::new());
    drop(taken);

    let mut running = Running::start(project.jot().args(arguments).args(["--format", "json"]));
    running.until(&["\"url\"", &address]);
    assert_eq!(answer(&address), "[2,3]");
    project.write("increment_vector.jl", "increment_vector(v) = v .+ 5\n");
    running.until(&["\"url\"", &address]);
    assert_eq!(answer(&address), "[6,7]");
    let root = http::request(&address, "POST", "/", &[], b"[1, 2]").expect("an answer");
    assert_eq!((root.status, root.text()), (200, "[6,7]".to_owned()));

    // Only the changed file was sent: the container is the same one, and after a broken change it
    // still answers.
    let first = containers(&project);
    assert_eq!(first.len(), 1, "{first:?}");
    for (script, words) in [
        (
            "increment_vector(v) = v .+ (5\n",
            ["syntax error", "this `(` is not closed"],
        ),
        (
            "increment(v) = v\n",
            ["defines no function", "did you mean `increment`?"],
        ),
        ("using JSON3\n", ["JSON3", "julia.dependencies"]),
    ] {
        project.write("increment_vector.jl", script);
        running.until(&words);
        assert_eq!(answer(&address), "[6,7]");
    }
    project.write(
        "increment_vector.jl",
        "increment_vector(v) = v .+ unknown\n",
    );
    running.until(&["\"url\"", &address]);
    let failed = answer(&address);
    assert!(
        failed.contains("increment_vector at increment_vector.jl:1"),
        "{failed}"
    );
    assert_eq!(containers(&project), first);

    // Another manifest starts another container, and a broken one none.
    let whole = project.text("jot.toml");
    project.write("increment_vector.jl", "increment_vector(v) = v .+ 6\n");
    running.until(&["\"url\"", &address]);
    project.write("jot.toml", &format!("{whole}\nnothing here\n"));
    running.until(&["jot.toml"]);
    assert_eq!(answer(&address), "[7,8]");
    project.write(
        "jot.toml",
        &format!("{whole}\n[functions.increment-vector.environment]\nWORD = \"x\"\n"),
    );
    running.until(&["\"url\"", &address]);
    assert_eq!(answer(&address), "[7,8]");
    let second = containers(&project);
    assert!(second.len() == 1 && second != first, "{second:?}");
    running.signal(Signal::SIGINT);
    expect(running.end(), 130);
    assert_eq!(containers(&project), Vec::<String>::new());

    // One call, without a port.
    let called = expect(project.run(&["invoke", "--local", "[1, 2]"]), 0);
    assert_eq!(
        called.stdout.split_whitespace().collect::<String>(),
        "[7,8]"
    );
    assert!(called.stderr.contains("Answered in"), "{called:#?}");
    let failed = expect(project.run(&["invoke", "--local", "[\"x\"]"]), 1);
    assert!(
        failed.stdout.contains("argument[1]: expected Int64"),
        "{failed:#?}"
    );
    project.write(
        "increment_vector.jl",
        "# Adds.\nincrement_vector(v) = sum(v) > 9 ? error(\"too much\") : (println(\"seen $v\"); \
         sum(v) < 0 && sleep(600); v)\n",
    );
    let failed = expect(project.run(&["invoke", "--local", "[5, 5]"]), 1);
    for words in [
        "too much",
        "increment_vector.jl:2",
        "in `increment_vector`",
        "# Adds.",
    ] {
        assert!(failed.stderr.contains(words), "{words}: {failed:#?}");
    }
    assert_eq!(containers(&project), Vec::<String>::new());
    let manifest = project.text("jot.toml");
    project.write(
        "jot.toml",
        &manifest.replace("memory_mb = 512", "memory_mb = 2048\ntimeout_s = 8"),
    );
    // It ends when Lambda would end it, and its output is shown like that of a call in Lambda.
    let late = expect(project.run(&["invoke", "--local", "[-1]"]), 1);
    assert!(
        late.stdout.contains("Task timed out after 8.00 seconds"),
        "{late:#?}"
    );
    assert!(late.stderr.contains("seen [-1]"), "{late:#?}");
    let quiet = expect(project.run(&["invoke", "--local", "[1]"]), 0);
    assert!(!quiet.stderr.contains("seen"), "{quiet:#?}");
    let shown = expect(project.run(&["invoke", "--local", "--log", "[1]"]), 0);
    assert!(shown.stderr.contains("seen [1]"), "{shown:#?}");
    assert_eq!(containers(&project), Vec::<String>::new());

    let mut told = Running::start(project.jot().args(arguments));
    told.until(&["curl", &address]);
    http::request(&address, "POST", "/", &[], b"[5, 5]").expect("an answer");
    // A call that is ended takes its container with it: the next one answers.
    let late = http::request(&address, "POST", "/", &[], b"[-1]").expect("an answer");
    assert!(
        late.text().contains("Task timed out after 8.00 seconds"),
        "{}",
        late.text()
    );
    assert_eq!(answer(&address), "[1,2]");
    told.signal(Signal::SIGTERM);
    let told = expect(told.end(), 143);
    for words in [
        "too much",
        "increment_vector.jl:2",
        "# Adds.",
        " answered in ",
    ] {
        assert!(told.stderr.contains(words), "{words}: {told:#?}");
    }
    assert_eq!(containers(&project), Vec::<String>::new());
}

/// A daemon of a context, reachable only through its socket: tests go through it, and `jot run`
/// forwards calls to it from a port of its own.
#[test]
fn a_function_of_a_daemon_elsewhere_answers_here() {
    let stack = Stack::start();
    let project = increment_vector(&stack, "away");
    let folder = tempfile::tempdir().expect("a folder");
    let elsewhere = Elsewhere::start(folder.path());
    let digest = hex::encode(Sha256::digest("away"));
    let context = folder.path().join("contexts/meta").join(digest);
    std::fs::create_dir_all(&context).expect("a folder for the context");
    let meta = format!(
        "{{\"Name\":\"away\",\"Endpoints\":{{\"docker\":{{\"Host\":\"{}\"}}}}}}",
        elsewhere.host()
    );
    std::fs::write(context.join("meta.json"), meta).expect("a context");
    let current = "{\"currentContext\": \"away\"}";
    std::fs::write(folder.path().join("config.json"), current).expect("a configuration");
    let jot = || {
        let mut jot = project.jot();
        jot.env_remove("DOCKER_HOST")
            .env("DOCKER_CONFIG", folder.path());
        jot
    };
    expect(ran(jot().arg("test")), 0);
    assert_eq!(containers(&project), Vec::<String>::new());

    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
    let address = free.local_addr().expect("an address").to_string();
    let port = address.rsplit(':').next().expect("a port").to_owned();
    drop(free);
    let mut running = Running::start(jot().args(["run", "increment-vector", "--port", &port]));
    running.until(&["curl", &address]);
    assert_eq!(answer(&address), "[2,3]");
    assert_eq!(answer(&address), "[2,3]");
    running.signal(Signal::SIGINT);
    expect(running.end(), 130);
    assert_eq!(containers(&project), Vec::<String>::new());
}

/// A package's sources are loaded without a build, into the same container; what such a load cannot
/// check or change is built.
#[test]
fn a_watched_package_is_loaded_by_the_container_that_runs() {
    let stack = Stack::start();
    let project = Project::new(&stack, "watched");
    let toml = "name = \"Scale\"\nuuid = \"5a3d2f0e-4c3b-4d8e-9f6a-1b2c3d4e5f62\"\n\
        version = \"0.1.0\"\n\n[deps]\nStatistics = \"10745b16-79ce-11e8-11f9-7d13ad32a3b2\"\n";
    project.write("Scale/Project.toml", toml);
    project.write("Scale/data.txt", "10");
    let module = "module Scale\nusing Statistics\nconst READY = Ref(false)\n\
        __init__() = READY[] = true\ninclude(\"by.jl\")\nend\n";
    project.write("Scale/src/Scale.jl", module);
    let by = |factor: &str| {
        format!(
            "struct Numbers\n    values::Vector{{Float64}}\nend\n\
             data() = parse(Int, read(joinpath(@__DIR__, \"..\", \"data.txt\"), String))\n\
             scale(n::Numbers) = (READY[], mean(n.values) * {factor} + data())\n"
        )
    };
    project.write("Scale/src/by.jl", &by("2"));
    project.manifest(
        "[functions.scale]\nunwrap = true\njulia = { source = \"Scale\", \
         argument_type = \"Numbers\", version = \"1.5\" }\n",
    );
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
    let address = free.local_addr().expect("an address").to_string();
    let port = address.rsplit(':').next().expect("a port").to_owned();
    drop(free);
    let asked = || {
        let argument = b"{\"values\": [1, 3]}";
        let answer = http::request(&address, "POST", "/", &[], argument);
        answer.expect("an answer").text()
    };
    let arguments = ["run", "--watch", "--port", &port, "--format", "json"];
    let mut running = Running::start(project.jot().args(arguments));
    running.until(&["\"url\"", &address]);
    assert_eq!(asked(), "[true,14.0]");
    let first = containers(&project);
    project.write("Scale/src/by.jl", &by("3"));
    running.until(&["\"url\"", &address]);
    assert_eq!(asked(), "[true,16.0]");
    assert_eq!(containers(&project), first);
    let envelope = b"{\"version\": \"1.0\", \"requestContext\": {\"functionArn\": \"arn:f\"}, \
        \"requestPayload\": 1, \"responsePayload\": {\"values\": [2, 4]}}";
    let answer = http::request(&address, "POST", "/", &[], envelope).expect("an answer");
    assert_eq!(answer.text(), "[true,19.0]");

    // A build checks what did not load, and a load does not include what is not below src/.
    project.write("Scale/src/by.jl", &by("(3"));
    running.until(&["\"event\":\"summary\""]);
    assert_eq!(asked(), "[true,16.0]");
    assert_eq!(containers(&project), first);
    project.write("Scale/src/by.jl", &by("5"));
    running.until(&["\"url\"", &address]);
    assert_eq!(asked(), "[true,20.0]");
    assert_eq!(containers(&project), first);
    project.write("Scale/data.txt", "100");
    running.until(&["\"url\"", &address]);
    assert_eq!(asked(), "[true,110.0]");
    let second = containers(&project);
    assert!(second.len() == 1 && second != first, "{second:?}");
    running.signal(Signal::SIGINT);
    expect(running.end(), 130);
}

#[test]
fn tests_are_run_again_after_each_save() {
    let stack = Stack::start();
    let project = increment_vector(&stack, "again");
    let mut running = Running::start(project.jot().args(["test", "--watch", "--format", "json"]));
    running.until(&["\"event\":\"summary\"", "\"tests_failed\":false"]);
    project.write("increment_vector.jl", "increment_vector(v) = v .+ 7\n");
    running.until(&["\"event\":\"tested\"", "expected 2, got 8"]);
    running.until(&["\"event\":\"summary\"", "\"tests_failed\":true"]);
    // A failed build is reported, and the next change of a file is tried.
    project.write("increment_vector.jl", "increment_vector(v) = v .+ (7\n");
    running.until(&["\"event\":\"summary\""]);
    project.write("increment_vector.jl", "increment_vector(v) = v .+ 2 .- 1\n");
    running.until(&["\"event\":\"summary\"", "\"tests_failed\":false"]);
    running.signal(Signal::SIGINT);
    expect(running.end(), 130);
    assert_eq!(containers(&project), Vec::<String>::new());
}
