//! Values that come from this machine's environment.

use std::{collections::BTreeMap, path::PathBuf};

use super::error::Error;
use crate::{
    manifest::types::{EnvironmentValue, FromEnv},
    model::{Function, Secret, config::ENVIRONMENT_BYTES, value::EnvValue},
};

/// Variables of the machine that runs jot.
pub type Environment = BTreeMap<String, Secret>;

/// Returns what an environment variable of the function is to be.
pub fn value(wanted: &EnvironmentValue, environment: &Environment) -> EnvValue {
    match wanted {
        EnvironmentValue::Text(text) => EnvValue::Plain(text.clone()),
        EnvironmentValue::FromEnv(reference) => from_env(reference, environment),
        EnvironmentValue::FromSsm(reference) => EnvValue::FromSsm {
            path: reference.from_ssm.clone(),
            // AWS is not asked here.
            value: None,
        },
    }
}

/// Returns the value of the variable that is named; without a value where it is not set here.
pub fn from_env(reference: &FromEnv, environment: &Environment) -> EnvValue {
    let from = reference.from_env.clone();
    let value = environment.get(&from).cloned();
    value.iter().for_each(Secret::guard);
    EnvValue::FromEnv { from, value }
}

/// Returns the id of an SSH agent, and its socket: `id=socket`, or `id` for the agent of this
/// machine's `SSH_AUTH_SOCK`, which may not be set.
pub fn agent(written: &str, environment: &Environment) -> (String, Option<PathBuf>) {
    match written.split_once('=') {
        Some((id, socket)) => (id.to_owned(), Some(socket.into())),
        None => {
            let socket = setting("SSH_AUTH_SOCK", environment).map(PathBuf::from);
            (written.to_owned(), socket)
        }
    }
}

/// Returns nothing if the function's environment has room in Lambda with the values that are known here. Variables that are left
/// to others are not looked at: their values may be others by now.
pub fn check(wanted: &Function) -> Result<(), Error> {
    let config = wanted.config.heeding(&wanted.lifecycle, &BTreeMap::new());
    let bytes = config.environment_bytes();
    if bytes > ENVIRONMENT_BYTES {
        return Err(Error::EnvironmentTooLarge {
            function: wanted.key.clone(),
            bytes,
        });
    }
    Ok(())
}

/// Returns a setting of jot's own, such as `JOT_RIE`; set to nothing counts as not set.
pub fn setting<'a>(name: &str, environment: &'a Environment) -> Option<&'a str> {
    environment
        .get(name)
        .map(Secret::reveal)
        .filter(|value| !value.is_empty())
}
