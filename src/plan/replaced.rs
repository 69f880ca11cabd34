//! Functions that are deleted and created again.
//!
//! These are functions that failed to be created, and on request those of another package type,
//! which Lambda cannot change: <https://docs.aws.amazon.com/lambda/latest/dg/images-create.html>.

use std::{borrow::Cow, collections::BTreeMap};

use crate::model::{Desired, Function, Observed, observed, reach};

use super::{Error, context::Again, failed, found::found, ownership, reasons};

/// The functions to be created again, by key, and the observation without them, so that they are
/// planned as for a first creation.
///
/// # Errors
///
/// [`Error::FailedAndProtected`] and [`Error::Protected`]: the manifest forbids deleting one.
pub(super) fn functions<'a, 'o>(
    desired: &'a Desired,
    observed: &'o Observed,
) -> Result<(BTreeMap<&'a str, Again>, Cow<'o, Observed>), Error> {
    let mut all = BTreeMap::new();
    for (key, wanted) in &desired.functions {
        if let Some(again) = again(wanted, found(observed, key))? {
            all.insert(key.as_str(), again);
        }
    }
    let mut observed = Cow::Borrowed(observed);
    for (key, again) in &all {
        if let Some(found) = observed.to_mut().functions.get_mut(*key) {
            found.latest = None;
            // The role stays, and so do event sources elsewhere, which call the new alias of the
            // same name.
            let role_policy = found.reach.role_policy.take();
            let mappings = std::mem::take(&mut found.reach.mappings);
            let pushes = std::mem::take(&mut found.reach.pushes);
            let buckets = std::mem::take(&mut found.reach.buckets);
            found.reach = reach::Found {
                role_policy,
                mappings,
                pushes,
                buckets,
                ..reach::Found::default()
            };
            if again.revision.is_some() {
                (found.alias, found.live, found.from_tags) = (None, None, false);
                found.versions.clear();
            }
        }
    }
    Ok((all, observed))
}

fn again(wanted: &Function, found: &observed::Function) -> Result<Option<Again>, Error> {
    if let Some(latest) = failed::creation(wanted, found) {
        let why = reasons::failure(latest).unwrap_or_default();
        if wanted.lifecycle.prevent_destroy {
            return Err(Error::FailedAndProtected {
                name: wanted.name.clone(),
                key: wanted.key.clone(),
                why,
            });
        }
        return Ok(Some(Again {
            why,
            revision: None,
        }));
    }
    let Some(latest) = &found.latest else {
        return Ok(None);
    };
    if latest.package_type == wanted.form().package_type() {
        return Ok(None);
    }
    ownership::unprotected(wanted, &wanted.name)?;
    Ok(Some(Again {
        why: format!(
            "the manifest asks for {}, and Lambda cannot change the package type: versions, alias \
             and URL are lost, and calls fail until the new version is tested",
            wanted.form().noun()
        ),
        revision: Some(latest.revision.clone()),
    }))
}
