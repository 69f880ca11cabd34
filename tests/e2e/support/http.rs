//! One HTTP request, written by hand, to see the unchanged answer of an emulator.

use std::{
    io::{self, Read, Write},
    net::TcpStream,
    time::Duration,
};

/// The answer.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    /// Names in lower case, values as received.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// Sends one request to `127.0.0.1:port` and reads until the server closes the connection.
pub fn request(
    address: &str,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> io::Result<Answer> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    let mut head = format!(
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\
         content-length: {}\r\n",
        body.len()
    );
    for (name, value) in headers {
        head += &format!("{name}: {value}\r\n");
    }
    stream.write_all(&[head.as_bytes(), b"\r\n", body].concat())?;
    let mut received = Vec::new();
    stream.read_to_end(&mut received)?;
    parse(&received).ok_or_else(|| io::Error::from(io::ErrorKind::UnexpectedEof))
}

/// A call of an AWS JSON service; `target` is a name such as
/// `AmazonEC2ContainerRegistry_V20150921.CreateRepository`.
pub fn aws_json(address: &str, target: &str, body: &str) -> io::Result<Answer> {
    aws(
        address,
        "ecr",
        &[
            ("x-amz-target", target),
            ("content-type", "application/x-amz-json-1.1"),
        ],
        body,
    )
}

/// A call of an AWS query service, `iam` or `sts`.
pub fn aws_form(address: &str, service: &str, form: &str) -> io::Result<Answer> {
    aws(
        address,
        service,
        &[("content-type", "application/x-www-form-urlencoded")],
        form,
    )
}

/// A call of Lambda; `path` is what follows `/2015-03-31/functions/`.
pub fn aws_lambda(address: &str, method: &str, path: &str, body: &str) -> io::Result<Answer> {
    let path = format!("/2015-03-31/functions/{path}");
    aws_rest(address, "lambda", (method, &path), body)
}

/// A call of an AWS REST service, the body in JSON.
pub fn aws_rest(
    address: &str,
    service: &str,
    (method, path): (&str, &str),
    body: &str,
) -> io::Result<Answer> {
    signed(
        address,
        service,
        (method, path),
        &[("content-type", "application/json")],
        body,
    )
}

fn aws(address: &str, service: &str, headers: &[(&str, &str)], body: &str) -> io::Result<Answer> {
    signed(address, service, ("POST", "/"), headers, body)
}

/// The emulator reads region and service from a signature, and does not check it.
fn signed(
    address: &str,
    service: &str,
    (method, path): (&str, &str),
    headers: &[(&str, &str)],
    body: &str,
) -> io::Result<Answer> {
    let scope = format!("Credential=test/20260101/eu-west-1/{service}/aws4_request");
    let signature = format!("AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=0");
    let headers = [headers, &[("authorization", signature.as_str())]].concat();
    request(address, method, path, &headers, body.as_bytes())
}

fn parse(received: &[u8]) -> Option<Answer> {
    let end = received.windows(4).position(|part| part == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&received[..end]).ok()?;
    let (first, rest) = head.split_once("\r\n").unwrap_or((head, ""));
    let headers = rest
        .lines()
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    Some(Answer {
        status: first.split(' ').nth(1)?.parse().ok()?,
        headers,
        body: received[end + 4..].to_vec(),
    })
}
