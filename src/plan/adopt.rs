//! Adoption: an existing function joins the project without being changed.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{
    Action, Desired, Function, Observed, Plan, RoleChoice, Step,
    desired::{TAG_ADOPTED, TAG_FUNCTION, TAG_PROJECT, TAG_TARGET},
    observed::{self, FunctionState},
    plan::Purpose,
    value::Value,
};

use super::{
    Error,
    builder::{PlanBuilder, id},
    found::found,
    ownership, plan, reasons, tags,
};

/// The steps that adopt the functions of `desired` as they are.
///
/// These are tags, and the log group that Lambda would otherwise create at the first invocation.
/// The next plan is empty, except for the repository, which adoption does not observe.
///
/// # Errors
///
/// [`Error::NotAsItIs`]: the manifest asks for something else; [`Error::Managed`]: another manifest
/// manages the function; errors of [`plan`].
pub fn adopt(desired: &Desired, observed: &Observed) -> Result<Plan, Error> {
    let mut steps = plan(desired, &as_owned(desired, observed)?)?.steps;
    steps.retain(|step| step.action.image().is_some() || step.action.function().is_some());
    let mut builder = PlanBuilder::default();
    for (wanted, latest) in existing(desired, observed) {
        let own = |step: &Step| step.action.function() == Some(wanted.key.as_str());
        let needed = steps
            .iter()
            .filter(|step| own(step) || step.action.image().is_some());
        let (quiet, changing): (Vec<_>, Vec<_>) = needed.partition(|step| is_quiet(&step.action));
        if !changing.is_empty() {
            return Err(not_as_it_is(wanted, &changing));
        }
        let is_tags = |step: &&&Step| matches!(step.action, Action::TagFunction { .. });
        let tags = quiet.iter().find(is_tags).map(|step| (*step).clone());
        let is_log = |step: &&&Step| matches!(step.action, Action::CreateLogGroup { .. });
        for step in quiet.iter().filter(is_log) {
            builder.add((*step).clone());
        }
        let found = found(observed, &wanted.key);
        role(wanted, found, &mut builder)?;
        log_group(wanted, latest, found, &mut builder);
        function(wanted, latest, tags, &mut builder);
    }
    Ok(builder.finish(desired, observed, Purpose::Adopt))
}

/// The steps that adopt the functions of `desired` even if the manifest differs from them.
///
/// These are tags on the function, on a role that has the name of jot's, and on the log group. The
/// next plan shows what differs. A function of another package type is noted, because only a
/// replacement changes that.
///
/// # Errors
///
/// [`Error::Managed`]: another manifest manages the function or the role.
pub fn take(desired: &Desired, observed: &Observed) -> Result<Plan, Error> {
    let mut builder = PlanBuilder::default();
    for (wanted, latest) in existing(desired, observed) {
        unmanaged(wanted, &wanted.name, &latest.tags)?;
        builder.notes.extend(other_package(wanted, latest));
        let found = found(observed, &wanted.key);
        role(wanted, found, &mut builder)?;
        log_group(wanted, latest, found, &mut builder);
        function(wanted, latest, None, &mut builder);
    }
    Ok(builder.finish(desired, observed, Purpose::Adopt))
}

/// What the other package type of a function will cost.
fn other_package(wanted: &Function, latest: &FunctionState) -> Option<String> {
    let form = wanted.form();
    (latest.package_type != form.package_type()).then(|| {
        format!(
            "function {} is {}, and the manifest declares {}: `jot plan --allow-replace` shows \
             what replacing it does",
            wanted.name,
            form.other().noun(),
            form.noun(),
        )
    })
}

/// The functions that exist in Lambda.
fn existing<'a>(
    desired: &'a Desired,
    observed: &'a Observed,
) -> impl Iterator<Item = (&'a Function, &'a FunctionState)> {
    desired.functions.iter().filter_map(|(key, wanted)| {
        let latest = found(observed, key).latest.as_ref()?;
        Some((wanted, latest))
    })
}

/// The observation as if the functions already belonged to the project.
fn as_owned(desired: &Desired, observed: &Observed) -> Result<Observed, Error> {
    let mut owned = observed.clone();
    let ours = |repository: &observed::Repository| {
        ownership::foreign_repository(&desired.project, &repository.tags).is_none()
    };
    owned.repository = owned.repository.filter(ours);
    for (wanted, latest) in existing(desired, observed) {
        unmanaged(wanted, &wanted.name, &latest.tags)?;
        let found = owned.functions.get_mut(&wanted.key);
        let Some(found) = found else { continue };
        if let Some(latest) = &mut found.latest {
            latest.tags.extend(wanted.ownership.clone());
        }
        if let Some(role) = found.role.as_mut().filter(|role| is_unowned(&role.tags)) {
            role.tags.extend(wanted.ownership.clone());
        }
    }
    Ok(owned)
}

/// Whether no manifest manages a resource with these tags.
fn is_unowned(tags: &BTreeMap<String, String>) -> bool {
    !tags.contains_key(TAG_PROJECT)
}

