//! `jot check`.

use std::process::ExitCode;

use clap::Args;

use super::{Error, Functions, Global, session};
use crate::report;

/// Checks jot.toml and everything that it names, offline.
#[derive(Debug, Args)]
pub struct Check {
    #[command(flatten)]
    select: Functions,
}

/// Reads, merges and validates the manifest and hashes every context; asks nobody.
pub fn check(global: &Global, arguments: &Check) -> Result<ExitCode, Error> {
    let loaded = session::load(global)?;
    let desired = session::desired(&loaded, loaded.manifest.aws.region.as_deref(), &arguments.select.functions)?;
    session::print(&report::checked(&desired, &session::style(global)))?;
    Ok(ExitCode::SUCCESS)
}
