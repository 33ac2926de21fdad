//! Filters: read, then asked about messages.

use chrono::{DateTime, TimeDelta, Utc};
use qwatch::filter::{Filter, Once, Path, Problem, Saved, Subject};
use qwatch::sqs::{AttributeName, AttributeValue, Message, MessageAttribute, PackedMessage};
use qwatch::text::visible;

/// The first line is the filter, the rest the body of a message.
pub fn holds(input: &[u8]) {
    let input = String::from_utf8_lossy(input);
    let (text, body) =
        input.split_once('\n').unwrap_or((&input, r#"{"items":[{"sku":"A-1"}],"status":"failed"}"#));
    a_path_is_read_as_it_is_written(text);
    let saved = saved();
    match Filter::parse(text, &saved) {
        Ok(filter) => judges(&filter, &saved, &message(body).into()),
        Err(problem) => points_into(&problem, text),
    }
}

fn saved() -> Saved {
    let saved = [("bad", "failed or status:error"), ("worse", "@bad not age < 1s"), ("loop", "a @loop")];
    saved.map(|(name, text)| (name.to_owned(), text.to_owned())).into()
}

fn message(body: &str) -> Message {
    let mut message = Message { message_id: "60e827c3".into(), body: body.into(), ..Message::default() };
    message.attributes.push(AttributeName::SentTimestamp, "1772366400000");
    message.attributes.push(AttributeName::MessageGroupId, "eu");
    let binary = MessageAttribute { data_type: "Binary".into(), value: AttributeValue::Binary(vec![0, 159]) };
    message.message_attributes.push("kind", binary);
    message
}

/// Each message is taken or not, whatever the filter and the hour: what a filter's text takes, its negation leaves.
fn judges(filter: &Filter, saved: &Saved, message: &PackedMessage) {
    let negated = Filter::parse(&format!("not ({})", filter.text()), saved).ok();
    let negated = negated.filter(|_| !filter.text().is_empty());
    let hours = [DateTime::<Utc>::MIN_UTC, sent() + TimeDelta::days(1), DateTime::<Utc>::MAX_UTC];
    for now in hours {
        let subject = Subject {
            receives: 3,
            is_new: true,
            is_poison: false,
            is_pinned: false,
            received: &Once { message, at: now, all_asked: true },
            now,
        };
        let taken = filter.matches(&subject);
        if let Some(negated) = &negated {
            assert_eq!(negated.matches(&subject), !taken);
        }
    }
}

fn sent() -> DateTime<Utc> {
    DateTime::from_timestamp_millis(1_772_366_400_000).expect("a time")
}

fn points_into(problem: &Problem, text: &str) {
    assert!(problem.column <= text.chars().count(), "{problem}");
    assert!(!problem.what.is_empty());
    assert_eq!(visible(&problem.what), problem.what);
}

fn a_path_is_read_as_it_is_written(text: &str) {
    if let Ok(path) = text.parse::<Path>() {
        assert_eq!(path.to_string().parse(), Ok(path));
    }
}
