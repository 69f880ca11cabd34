//! Checks of referenced values; messages name their place in jot.toml.

use super::Error;
use crate::{
    manifest::{Loaded, misfit},
    model::{Desired, Given, Origin, Plan, Reference},
    report::wording,
};

/// Checks that every known value is valid for its key.
///
/// # Errors
/// [`Error::Misfit`], which does not quote a secret, and [`Error::Manifest`] for values that
/// violate the manifest's rules.
pub fn check(loaded: &Loaded, desired: &Desired) -> Result<(), Error> {
    for (path, one) in all(desired) {
        let (Some(origin), Some(value)) = (&one.origin, &one.value) else {
            continue;
        };
        let Some(misfit) = misfit(one.slot.key(), value.reveal()) else {
            continue;
        };
        let shown = match value {
            Given::Shown(text) if !text.is_empty() => format!(", \"{text}\","),
            _ => String::new(),
        };
        return Err(Error::Misfit {
            place: place(loaded, &path),
            value: format!("the value of {origin}{shown} {}", misfit.why),
            help: misfit.help.unwrap_or_default(),
        });
    }
    let known = all(desired).filter(|(_, one)| one.origin.is_some());
    let known = known.filter_map(|(path, one)| Some((path, one.value.as_ref()?.reveal())));
    loaded
        .document
        .with_values(&loaded.path, &known.collect())
        .map_err(|error| Error::Manifest(Box::new(error)))
}

/// All references of the manifest except environments, by their place in the merged document.
fn all(desired: &Desired) -> impl Iterator<Item = (String, &Reference)> {
    let functions = desired.functions.values().flat_map(|function| {
        let references = function.references.iter();
        references.map(move |one| (format!("functions.{}.{}", function.key, one.slot), one))
    });
    let bucket = desired.aws.reference.iter();
    functions.chain(bucket.map(|one| (one.slot.to_string(), one)))
}

/// Checks that every value that a step needs is known.
///
/// # Errors
/// [`Error::Unread`] and [`Error::Unset`], with the keys that use the values.
pub fn needed(loaded: &Loaded, desired: &Desired, plan: &Plan) -> Result<(), Error> {
    if !plan.unread.is_empty() {
        let names = plan.unread.iter().map(|line| match line.split_once(": ") {
            Some((path, why)) => format!("{}: {why}", place(loaded, path)),
            None => line.clone(),
        });
        let names: Vec<String> = names.collect();
        return Err(Error::Unread {
            names: names.join("; "),
        });
    }
    if plan.unknown.is_empty() {
        return Ok(());
    }
    let named = |name: &String| {
        let places = takers(desired, name).map(|path| place(loaded, &path));
        let places: Vec<String> = places.collect();
        match places.is_empty() {
            true => name.clone(),
            false => format!("{name} ({})", wording::list(&places)),
        }
    };
    let names: Vec<String> = plan.unknown.iter().map(named).collect();
    let verb = if names.len() == 1 { "is" } else { "are" };
    Err(Error::Unset {
        names: format!("{} {verb}", wording::list(&names)),
    })
}

/// The places in the merged document that use a variable of this machine.
fn takers(desired: &Desired, name: &str) -> impl Iterator<Item = String> {
    let of =
        move |origin: Option<&Origin>| matches!(origin, Some(Origin::Env(from)) if from == name);
    let variables = desired.functions.values().flat_map(move |function| {
        let variables = function.variables();
        let variables = variables.filter(move |(_, value)| of(value.unknown()));
        variables.map(|(name, _)| format!("functions.{}.environment.{name}", function.key))
    });
    let settings = all(desired).filter(move |(_, one)| of(one.unknown()));
    variables.chain(settings.map(|(path, _)| path))
}

/// A place in the merged document by its key and line in the file: `defaults.role (jot.toml, line
/// 12)`.
fn place(loaded: &Loaded, path: &str) -> String {
    let Some(spot) = loaded.references.get(path) else {
        return path.to_owned();
    };
    let file = loaded.path.file_name().unwrap_or_default();
    let file = file.to_string_lossy();
    format!("`{}` ({file}, line {})", spot.written, spot.line)
}
