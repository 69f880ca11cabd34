//! What cannot be called by a URL that takes answers in pieces.

use serde_json::json;

use crate::manifest::{at::At, error::Problems};

/// Refuses `url.streaming = true` for a function with a runtime that does not stream: such a URL
/// treats an unstreamed response as the body.
/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html>
pub(super) fn refuse(function: &At, (why, help): (&str, &str), problems: &mut Problems) {
    let streaming = function.get("url").and_then(|url| url.get("streaming"));
    if let Some(at) = streaming.filter(|at| at.node.to_json() == json!(true)) {
        let message = format!("`{}` is not possible: {why}", at.name());
        problems.add(at.wrong(message, "not streamed").help(help));
    }
}
