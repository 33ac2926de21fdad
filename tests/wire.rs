//! What a gateway's bytes come to: messages, or a fault with its evidence. Never silence.

use std::time::Duration;

use proptest::prelude::*;
use qwatch::sqs::{
    AttributeName, AttributeValue, Attributes, Message, MessageAttribute, MessageAttributes, PackedMessage,
    digests,
};
use qwatch::wire::FaultKind::{
    self, Address, ApiKey, Between, Credentials, Gateway, Mapping, Quota, Request, Sqs, Throttled,
    Unrecognised,
};
use qwatch::wire::Remedy::{self, BackOff, Stop};
use qwatch::wire::{Answer, Fault, Shape, decode, encode};

const SHAPES: [Shape; 4] = [Shape::QueryJson, Shape::QueryJsonOneOrMany, Shape::QueryXml, Shape::AwsJson];

fn answer(status: u16, body: &[u8]) -> Answer<'_> {
    Answer { status, body, ..Answer::default() }
}

fn fault(status: u16, body: &[u8]) -> Fault {
    decode(&answer(status, body)).expect_err("a fault")
}

fn hello() -> Message {
    let text = |value: &str| MessageAttribute {
        data_type: "String".into(),
        value: AttributeValue::String(value.into()),
    };
    let binary =
        MessageAttribute { data_type: "Binary".into(), value: AttributeValue::Binary(vec![0, 1, 2]) };
    Message {
        message_id: "60e827c3-0000-0000-0000-000000000000".into(),
        receipt_handle: "AQEB1".into(),
        body: "hello".into(),
        md5_of_body: Some("5d41402abc4b2a76b9719d911017c592".into()),
        md5_of_message_attributes: None,
        attributes: Attributes::from_iter([
            (AttributeName::SentTimestamp, "1677112427387".into()),
            (AttributeName::ApproximateReceiveCount, "1".into()),
            (AttributeName::Other("SomethingNew".into()), "kept".into()),
        ]),
        message_attributes: MessageAttributes::from_iter([
            ("order_id".into(), text("123A")),
            ("trace".into(), binary),
        ]),
    }
}

fn fixture(name: &str) -> Vec<u8> {
    let path = format!("{}/tests/fixtures/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[test]
fn each_shape_gives_the_same_messages() {
    for (name, shape) in [
        ("query-json.json", Shape::QueryJson),
        ("localstack-many.json", Shape::QueryJsonOneOrMany),
        ("query.xml", Shape::QueryXml),
        ("aws-json.json", Shape::AwsJson),
    ] {
        let received = decode(&answer(200, &fixture(&format!("wire/{name}")))).expect(name);
        assert_eq!(received.shape, shape, "{name}");
        let [first, second] = &received.messages[..] else { panic!("{name}: two messages") };
        let (first, second) = (first.unpack(), second.unpack());
        let first = Message { receipt_handle: "AQEB1".into(), ..first };
        assert_eq!(first, hello(), "{name}");
        assert_eq!(second.body.replace("\\n", "\n"), "{\"quoted\":\"日本\n\"}", "{name}");
        assert!(second.attributes.is_empty() && second.message_attributes.is_empty(), "{name}");
    }
}

#[test]
fn attributes_come_as_null_an_array_a_map_or_a_single_pair() {
    let mapped = fixture("wire/query-json-attributes-as-a-map.json");
    let mapped = decode(&answer(200, &mapped)).unwrap().messages[0].unpack();
    assert_eq!(mapped, hello());

    let one = decode(&answer(200, &fixture("wire/localstack-one.json"))).unwrap().messages[0].unpack();
    assert_eq!(one.attributes.get(&AttributeName::SentTimestamp), Some("1677112427387"));
    assert_eq!(one.message_attributes.get("order_id"), hello().message_attributes.get("order_id"));
}

#[test]
fn a_message_has_nothing_of_the_one_before_it() {
    let bare = Message { message_id: "bare".into(), ..Message::default() };
    for shape in SHAPES {
        let bytes = encode(shape, &[hello(), bare.clone(), hello()], "request-1");
        let received = decode(&answer(200, &bytes)).unwrap();
        assert_eq!(received.messages[1], bare, "{shape:?}");
    }
    let absent = br#"{"Messages":[{"MessageId":"1","Body":"x","ReceiptHandle":"y","MD5OfBody":"z","Attributes":{"a":"b"}},
        {"MessageId":"bare","Body":null}]}"#;
    assert_eq!(decode(&answer(200, absent)).unwrap().messages[1], bare);
}

