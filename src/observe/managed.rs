//! Keys of the manifest that jot has set, by a function's tags.

use std::collections::BTreeMap;

use crate::model::desired::TAG_MANAGED;

/// Whether jot ever set a key, given by its word in the tag.
pub(super) fn manages(tags: &BTreeMap<String, String>, key: &str) -> bool {
    let managed = tags.get(TAG_MANAGED);
    managed.is_some_and(|words| words.split(' ').any(|word| word == key))
}
