//! A plan towards nothing: what is this project's and target's goes, everything else stays.

use crate::model::{
    Action, Desired, Function, Observed, Plan, RoleChoice, Step, StepId,
    observed::{self, Other},
    plan::Purpose,
};

use super::{
    Error,
    draft::{Draft, id},
    found, moved, ownership,
    removal::{self, Removal},
};

/// The steps that delete what `desired` names and is ours. What is foreign is skipped and noted. Recipes are not needed.
///
/// # Errors
/// [`Error::Protected`]: the manifest forbids to delete a function that is there.
pub fn destroy(desired: &Desired, observed: &Observed) -> Result<Plan, Error> {
    let mut draft = Draft::default();
    let mut deleted = Vec::new();
    for (key, wanted) in &desired.functions {
        deleted.extend(function(wanted, found(observed, key), &mut draft)?);
        if let Some(old) = moved::origin(desired, observed, wanted) {
            if old.is_there() {
                ownership::unprotected(wanted, &old.name)?;
            }
            let removal = Removal {
                other: old,
                after: Vec::new(),
                reason: DESTROYED,
            };
            deleted.extend(removal::remove(removal, desired, &mut draft));
        }
    }
    repository(desired, observed, deleted, &mut draft);
    Ok(draft.finish(desired, observed, Purpose::Destroy))
}

/// Deletes the function, then its log group (which a running function would make again), then its role.
fn function(
    wanted: &Function,
    found: &observed::Function,
    draft: &mut Draft,
) -> Result<Option<StepId>, Error> {
    let mut deleted = None;
    if let Some(latest) = &found.latest {
        if let Some(why) = ownership::foreign(wanted, &latest.tags) {
            draft.notes.push(format!(
                "function {} stays with its log group: {why}",
                wanted.name
            ));
            role(wanted, found, None, draft);
            return Ok(None);
        }
        ownership::unprotected(wanted, &wanted.name)?;
        let action = Action::DeleteFunction {
            name: wanted.name.clone(),
        };
        let resource = format!("function {}", wanted.name);
        deleted = Some(delete("delete", &wanted.key, resource, action, None, draft));
    }
    let name = wanted.log_group.name.clone();
    if let Some(why) = stays_with_logs(wanted, found) {
        draft.notes.push(format!("log group {name} stays: {why}"));
    } else if found.log_group.is_some() {
        let resource = format!("log group {name}");
        let action = Action::DeleteLogGroup { name };
        delete(
            "delete-logs",
            &wanted.key,
            resource,
            action,
            deleted.clone(),
            draft,
        );
    }
    role(wanted, found, deleted.clone(), draft);
    Ok(deleted)
}

/// Why the log group of a function that is not there may not be deleted: somebody else's function may have written to it.
fn stays_with_logs(wanted: &Function, found: &observed::Function) -> Option<String> {
    match (&found.latest, &found.log_group) {
        (None, Some(there)) => ownership::foreign(wanted, &there.tags),
        _ => None,
    }
}

fn role(wanted: &Function, found: &observed::Function, after: Option<StepId>, draft: &mut Draft) {
    let (RoleChoice::Own(role), Some(there)) = (&wanted.role, &found.role) else {
        return;
    };
    let lent = found
        .latest
        .as_ref()
        .filter(|latest| after.is_none() && latest.role == there.arn);
    let foreign = ownership::foreign(wanted, &there.tags);
    if let Some(why) = foreign.or_else(|| lent.map(|_| "a function that stays uses it".to_owned()))
    {
        draft.notes.push(format!("role {} stays: {why}", role.name));
        return;
    }
    let action = Action::DeleteRole {
        name: role.name.clone(),
        policies: there.policies.clone(),
    };
    let resource = format!("role {}", role.name);
    delete("delete-role", &wanted.key, resource, action, after, draft);
}

fn repository(desired: &Desired, observed: &Observed, after: Vec<StepId>, draft: &mut Draft) {
    let Some(there) = &observed.repository else {
        return;
    };
    let name = &desired.repository.name;
    if let Some(why) = stays(desired, observed, there) {
        draft.notes.push(format!("repository {name} stays: {why}"));
        return;
    }
    draft.add(Step {
        id: id("delete-repository", name),
        resource: format!("repository {name}"),
        action: Action::DeleteRepository { name: name.clone() },
        after,
        reasons: vec![DESTROYED.to_owned()],
        changes: Vec::new(),
    });
}

/// Why the repository cannot go.
fn stays(desired: &Desired, observed: &Observed, there: &observed::Repository) -> Option<String> {
    if let Some(why) = ownership::foreign_repository(&desired.project, &there.tags) {
        return Some(why);
    }
    if !desired.whole {
        return Some("other functions of the project may use it".to_owned());
    }
    if let Some(name) = borrower(desired, observed) {
        return Some(format!("function {name}, which stays, runs an image of it"));
    }
    let functions = desired.functions.values();
    let moved: Vec<&Other> = functions
        .filter_map(|wanted| moved::origin(desired, observed, wanted))
        .collect();
    let others: Vec<&str> = observed
        .others
        .iter()
        .filter(|other| !moved.contains(other))
        .map(|other| other.name.as_str())
        .collect();
    (!others.is_empty()).then(|| format!("it holds the images of {}", others.join(", ")))
}

/// A foreign function that runs an image of the repository.
fn borrower<'a>(desired: &'a Desired, observed: &Observed) -> Option<&'a str> {
    let path = format!("/{}", desired.repository.name);
    let borrows = |wanted: &&Function| {
        let latest = found(observed, &wanted.key).latest.as_ref();
        latest.is_some_and(|latest| {
            let uri = latest.image_uri.as_deref().unwrap_or_default();
            let ours = uri
                .split('@')
                .next()
                .is_some_and(|name| name.ends_with(&path));
            ours && ownership::foreign(wanted, &latest.tags).is_some()
        })
    };
    let wanted = desired.functions.values().find(borrows)?;
    Some(&wanted.name)
}

/// Why anything is deleted here.
const DESTROYED: &str = "the project is destroyed";

fn delete(
    verb: &str,
    key: &str,
    resource: String,
    action: Action,
    after: Option<StepId>,
    draft: &mut Draft,
) -> StepId {
    draft.add(Step {
        id: id(verb, key),
        resource,
        action,
        after: after.into_iter().collect(),
        reasons: vec![DESTROYED.to_owned()],
        changes: Vec::new(),
    })
}
