//! What plans miss if a function's alias and state are taken from tags, case by case.

use jot::{
    model::Observed,
    plan::{self, unverified},
};

use crate::{
    case::{Ask, Case},
    read,
};

/// Prefixes of the names of cases with steps that a plan from lists lacks: all are about the alias,
/// what may call it, the state, the reserved executions or recursive calls, which only `--refresh`
/// requests.
const MISSED: [&str; 16] = [
    "absent-alias",
    "absent-live-version",
    "alias-",
    "async-",
    "concurrency-changed-outside",
    "held-",
    "permissions-",
    "provisioned-",
    "pushes-",
    "recorded-releases-",
    "recursion-changed-outside",
    "schedule-",
    "state-",
    "traffic-",
    "trigger",
    "url-",
];

/// The observation from lists.
fn from_lists(observed: &Observed) -> Observed {
    let mut observed = observed.clone();
    for function in observed.functions.values_mut() {
        (function.alias, function.live) = (None, None);
        function.recursive_loop = None;
        if let Some(latest) = &mut function.latest {
            function.from_tags = true;
            latest.state = "Active".into();
            latest.last_update = "Successful".into();
            latest.reason = None;
            latest.reserved_concurrency = None;
        }
    }
    observed
}

#[test]
fn only_aliases_states_and_reservations_are_taken_from_lists() {
    let mut missed = Vec::new();
    for case in read::all() {
        let Case { desired, .. } = &case;
        let (Ask::Plan, Ok(whole)) = (case.ask, case.plan()) else {
            continue;
        };
        let observed = from_lists(&case.observed);
        let found = plan::plan(desired, &observed).unwrap();
        let closer = unverified(&found, &observed);
        for step in whole.steps.iter().filter_map(|step| step.action.function()) {
            let listed = observed.functions.get(step);
            let unverified = listed.is_some_and(|one| one.from_tags);
            if unverified && !closer.contains(step) && missed.last() != Some(&case.name) {
                missed.push(case.name.clone());
            }
        }
        let told = found
            .notes
            .iter()
            .any(|note| note.contains("taken from tags"));
        let any = observed.functions.values().any(|one| one.from_tags);
        assert_eq!(told, any, "{}", case.name);
    }
    for begins in MISSED {
        assert!(
            missed.iter().any(|name| name.starts_with(begins)),
            "{begins}: {missed:?}"
        );
    }
    missed.retain(|name| !MISSED.iter().any(|begins| name.starts_with(begins)));
    assert!(missed.is_empty(), "not asked for: {missed:?}");
}
