//! Functions in state `Failed`.
//!
//! One that failed to be created must be deleted and created again:
//! <https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html>.

use crate::model::{
    Function, State,
    desired::{TAG_DIGEST, TAG_FINGERPRINT, TAG_MANAGED, owned},
    observed::{self, FunctionState},
};

/// The tags that jot writes once a function takes traffic.
const RECORDS: [&str; 3] = [TAG_DIGEST, TAG_FINGERPRINT, TAG_MANAGED];

/// A function that failed to be created and never took traffic.
///
/// It belongs to the project, its state is `Failed`, it has neither alias nor version, and no apply
/// recorded its success in jot's tags.
pub(super) fn creation<'o>(
    wanted: &Function,
    found: &'o observed::Function,
) -> Option<&'o FunctionState> {
    let latest = found.latest.as_ref()?;
    let recorded = RECORDS.iter().any(|tag| latest.tags.contains_key(*tag));
    let served = recorded || found.alias.is_some() || !found.versions.is_empty();
    let never_ran = latest.state == State::Failed && !served && !found.from_tags;
    (never_ran && owned(&latest.tags, &wanted.ownership)).then_some(latest)
}

/// Note on a function in state `Failed` that took traffic before.
pub(super) fn note(wanted: &Function, latest: &FunctionState) -> Option<String> {
    let name = &wanted.name;
    (latest.state == State::Failed).then(|| {
        format!(
            "function {name} is in state Failed and took traffic before, so jot updates it and \
             does not delete it: if Lambda refuses that, delete it yourself, and `jot apply` \
             creates it again"
        )
    })
}
