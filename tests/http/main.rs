//! One receive over real HTTP, from gateways on loopback that behave and from some that do not.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so by panicking")]

mod doors;
mod environment;
mod faults;
mod proxies;
mod redirects;
#[path = "../common/said.rs"]
mod said;
mod secrets;
mod servers;
mod tls;

use std::future::pending;
use std::time::Duration;

use axum::Router;
use http::HeaderName;
use qwatch::observation::{EndpointName, Outcome, Timing};
use qwatch::source::{Auth, Clock, Endpoint, Header, Http, Pace, Pollers, QueryNames, Receive as _};
use qwatch::sqs::{AttributeName, PackedMessage, ReceiveParameters};
use qwatch::wire::{Fault, FaultKind, Remedy, Shape};
use servers::{Then, endpoint, gzip, holding, one_message, raw, receive_from, recorded, serve};
use tokio::sync::mpsc;
use tokio::time::Instant;

async fn receive(endpoint: Endpoint) -> (Timing, Outcome) {
    let parameters = endpoint.parameters.clone();
    Http::new().unwrap().of(endpoint).receive(&parameters).await
}

/// The bodies that came back.
fn bodies(outcome: &Outcome) -> Vec<&str> {
    match outcome {
        Outcome::Received { messages, .. } => messages.iter().map(PackedMessage::body).collect(),
        Outcome::Faulted(fault) => panic!("{fault}"),
        Outcome::Withheld(why) => panic!("{why}"),
    }
}

fn fault((_, outcome): (Timing, Outcome)) -> Fault {
    match outcome {
        Outcome::Received { messages, .. } => panic!("no fault, but {} messages", messages.len()),
        Outcome::Faulted(fault) => fault,
        Outcome::Withheld(why) => panic!("{why}"),
    }
}

#[tokio::test]
async fn a_request_carries_the_query_by_its_owners_names_the_headers_and_the_credentials() {
    let (app, requests) = recorded(Router::new().fallback(|| async { one_message() }));
    let origin = serve(app).await;
    let asking = Endpoint {
        query: QueryNames {
            max_number_of_messages: "max".into(),
            visibility_timeout: "hide for".into(),
            attribute_name: "Attr.1".into(),
            ..QueryNames::default()
        },
        headers: vec![
            Header::new(HeaderName::from_static("x-apigw-api-id"), "abc123").unwrap(),
            Header::new(HeaderName::from_static("host"), "private.example").unwrap(),
        ],
        auth: Auth::ApiKey("the-key".into()),
        parameters: ReceiveParameters {
            max_number_of_messages: 7.try_into().unwrap(),
            attribute_name: vec![AttributeName::SenderId, AttributeName::SentTimestamp],
            message_attribute_name: vec!["trace.*".into()],
            ..ReceiveParameters::default()
        },
        ..endpoint(&origin)
    };
    let (_, outcome) = receive(asking).await;
    assert_eq!(bodies(&outcome), ["hello"]);
    let requests = requests.lock().unwrap();
    let [(uri, headers)] = &requests[..] else { panic!("one request: {requests:?}") };
    assert_eq!(
        uri.to_string(),
        "/prod?queue=only-in-the-url&max=7&hide%20for=0&WaitTimeSeconds=0&Attr.1=SenderId&Attr.2=SentTimestamp\
         &MessageAttributeName=trace.%2A"
    );
    for (name, value) in [
        ("x-apigw-api-id", "abc123"),
        ("host", "private.example"),
        ("x-api-key", "the-key"),
        ("user-agent", concat!("qwatch/", env!("CARGO_PKG_VERSION"))),
    ] {
        assert_eq!(headers.get_all(name).iter().collect::<Vec<_>>(), [value], "{name}");
    }
    assert!(headers["accept-encoding"].to_str().unwrap().contains("gzip"));
}

#[tokio::test]
async fn credentials_travel_in_their_own_header_and_win_over_an_extra_one() {
    let (app, requests) = recorded(Router::new().fallback(|| async { one_message() }));
    let origin = serve(app).await;
    let authorizer = HeaderName::from_static("x-authorizer");
    let extra = vec![Header::new(http::header::AUTHORIZATION, "extra").unwrap()];
    for (auth, name, value) in [
        (Auth::None, "authorization", "extra"),
        (Auth::ApiKey("k".into()), "x-api-key", "k"),
        (Auth::Bearer("t".into()), "authorization", "Bearer t"),
        (Auth::Token { header: authorizer, token: "raw t".into() }, "x-authorizer", "raw t"),
    ] {
        receive(Endpoint { auth, headers: extra.clone(), ..endpoint(&origin) }).await;
        let (_, headers) = requests.lock().unwrap().pop().unwrap();
        assert_eq!(headers.get_all(name).iter().collect::<Vec<_>>(), [value], "{name}");
    }
}

#[tokio::test]
async fn a_gzip_body_is_decoded() {
    let zipped = gzip(&one_message());
    let app = Router::new().fallback(move || async { ([("content-encoding", "gzip")], zipped) });
    let (_, outcome) = receive(endpoint(&serve(app).await)).await;
    assert_eq!(bodies(&outcome), ["hello"]);
}

