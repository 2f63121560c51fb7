//! The client against real sockets: destinations that behave, misbehave, and lead inside.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::AsyncWriteExt;

use super::*;
use server::{Destination, request_head, tls_destination, wait_for_ever};

mod server;

/// Long enough that only a test that waits for its timeout sees it.
const LONG: Duration = Duration::from_secs(30);
/// Short, for destinations that never end.
const SHORT: Duration = Duration::from_millis(300);

fn client(policy: Policy) -> Client {
    Client::new(policy).unwrap()
}

fn post(url: &str, timeout: Duration) -> OutboundRequest {
    OutboundRequest {
        method: "POST".to_owned(),
        url: Url::parse(url).unwrap(),
        headers: vec![
            Header::new("Content-Type", "application/json"),
            Header::new("X-Twice", "1"),
            Header::new("x-twice", "2"),
        ],
        body: Bytes::from_static(b"{\"n\":1}"),
        timeout,
    }
}

async fn send(destination: &Destination, timeout: Duration) -> Outcome {
    client(Policy::AllowPrivate).send(post(&destination.url("/hook?x=1"), timeout)).await
}

/// What one answer written to the socket comes to.
async fn answered(answer: impl AsRef<[u8]>) -> Outcome {
    let answer = Bytes::copy_from_slice(answer.as_ref());
    let destination = Destination::start(move |mut stream| {
        let answer = answer.clone();
        async move {
            request_head(&mut stream).await?;
            stream.write_all(&answer).await?;
            stream.shutdown().await
        }
    })
    .await;
    send(&destination, LONG).await
}

async fn refused_by(policy: Policy, url: &str) -> SendError {
    client(policy).send(post(url, LONG)).await.result.expect_err(url)
}

#[tokio::test]
async fn an_answer_is_returned_whole() {
    let seen = Arc::new(std::sync::Mutex::new(String::new()));
    let record = seen.clone();
    let destination = Destination::start(move |mut stream| {
        let record = record.clone();
        async move {
            let request = request_head(&mut stream).await?;
            *record.lock().unwrap() = request;
            let head = "HTTP/1.1 422 No\r\nContent-Length: 5\r\nRetry-After: 3\r\nX-A: 1\r\nX-A: 2\r\n\r\n";
            stream.write_all(format!("{head}wrong").as_bytes()).await
        }
    })
    .await;
    let outcome = send(&destination, LONG).await;
    let response = outcome.result.unwrap();
    assert_eq!((response.status, &response.body[..], response.truncated), (422, &b"wrong"[..], false));
    let headers: Vec<_> = response.headers.iter().map(|h| (h.name.as_str(), h.value.as_str())).collect();
    assert_eq!(headers, [("content-length", "5"), ("retry-after", "3"), ("x-a", "1"), ("x-a", "2")]);
    assert_eq!(response.retry_after_ms(Timestamp::from_seconds(0)), Some(3_000));
    assert_eq!(outcome.remote_addr, Some(destination.address));
    assert!(outcome.duration < LONG);

    let request = seen.lock().unwrap().to_ascii_lowercase();
    assert!(request.starts_with("post /hook?x=1 http/1.1\r\n"), "{request}");
    for line in [
        "content-type: application/json\r\n",
        "x-twice: 1\r\n",
        "x-twice: 2\r\n",
        "content-length: 7\r\n",
        "user-agent: signalbox/",
        &format!("host: {}\r\n", destination.address),
    ] {
        assert!(request.contains(line), "{line} in {request}");
    }
    assert!(
        !request.contains("accept-encoding"),
        "nothing is decompressed, so nothing compressed is asked for"
    );
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    for target in ["http://169.254.169.254/latest/meta-data/", "http://127.0.0.1:1/", "/elsewhere"] {
        let outcome =
            answered(format!("HTTP/1.1 302 Found\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n")).await;
        let response = outcome.result.unwrap();
        assert_eq!(response.status, 302);
        assert!(response.headers.contains(&Header::new("location", target)));
    }
}

