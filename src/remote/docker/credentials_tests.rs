use std::os::unix::fs::PermissionsExt;

use super::*;

fn config(text: &str) -> Config {
    serde_json::from_str(text).unwrap()
}

async fn shown(config: &Config, host: &str) -> Option<(String, String)> {
    let found = config.credential(host).await.unwrap();
    Some((found.user, found.secret?.reveal().to_owned()))
}

fn pair(user: &str, secret: &str) -> Option<(String, String)> {
    Some((user.to_owned(), secret.to_owned()))
}

#[tokio::test]
async fn what_docker_login_writes_is_found_by_host() {
    let config = config(
        r#"{"auths": {
        "https://index.docker.io/v1/": {"auth": "aHViOnB3"},
        "registry.example:5000": {"auth": "dTpwOnEA"},
        "https://old.example/v1/": {"username": "u", "password": "p"},
        "token.example": {"auth": "dTo=", "identitytoken": "t"},
        "empty.example": {}
    }}"#,
    );
    for host in HUB_HOSTS {
        assert_eq!(shown(&config, host).await, pair("hub", "pw"));
    }
    assert_eq!(
        shown(&config, "registry.example:5000").await,
        pair("u", "p:q")
    );
    assert_eq!(shown(&config, "old.example").await, pair("u", "p"));
    assert_eq!(shown(&config, "token.example").await, pair("", "t"));
    for host in ["empty.example", "other.example", "registry.example"] {
        assert_eq!(shown(&config, host).await, None, "{host}");
    }
}

#[tokio::test]
async fn an_entry_that_cannot_be_read_is_an_error_without_it() {
    let config = config(r#"{"auths": {"h.example": {"auth": "canary-77"}}}"#);
    let error = config.credential("h.example").await.unwrap_err();
    let text = format!("{error} {error:?}");
    assert!(
        text.contains("docker login h.example") && !text.contains("canary"),
        "{text}"
    );
}

#[tokio::test]
async fn the_projects_own_registry_is_shown_ecrs_token() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = format!("tcp://{}", listener.local_addr().unwrap());
    let docker = Docker::connect_to(&host).await.unwrap();
    let docker = docker.knowing(RegistryLogin {
        host: "1.dkr.ecr.eu-west-1.amazonaws.com".to_owned(),
        user: "AWS".to_owned(),
        password: Secret::new("token"),
    });
    let own = docker
        .credential("1.dkr.ecr.eu-west-1.amazonaws.com")
        .await
        .unwrap();
    assert_eq!(
        (own.user.as_str(), own.secret),
        ("AWS", Some(Secret::new("token")))
    );
    let header = docker
        .registry_config("FROM 1.dkr.ecr.eu-west-1.amazonaws.com/base:1\n")
        .await
        .unwrap();
    let (name, value) = header.unwrap();
    assert_eq!(name, "x-registry-config");
    let sent = value.to_str().unwrap().replace('-', "+").replace('_', "/");
    let sent = base64::decode(sent).unwrap();
    let sent: serde_json::Value = serde_json::from_slice(&sent).unwrap();
    assert_eq!(
        sent["1.dkr.ecr.eu-west-1.amazonaws.com"]["password"],
        "token"
    );
    assert!(!format!("{docker:?} {value:?}").contains("token"));
}

/// A helper program that does what `script` says.
fn helper(folder: &tempfile::TempDir, script: &str) -> String {
    let path = folder.path().join("docker-credential-test");
    std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path.display().to_string()
}

const LIMIT: Duration = Duration::from_secs(30);

#[tokio::test]
async fn a_helper_reads_the_registry_and_answers() {
    let folder = tempfile::tempdir().unwrap();
    let script = concat!(
        r#"[ "$*" = get ] && read r && "#,
        r#"printf '{"ServerURL":"%s","Username":"u","Secret":"of %s"}' "$r" "$r""#,
    );
    let program = helper(&folder, script);
    let found = ask(&program, "h.example", LIMIT).await.unwrap();
    assert_eq!(found.user, "u");
    assert_eq!(found.secret.unwrap().reveal(), "of h.example");

    let program = helper(&folder, r#"echo '{"Username":"<token>","Secret":"t"}'"#);
    assert_eq!(ask(&program, "h", LIMIT).await.unwrap().user, "");
    let program = helper(
        &folder,
        "echo credentials not found in native keychain; exit 1",
    );
    assert_eq!(
        ask(&program, "h", LIMIT).await.unwrap(),
        Credential::default()
    );
}

#[tokio::test]
async fn a_helper_that_fails_or_hangs_is_said_without_its_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let program = helper(
        &folder,
        "echo the keychain is locked; echo canary-77 >&2; exit 3",
    );
    let why = ask(&program, "h", LIMIT).await.unwrap_err();
    assert_eq!(why, "the keychain is locked (exit status: 3)");
    for script in [
        r#"echo '{"Username":"u","Secret":"canary-77"}'; exit 1"#,
        r#"echo '{"Username":7,"Secret":"canary-77"}'"#,
    ] {
        let why = ask(&helper(&folder, script), "h", LIMIT).await.unwrap_err();
        assert!(!why.contains("canary-77"), "{why}");
    }
    let program = helper(&folder, "exec sleep 600");
    let why = ask(&program, "h", Duration::from_millis(50))
        .await
        .unwrap_err();
    assert_eq!(why, "it did not answer within 50ms");
    let why = ask("/no/docker-credential-x", "h", LIMIT)
        .await
        .unwrap_err();
    assert_eq!(why, "it is not on the PATH");

    let config = config(r#"{"credHelpers": {"h.example": "no-such-helper-of-jot"}}"#);
    let error = config.credential("h.example").await.unwrap_err();
    assert!(
        error
            .to_string()
            .contains("docker-credential-no-such-helper-of-jot"),
        "{error}"
    );
    // Another registry does not use that helper.
    assert_eq!(shown(&config, "other.example").await, None);
}

#[test]
fn the_registries_of_a_dockerfile_are_those_of_from_and_of_copies() {
    let dockerfile = "ARG X\nFROM --platform=$P r.example:5000/a/b:1 AS one\nFROM ${X}\n\
                      from julia:1.5\n\
                      COPY --from=localhost/c /a /b\nRUN --mount=type=bind,from=x true\n\
                      COPY --from=one /a /b\n";
    assert_eq!(
        registries(dockerfile),
        ["docker.io", "localhost", "r.example:5000"]
    );
}
