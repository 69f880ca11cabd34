//! Tests of functions, behind AWS's runtime interface emulator in a restricted container.

use std::{collections::BTreeMap, process::Command};

use jot::{
    model::{
        Expected, Hints, ImageOverrides, Secret, Test, TestOutcome, TestResult, hints::StaleCache,
        recipe::HARNESS_EMULATOR,
    },
    verify::{Local, lambda_environment, local},
};

use crate::support::{BASE, Bench, file, recipe, with_docker};

/// The platform of the tests' builds.
const PLATFORM: &str = "linux/amd64";

pub fn test(argument: &str, expected: &str) -> Test {
    Test {
        name: argument.to_owned(),
        argument: argument.to_owned(),
        expected: Expected::Json(expected.to_owned()),
        tolerance: None,
        exemplar: false,
    }
}

pub fn doing(what: &str) -> Test {
    test(&format!("{{\"do\": \"{what}\"}}"), "0")
}

pub async fn build(bench: &Bench) -> String {
    let rie = std::env::var("JOT_RIE").expect("JOT_RIE names AWS's runtime interface emulator");
    let dockerfile = format!(
        "FROM {BASE}\nCOPY rie {HARNESS_EMULATOR}\nCOPY runtime.pl /\n\
         ENTRYPOINT [\"/usr/bin/perl\", \"/runtime.pl\"]\n"
    );
    let runtime = include_bytes!("runtime.pl");
    let files = vec![
        file("rie", std::fs::read(rie).unwrap(), true),
        file("runtime.pl", *runtime, false),
    ];
    bench
        .build(&recipe(&dockerfile, files), "a")
        .await
        .0
        .unwrap()
}

/// Runs the tests with 128 MB, which give a 14th of a processor: the timeout has to be long enough
/// for that.
pub async fn run(
    bench: &Bench,
    timeout_s: u32,
    variables: &[(&str, &str)],
    tests: &[Test],
) -> Vec<TestResult> {
    let image = build(bench).await;
    let mut environment = lambda_environment("probe", 128, timeout_s, Some("eu-west-1"));
    let own = variables
        .iter()
        .map(|(key, value)| ((*key).to_owned(), Secret::new(*value)));
    environment.extend(own.collect::<BTreeMap<_, _>>());
    let hints = Hints {
        stale_cache: Some(StaleCache {
            path: "/tmp/compiled".to_owned(),
            line: "loaded without: ".to_owned(),
            message: "the image's own is not used".to_owned(),
            help: "compile it in the build".to_owned(),
        }),
        faster_start: Some("set `snapstart = true`".to_owned()),
        ..Hints::default()
    };
    let request = Local {
        function: "probe",
        image: &image,
        run: &bench.run,
        memory_mb: 128,
        timeout_s,
        tmp_mb: 16,
        snapstart: false,
        platform: PLATFORM,
        environment,
        tests,
        start: ImageOverrides::default(),
        hints: &hints,
        jit: Default::default(),
    };
    let mut told = Vec::new();
    let results = local(&bench.docker, &request, &mut |result| told.push(result))
        .await
        .unwrap();
    assert_eq!(told, results);
    assert_eq!(containers(&bench.run), "", "every container is gone");
    results
}

pub fn containers(run: &str) -> String {
    let filter = format!("label=dev.jot.run={run}");
    let listed = Command::new("docker")
        .args(["ps", "--all", "--quiet", "--filter", &filter])
        .output();
    String::from_utf8(listed.unwrap().stdout).unwrap()
}

fn broken(result: &TestResult) -> (&str, &str) {
    match &result.outcome {
        TestOutcome::Broken { message, help, .. } => (message, help.as_deref().unwrap_or("")),
        other => panic!("{other:?}"),
    }
}

