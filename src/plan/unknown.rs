//! References that are not resolved.

use std::collections::BTreeSet;

use crate::model::{
    Action, Desired, Form, Function, Observed, Origin, Reference, Slot, Step, observed::Reading,
    plan::Purpose, value::EnvValue,
};

/// A setting of a function, such as `environment.DB_URL`, and the origin of its unknown value.
type Wanting<'a> = (String, &'a Origin);

/// The unset environment variables of this machine that a step needs, sorted.
pub(super) fn needed(desired: &Desired, steps: &[Step]) -> Vec<String> {
    let names: BTreeSet<String> = steps
        .iter()
        .flat_map(|step| needed_by(desired, &step.action))
        .collect();
    names.into_iter().collect()
}

/// The other unread values that a step needs, each with its key and the reason, sorted.
pub(super) fn unread(desired: &Desired, observed: &Observed, steps: &[Step]) -> Vec<String> {
    let of_step = |step: &Step| {
        let function = step.action.function().unwrap_or_default();
        let elsewhere = handed_on(desired, &step.action)
            .into_iter()
            .filter(|(_, origin)| variable(origin).is_none());
        let lines = elsewhere.map(|(setting, origin)| {
            let why = state(observed, origin);
            format!("functions.{function}.{setting}: {origin} ({why})")
        });
        lines.collect::<Vec<_>>()
    };
    let all: BTreeSet<String> = steps.iter().flat_map(of_step).collect();
    all.into_iter().collect()
}

/// Why a value is unknown.
fn state(observed: &Observed, origin: &Origin) -> String {
    match observed.references.get(&origin.to_string()) {
        Some(Reading::Missing) => "not found".to_owned(),
        Some(Reading::Unreadable(why)) => format!("not readable: {why}"),
        Some(Reading::Secret(_)) => "is secret, and only `environment` takes secrets".to_owned(),
        Some(Reading::Shown(_)) | None => "not asked for".to_owned(),
    }
}

/// One note for each value that is unknown and so is not compared.
pub(super) fn notes(desired: &Desired, observed: &Observed, purpose: Purpose) -> Vec<String> {
    if purpose == Purpose::Destroy {
        return Vec::new();
    }
    let note = |function: &Function| {
        let line = |(setting, origin): Wanting| {
            let why = match origin {
                Origin::Env(name) => {
                    format!("unknown here, not compared: {name} is not set on this machine")
                }
                other => format!("{other} {}, not compared", state(observed, other)),
            };
            format!("{}: {setting}: {why}", function.key)
        };
        let ignored = |one: &&Reference| !function.lifecycle.ignores(one.slot.word());
        let settings = function.references.iter().filter(ignored);
        let variables = function.managed_variables().filter_map(of_variable);
        let all = settings.filter_map(of_setting).chain(variables);
        all.map(line).collect::<Vec<_>>()
    };
    let mut all: Vec<String> = desired.functions.values().flat_map(note).collect();
    all.extend(bucket(desired, observed));
    all
}

/// The note on the bucket for large archives, if its name is unknown and a function runs an
/// archive.
fn bucket(desired: &Desired, observed: &Observed) -> Option<String> {
    let (slot, origin) = of_setting(desired.aws.reference.as_ref()?)?;
    let mut functions = desired.functions.values();
    let needed = functions.any(|one| one.form() == Form::Zip);
    needed.then(|| {
        let why = unread_here(observed, origin);
        format!("{slot}: {why}: no archive over 50 MB can be sent to Lambda")
    })
}

/// The note that a value is unknown, and why.
pub(super) fn unread_here(observed: &Observed, origin: &Origin) -> String {
    match origin {
        Origin::Env(name) => format!("unknown here: {name} is not set on this machine"),
        other => format!("{other} {}", state(observed, other)),
    }
}

fn needed_by(desired: &Desired, action: &Action) -> Vec<String> {
    if let Action::Build { image } = action {
        let secrets = desired.recipes.get(image).map(|image| &image.secrets);
        let origins = secrets.into_iter().flatten();
        let origins = origins.filter_map(|(_, value)| value.unknown());
        return origins.filter_map(variable).collect();
    }
    let handed_on = handed_on(desired, action).into_iter();
    handed_on
        .filter_map(|(_, origin)| variable(origin))
        .collect()
}

/// The unknown values that the action passes on.
///
/// An update keeps settings that are left to others or unknown; of the environment Lambda takes all
/// or nothing.
fn handed_on<'a>(desired: &'a Desired, action: &Action) -> Vec<Wanting<'a>> {
    let of = |key: &String| desired.functions.get(key).into_iter();
    let settings = |key: &String, of_role: bool| {
        let references = of(key).flat_map(|function| &function.references);
        let of_action = references.filter(move |one| match of_role {
            true => matches!(one.slot, Slot::Policy(_) | Slot::Boundary),
            false => one.slot.is_setting(),
        });
        of_action.filter_map(of_setting).collect::<Vec<_>>()
    };
    match action {
        Action::CreateRole { function } => settings(function, true),
        Action::CreateFunction { function, .. } | Action::ReplaceFunction { function, .. } => {
            let variables = of(function).flat_map(Function::variables);
            let mut all = settings(function, false);
            all.extend(variables.filter_map(of_variable));
            all
        }
        Action::TestLocal { function } => {
            let variables = of(function).flat_map(Function::variables);
            variables.filter_map(of_variable).collect()
        }
        Action::UpdateConfig { function, .. } => {
            let variables = of(function).flat_map(Function::managed_variables);
            variables.filter_map(of_variable).collect()
        }
        _ => Vec::new(),
    }
}

fn of_setting(reference: &Reference) -> Option<Wanting<'_>> {
    Some((reference.slot.to_string(), reference.unknown()?))
}

fn of_variable<'a>((name, value): (&'a String, &'a EnvValue)) -> Option<Wanting<'a>> {
    Some((format!("environment.{name}"), value.unknown()?))
}

/// The name of an environment variable of this machine.
fn variable(origin: &Origin) -> Option<String> {
    match origin {
        Origin::Env(name) => Some(name.clone()),
        _ => None,
    }
}
