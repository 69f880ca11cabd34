//! `jot check`.

use std::process::ExitCode;

use clap::Args;

use super::{Error, Functions, Global, session, session::Print};
use crate::report::{
    json::{self, Checked},
    wording,
};

/// Checks jot.toml and everything that it names, offline.
#[derive(Debug, Args)]
pub struct Check {
    #[command(flatten)]
    select: Functions,
}

/// Reads, merges and validates the manifest and hashes every context; asks nobody.
pub fn check(global: &Global, arguments: &Check) -> Result<ExitCode, Error> {
    let print = Print::new(global);
    let loaded = session::load(global)?;
    let desired = session::desired_offline(&loaded, &arguments.select.functions)?;
    let functions: Vec<&str> = desired.functions.keys().map(String::as_str).collect();
    if print.json() {
        let checked = Checked {
            manifest: loaded.path.display().to_string(),
            target: desired.target.as_deref(),
            functions,
        };
        session::print(&json::checked(&checked))?;
        return Ok(ExitCode::SUCCESS);
    }
    let count = wording::count(functions.len(), "function");
    let target = desired
        .target
        .as_ref()
        .map_or_else(String::new, |target| format!(", target {target}"));
    let list = if functions.is_empty() {
        String::new()
    } else {
        format!(": {}", wording::list(&functions))
    };
    session::print(&format!(
        "{} is good{target}: {count}{list}.\n",
        loaded.path.display()
    ))?;
    Ok(ExitCode::SUCCESS)
}
