//! Whether a message is one of those that are looked for.

use std::cell::OnceCell;
use std::cmp::Ordering;

use serde_json::Value as Json;

use super::{Comparison, Expression, Field, Flag, Subject, Test, Value};
use crate::sqs::PackedMessage;

/// The body as JSON, read once for all the tests of one filter; none where it is not.
#[derive(Default)]
pub(super) struct Parsed(OnceCell<Option<Json>>);

impl Parsed {
    fn json(&self, body: &str) -> Option<&Json> {
        // Most bodies that are no JSON do not begin as such, and are not read to find out.
        let begins = || {
            matches!(
                body.trim_start().as_bytes().first(),
                Some(b'{' | b'[' | b'"' | b'0'..=b'9' | b'-' | b't' | b'f' | b'n')
            )
        };
        self.0.get_or_init(|| begins().then(|| serde_json::from_str(body).ok()).flatten()).as_ref()
    }
}

impl Expression {
    pub(super) fn matches(&self, subject: &Subject<'_>, parsed: &mut Parsed) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.matches(subject, parsed)),
            Self::Any(parts) => parts.iter().any(|part| part.matches(subject, parsed)),
            Self::Not(part) => !part.matches(subject, parsed),
            Self::Anywhere(pattern) => anywhere(subject.received.message(), |text| pattern.is_in(text)),
            Self::Is(flag) => match flag {
                Flag::Poison => subject.is_poison,
                Flag::Redelivered => subject.receives > 1,
                Flag::New => subject.is_new,
                Flag::Pinned => subject.is_pinned,
                Flag::Altered => subject.received.is_altered(),
            },
            Self::Field(Field::Sent, Test::Timed(comparison, time)) => {
                subject.received.sent_at().is_some_and(|sent| time.holds(*comparison, sent, subject.now))
            }
            Self::Field(Field::Received, Test::Timed(comparison, time)) => {
                subject.received.any(&|received| time.holds(*comparison, received, subject.now))
            }
            Self::Field(field, test) => field.any(subject, parsed, &mut |found| test.holds(found)),
        }
    }
}

/// Whether a text is wanted of a message's body, id, attributes or their names.
fn anywhere(message: &PackedMessage, wanted: impl Fn(&str) -> bool) -> bool {
    let either = |name: &str, value: &str| wanted(name) || wanted(value);
    wanted(message.body())
        || wanted(message.message_id())
        || message.attributes().any(|(name, value)| either(name, value))
        || message.message_attributes().any(|(name, attribute)| either(name, attribute.text))
}

/// What stands at a field.
#[derive(Clone, Copy)]
enum Found<'a> {
    Text(&'a str),
    Number(f64),
    Json(&'a Json),
}

impl Field {
    /// Whether anything that stands there is wanted; what is absent never is.
    fn any(&self, subject: &Subject<'_>, parsed: &Parsed, wanted: &mut dyn FnMut(Found<'_>) -> bool) -> bool {
        let received = subject.received;
        let message = || received.message();
        let is = |wanted: &Option<String>, name: &str| wanted.as_ref().is_none_or(|wanted| wanted == name);
        match self {
            Self::Body(path) if path.0.is_empty() => wanted(Found::Text(message().body())),
            Self::Body(path) => parsed
                .json(message().body())
                .is_some_and(|body| path.any(body, &mut |value| wanted(Found::Json(value)))),
            Self::Attribute(name) => {
                message().attributes().any(|(known, value)| is(name, known) && wanted(Found::Text(value)))
            }
            Self::Custom(name) => message()
                .message_attributes()
                .any(|(known, attribute)| is(name, known) && wanted(Found::Text(attribute.text))),
            Self::Size => wanted(Found::Number(precise(received.body_bytes()))),
            Self::Age => received.sent_at().is_some_and(|sent| {
                let age = (subject.now - sent).to_std().unwrap_or_default();
                wanted(Found::Number(age.as_secs_f64()))
            }),
            Self::Id => wanted(Found::Text(message().message_id())),
            Self::Group => received.message_group_id().is_some_and(|group| wanted(Found::Text(group))),
            // These are compared as times, above.
            Self::Sent | Self::Received => false,
        }
    }
}

/// Sizes are far below what an `f64` counts exactly.
#[expect(clippy::cast_precision_loss, reason = "a body has at most 1 MiB")]
fn precise(bytes: usize) -> f64 {
    bytes as f64
}

impl Test {
    fn holds(&self, found: Found<'_>) -> bool {
        match self {
            Self::Exists => !matches!(found, Found::Json(Json::Null)),
            Self::Has(pattern) => match found {
                Found::Text(text) => pattern.is_in(text),
                Found::Json(Json::String(text)) => pattern.is_in(text),
                Found::Number(number) => pattern.is_in(&number.to_string()),
                Found::Json(value) => pattern.is_in(&value.to_string()),
            },
            Self::Compares(comparison, value) => compares(*comparison, &found, value),
            Self::Timed(..) => false,
        }
    }
}

fn compares(comparison: Comparison, found: &Found<'_>, value: &Value) -> bool {
    let ordering = ordering(found, value);
    match comparison {
        Comparison::Equal => ordering == Some(Ordering::Equal),
        Comparison::NotEqual => ordering != Some(Ordering::Equal),
        Comparison::Greater => ordering == Some(Ordering::Greater),
        Comparison::GreaterOrEqual => matches!(ordering, Some(Ordering::Greater | Ordering::Equal)),
        Comparison::Less => ordering == Some(Ordering::Less),
        Comparison::LessOrEqual => matches!(ordering, Some(Ordering::Less | Ordering::Equal)),
    }
}

/// Numbers compare with numbers, text with text; none where one is a number and the other is not, or where there is no
/// order, as between lists.
fn ordering(found: &Found<'_>, value: &Value) -> Option<Ordering> {
    let of_text = |text: &str| match value.number {
        Some(number) => text.trim().parse::<f64>().ok()?.partial_cmp(&number),
        None => Some(text.cmp(&value.text)),
    };
    match found {
        Found::Number(found) => found.partial_cmp(&value.number?),
        Found::Text(text) => of_text(text),
        Found::Json(Json::String(text)) => of_text(text),
        Found::Json(Json::Number(found)) => match value.number {
            Some(number) => found.as_f64()?.partial_cmp(&number),
            None => Some(found.to_string().as_str().cmp(&value.text)),
        },
        Found::Json(Json::Bool(found)) => of_word(if *found { "true" } else { "false" }, value),
        Found::Json(Json::Null) => of_word("null", value),
        Found::Json(Json::Array(_) | Json::Object(_)) => None,
    }
}

/// `true`, `false` and `null` are equal to their word, and have no order.
fn of_word(word: &str, value: &Value) -> Option<Ordering> {
    (word == value.text).then_some(Ordering::Equal)
}
