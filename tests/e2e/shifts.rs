//! Traffic steps, rollbacks and releases. The functions run images that are never started, so
//! nothing is built; their calls are put into CloudWatch, and a minute of the steps takes a
//! fraction of a second.

use std::{
    sync::{Arc, Mutex},
    thread::sleep,
    time::{Duration, SystemTime},
};

use nix::sys::signal::Signal;
use serde_json::{Value, json};

use crate::{
    proxy::Fault,
    story::{changes, expect},
    support::{Project, Ran, Running, Stack, http, metrics, ran, seen},
};

/// Milliseconds of a minute of the steps.
const MINUTE_MS: &str = "150";
const TRAFFIC: &str = "steps = [10, 50], step_minutes = 1, hold_minutes = 8, watch_minutes = 4";

struct World {
    stack: Stack,
    project: Project,
    name: String,
    minute_ms: &'static str,
}

impl World {
    /// A function with a first version that has all traffic.
    fn new(label: &str, traffic: &str) -> World {
        let stack = Stack::start();
        let project = Project::new(&stack, label);
        let name = project.name.clone();
        let world = World {
            stack,
            project,
            name,
            minute_ms: MINUTE_MS,
        };
        world.wants(1, 512, traffic);
        let first = expect(world.jot(&["apply", "--yes"]), 0);
        assert!(
            first.stdout.contains("it is the first release"),
            "{first:#?}"
        );
        assert_eq!(
            world.alias(),
            ("1".into(), json!({}), "release 1 of 1".into())
        );
        world.stack.proxy.reset();
        world
    }

    /// Changes the manifest to this image and memory.
    fn wants(&self, image: u32, memory: u32, traffic: &str) {
        let digest = format!("{image:x}").repeat(64);
        let name = &self.name;
        self.project.manifest(&format!(
            "[functions.count]\nname = \"{name}\"\nmemory_mb = {memory}\n\
             image_uri = \"000000000000.dkr.ecr.eu-west-1.amazonaws.com/\
             elsewhere@sha256:{digest}\"\n\
             [functions.count.deploy]\ntraffic = {{ {traffic} }}\n"
        ));
    }

    fn jot(&self, arguments: &[&str]) -> Ran {
        let ran = ran(self.command().args(arguments));
        // Line breaks depend on the length of names.
        Ran {
            stdout: unbroken(&ran.stdout),
            stderr: unbroken(&ran.stderr),
            ..ran
        }
    }

    fn command(&self) -> std::process::Command {
        let mut jot = self.project.jot();
        jot.env("JOT_MINUTE_MS", self.minute_ms);
        jot
    }

    /// The row of `jot status`.
    fn status(&self) -> Value {
        let status = expect(self.jot(&["status", "--format", "json"]), 0);
        let status: Value = serde_json::from_str(&status.stdout).expect("JSON");
        status["functions"][0].clone()
    }

    /// Version, weights and description of the alias.
    fn alias(&self) -> (String, Value, String) {
        seen::alias(&self.stack, &self.name)
    }

    /// Calls of a version in each of the minutes around now, and how many of them failed.
    fn calls(&self, version: &str, all: u32, failed: u32) {
        metrics::put_calls(&self.stack.behind(), &self.name, version, all, failed);
    }

    fn metrics(&self, operation: &str, body: &Value) {
        let target = format!("GraniteServiceVersion20100801.{operation}");
        seen::call(&self.stack, &target, body);
    }

    fn alarm(&self, name: &str, state: &str) {
        self.metrics(
            "PutMetricAlarm",
            &json!({
                "AlarmName": name, "Namespace": "AWS/Lambda", "MetricName": "Errors",
                "Statistic": "Sum",
                "Period": 60, "EvaluationPeriods": 1, "Threshold": 1.0,
                "ComparisonOperator": "GreaterThanThreshold",
            }),
        );
        let why = "as the test says";
        let state = json!({ "AlarmName": name, "StateValue": state, "StateReason": why });
        self.metrics("SetAlarmState", &state);
    }