#[test]
fn a_member_that_comes_twice_is_a_fault_since_one_would_be_lost() {
    for twice in [r#""Body":"y""#, r#""MessageId":"2""#, r#""Attributes":{},"Attribute":{}"#] {
        let body = format!(r#"{{"Messages":[{{"MessageId":"1","Body":"x",{twice}}}]}}"#);
        let fault = decode(&answer(200, body.as_bytes())).expect_err(twice);
        assert!(fault.to_string().contains("duplicate field"), "{fault}");
    }
}

/// The last would be taken, and with it what came before would be lost.
#[test]
fn xml_with_a_second_message_in_the_place_of_one_is_a_fault() {
    let xml = |members: &str, after: &str| {
        format!(
            "<ReceiveMessageResponse><ReceiveMessageResult><Message><MessageId>1</MessageId><Body>x</Body>{members}</Message>\
             </ReceiveMessageResult></ReceiveMessageResponse>{after}"
        )
    };
    for after in ["", "\n", "<!-- the end -->"] {
        assert_eq!(decode(&answer(200, xml("", after).as_bytes())).expect(after).messages.len(), 1);
    }
    let second = xml("", "");
    for (members, after) in
        [("<MessageId>2</MessageId>", ""), ("<Body>y</Body>", ""), ("", second.as_str()), ("", "more")]
    {
        let fault = fault(200, xml(members, after).as_bytes());
        assert_eq!((fault.kind, fault.remedy), (Unrecognised, Stop), "{members} {after}: {fault}");
    }
}

/// A template may leave the quotes out. What does not fit into a float stays as it is all the same.
#[test]
fn numbers_are_the_ones_that_are_written() {
    for number in ["18849496460467696128", "12345678901234567890.12", "1.10", "-0", "1e400", "7"] {
        let body = format!(
            r#"{{"Messages":[{{"MessageId":"1","Body":"x","Attributes":{{"SequenceNumber":{number}}},
            "MessageAttributes":{{"n":{{"DataType":"Number","StringValue":{number}}}}}}}]}}"#
        );
        let message = decode(&answer(200, body.as_bytes())).expect(number).messages.remove(0);
        assert_eq!(message.attributes().collect::<Vec<_>>(), [("SequenceNumber", number)]);
        assert_eq!(message.message_attributes().next().expect(number).1.text, number);
    }
}

