//! The program against a real API Gateway in front of a real SQS: `LocalStack`, which `.ci/localstack` installs and
//! starts. Nothing here is mocked, so what these tests promise holds for the whole way a message takes: SQS, the
//! gateway's mapping, HTTP, the decoder, and the line `qwatch tail` prints.
//!
//! They are ignored by a plain `cargo test`, which must pass without a Python, and fail rather than skip when they are
//! asked for and `QWATCH_LOCALSTACK` does not say where `LocalStack` listens.

use std::{
    collections::{BTreeMap, HashSet},
    process::{ExitStatus, Stdio},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Map, Value, json};
use tokio::{
    io::{AsyncRead, AsyncReadExt},
    process::Command,
    time::timeout,
};

const MESSAGES: usize = 250;

/// These tests take seconds: only a program that hangs gets there.
const PATIENCE: Duration = Duration::from_secs(120);

/// The order is a contract: others cut these lines by position.
const KEYS: [&str; 8] = [
    "endpoint",
    "received_at",
    "first_seen",
    "message_id",
    "body",
    "md5_of_body",
    "attributes",
    "message_attributes",
];

/// `№` stands for the message's number. None begins or ends in white space: where the gateway answers in JSON,
/// `LocalStack` trims every value (and makes an empty one null), which a reader of its answers cannot undo.
const BODIES: [&str; 12] = [
    "order № shipped",
    r#"{"orderId":"A-№","status":"failed","lines":[{"sku":"x","total":1.50}],"note":null}"#,
    "{\n  \"pretty\": №,\n  \"path\": \"C:\\\\temp\\\\\\u0041\"\n}",
    "№ <b>bold</b> & \"double\" 'single' &amp; <![CDATA[ raw ]]>",
    "<?xml version=\"1.0\"?><order id=\"№\"><total>1 < 2</total></order>",
    "数量 № 個、注文済み。주문 완료",
    "parcel № 📦 for 👩‍💻 in 🇩🇰",
    "№ cafe\u{301}, not café; n\u{303}, not ñ",
    "طلب № جاهز, and \u{202e}overridden\u{202c} text",
    "№\ttab\nline feed\r\nboth\rreturn and \u{a0}\u{2028} and \u{feff} inside",
    r"\u0041 \n № \\ %41+%20 $input.body #set($x=1) null",
    "№",
];

#[tokio::test]
#[ignore = "needs LocalStack: .ci/run installs and starts it, and sets QWATCH_LOCALSTACK"]
async fn every_message_sent_is_printed_once_and_as_it_was_sent() {
    let localstack = LocalStack::from_environment();
    let queue = localstack.create_queue("every-message").await;
    let gateway = localstack.create_gateway(&queue.name, Answer::Json).await;
    let sent = localstack.send(&queue, (0..MESSAGES).map(Message::numbered)).await;

    let tail = tail(&gateway, MESSAGES).await;

    tail.assert_exit(0);
    let lines = tail.lines();
    assert_eq!(lines.len(), MESSAGES, "one line a message: {tail:?}");
    for line in &lines {
        assert_keys_in_order(line);
        assert_printed_as_sent(&parsed(line), &sent);
    }
    let printed: HashSet<_> = lines.iter().map(|line| message_id(&parsed(line))).collect();
    assert_eq!(printed.len(), sent.len(), "every message once");
}

/// The owner of a gateway may ask SQS for XML, and then `LocalStack` changes no byte of it; its `Content-Type` says
/// JSON all the same. So this is where white space at the edges can be held to what was sent.
#[tokio::test]
#[ignore = "needs LocalStack: .ci/run installs and starts it, and sets QWATCH_LOCALSTACK"]
async fn white_space_around_a_body_is_kept_by_a_gateway_that_answers_xml() {
    let bodies = ["  both  ", "trailing newline\n", "\r\nleading", " ", "\n", "\t", "\u{a0}\u{3000}"];
    let localstack = LocalStack::from_environment();
    let queue = localstack.create_queue("white-space").await;
    let gateway = localstack.create_gateway(&queue.name, Answer::Xml).await;
    let sent = localstack.send(&queue, bodies.map(Message::padded)).await;

    let tail = tail(&gateway, bodies.len()).await;

    tail.assert_exit(0);
    for line in tail.lines() {
        assert_printed_as_sent(&parsed(line), &sent);
    }
}

