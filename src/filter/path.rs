//! A way into a JSON body: `.items[0].sku`, `[]` for any element, `["a key"]` for one that is no word.

use std::borrow::Cow;
use std::fmt;

use serde_json::Value;

use crate::json;

/// A way into a JSON value, step by step.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Path(pub Vec<Step>);

/// One step.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// To a member of an object.
    Key(String),
    /// To an element of a list, counted from 0.
    Index(usize),
    /// To every element of a list.
    Each,
}

impl fmt::Display for Path {
    /// `.items[0]["a key"]`, as a filter and jq take it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|step| step.fmt(f))
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Words as jq has them: without letters beyond ASCII, and no digit first.
        let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        let is_word = |key: &str| {
            key.bytes().next().is_some_and(|first| !first.is_ascii_digit()) && key.bytes().all(word)
        };
        match self {
            Self::Index(index) => write!(f, "[{index}]"),
            Self::Each => f.write_str("[]"),
            Self::Key(key) if is_word(key) => write!(f, ".{key}"),
            Self::Key(key) => write!(f, "[{}]", Value::from(key.as_str())),
        }
    }
}

impl Step {
    fn first<'a>(&self, json: &'a str) -> Option<&'a str> {
        let nth = |index| json::members(json).nth(index).map(|(_, value)| value);
        match self {
            Self::Key(key) if json.starts_with('{') => json::member(json, key),
            Self::Index(index) if json.starts_with('[') => nth(*index),
            Self::Each if json.starts_with('[') => nth(0),
            _ => None,
        }
    }
}

impl std::str::FromStr for Path {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let characters: Vec<char> = text.chars().collect();
        Self::parse(&characters).map_err(|(at, what)| format!("{what}, at character {}", at + 1))
    }
}

impl Path {
    /// The names on the way into this body: its keys, and what an object on it calls the value that it holds apart, as in
    /// `{"name": …, "value": …}`.
    #[must_use]
    pub fn names<'a>(&'a self, json: &'a str) -> Vec<Cow<'a, str>> {
        let (mut names, mut value) = (Vec::new(), Some(json.trim_start()));
        for step in &self.0 {
            if let Step::Key(key) = step {
                names.push(Cow::Borrowed(key.as_str()));
                let object = value.filter(|value| json::is_value(key) && value.starts_with('{'));
                names.extend(object.into_iter().flat_map(json::names));
            }
            value = value.and_then(|value| step.first(value));
        }
        names
    }

    /// The value at the end of the way as it is written; of several the first.
    #[must_use]
    pub fn first<'a>(&self, json: &'a str) -> Option<&'a str> {
        self.0.iter().try_fold(json, |value, step| step.first(value))
    }

    /// Reads `.a[0]["b c"]`; the error is the character where it ceases to be a path, and what is wrong.
    pub(super) fn parse(text: &[char]) -> Result<Self, (usize, &'static str)> {
        let mut steps = Vec::new();
        let mut at = 0;
        while at < text.len() {
            let (step, end) = match text[at] {
                '.' => key(text, at + 1)?,
                '[' => bracket(text, at + 1)?,
                _ => return Err((at, "a path goes on with . or [")),
            };
            steps.push(step);
            at = end;
        }
        Ok(Self(steps))
    }

    /// Every value at the end of the way, of which there may be several: whether one of them is wanted.
    pub(super) fn any(&self, value: &Value, wanted: &mut dyn FnMut(&Value) -> bool) -> bool {
        fn walk(steps: &[Step], value: &Value, wanted: &mut dyn FnMut(&Value) -> bool) -> bool {
            let Some((step, rest)) = steps.split_first() else { return wanted(value) };
            match step {
                Step::Key(key) => value.get(key).is_some_and(|value| walk(rest, value, wanted)),
                Step::Index(index) => value.get(index).is_some_and(|value| walk(rest, value, wanted)),
                Step::Each => {
                    value.as_array().is_some_and(|list| list.iter().any(|value| walk(rest, value, wanted)))
                }
            }
        }
        walk(&self.0, value, wanted)
    }
}

fn key(text: &[char], start: usize) -> Result<(Step, usize), (usize, &'static str)> {
    let end = (start..text.len()).find(|at| matches!(text[*at], '.' | '[')).unwrap_or(text.len());
    if end == start {
        return Err((start, "a key is missing"));
    }
    Ok((Step::Key(text[start..end].iter().collect()), end))
}

fn bracket(text: &[char], start: usize) -> Result<(Step, usize), (usize, &'static str)> {
    if text.get(start) == Some(&'"') {
        let close = end_of_quote(text, start).ok_or((start, "the quote is not closed"))?;
        if text.get(close + 1) != Some(&']') {
            return Err((close + 1, "] is missing"));
        }
        // What is no string of JSON's, as `"C:\dir"` is none, means what it looks like.
        let quoted: String = text[start..=close].iter().collect();
        let key = serde_json::from_str(&quoted).unwrap_or_else(|_| text[start + 1..close].iter().collect());
        return Ok((Step::Key(key), close + 2));
    }
    let close = (start..text.len()).find(|at| text[*at] == ']').ok_or((start, "] is missing"))?;
    let inner: String = text[start..close].iter().collect();
    let step = match inner.as_str() {
        "" | "*" => Step::Each,
        number => Step::Index(
            number.parse().map_err(|_| (start, "an index is a whole number, or nothing for any"))?,
        ),
    };
    Ok((step, close + 1))
}

/// Where the quote closes that opens at `start`.
pub(super) fn end_of_quote(text: &[char], start: usize) -> Option<usize> {
    let mut escaped = false;
    (start + 1..text.len()).find(|at| {
        let closes = text[*at] == '"' && !escaped;
        escaped = text[*at] == '\\' && !escaped;
        closes
    })
}
