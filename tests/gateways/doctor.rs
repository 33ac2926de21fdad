//! `qwatch doctor` on gateways as owners build them, deployed on `LocalStack`.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{python, qwatch, send, unique, variable};

/// What `qwatch doctor --json` says of a gateway of this kind, in front of a queue with so many messages: the exit code
/// and, for each check, verdict and words.
fn diagnosed(kind: &str, messages: usize) -> (Option<i32>, BTreeMap<String, (String, String)>) {
    let (endpoint, queue) = (variable("QWATCH_LOCALSTACK"), unique("doctor"));
    let attribute = json!({ "data_type": "String", "value": "order" });
    let message = |number| json!({ "body": format!("order {number}"), "attributes": { "kind": attribute } });
    if kind != "wrong-queue" {
        send(&endpoint, &queue, &(0..messages).map(message).collect::<Vec<Value>>());
    }
    let url = python("doctored.py", &[&endpoint, &queue, kind], "");
    let url = url.as_str().unwrap();
    // The queue has no dead-letter queue; otherwise the guard would rightly stop after two receives.
    let output = qwatch(&["doctor", url, "--json", "--dead-letter"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("at most 8 requests"), "it is said before anything is asked: {said}");
    let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
    let checks = report["checks"].as_array().unwrap().iter().map(|check| {
        let text = |key: &str| check[key].as_str().unwrap_or_default().to_owned();
        (text("check"), (text("verdict"), format!("{} {}", text("seen"), text("change"))))
    });
    (output.status.code(), checks.collect())
}

/// The checks by verdict, those that are in order left out, and words that each must have.
fn assert_found(kind: &str, messages: usize, code: i32, findings: &[(&str, &str)], unknown: &[&str]) {
    let (exit, checks) = diagnosed(kind, messages);
    let of = |verdict: &str| -> Vec<&str> {
        let checks = checks.iter().filter(|(_, (found, _))| found == verdict);
        checks.map(|(check, _)| check.as_str()).collect()
    };
    let expected: Vec<&str> = findings.iter().map(|(check, _)| *check).collect();
    assert_eq!(of("finding"), expected, "{kind}: {checks:#?}");
    assert_eq!(of("unknown"), unknown, "{kind}: {checks:#?}");
    for (check, words) in findings {
        assert!(checks[*check].1.contains(words), "{kind}: {check}: {:?}", checks[*check]);
    }
    assert_eq!(exit, Some(code), "{kind}");
}

#[test]
#[ignore = "needs LocalStack and boto3: .ci/run installs and starts them, and sets QWATCH_LOCALSTACK and QWATCH_BOTO3"]
fn the_public_mapping_hides_errors_and_forwards_no_attributes() {
    assert_found(
        "public",
        4,
        1,
        // LocalStack's SQS does not read the plain AttributeName that this mapping sends.
        &[("attribute_name", "none of"), ("errors", "InvalidParameterValue comes as HTTP 200")],
        &["message_attribute_name", "message_attributes", "queue"],
    );
}

#[test]
#[ignore = "needs LocalStack and boto3: .ci/run installs and starts them, and sets QWATCH_LOCALSTACK and QWATCH_BOTO3"]
fn a_constant_template_forwards_nothing() {
    assert_found(
        "template",
        8,
        1,
        &[
            ("max_number_of_messages", "integration.request.querystring.MaxNumberOfMessages"),
            ("visibility_timeout", "no message came a second time"),
            ("wait_time_seconds", "asked to wait 21 s"),
        ],
        &["errors"],
    );
}

#[test]
#[ignore = "needs LocalStack and boto3: .ci/run installs and starts them, and sets QWATCH_LOCALSTACK and QWATCH_BOTO3"]
fn a_wait_that_is_not_forwarded_is_found_by_the_clock() {
    assert_found(
        "no-wait",
        0,
        1,
        &[
            ("errors", "HTTP 200"),
            ("wait_time_seconds", "asked to wait 2 s with nothing there, answered after 0."),
        ],
        &["attribute_name", "body", "message_attribute_name", "message_attributes", "queue"],
    );
}

#[test]
#[ignore = "needs LocalStack and boto3: .ci/run installs and starts them, and sets QWATCH_LOCALSTACK and QWATCH_BOTO3"]
fn a_gateway_that_forwards_everything_and_keeps_errors_apart_is_healthy() {
    assert_found("patterns", 4, 0, &[], &[]);
}

#[test]
#[ignore = "needs LocalStack and boto3: .ci/run installs and starts them, and sets QWATCH_LOCALSTACK and QWATCH_BOTO3"]
fn a_wrong_queue_is_named_as_what_is_wrong() {
    assert_found(
        "wrong-queue",
        0,
        1,
        &[
            ("answers", "arn:aws:apigateway:REGION:sqs:path/ACCOUNT/QUEUE"),
            ("errors", "NonExistentQueue comes as HTTP 200"),
        ],
        &[],
    );
}