/// SQS refuses, and the gateway passes the refusal on as HTTP 200: taken by its status it would be an empty queue.
#[tokio::test]
#[ignore = "needs LocalStack: .ci/run installs and starts it, and sets QWATCH_LOCALSTACK"]
async fn a_gateway_to_a_queue_that_does_not_exist_fails_with_the_code_of_sqs() {
    let localstack = LocalStack::from_environment();
    let gateway = localstack.create_gateway(&unique("never-created"), Answer::Json).await;

    let tail = tail(&gateway, 1).await;

    tail.assert_exit(1);
    tail.assert_stderr_names("NonExistentQueue");
    assert_eq!(tail.stdout, "", "a fault is no message");
}

#[tokio::test]
#[ignore = "needs LocalStack: .ci/run installs and starts it, and sets QWATCH_LOCALSTACK"]
async fn an_address_without_a_deployed_api_fails_with_the_status() {
    let localstack = LocalStack::from_environment();

    let tail = tail(&localstack.invoke_url("nosuchapi"), 1).await;

    tail.assert_exit(1);
    tail.assert_stderr_names("404");
    assert_eq!(tail.stdout, "", "a fault is no message");
}

// --- what was printed -----------------------------------------------------------------------------------------

/// Looks for the keys in the text: parsing forgets their order. A key inside a body cannot be mistaken for one, as
/// its quotes are escaped there.
fn assert_keys_in_order(line: &str) {
    let places = KEYS.map(|key| line.find(&format!("\"{key}\":")));
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "keys in the order {KEYS:?}: {line}");
    let object = parsed(line);
    assert_eq!(object.len(), KEYS.len(), "and no other key: {line}");
}

fn assert_printed_as_sent(printed: &Map<String, Value>, sent: &BTreeMap<String, Sent>) {
    let sent = sent
        .get(message_id(printed).as_str())
        .unwrap_or_else(|| panic!("a message that was not sent: {printed:?}"));
    assert_eq!(printed["body"], sent.message.body, "the body, to the last byte");
    assert_eq!(printed["md5_of_body"], sent.md5_of_body);
    assert_eq!(printed["message_attributes"], sent.message.printed_attributes());
    assert_eq!(printed["attributes"]["ApproximateReceiveCount"], "1", "system attributes too: {printed:?}");
    assert_eq!(printed["first_seen"], true);
    assert_utc_with_milliseconds(&printed["received_at"]);
}

fn assert_utc_with_milliseconds(time: &Value) {
    const SHAPE: &str = "0000-00-00T00:00:00.000Z";
    let shape: Option<String> = time.as_str().map(|time| {
        let digit_as_zero = |c: char| if c.is_ascii_digit() { '0' } else { c };
        time.chars().map(digit_as_zero).collect()
    });
    assert_eq!(shape.as_deref(), Some(SHAPE), "RFC 3339, UTC, milliseconds: {time}");
}

fn parsed(line: &str) -> Map<String, Value> {
    serde_json::from_str(line).unwrap_or_else(|error| panic!("not a JSON object ({error}): {line}"))
}

fn message_id(printed: &Map<String, Value>) -> String {
    text(&printed["message_id"])
}

fn text(value: &Value) -> String {
    let text = value.as_str();
    text.unwrap_or_else(|| panic!("not a string: {value}")).to_owned()
}

// --- the program ----------------------------------------------------------------------------------------------

/// How a run of the program ended.
#[derive(Debug)]
struct Tail {
    status: ExitStatus,
    stdout: String,
    stderr: String,
}

impl Tail {
    fn lines(&self) -> Vec<&str> {
        self.stdout.lines().collect()
    }

    fn assert_exit(&self, code: i32) {
        assert_eq!(self.status.code(), Some(code), "exit code; on stderr:\n{}", self.stderr);
    }

