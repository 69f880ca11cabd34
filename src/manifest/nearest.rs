//! Suggestions for misspelled keys, and keys that a later release of jot will have.

/// Languages of a later release.
pub(super) const LATER_LANGUAGES: &[&str] = &[];

/// Keys of the design that this release does not have yet, by the name of their table: `function`,
/// or the key of the table.
const LATER: [(&str, &[&str]); 2] = [("function", LATER_LANGUAGES), ("deploy", &["canary"])];

/// Whether a key, or a value of `compile`, is planned for a later release.
pub(super) fn is_later(table: &str, key: &str) -> bool {
    LATER
        .iter()
        .any(|(place, keys)| *place == table && keys.contains(&key))
}

/// Returns the name that is close enough to be a misspelling's intention.
pub fn name<'n>(written: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let written = written.to_lowercase();
    names
        .map(|name| (likeness(&written, &name.to_lowercase()), name))
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}

fn likeness(written: &str, name: &str) -> f64 {
    // Users often forget the unit: `memory` and `timeout` match `memory_mb` and `timeout_s`.
    let begins = written.len() > 2
        && name
            .strip_prefix(written)
            .is_some_and(|rest| rest.starts_with('_'));
    if begins {
        1.0
    } else {
        strsim::jaro_winkler(written, name)
    }
}

/// Returns the option that is nearest to a number.
pub(super) fn number(written: i64, options: &[String]) -> Option<&str> {
    let distance = |option: &&String| {
        option
            .parse::<i64>()
            .map_or(u64::MAX, |option| option.abs_diff(written))
    };
    options.iter().min_by_key(distance).map(String::as_str)
}

/// Returns the names in a sentence: `` `a`, `b` and `c` ``.
pub(super) fn list<S: AsRef<str>>(names: &[S]) -> String {
    let quoted: Vec<String> = names
        .iter()
        .map(|name| format!("`{}`", name.as_ref()))
        .collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => quoted.concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misspellings_find_their_key_and_strangers_none() {
        let keys = [
            "memory_mb",
            "timeout_s",
            "environment",
            "ephemeral_storage_mb",
            "tags",
            "tests",
        ];
        for (written, meant) in [
            ("memory", Some("memory_mb")),
            ("MemorySize", Some("memory_mb")),
            ("timeout", Some("timeout_s")),
            ("enviroment", Some("environment")),
            ("tag", Some("tags")),
            ("test", Some("tests")),
            ("colour", None),
        ] {
            assert_eq!(name(written, keys.into_iter()), meant, "{written}");
        }
    }
}
