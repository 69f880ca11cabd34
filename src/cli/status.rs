//! `jot status`.

use std::process::ExitCode;

use clap::Args;

use super::{Error, Functions, Global, session, session::Session};
use crate::{
    model::{Desired, Observed, Plan},
    plan,
    report::{self, StatusRow},
};

/// Shows every declared function: what runs, where the alias points, and whether it is as jot.toml says.
#[derive(Debug, Args)]
pub struct Status {
    #[command(flatten)]
    select: Functions,
}

/// Observes, plans, and prints a row a function.
pub async fn status(global: &Global, arguments: &Status) -> Result<ExitCode, Error> {
    let session = Session::open(global).await?;
    let desired = session.desired(&arguments.select.functions)?;
    let (observed, _) = session.observe(&desired).await?;
    // What cannot be planned here (no Docker, say) can still be shown.
    let plan = plan::plan(&desired, &observed);
    let rows: Vec<StatusRow> = desired.functions.keys().map(|key| row(key, &desired, &observed, plan.as_ref().ok())).collect();
    session::print(&report::status(&rows, &session.style))?;
    Ok(ExitCode::SUCCESS)
}
