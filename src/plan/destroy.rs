//! A plan towards nothing: what is this project's and target's goes, everything else stays.

use crate::model::{
    Action, Desired, Function, Observed, Plan, RoleChoice, Step, StepId, observed, plan::Purpose,
};

use super::{
    Error,
    draft::{Draft, id},
    found, ownership,
};

/// The steps that delete what `desired` names and is ours. What is foreign is skipped and noted. Recipes are not needed.
///
/// # Errors
/// None: what is foreign stays and is noted.
pub fn destroy(desired: &Desired, observed: &Observed) -> Result<Plan, Error> {
    let mut draft = Draft::default();
    let mut deleted = Vec::new();
    for (key, wanted) in &desired.functions {
        deleted.extend(function(wanted, found(observed, key), &mut draft));
    }
    repository(desired, observed, deleted, &mut draft);
    Ok(draft.finish(desired, observed, Purpose::Destroy))
}

/// Deletes the function, then its log group (which a running function would make again), then its role.
fn function(wanted: &Function, found: &observed::Function, draft: &mut Draft) -> Option<StepId> {
    let mut deleted = None;
    if let Some(latest) = &found.latest {
        if let Some(why) = ownership::difference(&wanted.ownership, &latest.tags) {
            draft.notes.push(format!(
                "function {} stays with its log group: {why}",
                wanted.name
            ));
            role(wanted, found, None, draft);
            return None;
        }
        let action = Action::DeleteFunction {
            name: wanted.name.clone(),
        };
        let resource = format!("function {}", wanted.name);
        deleted = Some(delete("delete", &wanted.key, resource, action, None, draft));
    }
    if found.log_group.is_some() {
        let name = wanted.log_group.name.clone();
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
    deleted
}

fn role(wanted: &Function, found: &observed::Function, after: Option<StepId>, draft: &mut Draft) {
    let (RoleChoice::Own(role), Some(there)) = (&wanted.role, &found.role) else {
        return;
    };
    if let Some(why) = ownership::difference(&role.tags, &there.tags) {
        draft.notes.push(format!("role {} stays: {why}", role.name));
        return;
    }
    let action = Action::DeleteRole {
        name: role.name.clone(),
        policies: there.policies.clone(),
    };
    delete(
        "delete-role",
        &wanted.key,
        format!("role {}", role.name),
        action,
        after,
        draft,
    );
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
    let others: Vec<&str> = observed
        .others
        .iter()
        .map(|other| other.name.as_str())
        .collect();
    (!others.is_empty()).then(|| format!("it holds the images of {}", others.join(", ")))
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