    /// The number of changes of the alias.
    fn moves(&self) -> u64 {
        let counts = self.stack.proxy.counts();
        counts.get("lambda:UpdateAlias").copied().unwrap_or(0)
    }

    /// What does not change until the code does, and is reported.
    fn stays_held(&self) {
        self.stack.proxy.reset();
        let plan = expect(self.jot(&["plan", "--detailed-exitcode"]), 2);
        assert!(plan.stdout.contains("stays at version 1"), "{plan:#?}");
        let nightly = expect(self.jot(&["apply", "--yes"]), 0);
        assert!(
            nightly.stdout.contains("at an earlier release"),
            "{nightly:#?}"
        );
        let changed = changes(&self.stack.proxy.counts());
        assert!(changed.is_empty(), "{changed:?}");
    }
}

fn unbroken(text: &str) -> String {
    let words = text.split_whitespace().filter(|word| *word != "|");
    words.collect::<Vec<_>>().join(" ")
}

#[test]
fn a_good_version_takes_its_steps() {
    let world = World::new("shift-pass", TRAFFIC);
    world.calls("1", 900, 2);
    world.calls("2", 100, 0);
    world.wants(2, 512, TRAFFIC);
    let seen = Arc::new(Mutex::new(Vec::new()));
    let looked = seen.clone();
    let path = format!("{}/aliases/live", world.name);
    let behind = world.stack.behind();
    world.stack.proxy.judge(move |operation, _| {
        (operation == "cloudwatch:GetMetricData").then(|| {
            let (looked, path, behind) = (looked.clone(), path.clone(), behind.clone());
            Fault::Beside(Arc::new(move || {
                let answer = http::aws_lambda(&behind, "GET", &path, "").expect("an answer");
                let alias: Value = serde_json::from_slice(&answer.body).expect("an alias");
                let weights = alias["RoutingConfig"]["AdditionalVersionWeights"].clone();
                looked.lock().expect("no panic").push(weights);
            }))
        })
    });
    let ran = expect(world.jot(&["apply", "--yes"]), 0);
    let said = format!("{}{}", ran.stdout, ran.stderr);
    for words in [
        "\"10%, 50%\"",
        "10%: 0 of 100 calls failed, below 3.0% at 95%",
        "live -> version 2",
    ] {
        assert!(said.contains(words), "`{words}` is missing:\n{said}");
    }
    assert_eq!(
        world.alias(),
        ("2".into(), json!({}), "release 2 of 2,1".into())
    );
    assert_eq!(world.moves(), 3);
    let weights = seen.lock().expect("no panic").clone();
    let shares: Vec<&Value> = weights.iter().map(|one| &one["2"]).collect();
    assert_eq!(shares[1..3], [&json!(0.1), &json!(0.5)], "{weights:?}");
    expect(world.jot(&["plan", "--detailed-exitcode"]), 0);
}

#[test]
fn a_bad_version_is_returned_and_held_until_its_code_changes_or_a_retry() {
    let world = World::new("shift-fail", TRAFFIC);
    world.calls("1", 900, 2);
    world.calls("2", 100, 30);
    world.wants(2, 512, TRAFFIC);
    let failed = expect(world.jot(&["apply", "--yes"]), 1);
    for words in [
        "30 of 100 calls failed",
        "version 1 has all traffic again",
        "this code is held",
    ] {
        assert!(
            failed.stderr.contains(words),
            "`{words}` is missing:\n{failed:#?}"
        );
    }
    let (version, weights, description) = world.alias();
    assert_eq!((version.as_str(), weights), ("1", json!({})));
    let held = "release 1 of 1 | held 2 2222222222222222 by steps";
    assert_eq!(description, held);
    assert_eq!(world.moves(), 2);
    world.stays_held();
    let releases = expect(world.jot(&["releases"]), 0);
    assert!(
        releases.stdout.contains("held by its traffic steps"),
        "{releases:#?}"
    );
    // Other settings of the same code stay held with it.
    world.wants(2, 640, TRAFFIC);
    world.stays_held();
    // It recovered: few of its calls fail now.
    world.wants(2, 512, TRAFFIC);
    world.calls("2", 90_000, 0);
    expect(world.jot(&["apply", "--yes", "--retry"]), 0);
    assert_eq!(
        world.alias(),
        ("2".into(), json!({}), "release 2 of 2,1".into())
    );
}

