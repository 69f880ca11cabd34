//! The operations in jot's source, compared with the table.

use std::{collections::BTreeSet, fs, path::Path};

use crate::{root, rows};

/// Every operation that the source names.
fn asked() -> BTreeSet<String> {
    let mut operations = BTreeSet::new();
    gather(&root().join("src/remote/aws"), &mut operations);
    operations
}

fn gather(folder: &Path, all: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).expect("the source") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            gather(&path, all);
        } else if let Some(service) = service(&path) {
            let text = fs::read_to_string(&path).expect("text");
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            all.extend(operations(code).map(|operation| format!("{service}:{operation}")));
        }
    }
}

/// The prefix of the actions of the service that a file calls; `None` for what all services share.
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
        ("/aws/metrics", "cloudwatch"),
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

#[test]
fn each_operation_in_the_source_has_a_row_and_each_row_an_operation() {
    let asked = asked();
    assert!(asked.len() > 80, "{asked:?}");
    // The registry's protocol is not AWS's: the test of its requests compares it with the table.
    let of_aws = |operation: &&str| !operation.starts_with("registry:");
    let operations = rows().filter_map(|row| row.operation).filter(of_aws);
    let rows: BTreeSet<String> = operations.map(str::to_owned).collect();
    let missing: Vec<_> = asked.difference(&rows).collect();
    assert!(
        missing.is_empty(),
        "no row in src/rights/table.rs: {missing:?}"
    );
    let idle: Vec<_> = rows.difference(&asked).collect();
    assert!(idle.is_empty(), "nothing asks in src/remote/aws: {idle:?}");
}
