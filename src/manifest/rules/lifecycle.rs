//! Rules of `lifecycle`: what can be ignored, and where a function can have moved from.

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
            "`{}` is `{written}`, which is no key that jot can leave alone",
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

/// The key that a misspelling comes near to; of an entry the table is what can be misspelt.
fn meant(written: &str) -> Option<String> {
    if let Some((table, entry)) = written.split_once('.')
        && let Some(table) = nearest::name(table, IGNORABLE_ENTRIES.into_iter())
    {
        return Some(match entry {
            "" => table.to_owned(),
            entry => format!("{table}.{entry}"),
        });
    }
    // `retention_days` stands for `logging.retention_days`.
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
                _ if key == from => finding.help("name the key that this function had before"),
                None => finding
                    .other(declared.node.key_span(), "here")
                    .help(format!("remove the old `{}`: it moved", declared.name())),
                // A chain has one end that is declared: the function that everything before it became.
                Some(before) => finding.other(declared.node.key_span(), "here").help(format!(
                    "a chain needs one step: if `{key}` is what `{from}` became, keep `{key}` alone and let it move from `{before}`"
                )),
            };
            problems.add(finding);
        }
        let Some(first) = claimed.get(from) else {
            claimed.insert(from, at);
            continue;
        };
        let message = format!(
            "`{}` and `{}` both say that they were `{from}`",
            first.name(),
            at.name()
        );
        let finding = at.wrong(message, "second").other(first.span(), "first");
        problems.add(finding.help("one function can go on as one function: remove one of them"));
    }
}
