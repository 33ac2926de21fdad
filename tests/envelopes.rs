//! What bodies are wrapped in: samples as AWS, `CloudEvents` and Kafka's tools document them, peeled to
//! their payload; and texts that are no base64, left alone.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so by panicking")]

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use proptest::prelude::*;
use qwatch::envelope::{Content, Layer, peel};
use serde_json::json;

const SNS: &str = include_str!("fixtures/envelopes/sns.json");
const EVENT_BRIDGE: &str = include_str!("fixtures/envelopes/eventbridge.json");
const S3: &str = include_str!("fixtures/envelopes/s3.json");
const CLOUD_EVENT: &str = include_str!("fixtures/envelopes/cloudevent.json");
const CLOUD_EVENT_BINARY: &str = include_str!("fixtures/envelopes/cloudevent_binary.json");
const KAFKA_RECORD: &str = include_str!("fixtures/envelopes/kafka_record.json");
const KAFKA_CONNECT: &str = include_str!("fixtures/envelopes/kafka_connect.json");

fn crumbs(layers: &[Layer]) -> String {
    layers.iter().map(ToString::to_string).collect::<Vec<_>>().join(" › ")
}

fn payload(layers: &[Layer]) -> &str {
    match &layers.last().unwrap().content {
        Content::Text(text) => text,
        Content::Bytes(_) => panic!("bytes: {}", crumbs(layers)),
    }
}

