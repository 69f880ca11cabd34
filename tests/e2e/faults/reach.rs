//! Callers of a function, and destinations of its outcomes, under faults. The function of
//! [`Callers`] runs an image that is never started.

use std::{cell::Cell, collections::BTreeMap};

use serde_json::{Value, json};

use super::{
    arena::Change,
    victim::{Judge, Subject, Victim},
};
use crate::{
    story::expect,
    support::{Project, Ran, Stack, http, ran, seen},
};

const FUNCTION: &str = "called";
const QUEUE: &str = "arn:aws:sqs:eu-west-1:000000000000:jobs";
const TOPIC: &str = "arn:aws:sns:eu-west-1:000000000000:news";

/// The callers of a function: a bucket, a topic, a queue.
pub fn make_sources(stack: &Stack) {
    let behind = stack.behind();
    let here = "<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint>\
        </CreateBucketConfiguration>";
    let topic = "Action=CreateTopic&Name=news&Version=2010-03-31";
    let made = [
        http::aws_rest(&behind, "s3", ("PUT", "/incoming"), here),
        http::aws_form(&behind, "sns", topic),
        http::aws_json(&behind, "AmazonSQS.CreateQueue", r#"{"QueueName":"jobs"}"#),
    ];
    for answer in made {
        assert_eq!(answer.expect("ministack answers").status, 200);
    }
}

/// Everything that may call a function, and the destinations of its outcomes, each different from
/// the turn before.
pub fn tables(function: &str, turn: usize) -> String {
    let number = turn % 2;
    format!(
        r#"
[functions.{function}.url]
auth = "iam"
cors = {{ origins = ["https://example.org"], max_age_s = {turn} }}
[functions.{function}.permissions.partner]
principal = "11111111111{number}"
[functions.{function}.async]
retries = {number}
on_failure = {{ arn = "{QUEUE}" }}
[functions.{function}.triggers.arrivals]
s3 = "incoming"
on = ["ObjectCreated:*"]
prefix = "turn-{turn}/"
[functions.{function}.triggers.news]
sns = "{TOPIC}"
filter_policy = {{ turn = ["{turn}"] }}
[functions.{function}.triggers.orders]
event_pattern = {{ source = ["turn-{turn}"] }}
[functions.{function}.triggers.yearly]
schedule = "rate({} days)"
[functions.{function}.triggers.jobs]
sqs = "{QUEUE}"
batch_size = {}
"#,
        365 + number,
        number + 1
    )
}

/// A function with all of these callers.
pub struct Callers {
    stack: Stack,
    project: Project,
    victim: Victim,
    turn: Cell<usize>,
    /// The number of each kind once all of it is applied.
    all: Inventory,
}

/// The number of each kind.
type Inventory = BTreeMap<&'static str, usize>;

impl Callers {
    /// A function that was applied.
    pub fn new() -> Callers {
        let stack = Stack::start();
        make_sources(&stack);
        let project = Project::new(&stack, "callers");
        let mut callers = Callers {
            stack,
            project,
            victim: Victim::default(),
            turn: Cell::default(),
            all: Inventory::new(),
        };
        callers.write(&tables(FUNCTION, 0));
        callers.converges().expect("a first apply without faults");
        callers.all = callers.inventory();
        assert!(callers.all.values().all(|n| *n > 0), "{:?}", callers.all);
        callers
    }

    fn write(&self, tables: &str) {
        let digest = "1".repeat(64);
        self.project.manifest(&format!(
            "[functions.{FUNCTION}]\nmemory_mb = 256\n\
             image_uri = \"000000000000.dkr.ecr.eu-west-1.amazonaws.com/\
             elsewhere@sha256:{digest}\"\n{tables}"
        ));
    }

    /// Whether an apply without faults succeeds and leaves nothing to do.
    fn converges(&self) -> Result<(), String> {
        for arguments in [&["apply", "--yes"][..], &["plan", "--detailed-exitcode"]] {
            let ran = ran(self.project.jot().args(arguments));
            if ran.status != Some(0) {
                return Err(format!("jot {arguments:?} without faults: {ran:#?}"));
            }
        }
        Ok(())
    }

    /// What AWS has, requested directly rather than through jot.
    fn inventory(&self) -> Inventory {
        let behind = self.stack.behind();
        let get = |service: &str, path: &str| {
            let answer = http::aws_rest(&behind, service, ("GET", path), "");
            answer.expect("ministack answers")
        };
        let listed = |service: &str, path: &str, field: &str| {
            let found: Value = serde_json::from_slice(&get(service, path).body).expect("JSON");
            found[field].as_array().map_or(0, Vec::len)
        };
        let of_alias = |path: &str| {
            let path = format!("{path}/{FUNCTION}");
            move |what: &str| format!("{path}/{what}?Qualifier=live")
        };
        let policy = get("lambda", &of_alias("/2015-03-31/functions")("policy")).text();
        let url = of_alias("/2021-10-31/functions")("url");
        let outcomes = of_alias("/2019-09-25/functions")("event-invoke-config");
        let exists = |path: &str| usize::from(get("lambda", path).status == 200);
        let topic = format!("Action=ListSubscriptionsByTopic&TopicArn={TOPIC}&Version=2010-03-31");
        let topic = http::aws_form(&behind, "sns", &topic).expect("ministack answers");
        let rules = seen::call(&self.stack, "AWSEvents.ListRules", &json!({}));
        let mappings = "/2015-03-31/event-source-mappings";
        let incoming = get("s3", "/incoming?notification").text();
        BTreeMap::from([
            ("statements", policy.matches("Sid").count()),
            ("urls", exists(&url)),
            ("outcomes", exists(&outcomes)),
            (
                "mappings",
                listed("lambda", mappings, "EventSourceMappings"),
            ),
            (
                "notifications",
                incoming.matches("FunctionConfiguration>").count() / 2,
            ),
            ("subscriptions", topic.text().matches("<Endpoint>").count()),
            ("rules", rules["Rules"].as_array().map_or(0, Vec::len)),
            ("schedules", listed("scheduler", "/schedules", "Schedules")),
        ])
    }
}

/// A change of a function's callers.
pub struct Reaching<'a> {
    pub callers: &'a Callers,
    pub what: Change,
}

