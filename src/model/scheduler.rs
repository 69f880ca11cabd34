//! What the schedules of one project and target share: their group, and the role with which they
//! call.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::partition;

/// The desired group and role, if anything is scheduled.
/// <https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-group.html>
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Scheduler {
    /// Name of the schedule group: `jot-<8 hex digits>-<project>`, at most 64 characters.
    pub group: String,
    /// The role's name, at most 64 characters.
    pub role: String,
    /// The role's path: `/jot/<project>/`.
    pub path: String,
    /// All tags of both, ownership included.
    pub tags: BTreeMap<String, String>,
}

impl Scheduler {
    /// The ARN of the role in this region's partition.
    pub fn role_arn(&self, region: &str, account: &str) -> String {
        let Self { path, role, .. } = self;
        let partition = partition(Some(region));
        format!("arn:{partition}:iam::{account}:role{path}{role}")
    }

    /// The trust policy: only schedules of the group may assume the role.
    /// <https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html>
    pub fn trust(&self, region: &str, account: &str) -> Json {
        let partition = partition(Some(region));
        let group = &self.group;
        let group = format!("arn:{partition}:scheduler:{region}:{account}:schedule-group/{group}");
        json!({
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Allow",
                "Principal": { "Service": "scheduler.amazonaws.com" },
                "Action": "sts:AssumeRole",
                "Condition": {
                    "StringEquals": { "aws:SourceAccount": account, "aws:SourceArn": group },
                },
            }],
        })
    }
}

/// The role's policy: it may call these functions only.
pub fn policy(functions: &BTreeSet<String>) -> Json {
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Action": "lambda:InvokeFunction",
            "Resource": functions,
        }],
    })
}

/// The ARNs of the functions that such a policy lets the role call.
pub fn functions(policy: &Json) -> BTreeSet<String> {
    let list = |json: &Json| match json {
        Json::Array(all) => all.clone(),
        Json::Null => Vec::new(),
        one => vec![one.clone()],
    };
    let resources = list(&policy["Statement"])
        .into_iter()
        .flat_map(|statement| list(&statement["Resource"]));
    resources
        .filter_map(|arn| arn.as_str().map(str::to_owned))
        .collect()
}

/// Whether a schedule has a name that jot gives: `jot-<8 hex digits>-<trigger>`.
pub fn is_named_by_jot(schedule: &str) -> bool {
    let Some((digits, trigger)) = schedule
        .strip_prefix("jot-")
        .and_then(|rest| rest.split_once('-'))
    else {
        return false;
    };
    let hex = digits
        .bytes()
        .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    digits.len() == 8 && hex && !trigger.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_role_is_the_group_s_alone() {
        let scheduler = Scheduler {
            group: "jot-0a1b2c3d-numerics".to_owned(),
            role: "jot-scheduler-4e5f6a7b".to_owned(),
            path: "/jot/numerics/".to_owned(),
            tags: BTreeMap::new(),
        };
        let arn = scheduler.role_arn("cn-north-1", "123456789012");
        let role = "arn:aws-cn:iam::123456789012:role/jot/numerics/jot-scheduler-4e5f6a7b";
        assert_eq!(arn, role);
        let trust = scheduler.trust("eu-west-1", "123456789012");
        let condition = &trust["Statement"][0]["Condition"]["StringEquals"];
        let group = "arn:aws:scheduler:eu-west-1:123456789012:schedule-group/jot-0a1b2c3d-numerics";
        let wanted = json!({ "aws:SourceAccount": "123456789012", "aws:SourceArn": group });
        assert_eq!(*condition, wanted);
    }

    #[test]
    fn functions_are_read_as_they_are_written_and_as_iam_may_give_them() {
        let all: BTreeSet<String> = ["arn:a", "arn:b"].map(str::to_owned).into();
        assert_eq!(functions(&policy(&all)), all);
        let one =
            json!({ "Statement": { "Action": "lambda:InvokeFunction", "Resource": "arn:a" } });
        assert_eq!(functions(&one), BTreeSet::from(["arn:a".to_owned()]));
        assert_eq!(functions(&Json::Null), BTreeSet::new());
    }

    #[test]
    fn names_that_jot_gives_are_distinguished_from_others() {
        for name in ["jot-0a1b2c3d-nightly", "jot-0a1b2c3d-a-b"] {
            assert!(is_named_by_jot(name), "{name}");
        }
        for name in [
            "nightly",
            "jot-nightly",
            "jot-0a1b2c3-x",
            "jot-0A1B2C3D-x",
            "jot-0a1b2c3d-",
        ] {
            assert!(!is_named_by_jot(name), "{name}");
        }
    }
}
