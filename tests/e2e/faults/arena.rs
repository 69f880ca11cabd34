//! A project whose AWS and whose Docker are reached through proxies that inject faults, and that sees to it that jot
//! gets over them.

use std::{
    cell::Cell,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{Arc, Mutex, PoisonError},
    thread::sleep,
    time::Duration,
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use serde_json::{Value, json};

use crate::{
    proxy::{Fault, Hook, Proxy},
    signals::containers,
    support::{Project, Ran, Stack, docker, http},
};

const FUNCTION: &str = "increment";
const ECR: &str = "AmazonEC2ContainerRegistry_V20150921";
/// Two ways to say the same, so that the answer tells whether the function serves, whichever it runs.
const LINES: [&str; 2] = ["increment(v) = v .+ 1\n", "increment(v) = v .+ 2 .- 1\n"];
const MEMORY: [u32; 2] = [512, 640];
const ACTIONS: [&str; 2] = ["s3:GetObject", "s3:PutObject"];
/// Where a variable's value comes from.
const PARAMETER: &str = "/faults/word";

/// What the next apply has to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Other settings: of function and role, and another tag of the image.
    Settings,
    /// Most settings leave the manifest.
    Removal,
    /// Another responder, to be built, tested, pushed and deployed, and other settings.
    Everything,
    /// Everything is new.
    Creation,
}

/// The process that signals go to.
type Victim = Arc<Mutex<Option<Pid>>>;

/// A fault for a request, by its operation and how many there were of it.
pub type Judge = Arc<dyn Fn(&str, u64) -> Option<Fault> + Send + Sync>;

/// What jot said of a failure.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Told {
    /// The step's name, such as `alias`; empty before the first.
    pub step: String,
    pub message: String,
    pub help: Option<String>,
}

pub struct Arena {
    pub stack: Stack,
    pub docker: Proxy,
    pub project: Project,
    victim: Victim,
    /// How many changes there were.
    turn: Cell<usize>,
    folder: tempfile::TempDir,
}

impl Arena {
    /// A project that was never applied.
    pub fn new(label: &str) -> Arena {
        let stack = Stack::start();
        let folder = tempfile::tempdir().expect("a folder for the socket");
        let socket = folder.path().join("docker.sock");
        let docker = Proxy::on_socket(&socket, &daemon()).expect("a socket can be made");
        let project = Project::new(&stack, label);
        let arena = Arena {
            stack,
            docker,
            project,
            victim: Victim::default(),
            turn: Cell::new(0),
            folder,
        };
        arena.set_parameter();
        arena.make_sources();
        arena.write(0);
        arena
    }

    /// A project that was applied.
    pub fn applied(label: &str) -> Arena {
        let arena = Arena::new(label);
        arena.converges().expect("a first apply without faults");
        arena
    }

    fn set_parameter(&self) {
        let body = json!({ "Name": PARAMETER, "Value": "word", "Type": "SecureString" });
        let target = "AmazonSSM.PutParameter";
        let answer = http::aws_json(&self.stack.behind(), target, &body.to_string());
        assert_eq!(answer.expect("ministack answers").status, 200);
    }

