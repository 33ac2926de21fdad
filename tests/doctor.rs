//! `qwatch doctor` as a user runs it, on gateways with one thing wrong each. Behind them is a queue with SQS's rules.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so by panicking")]

#[path = "http/tls.rs"]
mod tls;

use std::collections::BTreeMap;
use std::process::{Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::response::{IntoResponse as _, Response};
use http::{StatusCode, Uri};
use qwatch::local::queue::{Queues, SendMessage, Settings};
use qwatch::local::{Gateway, Options, Shared};
use qwatch::sqs::{AttributeValue, MessageAttribute};
use reqwest::Client;
use serde_json::Value;
use tokio::process::Command;

/// One way to build a gateway.
struct Built {
    /// Names that are not forwarded.
    drops: &'static [&'static str],
    /// Names that are always forwarded so.
    sets: &'static [(&'static str, &'static str)],
    /// What happens to an answer.
    mapping: fn(StatusCode, String) -> Response,
    fifo: bool,
    messages: usize,
}

fn as_it_is(status: StatusCode, body: String) -> Response {
    (status, body).into_response()
}

const GOOD: Built = Built { drops: &[], sets: &[], mapping: as_it_is, fifo: false, messages: 12 };

/// A running gateway, and how many requests reached it.
struct Running {
    url: String,
    requests: Arc<Mutex<u32>>,
    queue: Arc<Shared>,
    _behind: Gateway,
}

async fn app(built: Built) -> (Router, Arc<Mutex<u32>>, Arc<Shared>, Gateway) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let name = if built.fifo { "orders.fifo" } else { "orders" };
    let mut queues = Queues::new(chrono::Utc::now(), 1);
    queues.create(name, Settings { content_based_deduplication: built.fifo, ..Settings::default() }).unwrap();
    for number in 0..built.messages {
        let mut message = SendMessage { body: format!(" order {number} "), ..SendMessage::default() };
        message.message_group_id = built.fifo.then(|| format!("group-{number}"));
        let kind =
            MessageAttribute { data_type: "String".into(), value: AttributeValue::String("order".into()) };
        message.message_attributes.push("kind", kind);
        queues.send(name, message, Duration::ZERO).unwrap();
    }
    let shared = Arc::new(Shared::new(queues, Duration::ZERO));
    let options = Options { status_patterns: true, ..Options::default() };
    let behind = Gateway::start("127.0.0.1:0".parse().unwrap(), options, Arc::clone(&shared)).await.unwrap();
    let base = format!("http://{}/", behind.address());
    let client = Client::builder().no_proxy().build().unwrap();
    let requests = Arc::new(Mutex::new(0));
    let count = Arc::clone(&requests);
    let built = Arc::new(built);
    let app = Router::new().fallback(move |uri: Uri| {
        *count.lock().unwrap() += 1;
        let (client, base, built) = (client.clone(), base.clone(), Arc::clone(&built));
        async move {
            let asked = url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).into_owned();
            let kept = asked.filter(|(name, _)| !built.drops.contains(&name.as_str()));
            let set = built.sets.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            let mut url = url::Url::parse(&base).unwrap();
            url.query_pairs_mut().extend_pairs(kept.chain(set));
            let answer = client.get(url).send().await.unwrap();
            (built.mapping)(answer.status(), answer.text().await.unwrap())
        }
    });
    (app, requests, shared, behind)
}

async fn start(built: Built) -> Running {
    let (app, requests, queue, behind) = app(built).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/prod", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    Running { url, requests, queue, _behind: behind }
}

async fn doctor(words: &[&str]) -> Output {
    let home = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_qwatch"));
    command.arg("doctor").args(words).env_clear().env("HOME", home.path()).stdin(Stdio::null());
    command.kill_on_drop(true).output().await.unwrap()
}

type Checks = BTreeMap<String, (String, String)>;

fn checks(output: &Output) -> Checks {
    let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
    let checks = report["checks"].as_array().unwrap().iter().map(|check| {
        let text = |key: &str| check[key].as_str().unwrap_or_default().to_owned();
        (text("check"), (text("verdict"), format!("{}|{}|{}", text("seen"), text("why"), text("change"))))
    });
    checks.collect()
}

