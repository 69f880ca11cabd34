//! Deletion of one function with what belongs to it: jot's role, and its log group.

use std::collections::BTreeMap;

use crate::model::{
    Action, Desired, RoleChoice, Step, StepId,
    desired::{TAG_FUNCTION, TAG_PROJECT, TAG_TARGET},
    observed::{Belongings, Other, Role},
};

use super::{
    builder::{PlanBuilder, id},
    ownership, reach,
};

/// Consequence of deleting a log group.
pub(super) const LOGS_GO: &str = "its logs are lost for good";

/// What is deleted, when, and why.
pub(super) struct Removal<'a> {
    pub other: &'a Other,
    /// What comes before it.
    pub after: Vec<StepId>,
    pub reasons: &'a [&'a str],
}

/// The steps that delete a function that `desired` does not name; returns the one that deletes the
/// function itself.
///
/// The function comes first, then its role, then its log group (a running function would create it
/// again). The log group is last because the remains of an interrupted removal are found by it; the
/// role of a function with another log group is found only by `jot destroy`. No steps if the
/// function was not observed, or if Lambda itself reports another owner than the search by tags
/// did.
pub(super) fn remove(
    removal: Removal,
    desired: &Desired,
    builder: &mut PlanBuilder,
) -> Option<StepId> {
    let Removal {
        other,
        mut after,
        reasons,
    } = removal;
    let belongings = other.belongings.as_ref()?;
    let owner = owner(desired, other);
    let foreign = |tags| ownership::difference(&owner, tags);
    if let Some(why) = belongings.tags.as_ref().and_then(foreign) {
        let name = &other.name;
        builder.notes.push(format!("function {name} stays: {why}"));
        return None;
    }
    let deletion = |verb: &str, resource: String, action: Action, after: &[StepId]| Step {
        id: id(verb, &other.name),
        resource,
        action,
        after: after.to_vec(),
        reasons: reasons.iter().map(|one| (*one).to_owned()).collect(),
        changes: Vec::new(),
    };
    let mut deleted = None;
    if belongings.tags.is_some() {
        let name = other.name.clone();
        // Lambda keeps mappings of a function that is deleted.
        for mapping in reach::theirs(&belongings.mappings, &owner, None) {
            let place = (other.function.as_str(), other.name.as_str());
            let (uuid, one) = mapping;
            let step = reach::delete(place, (uuid, one), &reasons.join(", "), &after);
            after.push(builder.add(step));
        }
        let place = (other.function.as_str(), other.name.as_str());
        let why = reasons.join(", ");
        let ended = reach::end(place, &belongings.pushes, (&why, &after), builder);
        after.extend(ended);
        let resource = format!("function {name}");
        let action = Action::DeleteFunction { name };
        let step = builder.add(deletion("remove", resource, action, &after));
        after = vec![step.clone()];
        deleted = Some(step);
    }
    if let Some((name, role)) = role(belongings, &owner, desired, builder) {
        let resource = format!("role {name}");
        let action = Action::DeleteRole {
            name: name.clone(),
            policies: role.policies.clone(),
        };
        after = vec![builder.add(deletion("remove-role", resource, action, &after))];
    }
    if belongings.log_group.is_some() {
        let name = format!("/aws/lambda/{}", other.name);
        let resource = format!("log group {name}");
        let action = Action::DeleteLogGroup { name };
        let mut step = deletion("remove-logs", resource, action, &after);
        step.reasons.push(LOGS_GO.to_owned());
        builder.add(step);
    }
    deleted
}

/// The ownership tags that everything of the function must have.
fn owner(desired: &Desired, other: &Other) -> BTreeMap<String, String> {
    BTreeMap::from([
        (TAG_PROJECT.to_owned(), desired.project.clone()),
        (TAG_FUNCTION.to_owned(), other.function.clone()),
        (TAG_TARGET.to_owned(), other.target.clone()),
    ])
}

/// jot's role of the function, unless a declared function uses it.
fn role<'a>(
    belongings: &'a Belongings,
    owner: &BTreeMap<String, String>,
    desired: &Desired,
    builder: &mut PlanBuilder,
) -> Option<&'a (String, Role)> {
    let found = belongings.role.as_ref()?;
    let (name, role) = found;
    let uses = |choice: &RoleChoice| match choice {
        RoleChoice::Given(given) => given == name || *given == role.arn,
        // It may be this role.
        RoleChoice::From(_) => true,
        RoleChoice::Own(own) => own.name == *name,
    };
    let user = desired.functions.values().find(|one| uses(&one.role));
    let why = match user {
        Some(user) => Some(format!("function {} uses it", user.name)),
        None => ownership::difference(owner, &role.tags),
    };
    if let Some(why) = why {
        builder.notes.push(format!("role {name} stays: {why}"));
        return None;
    }
    Some(found)
}
