//! `jot generate`.

use std::process::ExitCode;

use clap::{Args, Command, Subcommand, ValueEnum};

use super::{Error, output};
use crate::{manifest, report};

/// Prints files that go with jot: schema, man page, completions, an example of every key.
#[derive(Debug, Args)]
pub struct Generate {
    #[command(subcommand)]
    what: What,
}

/// What can be generated.
#[derive(Debug, Subcommand)]
enum What {
    /// A JSON schema.
    Schema {
        /// Of what.
        #[arg(value_enum, default_value_t = Of::Manifest, value_name = "WHAT")]
        of: Of,
    },
    /// The man page, roff.
    Man {
        /// A command, such as `apply`; none: jot itself.
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
}

/// What there are schemas of.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Of {
    /// jot.toml, for editors.
    Manifest,
    /// What --format json prints, for programs.
    Output,
}

/// Prints the asked-for text to stdout; `cli` is the definition of the whole command line.
pub fn generate(arguments: &Generate, cli: Command) -> Result<ExitCode, Error> {
    let text = match &arguments.what {
        What::Schema { of: Of::Manifest } => format!("{:#}\n", manifest::schema()),
        What::Schema { of: Of::Output } => format!("{:#}\n", report::json::schema()),
        What::Man { command } => man(command.as_deref(), cli)?,
        What::Completions { shell } => completions(*shell, cli),
        What::Example => manifest::example().to_owned(),
    };
    output::print(&text)?;
    Ok(ExitCode::SUCCESS)
}

fn man(command: Option<&str>, mut cli: Command) -> Result<String, Error> {
    // Global options reach the commands only once the tree is built.
    cli.build();
    let page = match command {
        None => cli,
        Some(name) => {
            let found = cli.find_subcommand(name).cloned();
            let found = found.ok_or_else(|| Error::Usage {
                message: format!("there is no command `{name}`"),
                help: "`jot --help` lists the commands".to_owned(),
            })?;
            found.display_name(format!("jot-{name}"))
        }
    };
    let mut text = Vec::new();
    clap_mangen::Man::new(page)
        .render(&mut text)
        .map_err(|cause| Error::Output { cause })?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

fn completions(shell: clap_complete::Shell, mut cli: Command) -> String {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut cli, "jot", &mut text);
    String::from_utf8_lossy(&text).into_owned()
}
