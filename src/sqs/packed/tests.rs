use proptest::prelude::*;

use super::*;
use crate::sqs::Message;

fn messages() -> impl Strategy<Value = Message> {
    let text = || "\\PC{0,80}";
    let digest = || prop::option::of(prop_oneof!["[0-9a-fA-F]{32}", text()]);
    let name =
        prop_oneof![Just("SentTimestamp".to_owned()), Just("MessageGroupId".into()), "[A-Z][a-z]{0,80}"];
    let system = prop::collection::vec((name, text()), 0..6);
    let value = prop_oneof![
        text().prop_map(AttributeValue::String),
        prop::collection::vec(any::<u8>(), 0..80).prop_map(AttributeValue::Binary)
    ];
    let custom = prop::collection::vec((text(), prop_oneof!["String", "Number.int", "Binary"], value), 0..4);
    (text(), text(), "(?s).{0,5000}", [digest(), digest()], system, custom).prop_map(
        |(message_id, receipt_handle, body, [md5_of_body, md5_of_message_attributes], system, custom)| {
            Message {
                message_id,
                receipt_handle,
                body,
                md5_of_body,
                md5_of_message_attributes,
                attributes: system
                    .into_iter()
                    .map(|(name, value)| (AttributeName::from(name.as_str()), value.into()))
                    .collect(),
                message_attributes: custom
                    .into_iter()
                    .map(|(name, data_type, value)| {
                        (name.into(), MessageAttribute { data_type: data_type.as_str().into(), value })
                    })
                    .collect(),
            }
        },
    )
}

proptest! {
    #[test]
    fn whatever_is_packed_or_held_comes_out_as_it_came(mut message in messages()) {
        let packed = PackedMessage::from(&message);
        prop_assert_eq!(&packed, &message);
        let mut room = String::new();
        // Nothing of the one before it is left.
        let _ = PackedMessage::from(Message { body: "another".into(), ..Message::default() }).to_hold(&mut room);
        let held = packed.to_hold(&mut room);
        prop_assert_eq!(held.message_id(), &message.message_id);
        prop_assert_eq!(held.receipt_handle(), handle_end(&message.receipt_handle));
        message.receipt_handle = handle_end(&message.receipt_handle).to_owned();
        prop_assert_eq!(&held, &message);
        // What is held already stays as it is, but for the handle.
        let again = held.to_hold(&mut room);
        prop_assert_eq!(again.md5_of_body(), held.md5_of_body());
        prop_assert_eq!(again.md5_of_message_attributes(), held.md5_of_message_attributes());
    }
}

/// A template may write them otherwise than SQS does: a guard has to read them all the same, and no zone leaves the calendar.
#[test]
fn counts_and_times_are_read_as_far_as_they_make_sense() {
    let message = |name: AttributeName, value: &str| {
        let mut message = Message::default();
        message.attributes.push(name, value.to_owned());
        PackedMessage::from(message)
    };
    let counts = [
        ("3", Some(3)),
        (" 9 ", Some(9)),
        ("3.0", Some(3)),
        ("1e9", Some(1_000_000_000)),
        ("4294967296", Some(u32::MAX)),
        ("99999999999999999999", Some(u32::MAX)),
        ("-1", None),
        ("many", None),
    ];
    for (written, count) in counts {
        let message = message(AttributeName::ApproximateReceiveCount, written);
        assert_eq!(message.approximate_receive_count(), count, "{written}");
        assert_eq!(message.facts().approximate_receive_count, count, "{written}");
    }
    let times = [
        ("1700000000000", true),
        ("-62135596800000", true),
        ("-62135596800001", false),
        ("253370764799999", true),
        ("253370764800000", false),
        ("1700000000000.0", true),
        ("1.7E12", true),
        ("8210266876799999", false),
        ("-8334601228800000", false),
    ];
    for (written, is_time) in times {
        let message = message(AttributeName::SentTimestamp, written);
        assert_eq!(message.sent_at().is_some(), is_time, "{written}");
        assert_eq!(message.facts().sent_at().is_some(), is_time, "{written}");
    }
}

#[test]
fn of_a_handle_only_the_end_is_held() {
    let known =
        [("", ""), ("12345678", "…"), ("123456789", "456789"), ("AQEB-日本語の文字列", "本語の文字列")];
    for (handle, end) in known {
        assert_eq!(handle_end(handle), end, "{handle}");
    }
}
