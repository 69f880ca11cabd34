//! The policies of examples/ci against the operations that stand in jot's source: none is missing,
//! none is for nothing.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

/// Actions that AWS checks beside those of the operations that jot asks for.
const IMPLIED: [&str; 16] = [
    // https://docs.aws.amazon.com/lambda/latest/api/API_GetFunction.html: its tags.
    "lambda:ListTags",
    // https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html
    "kms:CreateGrant",
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    // https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcs",
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
    "iam:PassRole",
    // https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateScheduleGroup.html: its tags.
    "scheduler:TagResource",
    // https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html: what a push and a
    // pull need.
    "ecr:BatchCheckLayerAvailability",
    "ecr:GetDownloadUrlForLayer",
    "ecr:InitiateLayerUpload",
    "ecr:UploadLayerPart",
    "ecr:CompleteLayerUpload",
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// What a policy allows.
fn allowed(name: &str) -> BTreeSet<String> {
    let path = root().join("examples/ci/policies").join(name);
    let text = fs::read_to_string(path).expect("the policy is there");
    let policy: Value = serde_json::from_str(&text).expect("JSON");
    let statements = policy["Statement"].as_array().expect("statements");
    let mut actions = BTreeSet::new();
    for statement in statements {
        assert_eq!(statement["Effect"], "Allow", "{statement:#}");
        for action in statement["Action"].as_array().expect("a list of actions") {
            let action = action.as_str().expect("an action");
            assert!(!action.contains('*'), "{action}");
            assert!(actions.insert(action.to_owned()), "{action} stands twice");
        }
    }
    actions
}

/// Every operation that the source names, as the action that permits it.
fn asked() -> BTreeSet<String> {
    let mut actions = BTreeSet::new();
    gather(&root().join("src/remote/aws"), &mut actions);
    actions
}

fn gather(folder: &Path, actions: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).expect("the source") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            gather(&path, actions);
        } else if let Some(service) = service(&path) {
            let text = fs::read_to_string(&path).expect("text");
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            let named = operations(code).map(|operation| match operation {
                "GetBucketNotificationConfiguration" => "s3:GetBucketNotification".to_owned(),
                "HeadObject" => "s3:GetObject".to_owned(),
                "ListObjectsV2" => "s3:ListBucket".to_owned(),
                "Invoke" => "lambda:InvokeFunction".to_owned(),
                "PutBucketNotificationConfiguration" => "s3:PutBucketNotification".to_owned(),
                other => format!("{service}:{other}"),
            });
            actions.extend(named);
        }
    }
}

/// The prefix of the actions of the service that a file asks; none for what all services share.
fn service(path: &Path) -> Option<&'static str> {
    let path = path.to_string_lossy();
    [
        ("/aws/ecr/", "ecr"),
        ("/aws/lambda/", "lambda"),
        ("/aws/iam", "iam"),
        ("/aws/logs", "logs"),
        ("/aws/push/notification", "s3"),
        ("/aws/push/rule", "events"),
        ("/aws/push/schedule", "scheduler"),
        ("/aws/push/subscription", "sns"),
        ("/aws/s3", "s3"),
        ("/aws/cloudformation", "cloudformation"),
        ("/aws/secrets", "secretsmanager"),
        ("/aws/ssm", "ssm"),
        ("/aws/sts", "sts"),
        ("/aws/tagging", "tag"),
    ]
    .into_iter()
    .find_map(|(part, prefix)| path.contains(part).then_some(prefix))
}

fn operations(code: &str) -> impl Iterator<Item = &str> {
    ["call(", "operation:"].into_iter().flat_map(|before| {
        code.split(before).skip(1).filter_map(|rest| {
            let rest = rest.trim_start().strip_prefix('"')?;
            rest.split('"').next()
        })
    })
}

fn implied() -> BTreeSet<String> {
    IMPLIED.map(str::to_owned).into()
}

#[test]
fn apply_may_do_all_that_jot_asks_for_and_no_more() {
    let (allowed, asked) = (allowed("apply.json"), asked());
    assert!(asked.len() > 50, "{asked:?}");
    let missing: Vec<_> = asked.difference(&allowed).collect();
    assert!(missing.is_empty(), "missing in apply.json: {missing:?}");
    let needed = &asked | &implied();
    let idle: Vec<_> = allowed.difference(&needed).collect();
    assert!(idle.is_empty(), "for nothing in apply.json: {idle:?}");
}

#[test]
fn plan_may_only_read_what_apply_may_read() {
    let plan = allowed("plan.json");
    let more: Vec<_> = plan.difference(&allowed("apply.json")).cloned().collect();
    assert!(more.is_empty(), "{more:?}");
    let reads = ["Get", "List", "Describe", "BatchGet", "Decrypt"];
    let reads = |action: &&String| {
        let verb = action.split(':').nth(1).unwrap_or_default();
        reads.iter().any(|read| verb.starts_with(read))
    };
    let writes: Vec<_> = plan.iter().filter(|action| !reads(action)).collect();
    assert!(writes.is_empty(), "{writes:?}");
}
