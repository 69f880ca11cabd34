//! Plans in files: written, read, held to what is planned now, and used once.

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

/// Saves a plan.
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

/// Reads a plan that is to be carried out.
///
/// # Errors
/// [`Error::PlanUsed`] where it was.
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

/// Marks the plan in the file as carried out, before the first change: it is not carried out again,
/// whatever comes of it.
///
/// # Errors
/// [`Error::PlanUsed`] where another apply was faster; [`Error::Unmarked`].
pub fn use_up(path: &Path) -> Result<(), Error> {
    let unmarked = |cause| Error::Unmarked {
        path: path.to_owned(),
        cause,
    };
    // The file behind a link is the plan, not the link.
    let file = fs::canonicalize(path).map_err(unmarked)?;
    let open = OpenOptions::new().read(true).write(true).open(&file);
    let held = open
        .and_then(|held| held.lock().map(|()| held))
        .map_err(unmarked)?;
    if !held.metadata().map_err(unmarked)?.is_file() {
        let why = "it is no regular file";
        return Err(unmarked(io::Error::other(why)));
    }
    // By its path: another apply may have replaced the file while this one waited for the lock.
    let saved = SavedPlan {
        used_at: Some(now()),
        ..read_unused(path)?
    };
    files::write_atomically(&file, &text(&saved)?).map_err(unmarked)
}

/// Nothing, if planning again gives the saved steps: then nothing changed since they were reviewed.
pub fn fits(saved: &Plan, fresh: &Plan, path: &Path) -> Result<(), Error> {
    let made = |plan: &Plan| (plan.format_version, plan.jot_version.clone());
    let why = match () {
        () if made(saved) != made(fresh) => format!(
            "jot {} made it, and this is jot {}",
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

/// Whether steps are the same as they are written down: a saved plan holds no secret.
fn same(saved: &[Step], fresh: &[Step]) -> bool {
    let written = |steps: &[Step]| serde_json::to_value(steps).ok();
    written(saved) == written(fresh)
}

/// How the steps differ, by the first that does.
fn since(saved: &Plan, fresh: &Plan) -> String {
    let lacks = |plan: &Plan, one: &Step| plan.steps.iter().all(|step| step.id != one.id);
    let new = fresh.steps.iter().find(|step| lacks(saved, step));
    let gone = saved.steps.iter().find(|step| lacks(fresh, step));
    let other = fresh.steps.iter().find(|step| !saved.steps.contains(step));
    let what = match (new, gone, other) {
        (Some(step), ..) => format!("`{}` is needed now", report::sentence(step)),
        (_, Some(step), _) => format!("`{}` is not needed any more", report::sentence(step)),
        (.., Some(step)) => format!("`{}` is another step now", report::sentence(step)),
        _ => "the steps have another order now".to_owned(),
    };
    format!("{what}: jot.toml, a source or AWS changed since, or it is for other functions")
}

/// The version of jot that made what looks like a plan, where it is another one.
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
