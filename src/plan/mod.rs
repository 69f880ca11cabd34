//! The pure planner: what is wanted and what is there in, ordered steps with reasons out. No clock, no environment, no I/O.

mod adopt;
mod bases;
mod believed;
mod cause;
mod concurrency;
mod destroy;
mod diff;
mod draft;
mod environment;
mod error;
mod failed;
mod function;
mod images;
mod inputs;
mod latest;
mod local;
mod logs;
pub mod managed;
mod moved;
mod ownership;
mod pairs;
mod policy;
mod reasons;
mod record;
mod removal;
mod replaced;
mod repository;
mod role;
mod runtime_update;
mod stock;
mod tags;
mod traffic;
mod undeclared;
mod unknown;

use std::collections::BTreeMap;

pub use adopt::{adopt, take};
pub use believed::believed;
pub use destroy::{Scope, destroy};
pub use error::Error;
pub use local::{Local, local};

use crate::model::{
    Code, Desired, Digest, Fingerprint, Observed, Plan, Recipe, desired, observed, plan::Purpose,
    value::Value,
};
use draft::Draft;
use function::Site;
use record::Record;

/// The steps from what is observed to what is desired; none where they agree.
///
/// # Errors
/// A resource of that name is not this project's and target's; Docker is needed and absent, or of another platform; a
/// named role does not exist; a function is of another package type and must not be replaced; a
/// function is protected and would be deleted; an environment is
/// too large.
pub fn plan(desired: &Desired, observed: &Observed) -> Result<Plan, Error> {
    let desired = &*desired.with_parameters(&observed.parameters);
    ownership::check(desired, observed)?;
    environment::check(desired, observed)?;
    let seen = observed;
    let (mut again, observed) = replaced::functions(desired, observed)?;
    let observed = &*observed;
    let mut draft = Draft::default();
    let mut roles = BTreeMap::new();
    for (key, wanted) in &desired.functions {
        roles.insert(key, role::plan(wanted, found(observed, key), &mut draft)?);
    }
    let repository = repository::plan(desired, observed, &mut draft);
    let mut groups = BTreeMap::new();
    for (key, wanted) in &desired.functions {
        groups.insert(key, logs::plan(wanted, found(observed, key), &mut draft));
    }
    let digests = images::plan(desired, observed, repository.as_ref(), &mut draft)?;
    for (key, wanted) in &desired.functions {
        let (Some(role), Some(logs), Some(digest)) = (
            roles.remove(key),
            groups.remove(key),
            digest(wanted, &digests),
        ) else {
            return Err(Error::NoRecipe { key: key.clone() });
        };
        let site = Site {
            wanted,
            inputs: images::inputs(desired, wanted),
            record: Record::of(found(observed, key).latest.as_ref()),
            again: again.remove(key.as_str()),
            repository_wanted: &desired.repository,
            found: found(observed, key),
            digest,
            role,
            repository: repository.clone(),
            logs,
        };
        function::plan(&site, &mut draft);
    }
    moved::plan(desired, observed, &mut draft)?;
    undeclared::plan(desired, observed, &mut draft);
    believed::note(desired, seen, &mut draft);
    Ok(draft.finish(desired, observed, Purpose::Apply))
}

/// The digest of what a function runs; none where its recipe was not handed to the planner.
fn digest(
    wanted: &desired::Function,
    built: &BTreeMap<Fingerprint, Value<Digest>>,
) -> Option<Value<Digest>> {
    match &wanted.code {
        Code::Built { recipe, .. } => built.get(recipe).cloned(),
        Code::Given { digest, .. } => Some(Value::Known(digest.clone())),
        Code::Unread => None,
    }
}

/// What was found of a function; nothing where observe did not look.
fn found<'a>(observed: &'a Observed, key: &str) -> &'a observed::Function {
    static NOTHING: observed::Function = observed::Function {
        latest: None,
        alias: None,
        live: None,
        role: None,
        log_group: None,
        versions: Vec::new(),
        from_tags: false,
    };
    observed.functions.get(key).unwrap_or(&NOTHING)
}

/// The recipe of an image that a function needs: its own, or the base under it.
fn recipe<'a>(
    desired: &'a Desired,
    function: &desired::Function,
    image: &Fingerprint,
) -> Result<&'a Recipe, Error> {
    let key = || function.key.clone();
    let recipe = desired.recipes.get(image);
    recipe.ok_or_else(|| Error::NoRecipe { key: key() })
}
