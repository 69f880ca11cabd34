//! Checks what the documents say against what jot does: manifests, command lines, links, messages,
//! and the reference, which is generated from jot itself.

#[path = "documents/book.rs"]
mod book;
#[path = "documents/links.rs"]
mod links;
#[path = "documents/manifests.rs"]
mod manifests;
#[path = "documents/markdown.rs"]
mod markdown;
#[path = "documents/shell.rs"]
mod shell;

/// Fails with everything that is wrong, one per line.
fn assert_none(wrong: &[String]) {
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}
