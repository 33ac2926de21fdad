//! SQS's error codes, with the words it uses.

use super::check::ALLOWED_CHARACTERS;

/// Why SQS refused a request. All of these are the sender's doing; `Display` is SQS's `Message`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SqsError {
    /// A parameter is out of range or does not fit the kind of queue.
    #[error("Value {value} for parameter {parameter} is invalid. Reason: {reason}")]
    InvalidParameterValue {
        /// The parameter, as SQS spells it.
        parameter: &'static str,
        /// What was given.
        value: String,
        /// What SQS would have taken.
        reason: &'static str,
    },
    /// Body and message attributes together exceed 1 MiB.
    #[error("One or more parameters are invalid. Reason: Message must be shorter than 1048576 bytes.")]
    MessageTooLong,
    /// A message attribute's name, type or value is not one SQS takes.
    #[error("{0}")]
    InvalidMessageAttribute(String),
    /// A system attribute that SQS does not know was asked for.
    #[error("Unknown Attribute {0}.")]
    InvalidAttributeName(String),
    /// The body holds a character that XML 1.0 cannot carry.
    #[error(
        "Invalid binary character '#x{character:X}' was found in the message body, the set of allowed characters \
         is {ALLOWED_CHARACTERS}"
    )]
    InvalidMessageContents {
        /// The first such character's code point.
        character: u32,
    },
    /// A parameter that this kind of queue requires is absent.
    #[error("The request must contain the parameter {0}.")]
    MissingParameter(&'static str),
    /// A FIFO queue that does not deduplicate by content wants a deduplication id with every message.
    #[error(
        "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided \
         explicitly"
    )]
    DeduplicationIdMissing,
    /// The handle was not issued by this queue, or a later receive of the message superseded it.
    #[error("The input receipt handle \"{0}\" is not a valid receipt handle.")]
    ReceiptHandleIsInvalid(String),
    /// No queue has this name.
    #[error("The specified queue does not exist for this wsdl version.")]
    NonExistentQueue,
    /// A queue of this name exists already.
    #[error("A queue already exists with the same name.")]
    QueueNameExists,
    /// SQS: at most 120,000 messages of a queue may be in flight.
    #[error("Too many messages in flight: at most 120000 per queue.")]
    OverLimit,
}

impl SqsError {
    /// SQS's `Code`, as the Query protocol spells it.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::InvalidParameterValue { .. }
            | Self::MessageTooLong
            | Self::InvalidMessageAttribute(_)
            | Self::DeduplicationIdMissing => "InvalidParameterValue",
            Self::InvalidAttributeName(_) => "InvalidAttributeName",
            Self::InvalidMessageContents { .. } => "InvalidMessageContents",
            Self::MissingParameter(_) => "MissingParameter",
            Self::ReceiptHandleIsInvalid(_) => "ReceiptHandleIsInvalid",
            Self::NonExistentQueue => "AWS.SimpleQueueService.NonExistentQueue",
            Self::QueueNameExists => "QueueNameExists",
            Self::OverLimit => "OverLimit",
        }
    }

    pub(crate) fn invalid(parameter: &'static str, value: &impl ToString, reason: &'static str) -> Self {
        Self::InvalidParameterValue { parameter, value: value.to_string(), reason }
    }
}