fn of<'a>(checks: &'a Checks, verdict: &str) -> Vec<&'a str> {
    checks.iter().filter(|(_, (found, _))| found == verdict).map(|(check, _)| check.as_str()).collect()
}

async fn diagnosed(built: Built, more: &[&str]) -> (Option<i32>, Checks) {
    let gateway = start(built).await;
    let output = doctor(&[&[gateway.url.as_str(), "--json"], more].concat()).await;
    assert!(*gateway.requests.lock().unwrap() <= 8, "at most eight requests");
    (output.status.code(), checks(&output))
}

/// The one finding, and words that it must have.
async fn assert_finds(what: &str, built: Built, expected: &[(&str, &str)]) {
    let (code, checks) = diagnosed(built, &["--dead-letter"]).await;
    let names: Vec<&str> = expected.iter().map(|(check, _)| *check).collect();
    assert_eq!(of(&checks, "finding"), names, "{what}: {checks:#?}");
    for (check, words) in expected {
        let said = &checks[*check].1;
        assert!(said.contains(words), "{what}: {said}");
        assert!(said.split('|').all(|part| part.len() > 8), "{what}: seen, why and change: {said}");
    }
    assert_eq!(code, Some(i32::from(!expected.is_empty())), "{what}");
}

#[tokio::test]
async fn a_good_gateway_is_healthy() {
    assert_finds("full", GOOD, &[]).await;
    assert_finds("empty", Built { messages: 0, ..GOOD }, &[]).await;
    assert_finds("one message", Built { messages: 1, ..GOOD }, &[]).await;
    let (_, checks) = diagnosed(Built { fifo: true, ..GOOD }, &["--dead-letter"]).await;
    assert!(checks["queue"].1.contains("a FIFO queue"), "{checks:#?}");
    assert!(checks["wait_time_seconds"].1.contains("SQS, which refuses 21 s"), "{checks:#?}");
    let (_, checks) = diagnosed(Built { messages: 0, ..GOOD }, &[]).await;
    assert!(
        checks["wait_time_seconds"].1.contains("answered after 2."),
        "by time, where nothing is there: {checks:#?}"
    );
}

#[tokio::test]
async fn each_thing_that_is_wrong_is_found_and_nothing_else() {
    let forwards =
        |name: &str| format!("integration.request.querystring.{name}: method.request.querystring.{name}");
    assert_finds(
        "always ten",
        Built { drops: &["MaxNumberOfMessages"], sets: &[("MaxNumberOfMessages", "10")], ..GOOD },
        &[("max_number_of_messages", &forwards("MaxNumberOfMessages"))],
    )
    .await;
    assert_finds(
        "always one",
        Built { drops: &["MaxNumberOfMessages"], ..GOOD },
        &[("max_number_of_messages", "asked for 10 and got 1")],
    )
    .await;
    assert_finds(
        "hides",
        Built { drops: &["VisibilityTimeout"], ..GOOD },
        &[("visibility_timeout", &forwards("VisibilityTimeout"))],
    )
    .await;
    for messages in [0, 12] {
        assert_finds(
            "does not wait",
            Built { drops: &["WaitTimeSeconds"], messages, ..GOOD },
            &[("wait_time_seconds", &forwards("WaitTimeSeconds"))],
        )
        .await;
    }
    assert_finds(
        "no system attributes",
        Built { drops: &["AttributeName"], ..GOOD },
        &[("attribute_name", &forwards("AttributeName"))],
    )
    .await;
}

#[tokio::test]
async fn custom_attributes_that_do_not_come_are_no_finding_until_something_tells() {
    let (code, checks) =
        diagnosed(Built { drops: &["MessageAttributeName"], ..GOOD }, &["--dead-letter"]).await;
    assert_eq!((code, of(&checks, "finding").len()), (Some(0), 0), "{checks:#?}");
    assert!(checks["message_attribute_name"].1.contains("Send one"), "{checks:#?}");
    // Their digest without them tells.
    let without = |status, body: String| {
        let mut answer: Value = serde_json::from_str(&body).unwrap();
        if let Some(messages) = answer.pointer_mut("/ReceiveMessageResponse/ReceiveMessageResult/messages") {
            for message in messages.as_array_mut().into_iter().flatten() {
                message["MessageAttributes"] = Value::Null;
            }
        }
        as_it_is(status, answer.to_string())
    };
    assert_finds(
        "digests without attributes",
        Built { mapping: without, ..GOOD },
        &[("message_attribute_name", "MD5OfMessageAttributes")],
    )
    .await;
}

