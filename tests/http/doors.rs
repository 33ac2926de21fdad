//! Every way in: methods, secrets from files and commands, trust, client certificates, proxies, HTTP/2 and IPv6.

use std::path::Path;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::Request;
use axum::response::IntoResponse as _;
use http::{HeaderName, Method, StatusCode, Version};
use qwatch::source::{Auth, Endpoint, Header, Http, Proxy, Receive as _, Secret, Tls};
use qwatch::sqs::ReceiveParameters;
use qwatch::wire::FaultKind::{Credentials, Network};
use qwatch::wire::Remedy::{BackOff, Stop};

use super::proxies;
use super::servers::{endpoint, one_message, recorded, serve};
use super::tls::{Authority, Kind};
use super::{bodies, fault, receive};

/// A gateway that answers whoever says this in `authorization`, and 401 to all others.
fn wanting(token: &'static str) -> Router {
    Router::new().fallback(move |request: Request| async move {
        let said = request.headers().get("authorization").and_then(|value| value.to_str().ok());
        if said == Some(token) {
            return one_message().into_response();
        }
        (StatusCode::UNAUTHORIZED, r#"{"message":"Unauthorized"}"#).into_response()
    })
}

fn trusting(authority: &Authority) -> Tls {
    let mut tls = Tls::default();
    tls.trust(authority.pem().as_bytes()).unwrap();
    tls
}

#[tokio::test]
async fn the_owners_method_is_used() {
    let (methods, seen) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(Vec::new())));
    let (log, queries) = (Arc::clone(&methods), Arc::clone(&seen));
    let origin = serve(Router::new().fallback(move |request: Request| async move {
        log.lock().unwrap().push(request.method().clone());
        queries.lock().unwrap().push(request.uri().query().unwrap().contains("VisibilityTimeout=0"));
        one_message()
    }))
    .await;
    for method in [Method::GET, Method::POST] {
        let (_, outcome) = receive(Endpoint { method, ..endpoint(&origin) }).await;
        assert_eq!(bodies(&outcome), ["hello"]);
    }
    assert_eq!(*methods.lock().unwrap(), [Method::GET, Method::POST]);
    assert_eq!(*seen.lock().unwrap(), [true, true], "what a receive asks for stays in the query");
}

/// The first time it runs it prints `old`, then `new`.
fn turning(folder: &Path) -> Secret {
    let marker = folder.join("ran");
    let marker = marker.display();
    Secret::Command(format!("if [ -e {marker} ]; then echo new; else touch {marker}; echo old; fi"))
}

#[tokio::test]
async fn a_command_is_run_again_when_its_token_is_refused_and_only_then() {
    let folder = tempfile::tempdir().unwrap();
    let (app, requests) = recorded(wanting("Bearer new"));
    let asking = Endpoint { auth: Auth::Bearer(turning(folder.path())), ..endpoint(&serve(app).await) };
    let mut gateway = Http::new().unwrap().of(asking);
    for _ in 0..3 {
        let (_, outcome) = gateway.receive(&ReceiveParameters::default()).await;
        assert_eq!(bodies(&outcome), ["hello"]);
    }
    let requests = requests.lock().unwrap();
    let said: Vec<_> =
        requests.iter().map(|(_, headers)| headers["authorization"].to_str().unwrap()).collect();
    assert_eq!(said, ["Bearer old", "Bearer new", "Bearer new", "Bearer new"]);
}

