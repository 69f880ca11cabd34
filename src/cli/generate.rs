//! `jot generate`.

mod completions;
mod event;
mod man;

use std::process::ExitCode;

use clap::{Args, Command, Subcommand, ValueEnum};

use super::{Error, Global, output, wanted};
use crate::{manifest, report};

/// Prints schemas, man pages, completions, sample events, or an example of every key.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Generate {
    #[command(subcommand)]
    what: What,
}

const EXAMPLES: &str = "\
Examples:
  jot generate completions bash > ~/.local/share/bash-completion/completions/jot
  jot generate schema > jot.schema.json
  jot generate event sqs > events/sqs.json
  jot generate man apply | man -l -";

#[derive(Debug, Subcommand)]
enum What {
    /// A JSON schema.
    Schema {
        /// The document that the schema describes
        #[arg(value_enum, default_value_t = Of::Manifest, value_name = "WHAT")]
        of: Of,
    },
    /// The man page, roff.
    Man {
        /// A command, such as `apply`; by default jot itself
        #[arg(value_name = "COMMAND")]
        command: Option<String>,
    },
    /// Completions for a shell.
    Completions {
        /// The shell.
        #[arg(value_enum, value_name = "SHELL")]
        shell: clap_complete::Shell,
    },
    /// A jot.toml with every key.
    Example,
    /// A sample event of an AWS service: for `argument_file` of a test, or for `jot invoke`
    Event {
        /// The service that calls the function
        #[arg(value_enum, value_name = "SOURCE")]
        source: event::Source,
    },
    /// Names from jot.toml for completions, one per line; nothing if the manifest cannot be read
    #[command(hide = true)]
    Names {
        /// The kind of name
        #[arg(value_enum, value_name = "WHAT")]
        of: Names,
    },
}

/// The kinds of names that completions need.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Names {
    Functions,
    Targets,
}

/// The documents that have a schema.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Of {
    /// jot.toml, for editors.
    Manifest,
    /// What --format json prints, for programs.
    Output,
}

/// Prints the requested text to stdout; `cli` is the definition of the whole command line.
pub fn generate(global: &Global, arguments: &Generate, cli: Command) -> Result<ExitCode, Error> {
    let text = match &arguments.what {
        What::Schema { of: Of::Manifest } => manifest::SCHEMA.to_owned(),
        What::Schema { of: Of::Output } => report::json::SCHEMA.to_owned(),
        What::Man { command } => man::page(command.as_deref(), cli)?,
        What::Completions { shell } => completions::script(*shell, cli),
        What::Example => manifest::example().to_owned(),
        What::Event { source } => event::sample(*source).to_owned(),
        What::Names { of } => names(global, *of),
    };
    output::print(&text)?;
    Ok(ExitCode::SUCCESS)
}

fn names(global: &Global, of: Names) -> String {
    let Ok(loaded) = wanted::load(global) else {
        return String::new();
    };
    let names: Vec<String> = match of {
        Names::Functions => loaded.manifest.functions.into_keys().collect(),
        Names::Targets => loaded.targets,
    };
    names.iter().map(|name| format!("{name}\n")).collect()
}
