//! What a function's role needs to reach its destinations and to read its triggers.
//!
//! A role of jot's has the inline policy `jot-reach`; for a role that the manifest names, a note
//! says what it needs.

use serde_json::{Value as Json, json};

use crate::model::{
    Action, Change, Mapping, RoleChoice, Step, StepId, reach::ROLE_POLICY, value::Shown,
};

use crate::plan::{
    builder::{PlanBuilder, id},
    context::FunctionContext,
    managed::Key,
    policy,
};

/// The actions that let a function reach a destination, by the service of its ARN.
///
/// <https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html#invocation-async-destinations>
const ACTIONS: [(&str, &str); 6] = [
    ("sqs", "sqs:SendMessage"),
    ("sns", "sns:Publish"),
    ("lambda", "lambda:InvokeFunction"),
    ("events", "events:PutEvents"),
    ("s3", "s3:PutObject"),
    ("s3", "s3:ListBucket"),
];

/// Actions to read a queue.
///
/// <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html>
const SQS: [&str; 3] = [
    "sqs:ReceiveMessage",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
];
/// Actions to read a Kinesis stream.
///
/// <https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-create.html>
const KINESIS: [&str; 6] = [
    "kinesis:DescribeStream",
    "kinesis:DescribeStreamSummary",
    "kinesis:GetRecords",
    "kinesis:GetShardIterator",
    "kinesis:ListShards",
    "kinesis:SubscribeToShard",
];
/// Actions to read a DynamoDB stream, in addition to `dynamodb:ListStreams`, which takes no
/// resource.
///
/// <https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-eventsourcemapping.html>
const DYNAMODB: [&str; 3] = [
    "dynamodb:DescribeStream",
    "dynamodb:GetRecords",
    "dynamodb:GetShardIterator",
];
/// Actions to find an MSK cluster.
///
/// <https://docs.aws.amazon.com/lambda/latest/dg/with-msk-permissions.html>
const MSK: [&str; 3] = [
    "kafka:DescribeCluster",
    "kafka:DescribeClusterV2",
    "kafka:GetBootstrapBrokers",
];
/// Actions to read a topic if the cluster uses IAM.
///
/// <https://docs.aws.amazon.com/lambda/latest/dg/msk-cluster-auth.html>
const KAFKA: [&str; 6] = [
    "kafka-cluster:Connect",
    "kafka-cluster:DescribeClusterDynamicConfiguration",
    "kafka-cluster:DescribeGroup",
    "kafka-cluster:AlterGroup",
    "kafka-cluster:DescribeTopic",
    "kafka-cluster:ReadData",
];
/// Actions to reach a cluster's network; none of them takes a resource.
///
/// <https://docs.aws.amazon.com/lambda/latest/dg/with-msk-permissions.html>
const NETWORK: [&str; 6] = [
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcs",
];

/// The wanted policy, and the existing one.
pub(super) struct Policy<'a> {
    context: &'a FunctionContext<'a>,
    /// Sorted by their JSON text, each once.
    wanted: Vec<Json>,
    existing: Vec<Json>,
}

impl<'a> Policy<'a> {
    /// The policy of these statements, and of existing statements that match `left`.
    pub fn new(context: &'a FunctionContext<'a>, mut wanted: Vec<Json>, left: &[Json]) -> Self {
        let existing = context.found.reach.role_policy.as_ref();
        let existing = existing.map(statements).unwrap_or_default();
        let left = |one: &&Json| left.iter().any(|other| is_same(one, other));
        wanted.extend(existing.iter().filter(left).cloned());
        // Settings that are left to others may need what jot once allowed for them.
        let ignored = |key: Key| context.wanted.lifecycle.ignores(key.word());
        let kept = existing.iter().filter(|one| match is_destination(one) {
            true => ignored(Key::Async),
            false => ignored(Key::Triggers),
        });
        wanted.extend(kept.cloned());
        wanted.sort_by_key(Json::to_string);
        wanted.dedup();
        Self {
            context,
            wanted,
            existing,
        }
    }

    /// The step that adds missing statements, and removes none.
    pub fn grow(&self, settled: &[StepId], builder: &mut PlanBuilder) -> Option<StepId> {
        let has = |one: &&Json| self.existing.iter().any(|other| is_same(one, other));
        let missing: Vec<&Json> = self.wanted.iter().filter(|one| !has(one)).collect();
        if missing.is_empty() || self.role().is_none() {
            return None;
        }
        let all: Vec<Json> = self.existing.iter().chain(missing).cloned().collect();
        let mut after = settled.to_vec();
        after.extend(self.context.role.ready.clone());
        Some(self.write("reach", Some(all), after, builder))
    }

    /// The step that removes statements that are no longer needed.
    pub fn shrink(&self, after: &[StepId], builder: &mut PlanBuilder) -> Option<StepId> {
        let wanted = |one: &&Json| self.wanted.iter().any(|other| is_same(one, other));
        if self.existing.iter().all(|one| wanted(&one)) || self.role().is_none() {
            return None;
        }
        let rest = (!self.wanted.is_empty()).then(|| self.wanted.clone());
        Some(self.write("unreach", rest, after.to_vec(), builder))
    }

