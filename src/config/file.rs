//! The raw shape of the config file: what may be written, and nothing resolved yet.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use http::Method;
use serde::{Deserialize, Deserializer, de};
use toml::Spanned;

use super::explain::explain;
use crate::source::{Burst, Pace};
use crate::sqs::{
    AttributeName, MaxNumberOfMessages, Ranged, VisibilityTimeout, WaitTimeSeconds, attributes,
};
use crate::text::visible;

/// The whole file.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct File {
    /// For every endpoint that does not say otherwise.
    pub defaults: Polling,
    /// How much is held.
    pub history: History,
    /// What requests cost.
    pub prices: Prices,
    /// How the screen behaves.
    pub screen: Screen,
    /// What is hidden while the screen is shared.
    pub mask: Masking,
    /// Keys bound otherwise than usual, by the action's name.
    pub keys: BTreeMap<String, Spanned<Vec<String>>>,
    /// Filters that have a name, to be used as `@name`.
    pub filters: BTreeMap<String, Spanned<String>>,
    /// The endpoints, in the order of the file.
    pub endpoint: Vec<Endpoint>,
}

/// `[history]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct History {
    /// Messages held at most.
    pub max_messages: Option<Ranged<1, { u32::MAX }>>,
    /// Bytes held at most.
    pub max_bytes: Option<Ranged<1, { u32::MAX }>>,
}

/// `[prices]`: US dollars a million requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "watch::Prices says it")]
pub struct Prices {
    #[serde(deserialize_with = "price")]
    pub rest_api: Option<f64>,
    #[serde(deserialize_with = "price")]
    pub http_api: Option<f64>,
    #[serde(deserialize_with = "price")]
    pub standard_queue: Option<f64>,
    #[serde(deserialize_with = "price")]
    pub fifo_queue: Option<f64>,
}

fn price<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    match f64::deserialize(deserializer)? {
        price if price.is_finite() && price >= 0.0 => Ok(Some(price)),
        price => Err(de::Error::custom(format!(
            "{price} is no price: it is 0 or more, in dollars a million requests"
        ))),
    }
}

/// `[screen]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Screen {
    /// Whether all endpoints pause while the terminal does not have the focus.
    pub pause_on_blur: bool,
    /// A theme's name, or a file with one.
    pub theme: Option<Spanned<String>>,
    /// The list's columns.
    pub columns: Option<Spanned<Vec<Spanned<String>>>>,
}

/// `[mask]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Masking {
    /// Whether values are hidden from the start.
    pub on: bool,
    /// Keys whose values are hidden.
    pub keys: Option<Vec<String>>,
}

/// `gateway = "…"`: which of API Gateway's two kinds it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gateway {
    /// A REST API.
    #[default]
    Rest,
    /// An HTTP API.
    Http,
}

/// Serde cannot flatten one struct into another and refuse unknown keys as well, so the keys that `[defaults]` and
/// `[[endpoint]]` share are written out in both from one list.
macro_rules! with_polling {
    ($(#[$about:meta])* $name:ident { $($(#[$field_about:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$about])*
        #[serde(deny_unknown_fields)]
        pub struct $name {
            $($(#[$field_about])* pub $field: $type,)*
            /// From the start of one poll to the start of the next.
            pub interval: Option<Interval>,
            /// What the interval stretches to while nothing new comes.
            pub max_interval: Option<Interval>,
            /// Polls that may follow at once.
            pub burst: Option<Burst>,
            /// SQS: 1 to 10.
            pub max_number_of_messages: Option<MaxNumberOfMessages>,
            /// SQS: 0 to 43,200 s.
            pub visibility_timeout: Option<VisibilityTimeout>,
            /// SQS: 0 to 20 s.
            pub wait_time_seconds: Option<WaitTimeSeconds>,
            /// System attributes.
            #[serde(default, deserialize_with = "attribute_names")]
            pub attribute_name: Option<Vec<AttributeName>>,
            /// Custom attributes.
            #[serde(default, deserialize_with = "message_attribute_names")]
            pub message_attribute_name: Option<Vec<String>>,
        }

        impl $name {
            /// The keys that `[defaults]` has as well.
            #[must_use]
            pub fn polling(&self) -> Polling {
                Polling {
                    interval: self.interval,
                    max_interval: self.max_interval,
                    burst: self.burst,
                    max_number_of_messages: self.max_number_of_messages,
                    visibility_timeout: self.visibility_timeout,
                    wait_time_seconds: self.wait_time_seconds,
                    attribute_name: self.attribute_name.clone(),
                    message_attribute_name: self.message_attribute_name.clone(),
                }
            }
        }
    };
}

with_polling! {
    /// What to ask for and how often, as far as one layer says it.
    #[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
    Polling {}
}

with_polling! {
    /// `[[endpoint]]`.
    #[derive(Debug, Deserialize)]
    Endpoint {
        /// What it is called.
        name: Spanned<String>,
        /// Where it is.
        url: Spanned<String>,
        /// Credentials.
        auth: Option<Spanned<Auth>>,
        /// The HTTP method, `GET` unless its owner chose otherwise.
        method: Option<Verb>,
        /// By way of whom: a URL, or `none`.
        proxy: Option<Spanned<String>>,
        /// The variable that holds the proxy's URL, password included.
        proxy_env: Option<Spanned<String>>,
        /// A PEM file of certificates to trust beside the platform's own.
        ca: Option<String>,
        /// A PEM file with our own certificate.
        client_cert: Option<String>,
        /// A PEM file with its key, where that is not in the same file.
        client_key: Option<String>,
        /// Sent with every request.
        headers: Option<Spanned<BTreeMap<String, String>>>,
        /// The queue's redrive limit, if known. SQS: 1 to 1,000.
        max_receive_count: Option<Ranged<1, 1000>>,
        /// Whether the queue's messages have nowhere to fall: a dead-letter queue, or one without.
        dead_letter: Option<Spanned<bool>>,
        /// Which kind of API it is: they cost differently.
        gateway: Option<Gateway>,
        /// Receives that are left to the consumers.
        reserve: Option<Ranged<0, 1000>>,
        /// What the gateway calls the query strings.
        query: Option<Query>,
    }
}

/// `auth = { … }`: where the credentials are, never the credentials themselves.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Auth {
    /// The variable that holds an API key.
    pub api_key_env: Option<String>,
    /// The file that holds an API key.
    pub api_key_file: Option<String>,
    /// The command that prints an API key.
    pub api_key_command: Option<String>,
    /// The variable that holds a bearer token.
    pub bearer_env: Option<String>,
    /// The file that holds a bearer token.
    pub bearer_file: Option<String>,
    /// The command that prints a bearer token.
    pub bearer_command: Option<String>,
    /// The variable that holds a token to be sent as it is.
    pub token_env: Option<String>,
    /// The file that holds a token to be sent as it is.
    pub token_file: Option<String>,
    /// The command that prints a token to be sent as it is.
    pub token_command: Option<String>,
    /// The header for a token; `Authorization` unless set.
    pub header: Option<String>,
    /// Whether requests are signed with AWS credentials.
    pub sigv4: bool,
    /// The region to sign for, where the URL does not name it.
    pub region: Option<String>,
    /// The profile whose credentials sign, where the standard chain's will not do.
    pub profile: Option<String>,
}

/// `[endpoint.query]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "the names are SQS's own")]
pub struct Query {
    pub max_number_of_messages: Option<QueryName>,
    pub visibility_timeout: Option<QueryName>,
    pub wait_time_seconds: Option<QueryName>,
    pub attribute_name: Option<QueryName>,
    pub message_attribute_name: Option<QueryName>,
}

/// An HTTP method that can ask for messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verb(pub Method);

impl<'de> Deserialize<'de> for Verb {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Checked(super::connection::method)).map(Self)
    }
}

