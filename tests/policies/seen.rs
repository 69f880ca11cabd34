//! The operations that the end-to-end tests were seen to ask, against the table.

use std::{collections::BTreeSet, fs};

use crate::rows;

/// Ways to credentials, which the SDK asks before it has any, and that no policy of the caller's
/// decides on.
const CREDENTIALS: [&str; 2] = ["sts:AssumeRole", "sts:AssumeRoleWithWebIdentity"];

#[test]
#[ignore = "after the end-to-end tests, by scripts/test"]
fn what_the_end_to_end_tests_asked_is_what_the_table_has() {
    let file = std::env::var("JOT_TEST_OPERATIONS").expect("the record of a run");
    let record = fs::read_to_string(file).expect("the record can be read");
    let seen: BTreeSet<&str> = record.lines().collect();
    // What neither signature, header nor path shows to be AWS's is a daemon's too.
    let of_docker = |one: &str| one.starts_with("docker:") || one.starts_with("other:");
    let of_aws = |one: &&str| !of_docker(one) && !CREDENTIALS.contains(one);
    let seen: BTreeSet<&str> = seen.into_iter().filter(of_aws).collect();
    // What is asked where it happens to be allowed is forged in tests of its own.
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