#[test]
fn other_code_lifts_what_is_held() {
    let world = World::new("shift-lift", TRAFFIC);
    world.calls("1", 900, 2);
    world.calls("2", 100, 30);
    world.calls("3", 100, 0);
    world.wants(2, 512, TRAFFIC);
    expect(world.jot(&["apply", "--yes"]), 1);
    world.wants(3, 512, TRAFFIC);
    expect(world.jot(&["apply", "--yes"]), 0);
    assert_eq!(
        world.alias(),
        ("3".into(), json!({}), "release 3 of 3,1".into())
    );
}

#[test]
fn settings_alone_are_held_by_themselves() {
    let world = World::new("shift-settings", TRAFFIC);
    world.calls("1", 900, 2);
    world.calls("2", 100, 30);
    world.calls("3", 100, 0);
    world.wants(1, 640, TRAFFIC);
    expect(world.jot(&["apply", "--yes"]), 1);
    world.stays_held();
    world.wants(1, 768, TRAFFIC);
    expect(world.jot(&["apply", "--yes"]), 0);
    assert_eq!(world.alias().2, "release 3 of 3,1");
}

#[test]
fn without_a_verdict_the_traffic_returns_and_nothing_is_held() {
    let world = World::new("shift-hold", TRAFFIC);
    world.calls("1", 900, 2);
    world.calls("2", 10, 0);
    world.wants(2, 512, TRAFFIC);
    let ended = expect(world.jot(&["apply", "--yes"]), 1);
    for words in [
        "0 of 10 calls failed, and 50 calls are needed",
        "nothing is held",
    ] {
        assert!(
            ended.stderr.contains(words),
            "`{words}` is missing:\n{ended:#?}"
        );
    }
    assert_eq!(
        world.alias(),
        ("1".into(), json!({}), "release 1 of 1".into())
    );
    // At 10% once, and again for each time that it was held, and back.
    assert_eq!(world.moves(), 4);
    world.calls("2", 200, 0);
    expect(world.jot(&["apply", "--yes"]), 0);
    assert_eq!(world.alias().2, "release 2 of 2,1");
}

#[test]
fn a_look_that_is_refused_returns_the_traffic() {
    let world = World::new("shift-denied", TRAFFIC);
    world.calls("1", 900, 2);
    world.calls("2", 100, 0);
    world.wants(2, 512, TRAFFIC);
    let counted = Mutex::new(0);
    world.stack.proxy.judge(move |operation, _| {
        let mut times = counted.lock().expect("no panic");
        *times += u32::from(operation == "cloudwatch:GetMetricData");
        // The first one only prints what to expect.
        (operation == "cloudwatch:GetMetricData" && *times == 2).then_some(Fault::Refused(
            403,
            "AccessDenied",
            "not authorized to perform: cloudwatch:GetMetricData",
        ))
    });
    let ended = expect(world.jot(&["apply", "--yes"]), 1);
    for words in ["not authorized to perform", "nothing is held"] {
        assert!(
            ended.stderr.contains(words),
            "`{words}` is missing:\n{ended:#?}"
        );
    }
    assert_eq!(
        world.alias(),
        ("1".into(), json!({}), "release 1 of 1".into())
    );
    world.stack.proxy.reset();
    expect(world.jot(&["apply", "--yes"]), 0);
    assert_eq!(world.alias().2, "release 2 of 2,1");
}

