//! Values that are taken from this machine's environment or from Parameter Store, and are not known here.

use std::collections::BTreeSet;

use crate::model::{
    Action, Desired, Function, Observed, Step, observed::Parameter, plan::Purpose, value::EnvValue,
};

/// The variables of this machine that a step needs and that are not set, sorted.
pub(super) fn needed(desired: &Desired, steps: &[Step]) -> Vec<String> {
    let names: BTreeSet<String> = steps
        .iter()
        .flat_map(|step| needed_by(desired, &step.action))
        .collect();
    names.into_iter().collect()
}

/// The parameters that a step needs and that were not read, each with the reason, sorted.
pub(super) fn unread(desired: &Desired, observed: &Observed, steps: &[Step]) -> Vec<String> {
    let values = steps
        .iter()
        .flat_map(|step| handed_on(desired, &step.action));
    let paths: BTreeSet<&str> = values.filter_map(parameter).collect();
    let why = |path: &str| format!("{path} ({})", state(observed, path));
    paths.into_iter().map(why).collect()
}

/// Why a parameter has no value here.
fn state(observed: &Observed, path: &str) -> String {
    match observed.parameters.get(path) {
        Some(Parameter::Missing) => "not found".to_owned(),
        Some(Parameter::Denied(why)) => format!("not readable: {why}"),
        Some(Parameter::Value(_)) | None => "not asked for".to_owned(),
    }
}

/// One note for each value of an environment that is not known here and so is not compared.
pub(super) fn notes(desired: &Desired, observed: &Observed, purpose: Purpose) -> Vec<String> {
    if purpose == Purpose::Destroy {
        return Vec::new();
    }
    let note = |function: &Function| {
        let unknown = |(name, value): (&String, &EnvValue)| {
            let why = match (variable(value), parameter(value)) {
                (Some(from), _) => {
                    format!("unknown here, not compared: {from} is not set on this machine")
                }
                (_, Some(path)) => {
                    format!("parameter {path} {}, not compared", state(observed, path))
                }
                (None, None) => return None,
            };
            let key = &function.key;
            Some(format!("{key}: environment.{name}: {why}"))
        };
        function
            .managed_variables()
            .filter_map(unknown)
            .collect::<Vec<_>>()
    };
    desired.functions.values().flat_map(note).collect()
}

fn needed_by(desired: &Desired, action: &Action) -> Vec<String> {
    if let Action::Build { image } = action {
        let secrets = desired.recipes.get(image).map(|image| &image.secrets);
        let secrets = secrets.into_iter().flatten();
        return secrets.filter_map(|(_, value)| variable(value)).collect();
    }
    handed_on(desired, action)
        .into_iter()
        .filter_map(variable)
        .collect()
}

/// The values of the environment that the action hands on. An update keeps what is left to others as it is.
fn handed_on<'a>(desired: &'a Desired, action: &Action) -> Vec<&'a EnvValue> {
    let of = |key: &String| desired.functions.get(key).into_iter();
    match action {
        Action::CreateFunction { function, .. } | Action::TestLocal { function } => {
            let variables = of(function).flat_map(Function::variables);
            variables.map(|(_, value)| value).collect()
        }
        Action::UpdateConfig { function, .. } => {
            let variables = of(function).flat_map(Function::managed_variables);
            variables.map(|(_, value)| value).collect()
        }
        _ => Vec::new(),
    }
}

/// The name of the variable that is not set here, if that is so.
fn variable(value: &EnvValue) -> Option<String> {
    match value {
        EnvValue::FromEnv { from, value: None } => Some(from.clone()),
        EnvValue::Plain(_)
        | EnvValue::Kept(_)
        | EnvValue::FromEnv { value: Some(_), .. }
        | EnvValue::FromSsm { .. } => None,
    }
}

/// The name of the parameter that has no value here, if that is so.
fn parameter(value: &EnvValue) -> Option<&str> {
    match value {
        EnvValue::FromSsm { path, value: None } => Some(path),
        EnvValue::FromSsm { .. }
        | EnvValue::Plain(_)
        | EnvValue::Kept(_)
        | EnvValue::FromEnv { .. } => None,
    }
}