#[tokio::test]
async fn each_receive_asks_with_the_parameters_of_now() {
    let (app, requests) = recorded(Router::new().fallback(|| async { one_message() }));
    let mut gateway = receive_from(&serve(app).await);
    let one = ReceiveParameters { max_number_of_messages: 1.try_into().unwrap(), ..Default::default() };
    let ten = ReceiveParameters::default();
    for parameters in [&ten, &ten, &one, &one, &ten] {
        gateway.receive(parameters).await;
    }
    let asked = requests.lock().unwrap();
    let numbers =
        asked.iter().map(|(uri, _)| uri.query().unwrap().split('&').find(|pair| pair.starts_with("Max")));
    let wanted = [10, 10, 1, 1, 10].map(|number| format!("MaxNumberOfMessages={number}"));
    assert_eq!(numbers.map(Option::unwrap_or_default).collect::<Vec<_>>(), wanted);
}

#[tokio::test]
async fn the_gateways_request_id_is_kept_with_the_messages() {
    let app = Router::new().fallback(|| async { ([("x-amzn-requestid", "of-the-header")], one_message()) });
    let (_, outcome) = receive(endpoint(&serve(app).await)).await;
    let Outcome::Received { shape, request_id, .. } = outcome else { panic!("{outcome:?}") };
    assert_eq!((shape, request_id.as_deref()), (Shape::QueryJson, Some("of-the-header")));
}

#[tokio::test]
async fn connecting_is_timed_when_a_connection_is_opened_and_only_then() {
    let origin = serve(Router::new().fallback(|| async { one_message() })).await;
    let mut gateway = receive_from(&origin);
    let (first, _) = gateway.receive(&ReceiveParameters::default()).await;
    let (second, _) = gateway.receive(&ReceiveParameters::default()).await;
    let opened = first.connect.expect("the first receive opens a connection");
    assert!(opened <= first.first_byte.unwrap() && first.first_byte.unwrap() <= first.total, "{first:?}");
    assert_eq!(second.connect, None, "the second receive reuses it");
    assert!(second.first_byte.unwrap() <= second.total, "{second:?}");

    let (refused, _) = receive(endpoint(&servers::nobody().await)).await;
    assert_eq!((refused.connect, refused.first_byte), (None, None));
    let cut_short: &[&[u8]] = &[b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"];
    let (cut_short, _) = receive(endpoint(&raw(cut_short, Then::Close).await)).await;
    assert!(cut_short.first_byte.is_some(), "an answer began");
}

/// Time stands still while anything happens and leaps when nothing does, to the only timer there is: the request's.
#[tokio::test(flavor = "current_thread")]
async fn a_request_is_given_what_it_asked_sqs_to_wait_and_ten_seconds_more() {
    for wait in [0, 20] {
        let parameters =
            ReceiveParameters { wait_time_seconds: wait.try_into().unwrap(), ..Default::default() };
        let slow_headers = Router::new().fallback(pending::<()>);
        let slow_body: &[&[u8]] = &[b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"Receive"];
        for (name, origin) in
            [("headers", serve(slow_headers).await), ("body", raw(slow_body, Then::Hold).await)]
        {
            let mut gateway = receive_from(&origin);
            tokio::time::pause();
            let began = Instant::now();
            let fault = fault(gateway.receive(&parameters).await);
            let waited = began.elapsed();
            tokio::time::resume();
            let given = Duration::from_secs(u64::from(wait) + 10);
            assert!((given..given + Duration::from_millis(10)).contains(&waited), "{name}: {waited:?}");
            assert_eq!((fault.kind, fault.remedy), (FaultKind::Network, Remedy::BackOff), "{name}");
            assert_eq!(fault.code.as_deref(), Some("TimedOut"), "{name}");
            assert!(fault.to_string().contains("timed out"), "{name}: {fault}");
            assert_eq!(fault.excerpt.is_some(), name == "body", "{name}: what came is shown");
        }
    }
}

#[tokio::test]
async fn stopping_or_removing_reads_the_receive_in_flight_to_its_end() {
    for removing in [false, true] {
        let (origin, mut arrivals, let_go) = holding().await;
        let (observer, mut observations) = mpsc::channel(4);
        let mut pollers = Pollers::new(Http::new().unwrap(), Clock::start(), observer);
        let name = EndpointName::from("orders");
        pollers.start(&Endpoint {
            pace: Pace { interval: Pace::SHORTEST, ..Pace::default() },
            ..endpoint(&origin)
        });
        arrivals.recv().await.unwrap();
        if removing {
            pollers.remove(&name);
        }
        let mut in_flight = pollers.stop();
        let_go.notify_one();
        let last = observations.recv().await.expect("what was received is observed");
        assert_eq!(last.messages().len(), 1);
        assert!(observations.recv().await.is_none(), "then the channel closes");
        in_flight.join_next().await.unwrap().unwrap();
        assert!(arrivals.try_recv().is_err(), "nothing more is asked");
    }
}