    /// What calls the function: a bucket, a topic, a queue.
    fn make_sources(&self) {
        let behind = self.stack.behind();
        let here = "<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>";
        let made = [
            http::aws_rest(&behind, "s3", ("PUT", "/incoming"), here),
            http::aws_form(
                &behind,
                "sns",
                "Action=CreateTopic&Name=news&Version=2010-03-31",
            ),
            http::aws_json(&behind, "AmazonSQS.CreateQueue", r#"{"QueueName":"jobs"}"#),
        ];
        for answer in made {
            assert_eq!(answer.expect("ministack answers").status, 200);
        }
    }

    /// Everything that may call the function, and where outcomes go; each another one than in the turn before.
    fn reach(&self) -> String {
        let turn = self.turn.get();
        let (number, queue) = (turn % 2, "arn:aws:sqs:eu-west-1:000000000000:jobs");
        format!(
            r#"
[functions.{FUNCTION}.url]
auth = "iam"
cors = {{ origins = ["https://example.org"], max_age_s = {turn} }}
[functions.{FUNCTION}.permissions.partner]
principal = "11111111111{number}"
[functions.{FUNCTION}.async]
retries = {number}
on_failure = {{ arn = "{queue}" }}
[functions.{FUNCTION}.triggers.arrivals]
s3 = "incoming"
on = ["ObjectCreated:*"]
prefix = "turn-{turn}/"
[functions.{FUNCTION}.triggers.news]
sns = "arn:aws:sns:eu-west-1:000000000000:news"
filter_policy = {{ turn = ["{turn}"] }}
[functions.{FUNCTION}.triggers.orders]
event_pattern = {{ source = ["turn-{turn}"] }}
[functions.{FUNCTION}.triggers.yearly]
schedule = "rate({} days)"
[functions.{FUNCTION}.triggers.jobs]
sqs = "{queue}"
batch_size = {}
"#,
            365 + number,
            number + 1
        )
    }

    /// A manifest with every kind of setting that has requests of its own, and none like those of the turn before.
    fn write(&self, line: usize) {
        let turn = self.turn.get();
        let statement = json!({ "Effect": "Allow", "Action": ACTIONS[turn % 2], "Resource": "*" });
        let policy = json!({ "Version": "2012-10-17", "Statement": [statement] });
        self.project.write("policy.json", &policy.to_string());
        let subnet = turn % 2;
        let reserved = 5 + turn % 2;
        self.write_with(
            line,
            &format!(
                r#"policy_file = "policy.json"
reserved_concurrency = {reserved}
vpc = {{ subnets = ["subnet-{subnet}"], security_groups = ["sg-1"] }}
environment = {{ WORD = {{ from_ssm = "{PARAMETER}" }} }}
build = {{ extra_tags = ["turn-{turn}"] }}"#
            ),
            &self.reach(),
        );
    }

    fn write_with(&self, line: usize, settings: &str, tables: &str) {
        self.project.write("increment.jl", LINES[line]);
        let memory = MEMORY[self.turn.get() % 2];
        self.project.manifest(&format!(
            r#"
[functions.{FUNCTION}]
memory_mb = {memory}
{settings}
julia = {{ source = "increment.jl", argument_type = "Vector{{Int}}", version = "1.5", compile = "none" }}
tests = [{{ argument = [1, 2, 3], expected = [2, 3, 4], exemplar = false }}]
{tables}"#
        ));
    }

    /// Makes the next apply have this to do.
    pub fn change(&self, change: Change) {
        let turn = self.turn.get() + 1;
        self.turn.set(turn);
        let running = self.running();
        let line = usize::from(running.as_ref().is_some_and(|(_, line)| *line == 0));
        match change {
            Change::Settings => self.write(1 - line),
            Change::Removal => {
                self.write(1 - line);
                self.converges().expect("an apply without faults");
                self.write_with(1 - line, "", "");
            }
            Change::Everything => {
                self.write(line);
                self.forget_images(running.map(|(digest, _)| digest));
            }
            Change::Creation => {
                let destroyed = self.project.run(&["destroy", "--yes"]);
                assert_eq!(destroyed.status, Some(0), "{destroyed:#?}");
                docker::remove("image", &self.label());
            }
        }
    }

    fn label(&self) -> String {
        format!("label=dev.jot.project={}", self.project.name)
    }

    /// The digest that the function runs, and which of the lines the manifest has now, if there is a function.
    fn running(&self) -> Option<(String, usize)> {
        let answer = http::aws_lambda(&self.stack.behind(), "GET", FUNCTION, "").ok()?;
        let answer: Value = serde_json::from_slice(&answer.body).ok()?;
        let (_, digest) = answer["Code"]["ImageUri"].as_str()?.rsplit_once('@')?;
        let text = std::fs::read_to_string(self.project.path().join("increment.jl"));
        let line = usize::from(text.is_ok_and(|text| text == LINES[1]));
        Some((digest.to_owned(), line))
    }

    /// Takes from ECR and Docker every responder's image but the one that runs, so that the next is built and pushed anew.
    fn forget_images(&self, running: Option<String>) {
        let repository = &self.project.name;
        let call = |operation: &str, body: String| {
            let answer = http::aws_json(&self.stack.behind(), &format!("{ECR}.{operation}"), &body);
            let answer = answer.expect("ministack answers");
            serde_json::from_slice::<Value>(&answer.body).expect("JSON")
        };
        let found = call(
            "DescribeImages",
            format!(r#"{{"repositoryName":"{repository}"}}"#),
        );
        let base = self.base();
        for image in found["imageDetails"].as_array().into_iter().flatten() {
            let digest = image["imageDigest"].as_str().unwrap_or_default();
            let tags = image["imageTags"].as_array().into_iter().flatten();
            let tags: Vec<&str> = tags.filter_map(Value::as_str).collect();
            if running.as_deref() == Some(digest) || tags.contains(&base.as_str()) {
                continue;
            }
            call(
                "BatchDeleteImage",
                format!(
                    r#"{{"repositoryName":"{repository}","imageIds":[{{"imageDigest":"{digest}"}}]}}"#
                ),
            );
            let here = format!("jot/{repository}");
            let pushed = format!("{}/{repository}", self.stack.proxy.address());
            for name in [here, pushed] {
                for tag in &tags {
                    // What is not there need not go.
                    let _ = Command::new("docker")
                        .args(["image", "rm", "--force", &format!("{name}:{tag}")])
                        .output();
                }
            }
        }
    }

    /// Takes the base image's names from Docker, so that the next build pulls it.
    pub fn forget_base(&self) {
        let (project, base) = (&self.project.name, self.base());
        for name in [
            format!("jot/{project}"),
            format!("{}/{project}", self.stack.proxy.address()),
        ] {
            // What is not there need not go.
            let _ = Command::new("docker")
                .args(["image", "rm", "--force", &format!("{name}:{base}")])
                .output();
        }
    }

    /// The tag of the base image.
    fn base(&self) -> String {
        let folder = tempfile::tempdir().expect("a folder for contexts");
        let path = folder.path().join("contexts").display().to_string();
        let written = self.project.run(&["build", "--context", &path]);
        let folder = written
            .stdout
            .lines()
            .find_map(|line| line.rsplit_once("/base-"));
        folder.expect("a base image").1.to_owned()
    }

    /// jot with Docker behind the proxy.
    pub fn jot(&self, arguments: &[&str]) -> Command {
        let mut jot = self.project.jot();
        let socket = self.folder.path().join("docker.sock");
        jot.args(arguments)
            .env("DOCKER_HOST", format!("unix://{}", socket.display()));
        jot
    }

    /// Applies while `judge` decides on every request to AWS, the registry and Docker.
    pub fn apply_under(&self, judge: &Judge) -> Ran {
        self.calm();
        for proxy in [&self.stack.proxy, &self.docker] {
            let judge = judge.clone();
            proxy.judge(move |operation, nth| judge(operation, nth));
        }
        let ran = self.watched(&mut self.jot(&["apply", "--yes", "--format", "json"]));
        self.calm();
        ran
    }

    fn watched(&self, jot: &mut Command) -> Ran {
        let child = jot
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let child = child.expect("jot starts");
        let id = i32::try_from(child.id()).expect("an id of a process");
        *self.victim.lock().unwrap_or_else(PoisonError::into_inner) = Some(Pid::from_raw(id));
        let output = child.wait_with_output().expect("jot ends");
        *self.victim.lock().unwrap_or_else(PoisonError::into_inner) = None;
        Ran {
            status: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Sends jot a signal.
    pub fn signal(&self, signal: Signal) -> Hook {
        let victim = self.victim.clone();
        Arc::new(move || {
            // A request may be here before the test knows the process's id.
            for _ in 0..1000 {
                if let Some(id) = *victim.lock().unwrap_or_else(PoisonError::into_inner) {
                    // It may have ended just now.
                    let _ = kill(id, signal);
                    return;
                }
                sleep(Duration::from_millis(1));
            }
        })
    }

    /// No more faults.
    pub fn calm(&self) {
        self.stack.proxy.reset();
        self.docker.reset();
    }

    /// Whether the alias answers as it should, seen past the proxy.
    pub fn serves(&self) -> Result<(), String> {
        let path = format!("{FUNCTION}/invocations?Qualifier=live");
        let answer = http::aws_lambda(&self.stack.behind(), "POST", &path, "[1, 2, 3]");
        let answer = answer.map_err(|error| format!("no answer through the alias: {error}"))?;
        let fine = answer.status == 200 && answer.header("x-amz-function-error").is_none();
        let value: Option<Value> = serde_json::from_slice(&answer.body).ok();
        if fine && value == Some(serde_json::json!([2, 3, 4])) {
            return Ok(());
        }
        Err(format!(
            "through the alias: {} {}",
            answer.status,
            answer.text()
        ))
    }

    /// Whether an apply without faults succeeds, leaves nothing to do and no container, and the function serves.
    pub fn converges(&self) -> Result<(), String> {
        self.calm();
        for arguments in [&["apply", "--yes"][..], &["plan", "--detailed-exitcode"]] {
            let ran = self.watched(&mut self.jot(arguments));
            if ran.status != Some(0) {
                return Err(format!("jot {arguments:?} without faults: {ran:#?}"));
            }
        }
        let left = containers(&self.project);
        if !left.is_empty() {
            return Err(format!("containers are left: {left:?}"));
        }
        self.serves()
    }
}

/// The daemon's socket.
fn daemon() -> PathBuf {
    let host = std::env::var("DOCKER_HOST").unwrap_or_default();
    let path = host
        .strip_prefix("unix://")
        .unwrap_or("/var/run/docker.sock");
    Path::new(path).to_owned()
}

/// What jot said of failures, before its steps and in them.
pub fn told(ran: &Ran) -> Vec<Told> {
    let documents = ran
        .stdout
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let told = |document: Value| {
        let step = text(&document["step"]).unwrap_or_default();
        let problem = match &document["error"] {
            Value::Null => &document["problem"],
            error => error,
        };
        Some(Told {
            step: step.split(':').next().unwrap_or_default().to_owned(),
            message: text(&problem["message"])?,
            help: text(&problem["help"]),
        })
    };
    documents.filter_map(told).collect()
}
