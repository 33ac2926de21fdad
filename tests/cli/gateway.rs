//! `qwatch gateway`: the gateway as a process, and what it says to a real SQS behind it.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command};

use serde_json::{Value, json};

use crate::support::{Answer, Ended, Gateway, Home, Variables, finish};

/// AWS's chain finds these, and looks nowhere else.
const AWS: Variables<'_> = &[
    ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
    ("AWS_SECRET_ACCESS_KEY", "hunter2"),
    ("AWS_SESSION_TOKEN", "token"),
    ("AWS_EC2_METADATA_DISABLED", "true"),
];

struct Running {
    child: Child,
    out: BufReader<std::process::ChildStdout>,
    url: String,
    _home: Home,
}

/// Starts the gateway on a free port and waits for its first line.
fn start(words: &[&str], variables: Variables<'_>) -> Running {
    let home = Home::new();
    let words = [&["gateway", "--listen", "127.0.0.1:0"], words].concat();
    let mut child = home.command(&words).envs(variables.iter().copied()).spawn().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut url = String::new();
    out.read_line(&mut url).unwrap();
    Running { child, out, url: url.trim_end().to_owned(), _home: home }
}

struct Response {
    status: u16,
    error_type: String,
    body: String,
}

impl Response {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    fn code(&self) -> String {
        self.json()["Error"]["Code"].as_str().unwrap_or_default().to_owned()
    }
}

impl Running {
    fn ask(&self, method: &str, path: &str, body: &str, headers: &[(&str, &str)]) -> Response {
        let rest = path.trim_start_matches('/');
        let method = method.parse().unwrap();
        let asked = async {
            let client = reqwest::Client::builder().no_proxy().build().unwrap();
            let mut request = client.request(method, format!("{}{rest}", self.url)).body(body.to_owned());
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            let response = request.send().await.unwrap();
            let error_type = response.headers().get("x-amzn-errortype");
            let error_type = error_type.map_or("", |value| value.to_str().unwrap()).to_owned();
            Response { status: response.status().as_u16(), error_type, body: response.text().await.unwrap() }
        };
        let _ = rustls::crypto::ring::default_provider().install_default();
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(asked)
    }

    fn get(&self, path: &str) -> Response {
        self.ask("GET", path, "", &[])
    }

    fn other_urls(&mut self, count: usize) -> Vec<String> {
        let lines = self.out.by_ref().lines().take(count);
        lines.map(|line| line.unwrap().replace(&self.url, "/")).collect()
    }

    fn signal(&self, signal: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
    }

    fn stopped_by(self, signal: &str) -> Ended {
        self.signal(signal);
        finish(self.child)
    }
}

#[test]
fn the_first_line_is_the_url_and_what_is_sent_there_is_received_there() {
    for signal in ["-INT", "-TERM"] {
        let gateway = start(&[], &[]);
        assert!(
            gateway.url.starts_with("http://127.0.0.1:") && gateway.url.ends_with('/'),
            "{}",
            gateway.url
        );
        let sent = gateway.ask("POST", "/", "hello", &[("X-Message-Attribute-kind", "order")]);
        assert_eq!(sent.status, 200, "{}", sent.body);
        let received =
            gateway.get("/?VisibilityTimeout=0&AttributeName=All&MessageAttributeName.1=kind").json();
        let message = &received["ReceiveMessageResponse"]["ReceiveMessageResult"]["messages"][0];
        assert_eq!(message["Body"], "hello");
        assert_eq!(message["MessageAttributes"][0]["Value"]["StringValue"], "order");
        let handle: String =
            url::form_urlencoded::byte_serialize(message["ReceiptHandle"].as_str().unwrap().as_bytes())
                .collect();
        assert_eq!(gateway.ask("DELETE", &format!("/message?receiptHandle={handle}"), "", &[]).status, 200);
        let ended = gateway.stopped_by(signal);
        assert_eq!((ended.code, ended.out.as_str()), (Some(0), ""), "{ended:?}");
        let requests: Vec<_> = ended.err.lines().filter(|line| line.contains(" 200 ")).collect();
        assert_eq!(requests.len(), 3, "a line a request on stderr: {}", ended.err);
        assert!(requests[2].contains("DELETE /message 200"), "{}", ended.err);
        assert!(!ended.err.contains(&handle), "a receipt handle is a key: {}", ended.err);
    }
}

