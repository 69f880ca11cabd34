//! `jot show`.

use std::{path::PathBuf, process::ExitCode};

use clap::Args;

use super::{Error, Global, Print, output, saved};
use crate::report;

/// Shows a plan that `jot plan --out FILE` saved, as it was when it was made.
///
/// Needs no AWS, no Docker and no jot.toml.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Show {
    /// The saved plan
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

const EXAMPLES: &str = "\
Examples:
  jot show plan.json
  jot show plan.json --format markdown";

/// Reads and prints the plan.
pub fn show(global: &Global, arguments: &Show) -> Result<ExitCode, Error> {
    let saved = saved::read(&arguments.file)?;
    let print = Print::new(global);
    output::print(&report::saved(&saved, &print.out))?;
    Ok(ExitCode::SUCCESS)
}
