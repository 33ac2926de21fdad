//! An observation can be written down and read back: a recording is nothing but observations.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so by panicking")]

use std::time::Duration;

use chrono::DateTime;
use proptest::option;
use proptest::prelude::*;
use qwatch::observation::{Guarded, Moment, Next, Observation, Outcome, Timing, Why};
use qwatch::sqs::{
    AttributeName, AttributeValue, Attributes, Message, MessageAttribute, MessageAttributes, PackedMessage,
    ReceiveParameters,
};
use qwatch::wire::{Fault, FaultKind, Remedy, Shape};

fn duration() -> impl Strategy<Value = Duration> {
    (any::<u64>(), 0..1_000_000_000_u32).prop_map(|(seconds, nanos)| Duration::new(seconds, nanos))
}

fn moment() -> impl Strategy<Value = Moment> {
    // From the year 1 to the year 9999, as RFC 3339 writes them.
    let wall = (-62_135_596_800..253_402_300_800_i64, 0..1_000_000_000_u32);
    (wall, duration()).prop_map(|((seconds, nanos), offset)| Moment {
        wall: DateTime::from_timestamp(seconds, nanos).unwrap(),
        offset,
    })
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![any::<String>(), "[ -~]{0,20}", Just("\0\u{1b}[2J\u{202e}日本\n\"\\".to_owned())]
}

fn attribute_name() -> impl Strategy<Value = AttributeName> {
    prop_oneof![
        prop::sample::select(AttributeName::KNOWN),
        text().prop_map(|name| AttributeName::from(name.as_str()))
    ]
}

fn message_attribute() -> impl Strategy<Value = MessageAttribute> {
    let value = prop_oneof![
        text().prop_map(AttributeValue::String),
        prop::collection::vec(any::<u8>(), 0..40).prop_map(AttributeValue::Binary),
    ];
    (text(), value)
        .prop_map(|(data_type, value)| MessageAttribute { data_type: data_type.as_str().into(), value })
}

fn message() -> impl Strategy<Value = Message> {
    let attributes = prop::collection::vec((attribute_name(), text()), 0..4).prop_map(|pairs| {
        pairs.into_iter().map(|(name, value)| (name, value.into_boxed_str())).collect::<Attributes>()
    });
    let message_attributes =
        prop::collection::vec((text().prop_map(String::into_boxed_str), message_attribute()), 0..4)
            .prop_map(|pairs| pairs.into_iter().collect::<MessageAttributes>());
    let digests = (option::of(text()), option::of(text()));
    (text(), text(), text(), digests, attributes, message_attributes).prop_map(
        |(message_id, receipt_handle, body, digests, attributes, message_attributes)| Message {
            message_id,
            receipt_handle,
            body,
            md5_of_body: digests.0,
            md5_of_message_attributes: digests.1,
            attributes,
            message_attributes,
        },
    )
}

fn fault() -> impl Strategy<Value = Fault> {
    use FaultKind::{
        Address, ApiKey, Between, Credentials, Gateway, Mapping, Network, Quota, Request, Sqs, Throttled,
        Unrecognised,
    };
    let kinds = vec![
        Address,
        ApiKey,
        Between,
        Credentials,
        Gateway,
        Mapping,
        Network,
        Quota,
        Request,
        Sqs,
        Throttled,
        Unrecognised,
    ];
    let who = (prop::sample::select(kinds), prop::sample::select(vec![Remedy::BackOff, Remedy::Stop]));
    let ids = (option::of(text()), option::of(text()));
    (
        who,
        option::of(any::<u16>()),
        option::of(text()),
        text(),
        ids,
        option::of(text()),
        option::of(duration()),
    )
        .prop_map(|((kind, remedy), status, code, message, ids, excerpt, retry_after)| Fault {
            kind,
            remedy,
            status,
            code,
            message,
            request_id: ids.0,
            gateway_id: ids.1,
            excerpt,
            retry_after,
        })
}

fn outcome() -> impl Strategy<Value = Outcome> {
    let shapes = vec![Shape::QueryJson, Shape::QueryJsonOneOrMany, Shape::QueryXml, Shape::AwsJson];
    let messages = prop::collection::vec(message().prop_map(PackedMessage::from), 0..4);
    prop_oneof![
        (messages, prop::sample::select(shapes), option::of(text()))
            .prop_map(|(messages, shape, request_id)| { Outcome::Received { messages, shape, request_id } }),
        fault().prop_map(Outcome::Faulted),
        guarded().prop_map(Outcome::Withheld),
    ]
}

fn guarded() -> impl Strategy<Value = Guarded> {
    let message = (option::of(text()), any::<u32>(), any::<u32>());
    let why = prop_oneof![
        message.prop_map(|(message_id, receives, by_us)| Why::Message { message_id, receives, by_us }),
        any::<u32>().prop_map(|answers| Why::Lost { answers }),
        Just(Why::Fifo),
    ];
    (why, option::of(any::<u32>()), any::<bool>(), any::<u32>()).prop_map(
        |(why, max_receive_count, assumed, reserve)| Guarded { why, max_receive_count, assumed, reserve },
    )
}

fn parameters() -> impl Strategy<Value = ReceiveParameters> {
    let numbers = (1..=10_u32, 0..=43_200_u32, 0..=20_u32);
    let names = (prop::collection::vec(attribute_name(), 0..3), prop::collection::vec(text(), 0..3));
    (numbers, names).prop_map(|((most, hidden, wait), (attribute_name, message_attribute_name))| {
        ReceiveParameters {
            max_number_of_messages: most.try_into().unwrap(),
            visibility_timeout: hidden.try_into().unwrap(),
            wait_time_seconds: wait.try_into().unwrap(),
            attribute_name,
            message_attribute_name,
        }
    })
}

