//! What cannot be called by a URL that takes answers in pieces.

use serde_json::json;

use crate::manifest::{at::At, error::Problems};

/// Refuses `url.streaming = true` of a function. Such a URL makes of an answer in one piece the body alone.
/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html>
pub(super) fn refuse(function: &At, (why, help): (&str, &str), problems: &mut Problems) {
    let streaming = function.get("url").and_then(|url| url.get("streaming"));
    if let Some(at) = streaming.filter(|at| at.node.to_json() == json!(true)) {
        let message = format!("`{}` is true, and {why}", at.name());
        problems.add(at.wrong(message, "not in pieces").help(help));
    }
}
