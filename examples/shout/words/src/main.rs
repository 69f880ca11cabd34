//! Two functions in one program: the first argument says which one answers.
//!
//! The loop below is all that Lambda's Runtime API asks for; most programs leave it to the crate
//! `lambda_runtime`. <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>

use std::{
    env,
    error::Error,
    io::{Read, Write},
    net::TcpStream,
};

type Answer = Result<String, String>;

fn main() -> Result<(), Box<dyn Error>> {
    let answer: fn(&str) -> Answer = match env::args().nth(1).as_deref() {
        Some("shout") => shout,
        Some("count-words") => count_words,
        other => return Err(format!("no function is named {other:?}").into()),
    };
    let api = env::var("AWS_LAMBDA_RUNTIME_API")?;
    loop {
        let (head, event) = request(&api, "GET", "next", "")?;
        let id = header(&head, "lambda-runtime-aws-request-id").ok_or("no request id")?;
        let (path, body) = match answer(&event) {
            Ok(body) => (format!("{id}/response"), body),
            Err(why) => {
                let error = format!(r#"{{"errorType":"BadEvent","errorMessage":"{why}"}}"#);
                (format!("{id}/error"), error)
            }
        };
        request(&api, "POST", &path, &body)?;
    }
}

/// `"hello"` is answered by `"HELLO"`.
fn shout(event: &str) -> Answer {
    Ok(format!("\"{}\"", text(event)?.to_uppercase()))
}

/// `"so many words"` is answered by `3`.
fn count_words(event: &str) -> Answer {
    Ok(text(event)?.split_whitespace().count().to_string())
}

/// What is in a JSON string without escapes.
fn text(event: &str) -> Result<&str, String> {
    let inside = event
        .trim()
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    inside
        .filter(|text| !text.contains('\\'))
        .ok_or_else(|| "expected a plain string".to_owned())
}

/// One request; the head and the body of the answer.
fn request(
    api: &str,
    method: &str,
    path: &str,
    body: &str,
) -> Result<(String, String), Box<dyn Error>> {
    let mut stream = TcpStream::connect(api)?;
    write!(
        stream,
        "{method} /2018-06-01/runtime/invocation/{path} HTTP/1.1\r\nHost: {api}\r\n\
         Connection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").ok_or("half an answer")?;
    Ok((head.to_owned(), body.to_owned()))
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let lines = head.lines().filter_map(|line| line.split_once(':'));
    let mut found = lines.filter(|(key, _)| key.eq_ignore_ascii_case(name));
    found.next().map(|(_, value)| value.trim())
}
