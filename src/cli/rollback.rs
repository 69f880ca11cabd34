//! `jot rollback`.

use std::{collections::BTreeMap, process::ExitCode, sync::Arc};

use clap::Args;
use futures_util::future::try_join_all;

use super::{
    Error, Global, apply::confirm_plan, execute, patience::patient, session::Session,
    signals::Signals,
};
use crate::{
    model::{Desired, Observed, version::Target},
    observe, plan,
};

/// Gives all traffic to the previous release, and holds the one that it leaves.
///
/// An apply releases a held release again only after its code changes, or with `--retry`.
///
/// Builds nothing and does not need Docker. A version keeps its code, settings and environment;
/// what is outside the version (role policies, URL, triggers, concurrency, retention) does not
/// change.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Rollback {
    /// Functions by key, or globs such as 'increment-*'; optional if jot.toml has only one function
    #[arg(value_name = "FUNCTION")]
    functions: Vec<String>,
    /// Return to this version, as `jot releases` shows it. A held version is released from its hold
    #[arg(long, value_name = "VERSION")]
    to: Option<String>,
    /// Do not ask for confirmation
    #[arg(short, long)]
    yes: bool,
}

const EXAMPLES: &str = "\
Examples:
  jot rollback increment-vector
  jot rollback increment-vector --to 7 --target prod --yes
  jot rollback '*'";

/// Observes, plans the rollback, asks, and executes the plan.
pub async fn rollback(
    global: &Global,
    arguments: &Rollback,
    signals: &Signals,
) -> Result<ExitCode, Error> {
    let session = Session::open(global).await?;
    let named = &arguments.functions;
    let desired = session.names(named)?;
    let many = desired.functions.len() > 1;
    if many && (named.is_empty() || arguments.to.is_some()) {
        let message = match named.is_empty() {
            true => "jot.toml declares several functions: choose which ones to roll back",
            false => "--to needs exactly one function, got several",
        };
        return Err(Error::Usage {
            message: message.to_owned(),
            help: "`jot rollback FUNCTION` rolls one back, `jot rollback '*'` all of them"
                .to_owned(),
        });
    }
    let to = arguments.to.as_deref();
    let asked = look(&session, &desired, to);
    let waiting = format!("Asking AWS in {}.", session.aws.region());
    let (observed, targets) = patient(&session.print, &waiting, asked).await?;
    let plan = plan::rollback(&desired, &observed, &targets)?;
    if !confirm_plan("roll back", &plan, arguments.yes, &session.print)? {
        return Ok(ExitCode::SUCCESS);
    }
    let watching = (&session.print.err, signals);
    let carried = execute::execute_only(plan, desired, (Some(session.aws), None), watching).await?;
    Ok(carried.status)
}

/// The versions that serve, and those that will.
async fn look(
    session: &Session,
    desired: &Arc<Desired>,
    to: Option<&str>,
) -> Result<(Observed, BTreeMap<String, Target>), Error> {
    let observed = observe::serving(desired, &session.aws).await?;
    let nothing = crate::model::observed::Function::default();
    let mut wanted = Vec::new();
    for (key, function) in &desired.functions {
        let found = observed.functions.get(key).unwrap_or(&nothing);
        let shift = found
            .alias
            .as_ref()
            .and_then(|alias| alias.releases()?.shift);
        wanted.push((function, plan::returns_to(function, found, to)?, shift));
    }
    let each = wanted.iter().map(async |(function, version, shift)| {
        let to = (version.as_str(), shift.as_ref());
        let target = observe::target((desired, function), to, &session.aws).await?;
        Ok::<_, Error>((function.key.clone(), target))
    });
    let targets = try_join_all(each).await?.into_iter().collect();
    Ok((observed, targets))
}