#[test]
fn looks_that_are_throttled_are_asked_again() {
    let world = World::new("shift-throttled", TRAFFIC);
    let alarm = format!("{}-errors", world.name);
    world.calls("1", 900, 2);
    world.calls("2", 100, 0);
    world.alarm(&alarm, "OK");
    world.wants(2, 512, &format!("{TRAFFIC}, alarms = [\"{alarm}\"]"));
    let mut asked = std::collections::BTreeMap::new();
    world.stack.proxy.judge(move |operation, _| {
        let times = asked.entry(operation.to_owned()).or_insert(0);
        *times += 1;
        let struck = operation.starts_with("cloudwatch:") && *times <= 3;
        struck.then_some(Fault::Status(400))
    });
    let ran = expect(world.jot(&["apply", "--yes", "--format", "json"]), 0);
    for operation in ["DescribeAlarms", "GetMetricData"] {
        let words = format!("{operation}: too many requests at once");
        assert_eq!(ran.stdout.matches(&words).count(), 3, "{ran:#?}");
    }
    assert_eq!(world.alias().2, "release 2 of 2,1");
}

#[test]
fn what_ails_both_versions_is_not_this_release() {
    let world = World::new("shift-both", TRAFFIC);
    world.calls("1", 900, 270);
    world.calls("2", 100, 30);
    world.wants(2, 512, TRAFFIC);
    let ended = expect(world.jot(&["apply", "--yes"]), 1);
    for words in ["the previous version is no better", "nothing is held"] {
        assert!(
            ended.stderr.contains(words),
            "`{words}` is missing:\n{ended:#?}"
        );
    }
    assert_eq!(world.alias().2, "release 1 of 1");
}

#[test]
fn alarms_forbid_the_first_step_and_return_the_traffic() {
    let world = World::new("shift-alarm", TRAFFIC);
    let alarm = format!("{}-errors", world.name);
    let traffic = format!("{TRAFFIC}, alarms = [\"{alarm}\"]");
    world.calls("1", 900, 0);
    world.calls("2", 100, 0);
    world.wants(2, 512, &traffic);
    // An alarm that does not exist is not OK.
    let unknown = expect(world.jot(&["apply", "--yes"]), 1);
    assert!(
        unknown.stderr.contains("does not exist in this region"),
        "{unknown:#?}"
    );
    world.alarm(&alarm, "ALARM");
    let red = expect(world.jot(&["apply", "--yes"]), 1);
    assert!(red.stderr.contains("is in state ALARM"), "{red:#?}");
    assert!(red.stderr.contains("no traffic was moved"), "{red:#?}");
    assert_eq!(world.moves(), 0);
    // It goes into alarm within a step.
    world.alarm(&alarm, "INSUFFICIENT_DATA");
    let counted = Arc::new(Mutex::new(0));
    let (behind, name) = (world.stack.behind(), alarm.clone());
    world.stack.proxy.judge(move |operation, _| {
        let mut times = counted.lock().expect("no panic");
        *times += u32::from(operation == "cloudwatch:DescribeAlarms");
        (operation == "cloudwatch:DescribeAlarms" && *times == 3).then(|| {
            let (behind, name) = (behind.clone(), name.clone());
            Fault::Beside(Arc::new(move || {
                let body =
                    json!({ "AlarmName": name, "StateValue": "ALARM", "StateReason": "now" });
                let target = "GraniteServiceVersion20100801.SetAlarmState";
                http::aws_json(&behind, target, &body.to_string()).expect("an answer");
            }))
        })
    });
    let within = expect(world.jot(&["apply", "--yes"]), 1);
    assert!(
        within.stderr.contains("was not released: alarm"),
        "{within:#?}"
    );
    assert!(
        world.alias().2.starts_with("release 1 of 1 | held 2 "),
        "{:?}",
        world.alias()
    );
    let ignoring = ["apply", "--yes", "--retry", "--ignore-alarm", &alarm];
    expect(world.jot(&ignoring), 0);
    assert_eq!(world.alias().2, "release 2 of 2,1");
}

