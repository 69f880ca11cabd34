//! Pushes to, and pulls from, ministack's registry.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use jot::{
    model::{Secret, recipe::RegistryLogin},
    remote::docker::Work,
};

use crate::support::{file, recipe, unique, with_docker};

/// A ministack of the test's own, which ends with it.
struct Ministack {
    process: Child,
    port: u16,
}

impl Drop for Ministack {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Ministack {
    fn start() -> Self {
        let program =
            std::env::var("JOT_TEST_MINISTACK").expect("JOT_TEST_MINISTACK names ministack");
        let port = free_port();
        let process = Command::new(program)
            .env("GATEWAY_PORT", port.to_string())
            .env("BIND_HOST", "127.0.0.1")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let server = Self { process, port };
        let limit = Instant::now() + Duration::from_secs(60);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < limit, "ministack does not start");
            std::thread::yield_now();
        }
        server
    }

    fn create_repository(&self, name: &str) {
        let body = format!("{{\"repositoryName\": \"{name}\"}}");
        let request = format!(
            "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\
             Content-Type: application/x-amz-json-1.1\r\nContent-Length: {}\r\n\
             X-Amz-Target: AmazonEC2ContainerRegistry_V20150921.CreateRepository\r\n\
             Authorization: AWS4-HMAC-SHA256 \
             Credential=test/20260101/us-east-1/ecr/aws4_request\r\n\r\n{body}",
            body.len()
        );
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }

    fn login(&self) -> RegistryLogin {
        RegistryLogin {
            host: format!("127.0.0.1:{}", self.port),
            user: "AWS".to_owned(),
            password: Secret::new("password"),
        }
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}

#[test]
fn a_push_uploads_only_new_layers_and_a_pull_gives_the_same_image() {
    with_docker(|bench| async move {
        let server = Ministack::start();
        server.create_repository(&bench.project);
        let login = server.login();
        let repository = format!("{}/{}", login.host, bench.project);
        let large = vec![b'x'; 2_000_000];
        let image = |small: &str| {
            let dockerfile =
                format!("FROM scratch\nCOPY large /\nCOPY small /\nLABEL small={small}\n");
            recipe(
                &dockerfile,
                vec![
                    file("large", large.clone(), false),
                    file("small", small, false),
                ],
            )
        };

        let first = image(&unique("content"));
        let tag = first.fingerprint.tag();
        let id = bench.build(&first, tag).await.0.unwrap();
        bench.docker.tag(&id, &repository, "one").await.unwrap();
        let mut seen = Vec::new();
        let mut progress = |work| seen.push(work);
        let pushed = bench
            .docker
            .push(&repository, "one", &login, &mut progress)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(pushed.layers, 2);
        assert!(pushed.bytes >= 2_000_000, "{pushed:?}");
        let Some(Work::Bytes { doing, done, total }) = seen.last() else {
            panic!("{seen:?}")
        };
        assert!(doing.starts_with("pushing layer "), "{doing}");
        assert_eq!((*done, *total), (pushed.bytes, pushed.bytes));

        let again = bench
            .docker
            .push(&repository, "one", &login, &mut |_| {})
            .await
            .unwrap();
        let again = again.unwrap();
        assert_eq!((again.layers, again.bytes), (0, 0));
        assert_eq!(again.digest, pushed.digest);
        assert!(pushed.digest.is_some(), "{pushed:?}");

        let second = image(&unique("content"));
        let other = bench.build(&second, "b").await.0.unwrap();
        bench.docker.tag(&other, &repository, "two").await.unwrap();
        let pushed = bench
            .docker
            .push(&repository, "two", &login, &mut |_| {})
            .await
            .unwrap()
            .unwrap();
        assert_eq!(pushed.layers, 1);
        assert!(pushed.bytes < 10_000, "{pushed:?}");

        let found = bench.docker.images(&bench.project).await.unwrap();
        let [name] = found[&first.fingerprint].repo_digests.as_slice() else {
            panic!("{found:?}")
        };
        let digest = name
            .strip_prefix(&format!("{repository}@"))
            .unwrap()
            .to_owned();
        for name in [bench.name(tag), format!("{repository}:one")] {
            bench.docker.remove_image(&name).await.unwrap();
        }
        bench
            .docker
            .remove_image(&format!("{repository}@{digest}"))
            .await
            .unwrap();
        assert!(bench.docker.image_id(&id).await.unwrap().is_none());
        let pulled = bench
            .docker
            .pull(&repository, &digest, &login, &mut |_| {})
            .await
            .unwrap();
        assert_eq!(pulled, id);

        // An image that was pulled by digest is built on by digest, without a registry.
        drop(server);
        let top = recipe(
            "ARG JOT_BASE_IMAGE\nFROM ${JOT_BASE_IMAGE}\nCOPY top /\n",
            vec![file("top", "t", false)],
        );
        let base = format!("{repository}@{digest}");
        let built = bench.build_on(&top, Some(&base), "top").await.0.unwrap();
        assert_ne!(built, id);
    });
}

#[test]
fn a_push_to_nobody_is_an_error() {
    with_docker(|bench| async move {
        let image = recipe(
            &format!("FROM scratch\nLABEL l={}\n", unique("label")),
            vec![],
        );
        let id = bench.build(&image, "a").await.0.unwrap();
        let host = format!("127.0.0.1:{}", free_port());
        let repository = format!("{host}/{}", bench.project);
        bench.docker.tag(&id, &repository, "one").await.unwrap();
        let login = RegistryLogin {
            host,
            user: "AWS".to_owned(),
            password: Secret::new("canary-77"),
        };
        let pushed = bench
            .docker
            .push(&repository, "one", &login, &mut |_| {})
            .await;
        let error = format!("{:?}", pushed.unwrap_err());
        assert!(
            error.contains("connection refused") && !error.contains("canary-77"),
            "{error}"
        );
    });
}
