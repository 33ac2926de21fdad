//! The embedded gateway as an HTTP client sees it.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so by panicking")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use qwatch::local::queue::{MaxReceiveCount, Queues, RedrivePolicy, Settings, SqsError};
use qwatch::local::{Gateway, Options, Scenario, Shared, Weather, demo};
use qwatch::sqs::{Message, PackedMessage};
use qwatch::wire::{self, Answer, FaultKind, Shape};
use reqwest::{Client, Method, RequestBuilder};

fn client() -> Client {
    // Only the first test of a run installs it; for plain HTTP any provider will do.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().no_proxy().build().unwrap()
}

struct Served {
    gateway: Gateway,
    shared: Arc<Shared>,
    client: Client,
}

/// `orders` moves to `dead` after three receives; `line.fifo` is a FIFO queue.
fn queues() -> Result<Queues, SqsError> {
    let mut queues = Queues::new(chrono::Utc::now(), 1);
    for name in ["orders", "dead", "line.fifo"] {
        queues.create(name, Settings::default())?;
    }
    let max_receive_count = MaxReceiveCount::try_from(3).unwrap();
    let policy = RedrivePolicy { dead_letter_queue: "dead".to_owned(), max_receive_count };
    queues.set_redrive_policy("orders", &policy)?;
    Ok(queues)
}

async fn start(options: Options) -> Served {
    let shared = Arc::new(Shared::new(queues().unwrap(), Duration::ZERO));
    let listen = "127.0.0.1:0".parse().unwrap();
    let gateway = Gateway::start(listen, options, Arc::clone(&shared)).await.unwrap();
    Served { gateway, shared, client: client() }
}

struct Response {
    status: u16,
    headers: reqwest::header::HeaderMap,
    body: Vec<u8>,
}

impl Response {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    fn decode(&self) -> Result<wire::Received, Box<wire::Fault>> {
        let error_type = self.headers.get("x-amzn-errortype").map(|value| value.to_str().unwrap());
        wire::decode(&Answer { status: self.status, error_type, body: &self.body, ..Answer::default() })
            .map_err(Box::new)
    }

    fn messages(&self) -> Vec<Message> {
        self.decode().unwrap().messages.iter().map(PackedMessage::unpack).collect()
    }
}

async fn fetch(request: RequestBuilder) -> Response {
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Response { status, headers, body: response.bytes().await.unwrap().to_vec() }
}

impl Served {
    fn request(&self, method: &str, path: &str) -> RequestBuilder {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        self.client.request(method, format!("http://{}{path}", self.gateway.address()))
    }

    async fn get(&self, path: &str) -> Response {
        fetch(self.request("GET", path)).await
    }

    async fn send(&self, path: &str, body: &str) -> Response {
        fetch(self.request("POST", path).body(body.to_owned())).await
    }

    async fn delete(&self, path: &str, handle: &str) -> Response {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("receiptHandle", handle)
            .finish();
        fetch(self.request("DELETE", &format!("{path}?{query}"))).await
    }
}

#[tokio::test]
async fn a_demo_has_messages_for_the_very_first_receive_of_every_scenario() {
    let client = client();
    for scenario in Scenario::ALL {
        let started = Instant::now();
        let demo = demo(scenario, 10.0, 1, "127.0.0.1:0".parse().unwrap()).await.unwrap();
        let names: Vec<_> = demo.endpoints().into_iter().map(|(name, _)| name).collect();
        let (orders, dead) = match scenario {
            Scenario::FifoStall => ("orders.fifo", "orders-dlq.fifo"),
            _ => ("orders", "orders-dlq"),
        };
        assert_eq!(names, [orders, "payments", dead]);
        let (_, url) = &demo.endpoints()[0];
        let url = format!("{url}?MaxNumberOfMessages=10&VisibilityTimeout=0&AttributeName=All");
        let received = fetch(client.get(url)).await.messages();
        // A FIFO group that is being worked on shows nothing.
        let least = if scenario == Scenario::FifoStall { 1 } else { 10 };
        assert!(received.len() >= least, "{scenario}: {} after {:?}", received.len(), started.elapsed());
        demo.stop().await;
    }
}

