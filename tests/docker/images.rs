//! Builds: what comes out, what is reported, what fails how.

use jot::{
    model::{Content, Secret, value::EnvValue},
    remote::{Error, docker::Work, error::BuildOutput},
};

use crate::support::{BASE, file, recipe, unique, with_docker};

fn steps(seen: &[Work]) -> Vec<(String, u64, u64)> {
    let steps = seen.iter().filter_map(|work| match work {
        Work::Step { doing, done, total } => Some((doing.clone(), *done, *total)),
        _ => None,
    });
    steps.collect()
}

fn output(seen: &[Work]) -> Vec<&str> {
    let lines = seen.iter().filter_map(|work| match work {
        Work::Output(line) => Some(line.as_str()),
        _ => None,
    });
    lines.collect()
}

#[test]
fn a_build_reports_its_steps_and_is_found_by_its_labels() {
    with_docker(|bench| async move {
        let word = format!("a b&c=d {}", unique("word"));
        let dockerfile = "ARG JOT_BASE_IMAGE\nFROM ${JOT_BASE_IMAGE}\nARG WORD\nCOPY d/ /d/\n\
                          RUN echo \"the word is $WORD\" && stat -c '%a %Y %n' /d/run.sh /d/big\n";
        let big = tempfile::NamedTempFile::new().unwrap();
        let bytes = vec![b'x'; 3_000_000];
        std::fs::write(big.path(), &bytes).unwrap();
        let mut large = file("d/big", bytes, false);
        large.content = Content::Disk(big.path().to_owned());
        let files = vec![large, file("d/run.sh", "#!/bin/sh\n", true)];
        let mut image = recipe(dockerfile, files);
        image.args.insert("WORD".to_owned(), word.clone());
        image
            .labels
            .insert("team".to_owned(), "numerics".to_owned());
        let (built, seen) = bench.build_on(&image, Some(BASE), "a").await;
        let id = built.unwrap();
        let lines = output(&seen);
        assert!(
            lines.contains(&format!("the word is {word}").as_str()),
            "{seen:?}"
        );
        assert!(lines.contains(&"755 315619200 /d/run.sh"), "{lines:?}");
        assert!(lines.contains(&"644 315619200 /d/big"), "{lines:?}");
        let steps = steps(&seen);
        assert!(
            steps
                .iter()
                .any(|(doing, ..)| doing.contains("/3] RUN echo")),
            "{steps:?}"
        );
        let (last, done, total) = steps.last().unwrap();
        assert!(last.starts_with("exporting"), "{last}");
        assert_eq!((*done, *total), (3, 3));

        let found = bench.docker.images(&bench.project).await.unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[&image.fingerprint].id, id);
        assert_eq!(found[&image.fingerprint].repo_digests, Vec::<String>::new());

        let (again, seen) = bench.build_on(&image, Some(BASE), "b").await;
        assert_eq!(again.unwrap(), id);
        assert_eq!(output(&seen), Vec::<&str>::new(), "everything is cached");
        assert!(
            bench
                .docker
                .images("no such project")
                .await
                .unwrap()
                .is_empty()
        );
    });
}

#[test]
fn a_failing_step_is_named_with_its_last_lines() {
    with_docker(|bench| async move {
        let dockerfile = format!("FROM {BASE}\nRUN seq 1 40 >&2; echo why >&2; exit 3\n");
        let (built, _) = bench.build(&recipe(&dockerfile, vec![]), "a").await;
        let Err(Error::Build {
            image,
            step,
            reason,
            output,
        }) = built
        else {
            panic!("{built:?}")
        };
        assert_eq!(
            (image.as_str(), reason.as_str()),
            ("probe", "exit status 3")
        );
        assert!(
            step.ends_with("/2] RUN seq 1 40 >&2; echo why >&2; exit 3"),
            "{step}"
        );
        let BuildOutput(lines) = output.unwrap();
        assert_eq!(lines.len(), 30);
        assert!(
            lines.contains(&"why".to_owned()) && lines.contains(&"40".to_owned()),
            "{lines:?}"
        );
    });
}

#[test]
fn a_dockerfile_that_is_none_is_an_error_in_words() {
    with_docker(|bench| async move {
        let (built, _) = bench.build(&recipe("FORM nothing\n", vec![]), "a").await;
        let error = built.unwrap_err().to_string();
        assert!(error.contains("unknown instruction: FORM"), "{error}");
    });
}

