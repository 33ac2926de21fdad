//! What goes wrong on the way: each fault has a kind, a remedy and words, and none repeats the URL's query.

use std::time::{Duration, SystemTime};

use axum::Router;
use http::StatusCode;
use qwatch::source::{Auth, Endpoint, Tls};
use qwatch::wire::FaultKind::{self, Address, Between, Gateway, Network, Throttled, Unrecognised};
use qwatch::wire::Remedy::{self, BackOff, Stop};

use super::said::SAID;
use super::servers::{Then, endless_gzip, endpoint, gzip, nobody, one_message, raw, serve};
use super::tls::{Authority, Kind};
use super::{fault, receive};

/// Decoded bodies end here.
const LARGEST_BODY: usize = 16 << 20;

fn head(status: u16, headers: &str, length: usize) -> Vec<u8> {
    let status = StatusCode::from_u16(status).unwrap();
    format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\n\r\n").into_bytes()
}

/// A whole answer, its length as promised.
async fn answering(status: u16, headers: &str, body: &[u8]) -> String {
    raw(&[&head(status, headers, body.len()), body], Then::Hold).await
}

/// An answer that promises `length` bytes.
async fn promising(length: usize, headers: &str, body: &[u8], then: Then) -> String {
    raw(&[&head(200, headers, length), body], then).await
}

