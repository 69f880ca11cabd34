//! Plans of functions that run an archive, executed without Docker with an archive that ECR has, as
//! on a fresh runner.

use std::{collections::BTreeMap, fs, path::PathBuf, sync::Arc};

use jot::{
    apply::{self, Clients},
    model::{
        Content, ContextFile, Desired, Event, Form, RoleChoice, artifact::ANNOTATION_UNPACKED,
    },
    observe::{Depth, observe},
    plan,
    recipe::archive::{self, Archive, Entry, FIXED_TIME},
    remote::{Aws, Docker, Registry, aws::ZipCode, registry::NewArtifact},
};
use sha2::{Digest as _, Sha256};
use tokio::sync::{mpsc::unbounded_channel, watch};

use crate::{Ground, crowd, observe::no_docker, same, stack, world};

const SOURCE: &str = "def double(event, context):\n    return event * 2\n\n\n\
    def triple(event, context):\n    return event * 3\n";

/// A function `answer` of an archive that ECR has.
pub struct Runner<'a> {
    aws: &'a Aws,
    pub desired: Desired,
    archive: Archive,
    folder: tempfile::TempDir,
}

/// The manifest with these lines in its function.
pub fn read(ground: &Ground, folder: &tempfile::TempDir, lines: &str) -> Desired {
    let path = folder.path().join("jot.toml");
    fs::write(folder.path().join("answer.jl"), "answer(x) = x\n").unwrap();
    let (endpoint, registry) = (ground.emulator.endpoint(), ground.emulator.registry());
    let text = format!(
        "[project]\nname = \"numerics\"\n[aws]\nregion = \"eu-west-1\"\n\
         endpoint_url = \"{endpoint}\"\nregistry = \"{registry}\"\n\
         [functions.answer]\njulia = {{ source = \"answer.jl\", argument_type = \"Int\" }}\n{lines}"
    );
    fs::write(&path, text).unwrap();
    // No language makes archives yet: the test turns the recipe into one of an archive.
    let mut desired = crowd::desired(&path);
    let function = desired.functions.get_mut("answer").unwrap();
    function.config.runtime = Some("python3.12".to_owned());
    function.config.handler = Some("answer.double".to_owned());
    let recipe = function.code.recipe().unwrap();
    desired.recipes.get_mut(recipe).unwrap().form = Form::Zip;
    desired
}

impl<'a> Runner<'a> {
    pub async fn new(ground: &'a Ground, lines: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let desired = read(ground, &folder, lines);
        let aws = &ground.aws;
        aws.create_repository(&desired.repository).await.unwrap();
        let entry = Entry {
            path: "answer.py".to_owned(),
            executable: false,
            modified: FIXED_TIME,
            content: Content::Bytes(SOURCE.as_bytes().into()),
        };
        let file = folder.path().join("answer.zip");
        let archive = archive::write(vec![entry], &file).unwrap();
        let repository = format!("{}/numerics", ground.emulator.registry());
        let login = aws.registry_login(&repository).await.unwrap();
        let function = &desired.functions["answer"];
        let artifact = NewArtifact {
            file: &file,
            code: &archive.digest,
            size: archive.size,
            tag: function.code.tag(),
            title: "answer",
            annotations: &BTreeMap::from([(
                ANNOTATION_UNPACKED.to_owned(),
                archive.unpacked.to_string(),
            )]),
        };
        let registry = Registry::new(aws, &repository, &login);
        registry.push(&artifact, &mut |_| {}).await.unwrap();
        Self {
            aws,
            desired,
            archive,
            folder,
        }
    }

    /// This many functions, each with a name and a role of its own: f00, f01, ...
    pub fn multiply(&mut self, count: usize) {
        let one = self.desired.functions.remove("answer").unwrap();
        for number in 0..count {
            let name = format!("f{number:02}");
            let mut function = one.clone();
            function.key.clone_from(&name);
            function.log_group.name = format!("/aws/lambda/{name}");
            function
                .ownership
                .insert("jot:function".to_owned(), name.clone());
            if let RoleChoice::Own(role) = &mut function.role {
                role.name = format!("jot-{name}-0a1b2c3d");
                role.tags.clone_from(&function.ownership);
            }
            function.log_group.tags.clone_from(&function.ownership);
            function.name.clone_from(&name);
            self.desired.functions.insert(name, function);
        }
    }

    fn cache(&self) -> PathBuf {
        self.folder.path().join("cache")
    }

