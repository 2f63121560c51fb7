//! Connections that dawdle, and more of them than there is room for.

use std::time::Duration;

use gateway::testing::TestStore;
use server::connections::ConnectionLimits;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::app::{Options, TestApp};

/// Longer than any test waits; whoever waits for so long waits in vain.
const LONG: Duration = Duration::from_secs(60);
const SHORT: Duration = Duration::from_millis(100);
const ASK: &[u8] = b"GET /healthz HTTP/1.1\r\nHost: box\r\n\r\n";

async fn app(connections: ConnectionLimits) -> TestApp {
    TestApp::with(TestStore::sqlite().await, Options { connections, ..Options::default() }).await
}

async fn connect(app: &TestApp) -> TcpStream {
    TcpStream::connect(app.server.address).await.unwrap()
}

/// Reads an answer's head and its short body.
async fn answer(stream: &mut TcpStream) -> String {
    let mut text = Vec::new();
    while !text.ends_with(b"ok\n") {
        let byte = tokio::time::timeout(LONG, stream.read_u8()).await.expect("an answer").unwrap();
        text.push(byte);
    }
    String::from_utf8(text).unwrap()
}

/// Waits until the server has closed the connection; says what it sent before.
async fn closed(stream: &mut TcpStream) -> String {
    let mut text = Vec::new();
    let end = tokio::time::timeout(LONG, stream.read_to_end(&mut text)).await.expect("it is closed");
    end.unwrap();
    String::from_utf8_lossy(&text).into_owned()
}

#[tokio::test]
async fn who_does_not_finish_the_first_request_is_cut_off() {
    let limits = ConnectionLimits { first_request: SHORT, next_request: LONG, connections: 10 };
    let app = app(limits).await;
    for beginning in [
        &b""[..],
        b"P",
        b"PRI * HTTP/2.0\r\n\r\nSM",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"POST /api/v1/integration/webhooks/a/receive HTTP/1.1\r\nHost: box\r\nX-Slow: ",
    ] {
        let mut slow = connect(&app).await;
        slow.write_all(beginning).await.unwrap();
        closed(&mut slow).await;
    }
    let mut quick = connect(&app).await;
    quick.write_all(ASK).await.unwrap();
    assert!(answer(&mut quick).await.starts_with("HTTP/1.1 200"));
    app.stop().await;
}

#[tokio::test]
async fn who_does_not_finish_a_later_request_is_cut_off() {
    let limits = ConnectionLimits { first_request: LONG, next_request: SHORT, connections: 10 };
    let app = app(limits).await;
    for beginning in [&b""[..], b"GET /healthz HTTP/1.1\r\nX-Slow: "] {
        let mut slow = connect(&app).await;
        slow.write_all(ASK).await.unwrap();
        answer(&mut slow).await;
        slow.write_all(beginning).await.unwrap();
        closed(&mut slow).await;
    }
    app.stop().await;
}

#[tokio::test]
async fn connections_beyond_the_limit_wait_until_one_ends() {
    let limits = ConnectionLimits { first_request: LONG, next_request: LONG, connections: 2 };
    let app = app(limits).await;
    let (mut first, mut second) = (connect(&app).await, connect(&app).await);
    first.write_all(ASK).await.unwrap();
    answer(&mut first).await;
    let mut third = connect(&app).await;
    third.write_all(ASK).await.unwrap();
    for _ in 0..50 {
        for held in [&mut first, &mut second] {
            held.write_all(ASK).await.unwrap();
            answer(held).await;
        }
        let nothing = third.try_read(&mut [0]).unwrap_err();
        assert_eq!(nothing.kind(), std::io::ErrorKind::WouldBlock);
    }
    drop(first);
    assert!(answer(&mut third).await.starts_with("HTTP/1.1 200"));
    drop((second, third));
    app.stop().await;
}

#[tokio::test]
async fn a_request_that_runs_when_the_server_stops_is_answered() {
    let app = app(ConnectionLimits::default()).await;
    let mut stream = connect(&app).await;
    stream.write_all(ASK).await.unwrap();
    answer(&mut stream).await;
    let body = "email=nobody";
    let head = format!(
        "POST /rpc/login HTTP/1.1\r\nHost: box\r\nContent-Type: application/json\r\nContent-Length: {}\r\nExpect: 100-continue\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    // The server asks for the body: the request runs.
    let mut asked = [0; 25];
    stream.read_exact(&mut asked).await.unwrap();
    assert_eq!(&asked, b"HTTP/1.1 100 Continue\r\n\r\n");
    let stopping = tokio::spawn(app.stop());
    stream.write_all(body.as_bytes()).await.unwrap();
    let text = closed(&mut stream).await;
    assert!(text.starts_with("HTTP/1.1 4") && text.contains("connection: close"), "{text}");
    stopping.await.unwrap();
}
