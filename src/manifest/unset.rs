//! `unset = ["deploy.alias"]`: the one way in which a layer removes what an earlier one set.

use toml::de::{DeTable, DeValue};

use super::{
    error::{Finding, Problems},
    node::{Layer, Node},
};

/// Removes the keys in the list from the earlier layers. Adds a problem for names that are not
/// paths and for names that nothing set, except in `[targets.X.defaults]`, which applies to
/// functions of many kinds.
pub(super) fn apply(unset: &Node, under: &mut Node, problems: &mut Problems) {
    for item in unset.items().unwrap_or_default() {
        let Some(written) = item.text() else { continue };
        let Some(path) = path(written) else {
            let message = format!("`unset` names `{written}`, which is not the path of a key");
            let help = "write it as in a dotted key: \"deploy.alias\", or \"tags.'cost.center'\"";
            problems.add(Finding::new(item.span.clone(), message, "not a path").help(help));
            continue;
        };
        if !remove(under, &path) && unset.layer != Layer::TargetDefaults {
            let message = format!("`unset` names `{written}`, which no earlier layer sets");
            let help = "remove it from the list, or correct its spelling; the path begins below \
                the function, without its key";
            problems.add(Finding::new(item.span.clone(), message, "nothing to remove").help(help));
        }
    }
}

fn remove(node: &mut Node, path: &[String]) -> bool {
    let (Some((first, rest)), Some(entries)) = (path.split_first(), node.entries_mut()) else {
        return false;
    };
    if rest.is_empty() {
        return entries.remove(first).is_some();
    }
    entries
        .get_mut(first)
        .is_some_and(|entry| remove(entry, rest))
}

/// Returns the keys of a dotted key, by TOML's own rules of quoting.
pub(super) fn path(written: &str) -> Option<Vec<String>> {
    if written.contains(['\n', '\r']) {
        return None;
    }
    let line = format!("{written}=0");
    let document = DeTable::parse(&line).ok()?;
    let mut table = document.get_ref();
    let mut path = Vec::new();
    loop {
        let (key, value) = table.iter().next().filter(|_| table.len() == 1)?;
        path.push(key.get_ref().to_string());
        match value.get_ref() {
            DeValue::Table(inner) => table = inner,
            // Our own zero, and not one that the text brought along.
            _ if value.span().start == written.len() + 1 => return Some(path),
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::path;

    #[test]
    fn a_path_is_a_dotted_key_and_nothing_else() {
        assert_eq!(path("deploy.alias").unwrap(), ["deploy", "alias"]);
        assert_eq!(path("tags.'cost.center'").unwrap(), ["tags", "cost.center"]);
        assert_eq!(path("tags.\"a=b\"").unwrap(), ["tags", "a=b"]);
        for wrong in [
            "", ".", "a.", "a b", "a = 1 #", "[a]\nb", "a = 1\nb", "a={b=1}#",
        ] {
            assert_eq!(path(wrong), None, "{wrong:?}");
        }
    }
}
