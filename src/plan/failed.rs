//! Functions that are in state `Failed`. Lambda wants one whose creation failed deleted and created again:
//! <https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html>.

use std::{borrow::Cow, collections::BTreeMap};

use crate::model::{
    Desired, Function, Observed,
    desired::{TAG_DIGEST, TAG_FINGERPRINT, TAG_MANAGED, owned},
    observed::{self, FunctionState},
};

use super::{Error, found, reasons};

/// The tags that jot writes once a function takes its traffic.
const RECORDS: [&str; 3] = [TAG_DIGEST, TAG_FINGERPRINT, TAG_MANAGED];

/// Why functions that are to be created again are, by key.
pub(super) type Again<'a> = BTreeMap<&'a str, String>;

/// The functions whose creation failed, and the observation without them: all else of the plan is as for a first creation.
///
/// # Errors
/// [`Error::FailedAndProtected`]: the manifest forbids to delete one.
pub(super) fn creations<'a, 'o>(
    desired: &'a Desired,
    observed: &'o Observed,
) -> Result<(Again<'a>, Cow<'o, Observed>), Error> {
    let mut again = Again::new();
    for (key, wanted) in &desired.functions {
        let Some(latest) = creation(wanted, found(observed, key)) else {
            continue;
        };
        let why = reasons::failure(latest).unwrap_or_default();
        if wanted.lifecycle.prevent_destroy {
            return Err(Error::FailedAndProtected {
                name: wanted.name.clone(),
                key: key.clone(),
                why,
            });
        }
        again.insert(key, why);
    }
    let mut observed = Cow::Borrowed(observed);
    for key in again.keys() {
        if let Some(found) = observed.to_mut().functions.get_mut(*key) {
            found.latest = None;
        }
    }
    Ok((again, observed))
}

/// A function whose creation failed and that never took traffic: it is ours, its state is `Failed`, it has neither alias nor
/// version, and no apply came to its end with it, which jot's tags would tell.
fn creation<'o>(wanted: &Function, found: &'o observed::Function) -> Option<&'o FunctionState> {
    let latest = found.latest.as_ref()?;
    let recorded = RECORDS.iter().any(|tag| latest.tags.contains_key(*tag));
    let served = recorded || found.alias.is_some() || !found.versions.is_empty();
    let never_ran = latest.state == "Failed" && !served && !found.from_tags;
    (never_ran && owned(&latest.tags, &wanted.ownership)).then_some(latest)
}

/// What the reader is to know of a function in state `Failed` that took traffic before.
pub(super) fn note(wanted: &Function, latest: &FunctionState) -> Option<String> {
    let name = &wanted.name;
    (latest.state == "Failed").then(|| {
        format!(
            "function {name} is in state Failed and took traffic before, so jot updates it and does not delete it: if Lambda refuses that, delete it yourself, and `jot apply` creates it again"
        )
    })
}
