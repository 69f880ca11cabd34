//! `jot test`.

use std::{process::ExitCode, sync::Arc};

use clap::Args;

use super::{
    Error, Functions, Global, TESTS_FAILED, carry, session, session::Session, signals::Signals,
};
use crate::{
    apply,
    model::{Desired, TestResult},
    plan::{self, Local},
    report, verify,
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
    let desired = session.desired(&arguments.select.functions)?;
    if arguments.remote {
        return remote(&session, &desired).await;
    }
    let (docker, found) = session::local(&desired.project).await?;
    let plan = plan::local(&desired, &found, Local::Test)?;
    let clients = (session.aws.clone(), Some(docker));
    let carried = carry::carry_out(plan, Arc::clone(&desired), clients, &session.print.err).await?;
    // With JSON the events on stdout hold the results already.
    if !session.print.json() && !carried.tests.is_empty() {
        session::print(&report::tests(&carried.tests, &session.print.out))?;
    }
    if carried.tests.is_empty() && carried.status == ExitCode::SUCCESS {
        session
            .print
            .note("No tests: add `tests` to a function in jot.toml.");
    }
    Ok(carried.status)
}

async fn remote(session: &Session, desired: &Desired) -> Result<ExitCode, Error> {
    let signals = Signals::listen();
    let run = async {
        let mut results = Vec::new();
        for function in desired.functions.values() {
            let request = apply::remote_tests(function, function.deploy.alias.as_deref());
            results.extend(verify::remote(&session.aws, &request, &mut |_| {}).await?);
        }
        Ok::<_, Error>(results)
    };
    tokio::select! {
        results = run => conclude(session, &results?),
        () = signals.stopped() => Ok(signals.exit_code().unwrap_or(ExitCode::SUCCESS)),
    }
}

fn conclude(session: &Session, results: &[TestResult]) -> Result<ExitCode, Error> {
    session::print(&report::tests(results, &session.print.out))?;
    let passed = results.iter().all(TestResult::passed);
    Ok(if passed {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(TESTS_FAILED)
    })
}
