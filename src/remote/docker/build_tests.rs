use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::*;
use crate::model::{Fingerprint, Form, RecipeRole, value::EnvValue};

fn image() -> Recipe {
    Recipe {
        role: RecipeRole::Base,
        form: Form::Image,
        fingerprint: Fingerprint::parse(&"0".repeat(64)).unwrap(),
        base: None,
        dockerfile: "FROM scratch\n".to_owned(),
        dockerfile_path: None,
        stage: None,
        titles: Vec::new(),
        context: Vec::new(),
        args: BTreeMap::new(),
        platform: "linux/amd64".to_owned(),
        network: None,
        secrets: BTreeMap::new(),
        ssh: BTreeMap::new(),
        labels: BTreeMap::new(),
        inputs: BTreeMap::new(),
        title: "t".to_owned(),
        native: false,
    }
}

/// A daemon with these answers to version and build, which then closes the connection; anything
/// else gets `{}`.
async fn daemon(version: &'static str, build: &'static str) -> Docker {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = format!("tcp://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut connection, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut asked = vec![0; 64 * 1024];
                let count = connection.read(&mut asked).await.unwrap_or_default();
                let asked = String::from_utf8_lossy(&asked[..count]).into_owned();
                let path = asked.split_whitespace().nth(1).unwrap_or_default();
                let body = match path.split('?').next() {
                    Some("/version") => version,
                    Some("/build") => build,
                    _ => "{}",
                };
                let answer = format!(
                    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n\
                     {body}"
                );
                let _ = connection.write_all(answer.as_bytes()).await;
                let _ = connection.shutdown().await;
                // Closing a connection with unread data resets it, which may lose the answer.
                let _ = connection.read_to_end(&mut Vec::new()).await;
            });
        }
    });
    Docker::connect_to(&host).await.unwrap()
}

async fn build(docker: &Docker, image: &Recipe) -> (Error, Vec<Work>) {
    let mut seen = Vec::new();
    let built = docker
        .build(image, None, "t:t", &BTreeMap::new(), &mut |work| {
            seen.push(work);
        })
        .await;
    (built.unwrap_err(), seen)
}

#[tokio::test]
async fn the_reason_in_an_answer_that_was_cut_is_kept() {
    let cut = r#"{"errorDetail":{"message":"failed to solve: no space left on dev"#;
    let docker = daemon("{}", cut).await;
    let (error, seen) = build(&docker, &image()).await;
    let message = error.to_string();
    assert!(
        message.ends_with("broke off: failed to solve: no space left on dev"),
        "{message}"
    );
    assert!(
        matches!(seen[..], [Work::Again { attempt: 1, .. }]),
        "{seen:?}"
    );
}

#[tokio::test]
async fn what_podman_says_is_reported() {
    let podman = r#"{"Components": [{"Name": "Podman Engine", "Version": "4.3.1"}]}"#;
    let said = r#"{"stream":"STEP 1/1: RUN make\n"}
{"stream":"why\n"}
{"errorDetail":{"message":"building at STEP \"RUN make\": while running runtime: exit status 2\n"}}
"#;
    let docker = daemon(podman, said).await;
    let (error, seen) = build(&docker, &image()).await;
    assert_eq!(
        error.to_string(),
        "the build of t failed at [1/1] RUN make: exit status 2"
    );
    assert!(seen.contains(&Work::Output("why".to_owned())), "{seen:?}");

    let mut secret = image();
    let value = EnvValue::from_env("TOKEN", None);
    secret.secrets.insert("TOKEN".to_owned(), value);
    let (error, _) = build(&docker, &secret).await;
    assert_eq!(
        error.to_string(),
        "docker: Podman does not accept build secrets through its API, and `build.secrets` of t \
         names some"
    );
}
