//! Shifts of traffic and rollbacks under faults. The function runs images that are never started,
//! and its calls are put into CloudWatch: the checks read only the alias.

use std::{cell::RefCell, thread::sleep, time::Duration};

use serde_json::{Value, json};

use super::victim::{Judge, Subject, Victim};
use crate::support::{Project, Ran, Stack, http, metrics, ran, seen};

const FUNCTION: &str = "count";
/// Releases that are kept.
const KEPT: u32 = 2;
/// Milliseconds of a minute of the steps.
const MINUTE_MS: &str = "40";
const TRAFFIC: &str = "steps = [10, 50], step_minutes = 1, hold_minutes = 4, \
    watch_minutes = 4, min_calls = 50, alarms = [\"quiet\"]";

/// jot's task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// Releases a good version by its steps.
    Shift,
    /// Refuses a bad one.
    Refused,
    /// Releases a good one with other provisioned concurrency.
    Provisioned,
    /// Goes back to the release before.
    Rollback,
}

/// A function with releases.
pub struct Releases {
    stack: Stack,
    project: Project,
    victim: Victim,
    at: RefCell<At>,
}

/// What the manifest requests, and the state before the run.
#[derive(Clone, Debug, Default)]
struct At {
    turn: u32,
    provisioned: u32,
    /// The release that has all traffic, and the one before it.
    releases: Vec<String>,
    /// The digest that the first of them runs.
    runs: String,
}

impl Releases {
    /// A function with as many releases as are kept, so that each further one retires a version.
    pub fn new(label: &str) -> Releases {
        let stack = Stack::start();
        let project = Project::new(&stack, label);
        let releases = Releases {
            stack,
            project,
            victim: Victim::default(),
            at: RefCell::default(),
        };
        releases.make_alarm();
        for _ in 0..=KEPT {
            releases.ask(0, 0);
            releases.clean(&["apply", "--yes"], 0).expect("a release");
        }
        releases
    }

    /// The alarm of the steps, which never has data.
    fn make_alarm(&self) {
        let alarm = json!({
            "AlarmName": "quiet", "Namespace": "Quiet", "MetricName": "Quiet", "Statistic": "Sum",
            "Period": 60, "EvaluationPeriods": 1, "Threshold": 1.0,
            "ComparisonOperator": "GreaterThanThreshold",
        });
        let target = "GraniteServiceVersion20100801.PutMetricAlarm";
        seen::call(&self.stack, target, &alarm);
    }

    /// Changes the manifest to another image, with calls that fail at this rate.
    fn ask(&self, failed: u32, provisioned: u32) {
        let mut at = self.at.borrow_mut();
        at.turn += 1;
        at.provisioned = provisioned;
        let digest = digest(at.turn);
        let concurrency = match provisioned {
            0 => String::new(),
            number => format!("provisioned_concurrency = {number}\n"),
        };
        self.project.manifest(&format!(
            "[functions.{FUNCTION}]\nmemory_mb = 256\n\
             image_uri = \"000000000000.dkr.ecr.eu-west-1.amazonaws.com/elsewhere@{digest}\"\n\
             [functions.{FUNCTION}.deploy]\nkeep_versions = {KEPT}\ntraffic = {{ {TRAFFIC} }}\n\
             {concurrency}"
        ));
        at.releases = self.released();
        let put = |version: &str, all, failed| {
            metrics::put_calls(&self.stack.behind(), FUNCTION, version, all, failed);
        };
        if let Some(now) = at.releases.first().cloned() {
            at.runs = self.runs(&now);
            put(&now, 900, 2);
            put(&(self.newest() + 1).to_string(), 100, failed);
        }
    }

    /// The releases that the alias records, the newest first; none before the first.
    fn released(&self) -> Vec<String> {
        let (.., record) = seen::alias(&self.stack, FUNCTION);
        let releases = record.split(" of ").nth(1).unwrap_or_default();
        let releases = releases.split(' ').next().unwrap_or_default();
        let each = releases.split(',').filter(|version| !version.is_empty());
        each.map(str::to_owned).collect()
    }

