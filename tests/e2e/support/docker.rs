//! Docker's own client, for work that jot does not do.

use std::{
    io::Write,
    process::{Command, Stdio},
};

/// Runs `docker` and returns its output; if it fails, so does the test.
pub fn docker(arguments: &[&str]) -> String {
    docker_with(arguments, &[])
}

/// Like [`docker`], with the engine at that address.
pub fn docker_at(engine: &str, arguments: &[&str]) -> String {
    docker(&[&["--host", engine], arguments].concat())
}

/// Like [`docker`], with something on its standard input.
pub fn docker_with(arguments: &[&str], input: &[u8]) -> String {
    let mut child = Command::new("docker")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("there is no docker: run the end-to-end tests with scripts/test");
    child
        .stdin
        .take()
        .expect("stdin is piped")
        .write_all(input)
        .expect("docker reads its input");
    let output = child.wait_with_output().expect("docker ends");
    assert!(
        output.status.success(),
        "docker {arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// Removes a name of an image on the engine at that address. Never fails either.
pub fn untag_at(engine: &str, name: &str) {
    let _ = Command::new("docker")
        .args(["--host", engine, "image", "rm", name])
        .output();
}

/// Removes every container or image that a filter finds. Never fails: it runs while a test is
/// ending.
pub fn remove(kind: &str, filter: &str) {
    remove_at(None, kind, filter);
}

/// Like [`remove`], on the engine at that address.
pub fn remove_at(engine: Option<&str>, kind: &str, filter: &str) {
    let list = match kind {
        "container" => ["ps", "--all"],
        _ => ["images", "--all"],
    };
    let client = || {
        let mut client = Command::new("docker");
        client.envs(engine.map(|engine| ("DOCKER_HOST", engine)));
        client
    };
    let Ok(found) = client()
        .args(list)
        .args(["--quiet", "--filter", filter])
        .output()
    else {
        return;
    };
    let found = String::from_utf8_lossy(&found.stdout).into_owned();
    let ids: std::collections::BTreeSet<&str> = found.split_whitespace().collect();
    if ids.is_empty() {
        return;
    }
    if kind == "image" {
        // The emulator keeps functions' containers warm, and an image in use cannot be removed.
        for id in &ids {
            remove_at(engine, "container", &format!("ancestor={id}"));
        }
    }
    let _ = client().args([kind, "rm", "--force"]).args(ids).output();
}
