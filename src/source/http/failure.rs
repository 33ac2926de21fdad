//! reqwest's errors as faults: which part of the way failed, in words a person can act on.

use std::error::Error;
use std::io;
use std::iter::successors;

use super::NoClient;
use crate::text::excerpt;
use crate::wire::{Fault, FaultKind, Remedy};

/// Bytes of an incomplete body that a fault keeps.
const EXCERPT_BYTES: usize = 240;

/// No answer came.
pub(super) fn fault(error: reqwest::Error) -> Fault {
    // The URL would repeat the endpoint's address, query included, in every line.
    let error = error.without_url();
    let causes = causes(&error);
    let mut fault = Fault::network(code(&error, &causes), &causes);
    if error.is_redirect() {
        (fault.kind, fault.remedy) = (FaultKind::Address, Remedy::Stop);
    }
    fault
}

/// Nothing was asked: the HTTP client could not be made.
pub(super) fn no_client(error: &NoClient) -> Fault {
    let fault = Fault::network("NoClient", &error.to_string());
    Fault { remedy: Remedy::Stop, ..fault }
}

/// Nothing was asked: the URL cannot be written into a request.
pub(super) fn no_request(error: &http::Error) -> Fault {
    let fault = Fault::network("NoRequest", &error.to_string());
    Fault { kind: FaultKind::Address, remedy: Remedy::Stop, ..fault }
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
        _ if error.is_redirect() => "RedirectRefused",
        _ if error.is_dns() => "DnsFailure",
        Some(io::ErrorKind::ConnectionRefused) => "ConnectionRefused",
        Some(io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe) => "ConnectionReset",
        _ if error.is_timeout() => "TimedOut",
        // HTTP/2 passes on only the words of what ended its connection.
        _ if is_tls(error) || causes.contains("fatal alert") => "TlsFailure",
        _ if error.is_connect() => "ConnectFailure",
        _ if causes.contains("connection closed") || causes.contains("incomplete") => "ConnectionClosed",
        _ => "RequestFailure",
    }
}

/// Whether TLS itself failed: a certificate, a version, or something that is no TLS.
fn is_tls(error: &reqwest::Error) -> bool {
    chain(error).any(<dyn Error>::is::<rustls::Error>)
}

/// The innermost I/O error's kind.
fn io_kind(error: &reqwest::Error) -> Option<io::ErrorKind> {
    chain(error).filter_map(|cause| cause.downcast_ref::<io::Error>()).map(io::Error::kind).last()
}

/// Every cause from the outside in, each said once. Errors of reqwest's own only say at which stage, and may name the
/// URL.
fn causes(error: &reqwest::Error) -> String {
    let mut words: Vec<String> = Vec::new();
    for cause in chain(error).filter(|cause| !cause.is::<reqwest::Error>()) {
        let said = cause.to_string();
        if !words.iter().any(|word| word.contains(&said)) {
            words.push(said);
        }
    }
    if words.is_empty() { error.to_string() } else { words.join(": ") }
}

/// Every cause from the outside in. An I/O error does not name what it wraps as its source, but goes on with the
/// source of that, so what it wraps is looked up.
fn chain(error: &reqwest::Error) -> impl Iterator<Item = &(dyn Error + 'static)> {
    successors(error.source(), |&cause| within(cause).or_else(|| cause.source()))
}

fn within<'a>(cause: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    Some(cause.downcast_ref::<io::Error>()?.get_ref()?)
}
