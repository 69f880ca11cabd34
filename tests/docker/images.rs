//! Builds: what they produce, what is reported, and how each fails.

use std::path::Path;

use jot::{
    model::{Content, Recipe, Secret, value::EnvValue},
    remote::{Docker, Error, docker::Work, error::BuildOutput},
};

use crate::{
    proxy::{Fault, Proxy},
    support::{BASE, Bench, docker, file, recipe, unique, with_docker},
};

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
fn a_build_reports_its_steps_and_is_found_by_its_name() {
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
        let tag = image.fingerprint.tag();
        let (built, seen) = bench.build_on(&image, Some(BASE), tag).await;
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
        let digests = &found[&image.fingerprint].repo_digests;
        // The containerd image store gives every local name a digest.
        let own = |digest: &&String| digest.starts_with(&format!("jot/{}@", bench.project));
        assert!(digests.iter().all(|digest| own(&digest)), "{digests:?}");

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

/// A Dockerfile that prints the name of its base that it is built with.
fn telling(rest: &str) -> String {
    format!(
        "ARG JOT_BASE_IMAGE\nFROM ${{JOT_BASE_IMAGE}} AS base\nFROM base\nARG JOT_BASE_IMAGE\n\
         RUN echo \"from $JOT_BASE_IMAGE\" # {}\n{rest}",
        unique("step")
    )
}

/// The names that the builds of this test run gave to bases.
fn lent(bench: &Bench) -> Vec<String> {
    let repository = format!("127.0.0.1:1/jot/{}", bench.run);
    let names = docker(&[
        "image",
        "ls",
        "--format",
        "{{.Repository}}:{{.Tag}}",
        &repository,
    ]);
    names.lines().map(str::to_owned).collect()
}

/// The names of their bases that these builds used.
fn bases(seen: &[Work]) -> Vec<&str> {
    let lines = output(seen).into_iter();
    lines
        .filter_map(|line| line.strip_prefix("from "))
        .collect()
}

#[test]
fn a_base_has_a_name_that_no_registry_answers_for_the_build_alone() {
    with_docker(|bench| async move {
        let base = recipe(&format!("FROM {BASE}\n# {}\n", unique("base")), vec![]);
        let tag = base.fingerprint.tag().to_owned();
        bench.build(&base, &tag).await.0.unwrap();
        let name = bench.name(&tag);

        let top = recipe(&telling(""), vec![]);
        let other = recipe(&telling(""), vec![]);
        // In parallel, so that none removes the name of another.
        let (one, two) = tokio::join!(
            bench.build_on(&top, Some(&name), "one"),
            bench.build_on(&other, Some(&name), "two"),
        );
        let refused = format!("127.0.0.1:1/jot/{}:{tag}-", bench.run);
        for (built, seen) in [&one, &two] {
            built.as_ref().unwrap();
            let [base] = bases(seen)[..] else {
                panic!("{seen:?}")
            };
            assert!(base.starts_with(&refused), "{base}");
            let steps = steps(seen);
            // Long instructions are cut.
            let known = format!("FROM {}", &name[..name.len() - tag.len() + 2]);
            assert!(
                steps.iter().any(|(doing, ..)| doing.contains(&known)),
                "it is shown by the name that users know: {steps:?}"
            );
            assert!(!format!("{steps:?}").contains("127.0.0.1:1"), "{steps:?}");
        }
        assert_ne!(bases(&one.1), bases(&two.1));
        assert_eq!(lent(&bench), Vec::<String>::new());

        let failing = recipe(&telling("RUN exit 3\n"), vec![]);
        let (built, _) = bench.build_on(&failing, Some(&name), "failing").await;
        assert!(matches!(built, Err(Error::Build { .. })), "{built:?}");
        assert_eq!(lent(&bench), Vec::<String>::new());
        assert!(bench.docker.image_id(&name).await.unwrap().is_some());
    });
}

#[test]
fn what_a_killed_run_leaves_of_names_goes_with_its_containers() {
    with_docker(|bench| async move {
        let kept = format!("127.0.0.1:1/jot/{}-2:1.5-0", bench.run);
        let left = format!("127.0.0.1:1/jot/{}:1.5-0", bench.run);
        for name in [&kept, &left] {
            docker(&["tag", BASE, name]);
        }
        bench.docker.remove_run(&bench.run).await.unwrap();
        assert_eq!(lent(&bench), Vec::<String>::new());
        docker(&["image", "rm", &kept]);
        assert!(bench.docker.image_id(BASE).await.unwrap().is_some());
    });
}

#[test]
fn only_the_name_makes_an_image_jots() {
    with_docker(|bench| async move {
        // A user's own image on one of jot's, and a build stage that lost its name, have all the
        // labels.
        let image = recipe(&format!("FROM {BASE}\n# {}\n", unique("base")), vec![]);
        let built = bench.build(&image, "users-own").await.0.unwrap();
        let found = bench.docker.images(&bench.project).await.unwrap();
        assert_eq!(found.len(), 0, "{found:?}");
        let name = format!("jot/{}", bench.project);
        assert!(!bench.docker.has(&name, &image.fingerprint).await.unwrap());

        let tag = image.fingerprint.tag();
        bench.docker.tag(&built, &name, tag).await.unwrap();
        let found = bench.docker.images(&bench.project).await.unwrap();
        assert_eq!(found[&image.fingerprint].id, built);
        assert!(bench.docker.has(&name, &image.fingerprint).await.unwrap());

        // The name on another image proves as little as the labels alone.
        docker(&["tag", BASE, &bench.name(tag)]);
        let found = bench.docker.images(&bench.project).await.unwrap();
        assert_eq!(found.len(), 0, "{found:?}");
        assert!(!bench.docker.has(&name, &image.fingerprint).await.unwrap());
        docker(&["image", "rm", &bench.name(tag)]);
    });
}

/// The daemon behind a proxy on a socket in the folder.
async fn proxied(folder: &Path) -> (Proxy, Docker) {
    let host = std::env::var("DOCKER_HOST").unwrap_or_default();
    let daemon = host
        .strip_prefix("unix://")
        .unwrap_or("/var/run/docker.sock");
    let socket = folder.join("docker.sock");
    let proxy = Proxy::on_socket(&socket, Path::new(daemon)).unwrap();
    let docker = Docker::connect_to(&format!("unix://{}", socket.display())).await;
    (proxy, docker.unwrap())
}

#[test]
fn a_build_whose_connection_breaks_off_is_begun_once_more() {
    with_docker(|bench| async move {
        let folder = tempfile::tempdir().unwrap();
        let (proxy, docker) = proxied(folder.path()).await;
        let image = recipe(&format!("FROM {BASE}\n# {}\n", unique("step")), vec![]);
        let again = |seen: &[Work]| {
            let again = seen
                .iter()
                .filter(|work| matches!(work, Work::Again { .. }));
            again.count()
        };
        proxy.fault("docker:Build", Fault::Half, 1);
        let (built, seen) = bench.build_at(&docker, &image, None, "a").await;
        built.unwrap();
        assert_eq!((again(&seen), proxy.counts()["docker:Build"]), (1, 2));

        proxy.fault("docker:Build", Fault::Half, 9);
        let (built, seen) = bench.build_at(&docker, &image, None, "a").await;
        let error = built.unwrap_err();
        assert!(
            matches!(&error, Error::BrokeOff { help, .. } if help.contains("docker info")),
            "{error:?}"
        );
        assert_eq!((again(&seen), proxy.counts()["docker:Build"]), (1, 4));
    });
}

/// What an engine before 27.5 with the containerd image store reports about itself.
fn without_contexts(info: &str) -> String {
    let mut info: serde_json::Value = serde_json::from_str(info).unwrap();
    info["ServerVersion"] = "26.1.5".into();
    info["DriverStatus"] = serde_json::json!([["driver-type", "io.containerd.snapshotter.v1"]]);
    info.to_string()
}

fn with_context(content: &[u8], written: &[u8]) -> Recipe {
    let dockerfile = format!(
        "FROM {BASE}\nCOPY d/ /d/\nRUN wc -c < /d/big && cat /d/run.sh # {}\n",
        unique("step")
    );
    let mut big = file("d/big", content, false);
    big.content = Content::Bytes(written.to_owned().into());
    recipe(
        &dockerfile,
        vec![big, file("d/run.sh", "the script\n", true)],
    )
}

#[test]
fn an_engine_that_finds_no_context_in_the_request_is_served_it() {
    with_docker(|bench| async move {
        let folder = tempfile::tempdir().unwrap();
        let (proxy, docker) = proxied(folder.path()).await;
        proxy.fault("docker:Info", Fault::Rewritten(without_contexts), 1);
        let contents = [vec![b'x'; 3_000_000], vec![b'y'; 2_000_000]];
        let [one, two] = contents.map(|content| with_context(&content, &content));
        // In parallel, so that each is served its own.
        let (one, two) = tokio::join!(
            bench.build_at(&docker, &one, None, "a"),
            bench.build_at(&docker, &two, None, "b"),
        );
        for ((built, seen), size) in [(one, "3000000"), (two, "2000000")] {
            built.unwrap();
            let lines = output(&seen);
            assert!(
                lines.contains(&size) && lines.contains(&"the script"),
                "{lines:?}"
            );
        }
        let changed = with_context(b"old", b"new");
        let (built, _) = bench.build_at(&docker, &changed, None, "c").await;
        let error = built.unwrap_err().to_string();
        assert!(
            error.contains("`d/big` changed while it was read"),
            "{error}"
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
        changed.content = Content::Bytes(b"new".into());
        let image = recipe(&format!("FROM {BASE}\nCOPY f.jl /\n"), vec![changed]);
        let (built, _) = bench.build(&image, "a").await;
        let error = built.unwrap_err().to_string();
        assert!(
            error.contains("`f.jl` changed while it was read"),
            "{error}"
        );
    });
}

/// An agent without keys at a socket, which counts its requests.
fn agent(socket: &Path) -> std::sync::Arc<std::sync::atomic::AtomicU32> {
    use std::io::{Read, Write};
    let listener = std::os::unix::net::UnixListener::bind(socket).unwrap();
    let asked = std::sync::Arc::new(std::sync::atomic::AtomicU32::new(0));
    let count = asked.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut question = [0; 5];
            if stream.read_exact(&mut question).is_ok() {
                assert_eq!(question, [0, 0, 0, 1, 11], "SSH_AGENTC_REQUEST_IDENTITIES");
                count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                stream.write_all(&[0, 0, 0, 5, 12, 0, 0, 0, 0]).unwrap();
            }
        }
    });
    asked
}

