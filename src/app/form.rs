//! The form in which receive parameters are edited live, each value checked as it is typed.

use std::time::Duration;

use crossterm::event::Event;
use tui_input::Input;
use tui_input::backend::crossterm::EventHandler as _;

use crate::config::file::Interval;
use crate::source::{Endpoint, Pace};
use crate::sqs::ReceiveParameters;
use crate::sqs::attributes::{requested_custom_name, requested_name};

/// The fields, in their order. Names are SQS's, as in the config file and the flags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "Field::what says it, and the form shows it")]
pub enum Field {
    MaxNumberOfMessages,
    VisibilityTimeout,
    WaitTimeSeconds,
    AttributeName,
    MessageAttributeName,
    Interval,
    Burst,
}

impl Field {
    /// From top to bottom.
    pub const ALL: [Self; 7] = [
        Self::MaxNumberOfMessages,
        Self::VisibilityTimeout,
        Self::WaitTimeSeconds,
        Self::AttributeName,
        Self::MessageAttributeName,
        Self::Interval,
        Self::Burst,
    ];

    /// What the field is called.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::MaxNumberOfMessages => "max_number_of_messages",
            Self::VisibilityTimeout => "visibility_timeout",
            Self::WaitTimeSeconds => "wait_time_seconds",
            Self::AttributeName => "attribute_name",
            Self::MessageAttributeName => "message_attribute_name",
            Self::Interval => "interval",
            Self::Burst => "burst",
        }
    }

    /// What may be written there, and what it does.
    #[must_use]
    pub fn what(self) -> &'static str {
        match self {
            Self::MaxNumberOfMessages => "1 to 10 messages a poll",
            Self::VisibilityTimeout => "0 to 43200 s; above 0 hides messages from their consumers",
            Self::WaitTimeSeconds => "0 to 20 s; above 0 is a long poll",
            Self::AttributeName => "system attributes, separated by commas; All for every one",
            Self::MessageAttributeName => "custom attributes, separated by commas; prefix.* works",
            Self::Interval => "from start to start of polls, such as 2s or 500ms",
            Self::Burst => "1 to 100 polls at once while answers come back full",
        }
    }
}

/// The open form.
#[derive(Clone, Debug)]
pub struct Form {
    inputs: [Input; Field::ALL.len()],
    focus: usize,
    /// Not edited here, and kept.
    max_interval: Duration,
}

/// What the form asks for, once every field is right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// What to ask SQS.
    pub parameters: ReceiveParameters,
    /// How often.
    pub pace: Pace,
}

impl Form {
    /// A form that shows what the endpoint is polled with now.
    #[must_use]
    pub fn of(endpoint: &Endpoint) -> Self {
        let ReceiveParameters {
            max_number_of_messages,
            visibility_timeout,
            wait_time_seconds,
            attribute_name,
            message_attribute_name,
        } = &endpoint.parameters;
        let names: Vec<&str> = attribute_name.iter().map(crate::sqs::AttributeName::as_str).collect();
        let inputs = [
            max_number_of_messages.to_string(),
            visibility_timeout.to_string(),
            wait_time_seconds.to_string(),
            names.join(", "),
            message_attribute_name.join(", "),
            Interval(endpoint.pace.interval).to_string(),
            endpoint.pace.burst.to_string(),
        ];
        Self { inputs: inputs.map(Input::new), focus: 0, max_interval: endpoint.pace.max_interval }
    }

    /// The field with the focus.
    #[must_use]
    pub fn focus(&self) -> Field {
        Field::ALL[self.focus]
    }

    /// What is written in a field, and where its cursor is.
    #[must_use]
    pub fn input(&self, field: Field) -> &Input {
        &self.inputs[field as usize]
    }

    /// Moves the focus down, around the end.
    pub fn next(&mut self) {
        self.focus = (self.focus + 1) % Field::ALL.len();
    }

    /// Moves the focus up, around the end.
    pub fn previous(&mut self) {
        self.focus = (self.focus + Field::ALL.len() - 1) % Field::ALL.len();
    }

    /// Types into the field with the focus.
    pub fn type_in(&mut self, event: &Event) {
        self.inputs[self.focus].handle_event(event);
    }

    /// Pastes into the field with the focus.
    pub fn paste(&mut self, text: &str) {
        super::prompt::insert(&mut self.inputs[self.focus], text);
    }

    /// What is wrong with a field as it stands.
    #[must_use]
    pub fn problem(&self, field: Field) -> Option<String> {
        let text = self.input(field).value();
        match field {
            Field::MaxNumberOfMessages => problem::<crate::sqs::MaxNumberOfMessages>(text),
            Field::VisibilityTimeout => problem::<crate::sqs::VisibilityTimeout>(text),
            Field::WaitTimeSeconds => problem::<crate::sqs::WaitTimeSeconds>(text),
            Field::AttributeName => names(text, requested_name).err(),
            Field::MessageAttributeName => names(text, requested_custom_name).err(),
            Field::Interval => problem::<Interval>(text),
            Field::Burst => problem::<crate::source::Burst>(text),
        }
    }

    /// What is asked for.
    ///
    /// # Errors
    /// The first field that is wrong, which then has the focus.
    pub fn submit(&mut self) -> Result<Asked, Field> {
        if let Some(wrong) = Field::ALL.iter().position(|field| self.problem(*field).is_some()) {
            self.focus = wrong;
            return Err(Field::ALL[wrong]);
        }
        self.asked().ok_or(self.focus())
    }

    fn asked(&self) -> Option<Asked> {
        let text = |field| self.input(field).value();
        Some(Asked {
            parameters: ReceiveParameters {
                max_number_of_messages: text(Field::MaxNumberOfMessages).parse().ok()?,
                visibility_timeout: text(Field::VisibilityTimeout).parse().ok()?,
                wait_time_seconds: text(Field::WaitTimeSeconds).parse().ok()?,
                attribute_name: names(text(Field::AttributeName), requested_name).ok()?,
                message_attribute_name: names(text(Field::MessageAttributeName), requested_custom_name)
                    .ok()?,
            },
            pace: Pace {
                interval: text(Field::Interval).parse::<Interval>().ok()?.0,
                burst: text(Field::Burst).parse().ok()?,
                max_interval: self.max_interval,
            },
        })
    }
}

fn problem<T: std::str::FromStr>(text: &str) -> Option<String>
where
    T::Err: ToString,
{
    text.parse::<T>().err().map(|error| error.to_string())
}

/// Names separated by commas; none at all asks for none.
fn names<T>(text: &str, parse: impl Fn(&str) -> Result<T, String>) -> Result<Vec<T>, String> {
    text.split(',').map(str::trim).filter(|name| !name.is_empty()).map(parse).collect()
}
