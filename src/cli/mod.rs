//! The command line: one file a command, each with its arguments and one function. The doc comment is the help.

mod adopt;
mod apply;
mod bench;
mod build;
mod carry;
mod check;
mod destroy;
mod error;
mod generate;
mod init;
mod invoke;
mod logs;
mod plan;
mod provenance;
mod run;
mod runs;
mod session;
mod signals;
mod sources;
mod status;
mod test;

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::{model::desired::Undeclared, observe::Depth};
pub use error::Error;
use signals::{LastWords, Signals};

/// Exit status: any error, usage too.
const FAILED: u8 = 1;
/// Exit status: `plan --detailed-exitcode` with changes pending.
const CHANGES: u8 = 2;
/// Exit status: tests failed.
const TESTS_FAILED: u8 = 3;

/// Runs functions on AWS Lambda in languages that Lambda does not host.
///
/// jot.toml declares the functions. `jot plan` says what differs from Docker, ECR and Lambda, and why; `jot apply` builds, tests,
/// pushes, creates or updates only that.
#[derive(Debug, Parser)]
#[command(
    name = "jot",
    version,
    propagate_version = true,
    disable_help_subcommand = true
)]
pub struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// Options of every command.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Options of every command")]
pub struct Global {
    /// Target of jot.toml to act on.
    #[arg(long, global = true, env = "JOT_TARGET", value_name = "NAME")]
    target: Option<String>,
    /// Path of the manifest; otherwise jot.toml here or in a folder above.
    #[arg(long, global = true, value_name = "PATH")]
    manifest: Option<PathBuf>,
    /// Form of what stands on stdout.
    #[arg(long, global = true, value_enum, default_value_t = Format::Human, value_name = "FORMAT")]
    format: Format,
    /// Say only what failed, and the result.
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,
    /// Say more: -v shows what builds write, -vv every request.
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    verbose: u8,
    /// When to use colour.
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    color: Color,
}

/// Form of what stands on stdout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Human,
    /// For programs.
    Json,
    /// For a comment on a pull request; of plan, apply, destroy, status, test and bench. The other commands print as for people.
    Markdown,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Color {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The commands.
#[derive(Debug, Subcommand)]
enum Command {
    Init(init::Init),
    Check(check::Check),
    Build(build::Build),
    Run(run::Run),
    Test(test::Test),
    Plan(plan::PlanCommand),
    Apply(apply::Apply),
    Adopt(adopt::Adopt),
    Status(status::Status),
    Invoke(invoke::Invoke),
    Logs(logs::Logs),
    Bench(bench::Bench),
    Destroy(destroy::Destroy),
    Generate(generate::Generate),
}

impl Command {
    /// What to say where a signal ends the command before it began its work.
    fn untouched(&self) -> &'static str {
        match self {
            Self::Apply(_) | Self::Adopt(_) | Self::Destroy(_) => {
                "Interrupted: nothing was changed."
            }
            _ => "Interrupted.",
        }
    }

    /// Whether `--format json` gives a stream of events.
    fn streams(&self) -> bool {
        match self {
            Self::Apply(_) | Self::Adopt(_) | Self::Destroy(_) => true,
            Self::Build(build) => build.streams(),
            Self::Test(test) => test.streams(),
            _ => false,
        }
    }
}

/// Functions on the command line.
#[derive(Clone, Debug, Default, Args)]
struct Functions {
    /// Functions by key, or globs such as 'increment-*'; all where none is named.
    #[arg(value_name = "FUNCTION")]
    functions: Vec<String>,
}

/// What becomes of functions that jot made and that the manifest no longer declares.
#[derive(Clone, Copy, Debug, Args)]
struct Declared {
    /// Delete the functions of this target that jot.toml does not declare, with their roles and log
    /// groups, after all else; those that were adopted stay
    #[arg(long, conflicts_with = "functions")]
    delete_undeclared: bool,
}

impl Declared {
    fn undeclared(self) -> Undeclared {
        match self.delete_undeclared {
            true => Undeclared::Delete,
            false => Undeclared::Keep,
        }
    }
}

/// How closely to look.
#[derive(Clone, Copy, Debug, Default, Args)]
struct Refresh {
    /// Ask AWS for every function and alias. Above 50 functions, those with nothing to do are otherwise told by their tags.
    #[arg(long)]
    refresh: bool,
}

impl Refresh {
    fn depth(self) -> Depth {
        match self.refresh {
            true => Depth::Each,
            false => Depth::Lists,
        }
    }
}

/// Runs the command line; returns the exit status: 0; 1 any error; 2 changes pending; 3 tests
/// failed; 129, 130 and 143 interrupted by SIGHUP, SIGINT and SIGTERM.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    let print = session::Print::new(&cli.global);
    let streams = cli.command.streams();
    // Two threads: what waits goes on while a context is packed. More would only cost start-up time.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build();
    let ended = match runtime {
        Ok(runtime) => {
            let ended = runtime.block_on(dispatch(cli, &print));
            // A request that nobody waits for any more must not hold the process.
            runtime.shutdown_background();
            ended
        }
        Err(cause) => Err(Error::Runtime { cause }),
    };
    match ended {
        Ok(status) => status,
        Err(error) => session::fail(&error, &print, streams),
    }
}

fn usage(error: &clap::Error) -> ExitCode {
    // Nothing is left to say it with where writing fails.
    let _ = error.print();
    if error.use_stderr() {
        ExitCode::from(FAILED)
    } else {
        ExitCode::SUCCESS
    }
}

async fn dispatch(cli: Cli, print: &session::Print) -> Result<ExitCode, Error> {
    let global = &cli.global;
    let signals = &Signals::listen(LastWords {
        text: cli.command.untouched(),
        stream: (cli.command.streams() && print.json()).then(|| print.err.clone()),
    });
    session::trace(global);
    match cli.command {
        Command::Init(arguments) => init::init(global, &arguments).await,
        Command::Check(arguments) => check::check(global, &arguments),
        Command::Build(arguments) => build::build(global, &arguments, signals).await,
        Command::Run(arguments) => run::run(global, &arguments, signals).await,
        Command::Test(arguments) => test::test(global, &arguments, signals).await,
        Command::Plan(arguments) => plan::plan(global, &arguments).await,
        Command::Apply(arguments) => apply::apply(global, &arguments, signals).await,
        Command::Adopt(arguments) => adopt::adopt(global, &arguments, signals).await,
        Command::Status(arguments) => status::status(global, &arguments).await,
        Command::Invoke(arguments) => invoke::invoke(global, &arguments).await,
        Command::Logs(arguments) => logs::logs(global, &arguments, signals).await,
        Command::Bench(arguments) => bench::bench(global, &arguments, signals).await,
        Command::Destroy(arguments) => destroy::destroy(global, &arguments, signals).await,
        Command::Generate(arguments) => generate::generate(global, &arguments),
    }
}
