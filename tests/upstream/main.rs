//! `qwatch gateway --queue-url` in front of a real SQS protocol: what boto3 sends there arrives through `qwatch tail` equal
//! to the byte.
//!
//! Ignored by a plain `cargo test`, which must pass without a Python; `.ci/run` starts `LocalStack` and moto and sets
//! `QWATCH_LOCALSTACK`, `QWATCH_MOTO` and `QWATCH_BOTO3`, a Python with boto3. Asked for without these, they fail.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so by panicking")]

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, Output, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

/// Text that something on the way may be tempted to change.
const BODIES: [&str; 12] = [
    "order 1 shipped",
    r#"{"orderId":"A-2","total":1.50,"note":null,"nested":{"a":[1,2.0]}}"#,
    "  white space around \n",
    "\t",
    "<b>bold</b> & \"double\" 'single' &amp; <![CDATA[ raw ]]>",
    "数量 5 個、注文済み。주문 완료",
    "parcel 📦 for 👩\u{200d}💻 in 🇩🇰",
    "cafe\u{301}, not café",
    "طلب جاهز, and \u{202e}overridden\u{202c} text",
    "tab\tline feed\r\nboth\rreturn and \u{a0}\u{2028} and \u{feff} inside",
    r"\u0041 \n \\ %41+%20 $input.body #set($x=1) null",
    "0",
];

#[test]
#[ignore = "needs moto and boto3: .ci/run installs and starts it, and sets QWATCH_MOTO and QWATCH_BOTO3"]
fn what_is_sent_to_moto_arrives_as_it_was_sent() {
    arrives_as_it_was_sent(&variable("QWATCH_MOTO"));
}

#[test]
#[ignore = "needs LocalStack and boto3: .ci/run installs and starts it, and sets QWATCH_LOCALSTACK and QWATCH_BOTO3"]
fn what_is_sent_to_localstack_arrives_as_it_was_sent() {
    arrives_as_it_was_sent(&variable("QWATCH_LOCALSTACK"));
}

#[test]
#[ignore = "needs moto: .ci/run installs and starts it, and sets QWATCH_MOTO"]
fn a_queue_that_moto_does_not_have_is_a_fault_with_the_code_of_sqs() {
    refuses_an_absent_queue(&variable("QWATCH_MOTO"));
}

#[test]
#[ignore = "needs LocalStack: .ci/run installs and starts it, and sets QWATCH_LOCALSTACK"]
fn a_queue_that_localstack_does_not_have_is_a_fault_with_the_code_of_sqs() {
    refuses_an_absent_queue(&variable("QWATCH_LOCALSTACK"));
}

fn arrives_as_it_was_sent(endpoint: &str) {
    let messages: Vec<Value> =
        BODIES.iter().enumerate().map(|(number, body)| message(number, body)).collect();
    let (queue_url, sent) = send(endpoint, &messages);
    let gateway = Gateway::before(&queue_url);

    let tail = tail(&gateway.url, messages.len());

    assert_eq!(tail.status.code(), Some(0), "{tail:?}");
    let printed = String::from_utf8(tail.stdout).unwrap();
    let printed: Vec<Value> = printed.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(printed.len(), messages.len());
    for line in &printed {
        let (message, md5_of_body) = &sent[line["message_id"].as_str().unwrap()];
        assert_eq!(line["body"], message["body"], "the body, to the last byte");
        assert_eq!(&line["md5_of_body"], md5_of_body);
        assert_eq!(line["message_attributes"], message["attributes"]);
        assert!(line["attributes"]["SentTimestamp"].is_string(), "system attributes too: {line}");
        assert!(line["attributes"]["ApproximateReceiveCount"].is_string(), "{line}");
    }
}

fn refuses_an_absent_queue(endpoint: &str) {
    let gateway = Gateway::before(&format!("{endpoint}/000000000000/{}", unique("never-created")));
    let tail = tail(&gateway.url, 1);
    let said = String::from_utf8(tail.stderr).unwrap();
    assert_eq!(tail.status.code(), Some(1), "{said}");
    assert!(said.contains("AWS.SimpleQueueService.NonExistentQueue"), "{said}");
}

/// Every third has none, and no two the same: text, a number with a label of its own, bytes that are no text.
fn message(number: usize, body: &str) -> Value {
    let attributes = match number % 3 {
        0 => json!({}),
        1 => json!({ "kind": { "data_type": "String", "value": format!("  {body}") } }),
        _ => json!({
            "attempt": { "data_type": "Number.int", "value": number.to_string() },
            "digest": { "data_type": "Binary", "value": "AP+AAQ==" },
        }),
    };
    json!({ "body": body, "attributes": attributes })
}

/// Sends with boto3: the queue's URL as seen from here, and by message id what was sent and its digest.
fn send(endpoint: &str, messages: &[Value]) -> (String, BTreeMap<String, (Value, Value)>) {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/upstream/send.py");
    let queue = unique("upstream");
    let mut child = Command::new(variable("QWATCH_BOTO3"))
        .args([script, endpoint, &queue])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(json!(messages).to_string().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "boto3 could not send");
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    let sent = answer["sent"].as_array().unwrap().iter().zip(messages);
    let sent = sent.map(|(sent, message)| {
        (sent["id"].as_str().unwrap().to_owned(), (message.clone(), sent["md5_of_body"].clone()))
    });
    // LocalStack's own URL has a host that does not resolve.
    let path = url::Url::parse(answer["queue_url"].as_str().unwrap()).unwrap().path().to_owned();
    (format!("{endpoint}{path}"), sent.collect())
}

struct Gateway {
    child: Child,
    url: String,
}

impl Gateway {
    fn before(queue_url: &str) -> Self {
        let mut child = qwatch(&["gateway", "--listen", "127.0.0.1:0", "--queue-url", queue_url])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut url = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut url).unwrap();
        Self { child, url: url.trim_end().to_owned() }
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn tail(url: &str, count: usize) -> Output {
    let count = count.to_string();
    let words = ["tail", url, "--distinct", "--count", &count, "--interval", "100ms", "--for", "60s"];
    qwatch(&[&words[..], &["--visibility-timeout", "60"]].concat()).output().unwrap()
}

fn qwatch(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_qwatch"));
    command.args(words).env_clear().stdin(Stdio::null());
    command.envs([("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test")]);
    command
}

fn variable(name: &str) -> String {
    std::env::var(name)
        .unwrap_or_else(|_| panic!("{name} is not set; .ci/run starts what these tests need and sets it"))
}

fn unique(stem: &str) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos();
    format!("{stem}-{now}")
}
