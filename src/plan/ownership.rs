//! Ownership of resources.
//!
//! Only the ownership tags decide.

use std::collections::BTreeMap;

use crate::model::{
    Desired, Function, Observed, RoleChoice,
    desired::{TAG_ADOPTED, TAG_FUNCTION, TAG_PROJECT, TAG_TARGET},
    observed::FunctionState,
};

use super::{Error, found::found};

/// The tags that decide, in the order in which a difference is reported.
const OWNERSHIP: [&str; 3] = [TAG_PROJECT, TAG_TARGET, TAG_FUNCTION];

/// Checks that every existing resource of a wanted name belongs to this project and target.
///
/// The package type must also match, unless the function may be replaced.
///
/// # Errors
///
/// The first resource that does not.
pub(super) fn check(desired: &Desired, observed: &Observed) -> Result<(), Error> {
    if let Some(repository) = &observed.repository
        && let Some(why) = foreign_repository(&desired.project, &repository.tags)
    {
        return Err(Error::ForeignRepository {
            name: desired.repository.name.clone(),
            why,
        });
    }
    for (key, wanted) in &desired.functions {
        let found = found(observed, key);
        if let Some(latest) = &found.latest {
            check_function(wanted, latest)?;
            if !desired.replace {
                same_package(wanted, latest)?;
            }
        }
        if let (RoleChoice::Own(role), Some(existing)) = (&wanted.role, &found.role)
            && let Some(why) = foreign(wanted, &existing.tags)
        {
            return Err(Error::ForeignRole {
                name: role.name.clone(),
                key: key.clone(),
                why,
            });
        }
    }
    Ok(())
}

fn check_function(wanted: &Function, latest: &FunctionState) -> Result<(), Error> {
    if let Some(why) = foreign(wanted, &latest.tags) {
        return Err(Error::ForeignFunction {
            name: wanted.name.clone(),
            key: wanted.key.clone(),
            why,
        });
    }
    Ok(())
}

/// Checks that the function has the wanted package type.
///
/// # Errors
///
/// [`Error::PackageType`]
fn same_package(wanted: &Function, latest: &FunctionState) -> Result<(), Error> {
    let form = wanted.form();
    if latest.package_type != form.package_type() {
        return Err(Error::PackageType {
            name: wanted.name.clone(),
            key: wanted.key.clone(),
            found: form.other().noun(),
            wanted: form.noun(),
        });
    }
    Ok(())
}

/// Why a resource with these tags does not belong to this function, under its present or its former
/// key.
pub(super) fn foreign(wanted: &Function, tags: &BTreeMap<String, String>) -> Option<String> {
    if moved(wanted, tags) {
        return None;
    }
    difference(&wanted.ownership, tags)
}

/// Whether a resource with these tags belongs to this function under its former key.
pub(super) fn moved(wanted: &Function, tags: &BTreeMap<String, String>) -> bool {
    let Some(from) = &wanted.lifecycle.moved_from else {
        return false;
    };
    let mut before = wanted.ownership.clone();
    before.insert(TAG_FUNCTION.to_owned(), from.clone());
    difference(&before, tags).is_none()
}

/// Whether a resource with these tags existed before jot, and was adopted.
pub(super) fn adopted(tags: &BTreeMap<String, String>) -> bool {
    tags.contains_key(TAG_ADOPTED)
}

/// Checks that the function may be deleted.
///
/// # Errors
///
/// [`Error::Protected`]
pub(super) fn unprotected(wanted: &Function, name: &str) -> Result<(), Error> {
    if !wanted.lifecycle.prevent_destroy {
        return Ok(());
    }
    Err(Error::Protected {
        name: name.to_owned(),
        key: wanted.key.clone(),
    })
}

/// Why a repository with these tags does not belong to the project; its targets share one.
pub(super) fn foreign_repository(project: &str, tags: &BTreeMap<String, String>) -> Option<String> {
    let wanted = BTreeMap::from([(OWNERSHIP[0].to_owned(), project.to_owned())]);
    let owner = tags.get_key_value(OWNERSHIP[0]);
    let owner = owner.map(|(key, value)| (key.clone(), value.clone()));
    difference(&wanted, &owner.into_iter().collect())
}

/// The first ownership tag that differs, in words; a missing tag equals an empty one.
pub(super) fn difference(
    wanted: &BTreeMap<String, String>,
    tags: &BTreeMap<String, String>,
) -> Option<String> {
    let key = OWNERSHIP
        .into_iter()
        .find(|key| value(wanted, key) != value(tags, key))?;
    let found = value(tags, key);
    Some(if found.is_empty() {
        format!("it has no tag {key}")
    } else {
        format!("its tag {key} is {found}")
    })
}

fn value<'a>(tags: &'a BTreeMap<String, String>, key: &str) -> &'a str {
    tags.get(key).map_or("", String::as_str)
}
