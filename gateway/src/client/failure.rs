//! What stopped a request, as a class that can be counted and a sentence that can be read.

use std::error::Error;
use std::io;
use std::time::Duration;

use domain::delivery::ErrorClass;

use super::address::Blocked;

/// Why there is no answer. Displays as a sentence without the URL, which may hold secrets in its query.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SendError {
    /// What stopped the request.
    pub class: ErrorClass,
    /// The status, when the answer began and did not end.
    pub status: Option<u16>,
    message: String,
}

impl SendError {
    pub(super) fn new(class: ErrorClass, message: String) -> Self {
        Self { class, status: None, message }
    }

    fn with_status(self, status: u16) -> Self {
        Self { status: Some(status), ..self }
    }
}

/// No status came.
pub(super) fn before_answer(error: &reqwest::Error, host: &str) -> SendError {
    let cause = cause(error);
    let class = classify(error);
    let message = match class {
        ErrorClass::Blocked => cause,
        ErrorClass::Dns => format!("The name {host} could not be resolved: {cause}."),
        ErrorClass::Connect => format!("No connection to {host}: {cause}."),
        ErrorClass::Tls => format!("No secure connection to {host}: {cause}."),
        ErrorClass::Reset => format!("{host} closed the connection without an answer: {cause}."),
        ErrorClass::Timeout => format!("The connection to {host} timed out: {cause}."),
        _ => format!("{host} did not answer in HTTP: {cause}."),
    };
    SendError::new(class, message)
}

/// The status and headers came, but the body did not end well.
pub(super) fn within_answer(error: &reqwest::Error, host: &str, status: u16) -> SendError {
    let cause = cause(error);
    let class = classify(error);
    let message = match class {
        ErrorClass::Reset => {
            format!("{host} answered {status}, but closed the connection within the body: {cause}.")
        }
        ErrorClass::Timeout => format!("{host} answered {status}, but its body timed out: {cause}."),
        _ => format!("{host} answered {status}, but its body could not be read: {cause}."),
    };
    SendError::new(class, message).with_status(status)
}

/// The time was up before a status came.
pub(super) fn timed_out(host: &str, timeout: Duration) -> SendError {
    SendError::new(ErrorClass::Timeout, format!("No answer from {host} within {}.", in_seconds(timeout)))
}

/// The time was up within the body.
pub(super) fn unfinished(host: &str, timeout: Duration, status: u16) -> SendError {
    let message =
        format!("{host} answered {status}, but its body did not end within {}.", in_seconds(timeout));
    SendError::new(ErrorClass::Timeout, message).with_status(status)
}

fn in_seconds(timeout: Duration) -> String {
    format!("{} s", timeout.as_secs_f64())
}

/// The innermost error in words; the outer ones only say that something happened to the URL.
pub(super) fn cause(error: &(dyn Error + 'static)) -> String {
    let mut innermost = error;
    while let Some(source) = source(innermost) {
        innermost = source;
    }
    innermost.to_string()
}

/// The next inner error. An I/O error that wraps another does not name it as its source, but it is one.
fn source<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e (dyn Error + 'static)> {
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(wrapped) => Some(wrapped),
        None => error.source(),
    }
}

fn classify(error: &reqwest::Error) -> ErrorClass {
    let mut found = None;
    let mut next: Option<&(dyn Error + 'static)> = Some(error);
    // The innermost that says something counts: what is around it follows from it.
    while let Some(error) = next {
        found = class_of(error).or(found);
        next = source(error);
    }
    match found {
        Some(class @ (ErrorClass::Blocked | ErrorClass::Tls | ErrorClass::Timeout)) => class,
        _ if error.is_dns() => ErrorClass::Dns,
        Some(class) => class,
        None if error.is_connect() => ErrorClass::Connect,
        None => ErrorClass::Protocol,
    }
}

fn class_of(error: &(dyn Error + 'static)) -> Option<ErrorClass> {
    if error.is::<Blocked>() {
        return Some(ErrorClass::Blocked);
    }
    if error.is::<rustls::Error>() {
        return Some(ErrorClass::Tls);
    }
    if let Some(hyper) = error.downcast_ref::<hyper::Error>() {
        if hyper.is_timeout() {
            return Some(ErrorClass::Timeout);
        }
        if hyper.is_parse() {
            return Some(ErrorClass::Protocol);
        }
        if hyper.is_incomplete_message() || hyper.is_canceled() || hyper.is_closed() {
            return Some(ErrorClass::Reset);
        }
    }
    match error.downcast_ref::<io::Error>()?.kind() {
        io::ErrorKind::TimedOut => Some(ErrorClass::Timeout),
        io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe
        | io::ErrorKind::UnexpectedEof => Some(ErrorClass::Reset),
        io::ErrorKind::ConnectionRefused
        | io::ErrorKind::HostUnreachable
        | io::ErrorKind::NetworkUnreachable
        | io::ErrorKind::NetworkDown
        | io::ErrorKind::AddrNotAvailable => Some(ErrorClass::Connect),
        _ => None,
    }
}
