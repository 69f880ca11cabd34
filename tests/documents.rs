//! What the documents say is held to what jot does: manifests, command lines, links, messages, and the
//! reference, which is made of jot itself.

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

/// Fails with everything that is wrong, a line each.
fn assert_none(wrong: &[String]) {
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}