/// What a gateway calls a query string; never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryName(pub String);

impl<'de> Deserialize<'de> for QueryName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match String::deserialize(deserializer)? {
            empty if empty.trim().is_empty() => Err(de::Error::custom("must not be empty")),
            name => Ok(Self(name)),
        }
    }
}

/// Text that a check turns into a value. The check runs inside the parser's visit, so that what it refuses is found at
/// its own place, within a list too.
struct Checked<T>(fn(&str) -> Result<T, String>);

impl<T> de::Visitor<'_> for Checked<T> {
    type Value = T;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name in quotes")
    }
    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        (self.0)(text).map_err(E::custom)
    }
}

/// A list of names that SQS would take.
fn attribute_names<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Vec<AttributeName>>, D::Error> {
    struct Name(AttributeName);
    impl<'de> Deserialize<'de> for Name {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            deserializer.deserialize_str(Checked(attributes::requested_name)).map(Self)
        }
    }
    let names = Vec::<Name>::deserialize(deserializer)?;
    Ok(Some(names.into_iter().map(|Name(name)| name).collect()))
}

/// The same for custom attributes.
fn message_attribute_names<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Vec<String>>, D::Error> {
    struct Name(String);
    impl<'de> Deserialize<'de> for Name {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            deserializer.deserialize_str(Checked(attributes::requested_custom_name)).map(Self)
        }
    }
    let names = Vec::<Name>::deserialize(deserializer)?;
    Ok(Some(names.into_iter().map(|Name(name)| name).collect()))
}

/// A polling interval, written as `2s`, `500ms` or `1m 30s`: 10 ms to 1 day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval(pub Duration);

impl std::str::FromStr for Interval {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wanted = "a duration from 10ms to 1day, such as 2s or 500ms";
        let refused = || {
            format!(
                "must be {wanted}, not {}",
                if text.is_empty() { "nothing".into() } else { visible(text) }
            )
        };
        let duration = humantime::parse_duration(text.trim()).map_err(|_| refused())?;
        if (Pace::SHORTEST..=Pace::LONGEST).contains(&duration) { Ok(Self(duration)) } else { Err(refused()) }
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        humantime::format_duration(self.0).fmt(f)
    }
}

impl<'de> Deserialize<'de> for Interval {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl de::Visitor<'_> for Text {
            type Value = Interval;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a duration in quotes, such as \"2s\" or \"500ms\"")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Interval, E> {
                text.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_str(Text)
    }
}

/// What is wrong with the file, and at which byte.
#[derive(Debug, PartialEq, Eq)]
pub struct Wrong {
    /// A byte offset into the text.
    pub at: usize,
    /// The field, and what is wrong with it.
    pub what: String,
}

impl File {
    /// Reads the text of a config file.
    ///
    /// # Errors
    /// [`Wrong`], with the field and the nearest name for an unknown one.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        toml::from_str(text).map_err(|error| {
            let span = error.span().unwrap_or(0..0);
            Wrong { at: span.start, what: explain(error.message(), text, &span) }
        })
    }
}
