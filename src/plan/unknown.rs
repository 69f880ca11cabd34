//! Values that are taken from this machine's environment and are not set here.

use std::collections::BTreeSet;

use crate::model::{Action, Desired, Function, Step, plan::Purpose, value::EnvValue};

/// The variables of this machine that a step needs and that are not set, sorted.
pub(super) fn needed(desired: &Desired, steps: &[Step]) -> Vec<String> {
    let names: BTreeSet<String> = steps
        .iter()
        .flat_map(|step| needed_by(desired, &step.action))
        .collect();
    names.into_iter().collect()
}

/// One note for each value of an environment that is not set here and so is not compared.
pub(super) fn notes(desired: &Desired, purpose: Purpose) -> Vec<String> {
    if purpose == Purpose::Destroy {
        return Vec::new();
    }
    let note = |function: &Function| {
        let environment = function.config.environment.iter().flatten();
        environment
            .filter(|(_, value)| variable(value).is_some())
            .map(|(name, _)| {
                format!(
                    "{}: environment.{name}: unknown here, not compared",
                    function.key
                )
            })
            .collect::<Vec<_>>()
    };
    desired.functions.values().flat_map(note).collect()
}

fn needed_by(desired: &Desired, action: &Action) -> Vec<String> {
    match action {
        Action::CreateFunction { function, .. }
        | Action::UpdateConfig { function, .. }
        | Action::TestLocal { function } => {
            let function = desired.functions.get(function);
            let environment = function.and_then(|function| function.config.environment.as_ref());
            environment
                .into_iter()
                .flatten()
                .filter_map(|(_, value)| variable(value))
                .collect()
        }
        Action::Build { image } => {
            let secrets = desired.images.get(image).map(|image| &image.secrets);
            secrets
                .into_iter()
                .flatten()
                .filter_map(|(_, value)| variable(value))
                .collect()
        }
        _ => Vec::new(),
    }
}

/// The name of the variable that is not set here, if that is so.
fn variable(value: &EnvValue) -> Option<String> {
    match value {
        EnvValue::Plain(_) | EnvValue::FromEnv { value: Some(_), .. } => None,
        EnvValue::FromEnv { from, value: None } => Some(from.clone()),
    }
}