#[test]
fn a_build_reaches_the_ssh_agents_that_are_named() {
    with_docker(|bench| async move {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("agent");
        let asked = agent(&socket);
        let ask = "using Sockets; s = connect(ENV[\"SSH_AUTH_SOCK\"]); \
                   write(s, UInt8[0, 0, 0, 1, 11]); read(s, 9)[5] == 12 || exit(3)";
        let dockerfile = |id: &str| {
            format!(
                "FROM {BASE}\nRUN --mount=type=ssh{id} julia -e '{ask}' # {}\n",
                unique("agent")
            )
        };
        for (id, mount) in [("default", ""), ("git", ",id=git,required=true")] {
            let mut image = recipe(&dockerfile(mount), vec![]);
            image.ssh.insert(id.to_owned(), Some(socket.clone()));
            let tag = image.fingerprint.tag();
            bench.build(&image, tag).await.0.unwrap();
        }
        assert_eq!(asked.load(std::sync::atomic::Ordering::SeqCst), 2);

        let mut image = recipe(&dockerfile(",required=true"), vec![]);
        let tag = image.fingerprint.tag().to_owned();
        assert!(
            bench.build(&image, &tag).await.0.is_err(),
            "no agent is named"
        );
        for (socket, words) in [
            (None, "SSH_AUTH_SOCK is not set here"),
            (Some(folder.path().to_owned()), "is not a socket"),
            (Some(folder.path().join("nowhere")), "nowhere"),
        ] {
            image.ssh.insert("default".to_owned(), socket);
            let error = bench.build(&image, &tag).await.0.unwrap_err();
            assert!(error.to_string().contains(words), "{error}");
        }
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
        let secret = |value| EnvValue::from_env("TOKEN", value);
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
        let name = bench.name("a");
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
        // BuildKit kills the step without a report, so this polls until it has, and fails by the
        // test's own limit.
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