struct Row {
    what: &'static str,
    origin: String,
    expected: (FaultKind, Remedy, Option<u16>, Option<&'static str>),
    words: &'static str,
}

async fn rows() -> Vec<Row> {
    let row = |what, origin, expected, words| Row { what, origin, expected, words };
    let body = one_message();
    let zipped = gzip(&body);
    let with_gzip = "Content-Encoding: gzip\r\n";
    let cut = (Between, BackOff, Some(200), None);
    let page = b"<!DOCTYPE html><html><body>Sign in to the guest network</body></html>";
    vec![
        row(
            "refused",
            nobody().await,
            (Network, BackOff, None, Some("ConnectionRefused")),
            "Connection refused",
        ),
        row(
            "DNS",
            "http://nowhere.invalid".into(),
            (Network, BackOff, None, Some("DnsFailure")),
            "dns error",
        ),
        row(
            "closed before an answer",
            raw(&[], Then::Close).await,
            (Network, BackOff, None, Some("ConnectionClosed")),
            "connection closed",
        ),
        row(
            "reset before an answer",
            raw(&[], Then::Reset).await,
            (Network, BackOff, None, Some("ConnectionReset")),
            "reset",
        ),
        row(
            "not HTTP",
            raw(&[b"SSH-2.0-OpenSSH_9.9\r\n"], Then::Hold).await,
            (Network, BackOff, None, Some("RequestFailure")),
            "invalid HTTP",
        ),
        row(
            "no TLS where https was asked for",
            serve(Router::new()).await.replace("http:", "https:"),
            (Network, BackOff, None, Some("TlsFailure")),
            "InvalidContentType",
        ),
        row("reset in the body", promising(1000, "", &body[..20], Then::Reset).await, cut, "cut short"),
        row("cut short", promising(1000, "", &body[..20], Then::Close).await, cut, "cut short"),
        row(
            "cut short in a chunk",
            raw(&[b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{\"Receive"], Then::Close)
                .await,
            cut,
            "cut short",
        ),
        row("longer than promised", promising(20, "", &body, Then::Hold).await, cut, "cut short"),
        row("truncated gzip", answering(200, with_gzip, &zipped[..zipped.len() / 2]).await, cut, "cut short"),
        row(
            "gzip without its checksum",
            answering(200, with_gzip, &zipped[..zipped.len() - 8]).await,
            cut,
            "cut",
        ),
        row("gzip that is none", answering(200, with_gzip, &body).await, cut, "gzip"),
        row(
            "gzip bomb",
            answering(200, with_gzip, &gzip(&vec![b' '; LARGEST_BODY + 1])).await,
            (Between, BackOff, Some(200), Some("TooLong")),
            "longer than 16 MiB",
        ),
        row("HTML", answering(200, "", page).await, cut, "an HTML page"),
        row(
            "HTML from a proxy",
            answering(502, "", page).await,
            (Between, BackOff, Some(502), None),
            "an HTML page",
        ),
        row("empty", answering(200, "", b"").await, cut, "empty"),
        row(
            "empty and failing",
            answering(503, "", b"").await,
            (Gateway, BackOff, Some(503), None),
            "the gateway failed",
        ),
        row(
            "invalid UTF-8",
            answering(200, "", b"{\"Messages\":[{\"MessageId\":\"m\",\"Body\":\"\xff\"}]}").await,
            (Unrecognised, Stop, Some(200), None),
            "not ReceiveMessage's answer",
        ),
        row(
            "another origin",
            answering(302, "Location: https://elsewhere.example/login\r\n", b"").await,
            (Address, Stop, Some(302), None),
            "https://elsewhere.example/login",
        ),
    ]
}

#[tokio::test]
async fn each_error_of_a_gateway_or_of_sqs_says_whose_it_is_at_any_status() {
    for (status, headers, body, expected, code, words) in SAID {
        let headers = format!("x-amzn-RequestId: r-9\r\n{headers}");
        let origin = answering(*status, &headers, body.as_bytes()).await;
        let fault = fault(receive(endpoint(&origin)).await);
        let said = (fault.kind, fault.remedy);
        assert_eq!((said, fault.status), (*expected, Some(*status)), "{body}: {fault}");
        assert!(code.is_none_or(|code| fault.code.as_deref() == Some(code)), "{body}: {fault:?}");
        assert!(fault.message.contains(words), "{body}: {fault}");
        assert_eq!(fault.request_id.as_deref(), Some("r-9"), "{body}: {fault}");
        assert!(fault.advice().len() > 20, "{body}: {fault}");
    }
}

#[tokio::test]
async fn certificates_that_nobody_may_trust_say_why() {
    let authority = Authority::new();
    let mut tls = Tls::default();
    tls.trust(authority.pem().as_bytes()).unwrap();
    let app = || Router::new().fallback(|| async { one_message() });
    let expired = authority.serve(app(), Kind::Expired, None).await;
    let unknown = Authority::new().serve(app(), Kind::Good, None).await;
    let misnamed = authority.serve(app(), Kind::Misnamed, None).await;
    for (origin, words) in
        [(expired, "certificate expired"), (unknown, "UnknownIssuer"), (misnamed, "not valid for name")]
    {
        let fault = fault(receive(Endpoint { tls: tls.clone(), ..endpoint(&origin) }).await);
        assert_eq!((fault.kind, fault.remedy), (Network, BackOff), "{fault}");
        assert_eq!(fault.code.as_deref(), Some("TlsFailure"), "{fault}");
        assert!(fault.message.contains(words) && fault.advice().contains("certificate"), "{fault}");
        assert!(!fault.may_have_received(), "{fault}");
    }
}

#[tokio::test]
async fn each_failure_says_whose_it_is_and_whether_it_may_pass() {
    for Row { what, origin, expected, words } in rows().await {
        let fault = fault(receive(endpoint(&origin)).await);
        let code = fault.code.as_deref();
        assert_eq!((fault.kind, fault.remedy, fault.status, code), expected, "{what}: {fault}");
        assert!(fault.message.contains(words), "{what}: {fault}");
        let said = format!("{fault} {fault:?}");
        for part in ["only-in-the-url", "MaxNumberOfMessages"] {
            assert!(!said.contains(part), "{what} repeats the query: {said}");
        }
    }
}

#[tokio::test]
async fn a_body_of_the_largest_size_is_read_and_one_that_never_ends_is_left() {
    let mut body = one_message();
    body.resize(LARGEST_BODY, b' ');
    let (_, outcome) = receive(endpoint(&answering(200, "", &body).await)).await;
    assert_eq!(super::bodies(&outcome), ["hello"]);

    // A bomb that goes off for ever: were it read to its end, this test would not end.
    let (begin, go_on) = endless_gzip();
    let head: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n";
    let fault = fault(receive(endpoint(&raw(&[head, &begin, &go_on], Then::Repeat).await)).await);
    assert_eq!((fault.kind, fault.code.as_deref()), (Between, Some("TooLong")), "{fault}");
    assert!(fault.excerpt.unwrap_or_default().len() < 1024, "little of it is shown");
}

#[tokio::test]
async fn retry_after_is_read_as_seconds_or_as_a_date() {
    let in_an_hour = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(3600));
    for (value, least, most) in [("7", 7, 7), ("0", 0, 0), (&*in_an_hour, 3540, 3600)] {
        let headers = format!("Retry-After: {value}\r\n");
        let origin = answering(429, &headers, br#"{"message":"Too Many Requests"}"#).await;
        let fault = fault(receive(endpoint(&origin)).await);
        assert_eq!((fault.kind, fault.remedy), (Throttled, BackOff), "{fault}");
        let asked = fault.retry_after.expect(value).as_secs();
        assert!((least..=most).contains(&asked), "{value}: {asked}");
    }
}

#[tokio::test]
async fn a_fault_keeps_what_support_asks_for_even_when_the_body_is_cut_short() {
    let headers = "x-amzn-RequestId: r-7\r\nx-amz-apigw-id: g-7\r\nRetry-After: 9\r\n";
    for length in [10, 1000] {
        let origin = promising(length, headers, b"{\"Receive\x1b[2J", Then::Close).await;
        let fault = fault(receive(endpoint(&origin)).await);
        let kept = (fault.request_id.as_deref(), fault.gateway_id.as_deref());
        assert_eq!(kept, (Some("r-7"), Some("g-7")), "{fault}");
        assert_eq!(fault.retry_after, Some(Duration::from_secs(9)));
        let excerpt = fault.excerpt.expect("what came is shown");
        assert!(excerpt.starts_with("{\"Receive") && !excerpt.contains('\x1b'), "{excerpt}");
    }
    // Headers may be as long as a body.
    let headers = format!("x-amzn-RequestId: {}\r\n", "r".repeat(100_000));
    let fault = fault(receive(endpoint(&promising(1000, &headers, b"{", Then::Close).await)).await);
    assert!(fault.to_string().len() < 2_000, "{} bytes", fault.to_string().len());
}

/// Pages say which path was not found, and gateways what they could not verify: as they write it.
#[tokio::test]
async fn what_a_gateway_quotes_of_a_secret_is_left_out_of_every_part_of_a_fault() {
    let secret = r#"s3cr"et/k&y"#;
    let headers =
        format!("x-amzn-ErrorType: No{secret}\r\nx-amzn-RequestId: {secret}\r\nx-amz-apigw-id: {secret}\r\n");
    let quoted = [
        serde_json::json!({"message": format!("no {secret}")}).to_string(),
        r#"{"message":"no s3cr\"et\/k&y"}"#.to_owned(),
        "<html>no s3cr&quot;et/k&amp;y".to_owned(),
        "Cannot GET /prod?code=AbCdEfGhIjKl%2FMnOpQr%3D%3D".to_owned(),
        r#"no s3cr"et/k"#.to_owned(),
    ];
    for body in quoted {
        let origin = answering(403, &headers, body.as_bytes()).await;
        let url = format!("{origin}/prod?code=AbCdEfGhIjKl%2FMnOpQr%3D%3D").parse().unwrap();
        let watched = Endpoint { url, auth: Auth::ApiKey(secret.into()), ..endpoint(&origin) };
        let said = format!("{:?}", fault(receive(watched).await));
        for part in ["s3cr", "AbCdEfGhIjKl"] {
            assert!(!said.contains(part), "{body}: {said}");
        }
        assert!(said.contains("(secret)"), "{body}: {said}");
    }
}
