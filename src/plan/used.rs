//! Images with the functions that run them.

use std::collections::BTreeSet;

use crate::model::{Function, Recipe};

/// An image, and the functions that run it.
pub(super) struct Used<'a> {
    pub image: &'a Recipe,
    pub users: Vec<&'a Function>,
}

impl Used<'_> {
    /// The keys of those functions, and the image: `load, sum (image 1f2e3d4c5b6a7988)`.
    pub fn named(&self) -> String {
        let keys: Vec<&str> = self.users.iter().map(|user| user.key.as_str()).collect();
        let (word, tag) = (self.image.form.word(), self.image.fingerprint.tag());
        format!("{} ({word} {tag})", keys.join(", "))
    }
}

/// The extra tags of these functions, sorted.
pub(super) fn extra_tags(users: &[&Function]) -> Vec<String> {
    let tags = users.iter().flat_map(|user| user.extra_tags.clone());
    tags.collect::<BTreeSet<_>>().into_iter().collect()
}
