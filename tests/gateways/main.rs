//! Gateways in front of a real SQS protocol: `qwatch gateway --queue-url`, and the templates under `assets/gateway`. What boto3
//! sends arrives through `qwatch tail` equal to the byte.
//!
//! Ignored by a plain `cargo test`, which must pass without a Python; `.ci/run` starts `LocalStack` and moto and sets
//! `QWATCH_LOCALSTACK`, `QWATCH_MOTO` and `QWATCH_BOTO3`, a Python with boto3 and cfn-lint. Asked for without these, they fail.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so by panicking")]

mod doctor;
mod envelopes;
mod harm;
mod sigv4;
mod templates;
mod upstream;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::{Command, Output, Stdio};
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

/// What was sent, and what SQS answered.
struct Sent {
    /// As seen from here: `LocalStack`'s own URL has a host that does not resolve.
    queue_url: String,
    /// By message id: what was sent, and its digest.
    messages: BTreeMap<String, (Value, Value)>,
}

impl Sent {
    fn assert_printed_by(&self, tail: &Output) {
        assert_eq!(tail.status.code(), Some(0), "{tail:?}");
        let printed: Vec<Value> = std::str::from_utf8(&tail.stdout)
            .unwrap()
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(printed.len(), self.messages.len());
        for line in &printed {
            let (message, md5_of_body) = &self.messages[line["message_id"].as_str().unwrap()];
            assert_eq!(line["body"], message["body"], "the body, to the last byte");
            assert_eq!(&line["md5_of_body"], md5_of_body);
            assert_eq!(line["message_attributes"], message["attributes"]);
            assert!(line["attributes"]["SentTimestamp"].is_string(), "system attributes too: {line}");
            assert!(line["attributes"]["ApproximateReceiveCount"].is_string(), "{line}");
        }
    }
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

/// The messages of a test: each of the bodies, for a gateway that changes nothing.
fn messages() -> Vec<Value> {
    BODIES.iter().enumerate().map(|(number, body)| message(number, body)).collect()
}

/// Sends with boto3 to a queue, which is made unless it is there.
fn send(endpoint: &str, queue: &str, messages: &[Value]) -> Sent {
    let answer = python("send.py", &[endpoint, queue], &json!(messages).to_string());
    let sent = answer["sent"].as_array().unwrap().iter().zip(messages);
    let sent = sent.map(|(sent, message)| {
        (sent["id"].as_str().unwrap().to_owned(), (message.clone(), sent["md5_of_body"].clone()))
    });
    let path = url::Url::parse(answer["queue_url"].as_str().unwrap()).unwrap().path().to_owned();
    Sent { queue_url: format!("{endpoint}{path}"), messages: sent.collect() }
}

/// Runs a script that lies beside this file; what it prints.
fn python(script: &str, arguments: &[&str], input: &str) -> Value {
    let place = format!("{}/tests/gateways/{script}", env!("CARGO_MANIFEST_DIR"));
    let mut child = Command::new(variable("QWATCH_BOTO3"))
        .arg(place)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{script} failed; what it says stands above");
    serde_json::from_slice(&output.stdout).unwrap_or_default()
}

fn tail(url: &str, count: usize, more: &[&str]) -> Output {
    let count = count.to_string();
    let words = ["tail", url, "--distinct", "--count", &count, "--interval", "100ms", "--for", "60s"];
    qwatch(&[&words[..], &["--visibility-timeout", "60"], more].concat()).output().unwrap()
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
