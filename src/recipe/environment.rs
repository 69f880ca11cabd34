//! Values from this machine's environment.

use std::{collections::BTreeMap, path::PathBuf};

use super::error::Error;
use crate::{
    manifest::types::{FromEnv, Reference, Text},
    model::{Function, Given, Origin, Secret, config::ENVIRONMENT_BYTES, value::EnvValue},
};

/// Variables of the machine that runs jot.
pub type Environment = BTreeMap<String, Secret>;

/// Returns what an environment variable of the function is to be.
pub fn value(wanted: &Text, environment: &Environment) -> EnvValue {
    match wanted {
        Text::Plain(text) => EnvValue::Plain(text.clone()),
        Text::From(reference) => from(origin(reference), environment),
    }
}

/// Returns the origin of a value.
pub fn origin(reference: &Reference) -> Origin {
    match reference {
        Reference::Env(FromEnv { from_env }) => Origin::Env(from_env.clone()),
        Reference::Ssm(path) => Origin::Ssm(path.clone()),
        Reference::Secret { name, key } => Origin::Secret {
            name: name.clone(),
            key: key.clone(),
        },
        // No name of a stack and none of an export has a point.
        Reference::CloudFormation(name) => match name.split_once('.') {
            Some((stack, key)) => Origin::Output {
                stack: stack.to_owned(),
                key: key.to_owned(),
            },
            None => Origin::Export(name.clone()),
        },
        Reference::Terraform { output, file } => Origin::Terraform {
            output: output.strip_prefix("output.").unwrap_or(output).to_owned(),
            file: file.clone(),
        },
    }
}

/// Returns the value, if it comes from this machine's environment; AWS and other files are not read
/// here.
pub fn known(origin: &Origin, environment: &Environment) -> Option<Given> {
    let Origin::Env(name) = origin else {
        return None;
    };
    let value = environment.get(name).cloned();
    value.iter().for_each(Secret::guard);
    value.map(Given::Secret)
}

/// Returns the value of the named variable; without a value if it is not set here.
pub fn from_env(reference: &FromEnv, environment: &Environment) -> EnvValue {
    from(Origin::Env(reference.from_env.clone()), environment)
}

fn from(origin: Origin, environment: &Environment) -> EnvValue {
    let value = known(&origin, environment);
    EnvValue::From { origin, value }
}

/// Returns the id of an SSH agent, and its socket: `id=socket`, or `id` for the agent of this
/// machine's `SSH_AUTH_SOCK`, which may be unset.
pub fn agent(written: &str, environment: &Environment) -> (String, Option<PathBuf>) {
    match written.split_once('=') {
        Some((id, socket)) => (id.to_owned(), Some(socket.into())),
        None => {
            let socket = setting("SSH_AUTH_SOCK", environment).map(PathBuf::from);
            (written.to_owned(), socket)
        }
    }
}

/// Checks that the function's environment fits Lambda's limit with the values that are known here.
/// Ignored variables do not count, because their values may have changed.
pub fn check(wanted: &Function) -> Result<(), Error> {
    let config = wanted
        .config
        .respecting(&wanted.lifecycle, &BTreeMap::new());
    let bytes = config.environment_bytes();
    if bytes > ENVIRONMENT_BYTES {
        return Err(Error::EnvironmentTooLarge {
            function: wanted.key.clone(),
            bytes,
        });
    }
    Ok(())
}

/// Returns a setting of jot itself, such as `JOT_RIE`; an empty one counts as unset.
pub fn setting<'a>(name: &str, environment: &'a Environment) -> Option<&'a str> {
    environment
        .get(name)
        .map(Secret::reveal)
        .filter(|value| !value.is_empty())
}
