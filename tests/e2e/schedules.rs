//! Schedules: created with their group and role, they call; changed outside jot and corrected; gone
//! with their keys and with the function. What is not jot's stays.

use std::{thread::sleep, time::Duration};

use serde_json::{Value, json};

use crate::{
    policies,
    story::{changes, expect, of},
    support::{Project, Stack, http, seen},
};

const BARE: &str = r#"
[functions.load]
memory_mb = 512
handler = "load"
julia = { source = "load.jl", argument_type = "Any", version = "1.5", compile = "none" }
tests = [{ argument = { kind = "test" }, expected = 0, exemplar = false }]
"#;

/// Repeated each minute: the emulator drops a call that arrives while the function's container is
/// still ending.
const OFTEN: &str = r#"
[functions.load.triggers.often]
schedule = "rate(1 minute)"
input = { kind = "scheduled" }
retries = 3
"#;

const NIGHTLY: &str = r#"
[functions.load.triggers.nightly]
schedule = "cron(0 6 * * ? *)"
timezone = "Europe/Berlin"
enabled = false
"#;

fn scheduler(stack: &Stack, method: &str, path: &str, body: &Value) -> Value {
    let body = match method {
        "GET" | "DELETE" => String::new(),
        _ => body.to_string(),
    };
    let answer = http::aws_rest(&stack.behind(), "scheduler", (method, path), &body);
    let answer = answer.expect("ministack answers");
    assert!(answer.status < 300, "{method} {path}: {}", answer.text());
    serde_json::from_slice(&answer.body).unwrap_or_default()
}

fn names(stack: &Stack, path: &str, field: &str) -> Vec<String> {
    let found = scheduler(stack, "GET", path, &Value::Null);
    let all = found[field].as_array().cloned().unwrap_or_default();
    let names = all.iter().filter_map(|one| one["Name"].as_str());
    let mut names: Vec<String> = names
        .map(str::to_owned)
        .filter(|name| name != "default")
        .collect();
    names.sort();
    names
}

fn groups(stack: &Stack) -> Vec<String> {
    names(stack, "/schedule-groups", "ScheduleGroups")
}

fn schedules(stack: &Stack) -> Vec<String> {
    names(stack, "/schedules", "Schedules")
}

/// The names of roles for calls by schedules.
fn roles(stack: &Stack) -> Vec<String> {
    let all = seen::form(stack, "Action=ListRoles");
    let names = all.split("<RoleName>").skip(1);
    let names = names.filter_map(|rest| rest.split('<').next());
    let names = names.filter(|name| name.starts_with("jot-scheduler-"));
    names.map(str::to_owned).collect()
}

fn applied(stack: &Stack, project: &Project) -> Vec<(String, u64)> {
    stack.proxy.reset();
    expect(project.run(&["apply", "--yes"]), 0);
    let changed = changes(&stack.proxy.counts());
    expect(project.run(&["plan", "--detailed-exitcode"]), 0);
    let of_tags = |name: &str| name.ends_with("TagResource");
    changed
        .into_iter()
        .filter(|(name, _)| !of_tags(name))
        .collect()
}

fn counted<const N: usize>(changed: [(&str, u64); N]) -> Vec<(String, u64)> {
    changed
        .map(|(name, times)| (name.to_owned(), times))
        .to_vec()
}