#[tokio::test]
async fn a_destination_that_never_answers_times_out() {
    let destination = Destination::start(|mut stream| async move {
        request_head(&mut stream).await?;
        wait_for_ever(stream).await
    })
    .await;
    let outcome = send(&destination, SHORT).await;
    let error = outcome.result.unwrap_err();
    assert_eq!((error.class, error.status), (ErrorClass::Timeout, None));
    assert_eq!(error.to_string(), "No answer from 127.0.0.1 within 0.3 s.");
    assert!(outcome.duration >= SHORT && outcome.duration < LONG, "{:?}", outcome.duration);
}

#[tokio::test]
async fn a_handshake_that_never_ends_times_out() {
    let destination = Destination::start(wait_for_ever).await;
    let url = format!("https://{}/", destination.address);
    let error = client(Policy::AllowPrivate).send(post(&url, SHORT)).await.result.unwrap_err();
    assert_eq!(error.class, ErrorClass::Timeout, "{error}");
}

#[tokio::test]
async fn headers_or_a_body_that_never_end_time_out() {
    let slow_headers = Destination::start(|mut stream| async move {
        request_head(&mut stream).await?;
        stream.write_all(b"HTTP/1.1 200 OK\r\n").await?;
        wait_for_ever(stream).await
    })
    .await;
    let error = send(&slow_headers, SHORT).await.result.unwrap_err();
    assert_eq!((error.class, error.status), (ErrorClass::Timeout, None));

    let slow_body = Destination::start(|mut stream| async move {
        request_head(&mut stream).await?;
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf").await?;
        wait_for_ever(stream).await
    })
    .await;
    let outcome = send(&slow_body, SHORT).await;
    let error = outcome.result.unwrap_err();
    assert_eq!((error.class, error.status), (ErrorClass::Timeout, Some(200)));
    assert!(error.to_string().contains("did not end within 0.3 s"), "{error}");
    assert_eq!(outcome.remote_addr, Some(slow_body.address));
}

#[tokio::test]
async fn a_stream_without_end_is_cut_at_the_limit() {
    for head in ["", "Transfer-Encoding: chunked\r\n", "Content-Length: 99999999999\r\n"] {
        let chunked = head.contains("chunked");
        let destination = Destination::start(move |mut stream| async move {
            request_head(&mut stream).await?;
            stream.write_all(format!("HTTP/1.1 200 OK\r\n{head}\r\n").as_bytes()).await?;
            let block = [b'x'; 4096];
            loop {
                if chunked {
                    stream.write_all(b"1000\r\n").await?;
                }
                stream.write_all(&block).await?;
                if chunked {
                    stream.write_all(b"\r\n").await?;
                }
            }
        })
        .await;
        let outcome = send(&destination, LONG).await;
        let response = outcome.result.unwrap();
        assert_eq!((response.body.len(), response.truncated), (MAX_BODY, true));
        assert!(outcome.duration < LONG);
        // The destination notices, because its connection is closed.
        destination.one_ended().await;
    }
}

#[tokio::test]
async fn a_body_of_exactly_the_limit_is_whole() {
    let outcome = answered([b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), vec![b'x'; MAX_BODY]].concat()).await;
    let response = outcome.result.unwrap();
    assert_eq!((response.body.len(), response.truncated), (MAX_BODY, false));
    let outcome = answered([b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), vec![b'x'; MAX_BODY + 1]].concat()).await;
    assert!(outcome.result.unwrap().truncated);
}

#[tokio::test]
async fn a_connection_that_breaks_is_a_reset() {
    let closes =
        Destination::start(|mut stream| async move { request_head(&mut stream).await.map(drop) }).await;
    let error = send(&closes, LONG).await.result.unwrap_err();
    assert_eq!((error.class, error.status), (ErrorClass::Reset, None), "{error}");

    let resets = Destination::start(|mut stream| async move {
        request_head(&mut stream).await?;
        stream.set_zero_linger()
    })
    .await;
    let error = send(&resets, LONG).await.result.unwrap_err();
    assert_eq!(error.class, ErrorClass::Reset, "{error}");

    let error = answered("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf").await.result.unwrap_err();
    assert_eq!((error.class, error.status), (ErrorClass::Reset, Some(200)), "{error}");
    assert!(
        error.to_string().starts_with("127.0.0.1 answered 200, but closed the connection within the body"),
        "{error}"
    );
}