    /// The newest version.
    fn newest(&self) -> u32 {
        let path = format!("{FUNCTION}/versions");
        let answer = http::aws_lambda(&self.stack.behind(), "GET", &path, "");
        let all: Value = serde_json::from_slice(&answer.expect("an answer").body).expect("JSON");
        let all = all["Versions"].as_array().cloned().unwrap_or_default();
        let numbers = all.iter().filter_map(|one| one["Version"].as_str());
        numbers
            .filter_map(|one| one.parse().ok())
            .max()
            .unwrap_or(0)
    }

    /// The digest that a version runs.
    fn runs(&self, version: &str) -> String {
        let path = format!("{FUNCTION}?Qualifier={version}");
        let answer = http::aws_lambda(&self.stack.behind(), "GET", &path, "");
        let answer: Value = serde_json::from_slice(&answer.expect("an answer").body).expect("JSON");
        let image = answer["Code"]["ImageUri"].as_str().unwrap_or_default();
        image.rsplit('@').next().unwrap_or_default().to_owned()
    }

    fn jot(&self, arguments: &[&str]) -> std::process::Command {
        let mut jot = self.project.jot();
        jot.env("JOT_MINUTE_MS", MINUTE_MS).args(arguments);
        jot
    }

    /// Runs jot without faults; it has to end with this status.
    fn clean(&self, arguments: &[&str], status: i32) -> Result<Ran, String> {
        let ran = ran(&mut self.jot(arguments));
        match ran.status == Some(status) {
            true => Ok(ran),
            false => Err(format!("jot {arguments:?} without faults: {ran:#?}")),
        }
    }

    /// Applies after the time until which an interrupted run reserved the traffic.
    fn apply(&self) -> Ran {
        for _ in 0..20 {
            let ran = ran(&mut self.jot(&["apply", "--yes"]));
            if !ran.stderr.contains("another apply is moving") {
                return ran;
            }
            sleep(Duration::from_millis(200));
        }
        panic!("the shift of a run that ended is never over");
    }

    /// Whether version, weights and record of the alias agree, as they must at any time: they
    /// change in one request.
    fn agrees(&self) -> Result<(), String> {
        let (version, weights, record) = seen::alias(&self.stack, FUNCTION);
        let first = record.starts_with(&format!("release {version} of {version}"));
        let divided = weights.as_object().is_some_and(|all| !all.is_empty());
        match first && divided == record.contains(" | to ") {
            true => Ok(()),
            false => Err(format!("the alias: {version} {weights} `{record}`")),
        }
    }

    /// Whether the alias is at a version, has no weights, and runs this image.
    fn rests(&self, digest: &str) -> Result<(), String> {
        self.agrees()?;
        let (version, weights, record) = seen::alias(&self.stack, FUNCTION);
        let runs = self.runs(&version);
        match weights == json!({}) && runs == digest {
            true => Ok(()),
            false => Err(format!("not {digest}: {weights} `{record}` runs {runs}")),
        }
    }

    fn released_all(&self, at: &At) -> Result<(), String> {
        let ran = self.apply();
        if ran.status != Some(0) {
            return Err(format!("jot apply without faults: {ran:#?}"));
        }
        self.clean(&["plan", "--detailed-exitcode"], 0)?;
        self.rests(&digest(at.turn))?;
        let path = "/2019-09-30/functions/count/provisioned-concurrency?Qualifier=live";
        let answer = http::aws_rest(&self.stack.behind(), "lambda", ("GET", path), "");
        let answer: Value = serde_json::from_slice(&answer.expect("an answer").body).expect("JSON");
        let wanted = &answer["RequestedProvisionedConcurrentExecutions"];
        match wanted.as_u64().unwrap_or(0) == u64::from(at.provisioned) {
            true => Ok(()),
            false => Err(format!("provisioned: {answer}, not {}", at.provisioned)),
        }
    }

    /// Whether the version is refused by now, by the run or the apply after it, and stays so.
    fn refused(&self, at: &At) -> Result<(), String> {
        let ran = self.apply();
        if ran.status != Some(0) && !ran.stderr.contains("this code is held") {
            return Err(format!("jot apply without faults: {ran:#?}"));
        }
        self.clean(&["apply", "--yes"], 0)?;
        self.stays("by steps")?;
        self.rests(&at.runs)
    }

