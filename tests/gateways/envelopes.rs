//! Envelopes as AWS documents them, and as `LocalStack`'s own services make them, through a deployed REST API: each is peeled to
//! its payload.

use std::collections::BTreeMap;

use qwatch::envelope::{Content, peel};
use serde_json::{Value, json};

use crate::templates::Stack;
use crate::{python, send, tail};

const PAYLOAD: &str = r#"{"orderId":"A-1029","status":"failed"}"#;
const SAMPLES: [&str; 6] = [
    include_str!("../fixtures/envelopes/sns.json"),
    include_str!("../fixtures/envelopes/eventbridge.json"),
    include_str!("../fixtures/envelopes/s3.json"),
    include_str!("../fixtures/envelopes/cloudevent.json"),
    include_str!("../fixtures/envelopes/kafka_record.json"),
    include_str!("../fixtures/envelopes/kafka_connect.json"),
];

/// Breadcrumb and payload, without white space, of each body that is printed.
fn peeled(stack: &Stack, count: usize) -> BTreeMap<String, String> {
    let tail = tail(&stack.url(), count, &[]);
    assert_eq!(tail.status.code(), Some(0), "{tail:?}");
    let lines = std::str::from_utf8(&tail.stdout).unwrap().lines();
    lines
        .map(|line| {
            let line: Value = serde_json::from_str(line).unwrap();
            let layers = peel(line["body"].as_str().unwrap());
            let crumbs: Vec<String> = layers.iter().map(ToString::to_string).collect();
            let Content::Text(payload) = &layers.last().unwrap().content else { panic!("bytes: {crumbs:?}") };
            (crumbs.join(" › "), payload.split_whitespace().collect())
        })
        .collect()
}

#[test]
#[ignore = "needs LocalStack and boto3: .ci/run installs and starts them, and sets QWATCH_LOCALSTACK and QWATCH_BOTO3"]
fn documented_samples_come_through_a_gateway_and_peel_to_their_payload() {
    let stack = Stack::deploy("rest-api.yaml", &["Authorization=None"]);
    let messages: Vec<Value> =
        SAMPLES.iter().map(|body| json!({"body": body.trim(), "attributes": {}})).collect();
    send(&stack.endpoint, stack.queue(), &messages);
    let peeled = peeled(&stack, SAMPLES.len());
    let names: Vec<&str> = peeled.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "body › CloudEvent com.example.someevent",
            "body › EventBridge EC2 Instance State-change Notification",
            "body › Kafka Connect",
            "body › Kafka record of mytopic",
            "body › S3 event ObjectCreated:Put",
            "body › SNS notification",
        ]
    );
    assert_eq!(peeled["body › SNS notification"], "Helloworld!");
    assert_eq!(peeled["body › Kafka record of mytopic"], "Hello,thisisatest.");
    assert!(peeled["body › S3 event ObjectCreated:Put"].contains(r#""key":"HappyFace.jpg""#));
}

#[test]
#[ignore = "needs LocalStack and boto3: .ci/run installs and starts them, and sets QWATCH_LOCALSTACK and QWATCH_BOTO3"]
fn what_sns_eventbridge_and_s3_wrap_themselves_peels_to_what_was_published() {
    let stack = Stack::deploy("rest-api.yaml", &["Authorization=None"]);
    python("wrap.py", &[&stack.endpoint, stack.queue()], PAYLOAD);
    // S3 sends a test event of its own as well, which is no envelope of anything.
    let mut peeled = peeled(&stack, 5);
    let test_event = peeled.remove("body").expect("S3's test event");
    assert!(test_event.contains("s3:TestEvent"), "{test_event}");
    let s3 = peeled.remove("body › S3 event ObjectCreated:Put").expect("S3's event");
    assert!(s3.contains("orders/A-1029.json"), "{s3}");
    let expected = [
        "body › EventBridge order placed",
        "body › SNS notification",
        "body › SNS notification › EventBridge order placed",
    ];
    assert_eq!(peeled, expected.map(|crumbs| (crumbs.to_owned(), PAYLOAD.to_owned())).into());
}
