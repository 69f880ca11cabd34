//! The planner, by cases and by properties.
//!
//! A case is a folder of `tests/plan`: `jot.toml`, `observed.json`, a JSON merge patch (RFC 7396)
//! over that of the case `equal`, and `command` with the command line, `jot plan` by default. What
//! a folder lacks is that of `equal`, in which nothing differs, so that a case shows the one thing
//! that it changes. `plan.snap` is the plan. Every case's plan is executed on a modelled world too,
//! after which nothing may remain to do.

#[path = "plan/adopt.rs"]
mod adopt;
#[path = "plan/archives.rs"]
mod archives;
#[path = "plan/case.rs"]
mod case;
#[path = "support/documents.rs"]
mod documents;
#[path = "plan/export.rs"]
mod export;
#[path = "plan/layers.rs"]
mod layers;
#[path = "plan/names.rs"]
mod names;
#[path = "plan/ownership.rs"]
mod ownership;
#[path = "plan/properties.rs"]
mod properties;
#[path = "plan/prune.rs"]
mod prune;
#[path = "plan/read.rs"]
mod read;
#[path = "plan/runtime_update.rs"]
mod runtime_update;
#[path = "plan/support.rs"]
mod support;
#[path = "plan/unverified.rs"]
mod unverified;
#[path = "plan/wish.rs"]
mod wish;
#[path = "support/world/mod.rs"]
mod world;

use std::panic::{AssertUnwindSafe, catch_unwind};

use case::{Ask, Case};
use jot::report::json;

#[test]
fn every_case_plans_as_recorded_and_leaves_nothing_to_do_once_carried_out() {
    let cases = read::all();
    export::export(&cases);
    let failed = cases
        .iter()
        .filter(|case| {
            let check = || {
                matches_snapshot(case);
                converges(case);
            };
            catch_unwind(AssertUnwindSafe(check)).is_err()
        })
        .map(|case| case.name.as_str());
    // One is enough to detect a mutant.
    let enough = match std::env::var_os("JOT_FIRST_CASE") {
        Some(_) => 1,
        None => usize::MAX,
    };
    let failed: Vec<&str> = failed.take(enough).collect();
    assert!(failed.is_empty(), "cases that differ: {failed:#?}");
}

fn matches_snapshot(case: &Case) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(&case.folder);
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!("plan", support::render(&case.plan())));
}

fn converges(case: &Case) {
    let Ok(plan) = case.plan() else { return };
    documents::assert_valid(&["plan"], &json::plan(&plan));
    support::assert_ordered(&plan);
    // Tests run each time that they are requested, and nothing runs if a value is unknown.
    let unknown = !plan.unknown.is_empty() || !plan.unread.is_empty();
    // The modelled world has no versions but the one that serves, and no alias of a function that
    // is taken from tags.
    let mut functions = case.observed.functions.values();
    let unverified = functions.any(|one| one.from_tags);
    if matches!(case.ask, Ask::Test | Ask::Rollback) || unknown || unverified {
        return;
    }
    let observed = world::execute(&plan, &case.desired, &case.observed);
    let again = Case {
        observed,
        // An adopted function leaves nothing to an apply either.
        ask: match case.ask {
            Ask::Adopt => Ask::Plan,
            ask => ask,
        },
        ..case.clone()
    };
    let after = again.plan().unwrap();
    assert!(
        after.is_empty(),
        "{}:\n{}",
        case.name,
        support::render(&Ok(after))
    );
}
