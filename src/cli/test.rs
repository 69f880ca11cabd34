//! `jot test`.

use std::{process::ExitCode, sync::Arc};

use clap::Args;

use super::{
    Error, Functions, Global, TESTS_FAILED, execute,
    output::{self, Print},
    session::{self, Session},
    signals::Signals,
    trial::Trial,
    wanted, watch,
};
use crate::{
    apply,
    model::{Desired, Function, TestResult},
    plan::{self, Local},
    recipe::language,
    report, verify,
};

/// Runs the functions' tests: against local images as Lambda would run them, or in Lambda.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Test {
    #[command(flatten)]
    select: Functions,
    /// Test local images, and build missing ones (the default)
    #[arg(long, conflicts_with = "remote")]
    local: bool,
    /// Test the functions in Lambda, through the alias
    #[arg(long)]
    remote: bool,
    /// List methods that are still compiled while the tests run, which slows every cold start. Also
    /// tries a mode without a compiler at run time, if the language has one
    #[arg(long, conflicts_with = "remote")]
    jit_debt: bool,
    /// Run the tests again whenever a source or jot.toml changes, until Ctrl-C. Builds images with
    /// `compile = "none"`
    #[arg(long, conflicts_with_all = ["remote", "jit_debt"])]
    watch: bool,
}

const EXAMPLES: &str = "\
Examples:
  jot test
  jot test increment-vector --jit-debt
  jot test --watch
  jot test --remote --target prod";

impl Test {
    /// Whether it prints a stream of events; remote tests print one document.
    pub fn streams(&self) -> bool {
        !self.remote
    }
}

/// Printed if the functions have no tests.
const NO_TESTS: &str = "No tests: add `tests` to a function in jot.toml.";

/// Runs the tests and prints a table; exit status 3 if one failed.
pub async fn test(global: &Global, arguments: &Test, signals: &Signals) -> Result<ExitCode, Error> {
    if arguments.remote {
        let session = Session::open(global).await?;
        let desired = session.desired(&arguments.select.functions)?;
        return remote(&session, &desired, signals).await;
    }
    let print = Print::new(global);
    let mut desired = look(global, arguments)?;
    loop {
        let tested = local(&desired, (global, arguments), &print, signals).await;
        if let (true, Some(status)) = (arguments.watch, signals.exit_code()) {
            return Ok(status);
        }
        match tested {
            Ok(status) if !arguments.watch => return Ok(status),
            Ok(_) => {}
            Err(error) if !arguments.watch => return Err(error),
            Err(error) => report::problem::show(&error, &print.err),
        }
        print.note("Watching: the next save runs the tests again; press Ctrl-C to stop.");
        signals.mind();
        let look = || look(global, arguments);
        let changed = watch::changed(&look, &desired, differs, &print);
        desired = tokio::select! {
            next = changed => next,
            () = signals.stopped() => {
                return Ok(signals.exit_code().unwrap_or(ExitCode::SUCCESS));
            }
        };
    }
}

/// The desired state to test.
fn look(global: &Global, arguments: &Test) -> Result<Arc<Desired>, Error> {
    let mut loaded = wanted::load(global)?;
    if arguments.watch {
        let functions = loaded.manifest.functions.values_mut();
        functions.for_each(language::watch);
    }
    let mut desired = wanted::desired_offline(&loaded, &arguments.select.functions)?;
    for function in Arc::make_mut(&mut desired).functions.values_mut() {
        function.jit.listed = arguments.jit_debt;
    }
    Ok(desired)
}

/// Whether a change may affect the tests of a function.
fn differs(one: &Function, other: &Function) -> bool {
    one.code != other.code || one.config != other.config || one.tests != other.tests
}

async fn local(
    desired: &Arc<Desired>,
    (global, arguments): (&Global, &Test),
    print: &Print,
    signals: &Signals,
) -> Result<ExitCode, Error> {
    let desired = &with_tests(desired, print);
    if desired.functions.is_empty() && !print.json() {
        return Ok(ExitCode::SUCCESS);
    }
    let (docker, found) = session::local(&desired.project).await?;
    let plan = plan::local(desired, &found, Local::Test)?;
    let clients = (None, Some(docker));
    let trial = match arguments.jit_debt {
        true => {
            let keys: Vec<&String> = desired.functions.keys().collect();
            Trial::of(&wanted::load(global)?, &keys).await?
        }
        false => None,
    };
    let watching = (&print.err, signals);
    let carried = execute::execute_and_test(plan, Arc::clone(desired), clients, watching, trial);
    let carried = carried.await?;
    // With JSON, the events on stdout already have the results.
    if !print.json() && !carried.tests.is_empty() {
        output::print(&report::tests(&carried.tests, &print.out))?;
    }
    if carried.tests.is_empty() && carried.status == ExitCode::SUCCESS && !print.json() {
        print.note(
            "Nothing to test on this machine: functions with `image_uri` are tested in \
            Lambda, by `jot test --remote`.",
        );
    }
    Ok(carried.status)
}

/// The functions that have tests; prints a note about the others, for which nothing is built.
fn with_tests(desired: &Arc<Desired>, print: &Print) -> Arc<Desired> {
    let functions = desired.functions.values();
    let untested = functions.filter(|function| function.tests.is_empty());
    let untested: Vec<&str> = untested.map(|function| function.key.as_str()).collect();
    match untested.len() {
        0 => return Arc::clone(desired),
        all if all == desired.functions.len() => print.note(NO_TESTS),
        _ => {
            let list = report::wording::list(&untested);
            print.note(&format!("No tests, so not run: {list}."));
        }
    }
    let mut tested = Arc::clone(desired);
    let functions = &mut Arc::make_mut(&mut tested).functions;
    functions.retain(|_, function| !function.tests.is_empty());
    tested
}

async fn remote(
    session: &Session,
    desired: &Desired,
    signals: &Signals,
) -> Result<ExitCode, Error> {
    signals.mind();
    let run = async {
        let mut results = Vec::new();
        for function in desired.functions.values() {
            let request = apply::remote_tests(function, function.deploy.alias.as_deref());
            let alias = function.deploy.alias.as_deref();
            let tested = verify::remote(&session.aws, &request, None, &mut |_| {}).await;
            results.extend(tested.map_err(|error| Error::absent(error, function, alias))?);
        }
        Ok::<_, Error>(results)
    };
    tokio::select! {
        results = run => conclude(session, &results?),
        () = signals.stopped() => Ok(signals.exit_code().unwrap_or(ExitCode::SUCCESS)),
    }
}

fn conclude(session: &Session, results: &[TestResult]) -> Result<ExitCode, Error> {
    if results.is_empty() && !session.print.json() {
        session.print.note(NO_TESTS);
        return Ok(ExitCode::SUCCESS);
    }
    output::print(&report::tests(results, &session.print.out))?;
    let passed = results.iter().all(TestResult::passed);
    Ok(if passed {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(TESTS_FAILED)
    })
}
