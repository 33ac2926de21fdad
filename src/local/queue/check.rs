//! What SQS refuses to store, or to be asked for.

use super::{SendMessage, SqsError};
use crate::sqs::{AttributeName, AttributeValue, MessageAttribute, MessageAttributes};

/// SQS: body and message attributes together, 1 MiB.
pub(super) const MESSAGE_BYTES: usize = 1024 * 1024;
/// SQS: message attributes a message may carry.
const MESSAGE_ATTRIBUTES: usize = 10;
/// SQS: characters of a message attribute's name, and of its data type.
const NAME_CHARACTERS: usize = 256;
/// SQS: characters of a group or deduplication id.
const ID_CHARACTERS: usize = 128;
pub(super) const ALLOWED_CHARACTERS: &str =
    "#x9 | #xA | #xD | [#x20 to #xD7FF] | [#xE000 to #xFFFD] | [#x10000 to #x10FFFF]";
const WRONG_KIND: &str = "The request include parameter that is not valid for this queue type.";
const ID_RULE: &str = "Can only include alphanumeric and punctuation characters. 1 to 128 in length.";

/// Everything about a message that can be checked without looking at the queue's messages.
pub(super) fn send(message: &SendMessage, fifo: bool, content_deduplicated: bool) -> Result<(), SqsError> {
    if message.body.is_empty() {
        return Err(SqsError::MissingParameter("MessageBody"));
    }
    if let Some(character) = message.body.chars().find(|character| !is_allowed(*character)) {
        return Err(SqsError::InvalidMessageContents { character: character.into() });
    }
    message_attributes(&message.message_attributes)?;
    if message.body.len() + attribute_bytes(&message.message_attributes) > MESSAGE_BYTES {
        return Err(SqsError::MessageTooLong);
    }
    id("MessageGroupId", message.message_group_id.as_deref())?;
    id("MessageDeduplicationId", message.message_deduplication_id.as_deref())?;
    kind(message, fifo, content_deduplicated)
}

fn kind(message: &SendMessage, fifo: bool, content_deduplicated: bool) -> Result<(), SqsError> {
    match (&message.message_deduplication_id, fifo) {
        (Some(id), false) => Err(SqsError::invalid("MessageDeduplicationId", id, WRONG_KIND)),
        (_, true) if message.message_group_id.is_none() => Err(SqsError::MissingParameter("MessageGroupId")),
        (None, true) if !content_deduplicated => Err(SqsError::DeduplicationIdMissing),
        (_, true) => match message.delay_seconds {
            Some(delay) => Err(SqsError::invalid("DelaySeconds", &delay, WRONG_KIND)),
            None => Ok(()),
        },
        (None, false) => Ok(()),
    }
}

/// XML 1.0's `Char`, which SQS keeps to whatever the protocol.
fn is_allowed(character: char) -> bool {
    !matches!(character, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
}

fn id(parameter: &'static str, id: Option<&str>) -> Result<(), SqsError> {
    let Some(id) = id else { return Ok(()) };
    let fits = (1..=ID_CHARACTERS).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic());
    if fits { Ok(()) } else { Err(SqsError::invalid(parameter, &id, ID_RULE)) }
}

fn message_attributes(attributes: &MessageAttributes) -> Result<(), SqsError> {
    if attributes.iter().count() > MESSAGE_ATTRIBUTES {
        let many =
            format!("Number of message attributes exceeds the allowed maximum of {MESSAGE_ATTRIBUTES}.");
        return Err(SqsError::InvalidMessageAttribute(many));
    }
    let mut names: Vec<_> = attributes.iter().map(|(name, _)| name).collect();
    names.sort_unstable();
    if let Some([twice, ..]) = names.windows(2).find(|pair| pair[0] == pair[1]) {
        let why = format!("Message (user) attribute name '{twice}' already exists.");
        return Err(SqsError::InvalidMessageAttribute(why));
    }
    attributes.iter().try_for_each(|(name, attribute)| message_attribute(name, attribute))
}

fn message_attribute(name: &str, attribute: &MessageAttribute) -> Result<(), SqsError> {
    let refuse = |why: String| Err(SqsError::InvalidMessageAttribute(why));
    if !is_attribute_name(name) {
        return refuse(format!("The message attribute name '{name}' is invalid."));
    }
    let kind = attribute.data_type.split('.').next().unwrap_or_default();
    let (value, fits) = match &attribute.value {
        AttributeValue::String(text) => (text.len(), matches!(kind, "String" | "Number")),
        AttributeValue::Binary(bytes) => (bytes.len(), kind == "Binary"),
    };
    if !fits || attribute.data_type.len() > NAME_CHARACTERS {
        return refuse(format!("The type of message (user) attribute '{name}' is invalid."));
    }
    if value == 0 {
        return refuse(format!("Message (user) attribute '{name}' must contain a non-empty value."));
    }
    match &attribute.value {
        AttributeValue::String(text) if kind == "Number" && text.parse::<f64>().is_err() => {
            refuse(format!("Can't cast the value of message (user) attribute '{name}' to a number."))
        }
        AttributeValue::String(text) if !text.chars().all(is_allowed) => {
            refuse(format!("Invalid binary character in the value of message (user) attribute '{name}'."))
        }
        _ => Ok(()),
    }
}

fn is_attribute_name(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    (1..=NAME_CHARACTERS).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte))
        && !(name.starts_with('.') || name.ends_with('.') || name.contains(".."))
        && !(lower.starts_with("aws.") || lower.starts_with("amazon."))
}

fn attribute_bytes(attributes: &MessageAttributes) -> usize {
    let value = |attribute: &MessageAttribute| match &attribute.value {
        AttributeValue::String(text) => text.len(),
        AttributeValue::Binary(bytes) => bytes.len(),
    };
    attributes.iter().map(|(name, attribute)| name.len() + attribute.data_type.len() + value(attribute)).sum()
}

/// SQS knows its system attributes; one that it does not know is refused, not ignored.
pub(super) fn attribute_names(names: &[AttributeName]) -> Result<(), SqsError> {
    match names.iter().find(|name| matches!(name, AttributeName::Other(_))) {
        Some(unknown) => Err(SqsError::InvalidAttributeName(unknown.to_string())),
        None => Ok(()),
    }
}