#[tokio::test]
async fn what_is_not_http_is_a_protocol_error() {
    for garbage in [
        &b"SSH-2.0-OpenSSH_9.9\r\n"[..],
        b"\x00\x01\x02\x03\xff\xfe\r\n\r\n",
        b"HTTP/9.9 200 OK\r\n\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nbad header\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
        b"{\"ok\":true}\r\n\r\n",
    ] {
        let error = answered(garbage).await.result.unwrap_err();
        assert_eq!(error.class, ErrorClass::Protocol, "{garbage:?}: {error}");
        assert!(error.to_string().starts_with("127.0.0.1 did not answer in HTTP"), "{error}");
    }
    let bad_chunk = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nxx\r\n";
    let error = answered(bad_chunk).await.result.unwrap_err();
    assert_eq!(error.status, Some(200));
}

#[tokio::test]
async fn headers_are_bounded() {
    let many = "X: y\r\n".repeat(100);
    let response =
        answered(format!("HTTP/1.1 200 OK\r\n{many}Retry-After: 9\r\nContent-Length: 0\r\n\r\n")).await;
    let response = response.result.unwrap();
    assert_eq!(response.headers.len(), MAX_HEADERS + 1);
    assert_eq!(response.retry_after_ms(Timestamp::from_seconds(0)), Some(9_000), "kept whatever else is not");

    let large = format!("X-L: {}\r\n", "y".repeat(10_000)).repeat(3);
    let response =
        answered(format!("HTTP/1.1 200 OK\r\n{large}Content-Length: 0\r\n\r\n")).await.result.unwrap();
    assert_eq!(response.headers.len(), 2, "one of the large ones, and the small one");

    for huge in ["X: y\r\n".repeat(5_000), format!("X: {}\r\n", "y".repeat(2_000_000))] {
        let error = answered(format!("HTTP/1.1 200 OK\r\n{huge}\r\n")).await.result.unwrap_err();
        assert_eq!(error.class, ErrorClass::Protocol, "{error}");
    }
}

#[tokio::test]
async fn nobody_listening_is_a_connect_error() {
    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = free.local_addr().unwrap();
    drop(free);
    let error = refused_by(Policy::AllowPrivate, &format!("http://{address}/?key=hush")).await;
    assert_eq!(error.class, ErrorClass::Connect, "{error}");
    assert!(error.to_string().starts_with("No connection to 127.0.0.1: Connection refused"), "{error}");
    assert!(!error.to_string().contains("hush"), "the query may hold a secret: {error}");
}

#[tokio::test]
async fn a_name_that_does_not_exist_is_a_dns_error() {
    let error = refused_by(Policy::PublicOnly, "http://signalbox-test.invalid/").await;
    assert_eq!(error.class, ErrorClass::Dns, "{error}");
    assert!(
        error.to_string().starts_with("The name signalbox-test.invalid could not be resolved"),
        "{error}"
    );
}

#[tokio::test]
async fn a_name_that_leads_inside_is_blocked_unless_that_is_allowed() {
    let destination = Destination::start(|mut stream| async move {
        request_head(&mut stream).await?;
        stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await
    })
    .await;
    let port = destination.address.port();
    // Not every resolver knows the name with its root dot.
    let error = refused_by(Policy::PublicOnly, &format!("http://localhost.:{port}/")).await;
    assert!(matches!(error.class, ErrorClass::Blocked | ErrorClass::Dns), "{error}");
    for host in ["localhost", "LOCALHOST"] {
        let url = format!("http://{host}:{port}/");
        let error = refused_by(Policy::PublicOnly, &url).await;
        assert_eq!(error.class, ErrorClass::Blocked, "{host}: {error}");
        assert!(error.to_string().contains("leads to") && error.to_string().contains("loopback"), "{error}");
    }
    assert_eq!(destination.connections(), 0);
    let url = format!("http://localhost:{port}/");
    let outcome = client(Policy::AllowPrivate).send(post(&url, LONG)).await;
    assert_eq!(outcome.result.unwrap().status, 204);
    assert_eq!(outcome.remote_addr, Some(destination.address));
}

