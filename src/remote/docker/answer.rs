//! Long answers of the daemon, read line by line: builds, pushes and pulls.
//!
//! bollard's own streams drop what follows the last line break, which may be the daemon's error,
//! and the ids of layers. So the requests use one of bollard's calls that returns plain bytes, with
//! another path.

use std::sync::{Mutex, PoisonError};

use bollard::{BollardRequest, body_try_stream, errors::Error as Bollard};
use futures_util::{
    StreamExt,
    stream::{self, BoxStream},
};
use hyper::{
    Method, Uri,
    body::Bytes,
    header::{HeaderName, HeaderValue},
};
use serde::de::DeserializeOwned;

use super::{
    Docker,
    connect::{said, sentence},
};
use crate::remote::Error;

/// The body of a request, as a stream.
pub(super) type Body = BoxStream<'static, std::io::Result<Bytes>>;

/// Text that may precede the daemon's error in a message that was cut off.
const BEFORE_REASON: [&str; 2] = ["\"message\":\"", "\"error\":\""];
/// Longest error that is shown of a message that was cut off, in characters.
const REASON: usize = 400;

impl Docker {
    /// Sends a POST to `target`, a path with its query; returns the answer as a stream.
    pub(super) fn post(
        &self,
        target: String,
        headers: Vec<(HeaderName, HeaderValue)>,
        body: Option<Body>,
    ) -> Answer {
        let body = Mutex::new(body);
        let client = self
            .patient()
            .with_request_modifier(move |mut request: BollardRequest| {
                let mut parts = request.uri().clone().into_parts();
                parts.path_and_query = target.parse().ok();
                if let Ok(uri) = Uri::from_parts(parts) {
                    *request.uri_mut() = uri;
                }
                *request.method_mut() = Method::POST;
                request.headers_mut().extend(headers.clone());
                let mut body = body.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(body) = body.take() {
                    *request.body_mut() = body_try_stream(body);
                }
                request
            });
        Answer {
            chunks: client.export_image("of-a-long-answer").boxed(),
            read: Vec::new(),
        }
    }

    /// The error for an incomplete answer.
    pub(super) fn ended_early(&self, early: Early) -> Error {
        let Early { cause, rest } = early;
        let why = match (reason(&rest), cause) {
            // The daemon's error explains more than the state of the connection.
            (Some(reason), _) => reason,
            (None, Some(cause)) => return self.refused(cause),
            (None, None) => "the answer ended within a line".to_owned(),
        };
        self.broke_off(&why)
    }
}

pub(super) struct Answer {
    chunks: BoxStream<'static, Result<Bytes, Bollard>>,
    /// Bytes after the last complete line.
    read: Vec<u8>,
}

/// Why an answer is incomplete.
#[derive(Debug)]
pub(super) struct Early {
    /// The connection's error; `None` where it was closed normally.
    pub(super) cause: Option<Bollard>,
    /// Text after the last complete message.
    pub(super) rest: String,
}

impl From<Bollard> for Early {
    fn from(cause: Bollard) -> Self {
        Self {
            cause: Some(cause),
            rest: String::new(),
        }
    }
}

impl Answer {
    /// The messages to the end, or to the first error.
    pub(super) fn messages<T: DeserializeOwned + Send + 'static>(
        self,
    ) -> BoxStream<'static, Result<T, Early>> {
        let next = async |mut answer: Self| {
            let message = answer.next().await.transpose()?;
            Some((message, answer))
        };
        stream::unfold(self, next).boxed()
    }

    /// The next message; `None` at the end.
    ///
    /// Lines without a message are skipped.
    ///
    /// # Errors
    ///
    /// The answer ended within a message, or by an error.
    async fn next<T: DeserializeOwned>(&mut self) -> Result<Option<T>, Early> {
        loop {
            while let Some(line) = self.line() {
                if let Ok(message) = serde_json::from_slice(&line) {
                    return Ok(Some(message));
                }
            }
            let cause = match self.chunks.next().await {
                Some(Ok(chunk)) => {
                    self.read.extend_from_slice(&chunk);
                    continue;
                }
                Some(Err(cause)) => Some(cause),
                None => None,
            };
            return self.last(cause);
        }
    }

    fn line(&mut self) -> Option<Vec<u8>> {
        let end = self.read.iter().position(|byte| *byte == b'\n')?;
        let rest = self.read.split_off(end + 1);
        Some(std::mem::replace(&mut self.read, rest))
    }

    /// The end of the answer: the last message may lack its line break.
    fn last<T: DeserializeOwned>(&mut self, cause: Option<Bollard>) -> Result<Option<T>, Early> {
        let rest = std::mem::take(&mut self.read);
        if let Ok(message) = serde_json::from_slice(&rest) {
            self.chunks = stream::iter(cause.map(Err)).boxed();
            return Ok(Some(message));
        }
        let rest = String::from_utf8_lossy(&rest).trim().to_owned();
        match cause {
            None if rest.is_empty() => Ok(None),
            cause => Err(Early { cause, rest }),
        }
    }
}

