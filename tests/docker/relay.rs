//! Containers with published ports that this machine cannot reach: they are called through the
//! daemon.

use std::{sync::Arc, time::Duration};

use jot::{
    model::{ImageOverrides, TestOutcome, TestResult},
    remote::{Docker, docker::Sandbox},
    verify::{INVOCATION_PATH, Unreached, Way, call, reach},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::{
    elsewhere::Elsewhere,
    support::{BASE, Bench, recipe, with_docker},
    verify::{build, containers, doing, run, test},
};

const LIMIT: Duration = Duration::from_secs(2);

/// The bench as seen from another machine; the folder is the socket's.
async fn away(bench: &Bench) -> (tempfile::TempDir, Arc<Bench>) {
    let folder = tempfile::tempdir().unwrap();
    let docker = Docker::connect_to(&Elsewhere::start(folder.path()).host())
        .await
        .unwrap();
    let bench = Bench {
        docker,
        run: bench.run.clone(),
        project: bench.project.clone(),
    };
    (folder, Arc::new(bench))
}

#[test]
fn tests_of_a_daemon_elsewhere_end_as_those_of_one_here() {
    with_docker(|bench| async move {
        let (_folder, bench) = away(&bench).await;
        let tests = [
            test("[1, 2, 3]", "[1,2.0,3]"),
            test("{\"do\": \"uid\"}", "993.99"),
            test("{\"do\": \"env\"}", "\"probe eu-west-1 a=b c\""),
            doing("memory"),
            doing("exit"),
            test("7", "8"),
        ];
        let results = run(&bench, 60, &[("WORD", "a=b c")], &tests).await;
        let passed: Vec<bool> = results.iter().map(TestResult::passed).collect();
        assert_eq!(
            passed,
            [true, true, true, false, false, false],
            "{results:#?}"
        );
        let said = |index: usize| match &results[index].outcome {
            TestOutcome::Broken { message, .. } => message.as_str(),
            other => panic!("{other:?}"),
        };
        assert_eq!(
            said(3),
            "it ran out of memory and was killed (137) at memory_mb = 128"
        );
        assert_eq!(said(4), "it ended before it answered: exit status 3");
    });
}

#[test]
fn a_payload_of_lambdas_size_goes_through_the_daemon_and_comes_back() {
    with_docker(|bench| async move {
        let (_folder, bench) = away(&bench).await;
        let image = build(&bench).await;
        let sandbox = Sandbox {
            harness: Some(ImageOverrides::default()),
            ..bench.sandbox(&image)
        };
        let container = bench.docker.start(&sandbox).await.unwrap();
        let its_own = (image.as_str(), bench.run.as_str());
        let way = reach(&bench.docker, &container, its_own, LIMIT)
            .await
            .unwrap();
        assert!(matches!(way, Way::Relay(_)), "{way:?}");
        let payload = format!("\"{}\"", "x".repeat(5 * 1024 * 1024));
        let answer = call(&way, payload.as_bytes(), Duration::from_secs(60))
            .await
            .unwrap();
        assert_eq!(answer.status, 200);
        // The runtime of these tests leaves the chunk markers in the body.
        let count = answer.body.iter().filter(|byte| **byte == b'x').count();
        assert_eq!(count, 5 * 1024 * 1024);

        // And from a port of this machine, as with `jot run`.
        let Way::Relay(relay) = way else { return };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let serving = tokio::spawn(async move { relay.serve(listener).await });
        for _ in 0..2 {
            let mut stream = TcpStream::connect(address).await.unwrap();
            let request = format!(
                "POST {INVOCATION_PATH} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\
                 Content-Length: 3\r\n\r\n[7]"
            );
            stream.write_all(request.as_bytes()).await.unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await.unwrap();
            assert!(answer.ends_with("\r\n\r\n[7]"), "{answer}");
        }
        serving.abort();

        bench.docker.remove_relays(&container.id).await.unwrap();
        assert_eq!(
            containers(&bench.run).lines().count(),
            1,
            "the function's own is left"
        );
    });
}

/// What the daemon reports for a container with this program.
async fn unreached(bench: &Bench, program: &str) -> Unreached {
    let dockerfile = format!("FROM {BASE}\nENTRYPOINT [\"/usr/bin/perl\", \"-e\", {program:?}]\n");
    let image = bench
        .build(&recipe(&dockerfile, vec![]), "a")
        .await
        .0
        .unwrap();
    let container = bench.docker.start(&bench.sandbox(&image)).await.unwrap();
    let its_own = (image.as_str(), bench.run.as_str());
    let reached = reach(&bench.docker, &container, its_own, LIMIT).await;
    reached.expect_err("nothing speaks HTTP")
}

#[test]
fn the_emulator_is_missed_only_where_nothing_listens_inside() {
    with_docker(|bench| async move {
        let (_folder, away) = away(&bench).await;
        let deaf = "sleep 600";
        let silent = "use IO::Socket::INET; my $s = IO::Socket::INET->new(LocalPort => 8080, \
            Listen => 9); sleep 600";
        for bench in [&*bench, &*away] {
            let why = unreached(bench, deaf).await;
            assert!(matches!(why, Unreached::Deaf), "{why:?}");
            let why = unreached(bench, silent).await;
            assert!(matches!(why, Unreached::Silent), "{why:?}");
        }
    });
}