/// The payload without its white space, which stays as it was written.
fn compact(layers: &[Layer]) -> String {
    payload(layers).split_whitespace().collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn each_documented_envelope_is_peeled_to_its_payload() {
    let ec2 = "body › EventBridge EC2 Instance State-change Notification";
    for (body, expected, inside) in [
        (SNS, "body › SNS notification", "Helloworld!"),
        (EVENT_BRIDGE, ec2, r#"{"instance-id":"i-1234567890abcdef0","state":"terminated"}"#),
        (
            CLOUD_EVENT,
            "body › CloudEvent com.example.someevent",
            r#"{"appinfoA":"abc","appinfoB":123,"appinfoC":true}"#,
        ),
        (KAFKA_RECORD, "body › Kafka record of mytopic", "Hello,thisisatest."),
        (KAFKA_CONNECT, "body › Kafka Connect", r#"{"id":1004,"name":"Anne"}"#),
    ] {
        let layers = peel(body);
        assert_eq!((crumbs(&layers).as_str(), compact(&layers).as_str()), (expected, inside));
    }
    let layers = peel(S3);
    assert_eq!(crumbs(&layers), "body › S3 event ObjectCreated:Put");
    assert!(compact(&layers).starts_with(r#"{"s3SchemaVersion":"1.0""#));
    let layers = peel(CLOUD_EVENT_BINARY);
    assert_eq!(layers.last().unwrap().content, Content::Bytes(STANDARD.decode("AQIDBAUGBwgJAP/+").unwrap()));
}

#[test]
fn envelopes_within_envelopes_are_peeled_one_by_one() {
    // EventBridge by way of SNS, with a gzipped detail in base64, twice as a JSON string: someone will.
    let innermost = r#"{"orderId":"A-1029","status":"failed"}"#;
    let packed = STANDARD.encode(gzip(innermost.as_bytes()));
    let mut event: serde_json::Value = serde_json::from_str(EVENT_BRIDGE).unwrap();
    event["detail"] = json!(packed);
    let mut notification: serde_json::Value = serde_json::from_str(SNS).unwrap();
    notification["Message"] = json!(event.to_string());
    let body = serde_json::to_string(&notification.to_string()).unwrap();
    let layers = peel(&body);
    assert_eq!(
        crumbs(&layers),
        "body › JSON in a string › SNS notification › EventBridge EC2 Instance State-change Notification › base64 › gzip"
    );
    assert_eq!(payload(&layers), innermost);
    assert_eq!(
        layers.iter().map(|layer| layer.jq.as_deref()).collect::<Vec<_>>(),
        [Some("."), Some("fromjson"), Some(".Message | fromjson"), Some(".detail"), Some("@base64d"), None,]
    );
}

#[test]
fn encoded_bodies_are_decoded_if_what_comes_out_can_be_read() {
    let json = r#"{"a":1}"#;
    for (body, expected) in [
        (STANDARD.encode(json), "body › base64"),
        (URL_SAFE_NO_PAD.encode(r#"{"name":"ÿþ?>~~~"}"#), "body › base64"),
        (STANDARD.encode("The quick brown fox jumps over the lazy dog"), "body › base64"),
        (STANDARD.encode(zlib(json.as_bytes())), "body › base64 › zlib"),
        (format!("{}\n", STANDARD.encode(gzip(b"plain"))), "body › base64 › gzip"),
        // In lines of 76 characters, as MIME has it.
        (
            STANDARD
                .encode(format!("{{\"long\":\"{}\"}}", "x".repeat(90)))
                .as_bytes()
                .chunks(76)
                .map(|line| String::from_utf8_lossy(line) + "\r\n")
                .collect(),
            "body › base64",
        ),
    ] {
        assert_eq!(crumbs(&peel(&body)), expected, "{body}");
    }
    // Confluent's prefix before JSON, as a bridge hands it on.
    let with_prefix = [&[0, 0, 0, 0, 42][..], json.as_bytes()].concat();
    let body =
        json!({"topic": "t", "partition": 1, "offset": 2, "value": STANDARD.encode(with_prefix)}).to_string();
    assert_eq!(crumbs(&peel(&body)), "body › Kafka record of t › Confluent schema 42");
}

#[test]
fn what_only_resembles_an_envelope_is_left_alone() {
    let truncated = STANDARD.encode(&gzip(b"a long enough text to be cut in two")[..20]);
    let several =
        json!({"Records": [{"eventSource": "aws:s3", "eventName": "ObjectCreated:Put"}, {}]}).to_string();
    for body in [
        r#"{"Type":"Notification","Message":"no topic"}"#,
        r#"{"detail-type":"x","detail":{}}"#,
        r#"{"specversion":"1.0","data":{}}"#,
        r#"{"Records":[]}"#,
        r#"{"Records":[{"eventSource":"aws:dynamodb"}]}"#,
        r#"{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"b"}"#,
        r#"{"schema":{"type":"struct"},"payload":1,"other":2}"#,
        r#"{"topic":"orders","value":"dGhpcyBpcyBub3QgYSByZWNvcmQ="}"#,
        "[1,2,3]",
        "42",
        "",
        "   ",
        &truncated,
    ] {
        assert_eq!(crumbs(&peel(body)), "body", "{body}");
    }
    // Of several records none is the payload: all of them are.
    assert_eq!(crumbs(&peel(&several)), "body › S3 event ObjectCreated:Put and 1 more");
}

/// Two hundred texts that consist of base64's characters, or nearly, and mean themselves.
fn no_base64() -> Vec<String> {
    const WORDS: [&str; 40] = [
        "orders",
        "Password123",
        "deadbeef",
        "cafebabecafebabe",
        "AKIAIOSFODNN7EXAMPLE",
        "true",
        "null",
        "ABCDEFGH",
        "abcdefghijklmnop",
        "ABCDEFGHIJKLMNOPQRSTUVWX",
        "0123456789abcdef",
        "1677112427387",
        "2026-11-24",
        "com/example/Service",
        "usr/local/share/doc/readme",
        "HelloWorldThisIsCamelCase",
        "snake_case_name_of_a_thing",
        "kebab-case-name-of-a-thing",
        "SCREAMING_SNAKE_CASE_NAMES",
        "60e827c3-0000-4000-8000-000000000001",
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "d41d8cd98f00b204e9800998ecf8427e",
        "da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "eu-west-1",
        "arn",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "zzzzZZZZzzzzZZZZzzzzZZZZ",
        "1234567812345678123456781234567812345678",
        "wJalrXUtnFEMIbPxRfiCYEXAMPLEKEYs",
        "FMyUVURIY8IgAtTv8xRjskZQpcIZ9KG4V5Wp6S7SJRWeUWerMUE5JgHvANOjpD",
        "application/json",
        "getMessagesFromTheQueueNow",
        "InvalidParameterValueException",
        "NonExistentQueueErrors",
        "thequickbrownfoxjumpsoverthelazydogs",
        "TheQuickBrownFoxJumpsOverTheLazyDogs",
        "====",
        "+/+/+/+/+/+/+/+/",
        "test",
    ];
    let mut texts: Vec<String> = WORDS.iter().map(|word| (*word).to_owned()).collect();
    for (place, word) in WORDS.iter().enumerate() {
        let other = WORDS[(place * 7 + 3) % WORDS.len()];
        texts.extend([
            format!("{word}{other}"),
            format!("{word}/{other}"),
            format!("{word}=="),
            format!("{}{place:04}", word.repeat(2)),
        ]);
    }
    texts
}

#[test]
fn two_hundred_texts_that_are_no_base64_are_left_alone() {
    let texts = no_base64();
    assert_eq!(texts.len(), 200);
    for text in texts {
        assert_eq!(crumbs(&peel(&text)), "body", "{text}");
        let quoted = json!({"id": text}).to_string();
        assert_eq!(crumbs(&peel(&quoted)), "body", "{quoted}");
    }
}

#[test]
fn a_bomb_is_not_unpacked() {
    let bomb = gzip(&vec![b' '; 64 << 20]);
    assert_eq!(crumbs(&peel(&STANDARD.encode(bomb))), "body");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// Ids and keys drawn at random are what a false base64 is made of.
    #[test]
    fn random_words_are_left_alone(text in "[A-Za-z0-9]{16,64}|[A-Za-z0-9+/]{32}|[0-9a-f]{32,64}|[A-Za-z0-9_-]{22,43}") {
        let layers = peel(&text);
        prop_assert_eq!(crumbs(&layers), "body");
    }

    #[test]
    fn whatever_is_wrapped_comes_out_again(text in "\\PC{0,80}", levels in 0_usize..6) {
        let inner = json!({"text": text}).to_string();
        let mut body = inner.clone();
        for level in 0..levels {
            body = match level % 3 {
                0 => serde_json::to_string(&body).unwrap(),
                1 => STANDARD.encode(gzip(body.as_bytes())),
                _ => json!({"specversion": "1.0", "type": "t", "source": "s", "id": "i", "data": body}).to_string(),
            };
        }
        let layers = peel(&body);
        prop_assert_eq!(payload(&layers), inner.as_str());
    }

    #[test]
    fn no_body_is_too_odd(text in "[\\[\\]{}\",:\\\\a1=+/ \\n]{0,60}|\\PC{0,60}") {
        let layers = peel(&text);
        prop_assert!(!layers.is_empty() && layers.len() <= 16);
    }
}