#[tokio::test]
async fn every_spelling_of_an_inner_address_is_blocked() {
    let destination = Destination::start(wait_for_ever).await;
    let port = destination.address.port();
    for host in [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "017700000001",
        "0177.0.0.1",
        "127.0.0.1.",
        "%31%32%37.0.0.1",
        "１２７.0.0.1",
        "127。0。0。1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "0",
        "0.0.0.0",
        "[::]",
        "10.0.0.1",
        "192.168.1.1",
        "172.16.0.1",
        "169.254.169.254",
        "[fd00:ec2::254]",
        "[fe80::1]",
        "100.64.0.1",
        "224.0.0.1",
        "198.18.0.1",
        "192.0.2.1",
    ] {
        for scheme in ["http", "https"] {
            let error = refused_by(Policy::PublicOnly, &format!("{scheme}://{host}:{port}/")).await;
            assert_eq!(error.class, ErrorClass::Blocked, "{host}: {error}");
        }
    }
    for host in ["169.254.169.254", "[fd00:ec2::254]", "[::ffff:a9fe:a9fe]", "2852039166", "224.0.0.1"] {
        let error = refused_by(Policy::AllowPrivate, &format!("http://{host}/")).await;
        assert_eq!(error.class, ErrorClass::Blocked, "{host}: {error}");
    }
    assert_eq!(destination.connections(), 0);
}

#[tokio::test]
async fn a_request_that_can_not_be_sent_says_why() {
    for (url, part) in [
        ("ftp://example.com/", "must begin with http: or https:"),
        ("file:///etc/passwd", "must begin with http: or https:"),
        ("gopher://127.0.0.1/", "must begin with http: or https:"),
        ("data:text/plain,x", "must begin with http: or https:"),
        ("http://user@example.com/", "user name or password"),
        ("http://:hush@example.com/", "user name or password"),
    ] {
        let error = refused_by(Policy::AllowPrivate, url).await;
        assert_eq!(error.class, ErrorClass::Configuration, "{url}");
        assert!(error.to_string().contains(part) && !error.to_string().contains("hush"), "{url}: {error}");
    }
    for (name, value, part) in [
        ("host", "other.example", "cannot be set"),
        ("Content-Length", "5", "cannot be set"),
        ("Transfer-Encoding", "chunked", "cannot be set"),
        ("connection", "close", "cannot be set"),
        ("bad name", "x", "not the name of a header"),
        ("", "x", "not the name of a header"),
        ("x-a", "hush\r\nx-b: injected", "line break"),
        ("x-a", "hush\0", "line break"),
    ] {
        let mut request = post("http://127.0.0.1:1/", LONG);
        request.headers = vec![Header::new(name, value)];
        let error = client(Policy::AllowPrivate).send(request).await.result.unwrap_err();
        assert_eq!(error.class, ErrorClass::Configuration, "{name}");
        assert!(error.to_string().contains(part) && !error.to_string().contains("hush"), "{name}: {error}");
    }
    let mut request = post("http://127.0.0.1:1/", LONG);
    request.method = "PO ST".to_owned();
    assert_eq!(
        client(Policy::AllowPrivate).send(request).await.result.unwrap_err().class,
        ErrorClass::Configuration
    );
}

