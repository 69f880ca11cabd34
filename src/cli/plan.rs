//! `jot plan`.

use std::{path::PathBuf, process::ExitCode, sync::Arc};

use clap::Args;

use super::{
    CHANGES, Declared, Error, Functions, Global, Images, Refresh, Replace, Retry, output, saved,
    session::Session, supply::supply,
};
use crate::report;

/// Shows how Docker, ECR and Lambda differ from jot.toml, and why; changes nothing.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct PlanCommand {
    #[command(flatten)]
    select: Functions,
    #[command(flatten)]
    declared: Declared,
    #[command(flatten)]
    replace: Replace,
    #[command(flatten)]
    retry: Retry,
    #[command(flatten)]
    images: Images,
    /// Exit with 2 if the plan has steps, or a function stays at an earlier release
    #[arg(long)]
    detailed_exitcode: bool,
    /// Save the plan for `jot apply --plan FILE`. It contains no secret
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    refresh: Refresh,
}

const EXAMPLES: &str = "\
Examples:
  jot plan
  jot plan --target prod --out plan.json
  jot plan --target prod --images-from staging
  jot plan 'increment-*' --detailed-exitcode";

/// Observes, plans and prints.
pub async fn plan(global: &Global, arguments: &PlanCommand) -> Result<ExitCode, Error> {
    let session = Session::open(global).await?;
    let mut desired = session.desired(&arguments.select.functions)?;
    let asked = Arc::make_mut(&mut desired);
    asked.undeclared = arguments.declared.undeclared();
    asked.replace = arguments.replace.allow_replace;
    asked.retry = arguments.retry.retry;
    asked.supply = supply(&arguments.images, &session.loaded, asked)?;
    let (plan, _) = session
        .plan(&mut desired, arguments.refresh.depth())
        .await?;
    if let Some(path) = &arguments.out {
        saved::write(path, &plan)?;
    }
    output::print(&report::plan(&plan, &session.print.out))?;
    if let (Some(path), false) = (&arguments.out, plan.is_empty()) {
        let path = path.display();
        let text = format!("\nSaved: `jot apply --plan {path}` applies exactly this plan.");
        session.print.note(&text);
    }
    let pending = arguments.detailed_exitcode && plan.is_pending();
    Ok(if pending {
        ExitCode::from(CHANGES)
    } else {
        ExitCode::SUCCESS
    })
}