    fn assert_stderr_names(&self, wanted: &str) {
        let Self { stderr, .. } = self;
        assert!(stderr.contains(wanted), "{wanted} on stderr:\n{stderr}");
    }
}

/// Runs `qwatch tail` on `gateway` until it has printed `count` messages, or has given up.
async fn tail(gateway: &str, count: usize) -> Tail {
    let mut child = Command::new(env!("CARGO_BIN_EXE_qwatch"))
        .args(["tail", gateway, "--count", &count.to_string(), "--distinct"])
        .args(["--max-number-of-messages", "10"])
        .args(["--visibility-timeout", "120"])
        .args(["--attribute-name", "All"])
        .args(["--message-attribute-name", "All"])
        .args(["--interval", "50ms"])
        // Neither the developer's QWATCH_* and proxies nor their config file may decide what is tested.
        .env_clear()
        .env("HOME", env!("CARGO_TARGET_TMPDIR"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("the program starts");
    // Read while it runs: a program that nobody reads stops once the pipe is full.
    let stdout = tokio::spawn(read_all(child.stdout.take()));
    let stderr = tokio::spawn(read_all(child.stderr.take()));
    let Ok(status) = timeout(PATIENCE, child.wait()).await else {
        child.kill().await.expect("the program can be ended");
        let stdout = stdout.await.expect("stdout was read");
        let stderr = stderr.await.expect("stderr was read");
        panic!("still running after {PATIENCE:?}; stdout:\n{stdout}\nstderr:\n{stderr}");
    };
    Tail {
        status: status.expect("the program was waited for"),
        stdout: stdout.await.expect("stdout was read"),
        stderr: stderr.await.expect("stderr was read"),
    }
}

async fn read_all(pipe: Option<impl AsyncRead + Unpin>) -> String {
    let mut text = String::new();
    let mut pipe = pipe.expect("the stream is piped");
    pipe.read_to_string(&mut text).await.expect("the program writes UTF-8");
    text
}

// --- messages -------------------------------------------------------------------------------------------------

struct Message {
    body: String,
    attributes: BTreeMap<&'static str, Attribute>,
}

struct Attribute {
    data_type: &'static str,
    value: AttributeValue,
}

enum AttributeValue {
    Text(String),
    Bytes(Vec<u8>),
}

/// What SQS said of a message when it took it.
struct Sent {
    message: Message,
    md5_of_body: String,
}

impl Message {
    /// Every combination of body and attributes comes up, as their cycles share no factor, and every fiftieth body
    /// is long enough that an answer takes many packets.
    fn numbered(number: usize) -> Self {
        let body = BODIES[number % BODIES.len()].replace('№', &number.to_string());
        let times = if number % 50 == 49 { 1_000 } else { 1 };
        Self { body: body.repeat(times), attributes: some_attributes(number) }
    }

    fn padded(body: &str) -> Self {
        let padded = Attribute::text("String", " kept ");
        Self { body: body.to_owned(), attributes: BTreeMap::from([("padded", padded)]) }
    }

    fn batch_entry(&self, id: usize) -> Value {
        let attributes: Map<_, _> = self
            .attributes
            .iter()
            .map(|(name, attribute)| ((*name).to_owned(), attribute.as_sent()))
            .collect();
        json!({ "Id": id.to_string(), "MessageBody": self.body, "MessageAttributes": attributes })
    }

    fn printed_attributes(&self) -> Value {
        self.attributes.iter().map(|(name, attribute)| ((*name).to_owned(), attribute.as_printed())).collect()
    }
}

impl Attribute {
    fn text(data_type: &'static str, value: &str) -> Self {
        Self { data_type, value: AttributeValue::Text(value.to_owned()) }
    }

    fn bytes(value: &[u8]) -> Self {
        Self { data_type: "Binary", value: AttributeValue::Bytes(value.to_vec()) }
    }

    fn as_sent(&self) -> Value {
        match &self.value {
            AttributeValue::Text(text) => {
                json!({ "DataType": self.data_type, "StringValue": text })
            }
            AttributeValue::Bytes(bytes) => {
                json!({ "DataType": self.data_type, "BinaryValue": BASE64.encode(bytes) })
            }
        }
    }

    fn as_printed(&self) -> Value {
        let value = match &self.value {
            AttributeValue::Text(text) => text.clone(),
            AttributeValue::Bytes(bytes) => BASE64.encode(bytes),
        };
        json!({ "data_type": self.data_type, "value": value })
    }
}

/// None, one or several: SQS answers each of the three in another shape.
fn some_attributes(number: usize) -> BTreeMap<&'static str, Attribute> {
    let kind = || ("kind", Attribute::text("String", "ordre 注文 🚚 e\u{301}"));
    let price = || ("price.eur", Attribute::text("Number", "-3.50"));
    let digest = || ("digest", Attribute::bytes(&[0, 1, 0x7f, 0x80, 0xfe, 0xff, b'<']));
    let markup = || ("markup", Attribute::text("String.html", "<&>\"' &amp;"));
    match number % 7 {
        0 | 1 => BTreeMap::new(),
        2 => BTreeMap::from([kind()]),
        3 => BTreeMap::from([price()]),
        4 => BTreeMap::from([digest()]),
        5 => BTreeMap::from([kind(), markup()]),
        _ => BTreeMap::from([kind(), price(), digest(), markup()]),
    }
}

// --- LocalStack -----------------------------------------------------------------------------------------------

/// What the gateway asks SQS to answer in.
enum Answer {
    Json,
    Xml,
}

struct Queue {
    name: String,
    url: String,
}

struct LocalStack {
    http: Client,
    url: String,
}

impl LocalStack {
    fn from_environment() -> Self {
        let url = std::env::var("QWATCH_LOCALSTACK").unwrap_or_else(|_| {
            panic!(
                "QWATCH_LOCALSTACK is unset. It is the URL of a running LocalStack: \
                 `QWATCH_LOCALSTACK=$(.ci/localstack start target/localstack) \
                 cargo test --test localstack -- --ignored`, or let .ci/run do it all"
            )
        });
        // The provider that the program installs for itself; here nobody did. Another test may have been faster.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = Client::builder().no_proxy().timeout(PATIENCE);
        Self { http: http.build().expect("an HTTP client"), url: url.trim_end_matches('/').to_owned() }
    }

    async fn create_queue(&self, purpose: &str) -> Queue {
        let name = unique(purpose);
        let created = self.sqs("CreateQueue", &json!({ "QueueName": name })).await;
        let url = text(&created["QueueUrl"]);
        Queue { name, url }
    }

    /// Sends in batches of ten, the most SQS takes, and keeps what it answered, by message id.
    async fn send(
        &self,
        queue: &Queue,
        messages: impl IntoIterator<Item = Message>,
    ) -> BTreeMap<String, Sent> {
        let mut messages: Vec<_> = messages.into_iter().map(Some).collect();
        let mut sent = BTreeMap::new();
        for batch in messages.chunks_mut(10) {
            let entries: Vec<_> =
                batch.iter().flatten().enumerate().map(|(id, message)| message.batch_entry(id)).collect();
            let request = json!({ "QueueUrl": queue.url, "Entries": entries });
            let answer = self.sqs("SendMessageBatch", &request).await;
            for taken in answer["Successful"].as_array().into_iter().flatten() {
                let id: usize = text(&taken["Id"]).parse().expect("the id it was given");
                let message = batch[id].take().expect("an id once");
                let md5_of_body = text(&taken["MD5OfMessageBody"]);
                let entry = Sent { message, md5_of_body };
                sent.insert(text(&taken["MessageId"]), entry);
            }
        }
        let refused = messages.iter().flatten().count();
        assert_eq!(refused, 0, "SQS took every message");
        sent
    }

    /// A REST API whose root `GET` receives from `queue`, as such gateways are built, deployed; gives the address.
    ///
    /// The attribute names go through a template, as `LocalStack` cannot map a query string to `AttributeName.1`
    /// (500), and SQS does not read the plain `AttributeName` that it can map.
    async fn create_gateway(&self, queue: &str, answer: Answer) -> String {
        let api = self.apigateway(Method::POST, "", &json!({ "name": queue })).await;
        let id = text(&api["id"]);
        let method = format!("/{id}/resources/{}/methods/GET", text(&api["rootResourceId"]));
        let ok = json!({});
        for (path, body) in [
            (method.clone(), method_of_receive()),
            (format!("{method}/responses/200"), ok.clone()),
            (format!("{method}/integration"), integration_with(queue, &answer)),
            (format!("{method}/integration/responses/200"), ok),
        ] {
            self.apigateway(Method::PUT, &path, &body).await;
        }
        let stage = json!({ "stageName": "v1" });
        self.apigateway(Method::POST, &format!("/{id}/deployments"), &stage).await;
        self.invoke_url(&id)
    }

    /// The printed `*.execute-api.localhost` names do not resolve; this path does.
    fn invoke_url(&self, api: &str) -> String {
        format!("{}/_aws/execute-api/{api}/v1", self.url)
    }

    async fn sqs(&self, action: &str, body: &Value) -> Value {
        let request = self
            .http
            .post(&self.url)
            .header("X-Amz-Target", format!("AmazonSQS.{action}"))
            .header("Content-Type", "application/x-amz-json-1.0")
            .body(body.to_string());
        answered(signed_for("sqs", request)).await
    }

    async fn apigateway(&self, method: Method, path: &str, body: &Value) -> Value {
        let request = self.http.request(method, format!("{}/restapis{path}", self.url)).json(body);
        answered(signed_for("apigateway", request)).await
    }
}

/// The query strings that the gateway takes, all optional.
fn method_of_receive() -> Value {
    let optional: Map<_, _> = [
        "MaxNumberOfMessages",
        "VisibilityTimeout",
        "WaitTimeSeconds",
        "AttributeName",
        "MessageAttributeName",
    ]
    .into_iter()
    .map(|name| (format!("method.request.querystring.{name}"), json!(false)))
    .collect();
    json!({ "authorizationType": "NONE", "requestParameters": optional })
}

fn integration_with(queue: &str, answer: &Answer) -> Value {
    let accept = match answer {
        Answer::Json => "'application/json'",
        Answer::Xml => "'application/xml'",
    };
    json!({
        "type": "AWS",
        "httpMethod": "POST",
        "uri": format!("arn:aws:apigateway:us-east-1:sqs:path/000000000000/{queue}"),
        "credentials": "arn:aws:iam::000000000000:role/any",
        "requestParameters": {
            "integration.request.header.Accept": accept,
            "integration.request.header.Content-Type": "'application/x-www-form-urlencoded'",
            "integration.request.querystring.Action": "'ReceiveMessage'",
            "integration.request.querystring.MaxNumberOfMessages": "method.request.querystring.MaxNumberOfMessages",
            "integration.request.querystring.VisibilityTimeout": "method.request.querystring.VisibilityTimeout",
            "integration.request.querystring.WaitTimeSeconds": "method.request.querystring.WaitTimeSeconds",
        },
        "requestTemplates": {
            "application/json": "AttributeName.1=$util.urlEncode($input.params('AttributeName'))\
                &MessageAttributeName.1=$util.urlEncode($input.params('MessageAttributeName'))",
        },
    })
}

/// `LocalStack` checks no signature; it reads the service that a request is for from the credential's scope.
fn signed_for(service: &str, request: RequestBuilder) -> RequestBuilder {
    let scope = format!("test/20260101/us-east-1/{service}/aws4_request");
    let authorization = format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=x");
    request.header("Authorization", authorization)
}

async fn answered(request: RequestBuilder) -> Value {
    let response = request.send().await.expect("LocalStack answers");
    let status = response.status();
    let body = response.text().await.expect("a body of text");
    assert!(status.is_success(), "LocalStack refused to set the scene: {status} {body}");
    serde_json::from_str(&body).unwrap_or_else(|error| panic!("not JSON ({error}): {body}"))
}

/// A name no earlier run left behind: one `LocalStack` may serve many.
fn unique(purpose: &str) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    format!("{purpose}-{}", now.expect("a clock past 1970").as_nanos())
}