#[tokio::test]
async fn what_is_sent_is_received_and_deleted_as_public_constructs_do_it() {
    let served = start(Options::default()).await;
    let request = served.request("POST", "/?DelaySeconds=0").body("señor 🎉");
    let sent = fetch(request.header("X-Message-Attribute-kind", "order")).await.json();
    let result = &sent["SendMessageResponse"]["SendMessageResult"];
    let received = served.get("/?VisibilityTimeout=0&AttributeName.1=All&MessageAttributeName.1=kind").await;
    let message = received.messages().remove(0);
    assert_eq!(message.body, "señor 🎉");
    assert_eq!(result["MessageId"], message.message_id.as_str());
    assert_eq!(result["MD5OfMessageBody"], message.md5_of_body.as_deref().unwrap());
    assert_eq!(result["MD5OfMessageAttributes"], message.md5_of_message_attributes.as_deref().unwrap());
    assert_eq!(message.message_attributes.get("kind").unwrap().value.to_text(), "order");
    let deleted = served.delete("/message", &message.receipt_handle).await;
    assert!(deleted.json()["DeleteMessageResponse"]["ResponseMetadata"]["RequestId"].is_string());
    assert!(served.get("/orders").await.messages().is_empty());
    served.gateway.stop().await;
}

#[tokio::test]
async fn a_fifo_queue_takes_its_group_and_deduplication_id_from_the_query() {
    let served = start(Options::default()).await;
    let path = "/line.fifo?MessageGroupId=eu&MessageDeduplicationId=1";
    let (first, again) = (served.send(path, "a").await.json(), served.send(path, "a").await.json());
    let result = |answer: &serde_json::Value| answer["SendMessageResponse"]["SendMessageResult"].clone();
    assert_eq!(result(&first), result(&again));
    let received =
        served.get("/line.fifo?MaxNumberOfMessages=10&AttributeName=All&VisibilityTimeout=30").await;
    let messages = received.messages();
    assert_eq!((messages.len(), messages[0].message_group_id()), (1, Some("eu")));
    let deleted = served.delete("/line.fifo/message", &messages[0].receipt_handle).await;
    assert_eq!((deleted.status, deleted.decode().is_err()), (200, true), "a delete's answer is no receive's");
    assert_eq!(served.shared.with(|queues, _| queues.counts("line.fifo")).unwrap().deleted, 1);
    served.gateway.stop().await;
}

#[tokio::test]
async fn an_answer_is_the_one_that_aws_gives() {
    let served = start(Options::default()).await;
    let empty = served.get("/").await;
    let id = empty.header("x-amzn-requestid");
    assert_eq!(
        empty.json(),
        serde_json::json!({ "ReceiveMessageResponse": {
            "ReceiveMessageResult": { "messages": null },
            "ResponseMetadata": { "RequestId": id },
        } })
    );
    assert_eq!(
        (empty.header("content-type"), empty.header("x-amz-apigw-id").len()),
        ("application/json", 16)
    );
    served.gateway.stop().await;
}

#[tokio::test]
async fn every_shape_is_read_back_and_so_are_its_errors() {
    for shape in [Shape::QueryJson, Shape::QueryJsonOneOrMany, Shape::QueryXml, Shape::AwsJson] {
        let served = start(Options { shape, ..Options::default() }).await;
        let sent = served.send("/", "<a> & b").await;
        let received = served.get("/?AttributeName=All").await.decode().unwrap();
        assert_eq!((received.shape, received.messages[0].body()), (shape, "<a> & b"));
        assert!(sent.text().contains(received.messages[0].message_id()), "{shape:?}: {}", sent.text());
        let fault = served.get("/?AttributeName=<x>").await.decode().unwrap_err();
        assert_eq!(fault.code.as_deref(), Some("InvalidAttributeName"), "{shape:?}");
        served.gateway.stop().await;
    }
}

