//! Options that several commands have.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::Error;
use crate::{model::desired::Undeclared, observe::Depth};

/// Options of every command.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Options of every command")]
pub struct Global {
    /// Target of jot.toml to act on.
    #[arg(long, global = true, env = "JOT_TARGET", value_name = "NAME")]
    pub target: Option<String>,
    /// Path of the manifest, or of the folder that jot.toml is in; otherwise jot.toml here or in a folder
    /// above.
    #[arg(long, global = true, value_name = "PATH")]
    pub manifest: Option<PathBuf>,
    /// Change into DIR first; several are taken one after another, as git does.
    #[arg(short = 'C', global = true, value_name = "DIR")]
    pub directory: Vec<PathBuf>,
    /// What to print on stdout.
    #[arg(long, global = true, value_enum, default_value_t = Format::Human, value_name = "FORMAT")]
    format: Format,
    /// The same as `--format json`.
    #[arg(long, global = true, hide = true, conflicts_with = "format")]
    json: bool,
    /// Say only what failed, and the result.
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Say more: -v shows what builds write, -vv every request.
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
    /// What the words of a command line that cannot be read say of colour.
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

    /// What to print on stdout.
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

    /// Changes into the folders that `-C` names.
    ///
    /// # Errors
    /// One of them cannot be entered.
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

/// What to print on stdout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Human,
    /// For programs.
    Json,
    /// For a comment on a pull request; of plan, apply, destroy, status, test and bench. The other commands print as for people.
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
    /// Functions by key, or globs such as 'increment-*'; all where none is named.
    #[arg(value_name = "FUNCTION")]
    pub functions: Vec<String>,
}

/// What becomes of functions that jot made and that the manifest no longer declares.
#[derive(Clone, Copy, Debug, Args)]
pub struct Declared {
    /// Delete the functions of this target that jot.toml does not declare, with their roles and log
    /// groups, after all else; those that were adopted stay
    #[arg(long, conflicts_with = "functions")]
    pub delete_undeclared: bool,
}

impl Declared {
    /// What to do with them.
    pub fn undeclared(self) -> Undeclared {
        match self.delete_undeclared {
            true => Undeclared::Delete,
            false => Undeclared::Keep,
        }
    }
}

/// What becomes of functions of another package type.
#[derive(Clone, Copy, Debug, Args)]
pub struct Replace {
    /// Delete and create again a function that is an image and should be a zip archive, or the other way
    /// round: versions, alias and URL go with it, and calls fail in between
    #[arg(long)]
    pub allow_replace: bool,
}

/// What becomes of what a rollback or traffic steps hold.
#[derive(Clone, Copy, Debug, Default, Args)]
pub struct Retry {
    /// Release what was rolled back, or what traffic steps refused, all the same
    #[arg(long)]
    pub retry: bool,
}

/// What does not stop traffic steps.
#[derive(Clone, Debug, Default, Args)]
pub struct Alarms {
    /// Move traffic although this alarm of `deploy.traffic` is red; may be given several times
    #[arg(long, value_name = "ALARM")]
    pub ignore_alarm: Vec<String>,
}

/// Where images and archives come from that ECR lacks.
#[derive(Clone, Debug, Default, Args)]
pub struct Images {
    /// Build nothing: refuse, before anything is changed, where ECR lacks an image or archive. Docker is
    /// not asked
    #[arg(long)]
    pub no_build: bool,
    /// Build nothing: copy what ECR lacks from the repository of another target of jot.toml, where both
    /// build the same. Docker is not asked
    #[arg(long, value_name = "TARGET")]
    pub images_from: Option<String>,
}

/// How closely to look.
#[derive(Clone, Copy, Debug, Default, Args)]
pub struct Refresh {
    /// Ask AWS for every function and alias. Above 50 functions, those with nothing to do are otherwise told by their tags.
    #[arg(long)]
    pub refresh: bool,
}

impl Refresh {
    /// How closely to look.
    pub fn depth(self) -> Depth {
        match self.refresh {
            true => Depth::Each,
            false => Depth::Lists,
        }
    }
}
