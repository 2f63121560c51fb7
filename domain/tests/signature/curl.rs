//! The ready-made shell lines, run: `sh`, `openssl` and `curl` against a listener that verifies what arrives.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::process::{Command, Output};
use std::sync::mpsc;

use domain::signature::{Sample, curl_sample};

use super::*;

/// The time `date` sees, because the line signs with that.
fn shell_time() -> Timestamp {
    let seconds =
        Command::new("date").arg("+%s").output().expect("date is part of every POSIX system").stdout;
    Timestamp::from_seconds(String::from_utf8(seconds).unwrap().trim().parse().unwrap())
}

/// Reads one request and answers 202.
fn receive(listener: &TcpListener) -> (HeaderList, Vec<u8>) {
    let (stream, _) = listener.accept().unwrap();
    let mut reader = BufReader::new(stream);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    assert_eq!(lines.remove(0), "POST /receive?a=b&c='d' HTTP/1.1");
    let headers: HeaderList = lines
        .iter()
        .map(|line| line.split_once(": ").unwrap())
        .map(|(name, value)| (name.to_owned(), value.as_bytes().to_owned()))
        .collect();
    let length = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-length")).unwrap();
    let mut body = vec![0; String::from_utf8(length.1.clone()).unwrap().parse().unwrap()];
    reader.read_exact(&mut body).unwrap();
    let answer = b"HTTP/1.1 202 Accepted\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}";
    reader.get_mut().write_all(answer).unwrap();
    (headers, body)
}

fn shell(line: &str, secret: Option<&str>) -> Output {
    let mut command = Command::new("sh");
    command.args(["-c", line]).env_remove("SECRET").env("NO_PROXY", "*");
    if let Some(secret) = secret {
        command.env("SECRET", secret);
    }
    command.output().expect("sh is part of every POSIX system")
}

/// Runs the line for a scheme; gives back what arrived and when.
fn run(scheme: &VerificationScheme, secret: &str, sample: Sample<'_>) -> (HeaderList, Vec<u8>, Timestamp) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/receive?a=b&c='d'", listener.local_addr().unwrap());
    let line = curl_sample(scheme, &url, &sample);
    assert!(!line.contains(secret), "{line}");
    // The listener waits in its own thread, so that a line that fails before it connects fails the test at once.
    let (sender, arrived) = mpsc::channel();
    std::thread::spawn(move || sender.send(receive(&listener)));
    let output = shell(&line, Some(secret));
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "the line needs sh, openssl and curl:\n{line}\n{complaint}");
    assert_eq!((output.stdout.as_slice(), complaint.as_str()), (&b"{}"[..], ""), "{line}");
    let (headers, body) = arrived.recv().unwrap();
    (headers, body, shell_time())
}

/// Everything a shell could stumble over: quotes, expansions, a format, a leading @, a trailing line break.
const AWKWARD: Sample<'_> = Sample {
    event_type: "it's \"an\" $EVENT",
    body: "@{\"a\":\"it's $HOME `id` $(id) \\\\n %s %% ! ü \\u00fc\"}\n\n",
};

#[test]
fn the_line_of_every_scheme_sends_a_request_that_verifies() {
    for scheme in schemes() {
        for sample in [scheme.sample(), AWKWARD] {
            let secret = scheme.new_secret([251; 32]);
            let (headers, body, now) = run(&scheme, &secret, sample);
            assert_eq!(String::from_utf8_lossy(&body), sample.body);
            let view = RequestView { headers: &headers, body: &body };
            let verified =
                verify(&scheme, &[SecretRef::current(&secret)], TimestampWindow::DEFAULT, &view, now);
            assert_eq!(
                verified.map(|verified| verified.secret_index),
                Ok(Some(0)),
                "{scheme:?}\n{headers:?}"
            );
            for (name, value) in
                scheme.preset().iter().flat_map(|p| p.announcing_headers(sample.event_type, ""))
            {
                let sent = headers.iter().find(|(sent, _)| sent.eq_ignore_ascii_case(name.as_str())).unwrap();
                assert!(!sent.1.is_empty() && (value.is_empty() || sent.1 == value.as_bytes()), "{sent:?}");
            }
        }
    }
}

#[test]
fn a_secret_may_hold_what_a_shell_would_expand() {
    let scheme = VerificationScheme::Github {};
    let secret = "it's $HOME `id` \"\\ -r ü";
    let (headers, body, now) = run(&scheme, secret, scheme.sample());
    let view = RequestView { headers: &headers, body: &body };
    assert!(verify(&scheme, &[SecretRef::current(secret)], TimestampWindow::DEFAULT, &view, now).is_ok());
}

#[test]
fn each_run_has_a_delivery_id_of_its_own() {
    let scheme = VerificationScheme::Github {};
    let delivery_id = || {
        let (headers, ..) = run(&scheme, "secret-of-the-receiver", scheme.sample());
        headers.into_iter().find(|(name, _)| name.eq_ignore_ascii_case("x-github-delivery")).unwrap().1
    };
    assert_ne!(delivery_id(), delivery_id());
}

#[test]
fn a_line_without_its_secret_says_so_and_sends_nothing() {
    for scheme in schemes() {
        // Port 9 is never connected to: the line ends before.
        let output = shell(&curl_sample(&scheme, "http://127.0.0.1:9/", &scheme.sample()), None);
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && complaint.contains("SECRET"), "{scheme:?}: {complaint}");
        assert!(!complaint.contains("curl"), "{complaint}");
    }
}

#[test]
fn a_scheme_that_checks_nothing_needs_no_secret() {
    let (headers, body, _) = run(&VerificationScheme::None {}, "unused-secret", AWKWARD);
    assert_eq!(body, AWKWARD.body.as_bytes());
    assert!(headers.iter().all(|(name, _)| !name.to_lowercase().contains("signature")));
}