#[test]
fn answers_are_compared_and_the_container_is_as_in_lambda() {
    with_docker(|bench| async move {
        let tests = [
            test("[1, 2, 3]", "[1,2.0,3]"),
            test("9007199254740993", "9007199254740992"),
            test("{\"do\": \"uid\"}", "993.99"),
            test("{\"do\": \"env\"}", "\"probe eu-west-1 a=b c\""),
        ];
        let results = run(&bench, 60, &[("WORD", "a=b c")], &tests).await;
        let passed: Vec<bool> = results.iter().map(TestResult::passed).collect();
        assert_eq!(passed, [true, false, true, true], "{results:#?}");
        assert!(
            matches!(&results[1].outcome, TestOutcome::Different { place, .. }
            if place == "expected 9007199254740992, got 9007199254740993")
        );
        assert_eq!(results[1].log, ["doing echo"]);
    });
}

#[test]
fn what_lambda_forbids_fails_as_in_lambda_and_says_what_to_do() {
    with_docker(|bench| async move {
        let things = ["write", "memory", "crash", "exit"];
        let mut tests: Vec<Test> = things.into_iter().map(doing).collect();
        tests.push(test("7", "7"));
        tests[0].expected = Expected::Anything;
        let results = run(&bench, 60, &[], &tests).await;
        let said: Vec<(&str, &str)> = results[..4].iter().map(broken).collect();
        assert_eq!(
            said[0].0,
            "it failed with IOError: /x: Read-only file system"
        );
        assert!(said[0].1.contains("/tmp"), "{said:?}");
        assert_eq!(
            said[1].0,
            "it ran out of memory and was killed (137) at memory_mb = 128"
        );
        assert_eq!(
            said[1].1,
            "Lambda kills at the same limit: try memory_mb = 256"
        );
        assert_eq!(
            said[2].0,
            "it crashed (139, segmentation fault) at memory_mb = 128"
        );
        assert_eq!(said[3].0, "it ended before it answered: exit status 3");
        assert!(results[4].passed(), "{:?}", results[4]);
    });
}

#[test]
fn initialisation_has_its_own_time_and_the_first_call_gets_none_of_it() {
    with_docker(|bench| async move {
        let slow = run(&bench, 3, &[("INIT_SECONDS", "4")], &[test("1", "1")]).await;
        assert!(slow[0].passed(), "{slow:?}");
        // Five seconds are within the limit of the first call as a whole, and beyond the timeout.
        let results = run(&bench, 3, &[], &[doing("nap"), test("1", "1")]).await;
        assert_eq!(
            broken(&results[0]).0,
            "it did not answer within timeout_s = 3"
        );
        assert_eq!(
            broken(&results[0]).1,
            "Lambda ends a call there too: raise timeout_s, to 6 for a start"
        );
        assert!(results[1].passed(), "{results:?}");
        // The second call has the timeout and nothing else; the one after it gets a new container.
        let tests = [test("1", "1"), doing("sleep"), test("2", "2")];
        let results = run(&bench, 3, &[], &tests).await;
        assert!(results[0].passed() && results[2].passed(), "{results:?}");
        assert_eq!(
            broken(&results[1]).0,
            "it did not answer within timeout_s = 3"
        );
    });
}

/// An initialisation beyond ten seconds is repeated within the call: if the rest fits into the
/// timeout it passes, with a note.
#[test]
fn an_initialisation_over_ten_seconds_is_explained() {
    with_docker(|bench| async move {
        let slow = [("INIT_SECONDS", "11")];
        let tests = [test("1", "1"), test("2", "2")];
        let results = run(&bench, 30, &slow, &tests).await;
        assert!(results.iter().all(TestResult::passed), "{results:?}");
        let note = results[0].note.as_deref().unwrap_or_default();
        assert!(
            note.contains("Lambda ends that after 10 s and repeats it")
                && note.contains("snapstart"),
            "{note}"
        );
        assert_eq!(results[1].note, None);

        // The emulator lets it end, and the call would answer in time: in Lambda it would not.
        let results = run(&bench, 3, &slow, &tests).await;
        let (message, help) = broken(&results[0]);
        assert!(
            message.starts_with("it initialised for 11.") && message.ends_with("timeout_s = 3"),
            "{message}"
        );
        assert!(help.contains("snapstart"), "{help}");
        assert!(results[1].passed(), "{results:?}");

        // The emulator ends it too.
        let results = run(&bench, 3, &[("INIT_SECONDS", "60")], &tests[..1]).await;
        let (message, _) = broken(&results[0]);
        let never = "its initialisation ended neither within the 10 s that Lambda allows for it";
        assert!(message.starts_with(never), "{message}");
    });
}