/// The daemon's error in an answer that was cut off: the text of an error, complete or not, or a
/// line that is no message.
fn reason(rest: &str) -> Option<String> {
    let text = if rest.starts_with('{') {
        let start = BEFORE_REASON
            .iter()
            .find_map(|before| Some(rest.find(before)? + before.len()))?;
        unescaped(&rest[start..])
    } else {
        rest.to_owned()
    };
    let text: String = text
        .chars()
        .filter(|c| !c.is_control())
        .take(REASON)
        .collect();
    let text = sentence(&text);
    (!text.is_empty()).then_some(text)
}

/// The JSON string at the start of the text, up to its end or the end of the text.
fn unescaped(text: &str) -> String {
    let mut escaped = false;
    let end = text.find(|c| {
        let ends = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        ends
    });
    let text = text[..end.unwrap_or(text.len())].trim_end_matches('\\');
    serde_json::from_str(&format!("\"{text}\"")).unwrap_or_else(|_| text.to_owned())
}

/// A path with a query of these pairs.
pub(super) fn target(path: &str, pairs: &[(&str, &str)]) -> String {
    let pairs: Vec<String> = pairs
        .iter()
        .map(|(key, value)| format!("{key}={}", encoded(value)))
        .collect();
    format!("{path}?{}", pairs.join("&"))
}

/// RFC 3986, section 2.1.
fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(char::from(byte));
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
        out
    })
}

/// The value of a header that contains a credential.
pub(super) fn sensitive(value: &str) -> Result<HeaderValue, Error> {
    let mut value =
        HeaderValue::from_str(value).map_err(|_| said("the registry login is unusable"))?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Message {
        n: u8,
    }

    fn answer(chunks: &[&'static str], cause: Option<Bollard>) -> Answer {
        let chunks: Vec<_> = chunks
            .iter()
            .map(|chunk| Ok(Bytes::from_static(chunk.as_bytes())))
            .chain(cause.map(Err))
            .collect();
        Answer {
            chunks: stream::iter(chunks).boxed(),
            read: Vec::new(),
        }
    }

    async fn numbers(mut answer: Answer) -> (Vec<u8>, Option<Early>) {
        let mut seen = Vec::new();
        loop {
            match answer.next::<Message>().await {
                Ok(Some(message)) => seen.push(message.n),
                Ok(None) => return (seen, None),
                Err(early) => return (seen, Some(early)),
            }
        }
    }

    #[tokio::test]
    async fn messages_come_whole_however_they_are_cut() {
        let (seen, early) =
            numbers(answer(&["{\"n\"", ":1}\n\nnone\n{\"n\":2}", "\n"], None)).await;
        assert_eq!((seen, early.is_none()), (vec![1, 2], true));
        // The last line break is missing, with the connection closed normally and by an error.
        let (seen, early) = numbers(answer(&["{\"n\":1}\n{\"n\":2}"], None)).await;
        assert_eq!((seen, early.is_none()), (vec![1, 2], true));
        let cut = answer(&["{\"n\":3}"], Some(Bollard::RequestTimeoutError));
        let (seen, early) = numbers(cut).await;
        assert_eq!(seen, [3]);
        assert!(matches!(
            early.unwrap().cause,
            Some(Bollard::RequestTimeoutError)
        ));
    }

    #[tokio::test]
    async fn what_remains_within_a_line_is_kept() {
        let (seen, early) = numbers(answer(&["{\"n\":1}\n{\"n\":"], None)).await;
        let early = early.unwrap();
        assert_eq!(
            (seen, early.rest.as_str(), early.cause.is_none()),
            (vec![1], "{\"n\":", true)
        );
    }

    #[test]
    fn a_reason_is_read_from_what_remains() {
        let cases = [
            (
                r#"{"errorDetail":{"message":"no space left on dev"#,
                Some("no space left on dev"),
            ),
            (
                r#"{"errorDetail":{"message":"a \"b\".\n"},"err"#,
                Some("a \"b\""),
            ),
            (r#"{"error":"cut in an escape \"#, Some("cut in an escape")),
            (r#"{"id":"moby.buildkit.trace","aux":"CsYBCkdzaGE"#, None),
            ("panic: out of memory", Some("panic: out of memory")),
            ("", None),
        ];
        for (rest, expected) in cases {
            assert_eq!(reason(rest).as_deref(), expected, "{rest}");
        }
    }

    #[test]
    fn a_query_is_encoded() {
        assert_eq!(
            target("/build", &[("t", "a:b"), ("labels", "{\"x\":\"ü &\"}")]),
            "/build?t=a%3Ab&labels=%7B%22x%22%3A%22%C3%BC%20%26%22%7D"
        );
    }
}
