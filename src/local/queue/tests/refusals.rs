//! What SQS refuses, by code and by its words.

use super::*;

fn refused(message: SendMessage, queue: &str) -> (&'static str, String) {
    let error = queues().send(queue, message, seconds(0)).unwrap_err();
    (error.code(), error.to_string())
}

fn with_attribute(name: &str, data_type: &str, value: AttributeValue) -> SendMessage {
    let attribute = MessageAttribute { data_type: data_type.into(), value };
    SendMessage { message_attributes: [(Box::from(name), attribute)].into_iter().collect(), ..text("a") }
}

#[test]
fn a_body_that_sqs_cannot_store_is_refused() {
    let long = "x".repeat(1024 * 1024 + 1);
    let cases = [
        ("", "MissingParameter", "MessageBody"),
        ("a\u{0}b", "InvalidMessageContents", "'#x0'"),
        ("\u{ffff}", "InvalidMessageContents", "'#xFFFF'"),
        (&long, "InvalidParameterValue", "shorter than 1048576 bytes"),
    ];
    for (body, code, words) in cases {
        let (given, message) = refused(text(body), "plain");
        assert_eq!(given, code);
        assert!(message.contains(words), "{message}");
    }
    queues().send("plain", text(&long[1..]), seconds(0)).unwrap();
    queues().send("plain", text("tab\tline\r\n山田 🎉"), seconds(0)).unwrap();
}

#[test]
fn a_message_attribute_that_sqs_does_not_take_is_refused() {
    let text = |text: &str| AttributeValue::String(text.to_owned());
    let cases = [
        ("AWS.trace", "String", text("x")),
        (".x", "String", text("x")),
        ("x..y", "String", text("x")),
        ("na me", "String", text("x")),
        ("", "String", text("x")),
        ("x", "Text", text("x")),
        ("x", "Binary", text("x")),
        ("x", "String", AttributeValue::Binary(vec![1])),
        ("x", "String", text("")),
        ("x", "Number", text("ten")),
        ("x", "String", text("\u{1}")),
    ];
    for (name, data_type, value) in cases {
        let (code, _) = refused(with_attribute(name, data_type, value.clone()), "plain");
        assert_eq!(code, "InvalidParameterValue", "{name} {data_type} {value:?}");
    }
    for (data_type, value) in
        [("Number.int", text("-1.5e3")), ("Binary.gif", AttributeValue::Binary(vec![0]))]
    {
        queues().send("plain", with_attribute("a.b-c_d", data_type, value), seconds(0)).unwrap();
    }
}

#[test]
fn body_and_attributes_share_the_one_mebibyte() {
    let value = AttributeValue::String("x".repeat(1024 * 1024 - 7));
    queues().send("plain", with_attribute("k", "String", value.clone()), seconds(0)).unwrap_err();
    let shorter = AttributeValue::String("x".repeat(1024 * 1024 - 8));
    queues().send("plain", with_attribute("k", "String", shorter), seconds(0)).unwrap();
}

#[test]
fn a_fifo_queue_wants_a_group_and_a_deduplication_id_and_no_delay() {
    let whole = grouped("a", "eu");
    let delay_seconds = Some(DelaySeconds::try_from(5).unwrap());
    let cases = [
        (SendMessage { message_group_id: None, ..whole.clone() }, "MissingParameter"),
        (SendMessage { message_deduplication_id: None, ..whole.clone() }, "InvalidParameterValue"),
        (SendMessage { message_group_id: Some("a b".to_owned()), ..whole.clone() }, "InvalidParameterValue"),
        (SendMessage { message_group_id: Some("x".repeat(129)), ..whole.clone() }, "InvalidParameterValue"),
        (SendMessage { delay_seconds, ..whole.clone() }, "InvalidParameterValue"),
    ];
    for (message, code) in cases {
        assert_eq!(refused(message, "line.fifo").0, code);
    }
    assert_eq!(refused(whole, "plain").0, "InvalidParameterValue", "a standard queue deduplicates nothing");
}

#[test]
fn an_unknown_attribute_name_is_refused_and_nothing_is_received() {
    let mut queues = queues();
    queues.send("plain", text("a"), seconds(0)).unwrap();
    let receive = Receive { attribute_name: vec!["Colour".into()], ..ask(1, 30) };
    let error = queues.receive("plain", &receive, seconds(0)).unwrap_err();
    assert_eq!(
        (error.code(), error.to_string()),
        ("InvalidAttributeName", "Unknown Attribute Colour.".to_owned())
    );
    assert_eq!(queues.counts("plain").unwrap().received, 0);
}

#[test]
fn a_receipt_handle_is_good_for_its_own_receive_and_queue_only() {
    let mut queues = queues();
    queues.send("plain", text("a"), seconds(0)).unwrap();
    let handle = |queues: &mut Queues| {
        queues.receive("plain", &ask(1, 0), seconds(0)).unwrap().remove(0).receipt_handle
    };
    let (old, new) = (handle(&mut queues), handle(&mut queues));
    let mut garbled = new.clone();
    garbled.replace_range(20..21, if &new[20..21] == "A" { "B" } else { "A" });
    for (queue, handle) in
        [("plain", &old), ("plain", &garbled), ("orders", &new), ("plain", &"x".to_owned())]
    {
        assert_eq!(
            queues.delete(queue, handle, seconds(0)),
            Err(SqsError::ReceiptHandleIsInvalid(handle.to_owned()))
        );
    }
    assert!(new.starts_with("AQEB"), "as AWS's do: {new}");
    queues.delete("plain", &new.replace('+', " "), seconds(0)).unwrap();
    queues.delete("plain", &new, seconds(0)).unwrap();
    assert_eq!(queues.counts("plain").unwrap().deleted, 1);
}

#[test]
fn on_a_fifo_queue_a_handle_expires_with_its_timeout() {
    let mut queues = queues();
    queues.send("line.fifo", grouped("a", "eu"), seconds(0)).unwrap();
    let handle = queues.receive("line.fifo", &ask(1, 10), seconds(0)).unwrap().remove(0).receipt_handle;
    let error = queues.delete("line.fifo", &handle, seconds(10)).unwrap_err();
    assert!(error.to_string().ends_with("The receipt handle has expired."), "{error}");
}

#[test]
fn a_queue_that_cannot_be_is_not_created() {
    let mut queues = queues();
    for name in ["", ".fifo", "a b", "a.b", "ünïcode", &"x".repeat(81)] {
        assert!(queues.create(name, Settings::default()).is_err(), "{name}");
    }
    assert_eq!(queues.create("plain", Settings::default()), Err(SqsError::QueueNameExists));
    for (queue, dead_letter_queue) in [("plain", "dead.fifo"), ("plain", "plain"), ("plain", "absent")] {
        let max_receive_count = Ranged::MAX;
        let policy = RedrivePolicy { dead_letter_queue: dead_letter_queue.to_owned(), max_receive_count };
        assert!(queues.set_redrive_policy(queue, &policy).is_err(), "{dead_letter_queue}");
    }
    assert_eq!(queues.send("absent", text("a"), seconds(0)), Err(SqsError::NonExistentQueue));
}
