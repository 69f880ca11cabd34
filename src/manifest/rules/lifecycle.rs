//! Rules of `lifecycle`: keys that can be ignored, and keys that a function can have moved from.

use std::collections::BTreeMap;

use crate::manifest::{at::At, error::Problems};
use crate::manifest::{
    limits::{IGNORABLE, IGNORABLE_ENTRIES},
    nearest,
};

/// Adds what `lifecycle.ignore` names and jot does not compare.
pub(super) fn ignored(function: &At, problems: &mut Problems) {
    let ignore = function
        .get("lifecycle")
        .and_then(|lifecycle| lifecycle.get("ignore"));
    for (_, at) in ignore.map(|list| list.items()).unwrap_or_default() {
        let Some(written) = at.node.text() else {
            continue;
        };
        if ignorable(written) {
            continue;
        }
        let message = format!(
            "`{}` is `{written}`, which is not a key that jot can ignore",
            at.name()
        );
        let help = meant(written).map_or_else(
            || {
                format!(
                    "jot compares {}, and entries such as `tags.team`",
                    nearest::list(&IGNORABLE)
                )
            },
            |meant| format!("did you mean `{meant}`?"),
        );
        problems.add(at.wrong(message, "not comparable").help(help));
    }
}

fn ignorable(written: &str) -> bool {
    let entry = |table: &&str| {
        let rest = written
            .strip_prefix(*table)
            .and_then(|rest| rest.strip_prefix('.'));
        rest.is_some_and(|name| !name.is_empty())
    };
    IGNORABLE.contains(&written) || IGNORABLE_ENTRIES.iter().any(entry)
}

/// The key that a misspelled one resembles; in an entry, only the table can be misspelled.
fn meant(written: &str) -> Option<String> {
    if let Some((table, entry)) = written.split_once('.')
        && let Some(table) = nearest::name(table, IGNORABLE_ENTRIES.into_iter())
    {
        return Some(match entry {
            "" => table.to_owned(),
            entry => format!("{table}.{entry}"),
        });
    }
    // `retention_days` matches `logging.retention_days`.
    let last = IGNORABLE
        .into_iter()
        .find(|key| key.rsplit('.').next() == Some(written));
    last.or_else(|| nearest::name(written, IGNORABLE.into_iter()))
        .map(str::to_owned)
}

/// Adds functions that moved from a key that is still declared, or from the same one.
pub(super) fn moves(functions: &[(String, At)], problems: &mut Problems) {
    let mut moved: Vec<(&str, At, &str)> = Vec::new();
    for (key, function) in functions {
        let lifecycle = function.get("lifecycle");
        if let Some((at, from)) = lifecycle.and_then(|lifecycle| lifecycle.text("moved_from")) {
            moved.push((key, at, from));
        }
    }
    moved.sort_by_key(|(_, at, _)| at.span().start);
    let origin: BTreeMap<&str, &str> = moved.iter().map(|(key, _, from)| (*key, *from)).collect();
    let mut claimed: BTreeMap<&str, &At> = BTreeMap::new();
    for (key, at, from) in &moved {
        if let Some((_, declared)) = functions.iter().find(|(key, _)| key == from) {
            let message = format!(
                "`{}` is `{from}`, which the manifest still declares",
                at.name()
            );
            let finding = at.wrong(message, "still declared");
            let finding = match origin.get(from) {
                _ if key == from => finding.help("name the previous key of this function"),
                None => finding
                    .other(declared.node.key_span(), "here")
                    .help(format!("remove the old `{}`: it moved", declared.name())),
                // Only the last function of a chain is declared: it continues all the earlier ones.
                Some(before) => finding.other(declared.node.key_span(), "here").help(format!(
                    "write a chain as one step: if `{from}` became `{key}`, declare only `{key}` \
                        and let it move from `{before}`"
                )),
            };
            problems.add(finding);
        }
        let Some(first) = claimed.get(from) else {
            claimed.insert(from, at);
            continue;
        };
        let message = format!("`{}` and `{}` are both `{from}`", first.name(), at.name());
        let finding = at.wrong(message, "second").other(first.span(), "first");
        problems.add(finding.help("a function can move to one key only: remove one of them"));
    }
}
