//! A project with AWS and Docker behind proxies that inject faults, and checks that jot recovers
//! from them.

use std::{
    cell::Cell,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::{Value, json};

use super::{
    kind::Kind,
    reach,
    victim::{Judge, Subject, Victim},
};
use crate::{
    proxy::Proxy,
    signals::containers,
    support::{Project, Ran, Stack, docker, http},
};

const FUNCTION: &str = "increment";
const ECR: &str = "AmazonEC2ContainerRegistry_V20150921";
/// Two lines with the same meaning, so that the answer shows that the function serves, with either
/// of them.
const LINES: [&str; 2] = ["increment(v) = v .+ 1\n", "increment(v) = v .+ 2 .- 1\n"];
const MEMORY: [u32; 2] = [512, 640];
const ACTIONS: [&str; 2] = ["s3:GetObject", "s3:PutObject"];
/// The source of a variable's value.
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

/// jot's report of a failure.
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
    pub victim: Victim,
    /// The number of changes.
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
        reach::make_sources(&arena.stack);
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

    /// A manifest with every kind of setting that has requests of its own, all different from the
    /// turn before.
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
            &reach::tables(FUNCTION, turn),
        );
    }

    fn write_with(&self, line: usize, settings: &str, tables: &str) {
        self.project.write("increment.jl", LINES[line]);
        let memory = MEMORY[self.turn.get() % 2];
        self.project.manifest(&format!(
            "
[functions.{FUNCTION}]
memory_mb = {memory}
{settings}
julia = {{ source = \"increment.jl\", argument_type = \"Vector{{Int}}\", version = \"1.5\", \
    compile = \"none\" }}
tests = [{{ argument = [1, 2, 3], expected = [2, 3, 4], exemplar = false }}]
{tables}"
        ));
    }

    /// Gives the next apply this work.
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

    /// The digest that the function runs, and which of the lines the manifest has now, if the
    /// function exists.
    fn running(&self) -> Option<(String, usize)> {
        let answer = http::aws_lambda(&self.stack.behind(), "GET", FUNCTION, "").ok()?;
        let answer: Value = serde_json::from_slice(&answer.body).ok()?;
        let (_, digest) = answer["Code"]["ImageUri"].as_str()?.rsplit_once('@')?;
        let text = std::fs::read_to_string(self.project.path().join("increment.jl"));
        let line = usize::from(text.is_ok_and(|text| text == LINES[1]));
        Some((digest.to_owned(), line))
    }

    /// Removes every responder's image but the one that runs from ECR and Docker, so that the next
    /// is built and pushed anew.
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
                    "{{\"repositoryName\":\"{repository}\",\
                     \"imageIds\":[{{\"imageDigest\":\"{digest}\"}}]}}"
                ),
            );
            let here = format!("jot/{repository}");
            let pushed = format!("{}/{repository}", self.stack.proxy.address());
            for name in [here, pushed] {
                for tag in &tags {
                    // A missing image need not be removed.
                    let _ = Command::new("docker")
                        .args(["image", "rm", "--force", &format!("{name}:{tag}")])
                        .output();
                }
            }
        }
    }

    /// Removes the base image's names from Docker, so that the next build pulls it.
    pub fn forget_base(&self) {
        let (project, base) = (&self.project.name, self.base());
        for name in [
            format!("jot/{project}"),
            format!("{}/{project}", self.stack.proxy.address()),
        ] {
            // A missing name need not be removed.
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
        let ran = self
            .victim
            .run(&mut self.jot(&["apply", "--yes", "--format", "json"]));
        self.calm();
        ran
    }

    /// No more faults.
    pub fn calm(&self) {
        self.stack.proxy.reset();
        self.docker.reset();
    }

    /// Whether the alias answers as expected, called without the proxy.
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

    /// Whether an apply without faults succeeds, leaves nothing to do and no container, and the
    /// function serves.
    pub fn converges(&self) -> Result<(), String> {
        self.calm();
        for arguments in [&["apply", "--yes"][..], &["plan", "--detailed-exitcode"]] {
            let ran = self.victim.run(&mut self.jot(arguments));
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

/// A change of an arena's project.
pub struct Applied<'a> {
    pub arena: &'a Arena,
    pub change: Change,
}

impl<'a> Applied<'a> {
    /// The change in the run with this seed, under faults of these kinds.
    pub fn by_seed(arena: &'a Arena, kinds: &[Kind], seed: u64) -> Box<dyn Subject + 'a> {
        let change = match seed % 5 {
            0 => Change::Everything,
            _ if kinds == [Kind::Registry] || kinds == [Kind::Daemon] => Change::Everything,
            1 if kinds.contains(&Kind::RoleNotYet) => Change::Creation,
            3 => Change::Removal,
            _ => Change::Settings,
        };
        Box::new(Applied { arena, change })
    }
}

impl Subject for Applied<'_> {
    fn words(&self) -> String {
        format!("{:?}", self.change)
    }

    fn victim(&self) -> &Victim {
        &self.arena.victim
    }

    fn prepare(&self) {
        self.arena.change(self.change);
    }

    fn run_under(&self, judge: &Judge) -> Ran {
        self.arena.apply_under(judge)
    }

    fn recovers(&self) -> Result<(), String> {
        let served = match self.change {
            Change::Creation => Ok(()),
            _ => self.arena.serves(),
        };
        // In any case, since the next run begins with what this one leaves.
        let converged = self.arena.converges();
        served.and(converged)
    }

    fn names(&self) -> Vec<(String, &'static str)> {
        let arena = self.arena;
        vec![
            (arena.stack.proxy.address(), "HOST"),
            (arena.docker.address(), "SOCKET"),
            (arena.project.name.clone(), "PROJECT"),
        ]
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

/// jot's reports of failures, before its steps and in them.
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