prop_compose! {
    fn observation()(
        endpoint in text(),
        asked in parameters(),
        started in moment(),
        (connect, first_byte, total) in (option::of(duration()), option::of(duration()), duration()),
        outcome in outcome(),
        next in prop_oneof![
            duration().prop_map(|at| Next::Poll { at }),
            duration().prop_map(|until| Next::BackOff { until }),
            Just(Next::Stop),
            Just(Next::Guard),
        ],
    ) -> Observation {
        let timing = Timing { dns: connect, connect, tls: first_byte, first_byte, total };
        Observation { endpoint: endpoint.as_str().into(), asked, started, timing, outcome, next }
    }
}

proptest! {
    #[test]
    fn an_observation_written_down_is_read_back_as_it_was(observation in observation()) {
        let line = serde_json::to_string(&observation).unwrap();
        prop_assert!(!line.contains('\n'), "one line an observation: {line}");
        let read: Observation = serde_json::from_str(&line).expect(&line);
        prop_assert_eq!(&read, &observation);
        let read: Observation = serde_json::from_value(serde_json::to_value(&observation).unwrap()).unwrap();
        prop_assert_eq!(read, observation);
    }
}

/// A recording made today must be read by whatever comes later, so its form is held.
#[test]
fn an_observations_form_on_paper_does_not_change_unnoticed() {
    let message = Message {
        message_id: "m-1".into(),
        receipt_handle: "AQEB".into(),
        body: "hello".into(),
        attributes: Attributes::from_iter([(AttributeName::SentTimestamp, "1677112427387".into())]),
        message_attributes: MessageAttributes::from_iter([(
            "trace".into(),
            MessageAttribute { data_type: "Binary".into(), value: AttributeValue::Binary(vec![0, 255]) },
        )]),
        ..Message::default()
    };
    let received = Observation {
        endpoint: "orders".into(),
        asked: ReceiveParameters::default(),
        started: Moment {
            wall: DateTime::from_timestamp(1_700_000_000, 1_000_000).unwrap(),
            offset: Duration::from_millis(2_500),
        },
        timing: Timing {
            dns: None,
            connect: None,
            tls: None,
            first_byte: Some(Duration::from_millis(8)),
            total: Duration::from_millis(9),
        },
        outcome: Outcome::Received {
            messages: vec![message.into()],
            shape: Shape::QueryJson,
            request_id: None,
        },
        next: Next::Poll { at: Duration::from_millis(4_500) },
    };
    let expected = r#"{
        "endpoint": "orders",
        "asked": {
            "max_number_of_messages": 10, "visibility_timeout": 0, "wait_time_seconds": 0,
            "attribute_name": ["All"], "message_attribute_name": ["All"]
        },
        "started": {"wall": "2023-11-14T22:13:20.001Z", "offset": {"secs": 2, "nanos": 500000000}},
        "timing": {"first_byte": {"secs": 0, "nanos": 8000000}, "total": {"secs": 0, "nanos": 9000000}},
        "outcome": {"received": {
            "messages": [{
                "message_id": "m-1", "receipt_handle": "AQEB", "body": "hello",
                "attributes": [["SentTimestamp", "1677112427387"]],
                "message_attributes": [["trace", {"data_type": "Binary", "value": {"binary": "AP8="}}]]
            }],
            "shape": "query_json"
        }},
        "next": {"poll": {"at": {"secs": 4, "nanos": 500000000}}}
    }"#;
    let expected: serde_json::Value = serde_json::from_str(expected).unwrap();
    assert_eq!(serde_json::to_value(&received).unwrap(), expected);

    let refused = Observation {
        outcome: Outcome::Faulted(Fault::network("ConnectionRefused", "nobody listens")),
        next: Next::BackOff { until: Duration::from_secs(7) },
        ..received.clone()
    };
    let written = serde_json::to_value(&refused).unwrap();
    let fault = serde_json::json!({"faulted": {
        "kind": "network", "remedy": "back_off", "code": "ConnectionRefused", "message": "nobody listens"
    }});
    assert_eq!(written["outcome"], fault);
    assert_eq!(written["next"], serde_json::json!({"back_off": {"until": {"secs": 7, "nanos": 0}}}));
    let stopped = serde_json::to_value(Observation { next: Next::Stop, ..received }).unwrap();
    assert_eq!(stopped["next"], "stop");
}

#[test]
fn what_an_observation_brought_and_when_it_ended_can_be_asked() {
    let start = DateTime::from_timestamp(1_700_000_000, 0).unwrap();
    let fault = Fault::network("ConnectionRefused", "nobody listens");
    let mut observation = Observation {
        endpoint: "orders".into(),
        asked: ReceiveParameters::default(),
        started: Moment { wall: start, offset: Duration::from_secs(3) },
        timing: Timing { total: Duration::from_millis(1_500), ..Timing::default() },
        outcome: Outcome::Faulted(fault.clone()),
        next: Next::Stop,
    };
    let finished = observation.finished();
    assert_eq!(finished.offset, Duration::from_millis(4_500));
    assert_eq!(finished.wall.timestamp_millis(), 1_700_000_001_500);
    assert_eq!((observation.fault(), observation.messages().len()), (Some(&fault), 0));
    let messages = vec![Message::default().into()];
    observation.outcome = Outcome::Received { messages, shape: Shape::AwsJson, request_id: None };
    assert_eq!((observation.fault(), observation.messages().len()), (None, 1));
    // Not even the end of time is a reason to panic.
    observation.started.offset = Duration::MAX;
    observation.started.wall = DateTime::<chrono::Utc>::MAX_UTC;
    assert_eq!(observation.finished(), observation.started);
}
