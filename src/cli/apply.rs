//! `jot apply`.

use std::{io::IsTerminal, path::PathBuf, process::ExitCode, sync::Arc};

use clap::Args;

use super::{
    Error, Functions, Global, carry, session,
    session::{Print, Session},
};
use crate::{
    model::Plan,
    plan,
    report::{self, Counts, wording},
};

/// Builds, tests, pushes, creates and updates what differs, and only that.
#[derive(Debug, Args)]
pub struct Apply {
    #[command(flatten)]
    select: Functions,
    /// Do not ask.
    #[arg(short, long)]
    yes: bool,
    /// Carry out a plan that `jot plan --out FILE` saved, if it still fits.
    #[arg(long, value_name = "FILE", conflicts_with = "functions")]
    plan: Option<PathBuf>,
}

/// Observes, plans, asks, and carries the plan out.
pub async fn apply(global: &Global, arguments: &Apply) -> Result<ExitCode, Error> {
    let session = Session::open(global).await?;
    let saved = arguments
        .plan
        .as_deref()
        .map(session::read_plan)
        .transpose()?;
    let desired = session.desired(&arguments.select.functions)?;
    let (observed, docker) = session.observe(&desired).await?;
    let fresh = plan::plan(&desired, &observed)?;
    if let (Some(saved), Some(path)) = (&saved, &arguments.plan) {
        fits(saved, &fresh, path)?;
    }
    refuse_unknown(&fresh)?;
    if !confirm_plan(
        "apply",
        &fresh,
        arguments.yes || saved.is_some(),
        &session.print,
    )? {
        return Ok(ExitCode::SUCCESS);
    }
    let clients = (session.aws, docker);
    Ok(
        carry::carry_out(fresh, Arc::clone(&desired), clients, &session.print.err)
            .await?
            .status,
    )
}

/// A saved plan is carried out only where planning anew gives the same steps: then nothing changed since it was reviewed.
fn fits(saved: &Plan, fresh: &Plan, path: &std::path::Path) -> Result<(), Error> {
    let why = match () {
        () if saved.account != fresh.account => {
            format!("it was made for account {}", saved.account)
        }
        () if saved.region != fresh.region => format!("it was made for region {}", saved.region),
        () if saved.target != fresh.target => "it was made for another target".to_owned(),
        () if saved.steps != fresh.steps => "jot.toml or AWS changed since".to_owned(),
        () => return Ok(()),
    };
    Err(Error::PlanFile {
        path: path.to_owned(),
        why,
    })
}

fn refuse_unknown(plan: &Plan) -> Result<(), Error> {
    if plan.unknown.is_empty() {
        return Ok(());
    }
    let names = wording::list(&plan.unknown);
    let verb = if plan.unknown.len() == 1 { "is" } else { "are" };
    Err(Error::Unset {
        names: format!("{names} {verb}"),
    })
}

/// How much would change, in words.
fn changes(plan: &Plan) -> String {
    let counts = Counts::of(plan);
    let changed = counts.build + counts.push + counts.create + counts.update + counts.destroy;
    wording::count(changed, "thing")
}

/// Shows the plan and, where there is something to do, asks whether to go on; whether to carry it out.
pub fn confirm_plan(
    command: &'static str,
    plan: &Plan,
    yes: bool,
    print: &Print,
) -> Result<bool, Error> {
    if !print.json() {
        session::print(&report::plan(plan, &print.out))?;
    }
    if plan.is_empty() || yes {
        return Ok(true);
    }
    let interactive =
        std::io::stdin().is_terminal() && std::io::stderr().is_terminal() && !print.json();
    if !interactive {
        return Err(Error::Unconfirmed {
            command,
            changes: changes(plan),
        });
    }
    let question = format!("Do you want to {command} this? Only `yes` is accepted:");
    let agreed = report::confirm(&question, &print.err).map_err(|cause| Error::Output { cause })?;
    if !agreed {
        print.note("Nothing was changed.");
    }
    Ok(agreed)
}