#[test]
fn queues_are_made_as_they_are_asked_for() {
    let mut gateway = start(&["--queue", "orders", "--queue", "eu.fifo", "--max-receive-count", "2"], &[]);
    assert_eq!(gateway.other_urls(3), ["/eu.fifo", "/orders-dlq", "/eu-dlq.fifo"]);
    gateway.ask("POST", "/orders", "x", &[]);
    for _ in 0..2 {
        assert!(gateway.get("/?VisibilityTimeout=0").body.contains(r#""Body":"x""#), "the first is at / too");
    }
    assert!(gateway.get("/orders").body.contains(r#""messages":null"#), "moved away by the third receive");
    assert!(gateway.get("/orders-dlq").body.contains(r#""Body":"x""#));
    assert_eq!(gateway.ask("POST", "/eu.fifo", "x", &[]).code(), "MissingParameter");
    assert_eq!(gateway.get("/nothing").error_type, "MissingAuthenticationTokenException");

    let mut fifo = start(&["--fifo", "--queue", "line", "--queue", "other"], &[]);
    assert_eq!(fifo.other_urls(1), ["/other.fifo"]);
    for _ in 0..2 {
        assert_eq!(fifo.ask("POST", "/?MessageGroupId=eu", "same", &[]).status, 200);
    }
    let received = fifo.get("/?MaxNumberOfMessages=10").json();
    let messages = &received["ReceiveMessageResponse"]["ReceiveMessageResult"]["messages"];
    assert_eq!(messages.as_array().unwrap().len(), 1, "the second was a duplicate by its body");
    for gateway in [gateway, fifo] {
        assert_eq!(gateway.stopped_by("-TERM").code, Some(0));
    }
}

#[test]
fn traffic_brings_the_demo_s_queues_to_life() {
    let mut gateway = start(&["--traffic", "poison", "--rate", "50"], &[]);
    assert_eq!(gateway.other_urls(2), ["/payments", "/orders-dlq"]);
    assert!(gateway.get("/?MaxNumberOfMessages=10&VisibilityTimeout=0").body.contains("orderId"));
    assert_eq!(gateway.stopped_by("-INT").code, Some(0));
}

#[test]
fn answers_take_the_shape_and_the_status_that_were_asked_for() {
    let cases = [
        ("query-json", r#""messages":null"#, r#"{"Error":{"Code":"InvalidParameterValue""#),
        ("localstack", r#""ReceiveMessageResult":null"#, r#"{"ErrorResponse":{"Error":"#),
        ("xml", "<ReceiveMessageResult/>", "<ErrorResponse"),
        ("aws-json", "{}", r#"{"__type":"com.amazonaws.sqs#InvalidParameterValue""#),
    ];
    for (shape, empty, error) in cases {
        for (flag, status) in [(None, 200), (Some("--status-patterns"), 400)] {
            let words: Vec<_> = ["--shape", shape].into_iter().chain(flag).collect();
            let gateway = start(&words, &[]);
            assert!(gateway.get("/").body.contains(empty), "{shape}: {}", gateway.get("/").body);
            let refused = gateway.get("/?VisibilityTimeout=43201");
            assert_eq!(refused.status, status, "{shape}");
            assert!(refused.body.contains(error), "{shape}: {}", refused.body);
            gateway.stopped_by("-TERM");
        }
    }
}

#[test]
fn a_key_is_demanded_and_a_throttle_obeyed() {
    let words = ["--api-key-env", "KEY", "--throttle", "2"];
    let gateway = start(&words, &[("KEY", "hunter2")]);
    for headers in [&[][..], &[("x-api-key", "hunter")], &[("x-api-key", "hunter22")]] {
        let refused = gateway.ask("GET", "/", "", headers);
        assert_eq!((refused.status, refused.error_type.as_str()), (403, "ForbiddenException"));
    }
    let statuses: Vec<u16> =
        (0..4).map(|_| gateway.ask("GET", "/", "", &[("x-api-key", "hunter2")]).status).collect();
    assert!(statuses.contains(&200) && statuses.contains(&429), "{statuses:?}");
    assert!(!gateway.stopped_by("-TERM").err.contains("hunter2"));
}

#[test]
fn what_cannot_be_served_is_refused_in_a_sentence() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    let cases: [(&[&str], i32, &str); 10] = [
        (&["--listen", "0.0.0.0:0"], 2, "give --api-key-env VAR as well, or listen on 127.0.0.1"),
        (&["--listen", "[::]:0"], 2, "give --api-key-env VAR as well, or listen on 127.0.0.1"),
        (
            &["--listen", "8080"],
            2,
            "--listen: must be an address and a port, such as 127.0.0.1:8080 or [::1]:0, not 8080",
        ),
        (&["--listen", &taken], 1, "something listens there already: --listen 127.0.0.1:0 picks a free port"),
        (&["--api-key-env", "NONE"], 2, "the variable NONE is not set"),
        (&["--queue", "a b"], 2, "Value a b for parameter QueueName is invalid."),
        (&["--queue", "a", "--queue", "a"], 2, "A queue already exists with the same name."),
        (&["--queue-url", "orders"], 2, "--queue-url: is no URL: relative URL without a base"),
        (&["--queue-url", "http://127.0.0.1:1/"], 1, "is not a queue's URL"),
        (
            &["--queue-url", "http://127.0.0.1:1/0/q", "--fifo"],
            2,
            "--queue-url and --fifo exclude each other",
        ),
    ];
    for (words, code, said) in cases {
        let ended = Home::new().run_with(&[&["gateway"], words].concat(), AWS);
        assert_eq!((ended.code, ended.out.as_str()), (Some(code), ""), "{words:?}: {ended:?}");
        assert!(ended.err.contains(said), "{words:?}: {}", ended.err);
    }
    let words = ["gateway", "--queue-url", "http://127.0.0.1:1/0/q"];
    let ended = Home::new().run_with(&words, &[("AWS_EC2_METADATA_DISABLED", "true")]);
    assert_eq!(ended.code, Some(1));
    assert!(
        ended.err.starts_with("qwatch: no AWS credentials: ") && ended.err.lines().count() == 1,
        "{}",
        ended.err
    );
}

/// What goes to SQS is what API Gateway's integration sends: one signed call of the JSON protocol.
#[test]
fn a_real_queue_is_asked_by_signed_calls_of_the_json_protocol() {
    let message = json!({ "Messages": [{
        "MessageId": "m", "ReceiptHandle": "h", "Body": " señor \n", "MD5OfBody": "0",
        "Attributes": { "SentTimestamp": "1" },
        "MessageAttributes": { "bin": { "DataType": "Binary", "BinaryValue": "AP8=" } },
    }] });
    let sent = json!({ "MessageId": "n", "MD5OfMessageBody": "1" });
    let sqs =
        Gateway::answering([message, sent, json!({})].map(|answer| Answer::ok(&answer.to_string())).into());
    let queue_url = sqs.url.replace("/prod", "/123456789012/orders");
    let gateway = start(&["--queue-url", &queue_url, "--region", "eu-west-1"], AWS);

    let received = gateway.get(
        "/orders?MaxNumberOfMessages=10&VisibilityTimeout=0&WaitTimeSeconds=1&AttributeName.1=SenderId\
         &AttributeName.2=SentTimestamp&MessageAttributeName=All",
    );
    let received = received.json()["ReceiveMessageResponse"]["ReceiveMessageResult"]["messages"][0].clone();
    assert_eq!(received["Body"], " señor \n");
    assert_eq!(received["MessageAttributes"][0]["Value"]["BinaryValue"], "AP8=");
    let asked = sqs.asked();
    assert_eq!(asked.headers["x-amz-target"], "AmazonSQS.ReceiveMessage");
    assert_eq!(asked.headers["content-type"], "application/x-amz-json-1.0");
    assert_eq!(asked.headers["x-amz-security-token"], "token");
    let authorization = &asked.headers["authorization"];
    assert!(authorization.starts_with("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/"), "{authorization}");
    assert!(authorization.contains("/eu-west-1/sqs/aws4_request, SignedHeaders="), "{authorization}");
    assert_eq!(
        serde_json::from_str::<Value>(&asked.body).unwrap(),
        json!({
            "QueueUrl": queue_url, "MaxNumberOfMessages": 10, "VisibilityTimeout": 0, "WaitTimeSeconds": 1,
            "AttributeNames": ["SenderId", "SentTimestamp"], "MessageAttributeNames": ["All"],
        })
    );

    let sent = gateway.ask("POST", "/?DelaySeconds=5", "body", &[("X-Message-Attribute-kind", "order")]);
    assert_eq!(sent.json()["SendMessageResponse"]["SendMessageResult"]["MessageId"], "n");
    assert_eq!(
        serde_json::from_str::<Value>(&sqs.asked().body).unwrap(),
        json!({
            "QueueUrl": queue_url, "MessageBody": "body", "DelaySeconds": 5,
            "MessageAttributes": { "kind": { "DataType": "String", "StringValue": "order" } },
        })
    );

    assert_eq!(gateway.ask("DELETE", "/message?receiptHandle=a%2Bb", "", &[]).status, 200);
    let deleted: Value = serde_json::from_str(&sqs.asked().body).unwrap();
    assert_eq!(deleted, json!({ "QueueUrl": queue_url, "ReceiptHandle": "a+b" }));
    assert!(!gateway.stopped_by("-TERM").err.contains("hunter2"));
}

#[test]
fn what_a_real_queue_refuses_is_passed_on_and_what_cannot_be_read_is_the_gateway_s_fault() {
    let document = json!({ "__type": "com.amazonaws.sqs#QueueDoesNotExist", "message": "no such queue" });
    let refused = Answer { status: 400, headers: "", body: document.to_string() };
    let named = Answer { headers: "x-amzn-query-error: OverLimit;Receiver\r\n", ..refused.clone() };
    let broken = Answer { status: 502, headers: "", body: "<html>proxy".into() };
    let sqs = Gateway::answering(vec![refused, named, broken]);
    let queue_url = sqs.url.replace("/prod", "/0/orders");
    let gateway = start(&["--queue-url", &queue_url, "--status-patterns"], AWS);
    let refused = gateway.get("/");
    assert_eq!((refused.status, refused.code().as_str()), (400, "AWS.SimpleQueueService.NonExistentQueue"));
    assert_eq!(refused.json()["Error"]["Message"], "no such queue");
    let named = gateway.get("/");
    assert_eq!((named.status, named.code().as_str()), (502, "OverLimit"));
    assert_eq!(gateway.get("/").body, r#"{"message":"Internal server error"}"#);
    let ended = gateway.stopped_by("-TERM");
    assert!(ended.err.contains("SQS could not be asked: HTTP 502: <html>proxy"), "{}", ended.err);
}
