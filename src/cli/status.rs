//! `jot status`.

mod row;

use std::process::ExitCode;

use clap::Args;

use super::{Error, Functions, Global, options::Refresh, output, provenance, session::Session};
use crate::{
    model::{Desired, Observed, Plan},
    observe, plan,
    report::{self, StatusRow, wording},
};

/// Shows every function: what runs, where the alias points, where its code is, and whether it
/// matches jot.toml.
///
/// `Lambda`, `ECR` and `here` are the digests of what runs, of what ECR has for the present
/// sources, and of the image on this machine: `=` is the same as what runs, `built` an image that
/// no registry has. For a single function, for named functions and with -v all details are shown.
/// Includes functions of this project and target that jot.toml does not declare.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Status {
    #[command(flatten)]
    select: Functions,
    #[command(flatten)]
    refresh: Refresh,
}

const EXAMPLES: &str = "\
Examples:
  jot status
  jot status increment-vector
  jot status --target prod --format json";

/// Observes, plans, and prints one row per function.
pub async fn status(global: &Global, arguments: &Status) -> Result<ExitCode, Error> {
    let session = Session::open(global).await?;
    let desired = session.desired(&arguments.select.functions)?;
    let desired = provenance::revised(desired);
    let looked = session.observe(&desired, arguments.refresh.depth());
    let (looked, now) = tokio::join!(looked, session.aws.now());
    let (mut observed, _) = looked?;
    observed.now = observed.now.or(now);
    let plan = planned(&session, &desired, &mut observed).await?;
    let rows = row::rows(&desired, &observed, &plan);
    let all = global.verbose > 0 || !arguments.select.functions.is_empty();
    output::print(&report::status(&rows, all, &session.print.out))?;
    if let Some(note) = from_tags(&rows) {
        session.print.note(&note);
    }
    if plan.is_ok_and(|plan| !plan.steps.is_empty()) {
        session.print.note("`jot plan` shows the steps.");
    }
    Ok(ExitCode::SUCCESS)
}

/// The plan, after a closer observation of functions that it acts on by tags alone, unless those
/// are too many.
///
/// If planning fails (no Docker, a function of another project), the rows are shown with the
/// reason.
async fn planned(
    session: &Session,
    desired: &Desired,
    observed: &mut Observed,
) -> Result<Result<Plan, String>, Error> {
    loop {
        let plan = match plan::plan(desired, observed) {
            Ok(plan) => plan,
            Err(error) => return Ok(Err(error.to_string())),
        };
        let unverified = plan::unverified(&plan, observed);
        if unverified.is_empty() || unverified.len() > observe::MANY {
            return Ok(Ok(plan));
        }
        *observed = observe::closer(desired, observed.clone(), &session.aws, &unverified).await?;
        let known = desired.with_values(&observed.references);
        observed.guard(&known.shown_values());
    }
}

/// A note on the number of rows that come from tags.
fn from_tags(rows: &[StatusRow]) -> Option<String> {
    let count = rows.iter().filter(|row| row.from_tags).count();
    (count > 0).then(|| {
        format!(
            "{}: version, code and state come from the tags of the last apply, without URLs; \
                `--refresh` asks AWS.",
            wording::count(count, "function")
        )
    })
}
