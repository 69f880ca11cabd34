//! The requests of the end-to-end tests, compared with the table.

use std::{collections::BTreeSet, fs};

use crate::rows;

/// Sources of credentials that the SDK calls before it has any, and that no policy of the caller's
/// decides on.
const CREDENTIALS: [&str; 2] = ["sts:AssumeRole", "sts:AssumeRoleWithWebIdentity"];

#[test]
#[ignore = "after the end-to-end tests, by scripts/test"]
fn what_the_end_to_end_tests_asked_is_what_the_table_has() {
    let file = std::env::var("JOT_TEST_OPERATIONS").expect("the record of a run");
    let record = fs::read_to_string(file).expect("the record can be read");
    let seen: BTreeSet<&str> = record.lines().collect();
    // A request that neither signature, header nor path identifies as AWS's may also be a daemon's.
    let of_docker = |one: &str| one.starts_with("docker:") || one.starts_with("other:");
    let of_aws = |one: &&str| !of_docker(one) && !CREDENTIALS.contains(one);
    let seen: BTreeSet<&str> = seen.into_iter().filter(of_aws).collect();
    // Requests that jot sends only if they are allowed are forged in tests of their own.
    let rows = rows().filter(|row| row.stage != jot::rights::Stage::Aside);
    let rows: BTreeSet<&str> = rows.filter_map(|row| row.operation).collect();
    let missing: Vec<_> = seen.difference(&rows).collect();
    assert!(
        missing.is_empty(),
        "no row in src/rights/table.rs: {missing:?}"
    );
    let idle: Vec<_> = rows.difference(&seen).collect();
    assert!(idle.is_empty(), "no end-to-end test asks: {idle:?}");
}
