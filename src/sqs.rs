//! SQS's own vocabulary: what a message is, and what may be asked of `ReceiveMessage`.
//!
//! Nothing here knows HTTP, time or screens. Names, ranges and defaults are those of the
//! [SQS API reference](https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html).

pub mod attributes;
pub mod digests;
mod packed;
mod ranged;

use serde::{Deserialize, Serialize};

pub use attributes::{
    AttributeName, AttributeValue, Attributes, DataType, MessageAttribute, MessageAttributes,
};
pub use digests::{Check, Integrity};
pub use packed::{Facts, PackedAttribute, PackedBlock, PackedMessage, Packer};
pub use ranged::{OutOfRange, Ranged};

/// How often a message may be received before the next receive moves it to the dead-letter queue. SQS: 1 to 1,000.
pub type MaxReceiveCount = Ranged<1, 1000>;

/// How many messages one receive may return. SQS: 1 to 10.
pub type MaxNumberOfMessages = Ranged<1, 10>;
/// For how long a receive hides what it returned, in seconds. SQS: 0 to 43,200 (12 hours).
pub type VisibilityTimeout = Ranged<0, 43_200>;
/// For how long a receive waits for a message to arrive, in seconds. SQS: 0 to 20.
pub type WaitTimeSeconds = Ranged<0, 20>;

/// One message, part by part. What a receive returned flows as a [`PackedMessage`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Assigned by SQS when the message was sent; the same in every receive.
    pub message_id: String,
    /// A key to this receive of the message: whoever has it can delete the message. Empty when the gateway
    /// leaves it out.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub receipt_handle: String,
    /// The body, up to 1 MiB of UTF-8.
    pub body: String,
    /// The MD5 of the body as SQS stored it, in hex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub md5_of_body: Option<String>,
    /// The MD5 over every message attribute that was sent, in hex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub md5_of_message_attributes: Option<String>,
    /// System attributes, such as `SentTimestamp`.
    #[serde(default)]
    pub attributes: Attributes,
    /// Custom attributes that the sender set.
    #[serde(default)]
    pub message_attributes: MessageAttributes,
}

impl Message {
    /// How often the message has been received by anyone, this receive included. SQS calls it approximate.
    #[must_use]
    pub fn approximate_receive_count(&self) -> Option<u32> {
        self.attributes.get(&AttributeName::ApproximateReceiveCount)?.parse().ok()
    }

    /// The FIFO group the message belongs to.
    #[must_use]
    pub fn message_group_id(&self) -> Option<&str> {
        self.attributes.get(&AttributeName::MessageGroupId)
    }
}

/// What one `ReceiveMessage` asks for. Out-of-range values cannot be written down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiveParameters {
    /// SQS: 1 to 10; qwatch asks for 10, since a poll costs the same however many it brings.
    pub max_number_of_messages: MaxNumberOfMessages,
    /// SQS: 0 to 43,200 s; qwatch asks for 0, so that consumers go on seeing what it looked at.
    pub visibility_timeout: VisibilityTimeout,
    /// SQS: 0 to 20 s; above 0 the receive is a long poll.
    pub wait_time_seconds: WaitTimeSeconds,
    /// System attributes to return; `All` for every one.
    pub attribute_name: Vec<AttributeName>,
    /// Custom attributes to return; `All` for every one, `prefix.*` for those that begin so.
    pub message_attribute_name: Vec<String>,
}

impl ReceiveParameters {
    /// Whether every custom attribute is asked for; SQS takes `.*` for `All`.
    #[must_use]
    pub fn asks_for_all_message_attributes(&self) -> bool {
        self.message_attribute_name.iter().any(|name| matches!(name.as_str(), "All" | ".*"))
    }
}

impl Default for ReceiveParameters {
    fn default() -> Self {
        Self {
            max_number_of_messages: Ranged::MAX,
            visibility_timeout: Ranged::MIN,
            wait_time_seconds: Ranged::MIN,
            attribute_name: vec![AttributeName::All],
            message_attribute_name: vec!["All".to_owned()],
        }
    }
}

/// SQS: the name of a FIFO queue ends so, in lower case, and no other's.
#[expect(clippy::case_sensitive_file_extension_comparisons, reason = "it is no file, and SQS minds the case")]
#[must_use]
pub fn is_fifo(name: &str) -> bool {
    name.ends_with(".fifo")
}
