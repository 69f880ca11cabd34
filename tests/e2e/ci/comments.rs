//! A stand-in for GitLab's interface for comments: it keeps what it is sent.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::mpsc::{Receiver, channel},
};

/// A request: its first line, its headers, and the field `body` of its form.
pub struct Comment {
    pub head: Vec<String>,
    pub body: String,
}

/// Serves on a port of 127.0.0.1; gives its address and the comments as they come.
pub fn serve() -> (String, Receiver<Comment>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = listener.local_addr().expect("an address").to_string();
    let (sender, comments) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            if let Some(comment) = read(stream) {
                let _ = sender.send(comment);
            }
        }
    });
    (address, comments)
}

fn read(stream: TcpStream) -> Option<Comment> {
    let mut reader = BufReader::new(stream);
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        match line.trim_end() {
            "" => break,
            line => head.push(line.to_owned()),
        }
    }
    let length = |line: &String| {
        line.to_lowercase()
            .strip_prefix("content-length: ")?
            .parse()
            .ok()
    };
    let mut form = vec![0; head.iter().find_map(length)?];
    let mut stream = reader.get_ref();
    // curl asks before it sends a long body.
    stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").ok()?;
    reader.read_exact(&mut form).ok()?;
    let mut stream = reader.get_ref();
    stream
        .write_all(b"HTTP/1.1 201 Created\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}")
        .ok()?;
    let body = form.strip_prefix(b"body=")?;
    Some(Comment {
        head,
        body: decoded(body),
    })
}

/// Percent-decoding: <https://url.spec.whatwg.org/#urlencoded-parsing>.
fn decoded(form: &[u8]) -> String {
    let mut bytes = Vec::new();
    let mut rest = form;
    while let [first, after @ ..] = rest {
        rest = after;
        match first {
            b'+' => bytes.push(b' '),
            b'%' => {
                let (digits, after) = rest.split_at(2);
                let digits = std::str::from_utf8(digits).expect("digits");
                bytes.push(u8::from_str_radix(digits, 16).expect("digits"));
                rest = after;
            }
            other => bytes.push(*other),
        }
    }
    String::from_utf8(bytes).expect("UTF-8")
}
