//! reqwest's errors as faults: which part of the way failed, in words a person can act on.

use std::error::Error as _;
use std::io;

use crate::text::excerpt;
use crate::wire::{Fault, FaultKind};

/// Bytes of an incomplete body that a fault keeps.
const EXCERPT_BYTES: usize = 240;

/// No answer came.
pub(super) fn fault(error: reqwest::Error) -> Fault {
    // The URL would repeat the endpoint's address, query included, in every line.
    let error = error.without_url();
    let causes = causes(&error);
    Fault::network(code(&error, &causes), &causes)
}

/// An answer began and did not end.
pub(super) fn in_body(error: reqwest::Error, so_far: &[u8]) -> Fault {
    let timed_out = error.is_timeout();
    let mut fault = fault(error);
    if !timed_out {
        fault.kind = FaultKind::Between;
        fault.code = None;
    }
    fault.message = format!("the body was cut short: {}", fault.message);
    fault.excerpt = Some(excerpt(so_far, EXCERPT_BYTES)).filter(|text| !text.is_empty());
    fault
}

/// An answer is longer than anything API Gateway can send.
pub(super) fn too_long(limit: usize, so_far: &[u8]) -> Fault {
    let mut fault = Fault::network("TooLong", &format!("the body is longer than {} MiB", limit >> 20));
    fault.kind = FaultKind::Between;
    fault.excerpt = Some(excerpt(so_far, EXCERPT_BYTES));
    fault
}

fn code(error: &reqwest::Error, causes: &str) -> &'static str {
    match io_kind(error) {
        _ if causes.contains("dns error") => "DnsFailure",
        Some(io::ErrorKind::ConnectionRefused) => "ConnectionRefused",
        Some(io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe) => "ConnectionReset",
        _ if error.is_timeout() => "TimedOut",
        _ if causes.contains("certificate") || causes.contains("tls") => "TlsFailure",
        _ if error.is_connect() => "ConnectFailure",
        _ if causes.contains("connection closed") || causes.contains("incomplete") => "ConnectionClosed",
        _ if error.is_redirect() => "RedirectFailure",
        _ => "RequestFailure",
    }
}

/// The innermost I/O error's kind.
fn io_kind(error: &reqwest::Error) -> Option<io::ErrorKind> {
    let mut kind = None;
    let mut cause = error.source();
    while let Some(error) = cause {
        kind = error.downcast_ref::<io::Error>().map(io::Error::kind).or(kind);
        cause = error.source();
    }
    kind
}

/// Every cause from the outside in, each said once.
fn causes(error: &reqwest::Error) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut cause = error.source();
    while let Some(error) = cause {
        let said = error.to_string();
        if !words.iter().any(|word| word.contains(&said)) {
            words.push(said);
        }
        cause = error.source();
    }
    if words.is_empty() { error.to_string() } else { words.join(": ") }
}
