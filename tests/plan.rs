//! The planner, by cases and by properties.
//!
//! A case is a folder of `tests/plan`: `desired.json` and `observed.json` are JSON merge patches (RFC 7396) over those
//! of the case `equal`, in which everything is as it should be, so that a case shows the one thing that it changes.
//! `plan.snap` is the plan. Every case's plan is carried out on a modelled world too, after which nothing may be left to do.

#[path = "plan/lambda.rs"]
mod lambda;
#[path = "plan/properties.rs"]
mod properties;
#[path = "plan/run.rs"]
mod run;
#[path = "plan/support.rs"]
mod support;
#[path = "plan/world.rs"]
mod world;

use std::{
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
};

use support::Case;

#[test]
fn every_case_plans_as_recorded() {
    let failed: Vec<String> = folders()
        .iter()
        .filter(|folder| catch_unwind(AssertUnwindSafe(|| matches_snapshot(folder))).is_err())
        .map(|folder| folder.display().to_string())
        .collect();
    assert!(failed.is_empty(), "cases that differ: {failed:#?}");
}

#[test]
fn every_case_leaves_nothing_to_do_once_carried_out() {
    for folder in folders() {
        let case = Case::read(&folder);
        let Ok(plan) = case.plan() else { continue };
        support::assert_ordered(&plan);
        if !plan.unknown.is_empty() {
            continue;
        }
        let observed = world::carry_out(&plan, &case.desired(), &case.observed);
        let after = Case { observed, ..case }.plan().unwrap();
        assert!(
            after.is_empty(),
            "{}:\n{}",
            folder.display(),
            support::render(&Ok(after))
        );
    }
}

fn matches_snapshot(folder: &Path) {
    let case = Case::read(folder);
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(folder);
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!("plan", support::render(&case.plan())));
}

fn folders() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/plan");
    let entries = fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut folders: Vec<PathBuf> = entries.filter(|path| path.is_dir()).collect();
    folders.sort();
    assert!(folders.len() >= 40, "cases were lost: {}", folders.len());
    folders
}
