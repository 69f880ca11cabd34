//! `jot status`.

use std::process::ExitCode;

use clap::Args;

use super::{Error, Functions, Global, output, session::Session};
use crate::{
    model::{Desired, Observed, Plan, desired, observed},
    observe::Depth,
    plan,
    report::{self, Counts, InSync, StatusRow, wording},
};

/// Shows every declared function: what runs, where the alias points, and whether it is as jot.toml says.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Status {
    #[command(flatten)]
    select: Functions,
}

const EXAMPLES: &str = "\
Examples:
  jot status
  jot status --target prod --format json";

/// Observes, plans, and prints a row a function.
pub async fn status(global: &Global, arguments: &Status) -> Result<ExitCode, Error> {
    let session = Session::open(global).await?;
    let desired = session.desired(&arguments.select.functions)?;
    let (observed, _) = session.observe(&desired, Depth::Each).await?;
    // What cannot be planned here (no Docker, a foreign function) can still be shown, and why.
    let plan = plan::plan(&desired, &observed).map_err(|error| error.to_string());
    let functions = desired.functions.values();
    let rows: Vec<StatusRow> = functions
        .map(|one| row(one, &desired, &observed, &plan))
        .collect();
    output::print(&report::status(&rows, &session.print.out))?;
    if plan.is_ok_and(|plan| !plan.steps.is_empty()) {
        session.print.note("`jot plan` shows the steps.");
    }
    Ok(ExitCode::SUCCESS)
}

fn row(
    function: &desired::Function,
    desired: &Desired,
    observed: &Observed,
    plan: &Result<Plan, String>,
) -> StatusRow {
    let nothing = observed::Function::default();
    let found = observed.functions.get(&function.key).unwrap_or(&nothing);
    let latest = found.latest.as_ref();
    let running = found.live.as_ref().or(latest);
    let digest = running.and_then(|state| state.code());
    StatusRow {
        function: function.key.clone(),
        name: function.name.clone(),
        state: latest.map_or_else(|| "absent".to_owned(), |state| state.state.to_string()),
        version: found
            .alias
            .as_ref()
            .map(|alias| alias.version.clone())
            .unwrap_or_default(),
        alias: function.deploy.alias.clone().unwrap_or_default(),
        image: digest
            .map(|digest| digest.short().to_owned())
            .unwrap_or_default(),
        digest: digest
            .map(|digest| digest.as_str().to_owned())
            .unwrap_or_default(),
        memory_mb: running.map(|state| state.config.memory_mb),
        timeout_s: running.map(|state| state.config.timeout_s),
        in_sync: in_sync(function, desired, plan),
    }
}

fn in_sync(function: &desired::Function, desired: &Desired, plan: &Result<Plan, String>) -> InSync {
    let plan = match plan {
        Ok(plan) => plan,
        Err(why) => return InSync::No(why.clone()),
    };
    let image = function
        .code
        .recipe()
        .and_then(|recipe| desired.recipes.get(recipe));
    let concerns = |step: &&crate::model::Step| {
        let action = &step.action;
        let mine = action.function().is_some_and(|key| key == function.key);
        let made = action.image().is_some_and(|made| {
            Some(made) == function.code.recipe()
                || image.is_some_and(|one| one.base.as_ref() == Some(made))
        });
        mine || made || action.is_repository()
    };
    let steps: Vec<_> = plan.steps.iter().filter(concerns).collect();
    match (steps.len(), Counts::of_steps(steps).all()) {
        (0, _) => InSync::Yes,
        // What changes nothing, such as a test that was interrupted.
        (_, 0) => InSync::No("no: tests to run".to_owned()),
        (_, changes) => InSync::No(format!("no: {} to go", wording::count(changes, "change"))),
    }
}
