//! A Julia package or Julia scripts: what they define, read without running them.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{
    carried::{Code, Function},
    error::Error,
    file::text,
    names,
    paths::Base,
};
use crate::manifest::languages::{Defined, Outline};

/// What was found, its functions, and what to check.
type Found = (String, Vec<Function>, Vec<String>);

/// Common names of handlers, for a source that exports none and has no function of its own name.
const USUAL: [&str; 7] = [
    "handler",
    "handle",
    "handle_event",
    "handle_request",
    "answer",
    "respond",
    "main",
];
/// The placeholder for a handler that the user has to name.
const PLACEHOLDER: &str = "name_of_the_handler";
/// How many names are shown.
const NAMED: usize = 8;

/// Returns the functions of a package: exported functions with one argument, otherwise the likely
/// handler, otherwise one with a placeholder as its handler.
///
/// # Errors
/// If its files cannot be read.
pub fn package(base: &Base) -> Result<Option<Found>, Error> {
    let project = base.folder.join("Project.toml");
    if !project.is_file() {
        return Ok(None);
    }
    let Some(name) = package_name(&text(&project)?) else {
        return Ok(None);
    };
    let place = format!("src/{name}.jl");
    let file = base.folder.join(&place);
    if !file.is_file() {
        return Ok(None);
    }
    // What is no text is an error, not an empty source.
    text(&file)?;
    let outline = Outline::of_package(&file);
    let own = names::kebab(&name);
    let exported: Vec<&Defined> = callable(&outline)
        .filter(|one| outline.exported.contains(&one.name))
        .collect();
    let mut notes = Vec::new();
    let source = base.path("");
    let functions = match (
        exported.is_empty(),
        chosen(&outline, &own.replace('-', "_")),
    ) {
        (false, _) => {
            let each = exported.into_iter();
            each.map(|one| function(names::kebab(&one.name), one, source.clone(), &mut notes))
                .collect()
        }
        (true, Some(one)) => vec![function(names::key(&own), one, source, &mut notes)],
        (true, None) => vec![unnamed(
            names::key(&own),
            (source, &place),
            &outline,
            &mut notes,
        )],
    };
    Ok(Some((format!("the package {name}"), functions, notes)))
}

/// Returns a function for each script with a likely handler, and notes on the other scripts. A
/// single script with several functions gets a placeholder.
///
/// # Errors
/// If a script cannot be read.
pub fn scripts(base: &Base, files: &[String]) -> Result<Option<Found>, Error> {
    let mut scripts = Vec::new();
    for file in files {
        if let Some(stem) = file.strip_suffix(".jl") {
            let path = base.folder.join(file);
            text(&path)?;
            scripts.push((file, stem, Outline::of_script(&path)));
        }
    }
    let included: BTreeSet<String> = scripts
        .iter()
        .flat_map(|(_, _, outline)| outline.includes.iter())
        .map(|path| path.trim_start_matches("./").to_owned())
        .collect();
    let (mut found, mut functions, mut notes) = (Vec::new(), Vec::new(), Vec::new());
    scripts.retain(|(file, _, _)| !included.contains(file.as_str()));
    let alone = scripts.len() == 1;
    // If some scripts have a function of their own name, the others may be parts of them.
    let named = scripts
        .iter()
        .any(|(_, stem, outline)| of_name(outline, stem).is_some());
    for (file, stem, outline) in &scripts {
        let key = names::key(&names::kebab(stem));
        let source = base.path(file);
        let one = match named {
            true => of_name(outline, stem),
            false => chosen(outline, stem),
        };
        let function = match one {
            Some(one) => function(key, one, source, &mut notes),
            None if alone && callable(outline).next().is_some() => {
                unnamed(key, (source, file), outline, &mut notes)
            }
            None => {
                notes.push(left_out(file, stem, outline));
                continue;
            }
        };
        found.push((*file).clone());
        functions.push(function);
    }
    match functions.is_empty() && notes.is_empty() {
        true => Ok(None),
        false => Ok(Some((listed(&found), functions, notes))),
    }
}

/// The functions that take one argument.
fn callable(outline: &Outline) -> impl Iterator<Item = &Defined> {
    outline.defined.iter().filter(|one| one.takes_one())
}

/// The likely handler: a function of this name, otherwise of a common one, otherwise the only one.
fn chosen<'a>(outline: &'a Outline, name: &str) -> Option<&'a Defined> {
    of_name(outline, name).or_else(|| {
        let mut all = callable(outline);
        all.next().filter(|_| all.next().is_none())
    })
}

/// The function of this name, else of a usual one.
fn of_name<'a>(outline: &'a Outline, name: &str) -> Option<&'a Defined> {
    let named = |wanted: &str| callable(outline).find(|one| one.name == wanted);
    let usual = || USUAL.iter().find_map(|usual| named(usual));
    named(name).or_else(usual)
}

fn function(key: String, one: &Defined, source: String, notes: &mut Vec<String>) -> Function {
    let argument_type = one.argument_type().map(str::to_owned).unwrap_or_else(|| {
        notes.push(format!(
            "{key}: the type of the argument of `{}` is unknown: set it in `argument_type`.",
            one.name
        ));
        ANY.to_owned()
    });
    Function {
        handler: (key.replace('-', "_") != one.name).then(|| one.name.clone()),
        code: Code::Julia {
            source,
            argument_type,
            dependencies: None,
        },
        key,
        ..Function::default()
    }
}

/// The type of an argument that nothing says the type of.
const ANY: &str = "Any";

/// A function of a source at this path, in the file at `place`, with a handler that the user has to
/// name.
fn unnamed(
    key: String,
    (source, place): (String, &str),
    outline: &Outline,
    notes: &mut Vec<String>,
) -> Function {
    let all: Vec<String> = callable(outline)
        .take(NAMED)
        .map(|one| format!("`{}`", one.name))
        .collect();
    let why = match all.is_empty() {
        true => format!("{place} has no function with one argument"),
        false => format!("{place} defines {}", listed(&all)),
    };
    notes.push(format!(
        "{key}: {why}, so `handler = \"{PLACEHOLDER}\"` is a placeholder: write the name of the \
            handler, and the type of its argument in `argument_type`."
    ));
    Function {
        comment: Some(format!(
            "PLACEHOLDER: write the name of the handler in {place}, and the type of its argument."
        )),
        handler: Some(PLACEHOLDER.to_owned()),
        code: Code::Julia {
            source,
            argument_type: ANY.to_owned(),
            dependencies: None,
        },
        key,
        ..Function::default()
    }
}

/// That a script is no function of the manifest, and why.
fn left_out(file: &str, stem: &str, outline: &Outline) -> String {
    let all: Vec<String> = callable(outline)
        .take(NAMED)
        .map(|one| format!("`{}`", one.name))
        .collect();
    match all.is_empty() {
        true => format!("{file} was left out: it has no function with one argument."),
        false => format!(
            "{file} was left out: it defines {}, but nothing named `{stem}`; if it is a function, \
                declare it with `handler`.",
            listed(&all)
        ),
    }
}

/// The name in a Project.toml, of a package and not of an environment.
fn package_name(project: &str) -> Option<String> {
    let project: Value = toml::from_str(project).ok()?;
    project.get("uuid")?;
    Some(project.get("name")?.as_str()?.to_owned())
}

/// The names in a sentence.
fn listed(names: &[String]) -> String {
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => names.concat(),
    }
}
