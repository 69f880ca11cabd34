//! Provenance of an image as OCI annotations:
//! <https://github.com/opencontainers/image-spec/blob/main/annotations.md>.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use super::environment::now;
use crate::{
    model::{Desired, Function},
    remote::git,
};

/// The annotations `revision`, `source` and `created` for an image built now from the folder
/// `root`.
///
/// The first two exist only in a git checkout. A revision with uncommitted changes ends in
/// `-dirty`; credentials are removed from addresses.
pub fn labels(root: &Path) -> BTreeMap<String, String> {
    let revision = git::described(root);
    let source = git::origin(root);
    let created = Some(now());
    let labels = [
        ("revision", revision),
        ("source", source),
        ("created", created),
    ];
    let name = |(key, value): (&str, Option<String>)| {
        Some((format!("org.opencontainers.image.{key}"), value?))
    };
    labels.into_iter().filter_map(name).collect()
}

/// Adds the commit of the manifest's folder to each function that is built from its files.
///
/// A function with its source in another repository already has that one's commit.
pub fn revised(mut desired: Arc<Desired>) -> Arc<Desired> {
    let built = |one: &&mut Function| one.code.recipe().is_some() && one.revision.is_none();
    if let Some(revision) = git::described(&desired.root) {
        let functions = Arc::make_mut(&mut desired).functions.values_mut();
        for function in functions.filter(built) {
            function.revision = Some(revision.clone());
        }
    }
    desired
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outside_a_checkout_only_the_time_is_known() {
        let folder = tempfile::tempdir().unwrap();
        let labels = labels(folder.path());
        let keys: Vec<&String> = labels.keys().collect();
        assert_eq!(keys, ["org.opencontainers.image.created"]);
    }
}