/// Fails if another manifest manages the resource with these tags.
fn unmanaged(wanted: &Function, name: &str, tags: &BTreeMap<String, String>) -> Result<(), Error> {
    let Some(project) = tags.get(TAG_PROJECT) else {
        return Ok(());
    };
    if ownership::foreign(wanted, tags).is_none() {
        return Ok(());
    }
    let tag_value = |tag: &str| tags.get(tag).map(String::as_str).unwrap_or_default();
    let target = match tag_value(TAG_TARGET) {
        "" => String::new(),
        target => format!(", target {target}"),
    };
    Err(Error::Managed {
        name: name.to_owned(),
        why: format!(
            "it is {} of project {project}{target}",
            tag_value(TAG_FUNCTION)
        ),
    })
}

/// Whether the action leaves the behaviour of the function unchanged.
fn is_quiet(action: &Action) -> bool {
    match action {
        Action::TagFunction { remove, .. } => remove.is_empty(),
        Action::CreateLogGroup { .. } => true,
        Action::UpdateRole {
            attach,
            detach,
            trust,
            inline,
            boundary,
            ..
        } => {
            let policies = attach.is_empty() && detach.is_empty() && inline.is_none();
            policies && !trust && boundary.is_none()
        }
        _ => false,
    }
}

fn not_as_it_is(wanted: &Function, changing: &[&Step]) -> Error {
    let mut words: Vec<String> = Vec::new();
    for step in changing {
        let fields: Vec<&str> = step.changes.iter().map(|one| one.field.as_str()).collect();
        words.push(match fields.as_slice() {
            [] => format!("change {}", step.resource),
            fields => format!("change {} of {}", fields.join(", "), step.resource),
        });
    }
    let mut seen = BTreeSet::new();
    words.retain(|one| seen.insert(one.clone()));
    Error::NotAsItIs {
        name: wanted.name.clone(),
        steps: words.join(", and "),
        help: format!(
            "make `functions.{}` match the existing function, or remove it: `jot adopt` then \
             writes it",
            wanted.key
        ),
    }
}

/// Tags a role that has the name of jot's, if no manifest manages it.
fn role(
    wanted: &Function,
    found: &observed::Function,
    builder: &mut PlanBuilder,
) -> Result<(), Error> {
    let (RoleChoice::Own(role), Some(existing)) = (&wanted.role, &found.role) else {
        return Ok(());
    };
    if !is_unowned(&existing.tags)
        && let Some(why) = ownership::foreign(wanted, &existing.tags)
    {
        return Err(Error::ForeignRole {
            name: role.name.clone(),
            key: wanted.key.clone(),
            why,
        });
    }
    let changes = tags::missing(&role.tags, &existing.tags);
    if !changes.is_empty() {
        builder.add(Step {
            id: id("role", &wanted.key),
            resource: format!("role {}", role.name),
            action: Action::UpdateRole {
                function: wanted.key.clone(),
                arn: existing.arn.clone(),
                attach: Vec::new(),
                detach: Vec::new(),
                trust: false,
                tags: true,
                inline: None,
                boundary: None,
            },
            after: Vec::new(),
            reasons: vec![reasons::ADOPTED.to_owned()],
            changes,
        });
    }
    Ok(())
}

/// Tags the log group along with its function.
fn log_group(
    wanted: &Function,
    latest: &FunctionState,
    found: &observed::Function,
    builder: &mut PlanBuilder,
) {
    let new = !tags::missing(&wanted.ownership, &latest.tags).is_empty();
    if new && found.log_group.is_some() && !wanted.writes_elsewhere() {
        builder.add(Step {
            id: id("logs", &wanted.key),
            resource: format!("log group {}", wanted.log_group.name),
            action: Action::TagLogGroup {
                function: wanted.key.clone(),
            },
            after: Vec::new(),
            reasons: vec![reasons::ADOPTED.to_owned()],
            changes: Vec::new(),
        });
    }
}

/// Tags the function, after all else: until then it does not belong to the project.
///
/// `planned` are the tags that an apply would write too.
fn function(
    wanted: &Function,
    latest: &FunctionState,
    planned: Option<Step>,
    builder: &mut PlanBuilder,
) {
    let mut own = wanted.ownership.clone();
    if is_unowned(&latest.tags) {
        own.insert(TAG_ADOPTED.to_owned(), "true".to_owned());
    }
    let mut changes = tags::missing(&own, &latest.tags);
    let own = own.iter();
    let mut set: BTreeMap<String, Value<String>> = own
        .map(|(key, value)| (key.clone(), Value::Known(value.clone())))
        .collect();
    let planned = planned.map(|step| (step.action, step.changes));
    if let Some((Action::TagFunction { set: more, .. }, users)) = planned {
        set.extend(more);
        changes.extend(users);
    } else if changes.is_empty() {
        return;
    }
    let after = builder.ends(|step| step.action.function() == Some(wanted.key.as_str()));
    builder.add(Step {
        id: id("tags", &wanted.key),
        resource: format!("function {}", wanted.name),
        action: Action::TagFunction {
            function: wanted.key.clone(),
            set,
            remove: Vec::new(),
        },
        after,
        reasons: vec![reasons::ADOPTED.to_owned()],
        changes,
    });
}
