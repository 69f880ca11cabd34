//! `jot check`.

use std::process::ExitCode;

use clap::Args;

use super::{
    Error, Functions, Global,
    output::{self, Print},
    wanted,
};
use crate::{
    manifest::Loaded,
    model::Desired,
    recipe::language::Language,
    report::{
        json::{self, Checked},
        wording,
    },
};

/// Checks jot.toml and every file that it names, offline.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Check {
    #[command(flatten)]
    select: Functions,
}

const EXAMPLES: &str = "\
Examples:
  jot check
  jot check --target prod
  jot check 'increment-*' --format json";

/// Reads, merges and validates the manifest, and hashes every context on this machine; sends no
/// request.
pub fn check(global: &Global, arguments: &Check) -> Result<ExitCode, Error> {
    let print = Print::new(global);
    let loaded = wanted::load(global)?;
    let select = &arguments.select.functions;
    let (desired, absent) = wanted::desired_at_hand(&loaded, select)?;
    if !absent.is_empty() {
        let keys: Vec<&str> = absent.iter().map(String::as_str).collect();
        print.note(&format!(
            "Not checked: {}. Git has not fetched the source yet; `jot build` does.",
            wording::list(&keys)
        ));
    }
    for doubt in doubts(&loaded, desired.as_deref()) {
        print.note(&doubt);
    }
    let looked_at = desired.iter().flat_map(|desired| desired.functions.keys());
    let functions: Vec<&str> = looked_at.map(String::as_str).collect();
    if print.json() {
        let checked = Checked {
            manifest: loaded.path.display().to_string(),
            target: loaded.target.as_deref(),
            functions,
        };
        output::print(&json::checked(&checked))?;
        return Ok(ExitCode::SUCCESS);
    }
    let count = wording::count(functions.len(), "function");
    let target = loaded
        .target
        .as_ref()
        .map_or_else(String::new, |target| format!(", target {target}"));
    let list = if functions.is_empty() {
        String::new()
    } else {
        format!(": {}", wording::list(&functions))
    };
    output::print(&format!(
        "{} is good{target}: {count}{list}.\n",
        loaded.path.display()
    ))?;
    Ok(ExitCode::SUCCESS)
}

/// Possible faults of the sources, one sentence each; not errors, because only a build can decide.
fn doubts(loaded: &Loaded, desired: Option<&Desired>) -> Vec<String> {
    let looked_at = desired
        .into_iter()
        .flat_map(|desired| desired.functions.keys());
    let doubts = looked_at.filter_map(|key| {
        let function = loaded.manifest.functions.get(key)?;
        let doubt = Language::of(function)?.doubt(&loaded.root, key, function)?;
        Some(format!("functions.{key}: {doubt}"))
    });
    doubts.collect()
}
