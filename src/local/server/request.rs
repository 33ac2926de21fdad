//! What a request's query, headers and body ask of SQS.

use axum::http::HeaderMap;

use crate::local::queue::{DelaySeconds, Receive, SendMessage, SqsError};
use crate::sqs::{AttributeName, AttributeValue, MessageAttribute, MessageAttributes, Ranged};

/// A header `X-Message-Attribute-kind: order` makes a message attribute `kind`. HTTP header names come in
/// lower case, and so does the attribute's.
const ATTRIBUTE_HEADER: &str = "x-message-attribute-";

pub(super) fn receive(query: &str) -> Result<Receive, SqsError> {
    let mut receive = Receive::default();
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        match list_name(&name) {
            "MaxNumberOfMessages" => {
                let reason = "Must be between 1 and 10, if provided.";
                receive.max_number_of_messages = number("MaxNumberOfMessages", &value, reason)?;
            }
            "VisibilityTimeout" => {
                let reason = "Must be between 0 and 43200, if provided.";
                receive.visibility_timeout = Some(number("VisibilityTimeout", &value, reason)?);
            }
            "WaitTimeSeconds" => {
                let reason = "Must be >= 0 and <= 20, if provided.";
                receive.wait_time_seconds = Some(number("WaitTimeSeconds", &value, reason)?);
            }
            // SQS added the second name later and takes both.
            "AttributeName" | "MessageSystemAttributeName" => {
                receive.attribute_name.push(AttributeName::from(&*value));
            }
            "MessageAttributeName" => receive.message_attribute_name.push(value.into_owned()),
            // What the gateway does not map does not reach SQS.
            _ => {}
        }
    }
    Ok(receive)
}

/// `AttributeName` out of `AttributeName.12`: the Query protocol numbers the members of a list.
fn list_name(name: &str) -> &str {
    match name.rsplit_once('.') {
        Some((list, number)) if number.bytes().all(|byte| byte.is_ascii_digit()) => list,
        _ => name,
    }
}

fn number<const MIN: u32, const MAX: u32>(
    parameter: &'static str,
    value: &str,
    reason: &'static str,
) -> Result<Ranged<MIN, MAX>, SqsError> {
    value.parse().map_err(|_| SqsError::invalid(parameter, &value, reason))
}

pub(super) fn send(query: &str, headers: &HeaderMap, body: &[u8]) -> Result<SendMessage, SqsError> {
    let mut message = SendMessage { body: text(body)?, ..SendMessage::default() };
    message.message_attributes = message_attributes(headers)?;
    let trace = headers.get("x-amzn-trace-id").and_then(|value| value.to_str().ok());
    message.aws_trace_header = trace.map(str::to_owned);
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        match &*name {
            "MessageGroupId" => message.message_group_id = Some(value.into_owned()),
            "MessageDeduplicationId" => message.message_deduplication_id = Some(value.into_owned()),
            "DelaySeconds" => {
                let reason = "DelaySeconds must be >= 0 and <= 900.";
                message.delay_seconds = Some(number::<
                    { DelaySeconds::MIN.get() },
                    { DelaySeconds::MAX.get() },
                >("DelaySeconds", &value, reason)?);
            }
            _ => {}
        }
    }
    Ok(message)
}

fn message_attributes(headers: &HeaderMap) -> Result<MessageAttributes, SqsError> {
    let named = |(name, value): (&axum::http::HeaderName, &axum::http::HeaderValue)| {
        let name = name.as_str().strip_prefix(ATTRIBUTE_HEADER)?.into();
        Some((name, value.as_bytes().to_vec()))
    };
    headers
        .iter()
        .filter_map(named)
        .map(|(name, value): (Box<str>, _)| {
            let value = AttributeValue::String(text(&value)?);
            Ok((name, MessageAttribute { data_type: "String".into(), value }))
        })
        .collect()
}

/// Bytes that are no UTF-8 hold what SQS's character rule refuses; U+FFFD stands where they were.
fn text(bytes: &[u8]) -> Result<String, SqsError> {
    let refused = SqsError::InvalidMessageContents { character: 0xfffd };
    String::from_utf8(bytes.to_vec()).map_err(|_| refused)
}

pub(super) fn receipt_handle(query: &str) -> Result<String, SqsError> {
    let is_handle = |name: &str| name.eq_ignore_ascii_case("receiptHandle");
    url::form_urlencoded::parse(query.as_bytes())
        .find(|(name, value)| is_handle(name) && !value.is_empty())
        .map(|(_, value)| value.into_owned())
        .ok_or(SqsError::MissingParameter("ReceiptHandle"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqs::{MaxNumberOfMessages, VisibilityTimeout, WaitTimeSeconds};

    #[test]
    fn a_receive_takes_its_parameters_and_numbered_lists_from_the_query() {
        let asked = receive(
            "MaxNumberOfMessages=10&VisibilityTimeout=0&WaitTimeSeconds=20&AttributeName.1=SenderId\
             &AttributeName=All&MessageAttributeName.2=trace.*&Action=DeleteMessage",
        );
        let expected = Receive {
            max_number_of_messages: MaxNumberOfMessages::MAX,
            visibility_timeout: Some(VisibilityTimeout::MIN),
            wait_time_seconds: Some(WaitTimeSeconds::MAX),
            attribute_name: vec![AttributeName::SenderId, AttributeName::All],
            message_attribute_name: vec!["trace.*".to_owned()],
        };
        assert_eq!(asked, Ok(expected));
        assert_eq!(receive(""), Ok(Receive::default()));
    }

    #[test]
    fn a_number_out_of_range_is_refused_in_sqs_s_words() {
        let cases = [
            (
                "MaxNumberOfMessages=11",
                "Value 11 for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided.",
            ),
            (
                "VisibilityTimeout=43201",
                "Value 43201 for parameter VisibilityTimeout is invalid. Reason: Must be between 0 and 43200, if \
                 provided.",
            ),
            (
                "WaitTimeSeconds=x",
                "Value x for parameter WaitTimeSeconds is invalid. Reason: Must be >= 0 and <= 20, if provided.",
            ),
        ];
        for (query, words) in cases {
            let error = receive(query).unwrap_err();
            assert_eq!((error.code(), error.to_string().as_str()), ("InvalidParameterValue", words));
        }
    }
}
