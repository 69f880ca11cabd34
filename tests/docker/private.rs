//! Base images in a registry that requires a password, and the configuration of the docker command.

use std::{
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    sync::{Arc, Mutex},
    thread,
};

use aws_smithy_types::base64;
use flate2::{Compression, write::GzEncoder};
use jot::remote::Docker;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::support::{Bench, recipe, unique, with_docker};

const MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
const SECRET: &str = "canary-77";

/// A registry with one image, `private:1`, for one user.
struct Registry {
    host: String,
    /// Requests without the password.
    refused: Arc<Mutex<usize>>,
}

/// What is at a path: the type of its content, and the content.
type Contents = Arc<Vec<(String, &'static str, Vec<u8>)>>;

impl Registry {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let contents: Contents = Arc::new(contents());
        let refused = Arc::new(Mutex::new(0));
        let counted = refused.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (contents, refused) = (contents.clone(), counted.clone());
                thread::spawn(move || serve(stream, &contents, &refused));
            }
        });
        Self { host, refused }
    }

    fn image(&self) -> String {
        format!("{}/private:1", self.host)
    }
}

fn contents() -> Vec<(String, &'static str, Vec<u8>)> {
    let digest = |bytes: &[u8]| format!("sha256:{}", hex::encode(Sha256::digest(bytes)));
    let mut archive = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    let text = unique("content");
    header.set_size(text.len() as u64);
    header.set_mode(0o644);
    archive
        .append_data(&mut header, "private", text.as_bytes())
        .unwrap();
    let archive = archive.into_inner().unwrap();
    let mut layer = GzEncoder::new(Vec::new(), Compression::fast());
    layer.write_all(&archive).unwrap();
    let layer = layer.finish().unwrap();
    let config = json!({
        "architecture": "amd64", "os": "linux", "config": {},
        "rootfs": {"type": "layers", "diff_ids": [digest(&archive)]},
    });
    let config = serde_json::to_vec(&config).unwrap();
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": {
            "mediaType": "application/vnd.docker.container.image.v1+json",
            "size": config.len(), "digest": digest(&config),
        },
        "layers": [{
            "mediaType": "application/vnd.docker.image.rootfs.diff.tar.gzip",
            "size": layer.len(), "digest": digest(&layer),
        }],
    });
    let manifest = serde_json::to_vec(&manifest).unwrap();
    let blob = |bytes: &[u8]| format!("/v2/private/blobs/{}", digest(bytes));
    let bytes = "application/octet-stream";
    vec![
        ("/v2/".to_owned(), "application/json", b"{}".to_vec()),
        (
            "/v2/private/manifests/1".to_owned(),
            MANIFEST,
            manifest.clone(),
        ),
        (
            format!("/v2/private/manifests/{}", digest(&manifest)),
            MANIFEST,
            manifest,
        ),
        (blob(&config), bytes, config),
        (blob(&layer), bytes, layer),
    ]
}

/// Answers the requests of one connection.
fn serve(stream: TcpStream, contents: &Contents, refused: &Mutex<usize>) {
    let Ok(mut writer) = stream.try_clone() else {
        return;
    };
    let allowed = format!("Basic {}", base64::encode(format!("user:{SECRET}")));
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    while let Some(first) = lines.next() {
        let mut known = false;
        for line in lines.by_ref().take_while(|line| !line.is_empty()) {
            known |= line.split_once(": ").is_some_and(|(name, value)| {
                name.eq_ignore_ascii_case("authorization") && value == allowed
            });
        }
        let mut words = first.split(' ');
        let (method, path) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
        let found = contents.iter().find(|(place, _, _)| place == path);
        let (status, headers, body) = match found {
            _ if !known => {
                *refused.lock().unwrap() += 1;
                let challenge = "WWW-Authenticate: Basic realm=\"private\"\r\n".to_owned();
                ("401 Unauthorized", challenge, Vec::new())
            }
            None => ("404 Not Found", String::new(), Vec::new()),
            Some((_, kind, body)) => {
                let digest = hex::encode(Sha256::digest(body));
                let headers =
                    format!("Content-Type: {kind}\r\nDocker-Content-Digest: sha256:{digest}\r\n");
                ("200 OK", headers, body.clone())
            }
        };
        let head = format!(
            "HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\n\r\n",
            body.len()
        );
        let body = if method == "HEAD" {
            &[]
        } else {
            body.as_slice()
        };
        if writer.write_all(&[head.as_bytes(), body].concat()).is_err() {
            return;
        }
    }
}

/// The same bench with this configuration of the docker command.
async fn configured(bench: &Bench, folder: &Path, config: &serde_json::Value) -> Bench {
    std::fs::write(folder.join("config.json"), config.to_string()).unwrap();
    Bench {
        docker: Docker::connect_configured(folder).await.unwrap(),
        run: bench.run.clone(),
        project: bench.project.clone(),
    }
}

#[test]
fn a_private_base_is_built_upon_once_somebody_logged_in() {
    with_docker(|bench| async move {
        let registry = Registry::start();
        let folder = tempfile::tempdir().unwrap();
        let base = recipe(&format!("FROM {}\nLABEL l=1\n", registry.image()), vec![]);

        let without = configured(&bench, folder.path(), &json!({})).await;
        let refused = without.build(&base, "a").await.0.unwrap_err();
        assert!(
            refused.to_string().contains("401 Unauthorized"),
            "{refused}"
        );

        let auth = base64::encode(format!("user:{SECRET}"));
        let config = json!({"auths": {&registry.host: {"auth": auth}}});
        let with = configured(&bench, folder.path(), &config).await;
        with.build(&base, "a").await.0.unwrap();
        assert!(*registry.refused.lock().unwrap() > 0);
    });
}

#[test]
fn a_helper_program_that_fails_is_the_reason_and_nothing_secret_is_said() {
    with_docker(|bench| async move {
        let registry = Registry::start();
        let folder = tempfile::tempdir().unwrap();
        let config = json!({"credHelpers": {&registry.host: "no-such-helper-of-jot"}});
        let bench = configured(&bench, folder.path(), &config).await;
        let base = recipe(&format!("FROM {}\nLABEL l=2\n", registry.image()), vec![]);
        let error = bench.build(&base, "a").await.0.unwrap_err().to_string();
        assert!(
            error.contains("docker-credential-no-such-helper-of-jot"),
            "{error}"
        );
        assert!(error.contains("PATH"), "{error}");
    });
}

#[test]
fn proxies_of_the_configuration_are_build_arguments_that_the_manifest_overrides() {
    with_docker(|bench| async move {
        let folder = tempfile::tempdir().unwrap();
        let config = json!({"proxies": {"default": {
            "httpProxy": format!("http://user:{SECRET}@proxy.example:1"), "noProxy": "*.example",
        }}});
        let bench = configured(&bench, folder.path(), &config).await;
        let word = unique("word");
        let text = format!(
            "FROM {}\nRUN : {word} && test \"$http_proxy\" = \"$HTTP_PROXY\" \
             && test \"$NO_PROXY\" = mine \
             && case \"$HTTP_PROXY\" in *{SECRET}@proxy.example:1) ;; *) exit 7 ;; esac\n",
            crate::support::BASE
        );
        let mut image = recipe(&text, vec![]);
        image.args.insert("NO_PROXY".to_owned(), "mine".to_owned());
        bench.build(&image, "a").await.0.unwrap();
    });
}
