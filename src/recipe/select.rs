//! Which functions a command is about.

use std::collections::BTreeMap;

use globset::Glob;

use super::error::Error;
use crate::manifest::types::Function;

/// Returns the functions that the names and globs of a command line select, by key; without names,
/// all of them. A name or glob that selects nothing is an error that lists the functions.
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

/// Returns the key of the one function for a command: the one with that name, or the only one that
/// a glob selects; without a name, the only one of the manifest.
///
/// # Errors
/// [`Error::Several`] and [`Error::Unnamed`], which list the functions to choose from, and the
/// errors of a name that selects nothing.
pub fn one(functions: &BTreeMap<String, Function>, named: Option<&str>) -> Result<String, Error> {
    let Some(named) = named else {
        let mut keys = functions.keys();
        return match (keys.next(), keys.next()) {
            (Some(only), None) => Ok(only.clone()),
            _ => Err(Error::Unnamed {
                functions: functions.keys().cloned().collect(),
            }),
        };
    };
    if functions.contains_key(named) {
        return Ok(named.to_owned());
    }
    let chosen = choose(functions, &[named.to_owned()])?;
    let mut matched: Vec<String> = chosen.into_keys().map(str::to_owned).collect();
    match matched.len() {
        1 => Ok(matched.remove(0)),
        _ => Err(Error::Several {
            pattern: named.to_owned(),
            matched,
        }),
    }
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
            "jot.toml declares increment-scalar, increment-vector, sum"
        );
    }

    #[test]
    fn a_misspelt_name_finds_the_one_that_was_meant() {
        let error = miette::Report::new(keys(&["incremnt-vector"]).unwrap_err());
        assert_eq!(
            error.help().unwrap().to_string(),
            "did you mean `increment-vector`? jot.toml declares increment-scalar, \
             increment-vector, sum"
        );
    }

    #[test]
    fn where_one_is_meant_a_glob_that_chooses_several_is_an_error_that_lists_them() {
        let keys = ["increment-scalar", "increment-vector", "sum"];
        let functions: BTreeMap<_, _> =
            keys.map(|key| (key.to_owned(), Function::default())).into();
        assert_eq!(one(&functions, Some("sum")).unwrap(), "sum");
        assert_eq!(one(&functions, Some("s*")).unwrap(), "sum");
        let error = miette::Report::new(one(&functions, Some("increment-*")).unwrap_err());
        assert_eq!(
            error.to_string(),
            "`increment-*` matches 2 functions, but this command takes one"
        );
        let help = error.help().unwrap().to_string();
        assert_eq!(help, "name one of increment-scalar, increment-vector");
        assert!(matches!(
            one(&functions, Some("decrement-*")),
            Err(Error::NoMatch { .. })
        ));
    }

    #[test]
    fn the_only_function_need_not_be_named() {
        let function = |key: &str| (key.to_owned(), Function::default());
        let mut functions = BTreeMap::from([function("sum")]);
        assert_eq!(one(&functions, None).unwrap(), "sum");
        functions.extend([function("product")]);
        let error = miette::Report::new(one(&functions, None).unwrap_err());
        assert_eq!(
            error.to_string(),
            "no function is named, but jot.toml declares 2"
        );
        assert_eq!(
            error.help().unwrap().to_string(),
            "name one of product, sum"
        );
        let error = one(&BTreeMap::new(), None).unwrap_err();
        assert_eq!(
            error.to_string(),
            "no function is named, but jot.toml declares 0"
        );
    }

    #[test]
    fn a_glob_that_is_none_is_an_error() {
        assert!(matches!(keys(&["increment-["]), Err(Error::Glob { .. })));
    }
}
