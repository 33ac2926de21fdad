//! System attributes and message attributes: the two kinds of name and value that travel with a body.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

macro_rules! attribute_names {
    ($($name:ident),+ $(,)?) => {
        /// The name of a system attribute. Names that SQS adds later pass through as [`AttributeName::Other`].
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[expect(missing_docs, reason = "the names are SQS's own and documented there")]
        pub enum AttributeName { $($name,)+ Other(Box<str>) }

        impl AttributeName {
            /// Every name known when this was written, `All` first.
            pub const KNOWN: &[Self] = &[$(Self::$name),+];
            /// As SQS spells them.
            pub(super) const SPELLED: &[&str] = &[$(stringify!($name)),+];

            /// The name as SQS spells it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self { $(Self::$name => stringify!($name),)+ Self::Other(name) => name }
            }
        }

        impl From<&str> for AttributeName {
            fn from(name: &str) -> Self {
                match name { $(stringify!($name) => Self::$name,)+ _ => Self::Other(name.into()) }
            }
        }
    };
}

attribute_names!(
    All,
    SenderId,
    SentTimestamp,
    ApproximateReceiveCount,
    ApproximateFirstReceiveTimestamp,
    SequenceNumber,
    MessageDeduplicationId,
    MessageGroupId,
    AWSTraceHeader,
    DeadLetterQueueSourceArn,
);

impl AttributeName {
    /// Whether the value is a time in epoch milliseconds.
    #[must_use]
    pub fn is_time(&self) -> bool {
        matches!(self, Self::SentTimestamp | Self::ApproximateFirstReceiveTimestamp)
    }
}

impl fmt::Display for AttributeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Serialize for AttributeName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for AttributeName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Name;
        impl de::Visitor<'_> for Name {
            type Value = AttributeName;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an attribute name")
            }
            fn visit_str<E>(self, name: &str) -> Result<AttributeName, E> {
                Ok(name.into())
            }
        }
        deserializer.deserialize_str(Name)
    }
}

/// A message's system attributes, in the order they came. All values are strings on the wire.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Attributes(Vec<(AttributeName, Box<str>)>);

impl Attributes {
    /// The value under `name`.
    #[must_use]
    pub fn get(&self, name: &AttributeName) -> Option<&str> {
        self.iter().find(|(key, _)| *key == name).map(|(_, value)| value)
    }

    /// Names and values in the order they came.
    pub fn iter(&self) -> impl Iterator<Item = (&AttributeName, &str)> {
        self.0.iter().map(|(name, value)| (name, &**value))
    }

    /// Adds one more.
    pub fn push(&mut self, name: AttributeName, value: impl Into<Box<str>>) {
        self.0.push((name, value.into()));
    }

    /// Whether the gateway returned none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<(AttributeName, Box<str>)> for Attributes {
    fn from_iter<I: IntoIterator<Item = (AttributeName, Box<str>)>>(pairs: I) -> Self {
        Self(pairs.into_iter().collect())
    }
}

/// One custom attribute: a data type (`String`, `Number`, `Binary`, or one of these with a `.label`) and a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageAttribute {
    /// What kind of value it is.
    pub data_type: DataType,
    /// The value.
    pub value: AttributeValue,
}

/// SQS: `String`, `Number` or `Binary`, optionally followed by a label, as in `Number.int`. The plain ones, which
/// nearly all are, take no memory of their own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct DataType(Cow<'static, str>);

impl From<&str> for DataType {
    fn from(name: &str) -> Self {
        Self(match name {
            "String" => Cow::Borrowed("String"),
            "Number" => Cow::Borrowed("Number"),
            "Binary" => Cow::Borrowed("Binary"),
            other => Cow::Owned(other.to_owned()),
        })
    }
}

impl std::ops::Deref for DataType {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DataType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self)
    }
}

impl<'de> Deserialize<'de> for DataType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Name;
        impl de::Visitor<'_> for Name {
            type Value = DataType;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a data type")
            }
            fn visit_str<E>(self, name: &str) -> Result<DataType, E> {
                Ok(name.into())
            }
        }
        deserializer.deserialize_str(Name)
    }
}

/// The value of a custom attribute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttributeValue {
    /// A string, or a number in digits.
    String(String),
    /// Bytes; base64 wherever they are written down.
    Binary(#[serde(with = "base64_text")] Vec<u8>),
}

impl AttributeValue {
    /// The value as text: binary in base64.
    #[must_use]
    pub fn to_text(&self) -> std::borrow::Cow<'_, str> {
        match self {
            Self::String(text) => text.into(),
            Self::Binary(bytes) => base64_text::encode(bytes).into(),
        }
    }
}

/// A message's custom attributes, in the order they came.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MessageAttributes(Vec<(Box<str>, MessageAttribute)>);

impl MessageAttributes {
    /// The attribute under `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&MessageAttribute> {
        self.iter().find(|(key, _)| *key == name).map(|(_, attribute)| attribute)
    }

    /// Names and attributes in the order they came.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &MessageAttribute)> {
        self.0.iter().map(|(name, attribute)| (&**name, attribute))
    }

    /// Adds one more.
    pub fn push(&mut self, name: impl Into<Box<str>>, attribute: MessageAttribute) {
        self.0.push((name.into(), attribute));
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<(Box<str>, MessageAttribute)> for MessageAttributes {
    fn from_iter<I: IntoIterator<Item = (Box<str>, MessageAttribute)>>(pairs: I) -> Self {
        Self(pairs.into_iter().collect())
    }
}

/// Bytes as base64 text, the way the AWS JSON protocol writes them.
pub mod base64_text {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    /// Standard alphabet, padded.
    #[must_use]
    pub fn encode(bytes: &[u8]) -> String {
        STANDARD.encode(bytes)
    }

    /// The bytes, or nothing when `text` is not base64.
    #[must_use]
    pub fn decode(text: &str) -> Option<Vec<u8>> {
        STANDARD.decode(text).ok()
    }

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(deserializer)?;
        decode(&text).ok_or_else(|| D::Error::custom("not base64"))
    }
}

/// A system attribute's name as a person asks for it. Names that SQS may add later pass.
///
/// # Errors
/// A sentence when it cannot be a name, or is a known one misspelt in case.
pub fn requested_name(text: &str) -> Result<AttributeName, String> {
    let text = text.trim();
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(format!("{text:?} is no attribute name: letters and digits only, as in SentTimestamp"));
    }
    let name = AttributeName::from(text);
    match &name {
        AttributeName::Other(_) => {
            let known = AttributeName::KNOWN.iter().map(AttributeName::as_str);
            match crate::text::nearest(text, known) {
                Some(near) => Err(format!("{text} is unknown to SQS; did you mean {near}?")),
                None => Ok(name),
            }
        }
        _ => Ok(name),
    }
}

/// A custom attribute's name as a person asks for it, `prefix.*` included. SQS: letters, digits, `_`, `-` and `.`,
/// up to 256 characters.
///
/// # Errors
/// A sentence when SQS would refuse it.
pub fn requested_custom_name(text: &str) -> Result<String, String> {
    let text = text.trim();
    let stem = text.strip_suffix(".*").unwrap_or(text);
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    if stem.is_empty() || stem.len() > 256 || !stem.bytes().all(allowed) {
        return Err(format!("{text:?} is no attribute name: letters, digits, _ - and . only, or prefix.*"));
    }
    Ok(text.to_owned())
}