#[test]
fn a_context_file_that_changed_stops_the_build_with_its_name() {
    with_docker(|bench| async move {
        let mut changed = file("f.jl", "old", false);
        changed.content = Content::Bytes(b"new".to_vec());
        let image = recipe(&format!("FROM {BASE}\nCOPY f.jl /\n"), vec![changed]);
        let (built, _) = bench.build(&image, "a").await;
        let error = built.unwrap_err().to_string();
        assert!(
            error.contains("`f.jl` changed while it was read"),
            "{error}"
        );
    });
}

#[test]
fn a_secret_reaches_its_step_and_stays_out_of_the_image() {
    const CANARY: &str = "canary-3f9b";
    with_docker(|bench| async move {
        let dockerfile = format!(
            "FROM {BASE}\nRUN --mount=type=secret,id=TOKEN wc -c < /run/secrets/TOKEN && \
             test ! -e /run/secrets/OTHER # {}\nRUN test ! -s /run/secrets/TOKEN\n",
            unique("step")
        );
        let mut image = recipe(&dockerfile, vec![file("f", "x", false)]);
        let secret = |value| EnvValue::FromEnv {
            from: "TOKEN".to_owned(),
            value,
        };
        image
            .secrets
            .insert("TOKEN".to_owned(), secret(Some(Secret::new(CANARY))));
        let (built, seen) = bench.build(&image, "a").await;
        let id = built.unwrap();
        assert!(
            output(&seen).contains(&CANARY.len().to_string().as_str()),
            "{seen:?}"
        );
        let saved = std::process::Command::new("docker")
            .args(["history", "--no-trunc", &id])
            .output();
        let history = String::from_utf8(saved.unwrap().stdout).unwrap();
        assert!(
            history.contains("wc -c") && !history.contains(CANARY),
            "{history}"
        );

        image.secrets.insert("TOKEN".to_owned(), secret(None));
        let error = bench.build(&image, "b").await.0.unwrap_err().to_string();
        assert!(
            error.contains("`TOKEN`") && error.contains("no value"),
            "{error}"
        );
    });
}

#[test]
fn a_build_on_the_hosts_network_reaches_what_listens_there() {
    with_docker(|bench| async move {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let connect =
            format!("IO::Socket::INET->new(PeerAddr => \"{address}\") or die \"cut off\"");
        let dockerfile = format!("FROM {BASE}\nRUN perl -MIO::Socket::INET -e '{connect}'\n");
        let mut image = recipe(&dockerfile, vec![]);
        let (built, _) = bench.build(&image, "a").await;
        let Err(Error::Build {
            output: Some(BuildOutput(lines)),
            ..
        }) = built
        else {
            panic!("{built:?}")
        };
        assert!(lines[0].starts_with("cut off"), "{lines:?}");
        image.network = Some("host".to_owned());
        bench.build(&image, "b").await.0.unwrap();
    });
}

#[test]
fn dropping_a_build_ends_it() {
    with_docker(|bench| async move {
        let marker = unique("sleep");
        let dockerfile = format!("FROM {BASE}\nRUN echo begun && sleep 600 # {marker}\n");
        let image = recipe(&dockerfile, vec![]);
        let (told, begun) = tokio::sync::oneshot::channel();
        let mut told = Some(told);
        let docker = bench.docker.clone();
        let name = format!("{}:a", bench.project);
        let building = tokio::spawn(async move {
            let mut progress = |work| {
                if work == Work::Output("begun".to_owned()) {
                    told.take().map(|told| told.send(()));
                }
            };
            docker
                .build(&image, None, &name, &Default::default(), &mut progress)
                .await
        });
        begun.await.unwrap();
        assert!(runs(&marker));
        building.abort();
        // BuildKit kills the step; nothing tells when, so this looks until it has, and fails by the test's own limit.
        let ended = tokio::time::timeout(std::time::Duration::from_secs(60), async {
            while runs(&marker) {
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
        });
        ended.await.expect("the step still runs");
    });
}

/// Whether a process with this in its command runs on this machine.
fn runs(marker: &str) -> bool {
    let folders = std::fs::read_dir("/proc").unwrap().flatten();
    let commands = folders.filter_map(|folder| std::fs::read(folder.path().join("cmdline")).ok());
    commands
        .into_iter()
        .any(|command| String::from_utf8_lossy(&command).contains(marker))
}
