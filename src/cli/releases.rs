//! `jot releases`.

use std::process::ExitCode;

use clap::Args;

use super::{Error, Functions, Global, output, patience::patient, session::Session};
use crate::{
    model::{Function, observed, version::Version},
    observe,
    report::{self, ReleaseRow, ReleaseState},
};

/// Shows the published versions of functions: which one serves, which ones did, and which are held.
///
/// A release is a version that the alias pointed at with all traffic; `jot rollback` returns to
/// one. The alias's description records them.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Releases {
    #[command(flatten)]
    select: Functions,
}

const EXAMPLES: &str = "\
Examples:
  jot releases
  jot releases increment-vector --target prod --format json";

/// Observes, and prints one row per version.
pub async fn releases(global: &Global, arguments: &Releases) -> Result<ExitCode, Error> {
    let session = Session::open(global).await?;
    let desired = session.names(&arguments.select.functions)?;
    let asked = observe::published(&desired, &session.aws);
    let waiting = format!("Asking AWS in {}.", session.aws.region());
    let (observed, versions) = patient(&session.print, &waiting, asked).await?;
    let nothing = observed::Function::default();
    let mut rows = Vec::new();
    for (key, function) in &desired.functions {
        let found = observed.functions.get(key).unwrap_or(&nothing);
        let versions = versions.get(key).into_iter().flatten();
        rows.extend(versions.map(|version| row(function, found, version)));
    }
    output::print(&report::releases(&rows, &session.print.out))?;
    Ok(ExitCode::SUCCESS)
}

fn row(function: &Function, found: &observed::Function, version: &Version) -> ReleaseRow {
    let made_of = version.made_of();
    let alias = found.alias.as_ref();
    let record = alias.and_then(|alias| alias.releases()).unwrap_or_default();
    let number = &version.number;
    let percent = alias.map_or(0, |alias| alias.percent(number));
    let held = record.held.iter().find(|one| one.version == *number);
    let state = match percent {
        100 => ReleaseState::Live,
        1.. => ReleaseState::Partly,
        0 if held.is_some() => ReleaseState::Held,
        0 if record.versions.contains(number) => ReleaseState::Released,
        0 => ReleaseState::Unreleased,
    };
    ReleaseRow {
        function: function.key.clone(),
        name: function.name.clone(),
        version: number.clone(),
        state,
        percent,
        published: version.published.clone(),
        fingerprint: made_of.map(|(one, _)| one.to_owned()).unwrap_or_default(),
        config: made_of.map(|(_, one)| one.to_owned()).unwrap_or_default(),
        held_by: held.map(|one| one.by),
    }
}
