//! What goes into a queue, what is asked of it, and what it holds in between.

use std::sync::Arc;
use std::time::Duration;

use super::order::{Sequence, Turn};
use crate::sqs::{
    AttributeName, Attributes, MaxNumberOfMessages, Message, MessageAttributes, Ranged, ReceiveParameters,
    VisibilityTimeout, WaitTimeSeconds, digests,
};

/// For how long a message is kept from receivers after it was sent, in seconds. SQS: 0 to 900.
pub type DelaySeconds = Ranged<0, 900>;

/// One `SendMessage`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SendMessage {
    /// SQS: up to 1 MiB together with the message attributes.
    pub body: String,
    /// SQS: up to ten.
    pub message_attributes: MessageAttributes,
    /// The queue's own when absent; standard queues only.
    pub delay_seconds: Option<DelaySeconds>,
    /// Required on a FIFO queue.
    pub message_group_id: Option<String>,
    /// FIFO only: a second message with the same id within five minutes is accepted and dropped.
    pub message_deduplication_id: Option<String>,
    /// The X-Ray header that comes back as `AWSTraceHeader`.
    pub aws_trace_header: Option<String>,
    /// Who sends, for `SenderId`; without it what AWS puts there for a message sent through API Gateway.
    pub sender_id: Option<String>,
}

/// What `SendMessage` answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// Assigned to the message; a duplicate gets the id of the first.
    pub message_id: String,
    /// In hex.
    pub md5_of_message_body: String,
    /// In hex; absent when no attributes were sent.
    pub md5_of_message_attributes: Option<String>,
    /// FIFO only.
    pub sequence_number: Option<String>,
}

/// One `ReceiveMessage` as it came: what is absent takes the queue's own value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receive {
    /// SQS: 1 to 10, 1 when absent.
    pub max_number_of_messages: MaxNumberOfMessages,
    /// The queue's own when absent.
    pub visibility_timeout: Option<VisibilityTimeout>,
    /// The queue's own when absent.
    pub wait_time_seconds: Option<WaitTimeSeconds>,
    /// System attributes to return.
    pub attribute_name: Vec<AttributeName>,
    /// Message attributes to return: names, `prefix.*`, `.*` or `All`.
    pub message_attribute_name: Vec<String>,
}

impl Default for Receive {
    fn default() -> Self {
        Self {
            max_number_of_messages: Ranged::MIN,
            visibility_timeout: None,
            wait_time_seconds: None,
            attribute_name: Vec::new(),
            message_attribute_name: Vec::new(),
        }
    }
}

impl From<ReceiveParameters> for Receive {
    fn from(parameters: ReceiveParameters) -> Self {
        Self {
            max_number_of_messages: parameters.max_number_of_messages,
            visibility_timeout: Some(parameters.visibility_timeout),
            wait_time_seconds: Some(parameters.wait_time_seconds),
            attribute_name: parameters.attribute_name,
            message_attribute_name: parameters.message_attribute_name,
        }
    }
}

/// Where a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Visible { turn: Turn },
    InFlight { until: Duration },
    Delayed { until: Duration },
}

/// One message as a queue holds it.
#[derive(Debug)]
pub(super) struct Stored {
    pub message_id: String,
    pub body: String,
    pub md5_of_body: String,
    pub md5_of_message_attributes: Option<String>,
    pub message_attributes: MessageAttributes,
    pub sender_id: Option<String>,
    pub group: Option<Arc<str>>,
    pub deduplication_id: Option<String>,
    pub sequence_number: Option<String>,
    pub trace_header: Option<String>,
    pub source: Option<Arc<str>>,
    /// Since the queues' start; survives the move to a dead-letter queue, as SQS's timestamp does.
    pub sent: Duration,
    pub first_receive: Option<Duration>,
    /// `ApproximateReceiveCount`, which the move to a dead-letter queue does not reset.
    pub receive_count: u32,
    /// Receives from the queue it is in now: what the redrive policy counts.
    pub received_here: u32,
    pub state: State,
}

/// `SenderId` of what API Gateway sends: its role's id and the session's name.
const GATEWAY: &str = "AROAEXAMPLE123EXAMPLE:BackplaneAssumeRoleSession";
/// Room for an entry in each of the queue's indexes, roughly.
const INDEX_BYTES: usize = 160;

