//! Saved plans: written, read, compared with a new plan, and used once.

use std::{
    fs::{self, OpenOptions},
    io,
    path::Path,
};

use serde_json::Value;

use super::{Error, environment::now, files};
use crate::{
    model::{Plan, SavedPlan, Step},
    report,
};

pub fn write(path: &Path, plan: &Plan) -> Result<(), Error> {
    let saved = SavedPlan {
        saved_at: now(),
        used_at: None,
        plan: plan.clone(),
    };
    files::write(path, &text(&saved)?)
}

/// Reads a plan that `jot plan --out` saved.
pub fn read(path: &Path) -> Result<SavedPlan, Error> {
    let bytes = fs::read(path).map_err(|cause| Error::File {
        what: "read",
        path: path.to_owned(),
        cause,
    })?;
    serde_json::from_slice(&bytes).map_err(|cause| {
        let path = path.to_owned();
        match maker(&bytes) {
            Some(maker) => Error::OtherPlan { path, maker, cause },
            None => Error::NoPlan { path, cause },
        }
    })
}

/// Reads a plan to apply.
///
/// # Errors
/// [`Error::PlanUsed`] if it was applied before.
pub fn read_unused(path: &Path) -> Result<SavedPlan, Error> {
    let saved = read(path)?;
    match saved.used_at {
        None => Ok(saved),
        Some(at) => Err(Error::PlanUsed {
            path: path.to_owned(),
            at,
        }),
    }
}

/// Marks the plan in the file as used, before the first change: it cannot be applied again,
/// whatever the outcome.
///
/// # Errors
/// [`Error::PlanUsed`] if another apply was faster; [`Error::Unmarked`].
pub fn use_up(path: &Path) -> Result<(), Error> {
    let unmarked = |cause| Error::Unmarked {
        path: path.to_owned(),
        cause,
    };
    // Follow a link: the plan is the file behind it.
    let file = fs::canonicalize(path).map_err(unmarked)?;
    let open = OpenOptions::new().read(true).write(true).open(&file);
    let held = open
        .and_then(|held| held.lock().map(|()| held))
        .map_err(unmarked)?;
    if !held.metadata().map_err(unmarked)?.is_file() {
        let why = "it is not a regular file";
        return Err(unmarked(io::Error::other(why)));
    }
    // Read by path: another apply may have replaced the file while this one waited for the lock.
    let saved = SavedPlan {
        used_at: Some(now()),
        ..read_unused(path)?
    };
    files::write_atomically(&file, &text(&saved)?).map_err(unmarked)
}

/// Checks that a new plan has the saved steps, so that nothing changed since the review.
pub fn fits(saved: &Plan, fresh: &Plan, path: &Path) -> Result<(), Error> {
    let made = |plan: &Plan| (plan.format_version, plan.jot_version.clone());
    let why = match () {
        () if made(saved) != made(fresh) => format!(
            "it was made by jot {}, but this is jot {}",
            saved.jot_version, fresh.jot_version
        ),
        () if saved.account != fresh.account => {
            format!("it was made for account {}", saved.account)
        }
        () if saved.region != fresh.region => format!("it was made for region {}", saved.region),
        () if saved.target != fresh.target => "it was made for another target".to_owned(),
        () if !same(&saved.steps, &fresh.steps) => since(saved, fresh),
        () => return Ok(()),
    };
    Err(Error::PlanFile {
        path: path.to_owned(),
        why,
    })
}

/// Whether steps are the same in their serialised form, which has no secrets.
fn same(saved: &[Step], fresh: &[Step]) -> bool {
    let written = |steps: &[Step]| serde_json::to_value(steps).ok();
    written(saved) == written(fresh)
}

/// Describes the first difference between the steps.
fn since(saved: &Plan, fresh: &Plan) -> String {
    let lacks = |plan: &Plan, one: &Step| plan.steps.iter().all(|step| step.id != one.id);
    let new = fresh.steps.iter().find(|step| lacks(saved, step));
    let gone = saved.steps.iter().find(|step| lacks(fresh, step));
    let other = fresh.steps.iter().find(|step| !saved.steps.contains(step));
    let what = match (new, gone, other) {
        (Some(step), ..) => format!("`{}` is a new step", report::sentence(step)),
        (_, Some(step), _) => format!("`{}` is no longer needed", report::sentence(step)),
        (.., Some(step)) => format!("`{}` has changed", report::sentence(step)),
        _ => "the order of the steps has changed".to_owned(),
    };
    format!("{what}: jot.toml, a source or AWS changed since, or the plan is for other functions")
}

/// The version of jot that made the plan, if it is not this one.
fn maker(bytes: &[u8]) -> Option<String> {
    let value: Value = serde_json::from_slice(bytes).ok()?;
    let maker = value.get("plan")?.get("jot_version")?.as_str()?;
    (maker != env!("CARGO_PKG_VERSION")).then(|| maker.to_owned())
}

fn text(saved: &SavedPlan) -> Result<String, Error> {
    let text = serde_json::to_string_pretty(saved);
    text.map(|text| text + "\n").map_err(|cause| Error::Output {
        cause: cause.into(),
    })
}
