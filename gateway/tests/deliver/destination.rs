//! A destination that records what it gets and answers what it is told to.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What a destination does with a request.
#[derive(Debug, Clone)]
pub enum Behaviour {
    /// Answers a status with headers and a body.
    Answer(u16, Vec<(&'static str, String)>, Vec<u8>),
    /// Answers 422 unless the body contains this text.
    RequireText(&'static str),
    /// Never answers.
    Hang,
    /// Breaks the connection once the request is read.
    Reset,
    /// Answers 200 and then sends bytes without end.
    Endless,
    /// Answers something that is not HTTP.
    Garbage,
}

/// A request as it arrived.
#[derive(Debug, Clone)]
pub struct Received {
    pub head: String,
    pub body: Vec<u8>,
}

impl Received {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

#[derive(Debug)]
struct State {
    behaviour: Behaviour,
    received: Vec<Received>,
}

/// A destination on this machine.
#[derive(Debug, Clone)]
pub struct Destination {
    pub url: String,
    state: Arc<Mutex<State>>,
}

impl Destination {
    pub async fn start(behaviour: Behaviour) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(Mutex::new(State { behaviour, received: Vec::new() }));
        let destination = Self { url, state: state.clone() };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, state.clone()));
            }
        });
        destination
    }

    /// Nobody listens here.
    pub async fn closed() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = State { behaviour: Behaviour::Hang, received: Vec::new() };
        Self { url, state: Arc::new(Mutex::new(state)) }
    }

    pub fn behave(&self, behaviour: Behaviour) {
        self.state.lock().unwrap().behaviour = behaviour;
    }

    pub fn received(&self) -> Vec<Received> {
        self.state.lock().unwrap().received.clone()
    }
}

pub fn answer(status: u16) -> Behaviour {
    Behaviour::Answer(status, Vec::new(), b"{}".to_vec())
}

async fn serve(mut stream: TcpStream, state: Arc<Mutex<State>>) {
    while let Some(request) = read_request(&mut stream).await {
        let behaviour = {
            let mut state = state.lock().unwrap();
            state.received.push(request.clone());
            state.behaviour.clone()
        };
        let (status, headers, body) = match behaviour {
            Behaviour::Answer(status, headers, body) => (status, headers, body),
            Behaviour::RequireText(text) => {
                let fine = request.body.windows(text.len()).any(|window| window == text.as_bytes());
                let body =
                    if fine { br#"{"id":4711}"#.to_vec() } else { br#"{"error":"amount missing"}"#.to_vec() };
                (if fine { 201 } else { 422 }, Vec::new(), body)
            }
            Behaviour::Hang => {
                // Waits for the other side to give up.
                let _end = stream.read(&mut [0; 1]).await;
                return;
            }
            Behaviour::Reset => {
                let _set = stream.set_zero_linger();
                return;
            }
            Behaviour::Endless => {
                let head = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\n";
                if stream.write_all(head).await.is_err() {
                    return;
                }
                while stream.write_all(&[b'x'; 4096]).await.is_ok() {}
                return;
            }
            Behaviour::Garbage => {
                let _sent = stream.write_all(b"\x16\x03\x01 hello, this is not HTTP\r\n\r\n").await;
                return;
            }
        };
        let mut head = format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\n", body.len());
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        if stream.write_all(&[head.into_bytes(), body].concat()).await.is_err() {
            return;
        }
    }
}

async fn read_request(stream: &mut TcpStream) -> Option<Received> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut received = Received { head, body: bytes.split_off(end) };
    let length: usize = received.header("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
    while received.body.len() < length {
        if stream.read_buf(&mut received.body).await.ok()? == 0 {
            return None;
        }
    }
    Some(received)
}
