//! Containers: what they may do, and what jot sees of them.

use std::{collections::BTreeMap, time::Duration};

use jot::model::Secret;

use crate::support::{BASE, Bench, recipe, with_docker};

const LIMIT: Duration = Duration::from_secs(120);

/// Runs a shell script in a restricted container; returns its exit status, whether memory ran out,
/// and its output.
async fn script(bench: &Bench, script: &str) -> (Option<i64>, bool, Vec<String>) {
    let dockerfile = format!("FROM {BASE}\nENTRYPOINT [\"/bin/sh\", \"-c\", {script:?}]\n");
    let (built, _) = bench.build(&recipe(&dockerfile, vec![]), "a").await;
    let mut sandbox = bench.sandbox(&built.unwrap());
    sandbox.environment = BTreeMap::from([("WORD".to_owned(), Secret::new("a=b c"))]);
    let container = bench.docker.start(&sandbox).await.unwrap();
    let state = bench.docker.wait(&container.id, LIMIT).await.unwrap();
    let logs = bench.docker.logs(&container.id, 50).await.unwrap();
    assert!(!state.running);
    (state.exit_code, state.out_of_memory, logs)
}

#[test]
fn a_restricted_container_has_no_more_rights_than_in_lambda() {
    with_docker(|bench| async move {
        let probe = "id -u; id -g; grep -c 993 /etc/passwd; \
            touch /x 2>&1; touch /tmp/x && echo tmp is writable; \
            printf '#!/bin/sh\\necho tmp runs' > /tmp/r; chmod 755 /tmp/r; /tmp/r; \
            stat -c %a /tmp; \
            head -c 20000000 /dev/zero > /tmp/big 2>/dev/null || echo tmp is full; \
            ulimit -n; ulimit -Hn; \
            grep -E '^(CapEff|CapBnd|NoNewPrivs)' /proc/self/status | tr -s '\\t' ' '; \
            echo $WORD; exit 5";
        let (exit, out_of_memory, logs) = script(&bench, probe).await;
        let expected = [
            "993",
            "990",
            "0",
            "touch: cannot touch '/x': Read-only file system",
            "tmp is writable",
            "tmp runs",
            "1777",
            "tmp is full",
            "1024",
            "1024",
            "CapEff: 0000000000000000",
            "CapBnd: 0000000000000000",
            "NoNewPrivs: 1",
            "a=b c",
        ];
        assert_eq!(logs, expected);
        assert_eq!((exit, out_of_memory), (Some(5), false));
    });
}

const EATER: &str = "my @a; push @a, \"x\" x (1 << 20) while 1";

#[test]
fn memory_beyond_the_limit_is_seen_as_such() {
    with_docker(|bench| async move {
        let script = format!("perl -e '{EATER}'; echo ended with $?; sleep 600");
        let dockerfile = format!("FROM {BASE}\nENTRYPOINT [\"/bin/sh\", \"-c\", {script:?}]\n");
        let (built, _) = bench.build(&recipe(&dockerfile, vec![]), "a").await;
        let container = bench
            .docker
            .start(&bench.sandbox(&built.unwrap()))
            .await
            .unwrap();
        let ended = tokio::time::timeout(LIMIT, async {
            // Its shell says the same on the other stream, in no fixed order.
            let said = "ended with 137".to_owned();
            while !bench
                .docker
                .logs(&container.id, 5)
                .await
                .unwrap()
                .contains(&said)
            {
                tokio::task::yield_now().await;
            }
        });
        ended.await.expect("nothing was killed");
        // The shell, which is the container's first process, survives: only the cgroup records it.
        let state = bench.docker.state(&container.id).await.unwrap();
        assert_eq!((state.running, state.out_of_memory), (true, true));
    });
}

#[test]
fn a_first_process_that_the_kernel_killed_ends_with_137() {
    with_docker(|bench| async move {
        let (exit, out_of_memory, _) = script(&bench, &format!("exec perl -e '{EATER}'")).await;
        assert_eq!((exit, out_of_memory), (Some(137), true));
    });
}

#[test]
fn a_running_container_can_be_looked_into_and_is_removed_by_its_run() {
    with_docker(|bench| async move {
        let dockerfile = format!("FROM {BASE}\nENTRYPOINT [\"sleep\", \"600\"]\n");
        let (built, _) = bench.build(&recipe(&dockerfile, vec![]), "a").await;
        let container = bench
            .docker
            .start(&bench.sandbox(&built.unwrap()))
            .await
            .unwrap();
        let state = bench.docker.state(&container.id).await.unwrap();
        assert_eq!(
            (state.running, state.exit_code, state.out_of_memory),
            (true, None, false)
        );
        assert!(container.port.is_some());
        assert!(
            bench
                .docker
                .path_exists(&container.id, "/bin/sh")
                .await
                .unwrap()
        );
        assert!(
            !bench
                .docker
                .path_exists(&container.id, "/no/such")
                .await
                .unwrap()
        );
        // The content of the tmpfs is visible only from inside.
        let touch = ["/bin/sh", "-c", "mkdir /tmp/there"];
        assert_eq!(bench.docker.exec(&container.id, &touch).await.unwrap(), 0);
        let test = |path: &'static str| ["/usr/bin/test", "-e", path];
        assert_eq!(
            bench
                .docker
                .exec(&container.id, &test("/tmp/there"))
                .await
                .unwrap(),
            0
        );
        assert_eq!(
            bench
                .docker
                .exec(&container.id, &test("/tmp/not"))
                .await
                .unwrap(),
            1
        );
        let missing = bench
            .docker
            .exec(&container.id, &["/no/shell"])
            .await
            .unwrap();
        assert!([126, 127].contains(&missing), "{missing}");
        let state = bench
            .docker
            .wait(&container.id, Duration::from_millis(1))
            .await
            .unwrap();
        assert!(state.running);

        bench.docker.remove_run(&bench.run).await.unwrap();
        assert!(bench.docker.state(&container.id).await.is_err());
        bench.docker.remove(&container.id).await.unwrap();
    });
}

#[test]
fn the_platform_is_the_daemons() {
    with_docker(|bench| async move {
        let platform = bench.docker.platform().await.unwrap();
        let here = match std::env::consts::ARCH {
            "aarch64" => "linux/arm64",
            _ => "linux/amd64",
        };
        assert_eq!(platform, here);
    });
}