#[test]
fn another_apply_waits_for_a_shift_and_a_rollback_takes_over() {
    let mut world = World::new("shift-two", TRAFFIC);
    // Long enough for the others to see it in progress.
    world.minute_ms = "1000";
    world.calls("1", 900, 2);
    world.calls("2", 5, 0);
    let slow = "steps = [10], step_minutes = 1, hold_minutes = 400, watch_minutes = 0";
    world.wants(2, 512, slow);
    let mut first = Running::start(world.command().args(["apply", "--yes", "--format", "json"]));
    first.until(&["looked", "10%: 0 of 5 calls failed"]);
    let second = expect(world.jot(&["apply", "--yes"]), 1);
    assert!(
        second
            .stderr
            .contains("another apply is moving traffic of `count`"),
        "{second:#?}"
    );
    let plan = expect(world.jot(&["plan", "--detailed-exitcode"]), 2);
    assert!(
        plan.stdout.contains("another apply is moving its traffic"),
        "{plan:#?}"
    );
    let row = world.status();
    let shares = json!([{ "version": "1", "percent": 90 }, { "version": "2", "percent": 10 }]);
    assert_eq!(row["traffic"], shares, "{row}");
    assert_eq!(row["in_sync"], "no: an apply moves its traffic", "{row}");
    expect(world.jot(&["rollback", "--yes"]), 0);
    let row = world.status();
    assert_eq!(row["traffic"], json!([{ "version": "1", "percent": 100 }]));
    assert_eq!(row["in_sync"], "no: held by a rollback", "{row}");
    assert_eq!(row["held"][0]["version"], "2", "{row}");
    // The apply that lost does not change the alias.
    let lost = expect(first.end(), 1);
    assert!(lost.stdout.contains("changed outside jot"), "{lost:#?}");
    let (version, weights, description) = world.alias();
    assert_eq!((version.as_str(), weights), ("1", json!({})));
    assert_eq!(
        description,
        "release 1 of 1 | held 2 2222222222222222 by rollback"
    );
    world.stays_held();
}

#[test]
fn a_signal_returns_the_traffic() {
    let world = World::new("shift-signal", TRAFFIC);
    world.calls("1", 900, 2);
    world.calls("2", 5, 0);
    let slow = "steps = [10], step_minutes = 1, hold_minutes = 400, watch_minutes = 0";
    world.wants(2, 512, slow);
    let mut first = Running::start(world.command().args(["apply", "--yes", "--format", "json"]));
    first.until(&["looked", "10%: 0 of 5 calls failed"]);
    first.signal(Signal::SIGINT);
    expect(first.end(), 130);
    assert_eq!(
        world.alias(),
        ("1".into(), json!({}), "release 1 of 1".into())
    );
    assert!(!world.stack.proxy.counts().is_empty());
}

#[test]
fn what_a_killed_apply_left_is_returned_once_its_time_is_over_and_released_again() {
    for at in [1, 2] {
        let mut world = World::new(&format!("shift-kill-{at}"), TRAFFIC);
        // Long enough for the next apply to come before the end of the time that this one reserved.
        world.minute_ms = "1500";
        world.calls("1", 900, 2);
        world.calls("2", 100, 0);
        world.wants(2, 512, TRAFFIC);
        let first = Running::start(world.command().args(["apply", "--yes"]));
        for _ in 0..3000 {
            if world.moves() >= at {
                break;
            }
            sleep(Duration::from_millis(10));
        }
        first.signal(Signal::SIGKILL);
        first.end();
        let (_, weights, description) = world.alias();
        if at < 3 {
            assert_ne!(weights, json!({}), "{description}");
            let early = expect(world.jot(&["apply", "--yes"]), 1);
            assert!(
                early.stderr.contains("another apply is moving"),
                "{early:#?}"
            );
            // The minutes of a step, and five for delays.
            sleep(Duration::from_millis(1500 * 9 + 1000));
        }
        world.minute_ms = MINUTE_MS;
        let after = expect(world.jot(&["apply", "--yes"]), 0);
        if at < 3 {
            assert!(
                after.stdout.contains("an apply ended while version 2 had"),
                "{after:#?}"
            );
        }
        assert_eq!(
            world.alias(),
            ("2".into(), json!({}), "release 2 of 2,1".into())
        );
    }
}

