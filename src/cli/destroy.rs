//! `jot destroy`.

use std::process::ExitCode;

use clap::Args;

use super::{
    Error, Functions, Global, apply::confirm_plan, carry, runs, session::Session, signals::Signals,
};
use crate::{observe::Depth, plan};

/// Deletes what jot made for this project and target: functions, log groups, jot's roles, and the repository once nothing needs it.
#[derive(Debug, Args)]
pub struct Destroy {
    #[command(flatten)]
    select: Functions,
    /// Do not ask.
    #[arg(short, long)]
    yes: bool,
}

/// Observes, plans towards nothing, asks, and carries the plan out.
pub async fn destroy(
    global: &Global,
    arguments: &Destroy,
    signals: &Signals,
) -> Result<ExitCode, Error> {
    let session = Session::open(global).await?;
    let desired = session.names(&arguments.select.functions)?;
    let (observed, docker) = session.observe(&desired, Depth::Each).await?;
    if let Some(docker) = &docker {
        runs::sweep(docker).await;
    }
    let plan = plan::destroy(&desired, &observed)?;
    if !confirm_plan("destroy", &plan, arguments.yes, &session.print)? {
        return Ok(ExitCode::SUCCESS);
    }
    Ok(carry::carry_out(
        plan,
        desired,
        (Some(session.aws), docker),
        (&session.print.err, signals),
    )
    .await?
    .status)
}