    /// The steps that remain.
    async fn left(&self) -> Vec<String> {
        let seen = observe(&self.desired, self.aws, no_docker(), Depth::Each).await;
        let plan = plan::plan(&self.desired, &seen.unwrap()).unwrap();
        plan.steps.iter().map(|step| step.id.0.clone()).collect()
    }

    /// Executes a plan; returns its steps and whether all of them were done. If they were, the
    /// world is as predicted.
    async fn apply(&self) -> (Vec<String>, bool, Vec<Event>) {
        let look = async || {
            let seen = observe(&self.desired, self.aws, no_docker(), Depth::Each);
            seen.await.unwrap()
        };
        let before = look().await;
        let plan = plan::plan(&self.desired, &before).unwrap();
        let foretold = world::execute(&plan, &self.desired, &before);
        let steps = plan.steps.iter().map(|step| step.id.0.clone()).collect();
        let clients = Clients {
            aws: Some(self.aws.clone()),
            docker: None,
            run: "carried".to_owned(),
            labels: BTreeMap::new(),
            cache: self.cache(),
            minute: jot::apply::MINUTE,
        };
        let (events, mut heard) = unbounded_channel();
        let (_stop, stop) = watch::channel(false);
        let desired = Arc::new(self.desired.clone());
        let summary = apply::apply(Arc::new(plan), desired, clients, events, stop).await;
        let told: Vec<_> = std::iter::from_fn(|| heard.try_recv().ok()).collect();
        if summary.complete() {
            same::assert_same(&foretold, &look().await);
        }
        (steps, summary.complete(), told)
    }

    pub async fn put_right(&self) -> Vec<String> {
        let (steps, complete, told) = self.apply().await;
        assert!(complete, "{told:#?}");
        assert_eq!(self.left().await, [""; 0], "something is left to do");
        steps
    }

    /// Changes the function's code outside jot.
    async fn tamper(&self, answer: &str) {
        self.tamper_with("answer", answer).await;
    }

    /// The same for the function with this name.
    pub async fn tamper_with(&self, name: &str, answer: &str) {
        let entry = Entry {
            path: "answer.py".to_owned(),
            executable: false,
            modified: FIXED_TIME,
            content: Content::Bytes(
                format!("def double(event, context):\n    return {answer}\n")
                    .into_bytes()
                    .into(),
            ),
        };
        let file = self.folder.path().join("other.zip");
        archive::write(vec![entry], &file).unwrap();
        let found = self.aws.function(name, None).await.unwrap().unwrap();
        let code = ZipCode::Bytes(fs::read(&file).unwrap());
        let updated = self
            .aws
            .update_zip_code(name, &code, "x86_64", &found.revision);
        updated.await.unwrap();
        self.aws.settled(name, None).await.unwrap();
    }

    async fn answer(&self) -> Vec<u8> {
        let answer = self.aws.invoke("answer", None, b"21", false).await;
        answer.unwrap().payload
    }
}

/// Gives the function a build of an archive on the engine, and a harness on an existing image.
fn buildable(desired: &mut Desired, project: &str) {
    desired.project = project.to_owned();
    let code = desired.functions["answer"].code.clone();
    let source = ContextFile {
        path: "answer.py".to_owned(),
        executable: false,
        sha256: hex::encode(Sha256::digest(SOURCE)),
        content: Content::Bytes(SOURCE.as_bytes().into()),
    };
    let recipe = desired.recipes.get_mut(code.recipe().unwrap()).unwrap();
    recipe.base = None;
    recipe.dockerfile = "FROM scratch\nCOPY answer.py /var/task/lib/answer.py\n".to_owned();
    recipe.context = vec![source];
    recipe.args.clear();
    let harness = desired.recipes.get_mut(code.harness().unwrap()).unwrap();
    harness.dockerfile = "FROM julia:1.5\nCOPY task/ /var/task/\n".to_owned();
}