#[tokio::test]
async fn a_connection_is_used_again() {
    let served = Arc::new(AtomicUsize::new(0));
    let count = served.clone();
    let destination = Destination::start(move |mut stream| {
        let count = count.clone();
        async move {
            loop {
                request_head(&mut stream).await?;
                count.fetch_add(1, Ordering::SeqCst);
                stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await?;
            }
        }
    })
    .await;
    let client = client(Policy::AllowPrivate);
    for _ in 0..50 {
        let copy = client.clone();
        assert_eq!(copy.send(post(&destination.url("/"), LONG)).await.result.unwrap().status, 200);
    }
    assert_eq!((served.load(Ordering::SeqCst), destination.connections()), (50, 1));
}

#[tokio::test]
async fn a_connection_that_was_closed_while_idle_is_replaced() {
    let destination = Destination::start(|mut stream| async move {
        request_head(&mut stream).await?;
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await
    })
    .await;
    let client = client(Policy::AllowPrivate);
    for _ in 0..5 {
        let outcome = client.send(post(&destination.url("/"), LONG)).await;
        assert_eq!(outcome.result.unwrap().status, 200);
        destination.one_ended().await;
    }
    assert_eq!(destination.connections(), 5);
}

#[tokio::test]
async fn tls_needs_a_trusted_certificate() {
    let (destination, root) = tls_destination("localhost").await;
    let url = format!("https://localhost:{}/", destination.address.port());

    let error = refused_by(Policy::AllowPrivate, &url).await;
    assert_eq!(error.class, ErrorClass::Tls, "{error}");
    assert!(
        error.to_string().starts_with("No secure connection to localhost: invalid peer certificate"),
        "{error}"
    );

    let trusting = Client::with_extra_roots(Policy::AllowPrivate, Some(root.as_bytes())).unwrap();
    let response = trusting.send(post(&url, LONG)).await.result.unwrap();
    assert_eq!((response.status, &response.body[..]), (200, &b"secure"[..]));

    let other_name = format!("https://127.0.0.1:{}/", destination.address.port());
    let error = trusting.send(post(&other_name, LONG)).await.result.unwrap_err();
    assert_eq!(error.class, ErrorClass::Tls, "the certificate is for another name: {error}");
}

#[tokio::test]
async fn plain_http_behind_https_is_a_tls_error() {
    let destination = Destination::start(|mut stream| async move {
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await?;
        wait_for_ever(stream).await
    })
    .await;
    let error = refused_by(Policy::AllowPrivate, &format!("https://{}/", destination.address)).await;
    assert_eq!(error.class, ErrorClass::Tls, "{error}");
}

#[test]
fn extra_roots_must_be_certificates() {
    let with = |pem: &[u8]| Client::with_extra_roots(Policy::PublicOnly, Some(pem)).unwrap_err().to_string();
    assert!(with(b"").contains("holds no certificate"));
    assert!(with(b"just text").contains("holds no certificate"));
    assert!(with(b"-----BEGIN CERTIFICATE-----\n***\n-----END CERTIFICATE-----\n").contains("not PEM"));
    let nonsense = b"-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n";
    assert!(with(nonsense).contains("certificate 1 in the file"));
}

#[test]
fn a_client_prints_only_its_policy() {
    assert_eq!(format!("{:?}", client(Policy::PublicOnly)), "Client { policy: PublicOnly, .. }");
}

/// Prints what the machine can deliver to itself; nothing is asserted, because a busy machine is no bug.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn print_the_rate_of_deliveries() {
    let destination = Destination::start(|mut stream| async move {
        loop {
            request_head(&mut stream).await?;
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await?;
        }
    })
    .await;
    let client = client(Policy::AllowPrivate);
    let (lanes, each) = (64, 50);
    let start = Instant::now();
    let tasks: Vec<_> = (0..lanes)
        .map(|_| {
            let (client, url) = (client.clone(), destination.url("/"));
            tokio::spawn(async move {
                for _ in 0..each {
                    client.send(post(&url, LONG)).await.result.unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let rate = f64::from(lanes * each) / start.elapsed().as_secs_f64();
    println!("{rate:.0} deliveries/s over {} connections", destination.connections());
}
