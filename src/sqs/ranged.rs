//! Whole numbers that cannot leave their range.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, de};

/// A whole number from `MIN` to `MAX`, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Ranged<const MIN: u32, const MAX: u32>(u32);

/// The value was not a whole number within the range.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a whole number from {min} to {max}, not {given}")]
pub struct OutOfRange {
    min: u32,
    max: u32,
    given: String,
}

impl<const MIN: u32, const MAX: u32> Ranged<MIN, MAX> {
    /// The smallest value.
    pub const MIN: Self = Self(MIN);
    /// The largest value.
    pub const MAX: Self = Self(MAX);

    /// The number itself.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }

    fn refuse(given: impl fmt::Display) -> OutOfRange {
        let given = match given.to_string() {
            empty if empty.trim().is_empty() => "nothing".to_owned(),
            given => crate::text::visible(&given).into_owned(),
        };
        OutOfRange { min: MIN, max: MAX, given }
    }
}

impl<const MIN: u32, const MAX: u32> TryFrom<u32> for Ranged<MIN, MAX> {
    type Error = OutOfRange;

    fn try_from(value: u32) -> Result<Self, OutOfRange> {
        if (MIN..=MAX).contains(&value) { Ok(Self(value)) } else { Err(Self::refuse(value)) }
    }
}

impl<const MIN: u32, const MAX: u32> FromStr for Ranged<MIN, MAX> {
    type Err = OutOfRange;

    fn from_str(text: &str) -> Result<Self, OutOfRange> {
        let number: u32 = text.trim().parse().map_err(|_| Self::refuse(text))?;
        Self::try_from(number).map_err(|_| Self::refuse(text.trim()))
    }
}

impl<'de, const MIN: u32, const MAX: u32> Deserialize<'de> for Ranged<MIN, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Whole<const MIN: u32, const MAX: u32>;
        impl<const MIN: u32, const MAX: u32> de::Visitor<'_> for Whole<MIN, MAX> {
            type Value = Ranged<MIN, MAX>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "a whole number from {MIN} to {MAX}")
            }
            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Self::Value, E> {
                let refused = || E::custom(Ranged::<MIN, MAX>::refuse(value));
                u32::try_from(value).map_err(|_| refused())?.try_into().map_err(E::custom)
            }
            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Self::Value, E> {
                let refused = || E::custom(Ranged::<MIN, MAX>::refuse(value));
                u32::try_from(value).map_err(|_| refused())?.try_into().map_err(E::custom)
            }
        }
        deserializer.deserialize_any(Whole)
    }
}

impl<const MIN: u32, const MAX: u32> From<Ranged<MIN, MAX>> for u32 {
    fn from(value: Ranged<MIN, MAX>) -> Self {
        value.0
    }
}

impl<const MIN: u32, const MAX: u32> fmt::Display for Ranged<MIN, MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use crate::sqs::MaxNumberOfMessages;

    #[test]
    fn a_value_out_of_range_is_refused_with_the_range_and_what_was_given() {
        let cases = [
            ("0", "must be a whole number from 1 to 10, not 0"),
            ("11", "must be a whole number from 1 to 10, not 11"),
            ("-1", "must be a whole number from 1 to 10, not -1"),
            ("ten", "must be a whole number from 1 to 10, not ten"),
            ("", "must be a whole number from 1 to 10, not nothing"),
            ("99999999999999", "must be a whole number from 1 to 10, not 99999999999999"),
        ];
        for (text, words) in cases {
            assert_eq!(text.parse::<MaxNumberOfMessages>().unwrap_err().to_string(), words);
        }
        assert_eq!(" 10 ".parse::<MaxNumberOfMessages>().unwrap(), MaxNumberOfMessages::MAX);
    }
}