#[test]
fn versions_of_several_roles_take_no_steps() {
    let world = World::new("shift-role", TRAFFIC);
    world.calls("1", 900, 2);
    let role = seen::form(
        &world.stack,
        &format!(
            "Action=CreateRole&RoleName={}-other&AssumeRolePolicyDocument=%7B%7D",
            world.name
        ),
    );
    assert!(role.contains("-other"), "{role}");
    world.wants(2, 512, TRAFFIC);
    let manifest = world.project.text("jot.toml");
    let role = format!(
        "role = \"arn:aws:iam::000000000000:role/{}-other\"\nmemory_mb",
        world.name
    );
    world
        .project
        .write("jot.toml", &manifest.replace("memory_mb", &role));
    let ran = expect(world.jot(&["apply", "--yes"]), 0);
    assert!(
        ran.stdout.contains("versions with different roles"),
        "{ran:#?}"
    );
    assert_eq!(world.moves(), 1);
    assert_eq!(world.alias().2, "release 2 of 2,1");
}

#[test]
fn a_rollback_takes_few_requests_and_is_not_undone() {
    let plain = "steps = [50], min_calls = 1, step_minutes = 1, watch_minutes = 0";
    let world = World::new("rollback", plain);
    for image in 2..=3 {
        world.calls(&image.to_string(), 100, 0);
        world.wants(image, 512, plain);
        expect(world.jot(&["apply", "--yes"]), 0);
    }
    world.stack.proxy.reset();
    let back = expect(world.jot(&["rollback", "--yes"]), 0);
    for words in ["to be rolled back", "version: 3 -> 2", "of from_env"] {
        assert!(
            back.stdout.contains(words),
            "`{words}` is missing:\n{back:#?}"
        );
    }
    let counts = world.stack.proxy.counts();
    assert_eq!(counts.values().sum::<u64>(), 7, "{counts:?}");
    assert_eq!(counts.get("lambda:UpdateAlias"), Some(&1), "{counts:?}");
    let held = "release 2 of 2,1 | held 3 3333333333333333 by rollback";
    assert_eq!(world.alias(), ("2".into(), json!({}), held.into()));
    let plan = expect(world.jot(&["plan", "--detailed-exitcode"]), 2);
    assert!(plan.stdout.contains("stays at version 2"), "{plan:#?}");
    // Once more, and back to the held version.
    expect(world.jot(&["rollback", "--yes"]), 0);
    assert!(
        world.alias().2.starts_with("release 1 of 1 | held 2 "),
        "{:?}",
        world.alias()
    );
    let none = expect(world.jot(&["rollback", "--yes"]), 1);
    assert!(none.stderr.contains("is the only one"), "{none:#?}");
    expect(world.jot(&["rollback", "--to", "3", "--yes"]), 0);
    assert_eq!(world.alias().0, "3");
    expect(world.jot(&["plan", "--detailed-exitcode"]), 0);
    let asked = expect(world.jot(&["rollback"]), 1);
    assert!(asked.stderr.contains("--yes"), "{asked:#?}");
}