#[tokio::test]
async fn the_same_token_is_not_tried_twice() {
    let (app, requests) = recorded(wanting("Bearer other"));
    let auth = Auth::Bearer(Secret::Command("echo the-same-token".into()));
    let fault = fault(receive(Endpoint { auth, ..endpoint(&serve(app).await) }).await);
    assert_eq!((fault.kind, fault.remedy, fault.status), (Credentials, Stop, Some(401)), "{fault}");
    assert_eq!(requests.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_secret_file_is_read_again_when_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    std::fs::write(&file, "old\n").unwrap();
    let (app, requests) = recorded(wanting("second"));
    let auth =
        Auth::Token { header: HeaderName::from_static("authorization"), token: Secret::File(file.clone()) };
    let mut gateway = Http::new().unwrap().of(Endpoint { auth, ..endpoint(&serve(app).await) });
    let refused = fault(gateway.receive(&ReceiveParameters::default()).await);
    assert_eq!((refused.kind, refused.remedy), (Credentials, Stop), "{refused}");
    std::fs::write(&file, "second").unwrap();
    let (_, outcome) = gateway.receive(&ReceiveParameters::default()).await;
    assert_eq!(bodies(&outcome), ["hello"]);
    assert_eq!(requests.lock().unwrap().len(), 3);
}

#[tokio::test]
async fn a_secret_that_cannot_be_had_is_a_fault_of_credentials_and_nothing_is_asked() {
    let (app, requests) = recorded(Router::new().fallback(|| async { one_message() }));
    let origin = serve(app).await;
    let cases = [
        (
            Secret::Command("echo PRINTED; echo 'the session has expired' >&2; exit 3".into()),
            "the session has expired",
        ),
        (Secret::Command("true".into()), "it is empty"),
        (Secret::Command("no-such-command-at-all".into()), "failed with"),
        (Secret::Command("printf 'SECRET\\nSECRET'".into()), "cannot be sent"),
        (Secret::File("/nowhere/at/all".into()), "/nowhere/at/all"),
    ];
    for (secret, words) in cases {
        let fault = fault(receive(Endpoint { auth: Auth::Bearer(secret), ..endpoint(&origin) }).await);
        assert_eq!((fault.kind, fault.remedy, fault.status), (Credentials, Stop, None), "{fault}");
        assert!(fault.message.contains(words), "{fault}");
        assert!(!fault.to_string().contains("PRINTED") && !fault.to_string().contains("SECRET"), "{fault}");
        assert!(!fault.may_have_received(), "{fault}");
    }
    assert!(requests.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_certificate_is_trusted_when_asked_for_and_http_2_is_spoken() {
    let authority = Authority::new();
    let (versions, names) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(Vec::new())));
    let (log, hosts) = (Arc::clone(&versions), Arc::clone(&names));
    let app = Router::new().fallback(move |request: Request| async move {
        log.lock().unwrap().push(request.version());
        let host = request.headers().get("host").map(|host| host.to_str().unwrap().to_owned());
        hosts.lock().unwrap().push(host.or(request.uri().host().map(str::to_owned)));
        one_message()
    });
    let origin = authority.serve(app, Kind::Soon, None).await;

    let unknown = fault(receive(endpoint(&origin)).await);
    assert_eq!((unknown.kind, unknown.remedy), (Network, BackOff), "{unknown}");
    assert_eq!(unknown.code.as_deref(), Some("TlsFailure"), "{unknown}");
    assert!(unknown.message.contains("UnknownIssuer"), "{unknown}");
    assert!(unknown.advice().contains("--ca"), "{}", unknown.advice());

    let trusted = Endpoint { tls: trusting(&authority), ..endpoint(&origin) };
    let (timing, outcome) = receive(trusted.clone()).await;
    assert_eq!(bodies(&outcome), ["hello"]);
    let (dns, connect, tls) = (timing.dns.unwrap(), timing.connect.unwrap(), timing.tls.unwrap());
    assert!(tls > std::time::Duration::ZERO, "{timing:?}");
    assert!(dns + connect + tls <= timing.first_byte.unwrap(), "{timing:?}");

    // A private API is reached by the name of its VPC endpoint, and says in `Host` which API is meant.
    let host =
        Header::new(HeaderName::from_static("host"), "abc123.execute-api.eu-west-1.amazonaws.com").unwrap();
    let (_, outcome) = receive(Endpoint { headers: vec![host], ..trusted }).await;
    assert_eq!(bodies(&outcome), ["hello"]);
    assert_eq!(*versions.lock().unwrap(), [Version::HTTP_2, Version::HTTP_11]);
    let expected =
        ["localhost", "abc123.execute-api.eu-west-1.amazonaws.com"].map(|name| Some(name.to_owned()));
    assert_eq!(*names.lock().unwrap(), expected);
}

#[tokio::test]
async fn a_client_certificate_is_shown_to_who_asks_for_one() {
    let (ours, theirs) = (Authority::new(), Authority::new());
    let app = Router::new().fallback(|| async { one_message() });
    let origin = ours.serve(app, Kind::Good, Some(&theirs)).await;
    let mut tls = trusting(&ours);

    let refused = fault(receive(Endpoint { tls: tls.clone(), ..endpoint(&origin) }).await);
    assert_eq!(refused.kind, Network, "{refused}");
    // Whether the alert is seen or only the end of the connection depends on how far the request came.
    if refused.message.contains("CertificateRequired") {
        assert_eq!(refused.code.as_deref(), Some("TlsFailure"), "{refused:?}");
        assert!(refused.advice().contains("--client-cert"), "{refused:?}");
    }

    let pair = theirs.issue(Kind::Good);
    tls.identify(pair.certificate.as_bytes(), pair.key.as_bytes()).unwrap();
    let (_, outcome) = receive(Endpoint { tls: tls.clone(), ..endpoint(&origin) }).await;
    assert_eq!(bodies(&outcome), ["hello"]);

    let other = theirs.issue(Kind::Good);
    let wrong = tls.identify(pair.certificate.as_bytes(), other.key.as_bytes()).unwrap_err();
    assert!(wrong.to_string().contains("InconsistentKeys") || wrong.to_string().contains("keys"), "{wrong}");
    let wrong = tls.identify(pair.key.as_bytes(), pair.key.as_bytes()).unwrap_err();
    assert!(wrong.to_string().contains("no certificate"), "{wrong}");
    let wrong = tls.identify(pair.certificate.as_bytes(), pair.certificate.as_bytes()).unwrap_err();
    assert!(wrong.to_string().contains("private key"), "{wrong}");
    assert!(tls.trust(b"-----BEGIN NOTHING-----").is_err());
}

#[tokio::test]
async fn ipv6_is_reached() {
    let listener = tokio::net::TcpListener::bind("[::1]:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let app = Router::new().fallback(|| async { one_message() });
    tokio::spawn(async move { axum::serve(listener, app).await });
    let (timing, outcome) = receive(endpoint(&origin)).await;
    assert_eq!(bodies(&outcome), ["hello"]);
    assert_eq!((timing.dns, timing.tls), (None, None), "an address is not looked up, and http has no TLS");
    assert!(timing.connect.is_some());
}

fn by_way_of(url: &str) -> Proxy {
    Proxy::parse(url).unwrap()
}

#[tokio::test]
async fn proxies_are_asked_with_their_password_and_the_gateway_does_not_hear_it() {
    let authority = Authority::new();
    let (app, requests) = recorded(Router::new().fallback(|| async { one_message() }));
    let https = authority.serve(app.clone(), Kind::Good, None).await;
    let http = serve(app).await;
    let port = http.rsplit(':').next().unwrap().parse().unwrap();
    let secure_port = https.rsplit(':').next().unwrap().parse().unwrap();

    for (scheme, over) in [("http", None), ("https", Some(authority.acceptor(Kind::Good, None)))] {
        let (tunnel, told) = proxies::tunnelling(over).await;
        let proxy = by_way_of(&format!("{scheme}://user:pass%20word@{tunnel}"));
        let asking = Endpoint { tls: trusting(&authority), proxy, ..endpoint(&https) };
        assert!(!format!("{asking:?}").contains("pass"), "{asking:?}");
        let (timing, outcome) = receive(asking).await;
        assert_eq!(bodies(&outcome), ["hello"], "{scheme}");
        assert!(timing.connect.is_some() && timing.tls.is_some(), "{timing:?}");
        let head = told.lock().unwrap().pop().unwrap().to_lowercase();
        assert!(head.starts_with("connect localhost:"), "{head}");
        assert!(head.contains("proxy-authorization: basic dxnlcjpwyxnzihdvcmq="), "{head}");
    }

    for (scheme, port, origin, host) in [
        ("socks5h", port, "http://gateway.invalid:81".to_owned(), "gateway.invalid 81"),
        ("socks5h", secure_port, format!("https://localhost:{secure_port}"), "localhost"),
        ("socks5", port, "http://127.0.0.1:82".to_owned(), "an address 82"),
    ] {
        let (socks, told) = proxies::socks(port).await;
        let proxy = by_way_of(&format!("{scheme}://user:password@{socks}"));
        let (_, outcome) = receive(Endpoint { proxy, tls: trusting(&authority), ..endpoint(&origin) }).await;
        assert_eq!(bodies(&outcome), ["hello"], "{scheme}");
        let said = told.lock().unwrap().pop().unwrap();
        assert!(said.starts_with(&format!("user password {host}")), "{said}");
    }
    let requests = requests.lock().unwrap();
    assert!(
        requests.iter().all(|(_, headers)| !format!("{headers:?}").contains("proxy-auth")),
        "{requests:?}"
    );
}

#[test]
fn proxies_are_refused_without_repeating_them() {
    for text in ["", "PASSWORD", "ftp://user:PASSWORD@host", "socks5://", "http:PASSWORD"] {
        let refused = Proxy::parse(text).unwrap_err();
        assert!(refused.contains("socks5h://") && !refused.contains("PASSWORD"), "{text}: {refused}");
    }
}
