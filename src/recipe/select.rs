//! Which functions a command is about.

use std::collections::BTreeMap;

use globset::Glob;

use super::error::Error;
use crate::manifest::types::Function;

/// Returns the functions that the names and globs of a command line choose, by key; all of them for no names at all. A
/// name or glob that chooses nothing is an error that lists what there is.
pub fn choose<'a>(
    functions: &'a BTreeMap<String, Function>,
    select: &[String],
) -> Result<BTreeMap<&'a str, &'a Function>, Error> {
    let by_key = functions
        .iter()
        .map(|(key, function)| (key.as_str(), function));
    if select.is_empty() {
        return Ok(by_key.collect());
    }
    let mut chosen = BTreeMap::new();
    for pattern in select {
        let glob = Glob::new(pattern).map_err(|cause| Error::Glob {
            pattern: pattern.clone(),
            cause,
        })?;
        let glob = glob.compile_matcher();
        let matched: Vec<_> = by_key
            .clone()
            .filter(|(key, _)| glob.is_match(key))
            .collect();
        if matched.is_empty() {
            return Err(Error::NoMatch {
                pattern: pattern.clone(),
                functions: functions.keys().cloned().collect(),
            });
        }
        chosen.extend(matched);
    }
    Ok(chosen)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(select: &[&str]) -> Result<Vec<String>, Error> {
        let keys = ["increment-scalar", "increment-vector", "sum"];
        let functions = keys.map(|key| (key.to_owned(), Function::default())).into();
        let select: Vec<String> = select.iter().map(|name| (*name).to_owned()).collect();
        choose(&functions, &select).map(|chosen| chosen.into_keys().map(str::to_owned).collect())
    }

    #[test]
    fn nothing_named_means_all() {
        assert_eq!(
            keys(&[]).unwrap(),
            ["increment-scalar", "increment-vector", "sum"]
        );
    }

    #[test]
    fn names_and_globs_add_up() {
        assert_eq!(
            keys(&["sum", "increment-*", "*-vector"]).unwrap(),
            ["increment-scalar", "increment-vector", "sum"]
        );
        assert_eq!(
            keys(&["{sum,*-scalar}"]).unwrap(),
            ["increment-scalar", "sum"]
        );
    }

    #[test]
    fn what_matches_nothing_is_an_error_that_lists_the_functions() {
        let error = miette::Report::new(keys(&["sum", "decrement-*"]).unwrap_err());
        assert_eq!(error.to_string(), "no function matches `decrement-*`");
        let help = error.help().unwrap().to_string();
        assert_eq!(
            help,
            "the manifest declares increment-scalar, increment-vector, sum"
        );
    }

    #[test]
    fn a_glob_that_is_none_is_an_error() {
        assert!(matches!(keys(&["increment-["]), Err(Error::Glob { .. })));
    }
}
