//! A redirect is followed only where it changes nothing: within the origin, with the same query.

use axum::Router;
use axum::response::IntoResponse as _;
use http::{StatusCode, Uri, header};
use qwatch::source::{Auth, Endpoint};
use qwatch::wire::{FaultKind, Remedy};

use super::servers::{at, endpoint, one_message, recorded, serve};
use super::{bodies, fault, receive};

/// Redirects every request to what `to` makes of it, but answers at `/moved`.
fn redirecting(to: impl Fn(&Uri) -> String + Clone + Send + Sync + 'static) -> Router {
    Router::new().fallback(move |uri: Uri| async move {
        if uri.path() == "/moved" {
            return one_message().into_response();
        }
        (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, to(&uri))]).into_response()
    })
}

fn with_a_key(origin: &str) -> Endpoint {
    Endpoint { auth: Auth::ApiKey("the-key".into()), ..endpoint(origin) }
}

#[tokio::test]
async fn a_redirect_within_the_origin_is_followed_with_its_query_and_credentials() {
    let (app, requests) = recorded(redirecting(|uri| format!("/moved?{}", uri.query().unwrap())));
    let (_, outcome) = receive(with_a_key(&serve(app).await)).await;
    assert_eq!(bodies(&outcome), ["hello"]);
    let requests = requests.lock().unwrap();
    let [(asked, _), (moved, headers)] = &requests[..] else { panic!("two requests: {requests:?}") };
    assert_eq!((moved.path(), moved.query()), ("/moved", asked.query()));
    assert_eq!(headers["x-api-key"], "the-key");
}

#[tokio::test]
async fn a_redirect_to_another_origin_is_not_followed_and_the_other_sees_nothing() {
    let (elsewhere, seen) = recorded(redirecting(|_| "/".into()));
    let elsewhere = serve(elsewhere).await;
    let to = elsewhere.clone();
    let app = redirecting(move |uri| format!("{to}/moved?{}", uri.query().unwrap()));
    let fault = fault(receive(with_a_key(&serve(app).await)).await);
    assert_eq!((fault.kind, fault.remedy, fault.status), (FaultKind::Address, Remedy::Stop, Some(307)));
    assert!(fault.message.contains(at(&elsewhere, "/moved").as_str()), "{fault}");
    assert!(!fault.to_string().contains("only-in-the-url"), "it repeats the query: {fault}");
    assert!(seen.lock().unwrap().is_empty(), "nothing reached the other origin");
}

#[tokio::test]
async fn an_endless_redirect_is_a_fault_after_a_few_requests() {
    let (app, requests) = recorded(redirecting(Uri::to_string));
    let fault = fault(receive(with_a_key(&serve(app).await)).await);
    assert_eq!((fault.kind, fault.remedy), (FaultKind::Address, Remedy::Stop), "{fault}");
    assert!(fault.message.contains("redirects") && !fault.message.contains("another origin"), "{fault}");
    assert!(!fault.to_string().contains("only-in-the-url"), "it repeats the query: {fault}");
    assert_eq!(requests.lock().unwrap().len(), 6, "the first, and five redirects");
}

/// Without its query a receive asks for SQS's defaults, which hide messages from their consumers.
#[tokio::test]
async fn a_redirect_that_loses_the_query_is_not_followed() {
    let (app, requests) = recorded(redirecting(|_| "/moved".into()));
    let fault = fault(receive(with_a_key(&serve(app).await)).await);
    assert_eq!((fault.kind, fault.remedy), (FaultKind::Address, Remedy::Stop), "{fault}");
    assert!(fault.message.contains("/moved") && fault.message.contains("query"), "{fault}");
    assert_eq!(requests.lock().unwrap().len(), 1);
}
