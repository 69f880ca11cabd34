//! What the tests share: a recipe on a base image that exists on the machine, and clean-up by id.

use std::{
    collections::BTreeMap,
    future::Future,
    sync::atomic::{AtomicU64, Ordering},
};

use jot::{
    model::{
        Content, ContextFile, Fingerprint, Form, Recipe, RecipeRole,
        recipe::{LABEL_FINGERPRINT, LABEL_PROJECT},
    },
    remote::{
        Docker, Error,
        docker::{Base, Sandbox, Work},
    },
};
use sha2::{Digest, Sha256};

/// The base image of all builds.
pub const BASE: &str = "julia:1.5";

/// A name that no other test and no other run has.
pub fn unique(word: &str) -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    format!(
        "jot-{word}-{}-{count}-{:x}",
        std::process::id(),
        now.as_nanos()
    )
}

/// A file made by the test.
pub fn file(path: &str, bytes: impl Into<Vec<u8>>, executable: bool) -> ContextFile {
    let bytes = bytes.into();
    ContextFile {
        path: path.to_owned(),
        executable,
        sha256: hex::encode(Sha256::digest(&bytes)),
        content: Content::Bytes(bytes.into()),
    }
}

/// A recipe; its fingerprint is that of its Dockerfile and nothing else.
pub fn recipe(dockerfile: &str, context: Vec<ContextFile>) -> Recipe {
    let fingerprint = hex::encode(Sha256::digest(dockerfile.as_bytes()));
    Recipe {
        role: RecipeRole::Code,
        form: Form::Image,
        fingerprint: Fingerprint::parse(&fingerprint).unwrap(),
        base: None,
        dockerfile: dockerfile.to_owned(),
        dockerfile_path: None,
        stage: None,
        titles: Vec::new(),
        context,
        args: BTreeMap::new(),
        platform: "linux/amd64".to_owned(),
        network: None,
        secrets: BTreeMap::new(),
        ssh: BTreeMap::new(),
        labels: BTreeMap::new(),
        inputs: BTreeMap::new(),
        title: "probe".to_owned(),
        native: false,
    }
}

/// A daemon, and a project of the test's own; everything that it leaves is removed at the end.
pub struct Bench {
    pub docker: Docker,
    pub project: String,
    pub run: String,
}

impl Bench {
    /// Builds the recipe as `jot/<project>:<tag>`; returns the reports of the build too.
    pub async fn build(&self, image: &Recipe, tag: &str) -> (Result<String, Error>, Vec<Work>) {
        self.build_on(image, None, tag).await
    }

    /// The same on a base image.
    pub async fn build_on(
        &self,
        image: &Recipe,
        base: Option<&str>,
        tag: &str,
    ) -> (Result<String, Error>, Vec<Work>) {
        self.build_at(&self.docker, image, base, tag).await
    }

    /// The same at another address of the daemon.
    pub async fn build_at(
        &self,
        docker: &Docker,
        image: &Recipe,
        base: Option<&str>,
        tag: &str,
    ) -> (Result<String, Error>, Vec<Work>) {
        let mut seen = Vec::new();
        let base = base.map(|reference| self.base(reference));
        let built = docker
            .build(
                image,
                base,
                &self.name(tag),
                &self.labels(image),
                &mut |work| {
                    seen.push(work);
                },
            )
            .await;
        (built, seen)
    }

    /// A base image for builds of the test's own run.
    pub fn base<'a>(&'a self, reference: &'a str) -> Base<'a> {
        Base {
            reference,
            run: &self.run,
        }
    }

    /// What jot would call an image of the project.
    pub fn name(&self, tag: &str) -> String {
        format!("jot/{}:{tag}", self.project)
    }

    /// The labels by which images are found and removed.
    pub fn labels(&self, image: &Recipe) -> BTreeMap<String, String> {
        let labels = [
            (LABEL_PROJECT, self.project.as_str()),
            (LABEL_FINGERPRINT, image.fingerprint.as_str()),
        ];
        let owned = |(key, value): (&str, &str)| (key.to_owned(), value.to_owned());
        labels.map(owned).into()
    }

    /// A restricted container of the image.
    pub fn sandbox(&self, image: &str) -> Sandbox {
        Sandbox {
            image: image.to_owned(),
            run: self.run.clone(),
            memory_mb: 256,
            tmp_mb: 16,
            environment: BTreeMap::new(),
            port: None,
            restricted: true,
            harness: None,
        }
    }
}

/// Runs a test, then removes its containers and images, also if it failed.
pub fn with_docker<T: Future<Output = ()> + Send + 'static>(
    test: impl FnOnce(std::sync::Arc<Bench>) -> T,
) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let outcome = runtime.block_on(async {
        let docker = Docker::connect().await.unwrap();
        let project = unique("probe");
        let bench = std::sync::Arc::new(Bench {
            docker,
            run: unique("run"),
            project,
        });
        let outcome = tokio::spawn(test(bench.clone())).await;
        bench.docker.remove_run(&bench.run).await.unwrap();
        for id in labelled(&bench.project) {
            remove_image(&id);
        }
        outcome
    });
    if let Err(failed) = outcome {
        std::panic::resume_unwind(failed.into_panic());
    }
}

/// The output of the `docker` command.
pub fn docker(arguments: &[&str]) -> String {
    let ran = std::process::Command::new("docker")
        .args(arguments)
        .output();
    let ran = ran.unwrap();
    assert!(ran.status.success(), "{arguments:?}: {ran:?}");
    String::from_utf8(ran.stdout).unwrap()
}

/// The ids of all images with the project's label, each once.
fn labelled(project: &str) -> std::collections::BTreeSet<String> {
    let filter = format!("label={LABEL_PROJECT}={project}");
    let ids = docker(&["image", "ls", "--quiet", "--no-trunc", "--filter", &filter]);
    ids.lines().map(str::to_owned).collect()
}

/// By id, with every name that it has.
/// A container that has not ended yet keeps its image for a while.
fn remove_image(id: &str) {
    let remove = || {
        let ran = std::process::Command::new("docker")
            .args(["image", "rm", "--force", id])
            .output();
        ran.unwrap()
    };
    let mut ran = remove();
    for _ in 0..60 {
        if ran.status.success() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_secs(1));
        ran = remove();
    }
    panic!("{id}: {ran:?}");
}
