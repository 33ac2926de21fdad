//! From an answer to who failed: every row of the gateway's repertoire of errors.
//!
//! The order of evidence is the body's own words, then `x-amzn-ErrorType`, then the status, because the public
//! sample of this gateway returns SQS's errors as HTTP 200.

use std::borrow::Cow;

use super::{Fault, FaultKind, Remedy, kept_name, kept_words, short_type};
use crate::json;
use crate::wire::query_xml::{self, XmlError};
use crate::wire::{Answer, Unreadable};

/// A fault from an answer whose body is not a list of messages.
pub(in crate::wire) fn of_body(answer: &Answer<'_>, unreadable: &Unreadable) -> Fault {
    said_by_body(answer).unwrap_or_else(|| {
        if answer.status >= 300 && !is_page(answer.body) {
            return of_status(answer).showing(answer);
        }
        unreadable_body(answer, unreadable)
    })
}

/// A fault from the status alone: the body says nothing.
pub(in crate::wire) fn of_status(answer: &Answer<'_>) -> Fault {
    use FaultKind::{Address, ApiKey, Between, Credentials, Gateway, Request, Throttled};
    use Remedy::{BackOff, Stop};
    if let Some(fault) = answer.error_type.and_then(|name| said_by_gateway(answer, None, short_type(name))) {
        return fault;
    }
    let (kind, remedy, words) = match answer.status {
        304 => (Between, BackOff, "a cache says that nothing has changed, and a receive must not be cached"),
        300..=399 => return redirected(answer),
        401 => (Credentials, Stop, "unauthorized"),
        403 => (ApiKey, Stop, "forbidden"),
        404 | 405 | 410 => (Address, Stop, "nothing is there"),
        407 => (Between, BackOff, "a proxy wants credentials"),
        408 => (Between, BackOff, "the request timed out"),
        429 => (Throttled, BackOff, "too many requests"),
        400..=499 => (Request, Stop, "the request was refused"),
        500..=599 => (Gateway, BackOff, "the gateway failed"),
        _ => (Between, BackOff, "an empty answer with an unusual status"),
    };
    Fault::new(answer, kind, remedy, words)
}

fn redirected(answer: &Answer<'_>) -> Fault {
    let to = answer.location.unwrap_or("nowhere in particular");
    let words =
        format!("it redirects to {to}; redirects to another origin are not followed, watch that URL instead");
    Fault::new(answer, FaultKind::Address, Remedy::Stop, &words)
}

fn unreadable_body(answer: &Answer<'_>, unreadable: &Unreadable) -> Fault {
    let page = is_page(answer.body);
    if page || unreadable.truncated {
        let words = if page {
            "an HTML page".to_owned()
        } else {
            format!("the body was cut short: {}", unreadable.why)
        };
        return Fault::new(answer, FaultKind::Between, Remedy::BackOff, &words).showing(answer);
    }
    // Stopping is gentler than backing off: behind a template that we cannot read, every further receive would
    // count, and perhaps hide, messages that nobody saw.
    let words = format!("the body is not ReceiveMessage's answer: {}", unreadable.why);
    Fault::new(answer, FaultKind::Unrecognised, Remedy::Stop, &words).showing(answer)
}

fn is_page(body: &[u8]) -> bool {
    let start: Vec<u8> = body.trim_ascii_start().iter().take(14).map(u8::to_ascii_lowercase).collect();
    start.starts_with(b"<html") || start.starts_with(b"<!doctype html")
}

/// The error document that the body is, if it is one.
fn said_by_body(answer: &Answer<'_>) -> Option<Fault> {
    if answer.body.trim_ascii_start().starts_with(b"<") {
        return query_xml::decode_error(answer.body).map(|error| said_in_xml(answer, &error));
    }
    let document = std::str::from_utf8(answer.body).ok().filter(|body| json::is_container(body))?;
    if !document.trim_start().starts_with('{') {
        return None;
    }
    // Messages are there, whatever is said beside them: they were received, and are not to be taken for an error.
    let holds = |name| member(document, name).is_some_and(|value| json::members(value).next().is_some());
    if ["Messages", "ReceiveMessageResponse"].into_iter().any(holds) {
        return None;
    }
    let outer = object(document, "ErrorResponse").unwrap_or(document);
    if let Some(error) = object(outer, "Error") {
        let code = text(error, "Code").unwrap_or_default();
        let words = text(error, "Message").unwrap_or_default();
        let (fault_type, request_id) = (text(error, "Type"), text(outer, "RequestId"));
        return Some(said_by_sqs(answer, &code, &words, fault_type.as_deref(), request_id.as_deref()));
    }
    let named = ["message", "Message"].into_iter().find(|name| member(document, name).is_some());
    let words = named.and_then(|name| text(document, name));
    if let Some(name) = text(document, "__type") {
        let words = words.unwrap_or_default();
        let header_or_type = short_type(&name);
        return Some(
            said_by_gateway(answer, Some(&words), header_or_type)
                .unwrap_or_else(|| said_by_sqs(answer, header_or_type, &words, None, None)),
        );
    }
    // Only a lone message is the gateway's own error; a mapped body may well have a member of that name.
    let lone = json::members(document).all(|(key, _)| matches!(&*key, "message" | "Message"));
    (named.is_some() && lone).then(|| said_in_a_message(answer, words.as_deref()))
}