#[tokio::test]
async fn what_the_gateway_makes_of_an_answer_is_found() {
    assert_finds(
        "errors as 200",
        Built { mapping: |_, body| as_it_is(StatusCode::OK, body), ..GOOD },
        &[("errors", "InvalidParameterValue comes as HTTP 200")],
    )
    .await;
    assert_finds(
        "trims",
        Built { mapping: |status, body| as_it_is(status, body.replace("\" order", "\"order")), ..GOOD },
        &[("body", "bodies are not as SQS stored them")],
    )
    .await;
    assert_finds(
        "changes attributes",
        Built {
            mapping: |status, body| {
                as_it_is(status, body.replace(r#""StringValue":"order""#, r#""StringValue":"Order""#))
            },
            ..GOOD
        },
        &[("message_attributes", "not as they were sent")],
    )
    .await;
    assert_finds(
        "a template of its own",
        Built { mapping: |status, _| as_it_is(status, r#"{"items":[]}"#.into()), ..GOOD },
        &[("answers", "ResponseTemplates")],
    )
    .await;
    assert_finds(
        "a key is wanted",
        Built {
            mapping: |_, _| as_it_is(StatusCode::FORBIDDEN, r#"{"message":"Forbidden"}"#.into()),
            ..GOOD
        },
        &[("answers", "--api-key-env")],
    )
    .await;
    assert_finds(
        "another clock",
        Built {
            mapping: |status, body| {
                (status, [("date", "Sun, 06 Nov 1994 08:49:37 GMT")], body).into_response()
            },
            ..GOOD
        },
        &[("clock", "s behind ours")],
    )
    .await;
    let throttled = |_, _| {
        let headers = [("retry-after", "7"), ("x-ratelimit-limit", "1")];
        (StatusCode::TOO_MANY_REQUESTS, headers, r#"{"message":"Too Many Requests"}"#).into_response()
    };
    assert_finds(
        "throttles",
        Built { mapping: throttled, ..GOOD },
        &[("answers", "429"), ("throttling", "x-ratelimit-limit: 1")],
    )
    .await;
}

#[tokio::test]
async fn a_cache_is_found_by_what_it_repeats() {
    static KEPT: Mutex<Option<String>> = Mutex::new(None);
    let cached = |status: StatusCode, body: String| {
        if !status.is_success() {
            return as_it_is(status, body);
        }
        as_it_is(status, KEPT.lock().unwrap().get_or_insert(body).clone())
    };
    let (code, checks) = diagnosed(Built { mapping: cached, ..GOOD }, &["--dead-letter"]).await;
    assert_eq!((code, checks["caching"].0.as_str()), (Some(1), "finding"), "{checks:#?}");
    assert!(checks["caching"].1.contains("CachingEnabled: false"), "{checks:#?}");
}

#[tokio::test]
async fn the_guard_holds_for_the_doctor_too() {
    let gateway = start(Built { messages: 3, ..GOOD }).await;
    let output = doctor(&[&gateway.url, "--json", "--max-receive-count", "2"]).await;
    let checks = checks(&output);
    let most = gateway.queue.with(|queues, now| {
        queues.settle(now);
        queues.counts("orders").unwrap().received
    });
    assert!(most <= 3, "each message was received once at most: {most}");
    assert!(of(&checks, "unknown").contains(&"attribute_name"), "{checks:#?}");
    assert!(checks["attribute_name"].1.contains("the guard stopped"), "{checks:#?}");
}

#[tokio::test]
async fn a_dry_run_asks_nothing_and_more_than_one_gateway_is_a_line_each() {
    let (first, second) = (start(GOOD).await, start(GOOD).await);
    let output = doctor(&[&first.url, &second.url, "--dry-run", "--json"]).await;
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!((*first.requests.lock().unwrap(), *second.requests.lock().unwrap()), (0, 0));
    let lines: Vec<Value> = output
        .stdout
        .split_inclusive(|byte| *byte == b'\n')
        .map(|line| serde_json::from_slice(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 2);
    assert_eq!((&lines[0]["requests"], &lines[0]["findings"]), (&0.into(), &0.into()));
    let text = doctor(&[&first.url]).await;
    let text = String::from_utf8(text.stdout).unwrap();
    assert!(text.find("at most 8 requests").unwrap() < text.find("resolves").unwrap(), "{text}");
}

#[tokio::test]
async fn certificates_are_read_whether_or_not_they_are_trusted() {
    let authority = tls::Authority::new();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("authority.pem");
    std::fs::write(&file, authority.pem()).unwrap();
    let trusting = ["--ca", file.to_str().unwrap(), "--json", "--dead-letter"];
    for (kind, trusted, expected, words) in [
        (tls::Kind::Good, true, vec![], "TLSv1_3 for h2"),
        (tls::Kind::Good, false, vec!["answers", "tls"], "UnknownIssuer"),
        (tls::Kind::Soon, true, vec!["tls"], "in 9 days"),
        (tls::Kind::Expired, true, vec!["answers", "tls"], "10 days ago"),
        (tls::Kind::Misnamed, true, vec!["answers", "tls"], "elsewhere.example"),
    ] {
        let (app, _, _, _behind) = app(GOOD).await;
        let url = authority.serve(app, kind, None).await;
        let more: &[&str] = if trusted { &trusting } else { &trusting[2..] };
        let output = doctor(&[&[url.as_str()], more].concat()).await;
        let checks = checks(&output);
        assert_eq!(of(&checks, "finding"), expected, "{checks:#?}");
        assert!(checks["tls"].1.contains(words), "{checks:#?}");
    }
}

/// Its paths are found from the file's own folder, the key in a file of its own.
#[tokio::test]
async fn a_client_certificate_of_the_config_file_is_shown() {
    let (ours, clients) = (tls::Authority::new(), tls::Authority::new());
    let (app, _, _, _behind) = app(GOOD).await;
    let url = ours.serve(app, tls::Kind::Good, Some(&clients)).await;
    let folder = tempfile::tempdir().unwrap();
    let pair = clients.issue(tls::Kind::Good);
    let file = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    file("authority.pem", &ours.pem());
    file("client.pem", &pair.certificate);
    file("key.pem", &pair.key);
    let endpoint =
        format!("[[endpoint]]\nname = 'a'\nurl = '{url}'\ndead_letter = true\nca = 'authority.pem'\n");
    file("without.toml", &endpoint);
    file("with.toml", &format!("{endpoint}client_cert = 'client.pem'\nclient_key = 'key.pem'\n"));
    file("wrong.toml", &format!("{endpoint}client_cert = 'client.pem'\n"));
    let config = |name: &str| folder.path().join(name).display().to_string();
    let with = doctor(&["a", "--json", "--config", &config("with.toml")]).await;
    assert_eq!((with.status.code(), of(&checks(&with), "finding").len()), (Some(0), 0), "{with:?}");
    let without = doctor(&["a", "--json", "--config", &config("without.toml")]).await;
    let found = checks(&without);
    // How the request itself fails depends on how far it came before the alert arrived.
    assert_eq!(of(&found, "finding"), ["answers", "tls"], "{found:#?}");
    let said = &found["tls"].1;
    assert!(said.contains("CertificateRequired") && said.contains("--client-cert"), "{said}");
    let wrong = doctor(&["a", "--config", &config("wrong.toml")]).await;
    let said = String::from_utf8_lossy(&wrong.stderr).into_owned();
    assert_eq!(wrong.status.code(), Some(2), "{said}");
    assert!(said.contains("line 3: endpoint.client_key:") && said.contains("client.pem holds no"), "{said}");
}

#[tokio::test]
async fn a_host_that_is_not_there_is_found_before_anything_is_asked() {
    let output = doctor(&["https://nowhere.invalid/prod", "--json"]).await;
    let checks = checks(&output);
    assert_eq!(of(&checks, "finding"), ["answers", "resolves"], "{checks:#?}");
    assert_eq!(output.status.code(), Some(1));
    let refused = doctor(&["http://user:hunter2@host/", "--json"]).await;
    assert_eq!(refused.status.code(), Some(2), "{refused:?}");
    assert!(!String::from_utf8_lossy(&refused.stderr).contains("hunter2"), "{refused:?}");
}
