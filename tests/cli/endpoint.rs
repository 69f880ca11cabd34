//! An endpoint in AWS's place that gives a test's answers, and keeps the requests.

use std::{
    borrow::Cow,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

/// A request: its first line and its headers in lower case, and its body.
#[derive(Clone, Debug)]
pub struct Request {
    pub head: String,
    pub body: String,
}

/// An answer of the endpoint: status, headers and body.
pub struct Answer {
    pub status: u16,
    pub headers: &'static [(&'static str, &'static str)],
    pub body: Cow<'static, str>,
    /// How long it takes.
    pub after: Duration,
}

impl Answer {
    /// An immediate answer with that status and body.
    pub fn of(status: u16, body: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status,
            headers: &[("x-amzn-requestid", "8f507cfc")],
            body: body.into(),
            after: Duration::ZERO,
        }
    }
}

/// The endpoint, until the test's process ends.
pub struct Endpoint {
    pub url: String,
    asked: Arc<Mutex<Vec<Request>>>,
}

impl Endpoint {
    /// Starts to listen; `answer` chooses the answer to a request.
    pub fn start(answer: impl Fn(&Request) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (kept, answer) = (asked.clone(), Arc::new(answer));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (kept, answer) = (kept.clone(), answer.clone());
                thread::spawn(move || serve(stream, &kept, &*answer));
            }
        });
        Self { url, asked }
    }

    /// All requests so far.
    pub fn asked(&self) -> Vec<Request> {
        self.asked.lock().unwrap().clone()
    }
}

/// Answers one request; the connection is closed after it.
fn serve(
    stream: TcpStream,
    kept: &Mutex<Vec<Request>>,
    answer: &(dyn Fn(&Request) -> Answer + Send + Sync),
) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut head = String::new();
    while reader.read_line(&mut head).is_ok_and(|read| read > 2) {}
    let length = head
        .to_lowercase()
        .lines()
        .find_map(|line| line.strip_prefix("content-length: ")?.trim().parse().ok())
        .unwrap_or(0_usize);
    let mut body = vec![0; length];
    if reader.read_exact(&mut body).is_err() {
        return;
    }
    let request = Request {
        head,
        body: String::from_utf8_lossy(&body).into_owned(),
    };
    kept.lock().unwrap().push(request.clone());
    let Answer {
        status,
        headers,
        body,
        after,
    } = answer(&request);
    thread::sleep(after);
    let headers: String = headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect();
    let length = body.len();
    let mut stream = stream;
    let _ = write!(
        stream,
        "HTTP/1.1 {status} X\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n\
         {body}"
    );
}
