//! Errors in Smithy's protocol with bodies in CBOR, which CloudWatch's clients use: they read only
//! such a body as an error.
//! <https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html#operation-error-serialization>

use hyper::HeaderMap;

/// The header of both requests and answers, and its value.
pub const PROTOCOL: (&str, &str) = ("smithy-protocol", "rpc-v2-cbor");
/// The content type of such a body.
pub const CONTENT_TYPE: &str = "application/cbor";

/// Whether the head of a request asks for an answer in CBOR.
pub fn is_asked(headers: &HeaderMap) -> bool {
    let asked = headers.get(PROTOCOL.0);
    asked.is_some_and(|asked| asked == PROTOCOL.1)
}

/// The body of an error.
pub fn error(kind: &str, message: &str) -> Vec<u8> {
    const MAP_OF_TWO: u8 = 0xa2;
    let mut body = vec![MAP_OF_TWO];
    for part in ["__type", kind, "message", message] {
        body.extend(text(part));
    }
    body
}

/// A text with its length before it, <https://www.rfc-editor.org/rfc/rfc8949#section-3.1>.
fn text(text: &str) -> Vec<u8> {
    const TEXT: u8 = 0x60;
    let length = u16::try_from(text.len()).expect("an error's message is short");
    let [high, low] = length.to_be_bytes();
    let mut bytes = match length {
        0..24 => vec![TEXT | low],
        24..256 => vec![TEXT | 24, low],
        _ => vec![TEXT | 25, high, low],
    };
    bytes.extend(text.as_bytes());
    bytes
}
