//! Zip archives in ministack's registry, through a proxy with faults that no emulator has.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::PathBuf,
    sync::{Arc, Mutex},
};

use jot::{
    model::{Digest, Secret, ZipArtifact, artifact::ANNOTATION_UNPACKED, recipe::RegistryLogin},
    remote::{
        Error, Registry,
        docker::Work,
        registry::{Copied, NewArtifact, PushedArtifact},
    },
};
use miette::Diagnostic;
use sha2::{Digest as _, Sha256};

use crate::{
    Ground, connect,
    proxy::{Fault, Proxy},
    repository::numerics,
    script::{Answer, Script},
    settings, stack,
};

const TAG: &str = "1111111111111111";
/// ECR's words for an immutable tag, and for a login of more than twelve hours.
const IMMUTABLE: &str = "The image tag '1111111111111111' already exists in the 'numerics' \
    repository and cannot be overwritten because the repository is immutable.";
const EXPIRED: &str = "Your authorization token has expired. Reauthenticate and try again.";

/// The repository `numerics` behind a proxy, with a login.
struct Shelf {
    ground: Ground,
    proxy: Proxy,
    registry: Registry,
    folder: tempfile::TempDir,
}

/// An archive on disk.
struct Code {
    file: PathBuf,
    bytes: Vec<u8>,
    digest: Digest,
    annotations: BTreeMap<String, String>,
}

impl Shelf {
    async fn new() -> Self {
        let ground = Ground::of(stack::ministack(), false).await;
        ground.aws.create_repository(&numerics()).await.unwrap();
        let upstream = ground.emulator.registry().parse().unwrap();
        let proxy = Proxy::start(upstream).unwrap();
        let repository = format!("{}/numerics", proxy.address());
        let login = ground.aws.registry_login(&repository).await.unwrap();
        Self {
            registry: Registry::new(&ground.aws, &repository, &login),
            folder: tempfile::tempdir().unwrap(),
            ground,
            proxy,
        }
    }

    /// An archive of `size` bytes that does not compress.
    fn code(&self, name: &str, size: usize) -> Code {
        let blocks = (0..size.div_ceil(32)).map(|n| Sha256::digest(format!("{name} {n}")));
        let mut bytes: Vec<u8> = blocks.flatten().collect();
        bytes.truncate(size);
        let file = self.folder.path().join(name);
        fs::write(&file, &bytes).unwrap();
        Code {
            digest: Digest::from_bytes(Sha256::digest(&bytes).into()),
            annotations: BTreeMap::from([(ANNOTATION_UNPACKED.to_owned(), "70".to_owned())]),
            file,
            bytes,
        }
    }

    async fn push(&self, code: &Code, tag: &str) -> Result<PushedArtifact, Error> {
        self.push_telling(code, tag, &mut |_| {}).await
    }

    async fn push_telling(
        &self,
        code: &Code,
        tag: &str,
        progress: &mut (dyn FnMut(Work) + Send),
    ) -> Result<PushedArtifact, Error> {
        let artifact = NewArtifact {
            file: &code.file,
            code: &code.digest,
            size: code.bytes.len() as u64,
            tag,
            title: "double",
            annotations: &code.annotations,
        };
        self.registry.push(&artifact, progress).await
    }

    fn counts(&self) -> Vec<(String, u64)> {
        let counts = self.proxy.counts().into_iter();
        counts
            .map(|(operation, count)| (operation.replace("registry:", ""), count))
            .collect()
    }

    async fn pull(&self, artifact: &ZipArtifact) -> Result<Vec<u8>, Error> {
        let file = self.folder.path().join("pulled.zip");
        self.registry.pull(artifact, &file, &mut |_| {}).await?;
        Ok(fs::read(file).unwrap())
    }

