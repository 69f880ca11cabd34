//! Options that several commands have.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::Error;
use crate::{model::desired::Undeclared, observe::Depth};

/// Options of every command.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Options of every command")]
pub struct Global {
    /// Target of jot.toml to act on
    #[arg(long, global = true, env = "JOT_TARGET", value_name = "NAME")]
    pub target: Option<String>,
    /// Path of the manifest or of its folder; by default jot.toml in this folder or one above
    #[arg(long, global = true, value_name = "PATH")]
    pub manifest: Option<PathBuf>,
    /// Change into DIR first; may be repeated, as with git
    #[arg(short = 'C', global = true, value_name = "DIR")]
    pub directory: Vec<PathBuf>,
    /// Output format on stdout
    #[arg(long, global = true, value_enum, default_value_t = Format::Human, value_name = "FORMAT")]
    format: Format,
    /// The same as `--format json`.
    #[arg(long, global = true, hide = true, conflicts_with = "format")]
    json: bool,
    /// Print only failures and the result
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Print more: -v shows the output of builds, -vv every request
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// When to use colour.
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    color: Color,
    /// The same as `--color never`.
    #[arg(long, global = true, hide = true, conflicts_with = "color")]
    no_color: bool,
}

impl Global {
    /// Guesses the colour options of a command line that cannot be parsed.
    pub fn guessed(words: &[String]) -> Self {
        let has = |one: &str| words.iter().any(|word| word == one);
        let after = |option: &str, value: &str| {
            let pairs = words.iter().zip(words.iter().skip(1));
            let joined = format!("{option}={value}");
            has(&joined)
                || pairs
                    .into_iter()
                    .any(|(one, other)| one == option && other == value)
        };
        Self {
            target: None,
            manifest: None,
            directory: Vec::new(),
            format: Format::Human,
            json: false,
            quiet: false,
            verbose: 0,
            color: match after("--color", "always") {
                true => Color::Always,
                false => Color::Auto,
            },
            no_color: has("--no-color") || after("--color", "never"),
        }
    }

    /// The value of `--format`, or `Json` with `--json`.
    pub fn format(&self) -> Format {
        match self.json {
            true => Format::Json,
            false => self.format,
        }
    }

    /// When to use colour.
    pub fn color(&self) -> Color {
        match self.no_color {
            true => Color::Never,
            false => self.color,
        }
    }

    /// Changes into the folders of `-C`.
    ///
    /// # Errors
    /// A folder cannot be entered.
    pub fn enter(&self) -> Result<(), Error> {
        for folder in &self.directory {
            std::env::set_current_dir(folder).map_err(|cause| Error::File {
                what: "enter",
                path: folder.clone(),
                cause,
            })?;
        }
        Ok(())
    }
}

/// The output format on stdout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Human,
    /// For programs.
    Json,
    /// For a comment on a pull request; for plan, apply, destroy, status, test and bench. Other
    /// commands print as for people
    Markdown,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Functions on the command line.
#[derive(Clone, Debug, Default, Args)]
pub struct Functions {
    /// Functions by key, or globs such as 'increment-*'; all by default
    #[arg(value_name = "FUNCTION")]
    pub functions: Vec<String>,
}

/// Treatment of functions that jot made and the manifest no longer declares.
#[derive(Clone, Copy, Debug, Args)]
pub struct Declared {
    /// Delete the functions of this target that jot.toml does not declare, with their roles and log
    /// groups, after all other steps; adopted functions stay
    #[arg(long, conflicts_with = "functions")]
    pub delete_undeclared: bool,
}

impl Declared {
    /// The option as the planner takes it.
    pub fn undeclared(self) -> Undeclared {
        match self.delete_undeclared {
            true => Undeclared::Delete,
            false => Undeclared::Keep,
        }
    }
}

/// Treatment of functions that change their package type.
#[derive(Clone, Copy, Debug, Args)]
pub struct Replace {
    /// Delete and recreate a function that changes between image and zip archive: it loses its
    /// versions, alias and URL, and calls fail in between
    #[arg(long)]
    pub allow_replace: bool,
}

/// Treatment of releases that a rollback or traffic steps hold.
#[derive(Clone, Copy, Debug, Default, Args)]
pub struct Retry {
    /// Release held code again: what was rolled back, or what traffic steps refused
    #[arg(long)]
    pub retry: bool,
}

/// Alarms that do not stop traffic steps.
#[derive(Clone, Debug, Default, Args)]
pub struct Alarms {
    /// Move traffic although this alarm of `deploy.traffic` is in ALARM; may be repeated
    #[arg(long, value_name = "ALARM")]
    pub ignore_alarm: Vec<String>,
}

/// The origin of images and archives that ECR lacks.
#[derive(Clone, Debug, Default, Args)]
pub struct Images {
    /// Build nothing: fail before any change if ECR lacks an image or archive. Docker is not used
    #[arg(long)]
    pub no_build: bool,
    /// Build nothing: copy what ECR lacks from the repository of another target of jot.toml, if
    /// both build the same. Docker is not asked
    #[arg(long, value_name = "TARGET")]
    pub images_from: Option<String>,
}

/// How closely to observe.
#[derive(Clone, Copy, Debug, Default, Args)]
pub struct Refresh {
    /// Ask AWS for every function and alias. Above 50 functions, jot otherwise decides by tags
    /// which ones need a closer look
    #[arg(long)]
    pub refresh: bool,
}

impl Refresh {
    /// The depth of observation.
    pub fn depth(self) -> Depth {
        match self.refresh {
            true => Depth::Each,
            false => Depth::Lists,
        }
    }
}