#[test]
fn an_empty_answer_tells_who_wrote_it() {
    for (result, shape) in [("{\"messages\":null}", Shape::QueryJson), ("null", Shape::QueryJsonOneOrMany)] {
        let body = format!(r#"{{"ReceiveMessageResponse":{{"ReceiveMessageResult":{result}}}}}"#);
        assert_eq!(decode(&answer(200, body.as_bytes())).expect(result).shape, shape, "{result}");
    }
}

/// Custom attributes as names and texts.
fn custom(written: &str) -> Vec<(String, String)> {
    let body = format!(r#"{{"Messages":[{{"MessageAttributes":{written},"Body":"x","MessageId":"1"}}]}}"#);
    let received = decode(&answer(200, body.as_bytes())).expect(written);
    let attributes = received.messages[0].message_attributes();
    attributes.map(|(name, attribute)| (name.to_owned(), attribute.text.to_owned())).collect()
}

#[test]
fn a_pair_is_told_from_a_map_whatever_its_names_are() {
    let value = r#"{"DataType":"String","StringValue":"order"}"#;
    for (written, expected) in [
        (format!(r#"{{"Name":"kind","Value":{value}}}"#), &[("kind", "order")][..]),
        (format!(r#"{{"Value":{value},"Name":"k\u0069nd"}}"#), &[("kind", "order")]),
        (format!(r#"[{{"Value":{value},"Name":"kind","More":[1]}}]"#), &[("kind", "order")]),
        (format!(r#"{{"Name":{value},"Value":{value}}}"#), &[("Name", "order"), ("Value", "order")]),
        (r#"{"Name":"kind"}"#.to_owned(), &[("Name", "kind")]),
        (
            format!(r#"{{"Name":"kind","Value":{value},"a":"b"}}"#),
            &[("Name", "kind"), ("Value", "order"), ("a", "b")],
        ),
        (
            format!(r#"{{"a":"b","Name":"kind","Value":{value}}}"#),
            &[("a", "b"), ("Name", "kind"), ("Value", "order")],
        ),
        ("null".to_owned(), &[]),
        ("{}".to_owned(), &[]),
    ] {
        let expected: Vec<_> =
            expected.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
        assert_eq!(custom(&written), expected, "{written}");
    }
}

#[test]
fn an_empty_receive_is_empty_in_every_way_of_writing_it() {
    for body in [
        r#"{"ReceiveMessageResponse":{"ReceiveMessageResult":{"messages":null},"ResponseMetadata":{"RequestId":"1"}}}"#,
        r#"{"ReceiveMessageResponse":{"ReceiveMessageResult":{"messages":[]},"ResponseMetadata":{"RequestId":"1"}}}"#,
        r#"{"ReceiveMessageResponse": {"ReceiveMessageResult": null, "ResponseMetadata": {"RequestId": "1"}}}"#,
        r"<ReceiveMessageResponse><ReceiveMessageResult/><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></ReceiveMessageResponse>",
        "{}",
        r#"{"Messages":null}"#,
        r#"{"Messages":[]}"#,
        "\u{feff}{\"Messages\":[]}",
    ] {
        let received =
            decode(&answer(200, body.as_bytes())).unwrap_or_else(|fault| panic!("{body}: {fault}"));
        assert!(received.messages.is_empty(), "{body}: {received:?}");
    }
}

#[test]
fn a_header_names_the_request_id_before_the_body_does() {
    let body = fixture("wire/query-json.json");
    assert_eq!(decode(&answer(200, &body)).unwrap().request_id.as_deref(), Some("b5a2"));
    let with_header = Answer { request_id: Some("from-header"), ..answer(200, &body) };
    assert_eq!(decode(&with_header).unwrap().request_id.as_deref(), Some("from-header"));
}

/// One row: status, `x-amzn-ErrorType`, body; then who failed, what to do, and the code shown.
type Row = (u16, Option<&'static str>, &'static str, FaultKind, Remedy, Option<&'static str>);

#[rustfmt::skip]
const FAULTS: &[Row] = &[
    (403, None, r#"{"message":"Missing Authentication Token"}"#, Address, Stop, None),
    (403, Some("MissingAuthenticationTokenException"), r#"{"message":null}"#, Address, Stop, Some("MissingAuthenticationTokenException")),
    (403, None, r#"{"message":"Forbidden"}"#, ApiKey, Stop, None),
    (403, Some("ForbiddenException"), r#"{"Message":null}"#, ApiKey, Stop, Some("ForbiddenException")),
    (403, None, r#"{"Message":"User: arn:aws:iam::1:user/x is not authorized to perform: execute-api:Invoke on resource: y"}"#, Credentials, Stop, None),
    (403, None, r#"{"message":"The security token included in the request is invalid."}"#, Credentials, Stop, None),
    (403, Some("InvalidSignatureException"), r#"{"message":"Signature expired: 20260101T000000Z is now earlier than ..."}"#, Credentials, Stop, Some("InvalidSignatureException")),
    (401, None, r#"{"message":"Unauthorized"}"#, Credentials, Stop, None),
    (429, None, r#"{"message":"Too Many Requests"}"#, Throttled, BackOff, None),
    (429, Some("LimitExceededException"), r#"{"message":"Limit Exceeded"}"#, Quota, Stop, Some("LimitExceededException")),
    (404, None, r#"{"message":"Not Found"}"#, Address, Stop, None),
    (404, None, r#"{"message": "The API id 'x' does not correspond to a deployed API Gateway API"}"#, Address, Stop, None),
    (413, None, r#"{"message":"Request Too Long"}"#, Request, Stop, None),
    (415, None, r#"{"message":"Unsupported Media Type"}"#, Request, Stop, None),
    (500, None, r#"{"message": "Internal server error"}"#, Gateway, BackOff, None),
    (500, None, "", Gateway, BackOff, None),
    (502, None, r#"{"message": "Internal server error"}"#, Gateway, BackOff, None),
    (503, None, r#"{"message":"Service Unavailable"}"#, Gateway, BackOff, None),
    (504, None, r#"{"message": "Endpoint request timed out"}"#, Gateway, BackOff, None),
    (200, None, r#"{"Error":{"Code":"AWS.SimpleQueueService.NonExistentQueue","Message":"The specified queue does not exist.","Type":"Sender"},"RequestId":"7f"}"#, Sqs, Stop, Some("AWS.SimpleQueueService.NonExistentQueue")),
    (400, None, r#"{"ErrorResponse":{"Error":{"Code":"AccessDenied","Message":"Access denied","Type":"Sender"},"RequestId":"7f"}}"#, Sqs, Stop, Some("AccessDenied")),
    (200, None, r#"{"ErrorResponse":{"Error":{"Code":"InvalidParameterValue","Message":"Value 11 for parameter MaxNumberOfMessages is invalid.","Type":"Sender"}}}"#, Sqs, Stop, Some("InvalidParameterValue")),
    (403, None, r#"{"Error":{"Code":"InvalidSecurity","Message":"x","Type":"Sender"}}"#, Sqs, Stop, Some("InvalidSecurity")),
    (400, None, r#"{"Error":{"Code":"KMS.AccessDeniedException","Message":"x"}}"#, Sqs, Stop, Some("KMS.AccessDeniedException")),
    (200, None, r#"{"Error":{"Code":"RequestThrottled","Message":"Rate exceeded","Type":"Sender"}}"#, Sqs, BackOff, Some("RequestThrottled")),
    (403, None, r#"{"Error":{"Code":"OverLimit","Message":"x","Type":"Sender"}}"#, Sqs, BackOff, Some("OverLimit")),
    (503, None, r#"{"Error":{"Code":"ServiceUnavailable","Message":"x","Type":"Receiver"}}"#, Sqs, BackOff, Some("ServiceUnavailable")),
    (500, None, r#"{"Error":{"Code":"InternalError","Message":"x","Type":"Receiver"}}"#, Sqs, BackOff, Some("InternalError")),
    (400, None, r#"{"Error":{"Code":"KMS.ThrottlingException","Message":"x"}}"#, Sqs, BackOff, Some("KMS.ThrottlingException")),
    (200, None, r#"<ErrorResponse xmlns="http://queue.amazonaws.com/doc/2012-11-05/"><Error><Type>Sender</Type><Code>AWS.SimpleQueueService.NonExistentQueue</Code><Message>The specified queue does not exist.</Message><Detail/></Error><RequestId>7f</RequestId></ErrorResponse>"#, Sqs, Stop, Some("AWS.SimpleQueueService.NonExistentQueue")),
    (400, None, r#"{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"The specified queue does not exist."}"#, Sqs, Stop, Some("QueueDoesNotExist")),
    (200, None, r#"{"__type":"com.amazon.coral.service#ServiceUnavailable","Message":null}"#, Sqs, BackOff, Some("ServiceUnavailable")),
    (400, None, "<UnknownOperationException/>", Mapping, Stop, Some("UnknownOperationException")),
    (200, None, "<UnknownOperationException/>\n", Mapping, Stop, Some("UnknownOperationException")),
    (404, None, r#"{"__type":"com.amazon.coral.service#UnknownOperationException"}"#, Mapping, Stop, Some("UnknownOperationException")),
    (200, None, "<html><body>Please log in</body></html>", Between, BackOff, None),
    (403, None, "<!DOCTYPE html><title>Blocked</title>", Between, BackOff, None),
    (200, None, "", Between, BackOff, None),
    (200, None, r#"{"ReceiveMessageResponse":{"ReceiveMessageResult":{"messages":[{"Bo"#, Between, BackOff, None),
    (200, None, "<ReceiveMessageResponse><ReceiveMessageResult><Message><Body>x", Between, BackOff, None),
    (200, None, r#"{"orders":[{"id":1}]}"#, Unrecognised, Stop, None),
    (200, None, r#"{"message":"hello"}"#, Unrecognised, Stop, None),
    (200, None, r#"{"ReceiveMessageResponse":{}}"#, Unrecognised, Stop, None),
    (200, None, r#"{"ReceiveMessageResponse":{"ReceiveMessageResult":{"messages":[{"MessageId":"1"}]}}}"#, Unrecognised, Stop, None),
    (200, None, r#"{"Messages":[null]}"#, Unrecognised, Stop, None),
    (200, None, "null", Unrecognised, Stop, None),
    (200, None, "[]", Unrecognised, Stop, None),
    (200, None, "ok", Unrecognised, Stop, None),
    (200, None, r#"{"Error":{"Code":"x","Message":"y"},"Messages":[{"MessageId":"1","Body":"x"}]}"#, Unrecognised, Stop, None),
    (400, None, r#"{"Messages":null,"Error":{"Code":"Throttling","Message":"y"}}"#, Sqs, BackOff, Some("Throttling")),
    (200, None, "<!DOCTYPE lolz [<!ENTITY lol \"lol\">]><lolz>&lol;</lolz>", Unrecognised, Stop, None),
    (302, None, "", Address, Stop, None),
    (304, None, "", Between, BackOff, None),
];

#[test]
fn every_fault_is_laid_at_the_right_door() {
    for &(status, error_type, body, kind, remedy, code) in FAULTS {
        let fault = decode(&Answer { error_type, ..answer(status, body.as_bytes()) }).expect_err(body);
        let seen = (fault.kind, fault.remedy, fault.code.as_deref(), fault.status);
        assert_eq!(seen, (kind, remedy, code, Some(status)), "{status} {body}");
        assert!(!fault.message.is_empty(), "{status} {body} has no words");
        assert!(!fault.advice().is_empty());
    }
}

#[test]
fn an_error_status_without_messages_is_never_an_empty_receive() {
    for body in ["{}", r#"{"Messages":[]}"#] {
        assert_eq!(fault(500, body.as_bytes()).kind, Gateway);
        assert_eq!(fault(403, body.as_bytes()).kind, ApiKey);
    }
}

#[test]
fn evidence_is_kept_for_support() {
    let body = br#"{"message":"Too Many Requests"}"#;
    let fault = decode(&Answer {
        request_id: Some("r-1"),
        gateway_id: Some("g-1"),
        retry_after: Some(Duration::from_secs(7)),
        ..answer(429, body)
    })
    .unwrap_err();
    assert_eq!(fault.request_id.as_deref(), Some("r-1"));
    assert_eq!(fault.gateway_id.as_deref(), Some("g-1"));
    assert_eq!(fault.retry_after, Some(Duration::from_secs(7)));
}

#[test]
fn the_first_bytes_of_what_cannot_be_read_are_shown_and_cannot_hurt() {
    let shown = fault(200, b"\x1b]0;owned\x07 hello \xff").excerpt.expect("an excerpt");
    assert!(shown.starts_with("␛]0;owned␇ hello"), "{shown}");
    let long = fault(200, &b"x".repeat(10_000)).excerpt.expect("an excerpt");
    assert!(long.len() < 300 && long.ends_with('…'), "{long}");
}

#[test]
fn a_fault_keeps_the_beginning_of_what_was_said_however_long_it_was() {
    let long = "x".repeat(1 << 20);
    for body in [
        format!(r#"{{"{long}":1}}"#),
        format!(r#"{{"message":"not authorized: {long}"}}"#),
        format!(r#"{{"Error":{{"Code":"{long}","Message":"{long}"}},"RequestId":"{long}"}}"#),
        format!("<{long}/>"),
    ] {
        let fault = fault(200, body.as_bytes());
        let line = fault.to_string();
        assert!(line.contains("xxxx…") && line.len() < 4_000, "{} bytes", line.len());
        assert!(fault.message.len() <= 1_100 && fault.code.is_none_or(|code| code.len() <= 200));
    }
}

#[test]
fn errors_nested_a_hundred_thousand_deep_are_a_fault() {
    for (open, close) in [("<Response>", ""), ("<ErrorResponse>", "</Errors>")] {
        let body = format!("{open}{}{}", "<Errors>".repeat(100_000), close.repeat(100_000));
        assert_eq!(fault(200, body.as_bytes()).status, Some(200));
    }
    let older = b"<Response><Errors><Error><Code>AccessDenied</Code></Error></Errors><RequestID>r</RequestID></Response>";
    assert_eq!(fault(400, older).code.as_deref(), Some("AccessDenied"));
}

fn any_message() -> impl Strategy<Value = Message> {
    let name = "[A-Za-z_][A-Za-z0-9_.-]{0,12}";
    let value = prop_oneof![
        any::<String>().prop_map(AttributeValue::String),
        any::<Vec<u8>>().prop_map(AttributeValue::Binary),
    ];
    let custom = prop::collection::btree_map(name, value, 0..4);
    let system = prop::collection::btree_map(name, "[ -~]{0,20}", 0..4);
    // XML 1.0, and so SQS, cannot carry other controls.
    let body = "([\\t\\n\\r -~]|[\u{a0}-\u{d7ff}]|[\u{e000}-\u{fffd}]|[\u{10000}-\u{10ffff}]){0,80}";
    ("[0-9a-f]{8}", "[A-Za-z0-9+/=]{0,40}", body, system, custom).prop_map(
        |(id, handle, body, system, custom)| Message {
            message_id: id,
            receipt_handle: handle,
            md5_of_body: Some(digests::md5_of_body(&body)),
            body,
            md5_of_message_attributes: None,
            attributes: system.into_iter().map(|(k, v)| (k.as_str().into(), v.into())).collect(),
            message_attributes: custom
                .into_iter()
                .map(|(name, value)| {
                    let data_type = match value {
                        AttributeValue::String(_) => "String",
                        AttributeValue::Binary(_) => "Binary",
                    };
                    (name.into(), MessageAttribute { data_type: data_type.into(), value })
                })
                .collect(),
        },
    )
}

/// XML cannot carry most controls at all, so text made for it leaves them out.
fn speakable_in_xml(message: &mut Message) {
    let clean = |text: &str| {
        text.chars().filter(|c| !c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}')).collect()
    };
    message.message_attributes = message
        .message_attributes
        .iter()
        .map(|(name, attribute)| {
            let mut attribute = attribute.clone();
            if let AttributeValue::String(text) = &mut attribute.value {
                *text = clean(text);
            }
            (name.into(), attribute)
        })
        .collect();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_in_any_shape_is_read_back(mut messages in prop::collection::vec(any_message(), 0..11)) {
        messages.iter_mut().for_each(speakable_in_xml);
        for shape in SHAPES {
            let bytes = encode(shape, &messages, "request-1");
            let received = decode(&answer(200, &bytes)).map_err(|fault| TestCaseError::fail(format!("{shape:?} {fault}")))?;
            prop_assert_eq!(&received.messages, &messages, "{:?}", shape);
        }
    }

    #[test]
    fn a_body_cut_anywhere_is_a_fault(
        mut messages in prop::collection::vec(any_message(), 1..11), at in any::<prop::sample::Index>(),
    ) {
        messages.iter_mut().for_each(speakable_in_xml);
        for shape in SHAPES {
            let bytes = encode(shape, &messages, "request-1");
            let cut = &bytes[..at.index(bytes.len())];
            prop_assert!(decode(&answer(200, cut)).is_err(), "{:?} {:?}", shape, String::from_utf8_lossy(cut));
        }
    }

    #[test]
    fn a_changed_byte_never_drops_a_message_silently(
        mut messages in prop::collection::vec(any_message(), 1..11),
        at in any::<prop::sample::Index>(), byte in any::<u8>(), insert in any::<bool>(),
    ) {
        messages.iter_mut().for_each(speakable_in_xml);
        for shape in SHAPES {
            let mut bytes = encode(shape, &messages, "request-1");
            let at = at.index(bytes.len());
            if insert { bytes.insert(at, byte) } else { bytes[at] = byte }
            if let Ok(received) = decode(&answer(200, &bytes)) {
                prop_assert_eq!(received.messages.len(), messages.len(), "{:?} {:?}", shape, String::from_utf8_lossy(&bytes));
            }
        }
    }

    #[test]
    fn bytes_of_any_kind_end_in_messages_or_a_fault(bytes in any::<Vec<u8>>(), status in 100u16..600) {
        let _ = decode(&answer(status, &bytes));
    }
}

/// Messages as they are written, each in a way of its own.
const WRITTEN: [&str; 6] = [
    r#"{"MessageId":"1","Body":"x","MessageAttributes":{"Name":{"DataType":"","BinaryValue":"eHg="},"Value":{"DataType":"String","StringValue":"v"}}}"#,
    r#"{"MessageId":"2","Body":"x","MessageAttributes":{"Name":{"DataType":"","BinaryValue":"no base64"},"Value":{"DataType":"String","StringValue":"v"}}}"#,
    r#"{"Attributes":[{"Name":"SentTimestamp","Value":"1677112427387"},{"Value":"1","Name":"Other"}],"Body":"{\"a\":\"x\\\"y\"}","MD5OfBody":"5d41","MD5OfMessageAttributes":null,"MessageAttributes":[{"Name":"k","Value":{"BinaryListValues":null,"BinaryValue":null,"DataType":"String","StringListValues":[],"StringValue":"v"}},{"Name":"b","Value":{"BinaryValue":"eHg=","DataType":"Binary"}},{"Name":"c","Value":{"BinaryValue":"eHg=","DataType":"String","StringValue":"w"}}],"MessageId":"60e8","ReceiptHandle":"AQEB"}"#,
    r#"{"MessageId":"1","Body":"x","Attributes":{"SentTimestamp":"7","N":12},"MessageAttributes":{"Name":{"DataType":"String","StringValue":"a"},"Value":{"DataType":"Number","StringValue":7}}}"#,
    r#"{"MessageId":"1","Body":null,"Attribute":{"Value":"b","Name":"a"},"MessageAttribute":{"Name":"k","Value":"bare"},"More":[{}]}"#,
    r#"{ "MessageId" : "1", "Body" : "x",
       "Attributes" : {"a":"b"}, "MessageAttributes": {"k":"bare","l":{"DataType":"","BinaryValue":"no base64"}} }"#,
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, ..ProptestConfig::default() })]

    /// Those of one answer are laid out alike, mostly, which makes reading them fast. It must not make them alike.
    #[test]
    fn a_message_is_read_the_same_whatever_came_before_it(
        before in prop::sample::select(&WRITTEN[..]), written in prop::sample::select(&WRITTEN[..]),
        same in any::<bool>(), changes in prop::collection::vec((any::<prop::sample::Index>(), 0..3, prop::sample::select(
            [r#"""#, r"\", r#"\""#, r"\u00e9", r"\ud83d", "é", "{", "}", "[", "]", ",", ":", "null", "7", " ", "x", r#""Name":"#]
                .to_vec(),
        )), 0..3),
    ) {
        let mut message = if same { before } else { written }.to_owned();
        for (at, change, other) in changes {
            let at = (0..=at.index(message.len() + 1)).rev().find(|at| message.is_char_boundary(*at)).unwrap_or_default();
            let after = message[at..].chars().next().map_or(at, |character| at + character.len_utf8());
            match change {
                0 => message.insert_str(at, other),
                1 => message.replace_range(at..after, other),
                _ => message.replace_range(at..after, ""),
            }
        }
        let read = |messages: &[&str]| {
            let body = format!(r#"{{"Messages":[{}]}}"#, messages.join(","));
            decode(&answer(200, body.as_bytes())).map(|received| received.messages)
        };
        match (read(&[&message]), read(&[before, &message])) {
            (Ok(alone), Ok(after)) => prop_assert_eq!(&alone, &after[1..]),
            (Err(alone), Err(after)) => prop_assert_eq!((alone.kind, alone.remedy), (after.kind, after.remedy)),
            (alone, after) => prop_assert!(false, "{alone:?} {after:?}"),
        }
    }
}

/// A file, its status, and the messages or the fault that it comes to.
type Captured = (&'static str, u16, Result<usize, (FaultKind, Remedy)>);

/// What LocalStack 4.14 really sent, byte for byte: the file, its status, and what it comes to.
#[rustfmt::skip]
const LOCALSTACK: &[Captured] = &[
    ("empty.json", 200, Ok(0)),
    ("empty.xml", 200, Ok(0)),
    ("one-message.json", 200, Ok(1)),
    ("one-message.xml", 200, Ok(1)),
    ("several-messages.json", 200, Ok(3)),
    ("system-and-custom-attributes.json", 200, Ok(3)),
    ("system-and-custom-attributes.xml", 200, Ok(3)),
    ("one-system-attribute.json", 200, Ok(1)),
    ("one-custom-attribute-of-several.json", 200, Ok(3)),
    ("fifo-attributes.json", 200, Ok(2)),
    ("edge-whitespace.json", 200, Ok(2)),
    ("edge-whitespace.xml", 200, Ok(2)),
    ("aws-json.json", 200, Ok(3)),
    ("nonexistent-queue.json", 200, Err((Sqs, Stop))),
    ("nonexistent-queue.xml", 200, Err((Sqs, Stop))),
    ("invalid-parameter.json", 200, Err((Sqs, Stop))),
    ("invalid-visibility.json", 200, Err((Sqs, BackOff))),
    ("invalid-attribute-name.json", 200, Ok(1)),
    ("action-not-forwarded.txt", 200, Err((Mapping, Stop))),
    ("aws-json-nonexistent-queue.json", 400, Err((Sqs, Stop))),
    ("missing-authentication-token.json", 403, Err((Address, Stop))),
    ("not-deployed.json", 404, Err((Address, Stop))),
    ("not-deployed-stage.json", 404, Err((Address, Stop))),
    ("no-stage-redirect.json", 308, Err((Address, Stop))),
    ("dotted-attribute-mapping.txt", 500, Err((Gateway, BackOff))),
];

#[test]
fn what_localstack_sends_is_understood() {
    for (name, status, expected) in LOCALSTACK {
        let came = decode(&answer(*status, &fixture(&format!("localstack/{name}"))));
        let came = came.map(|received| received.messages.len()).map_err(|fault| (fault.kind, fault.remedy));
        assert_eq!(came, *expected, "{name}");
    }
}

#[test]
fn digests_are_the_ones_that_localstack_computed() {
    for name in ["system-and-custom-attributes.json", "system-and-custom-attributes.xml", "one-message.json"]
    {
        let received = decode(&answer(200, &fixture(&format!("localstack/{name}")))).unwrap();
        assert!(!received.messages.is_empty());
        for message in received.messages.iter().map(PackedMessage::unpack) {
            assert_eq!(message.md5_of_body, Some(digests::md5_of_body(&message.body)), "{name}");
            let custom = digests::md5_of_message_attributes(&message.message_attributes);
            let expected = (!message.message_attributes.is_empty()).then_some(custom);
            assert_eq!(message.md5_of_message_attributes, expected, "{name}");
        }
    }
}

#[test]
fn a_custom_attribute_that_a_template_made_a_bare_string_is_a_string() {
    let body = br#"{"Messages":[{"MessageId":"1","Body":"x","MessageAttributes":{"kind":"order"}}]}"#;
    let message = decode(&answer(200, body)).unwrap().messages[0].unpack();
    let expected =
        MessageAttribute { data_type: "String".into(), value: AttributeValue::String("order".into()) };
    assert_eq!(message.message_attributes.get("kind"), Some(&expected));
}