#[tokio::test]
async fn what_a_build_leaves_becomes_the_archive_and_its_harness() {
    let ground = Ground::of(stack::ministack(), false).await;
    let folder = tempfile::tempdir().unwrap();
    let mut desired = read(&ground, &folder, "");
    let project = format!("carried-{}", std::process::id());
    buildable(&mut desired, &project);
    let docker = Docker::connect().await.unwrap();
    let connected = || async { Ok(docker.clone()) };
    let before = observe(&desired, &ground.aws, connected(), Depth::Each).await;
    let plan = plan::plan(&desired, &before.unwrap()).unwrap();
    let clients = Clients {
        aws: Some(ground.aws.clone()),
        docker: Some(docker.clone()),
        run: project.clone(),
        labels: BTreeMap::new(),
        cache: folder.path().join("cache"),
        minute: jot::apply::MINUTE,
    };
    let (events, mut heard) = unbounded_channel();
    let (_stop, stop) = watch::channel(false);
    let wanted = Arc::new(desired.clone());
    let summary = apply::apply(Arc::new(plan), wanted, clients, events, stop).await;
    let told: Vec<_> = std::iter::from_fn(|| heard.try_recv().ok()).collect();
    let function = &desired.functions["answer"];
    let labels = BTreeMap::new();
    let origin = (project.as_str(), &labels);
    let harness = apply::harness(&docker, &desired, origin, function, &mut |_| {}).await;
    let files = folder.path().join("files");
    fs::create_dir(&files).unwrap();
    let held = match &harness {
        Ok(made) => {
            let at = ("/var/task", project.as_str());
            Some(docker.export(&made.reference, at, &files).await)
        }
        Err(_) => None,
    };
    for tag in [function.code.harness(), function.code.recipe()] {
        let reference = format!("jot/{project}:{}", tag.unwrap().tag());
        docker.remove_image(&reference).await.unwrap();
    }
    assert!(summary.complete(), "{told:#?}");
    let held = held.expect("a harness").unwrap();
    assert_eq!(held.len(), 1, "{held:?}");
    assert_eq!(held[0].path, "lib/answer.py");
    assert_eq!(fs::read_to_string(&held[0].file).unwrap(), SOURCE);
}

#[tokio::test]
async fn what_ecr_holds_is_deployed_and_put_right_without_docker() {
    let ground = Ground::of(stack::ministack(), false).await;
    let tests = "tests = [{ argument = 21, expected = 42, exemplar = false }]\n";
    let mut runner = Runner::new(&ground, tests).await;
    let steps = runner.put_right().await;
    assert!(steps.contains(&"create:answer".to_owned()), "{steps:?}");
    assert!(!steps.iter().any(|step| step.starts_with("build:")));
    let found = runner.aws.function("answer", Some("live")).await.unwrap();
    let zip = found.unwrap().zip.unwrap();
    assert_eq!(zip.code, Some(runner.archive.digest.clone()));
    // A pulled archive is kept by its hash.
    let kept = format!("{}.zip", runner.archive.digest.hex());
    assert!(runner.cache().join("archives").join(kept).is_file());

    runner.tamper("1").await;
    let steps = runner.put_right().await;
    assert_eq!(steps[0], "code:answer", "{steps:?}");
    assert_eq!(runner.answer().await, b"42");

    let function = runner.desired.functions.get_mut("answer").unwrap();
    function.config.handler = Some("answer.triple".to_owned());
    function.tests[0].expected = jot::model::Expected::Json("63".to_owned());
    function.config_digest = "0123456789abcdef".to_owned();
    let steps = runner.put_right().await;
    assert_eq!(steps[0], "config:answer", "{steps:?}");
    assert!(!steps.contains(&"code:answer".to_owned()), "{steps:?}");
    assert_eq!(runner.answer().await, b"63");
}

#[tokio::test]
async fn without_an_alias_the_archive_before_is_put_back_where_tests_fail() {
    let ground = Ground::of(stack::ministack(), false).await;
    let lines =
        "deploy = { alias = false }\ntests = [{ argument = 21, expected = 7, exemplar = false }]\n";
    let mut runner = Runner::new(&ground, lines).await;
    // It is created, and its test fails: no version existed before.
    let (_, complete, _) = runner.apply().await;
    assert!(!complete);
    runner.tamper("7").await;
    assert_eq!(runner.answer().await, b"7");
    let (steps, complete, _) = runner.apply().await;
    assert_eq!(steps[0], "code:answer", "{steps:?}");
    assert!(!complete);
    assert_eq!(runner.answer().await, b"7", "what answered is put back");
    // With the right expectation the new code stays.
    let function = runner.desired.functions.get_mut("answer").unwrap();
    function.tests[0].expected = jot::model::Expected::Json("42".to_owned());
    runner.put_right().await;
    assert_eq!(runner.answer().await, b"42");
}
