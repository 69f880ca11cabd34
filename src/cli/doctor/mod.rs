//! `jot doctor`.

mod cloud;
mod engine;
mod here;
mod permissions;

use std::process::ExitCode;

use clap::Args;

use super::{
    Error, FAILED, Global,
    output::{self, Print},
    patience::patient,
    wanted,
};
use crate::{
    manifest::{self, Loaded},
    model::{
        Problem, desired,
        doctor::{Check, Diagnosis},
    },
    report::{self, json},
};

/// Looks at all that jot needs: Docker, credentials, region, rights, disk, versions, proxies, clock.
///
/// Changes nothing. Says of each thing what to do about it; exit status 1 where something is broken.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Doctor {}

const EXAMPLES: &str = "\
Examples:
  jot doctor
  jot doctor --target prod --format json";

/// Looks, and prints what was found.
pub async fn doctor(global: &Global, _: &Doctor) -> Result<ExitCode, Error> {
    let print = Print::new(global);
    let (loaded, mut checks) = read(global);
    checks.extend(here::checks());
    checks.extend(patient(&print, "Asking Docker.", engine::checks(loaded.as_ref())).await);
    let settings = loaded
        .as_ref()
        .map_or_else(desired::Aws::default, |loaded| {
            super::session::settings(loaded)
        });
    let asked = cloud::checks(&settings, loaded.as_ref());
    checks.extend(patient(&print, "Asking AWS.", asked).await);
    let diagnosis = Diagnosis::of(checks);
    output::print(&match print.json() {
        true => json::diagnosis(&diagnosis),
        false => report::human::diagnosis(&diagnosis, &print.out),
    })?;
    Ok(match diagnosis.broken {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::from(FAILED),
    })
}

/// Whether there is no manifest in this folder or one above.
fn is_absent(error: &Error) -> bool {
    let Error::Manifest(error) = error else {
        return false;
    };
    matches!(**error, manifest::Error::NotFound { .. })
}

/// The manifest, where one can be read. None at all is no fault: then the environment decides.
fn read(global: &Global) -> (Option<Loaded>, Vec<Check>) {
    match wanted::load(global) {
        Ok(loaded) => {
            let message = loaded.path.display().to_string();
            (Some(loaded), vec![Check::good("jot.toml", message)])
        }
        Err(error) if is_absent(&error) => {
            let message = format!("{error}: what follows is what the environment says");
            (None, vec![Check::unknown("jot.toml", message)])
        }
        Err(error) => {
            let mut problem = Problem::from_diagnostic(&error);
            problem.help = Some("`jot check` shows what is wrong".to_owned());
            (None, vec![Check::failed("jot.toml", &problem)])
        }
    }
}
