//! A streamed response, as a runtime sends it to a function URL:
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html#runtimes-custom-response-streaming>

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Map, Value};

/// The separator between status with headers and the body.
const SEPARATOR: [u8; 8] = [0; 8];

/// Returns a streamed response as the JSON of an unstreamed one: status, headers and `body`, in
/// Base64 if that is not text. Any other answer is returned unchanged.
pub fn whole(answer: Vec<u8>) -> Vec<u8> {
    match parts(&answer) {
        Some((mut members, body)) => {
            let (text, encoded) = match std::str::from_utf8(body) {
                Ok(text) => (text.to_owned(), false),
                Err(_) => (BASE64_STANDARD.encode(body), true),
            };
            members.insert("body".to_owned(), Value::String(text));
            if encoded {
                members.insert("isBase64Encoded".to_owned(), Value::Bool(true));
            }
            Value::Object(members).to_string().into_bytes()
        }
        None => answer,
    }
}

/// JSON has no zeros in it, so the first ones separate.
fn parts(answer: &[u8]) -> Option<(Map<String, Value>, &[u8])> {
    let at = answer.iter().position(|byte| *byte == 0)?;
    let (head, rest) = answer.split_at(at);
    let body = rest.strip_prefix(&SEPARATOR)?;
    let members: Map<String, Value> = serde_json::from_slice(head).ok()?;
    members
        .contains_key("statusCode")
        .then_some((members, body))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(answer: &[u8]) -> String {
        String::from_utf8(whole(answer.to_vec())).unwrap()
    }

    #[test]
    fn an_answer_in_pieces_is_joined() {
        let zeros = "\0".repeat(8);
        assert_eq!(
            joined(
                format!("{{\"statusCode\":201,\"cookies\":[\"a=b\"]}}{zeros}one two").as_bytes()
            ),
            r#"{"statusCode":201,"cookies":["a=b"],"body":"one two"}"#
        );
        assert_eq!(
            joined(format!("{{\"statusCode\":204}}{zeros}").as_bytes()),
            r#"{"statusCode":204,"body":""}"#
        );
        assert_eq!(
            joined(format!("{{\"statusCode\":200}}{zeros}a{zeros}b").as_bytes()),
            "{\"statusCode\":200,\"body\":\"a\
             \\u0000\\u0000\\u0000\\u0000\\u0000\\u0000\\u0000\\u0000b\"}"
        );
        let bytes = [format!("{{\"statusCode\":200}}{zeros}").as_bytes(), b"\xff"].concat();
        assert_eq!(
            joined(&bytes),
            r#"{"statusCode":200,"body":"/w==","isBase64Encoded":true}"#
        );
    }

    #[test]
    fn any_other_answer_stays_as_it_is() {
        let zeros = "\0".repeat(8);
        for answer in [
            "[1, 2]".to_owned(),
            String::new(),
            "{\"statusCode\":200}".to_owned(),
            "{\"statusCode\":200}\0\0\0\0\0\0\0a".to_owned(),
            format!("{{\"status\":200}}{zeros}a"),
            format!("[200]{zeros}a"),
            format!("{{\"statusCode\":200{zeros}a"),
        ] {
            assert_eq!(joined(answer.as_bytes()), answer);
        }
    }
}
