//! The variants that `--compare` names: the same manifest with other compile modes, or at git
//! revisions.
//!
//! jot fetches a revision into its cache like any git source, so the user's files and index do not
//! change.

use std::{fs, path::Path};

use super::super::{Error, environment};
use crate::{
    manifest::{self, Loaded},
    model::GitSource,
    recipe::language,
    remote::git,
};

/// A manifest to take functions from.
#[derive(Clone, Debug)]
pub struct Variant {
    /// The label of the variant; `None` without `--compare`.
    pub label: Option<String>,
    pub loaded: Loaded,
}

/// The variants that `--compare` names, in its order; only the present manifest if it names none.
pub fn all(loaded: &Loaded, compare: &[String]) -> Result<Vec<Variant>, Error> {
    let names = names(compare)?;
    if names.is_empty() {
        return Ok(vec![Variant {
            label: None,
            loaded: loaded.clone(),
        }]);
    }
    let each = names.into_iter().map(|name| {
        let loaded = match compiled(loaded, &name) {
            Some(loaded) => loaded,
            None if name == "." => loaded.clone(),
            None => at_revision(loaded, &name)?,
        };
        let label = Some(name);
        Ok(Variant { label, loaded })
    });
    each.collect()
}

/// Splits `v1..v2` into two names; an empty side means HEAD, as in `git diff`.
fn names(compare: &[String]) -> Result<Vec<String>, Error> {
    let mut names: Vec<String> = Vec::new();
    for one in compare {
        let or_head = |side: &str| match side {
            "" => "HEAD".to_owned(),
            side => side.to_owned(),
        };
        match one.split_once("..") {
            Some((from, to)) => names.extend([or_head(from), or_head(to)]),
            None => names.push(one.clone()),
        }
    }
    let twice = names
        .iter()
        .enumerate()
        .any(|(at, name)| names[..at].contains(name));
    let odd = |name: &String| name.is_empty() || name.starts_with(['.', '-']) && name != ".";
    if twice || names.len() == 1 || names.iter().any(odd) {
        return Err(Error::Usage {
            message: format!(
                "`--compare {}` must name at least two different variants",
                compare.join(",")
            ),
            help: "give compile modes (--compare none,precompile,sysimage) or git revisions \
                (--compare v1..HEAD or main,.)"
                .to_owned(),
        });
    }
    Ok(names)
}

/// The manifest with this compile mode for every function; `None` if a function's language lacks
/// the mode.
fn compiled(loaded: &Loaded, mode: &str) -> Option<Loaded> {
    let mut loaded = loaded.clone();
    let mut functions = loaded.manifest.functions.values_mut();
    let all = functions
        .all(|function| function.image_uri.is_some() || language::set_compile(function, mode));
    all.then_some(loaded)
}

/// The manifest and the sources at a git revision.
fn at_revision(loaded: &Loaded, revision: &str) -> Result<Loaded, Error> {
    let unreadable = |cause| Error::File {
        what: "find",
        path: loaded.path.clone(),
        cause,
    };
    let path = fs::canonicalize(&loaded.path).map_err(unreadable)?;
    let folder = path.parent().unwrap_or(Path::new("/"));
    let found = git::revision(folder, revision)?;
    let cache = environment::cache_folder().ok_or_else(|| Error::Usage {
        message: "jot has no cache folder for fetched git sources".to_owned(),
        help: "set HOME or XDG_CACHE_HOME".to_owned(),
    })?;
    let source = GitSource {
        url: found.root.display().to_string(),
        rev: found.commit,
    };
    let checkout = git::checkout(&source, &cache)?;
    let within = path.strip_prefix(&found.root).unwrap_or(&path);
    let path = checkout.folder.join(within);
    Ok(manifest::load(&path, loaded.target.as_deref()).map_err(Box::new)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(compare: &[&str]) -> Option<Vec<String>> {
        let compare: Vec<String> = compare.iter().map(|one| (*one).to_owned()).collect();
        names(&compare).ok()
    }

    #[test]
    fn revisions_are_named_as_git_names_them() {
        let named = |names: &[&str]| Some(names.iter().map(|one| (*one).to_owned()).collect());
        assert_eq!(of(&[]), named(&[]));
        assert_eq!(of(&["v1..main"]), named(&["v1", "main"]));
        assert_eq!(of(&["v1.."]), named(&["v1", "HEAD"]));
        assert_eq!(
            of(&["none", "HEAD~1", "."]),
            named(&["none", "HEAD~1", "."])
        );
    }

    #[test]
    fn one_thing_is_compared_with_nothing() {
        for wrong in [
            &["main"][..],
            &["main", "main"],
            &["HEAD.."],
            &["v1...v2"],
            &["main", ""],
            &["main", "--all"],
        ] {
            assert_eq!(of(wrong), None, "{wrong:?}");
        }
    }
}