#[test]
fn dropping_the_tests_removes_their_container() {
    with_docker(|bench| async move {
        let image = build(&bench).await;
        let (docker, run) = (bench.docker.clone(), bench.run.clone());
        let testing = tokio::spawn(async move {
            let request = Local {
                function: "probe",
                image: &image,
                run: &run,
                memory_mb: 128,
                timeout_s: 300,
                tmp_mb: 16,
                snapstart: false,
                platform: PLATFORM,
                environment: lambda_environment("probe", 128, 300, None),
                tests: &[doing("sleep")],
                start: ImageOverrides::default(),
                hints: &Hints::default(),
                jit: Default::default(),
            };
            local(&docker, &request, &mut |_| {}).await
        });
        let limit = std::time::Duration::from_secs(60);
        let seen = tokio::time::timeout(limit, async {
            loop {
                let id = containers(&bench.run).trim().to_owned();
                let log = bench.docker.logs(&id, 100).await.unwrap_or_default();
                if log.contains(&"doing sleep".to_owned()) {
                    return;
                }
            }
        });
        seen.await.expect("the test begins");
        testing.abort();
        let gone = tokio::time::timeout(limit, async {
            while !containers(&bench.run).is_empty() {
                tokio::task::yield_now().await;
            }
        });
        gone.await.expect("the container is still there");
    });
}

#[test]
fn an_expected_error_passes_by_its_type() {
    with_docker(|bench| async move {
        let mut tests = [doing("write"), doing("write")];
        tests[0].expected = Expected::Error("IOError".to_owned());
        tests[1].expected = Expected::Error("DomainError".to_owned());
        let results = run(&bench, 60, &[], &tests).await;
        assert!(results[0].passed(), "{:?}", results[0]);
        assert!(
            matches!(&results[1].outcome, TestOutcome::Different { place, .. }
            if place == "expected the error DomainError, got IOError")
        );
    });
}

#[test]
fn code_compiled_at_run_time_fails_the_gate() {
    with_docker(|bench| async move {
        let argument = "{\"do\": \"compile\"}";
        let results = run(&bench, 60, &[], &[test(argument, argument)]).await;
        assert!(results[0].passed(), "{:?}", results[0]);
        let (message, _) = broken(&results[1]);
        assert!(
            message.starts_with("code was compiled into /tmp/compiled"),
            "{message}"
        );
        let argument = "{\"do\": \"reject\"}";
        let results = run(&bench, 60, &[], &[test(argument, argument)]).await;
        let message = "loaded without a cache: Shapes: the image's own is not used";
        assert_eq!(broken(&results[1]), (message, "compile it in the build"));
    });
}

#[test]
fn a_function_that_ends_while_it_initialises_shows_its_output() {
    with_docker(|bench| async move {
        let results = run(&bench, 60, &[("INIT_EXIT", "7")], &[test("1", "1")]).await;
        assert_eq!(
            broken(&results[0]).0,
            "it ended before it answered: exit status 7"
        );
        assert!(
            results[0].log.contains(&"loading".to_owned()),
            "{:?}",
            results[0].log
        );
    });
}

/// A program for another processor: the first bytes of a 64-bit ELF file, and the machine's number.
fn foreign_program() -> Vec<u8> {
    const AARCH64: u8 = 183;
    let mut bytes = b"\x7fELF\x02\x01\x01".to_vec();
    bytes.resize(64, 0);
    (bytes[16], bytes[18], bytes[20], bytes[52]) = (2, AARCH64, 1, 64);
    bytes
}

