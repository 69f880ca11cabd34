//! What was found of a function.

use std::collections::BTreeMap;

use crate::model::{Observed, observed, reach};

/// What was found of a function; the default if it was not observed.
pub(super) fn found<'a>(observed: &'a Observed, key: &str) -> &'a observed::Function {
    static NOTHING: observed::Function = observed::Function {
        latest: None,
        alias: None,
        live: None,
        role: None,
        log_group: None,
        recursive_loop: None,
        versions: Vec::new(),
        from_tags: false,
        reach: reach::Found {
            url: None,
            statements: BTreeMap::new(),
            asynchronous: None,
            provisioned: None,
            mappings: BTreeMap::new(),
            pushes: BTreeMap::new(),
            buckets: BTreeMap::new(),
            role_policy: None,
            former: None,
        },
    };
    observed.functions.get(key).unwrap_or(&NOTHING)
}
