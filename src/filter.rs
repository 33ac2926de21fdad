//! The language in which a message is looked for, on the screen and in `tail --filter`.
//!
//! ```text
//!   text ──parse──▶ Filter ──matches(&Subject)──▶ bool        or a Problem that points at the character
//! ```
//!
//! ```text
//!   failed                         text anywhere: body, id, group, attributes; smart case
//!   "two words"  /err(or)?/        as it is written; a regular expression
//!   body.items[0].sku = A-1        a value in a JSON body; [] is any element
//!   attr.ApproximateReceiveCount > 3   custom.kind:order   size > 10kB   age > 5m   id:60e8   group:eu
//!   sent > 03:12   received = 03:12:04..03:12:10    times in UTC; without a date the last such time
//!   is:poison  is:redelivered  is:new  is:pinned  is:altered
//!   a b   a and b   a or b   not a   ( … )   @saved
//! ```

mod eval;
mod literal;
mod parse;
mod path;
mod pattern;
mod time;

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Utc};

use crate::sqs::{Integrity, PackedMessage};
pub use path::{Path, Step};
use pattern::Pattern;
use time::Written;

/// Filters that were given a name.
pub type Saved = BTreeMap<String, String>;

/// A filter, parsed.
#[derive(Clone, Debug)]
pub struct Filter {
    expression: Expression,
    text: String,
}

/// What a filter looks at.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// Its receives by anyone, as far as is known.
    pub receives: u32,
    /// Whether this is the first time we received it.
    pub is_new: bool,
    /// Whether its consumers receive it and do not delete it.
    pub is_poison: bool,
    /// Whether the user pinned it.
    pub is_pinned: bool,
    /// The message, as it was received last, and when we received it.
    pub received: &'a dyn Received,
    /// When its age is counted.
    pub now: DateTime<Utc>,
}

/// A message that was received. What is not asked for need not be at hand: who holds a hundred thousand messages holds most of
/// them compressed.
pub trait Received: fmt::Debug {
    /// The message itself.
    fn message(&self) -> &PackedMessage;

    /// Whether one of the times is wanted at which it was received.
    fn any(&self, wanted: &dyn Fn(DateTime<Utc>) -> bool) -> bool;

    /// When it was sent, if that is known.
    fn sent_at(&self) -> Option<DateTime<Utc>> {
        self.message().sent_at()
    }

    /// Its group, if it has one.
    fn message_group_id(&self) -> Option<&str> {
        self.message().message_group_id()
    }

    /// Bytes of its body.
    fn body_bytes(&self) -> usize {
        self.message().body().len()
    }

    /// Whether it is not as SQS stored it.
    fn is_altered(&self) -> bool;
}

/// A message that was received once.
#[derive(Clone, Copy, Debug)]
pub struct Once<'a> {
    /// The message.
    pub message: &'a PackedMessage,
    /// When it was received.
    pub at: DateTime<Utc>,
    /// Whether every message attribute was asked for.
    pub all_asked: bool,
}

impl Received for Once<'_> {
    fn message(&self) -> &PackedMessage {
        self.message
    }

    fn any(&self, wanted: &dyn Fn(DateTime<Utc>) -> bool) -> bool {
        wanted(self.at)
    }

    fn is_altered(&self) -> bool {
        Integrity::of(self.message, self.all_asked).is_altered()
    }
}

/// What is wrong with a filter's text, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}, at character {}", column + 1)]
pub struct Problem {
    /// Characters before the one that is wrong.
    pub column: usize,
    /// What is wrong, as a sentence's beginning.
    pub what: String,
}

/// Parts of a filter.
#[derive(Clone, Debug)]
enum Expression {
    All(Vec<Expression>),
    Any(Vec<Expression>),
    Not(Box<Expression>),
    /// A text, or a regular expression, found anywhere.
    Anywhere(Pattern),
    Is(Flag),
    Field(Field, Test),
}

/// What is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Field {
    /// The body, or a value in it.
    Body(Path),
    /// A system attribute; any where none is named.
    Attribute(Option<String>),
    /// A custom attribute; any where none is named.
    Custom(Option<String>),
    Size,
    Age,
    Id,
    Group,
    /// When it was sent.
    Sent,
    /// When we received it, every time.
    Received,
}

/// What is asked of it.
#[derive(Clone, Debug)]
enum Test {
    /// It is there.
    Exists,
    /// It contains a text, or matches.
    Has(Pattern),
    /// It compares so with a value.
    Compares(Comparison, Value),
    /// It compares so with a time.
    Timed(Comparison, Written),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

/// What is compared with: the text as written, and its number where it is one. Of sizes the number is bytes, of ages
/// seconds.
#[derive(Clone, Debug, PartialEq)]
struct Value {
    text: String,
    number: Option<f64>,
}

/// What a message can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flag {
    Poison,
    Redelivered,
    New,
    Pinned,
    Altered,
}

impl Filter {
    /// Reads a filter; an empty text takes every message.
    ///
    /// # Errors
    /// [`Problem`], which points at the character.
    pub fn parse(text: &str, saved: &Saved) -> Result<Self, Problem> {
        let expression = parse::parse(text, saved)?;
        Ok(Self { expression, text: text.trim().to_owned() })
    }

    /// The text it was read from.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether a message is one of those that are looked for.
    #[must_use]
    pub fn matches(&self, subject: &Subject<'_>) -> bool {
        self.expression.matches(subject, &mut eval::Parsed::default())
    }

    /// Whether a message can come to match, or cease to, merely by growing older.
    #[must_use]
    pub fn depends_on_age(&self) -> bool {
        self.expression.depends_on_age()
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&crate::text::visible(&self.text))
    }
}

impl Expression {
    fn depends_on_age(&self) -> bool {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().any(Self::depends_on_age),
            Self::Not(part) => part.depends_on_age(),
            Self::Field(field, _) => *field == Field::Age,
            Self::Anywhere(_) | Self::Is(_) => false,
        }
    }
}
