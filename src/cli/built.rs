//! Builds of the images that a command needs, for commands that print one document on stdout.

use std::{process::ExitCode, sync::Arc};

use super::{Error, execute, output::Print, session, signals::Signals};
use crate::{
    model::Desired,
    plan::{self, Local},
    report::{Format, Style},
};

/// Builds the images that the local Docker lacks.
///
/// Prints the events on stderr in human form, because stdout carries the one document.
pub async fn build(
    desired: Arc<Desired>,
    print: &Print,
    signals: &Signals,
) -> Result<ExitCode, Error> {
    let (docker, found) = session::local(&desired.project).await?;
    let plan = plan::local(&desired, &found, Local::Build)?;
    if plan.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    let style = Style {
        format: Format::Human,
        ..print.err.clone()
    };
    let clients = (None, Some(docker));
    let carried = execute::execute_only(plan, desired, clients, (&style, signals)).await?;
    Ok(carried.status)
}