    fn stays(&self, by: &str) -> Result<(), String> {
        let plan = self.clean(&["plan", "--detailed-exitcode"], 2)?;
        let (.., record) = seen::alias(&self.stack, FUNCTION);
        match plan.stdout.contains("stays at version") && record.ends_with(by) {
            true => Ok(()),
            false => Err(format!("`{record}` is not held {by}: {plan:#?}")),
        }
    }

    /// Whether the rollback is done and stays, or did not begin.
    fn rolled_back(&self, at: &At) -> Result<(), String> {
        let ran = self.apply();
        if ran.status != Some(0) {
            return Err(format!("jot apply without faults: {ran:#?}"));
        }
        let (version, ..) = seen::alias(&self.stack, FUNCTION);
        if version == at.releases[0] {
            self.clean(&["plan", "--detailed-exitcode"], 0)?;
            return self.rests(&digest(at.turn));
        }
        self.stays("by rollback")?;
        match version == at.releases[1] {
            true => self.rests(&digest(at.turn - 1)),
            false => Err(format!("back at {version}, not as it was: {at:?}")),
        }
    }
}

/// The image of a turn: the first 16 digits identify it.
fn digest(turn: u32) -> String {
    format!("sha256:{}", format!("{turn:016x}").repeat(4))
}

/// One of the moves.
pub struct Moving<'a> {
    pub releases: &'a Releases,
    pub what: Move,
}

impl<'a> Moving<'a> {
    /// The move in the run with this seed.
    pub fn by_seed(releases: &'a Releases, seed: u64) -> Box<dyn Subject + 'a> {
        let what = match seed % 4 {
            0 => Move::Rollback,
            1 => Move::Provisioned,
            _ => Move::Shift,
        };
        Box::new(Moving { releases, what })
    }
}

impl Subject for Moving<'_> {
    fn words(&self) -> String {
        match self.what {
            Move::Shift => "a shift to a good version",
            Move::Refused => "a shift to a bad version",
            Move::Provisioned => "a shift with other provisioned concurrency",
            Move::Rollback => "a rollback",
        }
        .to_owned()
    }

    fn victim(&self) -> &Victim {
        &self.releases.victim
    }

    fn prepare(&self) {
        let releases = self.releases;
        let provisioned = releases.at.borrow().provisioned;
        match self.what {
            Move::Shift => releases.ask(0, provisioned),
            Move::Refused => releases.ask(30, provisioned),
            Move::Provisioned => releases.ask(0, 1 + (provisioned + 1) % 3),
            Move::Rollback => {
                // Two releases in a row, with images of two turns in a row.
                for _ in 0..2 {
                    releases.ask(0, provisioned);
                    let ran = releases.clean(&["apply", "--yes"], 0);
                    ran.expect("a release");
                }
                releases.at.borrow_mut().releases = releases.released();
            }
        }
    }

    fn run_under(&self, judge: &Judge) -> Ran {
        let releases = self.releases;
        let command = match self.what {
            Move::Rollback => "rollback",
            _ => "apply",
        };
        releases.stack.proxy.reset();
        let judge = judge.clone();
        let asked = move |operation: &str, nth| judge(operation, nth);
        releases.stack.proxy.judge(asked);
        let mut jot = releases.jot(&[command, "--yes", "--format", "json"]);
        let ran = releases.victim.run(&mut jot);
        releases.stack.proxy.reset();
        ran
    }

    fn ends(&self) -> i32 {
        i32::from(self.what == Move::Refused)
    }

    fn recovers(&self) -> Result<(), String> {
        let at = self.releases.at.borrow().clone();
        let agreed = self.releases.agrees();
        let recovered = match self.what {
            Move::Shift | Move::Provisioned => self.releases.released_all(&at),
            Move::Refused => self.releases.refused(&at),
            Move::Rollback => self.releases.rolled_back(&at),
        };
        agreed.and(recovered)
    }

    fn names(&self) -> Vec<(String, &'static str)> {
        let releases = self.releases;
        vec![
            (releases.stack.proxy.address(), "HOST"),
            (releases.project.name.clone(), "PROJECT"),
        ]
    }
}