impl Subject for Reaching<'_> {
    fn words(&self) -> String {
        match self.what {
            Change::Removal => "a removal of all callers",
            Change::Creation => "a first apply with all callers",
            Change::Settings | Change::Everything => "a change of all callers",
        }
        .to_owned()
    }

    fn victim(&self) -> &Victim {
        &self.callers.victim
    }

    fn prepare(&self) {
        let callers = self.callers;
        callers.turn.set(callers.turn.get() + 1);
        let tables = tables(FUNCTION, callers.turn.get());
        callers.write(&tables);
        match self.what {
            Change::Settings | Change::Everything => {}
            Change::Removal => {
                callers.converges().expect("an apply without faults");
                callers.write("");
            }
            Change::Creation => {
                expect(ran(callers.project.jot().args(["destroy", "--yes"])), 0);
                let left = callers.inventory();
                assert!(left.values().all(|n| *n == 0), "{left:?}");
            }
        }
    }

    fn run_under(&self, judge: &Judge) -> Ran {
        let proxy = &self.callers.stack.proxy;
        proxy.reset();
        let judge = judge.clone();
        proxy.judge(move |operation, nth| judge(operation, nth));
        let mut jot = self.callers.project.jot();
        let ran = self
            .callers
            .victim
            .run(jot.args(["apply", "--yes", "--format", "json"]));
        proxy.reset();
        ran
    }

    fn recovers(&self) -> Result<(), String> {
        let (left, all) = (self.callers.inventory(), &self.callers.all);
        let lost = all.iter().find(|(kind, n)| left[*kind] < **n);
        self.callers.converges()?;
        if let (Change::Settings | Change::Everything, Some((kind, _))) = (self.what, lost) {
            return Err(format!("{kind} were lost within the change: {left:?}"));
        }
        let found = self.callers.inventory();
        let mut wanted = all.clone();
        if self.what == Change::Removal {
            wanted.values_mut().for_each(|n| *n = 0);
        }
        match found == wanted {
            true => Ok(()),
            false => Err(format!("found {found:?}, wanted {wanted:?}")),
        }
    }

    fn names(&self) -> Vec<(String, &'static str)> {
        let callers = self.callers;
        vec![
            (callers.stack.proxy.address(), "HOST"),
            (callers.project.name.clone(), "PROJECT"),
        ]
    }
}
