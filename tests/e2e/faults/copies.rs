//! Promotions under faults: what one target's repository has is copied to another's, without
//! Docker.

use std::cell::Cell;

use serde_json::{Value, json};

use super::victim::{Judge, Subject, Victim};
use crate::{
    story::expect,
    support::{Project, Ran, Stack, http, ran, seen},
};

const FUNCTION: &str = "copied";
/// Three layers, one of them new in each turn. It is never started.
const DOCKERFILE: &str = r#"FROM scratch
COPY first /first
COPY second /second
COPY turn /turn
ENTRYPOINT ["/first"]
"#;

/// A project with two targets, each with an AWS of its own.
pub struct Copying {
    staging: Stack,
    prod: Stack,
    project: Project,
    victim: Victim,
    turn: Cell<u32>,
}

impl Copying {
    /// One that was promoted once.
    pub fn new() -> Copying {
        let (staging, prod) = (Stack::start(), Stack::start());
        let project = Project::new(&staging, "copies");
        project.write("app/Dockerfile", DOCKERFILE);
        project.write("app/first", "first\n");
        project.write("app/second", "second\n");
        project.manifest(&format!(
            "[targets.staging]\n\n[targets.prod.aws]\nendpoint_url = \"{}\"\nregistry = \"{}\"\n\n\
             [functions.{FUNCTION}]\nmemory_mb = 256\ndockerfile = {{ source = \"app\" }}\n",
            prod.proxy.url(),
            prod.proxy.address()
        ));
        let copying = Copying {
            staging,
            prod,
            project,
            victim: Victim::default(),
            turn: Cell::default(),
        };
        copying.prepare();
        copying.recovers().expect("a promotion without faults");
        copying
    }

    /// jot without Docker, with the target prod.
    fn to_prod(&self, arguments: &[&str]) -> std::process::Command {
        let mut jot = self.project.jot();
        jot.args(arguments)
            .args(["--target", "prod", "--images-from", "staging"])
            .env("DOCKER_HOST", "unix:///nowhere/docker.sock");
        jot
    }

    /// Whether prod's repository has what the alias in prod runs.
    fn serves(&self) -> Result<(), String> {
        let runs = runs(&self.prod);
        let target = "AmazonEC2ContainerRegistry_V20150921.DescribeImages";
        let name = json!({ "repositoryName": self.project.name });
        let held = seen::call(&self.prod, target, &name);
        match held.to_string().contains(&runs) {
            true => Ok(()),
            false => Err(format!("the alias runs {runs}, ECR holds {held}")),
        }
    }
}

impl Subject for Copying {
    fn words(&self) -> String {
        "a promotion".to_owned()
    }

    fn victim(&self) -> &Victim {
        &self.victim
    }

    /// Builds another image, for staging.
    fn prepare(&self) {
        self.turn.set(self.turn.get() + 1);
        self.project
            .write("app/turn", &format!("turn {}\n", self.turn.get()));
        let mut jot = self.project.jot();
        expect(ran(jot.args(["apply", "--target", "staging", "--yes"])), 0);
    }

    fn run_under(&self, judge: &Judge) -> Ran {
        self.prod.proxy.reset();
        let judge = judge.clone();
        let asked = move |operation: &str, nth| judge(operation, nth);
        self.prod.proxy.judge(asked);
        let mut jot = self.to_prod(&["apply", "--yes", "--format", "json"]);
        let ran = self.victim.run(&mut jot);
        self.prod.proxy.reset();
        ran
    }

    fn recovers(&self) -> Result<(), String> {
        let served = match self.turn.get() {
            1 => Ok(()),
            _ => self.serves(),
        };
        for arguments in [&["apply", "--yes"][..], &["plan", "--detailed-exitcode"]] {
            let ran = ran(&mut self.to_prod(arguments));
            if ran.status != Some(0) {
                return Err(format!("jot {arguments:?} without faults: {ran:#?}"));
            }
        }
        let (here, there) = (runs(&self.staging), runs(&self.prod));
        if here != there {
            return Err(format!("prod runs {there}, staging {here}"));
        }
        served.and(self.serves())
    }

    fn names(&self) -> Vec<(String, &'static str)> {
        vec![
            (self.staging.proxy.address(), "STAGING"),
            (self.prod.proxy.address(), "HOST"),
            (self.project.name.clone(), "PROJECT"),
        ]
    }
}

/// The digest that the alias runs, `sha256:` included.
fn runs(stack: &Stack) -> String {
    let (version, ..) = seen::alias(stack, FUNCTION);
    let path = format!("{FUNCTION}?Qualifier={version}");
    let answer = http::aws_lambda(&stack.behind(), "GET", &path, "").expect("an answer");
    let answer: Value = serde_json::from_slice(&answer.body).expect("JSON");
    let image = answer["Code"]["ImageUri"].as_str().unwrap_or_default();
    let (_, digest) = image.rsplit_once('@').expect("an image has a digest");
    digest.to_owned()
}
