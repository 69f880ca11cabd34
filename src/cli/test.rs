//! `jot test`.

use std::{process::ExitCode, sync::Arc};

use clap::Args;

use super::{Error, FAILED, Functions, Global, TESTS_FAILED, carry, session::Session, signals::Signals};
use crate::{
    model::{Desired, Function, TestResult},
    plan, report, verify,
};

/// Runs the functions' tests: against local images as Lambda would run them, or in Lambda.
#[derive(Debug, Args)]
pub struct Test {
    #[command(flatten)]
    select: Functions,
    /// Against local images, which are built where they are missing (the default).
    #[arg(long, conflicts_with = "remote")]
    local: bool,
    /// Against the functions in Lambda, through the alias.
    #[arg(long)]
    remote: bool,
}

/// Runs the tests and prints a table; exit status 3 where one failed.
pub async fn test(global: &Global, arguments: &Test) -> Result<ExitCode, Error> {
    let session = Session::open(global).await?;
    if arguments.remote {
        let desired = session.names(&arguments.select.functions)?;
        return remote(&session, &desired).await;
    }
    let desired = session.desired(&arguments.select.functions)?;
    let docker = crate::remote::Docker::connect().await?;
    let local = docker.observed(&desired.project).await?;
    let plan = plan::test(&desired, &local)?;
    carry::carry_out(plan, Arc::clone(&desired), (session.aws, Some(docker)), &session.style).await
}