    /// Notes what a role that jot does not manage needs.
    pub fn note(&self, builder: &mut PlanBuilder) {
        let wanted = self.context.wanted;
        // A referenced name may be secret.
        let role = match (&wanted.role, wanted.taken("role").next()) {
            (RoleChoice::Own(_), _) => return,
            (RoleChoice::Given(role), None) => role.clone(),
            (RoleChoice::From(origin), _) | (_, Some(origin)) => format!("of {origin}"),
        };
        let needs = self.wanted.iter().map(|one| {
            let words = |json: &Json| match json {
                Json::Array(all) => {
                    let all: Vec<&str> = all.iter().filter_map(Json::as_str).collect();
                    all.join(", ")
                }
                one => one.as_str().unwrap_or_default().to_owned(),
            };
            format!("{} on {}", words(&one["Action"]), words(&one["Resource"]))
        });
        let needs: Vec<String> = needs.collect();
        if !needs.is_empty() {
            let name = &wanted.name;
            builder.notes.push(format!(
                "function {name}: role {role} is not jot's, and needs {}",
                needs.join("; ")
            ));
        }
    }

    fn role(&self) -> Option<&str> {
        match &self.context.wanted.role {
            RoleChoice::Own(role) => Some(&role.name),
            RoleChoice::Given(_) | RoleChoice::From(_) => None,
        }
    }

    fn write(
        &self,
        verb: &str,
        statements: Option<Vec<Json>>,
        after: Vec<StepId>,
        builder: &mut PlanBuilder,
    ) -> StepId {
        let document = |all: &[Json]| json!({ "Version": "2012-10-17", "Statement": all });
        let policy = statements.as_deref().map(document);
        let old = (!self.existing.is_empty()).then(|| document(&self.existing));
        let shown = |json: Option<Json>| json.map_or(Shown::Absent, Shown::Value);
        let why = match verb {
            "reach" => "its triggers or destinations changed",
            _ => "it no longer needs all of its permissions",
        };
        builder.add(Step {
            id: id(verb, &self.context.wanted.key),
            resource: format!("role {}", self.role().unwrap_or_default()),
            action: Action::SetRolePolicy {
                function: self.context.wanted.key.clone(),
                policy: policy.clone(),
            },
            after,
            reasons: vec![why.to_owned()],
            changes: vec![Change::new(ROLE_POLICY, shown(old), shown(policy))],
        })
    }
}

/// Statements that permit reaching this destination alone.
pub(super) fn destination(arn: &str) -> Vec<Json> {
    let service = arn.split(':').nth(2).unwrap_or_default();
    let actions = ACTIONS.iter().filter(|(name, _)| *name == service);
    let statement = |(_, action): &(&str, &str)| {
        let resource = match *action {
            "s3:PutObject" => format!("{arn}/*"),
            _ => arn.to_owned(),
        };
        json!({ "Effect": "Allow", "Action": action, "Resource": resource })
    };
    actions.map(statement).collect()
}

/// Statements that permit reading this queue, stream or cluster, and reaching the mapping's own
/// destination.
pub(super) fn source(mapping: &Mapping) -> Vec<Json> {
    let arn = mapping.source.as_str();
    let service = arn.split(':').nth(2).unwrap_or_default();
    let (actions, more): (&[&str], &[&str]) = match service {
        "sqs" => (&SQS, &[]),
        // A consumer also reads its stream.
        "kinesis" => (&KINESIS, &[]),
        "dynamodb" => (&DYNAMODB, &["dynamodb:ListStreams"]),
        "kafka" => (&MSK, &NETWORK),
        _ => (&[], &[]),
    };
    let resources = match arn.split_once("/consumer/") {
        Some((stream, _)) => json!([stream, arn]),
        None => json!(arn),
    };
    let allow = |actions: &[&str], resource: Json| {
        let some = !actions.is_empty();
        some.then(|| json!({ "Effect": "Allow", "Action": actions, "Resource": resource }))
    };
    let mut all: Vec<Json> = [allow(actions, resources), allow(more, json!("*"))]
        .into_iter()
        .flatten()
        .collect();
    if service == "kafka" {
        all.extend(allow(&KAFKA, json!(kafka_resources(mapping))));
    }
    all.extend(mapping.on_failure.iter().flat_map(|arn| destination(arn)));
    all
}

/// The cluster, its topic and its consumer groups, as IAM names them.
///
/// <https://docs.aws.amazon.com/msk/latest/developerguide/kafka-actions.html>
fn kafka_resources(mapping: &Mapping) -> Vec<String> {
    let arn = mapping.source.as_str();
    let topic = mapping.topic.as_deref().unwrap_or("*");
    let group = mapping.consumer_group.as_deref().unwrap_or("*");
    let within = |kind: &str, name: &str| {
        let cluster = arn.replacen(":cluster/", &format!(":{kind}/"), 1);
        format!("{cluster}/{name}")
    };
    vec![
        arn.to_owned(),
        within("topic", topic),
        within("group", group),
    ]
}

fn is_destination(statement: &Json) -> bool {
    let action = statement["Action"].as_str();
    ACTIONS.iter().any(|(_, one)| Some(*one) == action)
}

fn statements(policy: &Json) -> Vec<Json> {
    match &policy["Statement"] {
        Json::Array(all) => all.clone(),
        Json::Null => Vec::new(),
        one => vec![one.clone()],
    }
}

fn is_same(one: &Json, other: &Json) -> bool {
    let alone = |statement: &Json| json!({ "Statement": [statement] });
    policy::same(&alone(one), &alone(other))
}
