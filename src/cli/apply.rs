//! `jot apply`.

mod closing;
mod lifetime;

use std::{io::IsTerminal, path::PathBuf, process::ExitCode, sync::Arc};

use clap::Args;

use super::{
    Alarms, Declared, Error, Functions, Global, Images, Refresh, Replace, Retry, execute,
    output::{self, Print},
    references, runs, saved,
    session::Session,
    signals::Signals,
    supply::supply,
};
use crate::{
    model::{Action, Plan},
    report::{self, Counts, wording},
};

/// Builds, tests, pushes, creates and updates only what differs.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Apply {
    #[command(flatten)]
    select: Functions,
    #[command(flatten)]
    declared: Declared,
    #[command(flatten)]
    replace: Replace,
    #[command(flatten)]
    retry: Retry,
    #[command(flatten)]
    alarms: Alarms,
    #[command(flatten)]
    images: Images,
    /// Do not ask for confirmation
    #[arg(short, long)]
    yes: bool,
    /// Apply a plan that `jot plan --out FILE` saved, once, if it still fits. Does not ask: the
    /// plan was reviewed
    #[arg(long, value_name = "FILE", conflicts_with_all = ["delete_undeclared", "images_from"])]
    plan: Option<PathBuf>,
    #[command(flatten)]
    refresh: Refresh,
}

const EXAMPLES: &str = "\
Examples:
  jot apply
  jot apply increment-vector --target staging --yes
  jot apply --target prod --images-from staging
  jot apply --plan plan.json";

/// Observes, plans, asks, and executes the plan.
pub async fn apply(
    global: &Global,
    arguments: &Apply,
    signals: &Signals,
) -> Result<ExitCode, Error> {
    let session = Session::open(global).await?;
    let saved = arguments
        .plan
        .as_deref()
        .map(saved::read_unused)
        .transpose()?;
    let saved = saved.map(|saved| saved.plan);
    let mut desired = session.desired(&arguments.select.functions)?;
    let asked = arguments.declared.undeclared();
    let wanted = Arc::make_mut(&mut desired);
    wanted.undeclared = saved.as_ref().map_or(asked, |saved| saved.undeclared);
    wanted.retry = arguments.retry.retry || saved.as_ref().is_some_and(|saved| saved.retry);
    wanted
        .ignored_alarms
        .clone_from(&arguments.alarms.ignore_alarm);
    // A saved plan showed its replacements when it was made.
    wanted.replace = arguments.replace.allow_replace || saved.as_ref().is_some_and(replaces);
    let mut images = arguments.images.clone();
    if let Some(saved) = &saved {
        images.images_from.clone_from(&saved.images_from);
    }
    wanted.supply = supply(&images, &session.loaded, wanted)?;
    let (fresh, docker) = session
        .plan(&mut desired, arguments.refresh.depth())
        .await?;
    if let Some(docker) = &docker {
        runs::sweep(docker).await;
    }
    if let (Some(saved), Some(path)) = (&saved, &arguments.plan) {
        saved::fits(saved, &fresh, path)?;
    }
    references::needed(&session.loaded, &desired, &fresh)?;
    shifting(&fresh)?;
    lifetime::check(&fresh, &desired, &session.aws).await?;
    if let Some(path) = &arguments.plan {
        saved::use_up(path)?;
    }
    if !confirm_plan(
        "apply",
        &fresh,
        arguments.yes || saved.is_some(),
        &session.print,
    )? {
        return Ok(ExitCode::SUCCESS);
    }
    let clients = (Some(session.aws), docker);
    let print = &session.print;
    let closing = closing::closing(&fresh, &desired);
    let carried = execute::execute(fresh, desired, clients, (&print.err, signals)).await?;
    if let Some(closing) = closing.filter(|_| carried.summary.complete() && !print.json()) {
        print.note(&closing);
    }
    Ok(carried.status)
}

/// Fails if another apply is moving traffic that this one would have to move.
fn shifting(plan: &Plan) -> Result<(), Error> {
    let Some((key, shift)) = plan.shifting.first_key_value() else {
        return Ok(());
    };
    Err(Error::Usage {
        message: format!(
            "another apply is moving traffic of `{key}` to version {}, {}% so far, until {} at \
                least",
            shift.to, shift.step, shift.until
        ),
        help: format!(
            "run this again when it is done, name other functions, or take over with \
                `jot rollback {key}`"
        ),
    })
}

/// Whether the plan deletes an existing function and creates it again.
fn replaces(plan: &Plan) -> bool {
    plan.steps.iter().any(|step| {
        matches!(
            step.action,
            Action::ReplaceFunction {
                revision: Some(_),
                ..
            }
        )
    })
}

/// The number of changes, for the question.
fn changes(plan: &Plan) -> String {
    wording::count(Counts::of(plan).all(), "thing")
}

/// Shows the plan and, if it has steps, asks for confirmation; returns whether to execute it.
pub fn confirm_plan(
    command: &'static str,
    plan: &Plan,
    yes: bool,
    print: &Print,
) -> Result<bool, Error> {
    // Someone who is asked sees the plan even with `--quiet`.
    if yes && print.out.quiet && !print.json() {
        output::print(&report::result(plan, &print.out))?;
    } else {
        show(plan, print)?;
    }
    if plan.is_empty() {
        // A reader of JSON gets its stream of events in any case.
        return Ok(print.json());
    }
    agreed(command, changes(plan), yes, print)?;
    Ok(true)
}

/// Shows the plan, except with JSON: its readers get the events.
pub fn show(plan: &Plan, print: &Print) -> Result<(), Error> {
    match print.json() {
        true => Ok(()),
        false => output::print(&report::plan(plan, &print.out)),
    }
}

/// Asks for confirmation, unless `yes` is set.
///
/// # Errors
/// [`Error::Unconfirmed`] without a terminal to ask at, [`Error::Declined`].
pub fn agreed(
    command: &'static str,
    changes: String,
    yes: bool,
    print: &Print,
) -> Result<(), Error> {
    if yes {
        return Ok(());
    }
    let interactive =
        std::io::stdin().is_terminal() && std::io::stderr().is_terminal() && !print.json();
    if !interactive {
        return Err(Error::Unconfirmed { command, changes });
    }
    let question = format!("Do you want to {command} this?");
    let agreed = report::confirm(&question, &print.err).map_err(|cause| Error::Output { cause })?;
    if !agreed {
        return Err(Error::Declined { command });
    }
    Ok(())
}
