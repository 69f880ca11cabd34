//! Which Docker daemon jot uses: the same as the docker command.

use std::{path::Path, process::Command};

use sha2::{Digest, Sha256};

/// `jot build` in a new project, with a folder of Docker's configuration, and its stderr.
fn build(configuration: &Path, variables: &[(&str, &str)]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let jot = || {
        let mut jot = Command::new(env!("CARGO_BIN_EXE_jot"));
        jot.current_dir(folder.path())
            .env_clear()
            .env("HOME", folder.path())
            .env("JOT_RIE", "/bin/sh")
            .env("NO_COLOR", "1")
            .env("DOCKER_CONFIG", configuration);
        jot
    };
    let begun = jot()
        .args(["init", "numerics"])
        .env("DOCKER_HOST", "unix:///nowhere")
        .output();
    assert!(begun.unwrap().status.success());
    let built = jot()
        .arg("build")
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    assert_eq!(built.status.code(), Some(1), "{built:?}");
    let said = String::from_utf8(built.stderr).unwrap();
    said.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn write_context(configuration: &Path, name: &str, host: &str) {
    let digest = hex::encode(Sha256::digest(name.as_bytes()));
    let folder = configuration.join("contexts/meta").join(digest);
    std::fs::create_dir_all(&folder).unwrap();
    let meta =
        format!("{{\"Name\":\"{name}\",\"Endpoints\":{{\"docker\":{{\"Host\":\"{host}\"}}}}}}");
    std::fs::write(folder.join("meta.json"), meta).unwrap();
}

#[test]
fn the_current_context_is_asked_unless_a_variable_names_another() {
    let configuration = tempfile::tempdir().unwrap();
    let configuration = configuration.path();
    write_context(configuration, "colima", "unix:///nowhere/colima.sock");
    write_context(configuration, "build", "ssh://me@build");
    let current = "{\"currentContext\": \"colima\"}";
    std::fs::write(configuration.join("config.json"), current).unwrap();

    let said = build(configuration, &[]);
    for words in [
        "unix:///nowhere/colima.sock",
        "context `colima`",
        "docker context use",
    ] {
        assert!(said.contains(words), "{said}");
    }
    let said = build(configuration, &[("DOCKER_CONTEXT", "build")]);
    for words in ["`build`", "ssh connections", "/tmp/docker.sock"] {
        assert!(said.contains(words), "{said}");
    }
    let said = build(configuration, &[("DOCKER_CONTEXT", "gone")]);
    for words in ["`gone`", "DOCKER_CONTEXT", "build, colima, default"] {
        assert!(said.contains(words), "{said}");
    }
    let variables = [
        ("DOCKER_HOST", "unix:///nowhere/other.sock"),
        ("DOCKER_CONTEXT", "gone"),
    ];
    let said = build(configuration, &variables);
    assert!(
        said.contains("unix:///nowhere/other.sock") && !said.contains("gone"),
        "{said}"
    );
}

#[test]
fn an_address_that_leads_nowhere_says_what_to_do() {
    let configuration = tempfile::tempdir().unwrap();
    for (variables, words) in [
        (
            [("DOCKER_HOST", "https://127.0.0.1:9"), ("DOCKER_TLS", "")],
            "ca.pem does not exist",
        ),
        (
            [
                ("DOCKER_HOST", "tcp://127.0.0.1:9"),
                ("DOCKER_TLS_VERIFY", "1"),
            ],
            "DOCKER_CERT_PATH",
        ),
        (
            [("DOCKER_HOST", "tcp://127.0.0.1:9"), ("DOCKER_TLS", "1")],
            "DOCKER_TLS_VERIFY=1",
        ),
        (
            [("DOCKER_HOST", "ssh://build"), ("DOCKER_TLS", "")],
            "ssh -nNT -L",
        ),
        (
            [("DOCKER_HOST", "npipe:////./pipe/d"), ("DOCKER_TLS", "")],
            "tcp://HOST:PORT",
        ),
    ] {
        let said = build(configuration.path(), &variables);
        assert!(said.contains(words), "{said}");
    }
    std::fs::write(configuration.path().join("config.json"), "{").unwrap();
    let said = build(configuration.path(), &[]);
    assert!(
        said.contains("config.json does not have the docker command's format"),
        "{said}"
    );
}
