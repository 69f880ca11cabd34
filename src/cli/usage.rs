//! Errors of the command line: clap's findings in jot's words and form.

use std::process::ExitCode;

use clap::{
    Command,
    error::{ContextKind, ContextValue, ErrorKind},
};

use super::{
    Error, FAILED, Global,
    output::{self, Print},
};
use crate::{manifest::nearest, report::wording};

/// Prints help or an error, whatever `--format` says; returns the exit status.
///
/// `whole` is the definition of the whole command line.
pub fn show(error: &clap::Error, whole: &Command) -> ExitCode {
    let words: Vec<String> = std::env::args_os()
        .skip(1)
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    if is_help(error) {
        // If writing fails, no way to report it remains.
        let _ = error.print();
        return match error.use_stderr() {
            true => ExitCode::from(FAILED),
            false => ExitCode::SUCCESS,
        };
    }
    let print = Print::new(&Global::guessed(&words));
    output::fail(&explained(error, whole, &words), &print, false)
}

fn is_help(error: &clap::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::DisplayHelp
            | ErrorKind::DisplayVersion
            | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
    )
}

/// The error and its help.
fn explained(error: &clap::Error, whole: &Command, words: &[String]) -> Error {
    let (path, command) = command(whole, words);
    let listed = format!("`{path} --help` shows how to use it");
    let text = |kind| text(error, kind);
    let option = || argument(&text(ContextKind::InvalidArg));
    let (message, help) = match error.kind() {
        ErrorKind::InvalidSubcommand => {
            let name = text(ContextKind::InvalidSubcommand);
            let names = command.get_subcommands().filter(|one| !one.is_hide_set());
            let names: Vec<&str> = names.map(Command::get_name).collect();
            let near = nearest::name(&name, names.into_iter());
            let help = match near {
                Some(near) => format!("did you mean `{path} {near}`?"),
                None => format!("`{path} --help` lists the commands"),
            };
            (format!("`{path}` has no command `{name}`"), help)
        }
        ErrorKind::UnknownArgument => unknown(&option(), &path, [command, whole]),
        ErrorKind::InvalidValue => invalid(error, &option(), listed),
        ErrorKind::ValueValidation => {
            let why = std::error::Error::source(error).map(ToString::to_string);
            let why = in_words(&why.unwrap_or_default());
            let value = text(ContextKind::InvalidValue);
            (format!("`{}` {why}, got `{value}`", option()), listed)
        }
        ErrorKind::ArgumentConflict => {
            let (one, other) = (option(), argument(&text(ContextKind::PriorArg)));
            match one == other {
                true => (format!("`{one}` is given twice"), "give it once".to_owned()),
                false => (
                    format!("`{one}` cannot be used with `{other}`"),
                    "leave one of them out".to_owned(),
                ),
            }
        }
        ErrorKind::MissingRequiredArgument => (format!("`{path}` needs `{}`", option()), listed),
        _ => {
            let said = error.to_string();
            let said = said.lines().next().unwrap_or_default();
            let said = said.strip_prefix("error: ").unwrap_or(said);
            (said.to_owned(), listed)
        }
    };
    Error::Usage { message, help }
}

/// The command of the words, with its path: `jot generate man`.
fn command<'a>(whole: &'a Command, words: &[String]) -> (String, &'a Command) {
    let mut command = whole;
    let mut path = "jot".to_owned();
    for word in words {
        if let Some(inner) = command.find_subcommand(word) {
            path = format!("{path} {}", inner.get_name());
            command = inner;
        }
    }
    (path, command)
}

/// An unknown option, or one argument too many.
fn unknown(option: &str, path: &str, commands: [&Command; 2]) -> (String, String) {
    if !option.starts_with('-') {
        let help = format!("`{path} --help` shows what it takes");
        return (
            format!("`{path}` takes no further argument, got `{option}`"),
            help,
        );
    }
    let arguments = commands.into_iter().flat_map(Command::get_arguments);
    let visible = arguments.filter(|one| !one.is_hide_set());
    let names: Vec<&str> = visible.filter_map(clap::Arg::get_long).collect();
    let near = nearest::name(option.trim_start_matches('-'), names.into_iter());
    let help = match near {
        Some(near) => format!("did you mean `--{near}`?"),
        None => format!("`{path} --help` lists the options"),
    };
    (format!("`{path}` has no option `{option}`"), help)
}

/// A missing or invalid value.
fn invalid(error: &clap::Error, option: &str, listed: String) -> (String, String) {
    let value = text(error, ContextKind::InvalidValue);
    let possible = match error.get(ContextKind::ValidValue) {
        Some(ContextValue::Strings(values)) => values.as_slice(),
        _ => &[],
    };
    if value.is_empty() {
        return (format!("`{option}` needs a value"), listed);
    }
    let all = wording::list(possible).replace(" and ", " or ");
    let help = match nearest::name(&value, possible.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => listed,
    };
    (format!("`{option}` must be {all}, got `{value}`"), help)
}

/// The reason of clap or Rust, in jot's words.
fn in_words(why: &str) -> String {
    let number = ["invalid digit", "cannot parse integer", "number too"];
    if number.iter().any(|words| why.starts_with(words)) {
        return "must be a whole number".to_owned();
    }
    let range = why.split_once(" is not in ").map(|(_, range)| range);
    match range.and_then(|range| range.split_once("..")) {
        Some((least, "")) => format!("must be at least {least}"),
        Some((least, most)) => {
            let most = most.trim_start_matches('=');
            format!("must be {least} to {most}")
        }
        None => format!("is wrong: {why}"),
    }
}

/// A part of clap's error context.
fn text(error: &clap::Error, kind: ContextKind) -> String {
    match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(texts)) => texts.join(" "),
        _ => String::new(),
    }
}

/// An argument without the name of its value: `--out <FILE>` is `--out`, `<NAME>` is `NAME`.
fn argument(written: &str) -> String {
    match written.split_once(' ') {
        Some((option, _)) if option.starts_with('-') => option.to_owned(),
        _ => written.replace(['<', '>'], ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_a_value_is_said_in_words() {
        for (why, words) in [
            ("invalid digit found in string", "must be a whole number"),
            ("0 is not in 1..=900", "must be 1 to 900"),
            ("0 is not in 1..", "must be at least 1"),
            ("no time", "is wrong: no time"),
        ] {
            assert_eq!(in_words(why), words);
        }
    }
}