#[tokio::test]
async fn what_sqs_refuses_comes_back_as_its_error_at_status_200_unless_patterns_map_it() {
    let cases = [
        ("GET", "/?MaxNumberOfMessages=11", "InvalidParameterValue"),
        ("GET", "/?VisibilityTimeout=-1", "InvalidParameterValue"),
        ("GET", "/?WaitTimeSeconds=21", "InvalidParameterValue"),
        ("GET", "/?AttributeName=Colour", "InvalidAttributeName"),
        ("POST", "/", "MissingParameter"),
        ("POST", "/line.fifo", "MissingParameter"),
        ("POST", "/?DelaySeconds=901", "InvalidParameterValue"),
        ("DELETE", "/message", "MissingParameter"),
        ("DELETE", "/message?receiptHandle=AQEB", "ReceiptHandleIsInvalid"),
    ];
    for status_patterns in [false, true] {
        let served = start(Options { status_patterns, ..Options::default() }).await;
        for (method, path, code) in cases {
            let body = if path.contains("Delay") || path.contains("fifo") { "a" } else { "" };
            let answer = fetch(served.request(method, path).body(body)).await;
            assert_eq!(answer.status, if status_patterns { 400 } else { 200 }, "{method} {path}");
            let document = answer.json();
            assert_eq!(document["Error"]["Code"], code, "{method} {path}: {document}");
            assert_eq!(document["Error"]["Type"], "Sender");
            assert_eq!(document["RequestId"], answer.header("x-amzn-requestid"));
        }
        served.gateway.stop().await;
    }
}