impl Stored {
    /// A message just sent; it does not count as delayed or visible until the queue says so.
    pub fn new(
        message: SendMessage,
        message_id: String,
        sequence: Sequence,
        fifo: bool,
        now: Duration,
    ) -> Self {
        let attributes = &message.message_attributes;
        Self {
            message_id,
            md5_of_body: digests::md5_of_body(&message.body),
            md5_of_message_attributes: (!attributes.is_empty())
                .then(|| digests::md5_of_message_attributes(attributes)),
            body: message.body,
            message_attributes: message.message_attributes,
            sender_id: message.sender_id,
            group: message.message_group_id.map(Into::into),
            deduplication_id: message.message_deduplication_id,
            sequence_number: fifo.then(|| sequence_number(sequence)),
            trace_header: message.aws_trace_header,
            source: None,
            sent: now,
            first_receive: None,
            receive_count: 0,
            received_here: 0,
            state: State::Delayed { until: now },
        }
    }

    pub fn sent(&self) -> Sent {
        Sent {
            message_id: self.message_id.clone(),
            md5_of_message_body: self.md5_of_body.clone(),
            md5_of_message_attributes: self.md5_of_message_attributes.clone(),
            sequence_number: self.sequence_number.clone(),
        }
    }

    pub fn held_bytes(&self) -> usize {
        let attributes = self.message_attributes.iter().map(|(name, attribute)| {
            name.len() + attribute.data_type.len() + attribute.value.to_text().len() + size_of_val(attribute)
        });
        size_of::<Self>() + INDEX_BYTES + self.body.len() + attributes.sum::<usize>()
    }

    /// The message as `receive` asked for it; `epoch` is the queues' start in milliseconds since 1970.
    pub fn received(&self, receive: &Receive, receipt_handle: String, epoch: i64) -> Message {
        let message_attributes: MessageAttributes = self
            .message_attributes
            .iter()
            .filter(|(name, _)| is_asked_for(name, &receive.message_attribute_name))
            .map(|(name, attribute)| (name.into(), attribute.clone()))
            .collect();
        Message {
            message_id: self.message_id.clone(),
            receipt_handle,
            body: self.body.clone(),
            md5_of_body: Some(self.md5_of_body.clone()),
            md5_of_message_attributes: self
                .md5_of_message_attributes
                .clone()
                .filter(|_| !message_attributes.is_empty()),
            attributes: self.system_attributes(&receive.attribute_name, epoch),
            message_attributes,
        }
    }

    fn system_attributes(&self, names: &[AttributeName], epoch: i64) -> Attributes {
        let all = names.contains(&AttributeName::All);
        let text = |value: &Option<String>| value.clone();
        let time = |at: Duration| {
            epoch.saturating_add(i64::try_from(at.as_millis()).unwrap_or(i64::MAX)).to_string()
        };
        [
            (AttributeName::SenderId, Some(self.sender_id.clone().unwrap_or_else(|| GATEWAY.to_owned()))),
            (AttributeName::ApproximateFirstReceiveTimestamp, self.first_receive.map(time)),
            (AttributeName::ApproximateReceiveCount, Some(self.receive_count.to_string())),
            (AttributeName::SentTimestamp, Some(time(self.sent))),
            (AttributeName::SequenceNumber, text(&self.sequence_number)),
            (AttributeName::MessageDeduplicationId, text(&self.deduplication_id)),
            (AttributeName::MessageGroupId, self.group.as_deref().map(str::to_owned)),
            (AttributeName::AWSTraceHeader, text(&self.trace_header)),
            (AttributeName::DeadLetterQueueSourceArn, self.source.as_deref().map(str::to_owned)),
        ]
        .into_iter()
        .filter(|(name, _)| all || names.contains(name))
        .filter_map(|(name, value)| Some((name, value?.into_boxed_str())))
        .collect()
    }
}

/// Twenty digits that grow with each message, as SQS's do.
fn sequence_number(sequence: Sequence) -> String {
    (18_850_000_000_000_000_000_u128 + u128::from(sequence) * 256).to_string()
}

/// SQS: `All` or `.*` for every one, `prefix.*` for those that begin so, else the name itself.
fn is_asked_for(name: &str, asked: &[String]) -> bool {
    asked.iter().any(|pattern| match pattern.strip_suffix(".*") {
        Some(prefix) => name.starts_with(prefix),
        None => pattern == "All" || pattern == name,
    })
}
