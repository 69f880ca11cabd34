//! Forms and limits of where logs go, and of networks.

use super::case::{Case, verdict, x};

#[test]
fn a_log_group_has_512_characters_and_its_retention_elsewhere() {
    let case = Case::new();
    for (lines, good) in [
        (format!("logging.group = '{}'", x(512)), true),
        (format!("logging.group = '{}'", x(513)), false),
        ("logging.group = ''".to_owned(), false),
        ("logging.group = '/a/b.c_d-e#1'".to_owned(), true),
        ("logging.group = 'a b'".to_owned(), false),
        ("logging.group = 'aws/a'".to_owned(), false),
        ("logging.group = '/aws/a'".to_owned(), true),
        (
            "logging = { group = 'a', retention_days = 30 }".to_owned(),
            false,
        ),
        ("logging.system_level = 'info'".to_owned(), false),
        (
            "logging = { format = 'json', system_level = 'info' }".to_owned(),
            true,
        ),
        (
            "logging = { format = 'json', system_level = 'error' }".to_owned(),
            false,
        ),
        ("layers = []".to_owned(), true),
        ("vpc = { ipv6 = true }".to_owned(), false),
        ("vpc = { ipv6 = false }".to_owned(), true),
    ] {
        verdict(&case.function(&lines), good, &lines);
    }
}