#[tokio::test]
async fn what_the_gateway_refuses_comes_back_as_api_gateway_s_own_error() {
    let served = start(Options::default()).await;
    let cases = [
        ("GET", "/absent"),
        ("GET", "/orders/more"),
        ("PUT", "/"),
        ("DELETE", "/orders"),
        ("DELETE", "/absent/message?receiptHandle=x"),
    ];
    for (method, path) in cases {
        let answer = fetch(served.request(method, path)).await;
        assert_eq!(answer.status, 403, "{method} {path}");
        assert_eq!(answer.header("x-amzn-errortype"), "MissingAuthenticationTokenException");
        assert_eq!(answer.text(), r#"{"message":"Missing Authentication Token"}"#);
    }
    let large = fetch(served.request("POST", "/").body("x".repeat(10 * 1024 * 1024 + 1))).await;
    assert_eq!((large.status, large.header("x-amzn-errortype")), (413, "RequestTooLargeException"));
    served.gateway.stop().await;
}

#[tokio::test]
async fn ten_full_bodies_do_not_fit_into_one_answer() {
    let served = start(Options::default()).await;
    for _ in 0..10 {
        served.send("/", &"x".repeat(1024 * 1024)).await;
    }
    let answer = served.get("/?MaxNumberOfMessages=10&VisibilityTimeout=30").await;
    assert_eq!((answer.status, answer.text().as_str()), (500, r#"{"message":"Internal server error"}"#));
    assert_eq!(served.shared.with(|queues, _| queues.counts("orders")).unwrap().in_flight, 10);
    served.gateway.stop().await;
}

#[tokio::test]
async fn a_key_is_demanded_where_one_is_set() {
    let served = start(Options { api_key: Some("sesame".to_owned().into()), ..Options::default() }).await;
    for (key, status) in [("", 403), ("sesam", 403), ("sesame ", 200), ("Sesame", 403), ("sesame", 200)] {
        let answer = fetch(served.request("GET", "/").header("x-api-key", key)).await;
        assert_eq!(answer.status, status, "{key:?}; spaces around a header's value are not part of it");
    }
    let without = served.get("/").await;
    assert_eq!((without.status, without.text().as_str()), (403, r#"{"message":"Forbidden"}"#));
    served.gateway.stop().await;
}

#[tokio::test]
async fn bad_weather_is_what_a_client_of_api_gateway_sees() {
    let served = start(Options::default()).await;
    served.shared.set_weather(Weather::Throttled { per_second: 0 });
    let throttled = served.get("/").await;
    assert_eq!((throttled.status, throttled.decode().unwrap_err().kind), (429, FaultKind::Throttled));
    served.shared.set_weather(Weather::Outage);
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(served.get("/").await.status);
    }
    assert_eq!(statuses, [503, 504, 502]);
    served.shared.set_weather(Weather::Clear);
    assert_eq!(served.get("/").await.status, 200);
    served.gateway.stop().await;
}

#[tokio::test]
async fn the_receive_after_max_receive_count_finds_it_in_the_dead_letter_queue() {
    let served = start(Options::default()).await;
    served.send("/orders", "a").await;
    for expected in [1, 1, 1, 0] {
        assert_eq!(served.get("/orders?VisibilityTimeout=0").await.messages().len(), expected);
    }
    assert_eq!(served.get("/dead?VisibilityTimeout=0").await.messages().len(), 1);
    served.gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn under_64_concurrent_receivers_no_message_is_lost_or_doubled() {
    const MESSAGES: usize = 2_000;
    let served = Arc::new(start(Options::default()).await);
    let producer = Arc::clone(&served);
    let producer = tokio::spawn(async move {
        for number in 0..MESSAGES {
            producer.send("/orders", &number.to_string()).await;
        }
    });
    let receivers: Vec<_> =
        (0..64).map(|_| tokio::spawn(receive_and_delete(Arc::clone(&served), MESSAGES))).collect();
    producer.await.unwrap();
    let mut seen = BTreeMap::new();
    for receiver in receivers {
        for body in receiver.await.unwrap() {
            *seen.entry(body).or_insert(0) += 1;
        }
    }
    assert_eq!(seen.len(), MESSAGES);
    assert!(seen.values().all(|times| *times == 1), "each came once");
}

/// Until all are deleted; and at every instant the counts add up.
async fn receive_and_delete(served: Arc<Served>, all: usize) -> Vec<String> {
    let mut bodies = Vec::new();
    loop {
        let messages = served
            .get("/orders?MaxNumberOfMessages=10&VisibilityTimeout=60&WaitTimeSeconds=1")
            .await
            .messages();
        for message in messages {
            served.delete("/orders/message", &message.receipt_handle).await;
            bodies.push(message.body);
        }
        let counts = served.shared.with(|queues, _| queues.counts("orders")).unwrap();
        assert!(counts.is_conserved(), "{counts:?}");
        if counts.deleted == all as u64 {
            return bodies;
        }
    }
}

/// A connection takes a file descriptor at either end, and some systems grant 256.
fn long_polls() -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let line = limits.lines().find(|line| line.starts_with("Max open files"));
    let soft = line.and_then(|line| line.split_whitespace().nth(3)).and_then(|soft| soft.parse().ok());
    soft.map_or(50, |soft: usize| (soft / 2).saturating_sub(50)).min(1000)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_long_polls_are_held_and_answered_when_messages_arrive() {
    let (served, polls) = (Arc::new(start(Options::default()).await), long_polls());
    let waiting: Vec<_> = (0..polls)
        .map(|_| {
            let served = Arc::clone(&served);
            tokio::spawn(async move {
                served.get("/orders?WaitTimeSeconds=20&VisibilityTimeout=60").await.messages()
            })
        })
        .collect();
    while served.shared.receives_under_way() < polls {
        tokio::task::yield_now().await;
    }
    let started = Instant::now();
    for number in 0..polls {
        served.send("/orders", &number.to_string()).await;
    }
    let mut bodies = std::collections::BTreeSet::new();
    for poll in waiting {
        bodies.extend(poll.await.unwrap().into_iter().map(|message| message.body));
    }
    assert_eq!(bodies.len(), polls);
    assert!(started.elapsed() < Duration::from_secs(15), "answered by arrival, not by the end of the wait");
}

#[tokio::test]
async fn a_stop_answers_the_long_polls_and_listens_no_more() {
    let served = start(Options::default()).await;
    let poll = tokio::spawn(fetch(served.request("GET", "/?WaitTimeSeconds=20")));
    while served.shared.receives_under_way() < 1 {
        tokio::task::yield_now().await;
    }
    let started = Instant::now();
    let again = served.request("GET", "/");
    served.gateway.stop().await;
    assert!(poll.await.unwrap().messages().is_empty());
    assert!(started.elapsed() < Duration::from_secs(4));
    assert!(again.send().await.unwrap_err().is_connect());
}