/// A member as it is written. What is looked for is near the beginning of a small document; of a large one nothing is made.
fn member<'a>(object: &'a str, name: &str) -> Option<&'a str> {
    json::members(object).find(|(key, _)| key == name).map(|(_, value)| value)
}

fn object<'a>(within: &'a str, name: &str) -> Option<&'a str> {
    member(within, name).filter(|value| value.starts_with('{'))
}

fn text<'a>(object: &'a str, name: &str) -> Option<Cow<'a, str>> {
    member(object, name).and_then(json::unquoted)
}

/// `{"message": …}`: the gateway's own words, which tell more than the status does.
fn said_in_a_message(answer: &Answer<'_>, words: Option<&str>) -> Fault {
    use FaultKind::{Address, ApiKey, Credentials, Gateway, Quota, Throttled};
    use Remedy::{BackOff, Stop};
    let lower = words.unwrap_or_default().to_lowercase();
    let said = |part: &str| lower.contains(part);
    let (kind, remedy) = match () {
        () if said("missing authentication token") => (Address, Stop),
        () if said("limit exceeded") => (Quota, Stop),
        () if said("too many requests") => (Throttled, BackOff),
        () if said("does not correspond to a deployed api") || lower == "not found" => (Address, Stop),
        () if lower == "forbidden" => (ApiKey, Stop),
        () if said("not authorized")
            || said("security token")
            || said("signature")
            || lower == "unauthorized" =>
        {
            (Credentials, Stop)
        }
        () if said("timed out") || said("internal server error") || said("service unavailable") => {
            (Gateway, BackOff)
        }
        () if answer.status >= 300 => {
            let mut fault = of_status(answer);
            if let Some(words) = words.filter(|words| !words.is_empty()) {
                fault.message = kept_words(words);
            }
            return fault;
        }
        () => {
            let why = "a lone message where messages belong".to_owned();
            return unreadable_body(answer, &Unreadable { why, truncated: false });
        }
    };
    Fault::new(answer, kind, remedy, words.unwrap_or_default())
}

/// Errors by the names that API Gateway gives them, in `x-amzn-ErrorType` or `__type`.
fn said_by_gateway(answer: &Answer<'_>, words: Option<&str>, name: &str) -> Option<Fault> {
    use FaultKind::{Address, ApiKey, Credentials, Gateway, Mapping, Quota, Request, Throttled};
    use Remedy::{BackOff, Stop};
    let (kind, remedy) = match name {
        "MissingAuthenticationTokenException" | "NotFoundException" => (Address, Stop),
        "ForbiddenException" => (ApiKey, Stop),
        "UnauthorizedException"
        | "AccessDeniedException"
        | "IncompleteSignatureException"
        | "InvalidSignatureException"
        | "UnrecognizedClientException"
        | "ExpiredTokenException"
        | "InvalidClientTokenId" => (Credentials, Stop),
        "TooManyRequestsException" => (Throttled, BackOff),
        "LimitExceededException" => (Quota, Stop),
        "BadRequestException" | "RequestTooLargeException" | "UnsupportedMediaTypeException" => {
            (Request, Stop)
        }
        "InternalServerErrorException"
        | "InternalServerError"
        | "ServiceUnavailableException"
        | "BadGatewayException"
        | "GatewayTimeoutException"
        | "EndpointRequestTimedOutException" => (Gateway, BackOff),
        "UnknownOperationException" => (Mapping, Stop),
        _ => return None,
    };
    let words = words.filter(|words| !words.is_empty()).unwrap_or(name);
    let mut fault = Fault::new(answer, kind, remedy, words);
    fault.code = Some(kept_name(name));
    Some(fault)
}

fn said_in_xml(answer: &Answer<'_>, error: &XmlError) -> Fault {
    let words = error.message.as_deref();
    said_by_gateway(answer, words, &error.code).unwrap_or_else(|| {
        let words = words.unwrap_or_default();
        said_by_sqs(answer, &error.code, words, error.fault_type.as_deref(), error.request_id.as_deref())
    })
}

/// An SQS error document. Its code decides what to do, not its status, which is often 200.
fn said_by_sqs(
    answer: &Answer<'_>,
    code: &str,
    words: &str,
    fault_type: Option<&str>,
    request_id: Option<&str>,
) -> Fault {
    let words = if words.is_empty() { "SQS returned an error without words" } else { words };
    let kind = if is_about_credentials(code) { FaultKind::Credentials } else { FaultKind::Sqs };
    let mut fault = Fault::new(answer, kind, remedy_of_code(code, fault_type), words);
    fault.code = Some(kept_name(short_type(code))).filter(|code| !code.is_empty()).or(fault.code);
    fault.request_id = fault.request_id.or(request_id.map(kept_name));
    fault
}

fn is_about_credentials(code: &str) -> bool {
    matches!(
        short_type(code),
        "InvalidClientTokenId"
            | "SignatureDoesNotMatch"
            | "ExpiredToken"
            | "MissingAuthenticationToken"
            | "IncompleteSignature"
            | "RequestExpired"
            | "UnrecognizedClientException"
    )
}

/// Codes that pass by themselves back off; everything else that SQS says about us stops.
fn remedy_of_code(code: &str, fault_type: Option<&str>) -> Remedy {
    let passes = ["Throttl", "OverLimit", "Unavailable", "InternalError", "InternalFailure", "Timeout"];
    if passes.iter().any(|part| code.contains(part)) || fault_type == Some("Receiver") {
        Remedy::BackOff
    } else {
        Remedy::Stop
    }
}
