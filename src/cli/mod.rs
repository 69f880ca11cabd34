//! The command line: one file per command, with its arguments and one function.
//!
//! The doc comment of a command is its help.

mod adopt;
mod apply;
mod bench;
mod build;
mod built;
mod check;
mod clean;
mod destroy;
mod doctor;
mod environment;
mod error;
mod execute;
mod files;
mod generate;
mod iam_policy;
mod init;
mod invoke;
mod logs;
mod options;
mod output;
mod patience;
mod plan;
mod provenance;
mod prune;
mod references;
mod releases;
mod rollback;
mod run;
mod runs;
mod saved;
mod session;
mod show;
mod signals;
mod sources;
mod status;
mod status_code;
mod supply;
mod test;
mod trial;
mod usage;
mod wanted;
mod watch;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

pub use error::Error;
use options::{Alarms, Declared, Functions, Global, Images, Refresh, Replace, Retry};
use output::Print;
use signals::{LastWords, Signals};
use status_code::{CHANGES, FAILED, TESTS_FAILED};

/// Deploys functions to AWS Lambda in languages that Lambda does not host.
///
/// jot.toml declares the functions. `jot plan` shows how Docker, ECR and Lambda differ from it, and
/// why; `jot apply` builds, tests, pushes, creates or updates only what differs.
#[derive(Debug, Parser)]
#[command(name = "jot", version, propagate_version = true, after_help = EXAMPLES)]
pub struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  jot init numerics && jot test      a first function, tested in Docker as Lambda would run it
  jot plan && jot apply              what would change, then the change
  jot help apply                     all about a command";

#[derive(Debug, Subcommand)]
enum Command {
    Init(init::Init),
    #[command(alias = "validate")]
    Check(check::Check),
    Build(build::Build),
    Run(run::Run),
    Test(test::Test),
    Plan(plan::PlanCommand),
    Show(show::Show),
    #[command(alias = "deploy")]
    Apply(apply::Apply),
    Adopt(adopt::Adopt),
    Status(status::Status),
    Releases(releases::Releases),
    Rollback(rollback::Rollback),
    Invoke(invoke::Invoke),
    Logs(logs::Logs),
    Bench(bench::Bench),
    Destroy(destroy::Destroy),
    Doctor(doctor::Doctor),
    Clean(clean::Clean),
    Prune(prune::Prune),
    IamPolicy(iam_policy::IamPolicy),
    Generate(generate::Generate),
}

impl Command {
    /// The message if a signal ends the command before it began its work.
    fn untouched(&self) -> &'static str {
        match self {
            Self::Apply(_) | Self::Adopt(_) | Self::Rollback(_) | Self::Destroy(_) => {
                "Interrupted: nothing was changed."
            }
            _ => "Interrupted.",
        }
    }

    /// Whether `--format json` prints a stream of events.
    fn streams(&self) -> bool {
        match self {
            Self::Apply(_) | Self::Adopt(_) | Self::Rollback(_) | Self::Destroy(_) => true,
            Self::Build(build) => build.streams(),
            Self::Test(test) => test.streams(),
            _ => false,
        }
    }
}

/// Runs the command line; returns the exit status.
///
/// 0 is success, 1 any error, 2 pending changes, 3 failed tests; 129, 130 and 143 an interruption
/// by SIGHUP, SIGINT or SIGTERM.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage::show(&error, &Cli::command()),
    };
    let print = Print::new(&cli.global);
    let streams = cli.command.streams();
    if let Err(error) = cli.global.enter() {
        return output::fail(&error, &print, streams);
    }
    // Two threads: waiting tasks run on while a context is packed. More would only slow the start.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build();
    let ended = match runtime {
        Ok(runtime) => {
            let ended = runtime.block_on(dispatch(cli, &print));
            // Do not let an abandoned request keep the process alive.
            runtime.shutdown_background();
            ended
        }
        Err(cause) => Err(Error::Runtime { cause }),
    };
    match ended {
        Ok(status) => status,
        Err(error) => output::fail(&error, &print, streams),
    }
}

async fn dispatch(cli: Cli, print: &Print) -> Result<ExitCode, Error> {
    let global = &cli.global;
    let signals = &Signals::listen(LastWords {
        text: cli.command.untouched(),
        stream: (cli.command.streams() && print.json()).then(|| print.err.clone()),
    });
    output::trace(&print.err);
    match cli.command {
        Command::Init(arguments) => init::init(global, &arguments).await,
        Command::Check(arguments) => check::check(global, &arguments),
        Command::Build(arguments) => build::build(global, &arguments, signals).await,
        Command::Run(arguments) => run::run(global, &arguments, signals).await,
        Command::Test(arguments) => test::test(global, &arguments, signals).await,
        Command::Plan(arguments) => plan::plan(global, &arguments).await,
        Command::Show(arguments) => show::show(global, &arguments),
        Command::Apply(arguments) => apply::apply(global, &arguments, signals).await,
        Command::Adopt(arguments) => adopt::adopt(global, &arguments, signals).await,
        Command::Status(arguments) => status::status(global, &arguments).await,
        Command::Releases(arguments) => releases::releases(global, &arguments).await,
        Command::Rollback(arguments) => rollback::rollback(global, &arguments, signals).await,
        Command::Invoke(arguments) => invoke::invoke(global, &arguments, signals).await,
        Command::Logs(arguments) => logs::logs(global, &arguments, signals).await,
        Command::Bench(arguments) => bench::bench(global, &arguments, signals).await,
        Command::Destroy(arguments) => destroy::destroy(global, &arguments, signals).await,
        Command::Doctor(arguments) => doctor::doctor(global, &arguments).await,
        Command::Clean(arguments) => clean::clean(global, &arguments).await,
        Command::Prune(arguments) => prune::prune(global, &arguments).await,
        Command::IamPolicy(arguments) => iam_policy::iam_policy(global, &arguments),
        Command::Generate(arguments) => generate::generate(global, &arguments, Cli::command()),
    }
}
