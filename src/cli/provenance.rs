//! What an image was made from, as OCI annotations: <https://github.com/opencontainers/image-spec/blob/main/annotations.md>.

use std::{collections::BTreeMap, path::Path};

use super::environment::now;
use crate::remote::git;

/// The annotations `revision`, `source` and `created` for an image built now from the folder `root`; the first two only in a git
/// checkout. A revision with uncommitted changes ends in `-dirty`, and an address loses the credentials in it.
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
