//! Links and anchors of the documents have a target.

use std::path::{Component, Path, PathBuf};

use crate::{
    assert_none,
    markdown::{self, Document},
};

/// The address of this repository's files on the web.
const HERE: &str = "https://github.com/jot-lambda/jot/";

/// What is wrong with a link.
fn fault(document: &Document, target: &str) -> Option<String> {
    let (address, anchor) = match target.split_once('#') {
        Some((address, anchor)) => (address, Some(anchor)),
        None => (target, None),
    };
    let path = match address.strip_prefix(HERE) {
        Some(rest) => markdown::root().join(on_main(rest)?),
        None if address.contains("://") || address.starts_with("mailto:") => return None,
        None if address.is_empty() => markdown::root().join(&document.path),
        None => {
            let folder = markdown::root().join(document.path.parent().unwrap());
            flat(&folder.join(address))
        }
    };
    if !path.exists() {
        return Some("does not exist".to_owned());
    }
    let anchor = anchor.filter(|_| path.extension().is_some_and(|ending| ending == "md"))?;
    let anchors = markdown::read(&path).anchors();
    let known = anchors.iter().any(|one| one == anchor);
    (!known).then(|| format!("has no heading `{anchor}`, only {}", anchors.join(", ")))
}

/// The path of a file or folder in the branch `main`; `None` for other pages, such as issues.
fn on_main(rest: &str) -> Option<&str> {
    ["blob/main/", "tree/main/"]
        .iter()
        .find_map(|kind| rest.strip_prefix(kind))
}

/// A path without `..`.
fn flat(path: &Path) -> PathBuf {
    let mut flat = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(flat.pop()),
            other => flat.push(other),
        }
    }
    flat
}

#[test]
fn links_lead_to_files_and_headings() {
    let mut wrong = Vec::new();
    let mut held = 0;
    for document in markdown::documents() {
        for (line, target) in document.links() {
            held += 1;
            if let Some(fault) = fault(&document, &target) {
                wrong.push(format!(
                    "{}:{line}: {target} {fault}",
                    document.path.display()
                ));
            }
        }
    }
    assert_none(&wrong);
    assert!(held >= 100, "only {held} links were found");
}

#[test]
fn a_link_that_leads_nowhere_is_found() {
    let document = markdown::read(&markdown::root().join("docs/src/introduction.md"));
    for good in [
        "faq.md",
        "#status",
        "https://example.org/x",
        "https://github.com/jot-lambda/jot/issues",
        "https://github.com/jot-lambda/jot/blob/main/Cargo.toml",
    ] {
        assert_eq!(fault(&document, good), None, "{good}");
    }
    for bad in [
        "nothing.md",
        "#nothing",
        "faq.md#nothing",
        "https://github.com/jot-lambda/jot/blob/main/nothing",
    ] {
        assert!(fault(&document, bad).is_some(), "{bad}");
    }
}
