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

/// Checks everything that jot needs: Docker, credentials, region, permissions, disk, versions,
/// proxies, clock.
///
/// Changes nothing. Says how to fix each fault; exit status 1 if something is broken.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Doctor {}

const EXAMPLES: &str = "\
Examples:
  jot doctor
  jot doctor --target prod --format json";

/// Runs all checks and prints the results.
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

/// Whether neither this folder nor one above has a manifest.
fn is_absent(error: &Error) -> bool {
    let Error::Manifest(error) = error else {
        return false;
    };
    matches!(**error, manifest::Error::NotFound { .. })
}

/// The manifest, if it can be read. Its absence is not a fault: the environment then decides.
fn read(global: &Global) -> (Option<Loaded>, Vec<Check>) {
    match wanted::load(global) {
        Ok(loaded) => {
            let message = loaded.path.display().to_string();
            (Some(loaded), vec![Check::good("jot.toml", message)])
        }
        Err(error) if is_absent(&error) => {
            let message = format!("{error}: the checks below use the environment");
            (None, vec![Check::unknown("jot.toml", message)])
        }
        Err(error) => {
            let mut problem = Problem::from_diagnostic(&error);
            problem.help = Some("run `jot check` for details".to_owned());
            (None, vec![Check::failed("jot.toml", &problem)])
        }
    }
}
