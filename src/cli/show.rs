//! `jot show`.

use std::{path::PathBuf, process::ExitCode};

use clap::Args;

use super::{Error, Global, Print, output, saved};
use crate::report;

/// Shows a plan that `jot plan --out FILE` saved: as it was made, whatever has changed since.
///
/// Neither AWS nor Docker is asked, and no jot.toml is needed.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Show {
    /// The saved plan.
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

const EXAMPLES: &str = "\
Examples:
  jot show plan.json
  jot show plan.json --format markdown";

/// Reads and prints.
pub fn show(global: &Global, arguments: &Show) -> Result<ExitCode, Error> {
    let saved = saved::read(&arguments.file)?;
    let print = Print::new(global);
    output::print(&report::saved(&saved, &print.out))?;
    Ok(ExitCode::SUCCESS)
}
