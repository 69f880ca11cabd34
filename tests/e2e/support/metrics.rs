//! Calls of versions as CloudWatch counts them: the emulator counts by function alone.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use super::http;

/// Minutes that the calls are put into. The minutes of traffic steps are shorter than the clock's
/// in tests, so jot requests one that begins after its step.
const MINUTES: u64 = 8;

/// Puts this many calls of a version behind the alias `live`, and the number of failed ones, into
/// each of the minutes from now on.
pub fn put_calls(behind: &str, function: &str, version: &str, all: u32, failed: u32) {
    put(behind, function, version, (all, failed), 0);
}

/// As [`put_calls`], and into as many minutes before: they count in a step that began long ago.
pub fn put_calls_of_a_long_step(
    behind: &str,
    function: &str,
    version: &str,
    all: u32,
    failed: u32,
) {
    put(behind, function, version, (all, failed), MINUTES);
}

fn put(behind: &str, function: &str, version: &str, (all, failed): (u32, u32), before: u64) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let minute = now.expect("a time after 1970").as_secs() / 60 * 60;
    let first = minute - before * 60;
    let datum = |name: &str, value: u32, at: u64| {
        json!({
            "MetricName": name, "Value": value, "Timestamp": at,
            "Dimensions": [
                { "Name": "FunctionName", "Value": function },
                { "Name": "Resource", "Value": format!("{function}:live") },
                { "Name": "ExecutedVersion", "Value": version },
            ],
        })
    };
    let each = (0..before + MINUTES).flat_map(|later| {
        let at = first + later * 60;
        [datum("Invocations", all, at), datum("Errors", failed, at)]
    });
    let data: Vec<Value> = each.collect();
    let body = json!({ "Namespace": "AWS/Lambda", "MetricData": data });
    let target = "GraniteServiceVersion20100801.PutMetricData";
    let answer = http::aws_json(behind, target, &body.to_string()).expect("ministack answers");
    assert_eq!(answer.status, 200, "{}", answer.text());
}