#[test]
fn steps_that_outlast_the_credentials_are_refused() {
    let world = World::new("shift-lifetime", TRAFFIC);
    world.calls("1", 900, 2);
    world.calls("2", 100, 0);
    world.wants(2, 512, TRAFFIC);
    let end = SystemTime::now() + Duration::from_secs(300);
    let end = jiff::Timestamp::try_from(end).expect("a time").to_string();
    let refused = |jot: &mut std::process::Command| {
        world.stack.proxy.reset();
        let refused = expect(ran(jot.args(["apply", "--yes"])), 1);
        let said = unbroken(&refused.stderr);
        // Two steps of four minutes each, and the watch.
        let words =
            "the traffic steps of `count` take 12 minutes at least, and the AWS credentials end in";
        assert!(said.contains(words), "{said}");
        let changed = changes(&world.stack.proxy.counts());
        assert!(changed.is_empty(), "{changed:?}");
    };
    // Minutes last a minute here.
    let mut keys = world.project.jot();
    refused(keys.env("AWS_CREDENTIAL_EXPIRATION", &end));
    let home = world.project.home().join(".aws");
    std::fs::create_dir_all(&home).expect("a folder");
    let given = json!({
        "Version": 1, "AccessKeyId": "test", "SecretAccessKey": "test", "Expiration": end,
    });
    let config = format!("[profile tool]\ncredential_process = echo '{given}'\n");
    std::fs::write(home.join("config"), config).expect("a file");
    let mut program = world.project.jot();
    program
        .env_remove("AWS_ACCESS_KEY_ID")
        .env_remove("AWS_SECRET_ACCESS_KEY")
        .env("AWS_PROFILE", "tool");
    refused(&mut program);
    // The same steps within that time.
    let mut short = world.command();
    short.env("AWS_CREDENTIAL_EXPIRATION", &end);
    expect(ran(short.args(["apply", "--yes"])), 0);
    assert_eq!(world.alias().2, "release 2 of 2,1");
}

#[test]
fn provisioned_concurrency_changes_after_the_last_step() {
    let world = World::new("shift-provisioned", TRAFFIC);
    let wants = |image: u32, executions: u32| {
        world.wants(image, 512, TRAFFIC);
        let deploy = "[functions.count.deploy]\n";
        let provisioned = format!("{deploy}provisioned_concurrency = {executions}\n");
        let manifest = world.project.text("jot.toml");
        let manifest = manifest.replace(deploy, &provisioned);
        world.project.write("jot.toml", &manifest);
    };
    wants(1, 1);
    expect(world.jot(&["apply", "--yes"]), 0);
    world.calls("1", 900, 2);
    world.calls("2", 100, 0);
    wants(2, 2);
    world.stack.proxy.reset();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let noted = seen.clone();
    world.stack.proxy.judge(move |operation, _| {
        let watched = [
            "lambda:UpdateAlias",
            "lambda:PutProvisionedConcurrencyConfig",
        ];
        if watched.contains(&operation) {
            noted.lock().expect("no panic").push(operation.to_owned());
        }
        None
    });
    expect(world.jot(&["apply", "--yes"]), 0);
    let seen = seen.lock().expect("no panic").clone();
    let moved = "lambda:UpdateAlias";
    let provisioned = "lambda:PutProvisionedConcurrencyConfig";
    assert_eq!(seen, [moved, moved, moved, provisioned]);

    // Lambda divides the traffic automatically while it moves provisioned concurrency.
    let path = format!("/2015-03-31/functions/{}/aliases/live", world.name);
    let weights = json!({
        "FunctionVersion": "2", "Description": world.alias().2,
        "RoutingConfig": { "AdditionalVersionWeights": { "1": 0.5 } },
    });
    seen::lambda(&world.stack, "PUT", &path, &weights);
    world.stack.proxy.reset();
    let moving = Fault::Rewritten(|text| text.replace("READY", "IN_PROGRESS"));
    let asked = "lambda:GetProvisionedConcurrencyConfig";
    world.stack.proxy.fault(asked, moving, 2);
    let plan = expect(world.jot(&["plan", "--detailed-exitcode"]), 0);
    let note = "Lambda moves its provisioned concurrency";
    assert!(plan.stdout.contains(note), "{plan:#?}");
    expect(world.jot(&["apply", "--yes"]), 0);
    let changed = changes(&world.stack.proxy.counts());
    assert!(changed.is_empty(), "{changed:?}");
    assert_eq!(world.alias().1, json!({ "1": 0.5 }));
    // Once it is done, weights are drift.
    let plan = expect(world.jot(&["plan", "--detailed-exitcode"]), 2);
    assert!(plan.stdout.contains("leftover weights"), "{plan:#?}");
    expect(world.jot(&["apply", "--yes"]), 0);
    assert_eq!(
        world.alias(),
        ("2".into(), json!({}), "release 2 of 2,1".into())
    );
}