    /// The names in the folder, sorted.
    fn files(&self) -> Vec<String> {
        let files = fs::read_dir(self.folder.path()).unwrap();
        let mut names: Vec<String> = files
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

/// The message, the help, and whether a retry may succeed.
fn read(error: &Error) -> (String, String, bool) {
    let Error::Registry { message, again, .. } = error else {
        panic!("{error:?}")
    };
    let help = error.help().map(|help| help.to_string());
    (message.clone(), help.unwrap_or_default(), *again)
}

fn count(operation: &str, times: u64) -> (String, u64) {
    (operation.to_owned(), times)
}

#[tokio::test]
async fn what_is_copied_has_the_same_digest_and_is_sent_once() {
    let (from, to) = (Shelf::new().await, Shelf::new().await);
    let code = from.code("code.zip", 500_000);
    let pushed = from.push(&code, "one").await.unwrap().artifact;
    from.proxy.reset();
    to.proxy.reset();
    let what = (&pushed.manifest, TAG);
    let copied = to.registry.copy(&from.registry, what, &mut |_| {}).await;
    let expected = Copied {
        blobs: 2,
        archive: Some(code.digest.clone()),
    };
    assert_eq!(copied.unwrap(), expected);
    assert_eq!(
        from.counts(),
        [count("GetBlob", 2), count("GetManifest", 1)]
    );
    assert_eq!(to.proxy.uploads().bytes, 500_002);
    assert_eq!(to.registry.find(TAG).await.unwrap().unwrap(), pushed);

    to.proxy.reset();
    let again = to.registry.copy(&from.registry, what, &mut |_| {}).await;
    assert_eq!(again.unwrap().blobs, 0);
    assert_eq!(to.proxy.uploads().bytes, 0);

    let gone = Digest::from_bytes([7; 32]);
    let gone = (&gone, TAG);
    let gone = to.registry.copy(&from.registry, gone, &mut |_| {}).await;
    let (message, _, again) = read(&gone.unwrap_err());
    assert!(message.contains("it is gone") && !again, "{message}");
}

#[tokio::test]
async fn a_copy_that_breaks_off_goes_on_from_what_arrived() {
    let (from, to) = (Shelf::new().await, Shelf::new().await);
    let code = from.code("code.zip", 500_000);
    let pushed = from.push(&code, "one").await.unwrap().artifact;
    to.proxy.fail("registry:PutManifest", 500, 1);
    let what = (&pushed.manifest, TAG);
    let broken = to.registry.copy(&from.registry, what, &mut |_| {}).await;
    assert!(read(&broken.unwrap_err()).2);
    assert_eq!(to.registry.find(TAG).await.unwrap(), None);
    from.proxy.reset();
    let copied = to.registry.copy(&from.registry, what, &mut |_| {}).await;
    assert_eq!(copied.unwrap().blobs, 0);
    assert_eq!(from.counts(), [count("GetManifest", 1)]);
}

#[tokio::test]
async fn an_archive_is_pushed_once_seen_by_ecr_and_pulled() {
    let shelf = Shelf::new().await;
    let code = shelf.code("code.zip", 2_000_000);
    assert_eq!(shelf.registry.find(TAG).await.unwrap(), None);
    shelf.proxy.reset();
    let mut seen = Vec::new();
    let pushed = shelf
        .push_telling(&code, TAG, &mut |work| seen.push(work))
        .await
        .unwrap();
    assert_eq!(pushed.bytes, 2_000_000);
    assert_eq!(pushed.artifact.code, code.digest);
    assert_eq!(pushed.artifact.size, 2_000_000);
    assert_eq!(pushed.artifact.unpacked(), Some(70));
    let requests = [
        count("GetManifest", 2),
        count("HeadBlob", 2),
        count("PutBlob", 2),
        count("PutManifest", 1),
        count("StartBlob", 2),
    ];
    assert_eq!(shelf.counts(), requests);
    let uploads = shelf.proxy.uploads();
    assert_eq!((uploads.blobs, uploads.bytes), (2, 2_000_002));
    let done = seen.iter().map(|work| match work {
        Work::Bytes { done, total, doing } => {
            assert_eq!(*total, 2_000_000);
            assert_eq!(*doing, format!("pushing archive {}", code.digest.short()));
            *done
        }
        other => panic!("{other:?}"),
    });
    let done: Vec<u64> = done.collect();
    assert!(done.is_sorted() && done.len() > 1, "{done:?}");
    assert_eq!(done.last(), Some(&2_000_000));

    shelf.proxy.reset();
    let again = shelf.push(&code, TAG).await.unwrap();
    assert_eq!((again.artifact.clone(), again.bytes), (pushed.artifact, 0));
    assert_eq!(shelf.counts(), [count("GetManifest", 1)]);

    // What ECR itself says of it, with AWS's credentials alone.
    let tags = BTreeSet::from([TAG, "2222222222222222"]);
    let aws = &shelf.ground.aws;
    let before = aws.requests();
    let artifacts = aws.zip_artifacts("numerics", &tags).await.unwrap();
    assert_eq!(aws.requests() - before, 1);
    let expected = BTreeMap::from([(TAG.to_owned(), again.artifact.clone())]);
    assert_eq!(artifacts, expected);
    let images = aws.images("numerics", &tags).await.unwrap();
    assert_eq!(images[TAG].digest, again.artifact.manifest);

    assert_eq!(shelf.pull(&again.artifact).await.unwrap(), code.bytes);
    let digest = again.artifact.manifest.as_str();
    let found = shelf.registry.find(digest).await.unwrap();
    assert_eq!(found.as_ref(), Some(&again.artifact));
}

#[tokio::test]
async fn what_the_registry_has_of_another_tag_is_not_sent() {
    let shelf = Shelf::new().await;
    let code = shelf.code("code.zip", 1000);
    let first = shelf.push(&code, TAG).await.unwrap();
    shelf.proxy.reset();
    let second = shelf.push(&code, "2222222222222222").await.unwrap();
    assert_eq!((second.bytes, second.artifact), (0, first.artifact));
    assert_eq!(shelf.proxy.uploads().blobs, 0);
}

#[tokio::test]
async fn a_push_that_breaks_off_is_taken_up_again() {
    let shelf = Shelf::new().await;
    let operations = [
        "PutBlob",
        "StartBlob",
        "HeadBlob",
        "PutManifest",
        "GetManifest",
    ];
    for (n, operation) in operations.iter().enumerate() {
        let tag = format!("{n:016}");
        let code = shelf.code(&tag, 2_000_000);
        shelf.proxy.cut(&format!("registry:{operation}"));
        let broken = shelf.push(&code, &tag).await.unwrap_err();
        let (message, help, again) = read(&broken);
        assert!(again, "{operation}: {message}");
        let begin = format!("the registry {} failed: ", shelf.proxy.address());
        assert!(message.starts_with(&begin), "{operation}: {message}");
        assert!(help.starts_with("run the command again"), "{help}");
        let tags = BTreeSet::from([tag.as_str()]);
        let held = shelf.ground.aws.images("numerics", &tags).await.unwrap();
        assert!(held.is_empty(), "{operation}: {held:?}");
        let pushed = shelf.push(&code, &tag).await.unwrap();
        assert_eq!(pushed.artifact.code, code.digest, "{operation}");
    }
    for status in [429, 500, 503] {
        let tag = format!("{status:016}");
        shelf.proxy.fail("registry:StartBlob", status, 1);
        let other = shelf.code(&tag, 10);
        let (message, _, again) = read(&shelf.push(&other, &tag).await.unwrap_err());
        assert!(again, "{message}");
    }
}

#[tokio::test]
async fn a_push_that_lost_its_last_answer_is_found_by_the_next() {
    let shelf = Shelf::new().await;
    let code = shelf.code("code.zip", 1000);
    shelf.proxy.fault("registry:PutManifest", Fault::Lost, 1);
    assert!(read(&shelf.push(&code, TAG).await.unwrap_err()).2);
    shelf.proxy.reset();
    let pushed = shelf.push(&code, TAG).await.unwrap();
    assert_eq!((pushed.bytes, pushed.artifact.code), (0, code.digest));
    assert_eq!(shelf.counts(), [count("GetManifest", 1)]);
}

#[tokio::test]
async fn a_tag_that_another_run_took_is_what_that_run_pushed() {
    let shelf = Shelf::new().await;
    let theirs = shelf.code("theirs.zip", 1000);
    let ours = shelf.code("ours.zip", 1000);
    shelf.push(&theirs, TAG).await.unwrap();
    let found = shelf.push(&ours, TAG).await.unwrap();
    assert_eq!(
        (found.artifact.code, found.bytes),
        (theirs.digest.clone(), 0)
    );

    // The same, if the other archive was pushed between the check and the manifest.
    shelf.proxy.reset();
    shelf
        .proxy
        .judge(|operation, times| match (operation, times) {
            ("registry:GetManifest", 1) => Some(Fault::Refused(
                404,
                "MANIFEST_UNKNOWN",
                "Requested image not found",
            )),
            ("registry:PutManifest", _) => Some(Fault::Refused(400, "TAG_INVALID", IMMUTABLE)),
            _ => None,
        });
    let found = shelf.push(&ours, TAG).await.unwrap();
    assert_eq!((found.artifact.code, found.bytes), (theirs.digest, 1000));
}

#[tokio::test]
async fn a_refused_login_does_not_show_the_password() {
    let shelf = Shelf::new().await;
    let code = shelf.code("code.zip", 1000);
    let login = RegistryLogin {
        host: shelf.proxy.address(),
        user: "AWS".to_owned(),
        password: Secret::new("canary-77"),
    };
    let repository = format!("{}/numerics", shelf.proxy.address());
    let registry = Registry::new(&shelf.ground.aws, &repository, &login);
    shelf.proxy.judge(|_, _| {
        let said = "authentication required for user AWS";
        Some(Fault::Refused(401, "UNAUTHORIZED", said))
    });
    let error = registry.find(TAG).await.unwrap_err();
    let (message, help, again) = read(&error);
    assert!(
        !again && message.contains(" denies access: authentication required"),
        "{message}"
    );
    assert!(help.contains("`ecr:PutImage`"), "{help}");
    assert!(!format!("{error:?} {registry:?}").contains("canary-77"));

    // The answer to a HEAD has no text: only the status says it.
    shelf.proxy.reset();
    let refused = Fault::Refused(403, "DENIED", "not authorized to perform: ecr:PutImage");
    shelf.proxy.fault("registry:HeadBlob", refused, 1);
    let (message, _, again) = read(&shelf.push(&code, TAG).await.unwrap_err());
    assert!(!again && message.contains("denies access"), "{message}");

    shelf.proxy.reset();
    let refused = Fault::Refused(403, "DENIED", EXPIRED);
    shelf.proxy.fault("registry:StartBlob", refused, 1);
    let (message, _, again) = read(&shelf.push(&code, TAG).await.unwrap_err());
    assert!(again && message.contains("expired"), "{message}");
}

#[tokio::test]
async fn what_arrives_is_what_was_asked_for_or_nothing() {
    let shelf = Shelf::new().await;
    let code = shelf.code("code.zip", 300_000);
    let artifact = shelf.push(&code, TAG).await.unwrap().artifact;
    let flip: fn(&str) -> String = |text| text.replace('a', "b");
    shelf
        .proxy
        .fault("registry:GetBlob", Fault::Rewritten(flip), 1);
    let (message, _, again) = read(&shelf.pull(&artifact).await.unwrap_err());
    assert!(!again, "{message}");
    shelf.proxy.fault("registry:GetBlob", Fault::Half, 1);
    let (message, _, again) = read(&shelf.pull(&artifact).await.unwrap_err());
    assert!(again && message.contains("failed"), "{message}");
    assert_eq!(shelf.files(), ["code.zip"], "nothing is left of either");

    let edit: fn(&str) -> String = |text| text.replace("\"size\":300000", "\"size\":300001");
    shelf
        .proxy
        .fault("registry:GetManifest", Fault::Rewritten(edit), 1);
    let digest = artifact.manifest.as_str();
    let (message, ..) = read(&shelf.registry.find(digest).await.unwrap_err());
    assert!(
        message.contains(" cannot be used: its digest is sha256:"),
        "{message}"
    );
    assert_eq!(shelf.pull(&artifact).await.unwrap(), code.bytes);
}

#[tokio::test]
async fn what_is_no_archive_is_refused_and_what_is_absent_is_none() {
    let shelf = Shelf::new().await;
    let image = crate::images::push(&shelf.ground, TAG).await;
    let (message, ..) = read(&shelf.registry.find(TAG).await.unwrap_err());
    let name = format!("{}/numerics:{TAG}", shelf.proxy.address());
    assert_eq!(
        message,
        format!("{name} cannot be used: it is not a zip archive that jot pushed")
    );
    let aws = &shelf.ground.aws;
    let tags = BTreeSet::from([TAG]);
    let archives = aws.zip_artifacts("numerics", &tags).await.unwrap();
    assert!(archives.is_empty(), "{image}: {archives:?}");
    let nowhere = aws.zip_artifacts("no-such", &tags).await.unwrap();
    assert!(nowhere.is_empty(), "{nowhere:?}");

    let repository = format!("{}/no-such", shelf.proxy.address());
    let login = aws.registry_login(&repository).await.unwrap();
    let absent = Registry::new(aws, &repository, &login);
    let (message, help, again) = read(&absent.find(TAG).await.unwrap_err());
    assert!(message.contains("no-such"), "{message}");
    assert_eq!((help.as_str(), again), ("run `jot plan` again", false));
}

#[tokio::test]
async fn a_redirect_is_followed_without_the_password() {
    let storage = Script::of(vec![Answer::Http(200, "x-script: 1", "bytes".to_owned())]).await;
    let location = format!("location: {}/bucket/blob?signature=x", storage.endpoint());
    let redirect = Answer::Http(307, location.leak(), String::new());
    let script = Script::of(vec![redirect]).await;
    let aws = connect(&settings(&script.endpoint())).await;
    let host = script.endpoint().replace("http://", "");
    let login = RegistryLogin {
        host: host.clone(),
        user: "AWS".to_owned(),
        password: Secret::new("canary-77"),
    };
    let registry = Registry::new(&aws, &format!("{host}/numerics"), &login);
    let digest = |bytes: &[u8]| Digest::from_bytes(Sha256::digest(bytes).into());
    let artifact = ZipArtifact {
        manifest: digest(b""),
        code: digest(b"bytes"),
        size: 5,
        annotations: BTreeMap::new(),
    };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("code.zip");
    let told: Arc<Mutex<Vec<Work>>> = Arc::default();
    let sink = told.clone();
    let mut tell = move |work| sink.lock().unwrap().push(work);
    registry.pull(&artifact, &file, &mut tell).await.unwrap();
    assert_eq!(fs::read(&file).unwrap(), b"bytes");
    assert_eq!(told.lock().unwrap().len(), 1);
    let asked = script.seen().remove(0).to_lowercase();
    assert!(asked.contains("authorization: basic "), "{asked}");
    let asked = storage.seen().remove(0).to_lowercase();
    assert!(
        asked.starts_with("get /bucket/blob?signature=x "),
        "{asked}"
    );
    assert!(!asked.contains("authorization"), "{asked}");
}

#[tokio::test]
async fn a_refused_connection_is_final() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let host = listener.local_addr().unwrap().to_string();
    drop(listener);
    let aws = connect(&settings(&format!("http://{host}"))).await;
    let login = RegistryLogin {
        host: host.clone(),
        user: "AWS".to_owned(),
        password: Secret::new("canary-77"),
    };
    let registry = Registry::new(&aws, &format!("{host}/numerics"), &login);
    let (message, _, again) = read(&registry.find(TAG).await.unwrap_err());
    assert!(
        !again && message.to_lowercase().contains("refused"),
        "{message}"
    );
}