/// Runs a test on an image of this Dockerfile and platform, with AWS's emulator and a program for
/// another processor in its context.
async fn run_foreign(bench: &Bench, dockerfile: &str, platform: &str) -> TestResult {
    let rie = std::env::var("JOT_RIE").expect("JOT_RIE names AWS's runtime interface emulator");
    let files = vec![
        file("rie", std::fs::read(rie).unwrap(), true),
        file("program", foreign_program(), true),
    ];
    let mut recipe = recipe(dockerfile, files);
    recipe.platform = platform.to_owned();
    let image = bench.build(&recipe, "a").await.0;
    let request = Local {
        function: "probe",
        image: &image.unwrap(),
        platform: PLATFORM,
        run: &bench.run,
        memory_mb: 128,
        timeout_s: 30,
        tmp_mb: 16,
        snapstart: false,
        environment: lambda_environment("probe", 128, 30, None),
        tests: &[test("1", "1")],
        start: ImageOverrides::default(),
        hints: &Hints::default(),
        jit: Default::default(),
    };
    let results = local(&bench.docker, &request, &mut |_| {}).await.unwrap();
    assert_eq!((results.len(), containers(&bench.run).as_str()), (1, ""));
    results.into_iter().next().unwrap()
}

#[test]
fn a_program_for_another_processor_is_explained() {
    with_docker(|bench| async move {
        for emulator in ["program", "rie"] {
            let dockerfile = format!(
                "FROM {BASE}\nCOPY {emulator} {HARNESS_EMULATOR}\nCOPY program /\n\
                 ENTRYPOINT [\"/program\"]\n"
            );
            let result = run_foreign(&bench, &dockerfile, PLATFORM).await;
            let (message, help) = broken(&result);
            let program = if emulator == "rie" {
                "/program"
            } else {
                HARNESS_EMULATOR
            };
            assert_eq!(
                message,
                format!(
                    "{program} is for another processor, or is not a program (exec format error)"
                )
            );
            assert!(help.contains("`architecture`"), "{help}");
        }
    });
}

/// As if `architecture` changed and the old image was given the new one's name.
#[test]
fn an_image_for_another_processor_is_not_even_started() {
    with_docker(|bench| async move {
        let dockerfile = "FROM scratch\nCOPY program /\nENTRYPOINT [\"/program\"]\n";
        let result = run_foreign(&bench, dockerfile, "linux/arm64").await;
        let (message, help) = broken(&result);
        assert_eq!(
            message,
            "the image is for linux/arm64, and `architecture` asks for linux/amd64"
        );
        assert!(help.contains("architecture = \"arm64\""), "{help}");
    });
}

#[test]
fn a_container_that_does_not_start_fails_every_test() {
    with_docker(|bench| async move {
        let dockerfile =
            format!("FROM {BASE}\nCOPY emulator {HARNESS_EMULATOR}\nENTRYPOINT [\"/bin/true\"]\n");
        let emulator = file("emulator", *b"#!/bin/sh\necho why\nexit 9\n", true);
        let image = bench
            .build(&recipe(&dockerfile, vec![emulator]), "a")
            .await
            .0
            .unwrap();
        let request = Local {
            function: "probe",
            image: &image,
            run: &bench.run,
            memory_mb: 128,
            timeout_s: 3,
            tmp_mb: 16,
            snapstart: false,
            platform: PLATFORM,
            environment: BTreeMap::new(),
            tests: &[test("1", "1"), test("2", "2")],
            start: ImageOverrides::default(),
            hints: &Hints::default(),
            jit: Default::default(),
        };
        let results = local(&bench.docker, &request, &mut |_| {}).await.unwrap();
        assert_eq!(results.len(), 2);
        for result in &results {
            assert_eq!(
                broken(result).0,
                "it ended before it answered: exit status 9"
            );
            assert_eq!(result.log, ["why"]);
        }
        assert_eq!(containers(&bench.run), "");
    });
}