#[test]
fn schedules_follow_the_manifest() {
    let stack = Stack::start();
    let project = Project::new(&stack, "schedules");
    let source = "load(event) = (println(\"called: \", get(event, \"kind\", \"\")); 0)\n";
    project.write("load.jl", source);
    project.manifest(&format!("{BARE}{OFTEN}{NIGHTLY}"));
    let made = applied(&stack, &project);
    policies::assert_permitted(&stack, &project);
    for (operation, times) in [
        ("scheduler:CreateScheduleGroup", 1),
        ("scheduler:CreateSchedule", 2),
        ("iam:CreateRole", 2),
    ] {
        let found = made.iter().find(|(name, _)| name == operation);
        assert_eq!(found.map(|(_, times)| *times), Some(times), "{made:?}");
    }
    let [group] = groups(&stack).try_into().expect("one group");
    let [role] = roles(&stack).try_into().expect("one role");
    let [nightly, often] = schedules(&stack).try_into().expect("two schedules");
    let path = |name: &str| format!("/schedules/{name}?groupName={group}");
    let found = scheduler(&stack, "GET", &path(&often), &Value::Null);
    let arn = found["Target"]["Arn"].as_str().expect("an ARN");
    assert!(arn.ends_with(":function:load:live"), "{arn}");
    let by = found["Target"]["RoleArn"].as_str().expect("an ARN");
    assert!(by.ends_with(&format!("/{role}")), "{by}");
    assert_eq!(found["Target"]["Input"], r#"{"kind":"scheduled"}"#);
    assert_eq!(found["Target"]["RetryPolicy"]["MaximumRetryAttempts"], 3);
    assert_eq!(found["FlexibleTimeWindow"]["Mode"], "OFF");
    let found = scheduler(&stack, "GET", &path(&nightly), &Value::Null);
    assert_eq!(found["ScheduleExpressionTimezone"], "Europe/Berlin");
    assert_eq!(found["State"], "DISABLED");
    nothing_to_do_takes_few_requests(&stack, &project);

    the_schedule_calls(&stack);
    a_neighbour(&stack, &group);
    changed_by_hand(&stack, &project, &path(&nightly), &found);

    project.manifest(&format!("{BARE}{NIGHTLY}"));
    let changed = applied(&stack, &project);
    assert_eq!(changed, counted([("scheduler:DeleteSchedule", 1)]));
    project.manifest(BARE);
    let changed = applied(&stack, &project);
    let wanted = [
        ("iam:DeleteRole", 1),
        ("iam:DeleteRolePolicy", 1),
        ("scheduler:DeleteSchedule", 1),
    ];
    assert_eq!(changed, counted(wanted), "the neighbour keeps the group");
    assert_eq!(schedules(&stack), ["theirs"]);
    assert_eq!(groups(&stack), std::slice::from_ref(&group));

    project.manifest(&format!("{BARE}{NIGHTLY}"));
    applied(&stack, &project);
    let theirs = format!("/schedules/theirs?groupName={group}");
    scheduler(&stack, "DELETE", &theirs, &Value::Null);
    expect(project.run(&["destroy", "--yes"]), 0);
    assert_eq!(schedules(&stack), [] as [String; 0]);
    assert_eq!(groups(&stack), [] as [String; 0]);
    assert_eq!(roles(&stack), [] as [String; 0]);
}

/// One request for each schedule, and four for what they share.
fn nothing_to_do_takes_few_requests(stack: &Stack, project: &Project) {
    stack.proxy.reset();
    expect(project.run(&["plan", "--detailed-exitcode"]), 0);
    let counts = stack.proxy.counts();
    let asked: Vec<(String, u64)> = of(
        &counts,
        &[
            "scheduler:GetSchedule",
            "scheduler:GetScheduleGroup",
            "scheduler:ListSchedules",
        ],
    )
    .into_iter()
    .collect();
    let wanted = [
        ("scheduler:GetSchedule", 2),
        ("scheduler:GetScheduleGroup", 1),
        ("scheduler:ListSchedules", 1),
    ];
    assert_eq!(asked, counted(wanted));
}

fn the_schedule_calls(stack: &Stack) {
    let wanted = json!({ "logGroupName": "/aws/lambda/load" });
    for _ in 0..1200 {
        let found = seen::call(stack, "Logs_20140328.FilterLogEvents", &wanted);
        if found.to_string().contains("called: scheduled") {
            return;
        }
        sleep(Duration::from_millis(200));
    }
    panic!("the schedule does not call");
}

/// A schedule of another owner in the same group.
fn a_neighbour(stack: &Stack, group: &str) {
    let body = json!({
        "GroupName": group,
        "ScheduleExpression": "rate(1 day)",
        "FlexibleTimeWindow": { "Mode": "OFF" },
        "State": "DISABLED",
        "Target": {
            "Arn": "arn:aws:lambda:eu-west-1:000000000000:function:theirs",
            "RoleArn": "arn:aws:iam::000000000000:role/theirs",
        },
    });
    scheduler(stack, "POST", "/schedules/theirs", &body);
}

fn changed_by_hand(stack: &Stack, project: &Project, path: &str, found: &Value) {
    let (path, query) = path.split_once('?').expect("a query");
    let group = query.split_once('=').expect("a group").1;
    let body = json!({
        "GroupName": group,
        "ScheduleExpression": "rate(1 day)",
        "State": "ENABLED",
        "FlexibleTimeWindow": { "Mode": "FLEXIBLE", "MaximumWindowInMinutes": 5 },
        "Target": found["Target"],
    });
    scheduler(stack, "PUT", path, &body);
    let plan = expect(project.run(&["plan", "--detailed-exitcode"]), 2);
    for words in [
        "trigger nightly of load",
        "expression: \"rate(1 day)\" -> \"cron(0 6 * * ? *)\"",
        "enabled: true -> false",
        "foreign: true",
        "changed outside jot",
    ] {
        assert!(plan.stdout.contains(words), "{words}: {}", plan.stdout);
    }
    let changed = applied(stack, project);
    assert_eq!(changed, counted([("scheduler:UpdateSchedule", 1)]));
}
