//! Man pages.

use clap::{Arg, ArgAction, Command};

use super::super::Error;

/// The man page of jot, or of one command.
///
/// # Errors
/// The command does not exist.
pub fn page(command: Option<&str>, mut cli: Command) -> Result<String, Error> {
    // Global options reach the subcommands only after the tree is built.
    cli.build();
    let page = match command {
        None => cli,
        Some(name) => {
            let found = cli.find_subcommand(name).cloned();
            let found = found.ok_or_else(|| Error::Usage {
                message: format!("unknown command `{name}`"),
                help: "`jot --help` lists the commands".to_owned(),
            })?;
            found.display_name(format!("jot-{name}"))
        }
    };
    let synopsis = synopsis(&page);
    let mut text = Vec::new();
    clap_mangen::Man::new(page.override_usage(synopsis))
        .render(&mut text)
        .map_err(|cause| Error::Output { cause })?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// The synopsis: all options with the names of their values, the command's own first, then the
/// positional arguments.
fn synopsis(page: &Command) -> String {
    let name = page.get_bin_name().unwrap_or_else(|| page.get_name());
    let shown = |arg: &&Arg| !arg.is_hide_set();
    let options = page.get_opts().filter(shown);
    let flags = page.get_arguments().filter(shown);
    let flags = flags.filter(|arg| !arg.is_positional() && !arg.get_action().takes_values());
    let words = page.get_positionals().filter(shown).map(word);
    let command = page.has_subcommands().then(|| "<command>".to_owned());
    let all = options.chain(flags).map(option).chain(words).chain(command);
    let all: Vec<String> = all.collect();
    format!("{name} {}", all.join(" "))
}

/// An option in a synopsis: `[--target NAME]`.
fn option(arg: &Arg) -> String {
    let long = arg.get_long().map(|long| format!("--{long}"));
    let short = || arg.get_short().map(|short| format!("-{short}"));
    let name = long.or_else(short).unwrap_or_default();
    let more = match arg.get_action() {
        ArgAction::Append | ArgAction::Count => "...",
        _ => "",
    };
    match arg.get_action().takes_values() {
        true => format!("[{name} {}]{more}", value(arg)),
        false => format!("[{name}]{more}"),
    }
}

/// An argument in a synopsis: `[FUNCTION]...`.
fn word(arg: &Arg) -> String {
    let more = match arg.get_action() {
        ArgAction::Append => "...",
        _ => "",
    };
    match arg.is_required_set() {
        true => format!("<{}>{more}", value(arg)),
        false => format!("[{}]{more}", value(arg)),
    }
}

fn value(arg: &Arg) -> String {
    let names = arg.get_value_names().unwrap_or_default();
    let names: Vec<&str> = names.iter().map(|name| name.as_str()).collect();
    names.join(" ")
}
