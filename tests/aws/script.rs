//! A server with prepared answers, one after the other, in AWS's words: answers that no emulator
//! gives.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// One prepared answer.
pub enum Answer {
    /// A status, a header line or none, and a body.
    Http(u16, &'static str, String),
    /// The connection is closed instead.
    Cut,
}

/// AWS's JSON error.
pub fn error(status: u16, code: &'static str, message: &str) -> Answer {
    let body = format!(r#"{{"__type": "{code}", "message": "{message}", "Message": "{message}"}}"#);
    Answer::Http(status, "x-script: 1", body)
}

/// An error of AWS's query services, IAM and STS.
pub fn xml(status: u16, code: &'static str, message: &str) -> Answer {
    let body = format!(
        "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message>\
         </Error><RequestId>r</RequestId></ErrorResponse>"
    );
    Answer::Http(status, "x-script: 1", body)
}

/// A successful answer.
pub fn json(body: &str) -> Answer {
    Answer::Http(200, "x-script: 1", body.to_owned())
}

/// The running server.
pub struct Script {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Script {
    /// Starts giving these answers.
    pub async fn of(answers: Vec<Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        tokio::spawn(play(listener, answers, seen.clone()));
        Self { address, seen }
    }

    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Head and body of every request so far.
    pub fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

async fn play(listener: TcpListener, answers: Vec<Answer>, seen: Arc<Mutex<Vec<String>>>) {
    for answer in answers {
        let (mut stream, _) = listener.accept().await.unwrap();
        let request = read(&mut stream).await;
        seen.lock().unwrap().push(request);
        if let Answer::Http(status, header, body) = answer {
            let length = body.len();
            let text = format!(
                "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nConnection: close\r\n\
                 Content-Length: {length}\r\n{header}\r\n\r\n{body}"
            );
            stream.write_all(text.as_bytes()).await.unwrap();
        }
    }
}

async fn read(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                let is_length = name.eq_ignore_ascii_case("content-length");
                is_length.then(|| value.trim().parse::<usize>().ok())?
            });
            if body.len() >= length.unwrap_or(0) {
                return text;
            }
        }
        if stream.read_buf(&mut bytes).await.unwrap() == 0 {
            return text;
        }
    }
}
