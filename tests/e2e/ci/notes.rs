//! A stand-in for GitLab's interface for notes on a merge request: it keeps them, and the requests.
//! <https://docs.gitlab.com/api/notes/#merge-requests>

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
};

use serde_json::{Value, json};

/// The user of the token.
pub const ME: u64 = 5;
/// The path of the merge request's notes.
const NOTES: &str = "/api/v4/projects/12/merge_requests/7/notes";

/// The notes, and the requests so far: method, path and query.
#[derive(Default)]
pub struct Kept {
    pub notes: Vec<Value>,
    pub asked: Vec<String>,
}

/// Serves on a port of 127.0.0.1, with these notes; returns its address and what it keeps.
pub fn serve(notes: Vec<Value>) -> (String, Arc<Mutex<Kept>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = listener.local_addr().expect("an address").to_string();
    let kept = Arc::new(Mutex::new(Kept {
        notes,
        ..Kept::default()
    }));
    let shared = kept.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let _ = converse(&stream, &shared);
        }
    });
    (address, kept)
}

/// One request and its answer.
fn converse(mut stream: &TcpStream, kept: &Mutex<Kept>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        match line.trim_end() {
            "" => break,
            line => head.push(line.to_owned()),
        }
    }
    let lower = |line: &String| line.to_lowercase();
    let length = |line: String| line.strip_prefix("content-length: ")?.parse().ok();
    let length: usize = head.iter().map(lower).find_map(length).unwrap_or(0);
    let mut form = vec![0; length];
    if length > 0 {
        // curl asks before it sends a long body.
        stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        reader.read_exact(&mut form)?;
    }
    let known = head
        .iter()
        .any(|one| lower(one) == "private-token: a-token");
    let asked = head.first().map_or("", String::as_str);
    let asked = asked.trim_end_matches(" HTTP/1.1");
    let mut kept = kept.lock().expect("nothing panicked");
    kept.asked.push(asked.to_owned());
    let (status, answer) = match known {
        true => answer(asked, &form, &mut kept.notes),
        false => ("401 Unauthorized", json!({ "message": "401 Unauthorized" })),
    };
    let answer = answer.to_string();
    let length = answer.len();
    write!(
        stream,
        "HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{answer}"
    )
}

fn answer(asked: &str, form: &[u8], notes: &mut Vec<Value>) -> (&'static str, Value) {
    let body = form.strip_prefix(b"body=").map(decoded);
    let (method, path) = asked.split_once(' ').unwrap_or_default();
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let id = path
        .strip_prefix(NOTES)
        .and_then(|rest| rest.strip_prefix('/'));
    match (method, id) {
        ("GET", None) if path == "/api/v4/user" => ("200 OK", json!({ "id": ME })),
        ("GET", None) if path == NOTES => {
            // Two pages; the first has one note.
            let (first, rest) = notes.split_at(notes.len().min(1));
            let page = match query.split("&page=").nth(1) {
                Some("1") => first,
                Some("2") => rest,
                _ => &[],
            };
            ("200 OK", json!(page))
        }
        ("POST", None) if path == NOTES => {
            let id = notes.len() + 1;
            let note = json!({ "id": id, "body": body, "author": { "id": ME } });
            notes.push(note.clone());
            ("201 Created", note)
        }
        ("PUT", Some(id)) => match notes
            .iter_mut()
            .find(|one| one["id"].as_u64() == id.parse().ok())
        {
            Some(note) => {
                note["body"] = json!(body);
                ("200 OK", note.clone())
            }
            None => ("404 Not Found", json!({})),
        },
        _ => ("404 Not Found", json!({})),
    }
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
